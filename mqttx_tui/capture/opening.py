"""Opening a capture for reading, also where nothing may be written beside it."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from mqttx_tui.capture.schema import check
from mqttx_tui.model.errors import InputError


def open_readonly(path: str | Path) -> tuple[sqlite3.Connection, Callable[[], None]]:
    """A read-only connection in autocommit, and what removes a private copy after closing it.

    Where the file system refuses the shared memory that WAL needs, or the directory is read-only,
    the file and its log are copied first: never ``immutable``, which overlooks the log. Raises
    ``InputError`` for a missing file, a file that is no capture, and a newer format.
    """
    path = os.path.abspath(path)
    if not os.path.isfile(path):
        raise InputError(f"{path}: there is no such file", title="No capture file")
    try:
        try:
            return _connect(path), _nothing
        except sqlite3.OperationalError:
            return _open_copy(path)
    except InputError as error:
        raise InputError(f"{path}: {error.message}", title=error.title, hint=error.hint) from None
    except (OSError, sqlite3.Error) as error:
        raise InputError(f"{path}: {error}", title="Cannot read the capture") from error


def _connect(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"file:{quote(path)}?mode=ro", uri=True, isolation_level=None, timeout=2.0, cached_statements=64
    )
    try:
        connection.execute("PRAGMA cache_size = -4096")
        connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()
        check(connection)
    except sqlite3.OperationalError:
        connection.close()
        raise
    except sqlite3.DatabaseError:
        try:
            check(connection)
        finally:
            connection.close()
        raise
    except BaseException:
        connection.close()
        raise
    return connection


def _open_copy(path: str) -> tuple[sqlite3.Connection, Callable[[], None]]:
    directory = tempfile.mkdtemp(prefix="mqttx-tui-copy-")
    try:
        copy = os.path.join(directory, "capture.db")
        shutil.copyfile(path, copy)
        with contextlib.suppress(FileNotFoundError):
            shutil.copyfile(path + "-wal", copy + "-wal")
        # Opened for writing: the copied log is read into the private file.
        connection = _connect_copy(copy)
    except BaseException:
        shutil.rmtree(directory, ignore_errors=True)
        raise
    return connection, lambda: shutil.rmtree(directory, ignore_errors=True)


def _connect_copy(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, cached_statements=64)
    try:
        check(connection)
        connection.execute("PRAGMA query_only = ON")
    except BaseException:
        connection.close()
        raise
    return connection


def _nothing() -> None:
    pass
