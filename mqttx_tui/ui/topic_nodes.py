"""The topics of a capture as an arena of arrays: 60 bytes a node beside its name. No widgets."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator

from mqttx_tui.capture.rows import TopicRow
from mqttx_tui.ui.topic_names import NONE, TopicNames

_GROWTH = 1024
_PATHS = 1024
"""Beginnings of topics whose nodes are remembered: the next topic is often near one of the last."""
_PATH_LENGTH = 256


class TopicNodes:
    """Nodes are indices into arrays; node 0 is the root, its children are the connections.

    ``count``, ``rate`` (messages a second) and ``last_at`` (ns since 1970) of a branch include everything
    below it; ``topic``, ``last_message`` and ``retained`` are those of the node's own topic.
    """

    def __init__(self) -> None:
        self._names = TopicNames()
        self.level = self._names.level
        """The last level of what a node stands for."""
        self.parent = self._names.parent
        self.first_child = array("i")
        """The newest child of a node; ``next_sibling`` leads to the others, in no order."""
        self.next_sibling = array("i")
        self.count = array("q")
        self.rate = array("d")
        self.last_at = array("q")
        self.topic = array("i")
        self.last_message = array("q")
        self.retained = array("q")
        self._own: dict[int, tuple[int, float]] = {}
        """Count and rate of those branches that are topics themselves; of a leaf they are the node's."""
        self._node_of_topic = array("i")
        self._connections: dict[int, int] = {}
        self._paths: dict[tuple[int, str], int] = {}
        self.topics = 0
        self._node(NONE, b"")

    # reading

    @property
    def connection_rows(self) -> bool:
        """Whether connections have a row of their own: only when there is more than one."""
        return len(self._connections) > 1

    def connection_nodes(self) -> list[int]:
        """The nodes of the connections, in the order of their ids."""
        return [node for _, node in sorted(self._connections.items())]

    def depth(self, node: int) -> int:
        """Indentation of a node."""
        depth = -1 if self.connection_rows else -2
        while (node := self.parent[node]) != NONE:
            depth += 1
        return depth

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
        return self.first_child[node] != NONE

    def children(self, node: int) -> Iterator[int]:
        """What is directly below, in no order."""
        child = self.first_child[node]
        while child != NONE:
            yield child
            child = self.next_sibling[child]

    def below(self, node: int) -> Iterator[int]:
        """The node and everything below it, in no order."""
        stack = [node]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(self.children(node))

    def topic_name(self, node: int) -> str:
        """The topic (or its beginning) that a node stands for; empty for a connection."""
        levels: list[str] = []
        while node != NONE and not self.is_connection(node):
            levels.append(self.level(node))
            node = self.parent[node]
        return "/".join(reversed(levels))

    def node_for(self, topic_id: int) -> int:
        """The node of a topic id, or ``NONE``."""
        nodes = self._node_of_topic
        return nodes[topic_id] if 0 <= topic_id < len(nodes) else NONE

    # building

    def take(self, rows: Iterable[TopicRow]) -> None:
        """Take new statistics."""
        for row in rows:
            node = self.node_for(row.id)
            if node == NONE:
                node = self._insert(row)
            self._update(node, row)

    def _update(self, node: int, row: TopicRow) -> None:
        count, rate, last_at, parent = self.count, self.rate, self.last_at, self.parent
        at = row.last_at
        if self.first_child[node] == NONE:
            more, faster = row.count - count[node], row.rate - rate[node]
        else:
            before = self._own[node]
            more, faster = row.count - before[0], row.rate - before[1]
            self._own[node] = row.count, row.rate
        self.last_message[node] = row.last_message
        self.retained[node] = row.retained or 0
        while node != NONE:
            count[node] += more
            rate[node] += faster
            if at > last_at[node]:
                last_at[node] = at
            node = parent[node]

    def _insert(self, row: TopicRow) -> int:
        """A node for a topic that was not there before."""
        start = self._connections.get(row.connection, NONE)
        if start == NONE:
            start = self._connections[row.connection] = self._node(0, b"\0%d" % row.connection)
        above, slash, level = row.name.rpartition("/")
        node = self._child(self._branch(start, above) if slash else start, level)
        nodes = self._node_of_topic
        if row.id >= len(nodes):
            nodes.extend([NONE] * (row.id + _GROWTH - len(nodes)))
        nodes[row.id] = node
        self.topic[node] = row.id
        if self.first_child[node] != NONE:
            self._own[node] = 0, 0.0
        self.topics += 1
        return node

    def _branch(self, start: int, name: str) -> int:
        """The node of a topic's beginning below a connection's node, made where there is none."""
        paths = self._paths
        node = paths.get((start, name), NONE)
        if node == NONE:
            above, slash, level = name.rpartition("/")
            node = paths.get((start, above), NONE) if slash else start
            if node == NONE:
                node = start
                for each in above.split("/"):
                    node = self._child(node, each)
                self._remember(start, above, node)
            node = self._child(node, level)
            self._remember(start, name, node)
        return node

    def _remember(self, start: int, name: str, node: int) -> None:
        if len(self._paths) >= _PATHS:
            self._paths.clear()
        if len(name) < _PATH_LENGTH:
            self._paths[start, name] = node

    def _child(self, parent: int, level: str) -> int:
        """The child of that name, made where there is none."""
        return self._node(parent, level.encode("utf-8", "surrogatepass"))

    def _node(self, parent: int, level: bytes) -> int:
        names, first = self._names, self.first_child
        nodes = len(names)
        node = names.place(parent, level)
        if node < nodes:
            return node
        if node >= len(self.topic):
            self._grow()
        if parent != NONE:
            if first[parent] == NONE and self.topic[parent] != NONE:
                self._own[parent] = self.count[parent], self.rate[parent]
            self.next_sibling[node] = first[parent]
            first[parent] = node
            self.added(parent, node)
        return node

    def added(self, parent: int, node: int) -> None:
        """A node came to be; for the order of what is shown."""

    def _grow(self) -> None:
        """Room for more nodes."""
        for links in (self.first_child, self.next_sibling, self.topic):
            links.frombytes(b"\xff" * 4 * _GROWTH)
        for column in (self.count, self.rate, self.last_at, self.last_message, self.retained):
            column.frombytes(bytes(8 * _GROWTH))
