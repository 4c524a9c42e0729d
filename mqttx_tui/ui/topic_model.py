"""The tree of topics: what is visible, in which order, and what a filter leaves of it. No widgets."""

from __future__ import annotations

from array import array
from bisect import insort
from collections.abc import Callable, Iterable, Sequence
from enum import Enum

from mqttx_tui.capture.rows import TopicRow
from mqttx_tui.ui.topic_names import NONE
from mqttx_tui.ui.topic_nodes import TopicNodes

__all__ = ["NONE", "Order", "TopicModel"]

OPEN_NODES = 150
"""New branches open by themselves while the tree has fewer nodes than this."""
SILENT_SECONDS = 10.0
"""A rate counts until so long after the last message, or three times the usual interval."""
_FEW = 64
"""So many new names are put in their places one by one; more are sorted with the rest."""


class Order(Enum):
    """What the tree is sorted by."""

    NAME = "name"
    RATE = "rate"
    COUNT = "count"
    AGE = "age"


class TopicModel(TopicNodes):
    """``rows`` are the visible nodes. An order by value holds until ``sort_by`` is called again.

    While a filter is in force only topics that match and what is above them are visible, and branches
    are open unless they are folded meanwhile.
    """

    def __init__(self) -> None:
        self._opened = bytearray()
        self._opened_unfiltered: bytearray | None = None
        self._hits: array[int] | None = None
        self._matching = bytearray()
        self._named: dict[int, array[int]] = {}
        self._valued: dict[int, array[int]] = {}
        self._unplaced: dict[int, list[int]] = {}
        self.rows = array("i")
        self.order = Order.NAME
        self.stale = True
        """Whether ``rows`` no longer says what is visible."""
        self.revision = 0
        super().__init__()
        self._opened[0] = 1

    # reading

    def is_open(self, node: int) -> bool:
        """Whether what is below is shown."""
        return bool(self._opened[node]) and self.first_child[node] != NONE

    def row_of(self, node: int) -> int:
        """The row a node is shown at, or ``NONE``."""
        try:
            return self.rows.index(node)
        except ValueError:
            return NONE

    @property
    def filtered(self) -> bool:
        """Whether a filter is in force."""
        return self._hits is not None

    @property
    def matched(self) -> int:
        """Topics that the filter leaves."""
        return self._hits[0] if self._hits is not None else self.topics

    def visible_above(self, node: int) -> int:
        """The node, or the nearest one above it that no folded branch hides; ``NONE`` when all are hidden."""
        found = node
        while node != NONE:
            if self._hits is not None and not self._hits[node]:
                found = self.parent[node]
            node = self.parent[node]
            if node != NONE and not self.is_open(node):
                found = node
        return found if found > 0 and (self.connection_rows or not self.is_connection(found)) else NONE

    def retained_below(self, start: int) -> list[int]:
        """The node and what is below it, as far as it is retained and the filter leaves it."""
        return [
            node
            for node in self.below(start)
            if self.retained[node] and (self._hits is None or self._matches(self.topic[node]))
        ]

    def _matches(self, topic: int) -> bool:
        return topic < len(self._matching) and bool(self._matching[topic])

    # building

    def apply(self, topics: Iterable[TopicRow]) -> None:
        """Take new statistics."""
        self.take(topics)
        self.revision += 1

    def _insert(self, row: TopicRow) -> int:
        node = super()._insert(row)
        if self._hits is not None and self._matches(row.id):
            self._hit(node, 1)
        return node

    def added(self, parent: int, node: int) -> None:
        """Have a new node put in its place."""
        if parent in self._named:
            self._unplaced.setdefault(parent, []).append(node)
        if parent == 0:
            self._opened[node] = 1
        elif node < OPEN_NODES and self.next_sibling[node] == NONE:
            self._opened[parent] = 1
        if self._opened[parent]:
            self.stale = True

    def _grow(self) -> None:
        before = len(self.topic)
        super()._grow()
        more = len(self.topic) - before
        self._opened.extend((b"\0" if self._hits is None else b"\1") * more)
        if self._hits is not None:
            self._hits.extend([0] * more)

    # what is visible

    def flatten(self) -> None:
        """Bring ``rows`` up to date."""
        self.rows = self.flattened()
        self.stale = False

    def flattened(self) -> array[int]:
        """What ``rows`` should be by now."""
        rows = array("i")
        for start in [0] if self.connection_rows else self.connection_nodes():
            self._extend(rows, start)
        return rows

    def _extend(self, rows: array[int], start: int) -> None:
        stack = [iter(self._ordered(start))]
        opened, append, first_child, hits = self._opened, rows.append, self.first_child, self._hits
        while stack:
            for child in stack[-1]:
                if hits is not None and not hits[child]:
                    continue
                append(child)
                if opened[child] and first_child[child] != NONE:
                    stack.append(iter(self._ordered(child)))
                    break
            else:
                stack.pop()

    def _ordered(self, parent: int) -> Sequence[int]:
        """The children in the order that they are shown in; new ones do not move the others."""
        newest = self.first_child[parent]
        if newest == NONE or self.next_sibling[newest] == NONE:
            return (newest,) if newest != NONE else ()
        new = self._unplaced.pop(parent, None)
        named = self._named.get(parent)
        if named is None:
            named = self._named[parent] = array("i", self._children_by_name(parent))
        elif new is not None:
            named = self._place(parent, named, new)
        if self.order is Order.NAME or parent == 0:
            return named
        found = self._valued.get(parent)
        if found is None:
            found = array("i", sorted(named, key=self._value(), reverse=True))
            self._valued[parent] = found
        elif new is not None:
            found.extend(new)
        return found

    def _children_by_name(self, parent: int) -> list[int]:
        if parent == 0:
            return self.connection_nodes()
        return sorted(self.children(parent), key=self._by_name)

    def _place(self, parent: int, named: array[int], new: list[int]) -> array[int]:
        """Put new children where their names belong."""
        new.sort(key=self._by_name)
        if parent == 0:
            named = self._named[parent] = array("i", self.connection_nodes())
        elif len(new) <= _FEW:
            for node in new:
                insort(named, node, key=self._by_name)
        else:
            named = self._named[parent] = array("i", sorted([*named, *new], key=self._by_name))
        return named

    def _value(self) -> Callable[[int], float]:
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

    def sort_by(self, order: Order) -> None:
        """Sort anew, now."""
        self.order = order
        self._valued.clear()
        self.stale = True

    def set_open(self, node: int, opened: bool) -> None:
        """Show or hide what is below."""
        if self.is_branch(node) and opened != bool(self._opened[node]):
            self._opened[node] = opened
            self.stale = True

    def open_below(self, start: int, opened: bool) -> None:
        """Show or hide everything below a node at all depths; of the root, everything."""
        if start == 0:
            self._opened[:] = (b"\1" if opened else b"\0") * len(self._opened)
            for node in (0, *self.connection_nodes()):
                self._opened[node] = 1
        else:
            for node in self.below(start):
                self._opened[node] = opened
        self.stale = True

    def reveal(self, node: int) -> None:
        """Open every branch above a node."""
        while (node := self.parent[node]) != NONE:
            self.set_open(node, True)

    # filter

    def begin_filter(self) -> None:
        """From now on only topics that ``match`` named are visible, and at first none."""
        if self._opened_unfiltered is None:
            self._opened_unfiltered = self._opened
        self._opened = bytearray(b"\1" * len(self.topic))
        self._hits = array("i", bytes(4 * len(self.topic)))
        self._matching = bytearray()
        self.stale = True

    def end_filter(self) -> None:
        """Everything is visible again, folded as before."""
        before = self._opened_unfiltered
        if before is None:
            return
        self._opened_unfiltered = self._hits = None
        self._matching = bytearray()
        self._opened = before + bytes(len(self.topic) - len(before))
        for node in (0, *self.connection_nodes()):
            self._opened[node] = 1
        self.stale = True

    def match(self, topic_id: int, matches: bool) -> None:
        """What the filter says about a topic; the topic itself may come later."""
        known = self._matching
        if topic_id >= len(known):
            known.extend(bytes(topic_id + 1024 - len(known)))
        if known[topic_id] != matches:
            known[topic_id] = matches
            if (node := self.node_for(topic_id)) != NONE:
                self._hit(node, 1 if matches else -1)

    def _hit(self, node: int, step: int) -> None:
        hits, parent = self._hits, self.parent
        if hits is None:
            return
        self.stale = True
        while node != NONE:
            hits[node] += step
            node = parent[node]
