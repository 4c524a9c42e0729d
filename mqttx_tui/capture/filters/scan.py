"""Finding a filter's messages in a capture while it grows, in a thread of its own."""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import threading
import time
from array import array
from dataclasses import dataclass
from pathlib import Path

from mqttx_tui.capture.filters.evaluate import DecodeProperties
from mqttx_tui.capture.filters.filter import Filter
from mqttx_tui.capture.filters.moments import Context
from mqttx_tui.capture.filters.results import Results
from mqttx_tui.capture.filters.sql import Compiled, compile_filter
from mqttx_tui.capture.filters.topicsets import Subtree
from mqttx_tui.capture.opening import open_readonly
from mqttx_tui.model.errors import AppError

SLICE_SECONDS = 0.010
"""What one statement should take: a reader may not hold the log for long."""
POLL_SECONDS = 0.1
_FIRST_ROWS = 500
_EARLY_SLICES = 3
_FEWEST_ROWS = 10
_MOST_ROWS = 50_000
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Progress:
    """``scanned`` of ``total`` messages looked at, ``matched`` found; ``done``: only new ones are left."""

    scanned: int
    matched: int
    total: int
    done: bool
    error: str = ""


class Scan:
    """Looks through a capture newest first, then at what comes. Starts at once.

    Any thread may call ``ids``, ``progress``, ``poke`` and ``cancel``; ``revision`` changes with the result.
    Times in the filter are fixed when it starts. Messages under the floor (pinned ones) are left out.
    """

    def __init__(
        self,
        path: str | Path,
        wanted: Filter,
        *,
        within: Subtree | None = None,
        context: Context | None = None,
        decode_properties: DecodeProperties | None = None,
        follow: bool = True,
        results: Results | None = None,
    ) -> None:
        self._path, self._wanted, self._within = path, wanted, within
        self._context, self._decode, self._follow = context, decode_properties, follow
        self._results = results if results is not None else Results()
        self._scanned = self._total = 0
        self._error = ""
        self._cancelled = False
        self._database: sqlite3.Connection | None = None
        self._wake = threading.Event()
        self._done = threading.Event()
        self._rows = _FIRST_ROWS
        self._thread = threading.Thread(target=self._run, name="filter-scan", daemon=True)
        self._thread.start()

    @property
    def revision(self) -> int:
        """Grows whenever ``ids`` changes."""
        return self._results.revision

    def ids(self) -> array[int]:
        """The messages found so far, ascending; the caller may not change the array."""
        return self._results.ids()

    def progress(self) -> Progress:
        """How far it is."""
        return Progress(
            min(self._scanned, self._total),
            self._results.count,
            self._total,
            self._done.is_set(),
            self._error,
        )

    def poke(self) -> None:
        """Look for new messages now."""
        self._wake.set()

    def wait(self, timeout: float | None = None) -> bool:
        """Until everything that was there is looked through; False when the time is over."""
        return self._done.wait(timeout)

    def cancel(self, *, wait: bool = False) -> None:
        """End at once; with ``wait`` return when the thread has closed the file."""
        self._cancelled = True
        self._wake.set()
        database = self._database
        if database is not None:
            with contextlib.suppress(sqlite3.ProgrammingError):  # closed meanwhile
                database.interrupt()
        if wait:
            self._thread.join()

    def _run(self) -> None:
        try:
            self._database, remove_copy = open_readonly(self._path)
            try:
                self._scan(self._database)
            finally:
                self._database.close()
                remove_copy()
        except (AppError, sqlite3.Error) as error:
            if not self._cancelled:
                self._error = str(error)
                _log.warning("a filter stopped: %s", error)
        except Exception as error:  # whoever looks at the result must learn that it is not whole
            self._error = f"the filter stopped: {error!r}"
            _log.exception("a filter stopped")
        finally:
            self._done.set()

    def _scan(self, database: sqlite3.Connection) -> None:
        compiled = compile_filter(
            self._wanted,
            database,
            context=self._context,
            decode_properties=self._decode,
            within=self._within,
        )
        slices = _Slices(database, compiled)
        floor, last = slices.bounds()
        self._total = max(last - floor + 1, 0)
        next_old, next_new = last, last + 1
        while not self._cancelled:
            floor, last = slices.bounds()
            self._results.trim(floor)
            self._total = max(last - floor + 1, 0)
            if next_new <= last:
                end = min(last, next_new + self._rows - 1)
                self._results.add_new(self._timed(slices, next_new, end))
                self._scanned += end - next_new + 1
                next_new = end + 1
            for ident, matched in slices.late(next_old + 1, next_new - 1).items():
                self._results.correct(ident, matched)
            if next_old >= floor:
                start = max(floor, next_old - self._rows + 1)
                self._results.add_old(self._timed(slices, start, next_old))
                self._scanned += next_old - start + 1
                next_old = start - 1
            elif next_new > last:
                self._scanned = self._total
                self._done.set()
                if not self._follow:
                    return
                self._wake.wait(POLL_SECONDS)
                self._wake.clear()

    def _timed(self, slices: _Slices, low: int, high: int) -> array[int]:
        """The matches of a slice; the next one is cut so that it takes ``SLICE_SECONDS``."""
        slices.prepare(low, high)
        started = time.perf_counter()
        found = slices.matches(low, high)
        taken = max(time.perf_counter() - started, 1e-6)
        fitting = int((high - low + 1) * SLICE_SECONDS / taken)
        self._rows = max(_FEWEST_ROWS, min(fitting, self._rows * 4, _MOST_ROWS))
        return found


