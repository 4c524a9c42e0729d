"""Topics whose row in the file is out of date, in a few bytes each."""

from __future__ import annotations

from array import array
from collections.abc import Iterable


class DirtyTopics:
    """A queue without repetition: the longest unwritten first. Ids are those of ``TopicStatistics``."""

    def __init__(self) -> None:
        self._waits = bytearray(1)
        self._queue = array("I")
        self._head = 0

    def __len__(self) -> int:
        return len(self._queue) - self._head

    def reach(self, topic: int) -> None:
        """Make room for topics up to ``topic``."""
        more = topic + 1 - len(self._waits)
        if more > 0:
            self._waits.extend(bytes(more))

    def add(self, topics: Iterable[int]) -> None:
        """Put those at the end that do not wait yet."""
        waits, queue = self._waits, self._queue
        for topic in topics:
            if not waits[topic]:
                waits[topic] = 1
                queue.append(topic)

    def oldest(self, most: int) -> list[int]:
        """At most so many, without taking them out."""
        return self._queue[self._head : self._head + most].tolist()

    def written(self, count: int) -> None:
        """The oldest ``count`` are in the file."""
        end = self._head + count
        for topic in self._queue[self._head : end]:
            self._waits[topic] = 0
        self._head = end
        if 2 * end >= len(self._queue):
            del self._queue[:end]
            self._head = 0
