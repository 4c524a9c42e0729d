"""Marks in the stream: moments that a person wanted to find again. No widgets."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from mqttx_tui.model.message import Message

MOST_MARKS = 100
LOOKED_AT = 2000


class Mark(NamedTuple):
    """``at`` in ns since 1970; the line stands after the message ``after``."""

    after: int
    at: int


class _Source(Protocol):
    def messages(self, first_id: int, count: int, *, payload: int = 256) -> list[Message]:
        """Messages of an id range, ascending."""


class Marks:
    """Ordered by their place; no two at the same place."""

    def __init__(self) -> None:
        self._marks: list[Mark] = []
        self._unsettled: Mark | None = None
        self.newest: Mark | None = None
        """The one that was set last: ``mark`` in filters."""

    def __bool__(self) -> bool:
        return bool(self._marks)

    def put(self, at: int, after: int, *, settled: bool) -> Mark:
        """Set a mark. Not ``settled``: messages from before ``at`` may still arrive in the capture."""
        mark = Mark(after, at)
        self._place(mark)
        self.newest = mark
        self._unsettled = None if settled else mark
        return mark

    def _place(self, mark: Mark) -> None:
        others = [other for other in self._marks if other.after != mark.after]
        self._marks = sorted([*others[-MOST_MARKS + 1 :], mark])

    def between(self, low: int, high: int) -> Sequence[Mark]:
        """The marks that stand after a message from ``low`` to ``high``."""
        if not self._marks:
            return ()
        start = bisect_left(self._marks, low, key=lambda mark: mark.after)
        return self._marks[start : bisect_right(self._marks, high, key=lambda mark: mark.after)]

    def settle(self, source: _Source, last: int) -> None:
        """Move the newest mark behind what came before it and was captured only after it was set."""
        mark = self._unsettled
        if mark is None or last <= mark.after:
            return
        found = source.messages(mark.after + 1, LOOKED_AT, payload=0)
        late = [message.id for message in found if message.at <= mark.at]
        if late:
            self._marks.remove(mark)
            moved = Mark(late[-1], mark.at)
            self._place(moved)
            self.newest = moved
        self._unsettled = self.newest if len(late) == len(found) else None

    def clear(self) -> None:
        """Another capture."""
        self._marks.clear()
        self.newest = self._unsettled = None
