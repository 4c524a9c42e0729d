"""The tree of topics: what is visible, in which order, and what a filter leaves of it. No widgets."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence

from mqttx_tui.capture.rows import TopicRow
from mqttx_tui.ui.topic_names import NONE
from mqttx_tui.ui.topic_order import RUN, Order, Steps, TopicOrder, at_once

__all__ = ["NONE", "Order", "TopicModel"]

OPEN_NODES = 150
"""New branches open by themselves while the tree has fewer nodes than this."""


class TopicModel(TopicOrder):
    """``rows`` are the visible nodes. An order by value holds until ``sort_by`` is called again.

    While a filter is in force only topics that match and what is above them are visible, and branches
    are open unless they are folded meanwhile.
    """

    def __init__(self) -> None:
        self._opened = bytearray()
        self._opened_unfiltered: bytearray | None = None
        self._hits: array[int] | None = None
        self._matching = bytearray()
        self.rows = array("i")
        self._changes = 1
        self._shown = 0
        self.revision = 0
        super().__init__()
        self._opened[0] = 1

    # reading

    @property
    def stale(self) -> bool:
        """Whether ``rows`` no longer says what is visible."""
        return self._changes != self._shown

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
        """Open the first ones."""
        super().added(parent, node)
        if parent == 0:
            self._opened[node] = 1
        elif node < OPEN_NODES and self.next_sibling[node] == NONE:
            self._opened[parent] = 1
        if self._opened[parent]:
            self._changes += 1

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
        changes = self.changes
        self.show(at_once(self.walk()), changes)

    @property
    def changes(self) -> int:
        """Grows with every change of what is visible."""
        return self._changes

    def show(self, rows: array[int], changes: int) -> None:
        """Have ``rows`` be what a walk found that began at ``changes``."""
        self.rows, self._shown = rows, changes

    def walk(self) -> Steps[array[int]]:
        """What ``rows`` should be. Only the walk that was begun last may go on."""
        rows = array("i")
        opened, append, first_child, hits = self._opened, rows.append, self.first_child, self._hits
        following = self.next_sibling
        stack: list[Iterator[int]] = []
        for start in [0] if self.connection_rows else self.connection_nodes():
            _push(stack, (yield from self.ordered(start)))
            pause, turns = RUN, 0
            while stack:
                for child in stack[-1]:
                    if hits is not None and not hits[child]:
                        continue
                    append(child)
                    while opened[child] and (below := first_child[child]) != NONE:
                        if following[below] != NONE:
                            _push(stack, (yield from self.ordered(child)))
                            break
                        if hits is not None and not hits[below]:
                            break
                        append(below)  # the only one: there is nothing to be put in order
                        child = below
                    else:
                        continue
                    break
                else:
                    stack.pop()
                turns += 1
                if len(rows) >= pause or not turns % 64:
                    pause = len(rows) + RUN
                    yield
        return rows

    def sort_by(self, order: Order) -> None:
        """Sort anew, now."""
        self.order_by(order)
        self._changes += 1

    def set_open(self, node: int, opened: bool) -> None:
        """Show or hide what is below."""
        if self.is_branch(node) and opened != bool(self._opened[node]):
            self._opened[node] = opened
            self._changes += 1

    def open_below(self, start: int, opened: bool) -> None:
        """Show or hide everything below a node at all depths; of the root, everything."""
        if start == 0:
            self._opened[:] = (b"\1" if opened else b"\0") * len(self._opened)
            for node in (0, *self.connection_nodes()):
                self._opened[node] = 1
        else:
            for node in self.below(start):
                self._opened[node] = opened
        self._changes += 1

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
        self._changes += 1

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
        self._changes += 1

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
        self._changes += 1
        while node != NONE:
            hits[node] += step
            node = parent[node]


def _push(stack: list[Iterator[int]], nodes: Sequence[int]) -> None:
    """Have these come next; many of them in parts."""
    if len(nodes) <= RUN:
        stack.append(iter(nodes))
    else:
        stack.extend(iter(nodes[at : at + RUN]) for at in reversed(range(0, len(nodes), RUN)))
