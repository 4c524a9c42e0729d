"""Per-topic statistics in compact columns: 69 bytes a topic, little work a message."""

from __future__ import annotations

import math
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from mqttx_tui.capture.columns import floats, integers
from mqttx_tui.capture.dirty import DirtyTopics
from mqttx_tui.capture.schema import FIRST_OTHER_TOPIC
from mqttx_tui.capture.utf8 import not_utf8
from mqttx_tui.model.message import CHANGED, NOT_UTF8, RETAIN

COLUMNS = 6
"""Columns of a row: at, topic, flags, size, payload, properties (``model.message.Row``)."""

AT, TOPIC, FLAGS, SIZE, PAYLOAD = range(5)

RATE_SECONDS = 5.0
"""A topic's rate forgets by e in this time."""

_LARGE = 65_536
"""Payloads from this size on are compared by CRC, which leaves the interpreter lock alone."""

_NOTHING_YET = 0

_ROOM = 512
"""Topics that there is room for at first: a page of each column."""


class TopicStatistics:
    """Written by the writer's thread alone; indexed by topic id."""

    def __init__(self) -> None:
        self.count = integers(_ROOM)
        self.bytes = integers(_ROOM)
        self.first_at = integers(_ROOM)
        self.last_at = integers(_ROOM)
        self.last_message = integers(_ROOM)
        self.retained = integers(_ROOM)
        self._digest = integers(_ROOM)
        self._rate = floats(_ROOM)
        self._topics = 0
        self.dirty = DirtyTopics()

    def __len__(self) -> int:
        return self._topics

    def reach(self, topic: int) -> None:
        """Make room for topics up to ``topic``."""
        if topic > self._topics:
            room = len(self._rate)
            if topic >= room:
                self._renew(max(room + room // 4, topic + 1), self._topics + 1)
            self.dirty.reach(topic)
            self._topics = topic

    def _renew(self, room: int, kept: int) -> None:
        """Columns with that room, and of what they hold the first ``kept`` items."""
        self.count = integers(room, self.count[:kept])
        self.bytes = integers(room, self.bytes[:kept])
        self.first_at = integers(room, self.first_at[:kept])
        self.last_at = integers(room, self.last_at[:kept])
        self.last_message = integers(room, self.last_message[:kept])
        self.retained = integers(room, self.retained[:kept])
        self._digest = integers(room, self._digest[:kept])
        self._rate = floats(room, self._rate[:kept])

    def load(self, row: Sequence[Any], payload: bytes | None) -> None:
        """Take over a row of an existing capture (the topic's id and columns up to its rate).

        ``payload`` is the topic's last one.
        """
        topic = row[0]
        self.reach(topic)
        columns = self.count, self.bytes, self.first_at, self.last_at, self.last_message, self.retained
        for column, value in zip(columns, row[1:7], strict=True):
            column[topic] = value or 0
        self._rate[topic] = row[7] * self._weight(topic)
        if payload is not None:
            self._digest[topic] = next(_digests([payload]))

    def take(self, flat: list[Any], first: int) -> tuple[dict[int, int], dict[int, int]]:
        """Count a batch (row after row in ``flat``) and set CHANGED and NOT_UTF8 in its flags.

        Returns for each topic its last message's id, and for topics that saw the RETAIN flag the
        id of their last retained message (0: an empty payload cleared it). ``point`` makes them
        known once they are written.
        """
        topics, flags = flat[TOPIC::COLUMNS], flat[FLAGS::COLUMNS]
        payloads, sizes = flat[PAYLOAD::COLUMNS], flat[SIZE::COLUMNS]
        for index in not_utf8(payloads):
            flags[index] |= NOT_UTF8
        chosen: Sequence[int] = range(len(topics))
        if max(topics) >= FIRST_OTHER_TOPIC:
            chosen = [index for index, topic in enumerate(topics) if topic < FIRST_OTHER_TOPIC]
            topics, payloads, sizes = ([column[i] for i in chosen] for column in (topics, payloads, sizes))
        self._compare(topics, payloads, flags, chosen)
        flat[FLAGS::COLUMNS] = flags
        before = self._count(topics, sizes)
        ids = range(first, first + len(flags)) if len(chosen) == len(flags) else [first + i for i in chosen]
        last = dict(zip(topics, ids, strict=True))
        self._time(last, before, flat, first)
        return last, _retained(flat, first)

    def _compare(
        self, topics: list[int], payloads: list[bytes], flags: list[int], chosen: Sequence[int]
    ) -> None:
        """Set CHANGED in ``flags``, at the positions ``chosen``, where a payload differs from the last."""
        last = self._digest
        for index, topic, digest in zip(chosen, topics, _digests(payloads), strict=True):
            previous = last[topic]
            if previous != digest:
                last[topic] = digest
                if previous != _NOTHING_YET:
                    flags[index] |= CHANGED

    def _count(self, topics: list[int], sizes: list[int]) -> dict[int, int]:
        """Add to the counts and bytes; returns the counts that were."""
        count, total = self.count, self.bytes
        before = {}
        counted = Counter(topics)
        for topic, more in counted.items():
            before[topic] = old = count[topic]
            count[topic] = old + more
        if len(set(sizes)) == 1:
            for topic, more in counted.items():
                total[topic] += more * sizes[0]
        else:
            for topic, size in zip(topics, sizes, strict=True):
                total[topic] += size
        return before

    def _time(self, last: dict[int, int], before: dict[int, int], flat: list[Any], first: int) -> None:
        last_at, rate, count = self.last_at, self._rate, self.count
        if not all(before.values()):
            for index, topic in enumerate(flat[TOPIC::COLUMNS]):
                if before.get(topic) == 0 and not self.first_at[topic]:
                    self.first_at[topic] = flat[index * COLUMNS]
        for topic, message in last.items():
            at = flat[(message - first) * COLUMNS]
            if before[topic]:
                elapsed = max(at - last_at[topic], 0) / 1e9
                decayed = rate[topic] * math.exp(-elapsed / RATE_SECONDS)
            else:
                decayed = 0.0
            rate[topic] = decayed + (count[topic] - before[topic]) / RATE_SECONDS
            last_at[topic] = at
        self.dirty.add(last)

    def point(self, last: dict[int, int], retained: dict[int, int]) -> None:
        """Remember the last and last retained messages of a batch that is in the file."""
        for topic, message in last.items():
            self.last_message[topic] = message
        for topic, message in retained.items():
            self.retained[topic] = message

    def forget(self) -> None:
        """Start all over; topics and ids stay."""
        self._renew(len(self._rate), 0)
        self.dirty.add(range(1, self._topics + 1))

    def _weight(self, topic: int) -> float:
        """How much of a steady rate the decayed sum holds at the topic's age (at least 1 s)."""
        age = max((self.last_at[topic] - self.first_at[topic]) / 1e9, 1.0)
        return 1.0 - math.exp(-age / RATE_SECONDS)

    def row(self, topic: int, revision: int) -> tuple[Any, ...]:
        """The topic's columns as ``store.TOPIC_ROW`` takes them."""
        return (
            topic,
            0,
            "",
            self.count[topic],
            self.bytes[topic],
            self.first_at[topic],
            self.last_at[topic],
            self.last_message[topic],
            self.retained[topic] or None,
            round(self._rate[topic] / self._weight(topic), 3),
            revision,
        )


def _digests(payloads: list[bytes]) -> Iterator[int]:
    """A number for each payload that differs (almost surely) where payloads do; never 0."""
    if max(map(len, payloads), default=0) < _LARGE:
        numbers = list(map(hash, payloads))
        return iter(numbers) if 0 not in numbers else (number or 1 for number in numbers)
    return (
        (hash(payload) or 1) if len(payload) < _LARGE else zlib.crc32(payload) | len(payload) << 32
        for payload in payloads
    )


def _retained(flat: list[Any], first: int) -> dict[int, int]:
    flags = flat[FLAGS::COLUMNS]
    if not any(value & RETAIN for value in set(flags)):
        return {}
    found: dict[int, int] = {}
    for index, value in enumerate(flags):
        topic = flat[index * COLUMNS + TOPIC]
        if value & RETAIN and topic < FIRST_OTHER_TOPIC:
            found[topic] = first + index if flat[index * COLUMNS + PAYLOAD] else 0
    return found
