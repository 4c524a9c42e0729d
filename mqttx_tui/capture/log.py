"""The write-ahead log beside a capture: kept small without waiting for readers."""

from __future__ import annotations

import os
import sqlite3

from mqttx_tui.capture.schema import BUSY_MILLISECONDS

TOO_LARGE = 64 * 1024 * 1024
_LEFT = 1024 * 1024


class WriteAheadLog:
    """Used by the writer's thread, between transactions."""

    def __init__(self, database: sqlite3.Connection, path: str) -> None:
        self._database = database
        self._path = path

    def empty(self) -> bool:
        """Move all of it into the file; False where a reader kept that from being done."""
        self._database.execute("PRAGMA busy_timeout = 0")
        try:
            return not self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        finally:
            self._database.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")

    def pause(self) -> bool:
        """Nothing comes in: empty it where it takes space, which may be memory.

        A small one stays, so that slow traffic does not sync the disk with each message. False where
        a reader kept it from being done.
        """
        return wal_bytes(self._path) <= _LEFT or self.empty()

    def watch(self) -> bool:
        """Empty it when it is over 64 MB; False where it stays that large."""
        return wal_bytes(self._path) < TOO_LARGE or self.empty()

    def restart(self) -> None:
        """Move it into the file and go on at its start: it keeps its space on a full disk."""
        self._database.execute("PRAGMA wal_checkpoint(RESTART)").fetchall()


def wal_bytes(path: str) -> int:
    """Size of a capture's write-ahead log."""
    try:
        return os.stat(path + "-wal").st_size
    except FileNotFoundError:
        return 0


def file_bytes(path: str) -> int:
    """Size of a capture with its write-ahead log."""
    return os.stat(path).st_size + wal_bytes(path)
