"""Topic statistics from the capture, read in a thread of their own and handed over in slices."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Protocol

from mqttx_tui.capture.rows import TopicRow
from mqttx_tui.model.errors import AppError

CLOSE_SECONDS = 2.0
READ_AHEAD = 2_000
"""So many rows wait to be taken; then the reading does."""


class TopicSource(Protocol):
    """The part of ``capture.reader.CaptureReader`` that is read here."""

    def topics(self, since_revision: int) -> tuple[int, list[TopicRow]]:
        """Rows changed since, and the revision that they bring."""

    def topics_left_out(self) -> tuple[int, int]:
        """Topics past the limit, and the limit."""

    def close(self) -> None:
        """Close."""


class TopicFeed:
    """``poke`` asks for what is new; ``take`` returns it, some at a time, on the event loop."""

    def __init__(self, open_reader: Callable[[], TopicSource], ready: Callable[[], None]) -> None:
        self._open_reader = open_reader
        self._ready = ready
        self._wanted = threading.Event()
        self._stopping = False
        self._rows: deque[TopicRow] = deque()
        self._more = False
        self.left_out = 0, 0
        """Topics that are in the capture and not among the rows, and the limit that they are past."""
        self._thread = threading.Thread(target=self._run, name="topics", daemon=True)
        self._thread.start()

    def poke(self) -> None:
        """Something may be new."""
        if len(self._rows) < READ_AHEAD:
            self._wanted.set()

    def take(self, most: int) -> list[TopicRow]:
        """Up to ``most`` rows."""
        rows = self._rows
        taken = [rows.popleft() for _ in range(min(most, len(rows)))]
        if self._more and len(rows) < READ_AHEAD // 2:
            self._wanted.set()
        return taken

    @property
    def waiting(self) -> int:
        """Rows read and not yet taken."""
        return len(self._rows)

    @property
    def more(self) -> bool:
        """Whether there are rows to take, now or as soon as they are read."""
        return self._more or bool(self._rows)

    def close(self) -> None:
        """End the thread."""
        self._stopping = True
        self._wanted.set()
        self._thread.join(CLOSE_SECONDS)

    def _run(self) -> None:
        reader: TopicSource | None = None
        revision = 0
        while True:
            self._wanted.wait()
            self._wanted.clear()
            if self._stopping:
                break
            try:
                if reader is None:
                    reader = self._open_reader()
                revision = self._read(reader, revision)
            except AppError:
                self._more = False
                continue
        if reader is not None:
            reader.close()

    def _read(self, reader: TopicSource, revision: int) -> int:
        """Read until there is nothing new or enough; returns the revision come to."""
        self.left_out = reader.topics_left_out()
        while not self._stopping:
            revision, rows = reader.topics(revision)
            self._rows.extend(rows)
            self._more = bool(rows)
            if rows:
                self._ready()
            if not rows or len(self._rows) >= READ_AHEAD:
                break
        return revision
