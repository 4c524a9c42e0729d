"""The ids that a scan found: grown at both ends by its thread, read by any."""

from __future__ import annotations

import threading
from array import array
from bisect import bisect_left

_WORTH_TRIMMING = 4096


class Results:
    """Ascending message ids, kept in two halves so that both ends grow without moving anything."""

    def __init__(self) -> None:
        self.revision = 0
        self._old = array("q")  # descending
        self._new = array("q")  # ascending, all above those in _old
        self._whole = array("q")
        self._whole_revision = 0
        self._lock = threading.Lock()

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self._old) + len(self._new)

    def ids(self) -> array[int]:
        """All of them, ascending; the same array until the result changes."""
        with self._lock:
            if self._whole_revision != self.revision:
                self._whole = self._old[::-1] + self._new
                self._whole_revision = self.revision
            return self._whole

    def add_old(self, ids: array[int]) -> None:
        """Add a slice below everything that is there."""
        if ids:
            with self._lock:
                self._old.extend(ids[::-1])
                self.revision += 1

    def add_new(self, ids: array[int]) -> None:
        """Add a slice above everything that is there."""
        if ids:
            with self._lock:
                self._new.extend(ids)
                self.revision += 1

    def correct(self, ident: int, present: bool) -> None:
        """Put an id in or take it out."""
        with self._lock:
            in_new = bool(self._new) and ident >= self._new[0]
            half, place = (
                (self._new, bisect_left(self._new, ident))
                if in_new
                else (self._old, bisect_left(self._old, -ident, key=lambda each: -each))
            )
            there = place < len(half) and half[place] == ident
            if present == there:
                return
            if present:
                half.insert(place, ident)
            else:
                half.pop(place)
            self.revision += 1

    def trim(self, floor: int) -> None:
        """Forget ids under ``floor`` (evicted), once they are worth the work."""
        with self._lock:
            evicted_old = len(self._old) - bisect_left(self._old, 1 - floor, key=lambda each: -each)
            evicted_new = bisect_left(self._new, floor)
            if evicted_old + evicted_new < max(_WORTH_TRIMMING, self.count // 4):
                return
            del self._old[len(self._old) - evicted_old :]
            del self._new[:evicted_new]
            self.revision += 1
