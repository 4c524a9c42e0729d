"""The numbers of a topic's messages in the order of time. Pure."""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

NOTHING = math.nan
_SLACK = 1.25
"""The series grows by this factor over what is kept before its old end is cut off."""


class Point(NamedTuple):
    """One message: id, time in ns, its number (``NOTHING``: it has none), and whether that is a switch's."""

    id: int
    at: int
    number: float
    switch: bool = False


@dataclass(frozen=True, slots=True)
class Summary:
    """Of the numbers in a stretch of time."""

    count: int
    lowest: float
    mean: float
    highest: float
    last: float


@dataclass(frozen=True, slots=True)
class Stretch:
    """Numbers with their ascending times; ``breaks``: indexes before which a message had no number."""

    at: Sequence[int]
    number: Sequence[float]
    breaks: frozenset[int]

    def summary(self) -> Summary | None:
        """None where there is no number."""
        if not self.number:
            return None
        count, lowest, highest = len(self.number), min(self.number), max(self.number)
        try:
            mean = math.fsum(self.number) / count
        except OverflowError:
            mean = 2 * math.fsum(number / 2 / count for number in self.number)
        return Summary(count, lowest, min(max(mean, lowest), highest), highest, self.number[-1])


class Series:
    """One number or ``NOTHING`` for each message. Times never go back: the clock may, a chart cannot."""

    def __init__(self) -> None:
        self._at = array("q")
        self._number = array("d")
        self._switches = self._numbers = 0
        self.oldest_id = self.newest_id = 0

    def __len__(self) -> int:
        return len(self._at)

    @property
    def stepped(self) -> bool:
        """Whether all numbers are states of a switch."""
        return self._switches == self._numbers > 0

    @property
    def oldest_at(self) -> int:
        """The time of the oldest message; 0 without any."""
        return self._at[0] if self._at else 0

    @property
    def newest_at(self) -> int:
        """The time of the newest message; 0 without any."""
        return self._at[-1] if self._at else 0

    def add_newer(self, points: Sequence[Point]) -> None:
        """Ascending ids, newer than all that are known."""
        for point in points:
            self._at.append(max(point.at, self.newest_at))
            self._number.append(point.number)
        self._count(points)
        if points:
            self.newest_id = points[-1].id
            self.oldest_id = self.oldest_id or points[0].id

    def add_older(self, points: Sequence[Point]) -> None:
        """Descending ids, older than all that are known."""
        if not points:
            return
        ceiling = self.oldest_at or max(point.at for point in points)
        at, number = array("q"), array("d")
        for point in points:
            ceiling = min(point.at, ceiling)
            at.append(ceiling)
            number.append(point.number)
        at.reverse()
        number.reverse()
        self._at, self._number = at + self._at, number + self._number
        self._count(points)
        self.oldest_id = points[-1].id
        self.newest_id = self.newest_id or points[0].id

    def _count(self, points: Iterable[Point]) -> None:
        for point in points:
            self._numbers += point.number == point.number
            self._switches += point.switch

    def trim(self, most: int) -> None:
        """Forget the oldest ones beyond ``most`` messages, now and then."""
        if len(self._at) > most * _SLACK:
            surplus = len(self._at) - most
            del self._at[:surplus], self._number[:surplus]

    def last(self, messages: int) -> Stretch:
        """The numbers of the newest messages."""
        return self._stretch(max(len(self._at) - messages, 0))

    def since(self, at: int) -> Stretch:
        """The numbers from a time on."""
        return self._stretch(bisect_left(self._at, at))

    def _stretch(self, start: int) -> Stretch:
        at, number = self._at[start:], self._number[start:]
        if not any(map(math.isnan, number)):
            return Stretch(at, number, frozenset())
        times, numbers, breaks = array("q"), array("d"), set[int]()
        broken = False
        for moment, value in zip(at, number, strict=True):
            if value != value:
                broken = True
                continue
            if broken:
                breaks.add(len(numbers))
                broken = False
            times.append(moment)
            numbers.append(value)
        return Stretch(times, numbers, frozenset(breaks))
