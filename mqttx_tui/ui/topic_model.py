"""The tree of topics as an arena of arrays: built step by step, ordered lazily. No widgets."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from enum import Enum

from mqttx_tui.capture.rows import TopicRow

NONE = -1
OPEN_NODES = 150
"""New branches open by themselves while the tree has fewer nodes than this."""


class Order(Enum):
    """What the tree is sorted by."""

    NAME = "name"
    RATE = "rate"
    COUNT = "count"
    AGE = "age"


class TopicModel:
    """Nodes are indices into arrays; node 0 is the root, its children are the connections.

    ``count`` and ``last_at`` (ns since 1970) of a branch include everything below it.
    """

    def __init__(self) -> None:
        self.levels: list[str] = [""]
        self.parent = array("i", [NONE])
        self.count = array("q", [0])
        self.own_count = array("q", [0])
        self.last_at = array("q", [0])
        self.last_message = array("q", [0])
        self.retained = array("q", [0])
        self.topic = array("i", [NONE])
        self.rate = array("f", [0.0])
        self._children: dict[int, dict[str, int]] = {}
        self._order: dict[int, list[int]] = {}
        self._unsorted: set[int] = set()
        self._open: set[int] = {0}
        self._node_of_topic = array("i")
        self._connections: dict[int, int] = {}
        self.rows = array("i")
        self.order = Order.NAME
        self.stale = True
        """Whether ``rows`` no longer says what is visible."""
        self.revision = 0
        self.topics = 0

    # reading

    def depth(self, node: int) -> int:
        """Indentation of a node."""
        depth = -1 if self.connection_rows else -2
        while (node := self.parent[node]) != NONE:
            depth += 1
        return depth

    @property
    def connection_rows(self) -> bool:
        """Whether connections have a row of their own: only when there is more than one."""
        return len(self._connections) > 1

    def connection_of(self, node: int) -> int:
        """The connection id a node belongs to."""
        while self.parent[node] > 0:
            node = self.parent[node]
        return next((cid for cid, at in self._connections.items() if at == node), 0)

    def is_connection(self, node: int) -> bool:
        """Whether the node stands for a whole connection."""
        return self.parent[node] == 0

    def is_branch(self, node: int) -> bool:
        """Whether there is something below."""
        return node in self._children

    def is_open(self, node: int) -> bool:
        """Whether what is below is shown."""
        return node in self._open

    def topic_name(self, node: int) -> str:
        """The topic (or its beginning) that a node stands for; empty for a connection."""
        levels: list[str] = []
        while node != NONE and not self.is_connection(node):
            levels.append(self.levels[node])
            node = self.parent[node]
        return "/".join(reversed(levels))

    def node_for(self, topic_id: int) -> int:
        """The node of a topic id, or ``NONE``."""
        nodes = self._node_of_topic
        return nodes[topic_id] if 0 <= topic_id < len(nodes) else NONE

    def row_of(self, node: int) -> int:
        """The row a node is shown at, or ``NONE``."""
        try:
            return self.rows.index(node)
        except ValueError:
            return NONE

    # building

    def apply(self, topics: Iterable[TopicRow]) -> None:
        """Take new statistics."""
        for row in topics:
            self._apply_one(row)
        self.revision += 1

    def _apply_one(self, row: TopicRow) -> None:
        node = self.node_for(row.id)
        if node == NONE:
            node = self._insert(row)
            self._remember(row.id, node)
            self.topics += 1
        delta = row.count - self.own_count[node]
        self.own_count[node] = row.count
        self.last_message[node] = row.last_message
        self.retained[node] = row.retained or 0
        self.rate[node] = row.rate
        at = row.last_at
        while node != NONE:
            self.count[node] += delta
            if at > self.last_at[node]:
                self.last_at[node] = at
            node = self.parent[node]

    def _remember(self, topic_id: int, node: int) -> None:
        nodes = self._node_of_topic
        if topic_id >= len(nodes):
            nodes.extend([NONE] * (topic_id + 1 - len(nodes)))
        nodes[topic_id] = node
        self.topic[node] = topic_id

    def _insert(self, row: TopicRow) -> int:
        node = self._connections.get(row.connection, NONE)
        if node == NONE:
            node = self._add(0, f"\0{row.connection}")
            self._connections[row.connection] = node
            self._unsorted.add(0)
            self._open.add(node)
            self.stale = True
        for level in row.name.split("/"):
            children = self._children.get(node)
            child = children.get(level) if children is not None else None
            node = child if child is not None else self._add(node, level)
        return node

    def _add(self, parent: int, level: str) -> int:
        node = len(self.levels)
        self.levels.append(level)
        self.parent.append(parent)
        for column in (self.count, self.own_count, self.last_at, self.last_message, self.retained):
            column.append(0)
        self.topic.append(NONE)
        self.rate.append(0.0)
        children = self._children.get(parent)
        if children is None:
            children = self._children[parent] = {}
            self._order[parent] = []
            if len(self.levels) < OPEN_NODES:
                self._open.add(parent)
        children[level] = node
        self._order[parent].append(node)
        self._unsorted.add(parent)
        if parent in self._open or len(children) == 1:
            self.stale = True
        return node

    # what is visible

    def flatten(self) -> None:
        """Bring ``rows`` up to date."""
        rows = array("i")
        if self.connection_rows:
            self._extend(rows, 0)
        else:
            for node in self._connections.values():
                self._extend(rows, node)
        self.rows = rows
        self.stale = False

    def _extend(self, rows: array[int], node: int) -> None:
        stack = [iter(self._sorted(node))]
        opened, append = self._open, rows.append
        children = self._children
        while stack:
            for child in stack[-1]:
                append(child)
                if child in opened and child in children:
                    stack.append(iter(self._sorted(child)))
                    break
            else:
                stack.pop()

    def _sorted(self, parent: int) -> list[int]:
        order = self._order[parent]
        if parent in self._unsorted:
            self._unsorted.discard(parent)
            self._sort(parent, order)
        return order

    def _sort(self, parent: int, order: list[int]) -> None:
        if parent == 0:
            order.sort(key={node: number for number, node in self._connections.items()}.__getitem__)
        elif self.order is Order.NAME:
            order.sort(key=self._by_name)
        elif self.order is Order.COUNT:
            order.sort(key=lambda node: (-self.count[node], self._by_name(node)))
        elif self.order is Order.RATE:
            order.sort(key=lambda node: (-self.rate[node], self._by_name(node)))
        else:
            order.sort(key=lambda node: (-self.last_at[node], self._by_name(node)))

    def _by_name(self, node: int) -> tuple[int, int, str]:
        """Numbers as numbers, before words."""
        level = self.levels[node]
        if level.isdecimal() and len(level) < 16:
            return 0, int(level), level
        return 1, 0, level

    def sort_by(self, order: Order) -> None:
        """Sort anew, now."""
        self.order = order
        self._unsorted = set(self._children)
        self.stale = True

    def set_open(self, node: int, opened: bool) -> None:
        """Show or hide what is below."""
        if node in self._children and opened != (node in self._open):
            (self._open.add if opened else self._open.discard)(node)
            self.stale = True

    def reveal(self, node: int) -> None:
        """Open every branch above a node."""
        while (node := self.parent[node]) != NONE:
            self.set_open(node, True)
