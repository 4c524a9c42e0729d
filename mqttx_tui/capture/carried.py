"""What outlives a batch that could not be written."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from mqttx_tui.capture.batch import Batch

_EVENTS_MOST = 1_000
_FULL = {"SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_SHMSIZE"}


def is_full(error: sqlite3.Error) -> bool:
    """Whether the disk (or the page limit) is what stopped a write."""
    return getattr(error, "sqlite_errorname", "") in _FULL


class Carried:
    """Rows without which later messages would be unreadable, and the gap to tell of."""

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now
        self._saved = Batch()
        self._gap: tuple[int, int, int, str] | None = None

    def gap(self, first: int, last: int, rows: int, reason: str) -> None:
        """Messages ``first`` to ``last`` were lost; follows on to an earlier gap."""
        if self._gap is not None:
            first, rows = self._gap[0], rows + self._gap[2]
        self._gap = first, last, rows, reason

    def keep(self, batch: Batch) -> None:
        """Save what must come with the next batch."""
        self._saved = Batch(
            connections=batch.connections, topics=batch.topics, events=batch.events[-_EVENTS_MOST:]
        )

    def pass_on(self, batch: Batch) -> None:
        """Put what was saved before the rows of ``batch``."""
        saved, self._saved = self._saved, Batch()
        batch.connections[:0] = saved.connections
        batch.topics[:0] = saved.topics
        batch.events[:0] = saved.events
        if self._gap is not None:
            first, last, rows, reason = self._gap
            self._gap = None
            text = f"{rows:,} messages were not written, ids {first} to {last}: {reason}"
            batch.events.append((self._now(), 0, "gap", text, last))
