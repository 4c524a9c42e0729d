"""The names of the tree's levels, packed: their bytes and about twenty more for each node. No widgets."""

from __future__ import annotations

from array import array

NONE = -1
_SHARDS = 256
"""Tables; one at a time grows, so that no growth is felt."""
_SHARD_BITS = 8
_SMALLEST = 8


class TopicNames:
    """The level of each node, and the node of a level below a parent.

    Nodes come in order from 0. Levels are UTF-8 (lone surrogates, which no file holds, included).
    """

    def __init__(self) -> None:
        self._text = bytearray()
        self._start = array("I", [0])
        self.parent = array("i")
        """Of each node; ``NONE`` for the root."""
        self._number = array("I")
        self._tables = [array("i", [NONE]) * _SMALLEST for _ in range(_SHARDS)]
        """Open addressing; a table is at most two thirds full."""
        self._used = array("i", bytes(4 * _SHARDS))

    def __len__(self) -> int:
        return len(self.parent)

    def level(self, node: int) -> str:
        """The node's level."""
        return self._text[self._start[node] : self._start[node + 1]].decode("utf-8", "surrogatepass")

    def place(self, parent: int, level: bytes) -> int:
        """The node of that level directly below ``parent``; the next one where there was none."""
        number = hash((parent, level)) & 0xFFFFFFFF
        shard = number % _SHARDS
        table = self._tables[shard]
        mask = len(table) - 1
        place = number >> _SHARD_BITS & mask
        numbers = self._number
        while (node := table[place]) != NONE:
            if numbers[node] == number and self.parent[node] == parent and self._is(node, level):
                return node
            place = place + 1 & mask
        node = table[place] = len(numbers)
        self.parent.append(parent)
        numbers.append(number)
        self._text += level
        self._start.append(len(self._text))
        used = self._used[shard] = self._used[shard] + 1
        if 3 * used > 2 * mask:
            self._enlarge(shard)
        return node

    def _is(self, node: int, level: bytes) -> bool:
        return self._text[self._start[node] : self._start[node + 1]] == level

    def _enlarge(self, shard: int) -> None:
        former = self._tables[shard]
        table = self._tables[shard] = array("i", [NONE]) * (2 * len(former))
        mask = len(table) - 1
        for node in former:
            if node != NONE:
                place = self._number[node] >> _SHARD_BITS & mask
                while table[place] != NONE:
                    place = place + 1 & mask
                table[place] = node
