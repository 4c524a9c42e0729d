"""The order of the topic tree's branches, worked out a little at a time. No widgets.

What may take long is a generator: it yields about every millisecond, so that keys come between, and
its value is what it found. What changes between two steps is in the next answer.
"""

from __future__ import annotations

import heapq
from array import array
from bisect import bisect_left
from collections.abc import Callable, Generator, Sequence
from enum import Enum
from typing import TypeVar

from mqttx_tui.ui.topic_names import NONE
from mqttx_tui.ui.topic_nodes import TopicNodes

SILENT_SECONDS = 10.0
"""A rate counts until so long after the last message, or three times the usual interval."""
LARGE = 512
"""Children of a branch from which on their order by name is kept in an array; else in their links."""
RUN = 1024
"""So many are handled between two steps."""
_NAMES_AT_ONCE = 8 * RUN
"""So many are sorted in one go: a few milliseconds."""
_NUMBERS_AT_ONCE = 100 * RUN
"""The same of numbers: faster than names, and three times as fast as in runs."""

_UNSORTED, _SORTED, _LARGE = range(3)

T = TypeVar("T")
Steps = Generator[None, None, T]
Value = Callable[[int], float]


class Order(Enum):
    """What the tree is sorted by."""

    NAME = "name"
    RATE = "rate"
    COUNT = "count"
    AGE = "age"


def at_once(steps: Steps[T]) -> T:
    """All the steps."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found: T = end.value
            return found


class TopicOrder(TopicNodes):
    """An order by value holds until ``order_by`` is called again; new nodes come last in it."""

    def __init__(self) -> None:
        self._in_order = bytearray()
        """Whether a branch's links lead to its children by their names, or there is an array of them."""
        self._named: dict[int, array[int]] = {}
        self._valued: dict[int, array[int]] = {}
        self._unplaced: dict[int, list[int]] = {}
        """Children that came since, of those branches that have an array or are getting one."""
        self.order = Order.NAME
        super().__init__()

    def _grow(self) -> None:
        before = len(self.topic)
        super()._grow()
        self._in_order.extend(bytes([_SORTED]) * (len(self.topic) - before))

    def added(self, parent: int, node: int) -> None:
        """Have a new node put in its place."""
        if (waiting := self._unplaced.get(parent)) is not None:
            waiting.append(node)
        if self._in_order[parent] == _SORTED and self.next_sibling[node] != NONE:
            self._in_order[parent] = _UNSORTED

    def order_by(self, order: Order) -> None:
        """Sort anew from now on."""
        self.order = order
        self._valued.clear()
        self._unplaced = {parent: new for parent, new in self._unplaced.items() if parent in self._named}

    def put_in_order(self, rows: int) -> bool:
        """Sort branches that are not shown yet, up to about so many rows; False when all are sorted.

        Not while an ``ordered`` is under way: it follows the links that are changed here.
        """
        while rows > 0:
            parent = self._in_order.find(_UNSORTED)
            if parent < 0:
                return False
            rows -= (children := len(self._linked(parent)))
            if LARGE < children <= _NAMES_AT_ONCE:
                at_once(self._array_by_name(parent, ()))
        return True

    def _linked(self, parent: int) -> list[int]:
        """The children in the order of their names; just any order where they are too many for that."""
        nodes = list(self.children(parent))
        if self._in_order[parent] == _UNSORTED:
            if len(nodes) > LARGE:
                self._in_order[parent] = _LARGE
            else:
                nodes.sort(key=self._by_name)
                following = self.next_sibling
                node = self.first_child[parent] = nodes[0]
                for after in nodes[1:]:
                    following[node] = after
                    node = after
                following[node] = NONE
                self._in_order[parent] = _SORTED
        return nodes

    def ordered(self, parent: int) -> Steps[Sequence[int]]:
        """The children in the order that they are shown in; new ones do not move the others."""
        newest = self.first_child[parent]
        if newest == NONE or self.next_sibling[newest] == NONE:
            return (newest,) if newest != NONE else ()
        if parent == 0:
            return self.connection_nodes()
        new = self._unplaced.get(parent, ())
        count = len(new)
        nodes: Sequence[int] = self._linked(parent) if self._in_order[parent] != _LARGE else ()
        if self._in_order[parent] == _LARGE:
            nodes = yield from self._array_by_name(parent, new[:count])
        if self.order is not Order.NAME:
            nodes = yield from self._by_value(parent, nodes, new[:count])
        if count:
            del self._unplaced[parent][:count]
        return nodes

    def _array_by_name(self, parent: int, new: Sequence[int]) -> Steps[array[int]]:
        named = self._named.get(parent)
        if named is None:
            self._unplaced[parent] = []
            found = array("i")
            for node in self.children(parent):
                found.append(node)
                if not len(found) % RUN:
                    yield
            named = yield from _sorted(found, self._by_name, most=_NAMES_AT_ONCE)
        elif len(new) > len(named) // 8:
            named = yield from _sorted(named + array("i", new), self._by_name, most=_NAMES_AT_ONCE)
        elif new:
            named = yield from self._merged(named, new)
        self._named[parent] = named
        return named

    def _merged(self, named: array[int], new: Sequence[int]) -> Steps[array[int]]:
        """Put a few new children where their names belong."""
        found, start = array("i"), 0
        for number, node in enumerate(sorted(new, key=self._by_name)):
            place = bisect_left(named, self._by_name(node), lo=start, key=self._by_name)
            found.extend(named[start:place])
            found.append(node)
            start = place
            if not number % 64:
                yield
        found.extend(named[start:])
        return found

    def _by_value(self, parent: int, nodes: Sequence[int], new: Sequence[int]) -> Steps[array[int]]:
        found = self._valued.get(parent)
        if found is None:
            self._unplaced.setdefault(parent, [])
            found = yield from _sorted(nodes, self._value(), reverse=True, most=_NUMBERS_AT_ONCE)
            self._valued[parent] = found
        else:
            found.extend(new)
        return found

    def _value(self) -> Value:
        """What an order other than by name looks at; the largest first."""
        if self.order is Order.COUNT:
            return self.count.__getitem__
        if self.order is Order.AGE:
            return self.last_at.__getitem__
        newest, last_at, rate = self.last_at[0], self.last_at, self.rate

        def current(node: int) -> float:
            speed = rate[node]
            silent = (newest - last_at[node]) / 1e9
            return speed if silent <= SILENT_SECONDS or silent * speed <= 3 else 0.0

        return current

    def _by_name(self, node: int) -> str:
        """Numbers as numbers, before words; as text, because 100,000 of them are compared in no time."""
        level = self.level(node)
        if level.isdecimal() and len(level) < 16:
            return level.zfill(16) + level
        return ":" + level


def _sorted(
    nodes: Sequence[int],
    key: Callable[[int], str] | Value,
    *,
    reverse: bool = False,
    most: int,
) -> Steps[array[int]]:
    """As ``sorted``; more than ``most`` in runs that are merged."""
    if len(nodes) <= most:
        return array("i", sorted(nodes, key=key, reverse=reverse))
    runs = []
    for start in range(0, len(nodes), RUN):
        runs.append(array("i", sorted(nodes[start : start + RUN], key=key, reverse=reverse)))
        yield
    found = array("i")
    for node in heapq.merge(*runs, key=key, reverse=reverse):
        found.append(node)
        if not len(found) % RUN:
            yield
    return found