class _Slices:
    """The statements of a scan."""

    def __init__(self, database: sqlite3.Connection, compiled: Compiled) -> None:
        self.database = database
        self.compiled = compiled
        # One row a slice: each step of a statement gives the interpreter lock away.
        self._select = (
            f"SELECT group_concat(m.id) FROM message m WHERE m.id BETWEEN :low AND :high AND {compiled.where}"
        )
        self._select_some = (
            "SELECT group_concat(m.id) FROM message m "
            f"WHERE m.id IN (SELECT value FROM json_each(:some)) AND {compiled.where}"
        )
        self._early = _EARLY_SLICES
        self._last_packet = self._newest_packet() if compiled.uses_packets else 0

    def bounds(self) -> tuple[int, int]:
        """The floor and the newest id."""
        floor, last = self.database.execute(
            "SELECT (SELECT value FROM meta WHERE key = 'floor'), (SELECT max(id) FROM message)"
        ).fetchall()[0]
        return floor or 1, last or 0

    def prepare(self, low: int, high: int) -> None:
        """Judge the topics of these messages, and after the first slices all that are not judged yet.

        So the first matches do not wait for the last of 100,000 topics.
        """
        if self._early:
            self._early -= 1
            self.compiled.judge_messages(self.database, low, high)
            return
        while not self.compiled.refresh(self.database):
            pass

    def matches(self, low: int, high: int) -> array[int]:
        """The matching ids from ``low`` to ``high``, ascending."""
        values = {**self.compiled.parameters, "low": low, "high": high}
        return _ids(self.database.execute(self._select, values).fetchall()[0][0])

    def late(self, low: int, high: int) -> dict[int, bool]:
        """Messages from ``low`` to ``high`` whose packets came after them, and whether they match now."""
        if not self.compiled.uses_packets:
            return {}
        newest = self._newest_packet()
        if newest <= self._last_packet:
            return {}
        touched = self.database.execute(
            "SELECT DISTINCT message FROM packet WHERE id > ? AND id <= ? AND message BETWEEN ? AND ?",
            (self._last_packet, newest, low, high),
        ).fetchall()
        self._last_packet = newest
        if not touched:
            return {}
        some = "[" + ",".join(str(row[0]) for row in touched) + "]"
        values = {**self.compiled.parameters, "some": some}
        found = set(_ids(self.database.execute(self._select_some, values).fetchall()[0][0]))
        return {row[0]: row[0] in found for row in touched}

    def _newest_packet(self) -> int:
        newest: int | None = self.database.execute("SELECT max(id) FROM packet").fetchall()[0][0]
        return newest or 0


def _ids(joined: str | int | None) -> array[int]:
    if joined is None:
        return array("q")
    return array("q", sorted(map(int, str(joined).split(","))))
