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
        self._told: tuple[int, int, str, str, int] | None = None

    def lost(self, batch: Batch, reason: str) -> None:
        """Save what must come with the next batch; messages extend the gap."""
        if batch.parts:
            first, rows = batch.parts[0].first, batch.rows
            last = first + rows - 1
            if self._gap is not None:
                first, rows = self._gap[0], rows + self._gap[2]
            self._gap = first, last, rows, reason
        events = [event for event in batch.events if event is not self._told]
        self._saved = Batch(connections=batch.connections, topics=batch.topics, events=events[-_EVENTS_MOST:])

    def pass_on(self, batch: Batch) -> None:
        """Put what was saved before the rows of ``batch``, and the gap after its events."""
        saved, self._saved = self._saved, Batch()
        batch.connections[:0] = saved.connections
        batch.topics[:0] = saved.topics
        batch.events[:0] = saved.events
        if self._gap is not None:
            first, last, rows, reason = self._gap
            text = f"{rows:,} messages were not written, ids {first} to {last}: {reason}"
            self._told = (self._now(), 0, "gap", text, last)
            batch.events.append(self._told)

    def written(self) -> None:
        """What was passed on is in the file."""
        self._gap = self._told = None
