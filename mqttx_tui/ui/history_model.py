"""The ids of a topic's messages with a cursor and a page, newest first. No widgets."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable


class HistoryModel:
    """Cursor and page are anchored to ids: rows that come do not move those that are looked at.

    While the cursor is on the newest message it stays on the newest one.
    """

    def __init__(self) -> None:
        self.ids = array("q")
        """Ascending."""
        self.complete = False
        """Whether the oldest one is known."""
        self._cursor: int | None = None
        self._top: int | None = None

    @property
    def follow(self) -> bool:
        """Whether the cursor goes with the newest message."""
        return self._cursor is None

    @property
    def cursor_id(self) -> int | None:
        """The message under the cursor."""
        if self._cursor is not None:
            return self._cursor
        return self.ids[-1] if self.ids else None

    def add_older(self, ids: Iterable[int], *, complete: bool) -> None:
        """Descending ids, older than all that are known."""
        older = array("q", ids)
        older.reverse()
        self.ids = older + self.ids
        self.complete = complete

    def add_newer(self, ids: Iterable[int]) -> None:
        """Ascending ids, newer than all that are known."""
        self.ids.extend(ids)

    def trim(self, floor: int) -> None:
        """Forget what was evicted, unless it may be on screen."""
        if self.follow:
            del self.ids[: bisect_left(self.ids, floor)]

    def older_than(self, ident: int) -> int | None:
        """The message before, as far as it is known."""
        place = bisect_left(self.ids, ident)
        return self.ids[place - 1] if place > 0 else None

    def newest_of(self, last: int) -> int | None:
        """The newest one among the messages up to id ``last``."""
        place = bisect_left(self.ids, last + 1)
        return self.ids[place - 1] if place > 0 else None

    @property
    def newer(self) -> int:
        """How many messages are newer than the first one of the page."""
        return len(self.ids) - 1 - self._top_place() if self.ids else 0

    def page(self, height: int) -> list[int]:
        """The ids on screen, newest first."""
        top = self._top_place()
        return [self.ids[place] for place in range(top, max(top - height, -1), -1)]

    def rows_below(self, height: int) -> int:
        """How many known rows are older than the page."""
        return max(self._top_place() - height + 1, 0)

    def move(self, delta: int, height: int) -> None:
        """The cursor by ``delta`` rows; down is older."""
        if self.ids:
            self._put(self._cursor_place() - delta, height)

    def scroll(self, delta: int, height: int) -> None:
        """The page by ``delta`` rows; the cursor stays on its message while that is on screen."""
        if not self.ids:
            return
        top = min(max(self._top_place() - delta, height - 1), len(self.ids) - 1)
        cursor = min(max(self._cursor_place(), top - height + 1), top)
        self._top, self._cursor = self.ids[top], self.ids[cursor]
        self._follow_at(cursor)

    def to_line(self, y: int, height: int) -> bool:
        """The cursor to line ``y`` of the page; False where there is no row."""
        place = self._top_place() - y
        if not self.ids or place < 0 or y >= height:
            return False
        self._put(place, height)
        return True

    def home(self) -> None:
        """The newest, and the ones that come."""
        self._cursor = self._top = None

    def end(self, height: int) -> None:
        """The oldest that is known."""
        if self.ids:
            self._put(0, height)

    def go_to(self, ident: int, height: int) -> bool:
        """The cursor to a message; False when it is not among those known."""
        place = bisect_left(self.ids, ident)
        if place >= len(self.ids) or self.ids[place] != ident:
            return False
        self._put(place, height)
        return True

    def _put(self, place: int, height: int) -> None:
        last = len(self.ids) - 1
        place = min(max(place, 0), last)
        top = self._top_place()
        if place > top:
            top = place
        elif place <= top - height:
            top = place + height - 1
        self._top, self._cursor = self.ids[top], self.ids[place]
        self._follow_at(place)

    def _follow_at(self, place: int) -> None:
        if place == len(self.ids) - 1:
            self.home()

    def _top_place(self) -> int:
        return self._place(self._top)

    def _cursor_place(self) -> int:
        return self._place(self._cursor)

    def _place(self, ident: int | None) -> int:
        last = len(self.ids) - 1
        return last if ident is None else min(bisect_left(self.ids, ident), last)
