"""The part of the packet trace that is on screen: a window of entries that grows at both ends. No widgets."""

from __future__ import annotations

import time
from collections.abc import Callable

from mqttx_tui.capture.trace import Entry, TraceReader

CHUNK = 400
"""Entries of one read."""
MOST = 8_000
"""Entries of the window; the farther end is forgotten, and read again when it is needed."""
WORK_SECONDS = 0.012
"""Looking for what a filter keeps may take so long at a time."""

Test = Callable[[Entry], bool]


class TraceModel:
    """Entries in order, with a cursor that stays on its entry; ``follow``: on the newest."""

    def __init__(self, trace: TraceReader) -> None:
        self.trace = trace
        self.follow = True
        self.entries: list[Entry] = []
        self.place = 0
        """Index of the entry under the cursor."""
        self._test: Test | None = None
        self._messages = True
        self._first = self._last = trace.end()
        self.complete = False
        """Whether nothing lies before the first entry."""
        self.read = 0
        """How many entries were looked at for the filter."""

    def narrow(self, test: Test | None, *, messages: bool) -> None:
        """Show what passes; ``messages`` False leaves received messages unread."""
        self._test, self._messages = test, messages
        self._start_over()

    def _start_over(self) -> None:
        self.entries = []
        self._first = self._last = self.trace.end()
        self.complete = False
        self.place = self.read = 0

    @property
    def cursor(self) -> Entry | None:
        """The entry under the cursor."""
        return self.entries[self.place] if self.place < len(self.entries) else None

    @property
    def searching(self) -> bool:
        """Whether older entries may still be found."""
        return not self.complete

    def sync(self, rows: int) -> None:
        """Read what is new while it follows, and older entries until ``rows`` lie before the cursor."""
        if self.follow:
            self._read_on()
            self.place = max(len(self.entries) - 1, 0)
        deadline = time.monotonic() + WORK_SECONDS
        while not self.complete and self.place < rows and len(self.entries) < MOST:
            self._read_back()
            if time.monotonic() > deadline:
                return

    def _read_on(self) -> None:
        deadline = time.monotonic() + WORK_SECONDS
        while True:
            found, after = self.trace.after(self._last, CHUNK, messages=self._messages)
            if after == self._last:
                return
            self._last = after
            self._append(found)
            if time.monotonic() > deadline:
                break
        if self._test is None:  # a flood: what lies between is read when somebody goes there
            end = self.trace.end()
            if end.packet - self._last.packet + end.message - self._last.message > MOST:
                self._start_over()

    def _append(self, found: list[Entry]) -> None:
        self.read += len(found)
        self.entries += self._kept(found)
        surplus = len(self.entries) - MOST
        if surplus > 0:
            self._first = self.entries[surplus].place
            self.complete = False
            del self.entries[:surplus]
            self.place = max(self.place - surplus, 0)

    def _read_back(self) -> None:
        found, before = self.trace.before(self._first, CHUNK, messages=self._messages)
        if before == self._first:
            self.complete = True
            return
        self._first = before
        self.read += len(found)
        kept = self._kept(found)
        self.entries = kept + self.entries
        self.place += len(kept)

    def _kept(self, found: list[Entry]) -> list[Entry]:
        return found if self._test is None else [entry for entry in found if self._test(entry)]

    # moving

    def move(self, delta: int, rows: int) -> None:
        """The cursor by entries; down from the last one follows again."""
        if delta > 0 and self.place + delta >= len(self.entries):
            self._forward()
            if self.place + delta >= len(self.entries):
                self.end()
                return
        self.follow = False
        self.place = min(max(self.place + delta, 0), max(len(self.entries) - 1, 0))
        self.sync(rows)

    def _forward(self) -> None:
        found, after = self.trace.after(self._last, CHUNK, messages=self._messages)
        self._last = after
        self._append(found)

    def home(self, rows: int) -> None:
        """The oldest entry that was read so far."""
        self.follow = False
        self.place = 0
        self.sync(rows)

    def end(self) -> None:
        """Follow the newest."""
        self.follow = True
        self._start_over()
        self.sync(CHUNK)

    def go_to_message(self, message: int) -> bool:
        """The cursor to the packet of a message; False where it is not in the trace."""
        self.follow = False
        self._start_over()
        place = self.trace.place_of_message(message)
        if place is None:
            return False
        self._first = self._last = place
        self.complete = False
        self._forward()
        wanted = next((index for index, entry in enumerate(self.entries) if entry.message == message), None)
        self.place = wanted or 0
        return wanted is not None
