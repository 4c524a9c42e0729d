"""The topics of a capture as an arena of arrays: 100 bytes a node and its name. No widgets."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator

from mqttx_tui.capture.rows import TopicRow

NONE = -1
_INDEXED = 12
"""Children that are looked for one by one; of more than that there is an index by name."""
_SHARED_LEVELS = 4096
"""So many different names of levels are kept once instead of once for each node."""
_GROWTH = 1024


class TopicNodes:
    """Nodes are indices into arrays; node 0 is the root, its children are the connections.

    ``count``, ``rate`` (messages a second) and ``last_at`` (ns since 1970) of a branch include everything
    below it; ``topic``, ``last_message`` and ``retained`` are those of the node's own topic.
    """

    def __init__(self) -> None:
        self.levels: list[str] = []
        self.parent = array("i")
        self.first_child = array("i")
        """The newest child of a node; ``next_sibling`` leads to the others, in no order."""
        self.next_sibling = array("i")
        self.count = array("q")
        self.rate = array("d")
        self.last_at = array("q")
        self.topic = array("i")
        self.last_message = array("q")
        self.retained = array("q")
        self._own_count = array("q")
        self._own_rate = array("f")
        self._index: dict[int, dict[str, int]] = {}
        self._names: dict[str, str] = {}
        self._node_of_topic = array("i")
        self._connections: dict[int, int] = {}
        self._before: tuple[int, str, int] = (NONE, "", NONE)
        self.topics = 0
        self._new_node(NONE, "")

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
            levels.append(self.levels[node])
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
        more, at = row.count - self._own_count[node], row.last_at
        slower = self._own_rate[node]
        self._own_count[node], self._own_rate[node] = row.count, row.rate
        faster = self._own_rate[node] - slower
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
            start = self._connections[row.connection] = self._add(0, f"\0{row.connection}")
        above, slash, level = row.name.rpartition("/")
        if not slash:
            branch = start
        elif self._before[:2] == (start, above):
            branch = self._before[2]
        else:
            branch = start
            for name in above.split("/"):
                branch = self._child(branch, name)
            self._before = (start, above, branch)
        node = self._child(branch, level)
        nodes = self._node_of_topic
        if row.id >= len(nodes):
            nodes.extend([NONE] * (row.id + _GROWTH - len(nodes)))
        nodes[row.id] = node
        self.topic[node] = row.id
        self.topics += 1
        return node

    def _child(self, parent: int, level: str) -> int:
        """The child of that name, made where there is none."""
        index = self._index.get(parent)
        if index is not None:
            node = index.get(level, NONE)
            return node if node != NONE else self._add(parent, level)
        levels, following = self.levels, self.next_sibling
        node, looked_at = self.first_child[parent], 0
        while node != NONE:
            if levels[node] == level:
                return node
            looked_at += 1
            node = following[node]
        if looked_at >= _INDEXED:
            self._index[parent] = {levels[child]: child for child in self.children(parent)}
        return self._add(parent, level)

    def _add(self, parent: int, level: str) -> int:
        node = self._new_node(parent, level)
        self.next_sibling[node] = self.first_child[parent]
        self.first_child[parent] = node
        index = self._index.get(parent)
        if index is not None:
            index[self.levels[node]] = node
        self.added(parent, node)
        return node

    def added(self, parent: int, node: int) -> None:
        """A node came to be; for the order of what is shown."""

    def _new_node(self, parent: int, level: str) -> int:
        node = len(self.levels)
        if node >= len(self.parent):
            self._grow()
        names = self._names
        if (shared := names.get(level)) is not None:
            level = shared
        elif len(names) < _SHARED_LEVELS:
            names[level] = level
        self.levels.append(level)
        self.parent[node] = parent
        return node

    def _grow(self) -> None:
        nothing = [NONE] * _GROWTH
        for links in (self.parent, self.first_child, self.next_sibling, self.topic):
            links.extend(nothing)
        for column in (self.count, self.rate, self.last_at, self.last_message, self.retained):
            column.frombytes(bytes(8 * _GROWTH))
        self._own_count.frombytes(bytes(8 * _GROWTH))
        self._own_rate.frombytes(bytes(4 * _GROWTH))
