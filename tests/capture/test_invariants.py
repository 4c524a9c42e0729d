"""Whatever comes in: counters add up, ids are contiguous, and pins are what they should be."""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mqttx_tui.capture.limits import Limits
from mqttx_tui.capture.reader import CaptureReader
from mqttx_tui.capture.sink import ConnectionSink
from mqttx_tui.capture.writer import CaptureWriter
from mqttx_tui.model.message import OUTGOING, RETAIN, Row
from tests.capture.support import connect, query, settled

TOPICS = 4

LIMITS = st.sampled_from([1, 15, 100, 170, 300])

message = st.tuples(
    st.integers(0, TOPICS - 1),
    st.sampled_from([0, 0, 0, RETAIN, OUTGOING, OUTGOING | RETAIN]),
    st.binary(max_size=3),
)
batch = st.tuples(st.just("batch"), st.integers(0, 1), st.lists(message, min_size=1, max_size=100))
flood = st.builds(
    lambda number, topic, count: ("batch", number, [(topic, 0, b"")] * count),
    st.integers(0, 1),
    st.integers(0, TOPICS - 1),
    st.integers(100, 400),
)
operation = st.one_of(
    flood,
    batch,
    batch,
    batch,
    st.tuples(st.just("clear")),
    st.tuples(st.just("exclude"), st.integers(0, 1), st.sets(st.integers(0, TOPICS - 1), max_size=2)),
    st.tuples(st.just("limit"), LIMITS),
    st.tuples(st.just("settle")),
    st.tuples(st.just("reopen")),
)


@dataclass
class Model:
    """What a capture should hold."""

    rows: dict[int, tuple[int, str, int, bytes]] = field(default_factory=dict)
    received: Counter[int] = field(default_factory=Counter)
    sent: Counter[int] = field(default_factory=Counter)
    excluded: Counter[int] = field(default_factory=Counter)
    cleared: int = 1

    def pins(self) -> set[int]:
        last: dict[tuple[int, str], int] = {}
        retained: dict[tuple[int, str], int] = {}
        for ident, (connection, topic, flags, payload) in self.rows.items():
            if ident < self.cleared:
                continue
            last[connection, topic] = ident
            if flags & RETAIN:
                retained[connection, topic] = ident if payload else 0
        return set(last.values()) | set(retained.values()) - {0}


async def run(operations: list[tuple[Any, ...]], limit: int, path: Path) -> None:
    model, excluded = Model(), [set[str](), set[str]()]
    writer, sinks = opened(path, limit, excluded)
    smallest = limit
    for kind, *arguments in operations:
        if kind == "batch":
            deliver(sinks, model, excluded, *arguments)
        elif kind == "clear":
            writer.clear()
            model.cleared = len(model.rows) + 1
        elif kind == "exclude":
            number, topics = arguments
            excluded[number] = {f"t/{topic}" for topic in topics}
            sinks[number].exclude(sorted(excluded[number]))
        elif kind == "limit":
            limit = arguments[0]
            smallest = min(smallest, limit)
            writer.set_limits(Limits(limit, 1 << 40, 1_000))
        elif kind == "reopen":
            await writer.close(delete=False)
            writer, sinks = opened(path, limit, excluded)
        elif kind == "settle":
            await settled(writer)
            check(writer, model, path, limit, smallest)
    await settled(writer)
    check(writer, model, path, limit, smallest)
    await writer.close(delete=False)
    check(writer, model, path, limit, smallest, closed=True)


def opened(path: Path, limit: int, excluded: list[set[str]]) -> tuple[CaptureWriter, list[ConnectionSink]]:
    """A writer of a new or of an existing capture, with both connections."""
    writer = CaptureWriter(path, limits=Limits(limit, 1 << 40, 1_000), kept=False)
    names = enumerate(("one", "two"))
    return writer, [connect(writer, name, exclude=sorted(excluded[number])) for number, name in names]


def deliver(
    sinks: list[ConnectionSink],
    model: Model,
    excluded: list[set[str]],
    number: int,
    messages: list[tuple[int, int, bytes]],
) -> None:
    rows, notes = [], []
    for topic_number, flags, payload in messages:
        topic = f"t/{topic_number}"
        ident = sinks[number].topic(topic)
        assert (ident is None) == (topic in excluded[number])
        if ident is None:
            sinks[number].excluded(1)
            model.excluded[number] += 1
            model.received[number] += 1
            continue
        rows.append(Row(sinks[number].now(), ident, flags, 10, payload, None))
        notes.append((number, topic, flags, payload))
    first = sinks[number].messages(rows)
    assert first == len(model.rows) + 1
    for ident, note in enumerate(notes, first):
        model.rows[ident] = note
        (model.sent if note[2] & OUTGOING else model.received)[number] += 1


def check(
    writer: CaptureWriter, model: Model, path: Path, limit: int, smallest: int, closed: bool = False
) -> None:
    reader = CaptureReader(path)
    bounds = reader.bounds()
    stored = {row[0]: row[1:] for row in query(path, "SELECT id, topic, flags, payload FROM message")}
    assert bounds.last == len(model.rows)
    assert {ident for ident in stored if ident >= bounds.floor} == set(range(bounds.floor, bounds.last + 1))
    below = {ident for ident in stored if ident < bounds.floor}
    expected = {ident for ident in model.pins() if ident < bounds.floor}
    assert below <= expected
    assert bounds.pinned == len(below) <= limit // 10
    if len(model.pins()) <= smallest // 10:
        assert below == expected
    assert len(stored) <= limit
    if model.cleared == 1 and smallest == limit:
        # Nothing goes without need: pins that were replaced or were too many are what may be short.
        assert len(stored) >= min(len(model.rows), limit) - limit // 10 - 4 * TOPICS
    for found in reader.messages(bounds.floor, bounds.count) + reader.by_ids(sorted(below)):
        connection, topic, flags, payload = model.rows[found.id]
        assert (found.connection, found.topic, found.payload) == (connection + 1, topic, payload)
        assert found.flags & 0b11111 == flags
    live = writer.counters()
    for counters in (live, reader.counters()):
        for number in (0, 1):
            each = counters.connections[number + 1]
            inbound = [i for i in stored if model.rows[i][0] == number and not model.rows[i][2] & OUTGOING]
            assert each.received == each.kept + each.evicted + each.excluded + each.lost
            assert (each.kept, each.lost) == (len(inbound), 0)
            if closed or counters is live:
                assert (each.received, each.sent) == (model.received[number], model.sent[number])
                assert each.excluded == model.excluded[number]
    reader.close()


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(operation, min_size=1, max_size=14), LIMITS)
def test_any_sequence_keeps_the_invariants(operations: list[tuple[Any, ...]], limit: int) -> None:
    with tempfile.TemporaryDirectory() as directory:
        asyncio.run(run(operations, limit, Path(directory) / "capture.db"))
