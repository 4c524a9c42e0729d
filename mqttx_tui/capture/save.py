"""Copying a capture to a file of its own while it goes on."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import tempfile
from pathlib import Path
from urllib.parse import quote

from mqttx_tui.capture.schema import PAGE_SIZE, columns, create
from mqttx_tui.model.errors import InputError

SLICE_ROWS = 5_000
SLICE_BYTES = 8_000_000


def save(source: str | Path, target: Path) -> int:
    """Copy the capture at ``source`` to ``target``; returns the number of messages.

    Each read takes a slice of ids, so that the writer's log never waits for it. ``target`` appears
    whole (temporary file, fsync, rename) with mode 0600. Raises ``InputError`` where that fails.
    """
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        os.close(handle)
        try:
            count = _copy(str(source), name)
            with open(name, "rb+") as file:
                os.fsync(file.fileno())
            os.replace(name, target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except (OSError, sqlite3.Error) as error:
        raise InputError(
            f"{target}: {error}", title="Not saved", hint="choose a place that can be written"
        ) from error
    return count


def _copy(source: str, target: str) -> int:
    with contextlib.closing(sqlite3.connect(target, isolation_level=None, uri=True)) as database:
        database.execute(f"PRAGMA page_size = {PAGE_SIZE}")
        database.execute("PRAGMA journal_mode = OFF")
        database.execute("PRAGMA synchronous = OFF")
        create(database)
        database.execute("ATTACH ? AS source", (f"file:{quote(os.path.abspath(source))}?mode=ro",))
        floor = _Messages(database).copy()
        database.execute("UPDATE topic SET retained = NULL WHERE retained NOT IN (SELECT id FROM message)")
        database.execute("UPDATE meta SET value = ? WHERE key = 'floor'", (floor,))
        count, pinned = database.execute(
            "SELECT count(*), coalesce(sum(id < ?), 0) FROM message", (floor,)
        ).fetchone()
        database.execute("UPDATE meta SET value = ? WHERE key = 'pinned'", (pinned,))
        return int(count)


class _Messages:
    """Copies everything; messages from the floor on stay contiguous although it rises meanwhile."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._floor = self._next = self._source_floor()

    def _source_floor(self) -> int:
        row = self._database.execute("SELECT value FROM source.meta WHERE key = 'floor'").fetchone()
        return int(row[0]) if row else 1

    def copy(self) -> int:
        """Returns the floor of the copy."""
        self._slices(0, self._floor, "message")
        self._up_to(self._last())
        for table in ("connection", "topic"):
            self._slices(0, 1 << 62, table)
        # Topics name messages that were written before them: these are there now.
        self._up_to(self._last())
        self._slices(0, 1 << 62, "topic")
        for table in ("packet", "event"):
            self._slices(0, 1 << 62, table)
        self._database.execute("INSERT INTO main.meta SELECT * FROM source.meta")
        return self._floor

    def _last(self) -> int:
        row = self._database.execute("SELECT max(id) FROM source.message").fetchone()
        return int(row[0] or 0)

    def _up_to(self, last: int) -> None:
        while self._next <= last:
            end = min(self._end(self._next, "message"), last + 1)
            self._slice("message", self._next, end)
            floor = self._source_floor()
            if floor > self._next:
                # Eviction overtook: what was copied so far is not contiguous with the rest.
                self._floor = floor
                self._database.execute(
                    "DELETE FROM main.message WHERE id < ?"
                    " AND id NOT IN (SELECT id FROM source.message WHERE id < ?)",
                    (floor, floor),
                )
                end = max(end, floor)
            self._next = end

    def _slices(self, low: int, high: int, table: str) -> None:
        while True:
            row = self._database.execute(
                f"SELECT min(id) FROM source.{table} WHERE id >= ? AND id < ?", (low, high)
            ).fetchone()
            if row[0] is None:
                return
            low = int(row[0])
            end = min(self._end(low, table), high)
            self._slice(table, low, end)
            low = end

    def _end(self, low: int, table: str) -> int:
        """An id so that [low, id) holds at most 5,000 rows, and about 8 MB of payload."""
        end = low + SLICE_ROWS
        if table == "message":
            rows = self._database.execute(
                "SELECT id, size FROM source.message WHERE id >= ? AND id < ? ORDER BY id", (low, end)
            ).fetchall()
            total = 0
            for ident, size in rows:
                total += size
                if total > SLICE_BYTES:
                    return int(ident) + 1
        return end

    def _slice(self, table: str, low: int, high: int) -> None:
        known = columns(self._database, table)
        names = ", ".join(name for name in columns(self._database, table, "source") if name in known)
        self._database.execute(
            f"INSERT OR IGNORE INTO main.{table}({names})"
            f" SELECT {names} FROM source.{table} WHERE id >= ? AND id < ?",
            (low, high),
        )
