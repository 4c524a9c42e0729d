"""What stays when more comes in than a capture may hold."""

from __future__ import annotations

import asyncio
from contextlib import closing
from pathlib import Path

import pytest

from mqttx_tui.capture.limits import Limits
from mqttx_tui.capture.reader import CaptureReader
from mqttx_tui.model.message import RETAIN, Row
from tests.capture.support import capturing, connect, put, query, settled


async def test_a_flood_leaves_the_quiet_topics_last_and_last_retained_message(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    async with capturing(path, Limits(messages=5_000, bytes=1 << 40)) as writer:
        sink = connect(writer)
        put(sink, "quiet", b"retained", flags=RETAIN)
        put(sink, "quiet", b"old")
        put(sink, "quiet", b"last")
        put(sink, "lonely", b"only")
        for _ in range(40):
            put(sink, "noisy", *[b"x" * 100] * 1_000)
            await settled(writer)
        with closing(CaptureReader(path)) as reader:
            bounds = reader.bounds()
            assert bounds.floor > 30_000
            assert bounds.pinned == 3
            assert [m.payload for m in reader.by_ids([1, 2, 3, 4])] == [b"retained", b"last", b"only"]
            quiet = next(row for row in reader.topics(0)[1] if row.name == "quiet")
            assert [m.payload for m in reader.history(quiet.id)] == [b"last", b"retained"]
            assert [reader.after(quiet.id, ident) for ident in (1, 3)] == [3, None]
            assert query(path, "SELECT count(*) FROM message") == [(5_000,)]
        # A newer message takes the old one's place.
        put(sink, "quiet", b"newer")
        await settled(writer)
        with closing(CaptureReader(path)) as reader:
            assert [m.payload for m in reader.by_ids([1, 3, 4])] == [b"retained", b"only"]
        put(sink, "quiet", b"", flags=RETAIN)
        await settled(writer)
        with closing(CaptureReader(path)) as reader:
            assert reader.message(1) is None


async def test_pins_are_at_most_a_tenth_and_the_oldest_go(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    async with capturing(path, Limits(messages=1_000, bytes=1 << 40)) as writer:
        sink = connect(writer)
        for number in range(500):
            put(sink, f"quiet/{number}", b"x")
        put(sink, "noisy", *[b"x"] * 5_000)
        await settled(writer)
        below = [row[0] for row in query(path, "SELECT id FROM message WHERE id <= 500 ORDER BY id")]
        assert below == list(range(401, 501))
        counters = writer.counters().connections[1]
        assert (counters.kept, counters.evicted) == (1_000, 4_500)


async def test_pinned_payloads_are_at_most_a_tenth_of_the_bytes(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    async with capturing(path, Limits(messages=1_000, bytes=20_000_000)) as writer:
        sink = connect(writer)
        for number in range(30):
            put(sink, f"camera/{number}", bytes(300_000))
        for _ in range(10):
            put(sink, "noisy", *[b"x"] * 500)
            await settled(writer)
        ids = [row[0] for row in query(path, "SELECT id FROM message WHERE id <= 30 ORDER BY id")]
        assert ids == list(range(25, 31))


async def test_the_file_keeps_its_size(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    limit = 10_000_000
    async with capturing(path, Limits(messages=10_000_000, bytes=limit)) as writer:
        sink = connect(writer)
        largest = 0
        for round_number in range(30):
            size = 20 if round_number % 3 else 20_000
            put(sink, f"t/{round_number % 7}", *[bytes(size)] * (2_000_000 // (size + 50)))
            await settled(writer)
            largest = max(largest, path.stat().st_size)
        assert largest < limit + 4_000_000
        counters = writer.counters()
        assert counters.lost == 0
        assert counters.kept == query(path, "SELECT count(*) FROM message")[0][0]
        assert counters.received == counters.kept + counters.evicted
        used = query(path, "PRAGMA page_count")[0][0] - query(path, "PRAGMA freelist_count")[0][0]
        assert used * 8192 > limit * 0.7, "nothing is evicted without need"


async def test_one_message_larger_than_the_limit_does_not_stop_the_rest(tmp_path: Path) -> None:
    async with capturing(tmp_path / "c.db", Limits(messages=1_000, bytes=2_000_000)) as writer:
        sink = connect(writer)
        put(sink, "a", b"before")
        put(sink, "a", bytes(5_000_000))
        await settled(writer)
        put(sink, "a", b"after")
        await settled(writer)
        with closing(CaptureReader(tmp_path / "c.db")) as reader:
            assert reader.message(3) is not None
        assert writer.counters().lost == 0


async def test_lower_limits_hold_soon_and_in_steps(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    async with capturing(path) as writer:
        sink = connect(writer)
        put(sink, "a", *[bytes(200)] * 60_000)
        await sink.drained()
        await settled(writer)
        steps: list[int] = []
        evict = writer._store.evict

        def watched() -> bool:
            before = writer._store.retention.rows
            more = evict()
            steps.append(before - writer._store.retention.rows)
            return more

        writer._store.evict = watched  # type: ignore[method-assign]
        writer.set_limits(Limits(messages=1_000, bytes=1 << 40))
        await settled(writer)
        assert query(path, "SELECT count(*) FROM message") == [(1_000,)]
        assert sum(steps) == 59_000
        assert max(steps) <= 20_000, "one transaction may not take long"
        assert query(path, "SELECT value FROM meta WHERE key = 'limit_messages'") == [(1_000,)]


@pytest.mark.parametrize("topics", [10, 3_000])
async def test_eviction_keeps_pace(tmp_path: Path, topics: int) -> None:
    path = tmp_path / "c.db"
    async with capturing(path, Limits(messages=10_000, bytes=1 << 40)) as writer:
        sink = connect(writer)
        names = [f"t/{number}" for number in range(topics)]
        most = 0
        for number in range(100):
            put(sink, names[number % topics], *[b"x"] * 1_000)
            if sink.full:
                await sink.drained()
            await asyncio.sleep(0)
            most = max(most, query(path, "SELECT count(*) FROM message")[0][0])
        await settled(writer)
        assert most < 10_000 + 70_000
        assert query(path, "SELECT count(*) FROM message") == [(10_000,)]


async def test_limits_and_pins_hold_across_restarts(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    limits = Limits(messages=20_000, bytes=4_000_000)
    batch = 500 * 8_192
    """What one transaction adds at most here: the rows of one call, each on a page of its own."""
    largest = 0
    for run in range(3):
        async with capturing(path, limits, kept=True) as writer:
            sink = connect(writer)
            if not run:
                put(sink, "quiet", b"retained", flags=RETAIN)
                put(sink, "quiet", b"last")
            for number in range(60):
                put(sink, f"noisy/{number % 7}", *[bytes(200)] * 500)
                await writer.flushed()
                largest = max(largest, path.stat().st_size)
        with closing(CaptureReader(path)) as reader:
            counters, bounds = reader.counters(), reader.bounds()
            assert [message.payload for message in reader.by_ids([1, 2])] == [b"retained", b"last"]
            assert (bounds.last, bounds.pinned) == (2 + 30_000 * (run + 1), 2)
        assert counters.received == bounds.last == counters.kept + counters.evicted
        assert query(path, "SELECT count(*) FROM message") == [(counters.kept,)]
        assert bounds.count + bounds.pinned == counters.kept <= 20_000
        assert query(path, "SELECT sum(count) FROM topic") == [(bounds.last,)]
    assert largest < limits.bytes + batch
    assert counters.kept > 15_000, "nothing is evicted without need"


async def test_a_flood_of_topics_past_the_limit_is_kept_within_the_limits(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    limits = Limits(messages=1_000_000, bytes=8_000_000, topics=100)
    async with capturing(path, limits) as writer:
        sink = connect(writer)
        largest = 0
        for start in range(0, 100_000, 500):
            at = sink.now()
            topics = [sink.topic(f"uuid/{number}") or 0 for number in range(start, start + 500)]
            sink.messages([Row(at, topic, 0, 60, b"x" * 40, None) for topic in topics])
            if sink.full:
                await sink.drained()
            await asyncio.sleep(0)
            largest = max(largest, path.stat().st_size)
        await settled(writer)
        counters = writer.counters()
        assert (counters.topics, counters.other_topics) == (100, 99_900)
        assert (counters.received, counters.lost) == (100_000, 0)
        assert counters.received == counters.kept + counters.evicted
        assert counters.evicted > 0, "names count as well"
        assert largest < limits.bytes + 5_000_000
        assert query(path, "SELECT count(*) FROM message WHERE topic NOT IN (SELECT id FROM topic)") == [(0,)]
        names = query(path, "SELECT count(*) FROM topic WHERE id >= 4294967296")[0][0]
        assert names < counters.kept + 3 * 8_192
        assert len(writer._store.statistics) == 100
