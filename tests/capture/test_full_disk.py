"""A full disk costs the oldest messages, then counted ones, and never the capture."""

from __future__ import annotations

import contextlib
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from mqttx_tui.capture.limits import Limits
from mqttx_tui.capture.reader import CaptureReader
from tests.capture.support import capturing, connect, put, query, settled

UNBOUNDED = Limits(messages=1 << 40, bytes=1 << 50)


async def test_evicts_and_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    async with capturing(path, UNBOUNDED) as writer:
        sink = connect(writer)
        put(sink, "quiet", b"stays")
        await writer.flushed()
        writer._store.database.execute("PRAGMA max_page_count = 600")
        for _ in range(60):
            put(sink, "noisy", *[bytes(500)] * 500)
            await settled(writer)
        counters = writer.counters().connections[1]
        assert counters.lost == 0
        assert counters.evicted > 10_000
        assert counters.kept == query(path, "SELECT count(*) FROM message")[0][0] > 2_000
        with closing(CaptureReader(path)) as reader:
            assert reader.message(1) is not None


async def test_counts_what_it_cannot_write(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    async with capturing(path, UNBOUNDED) as writer:
        sink = connect(writer)
        put(sink, "a", b"first")
        await writer.flushed()
        pages = query(path, "PRAGMA page_count")[0][0]
        writer._store.database.execute(f"PRAGMA max_page_count = {pages}")
        put(sink, "a", bytes(1_000_000), bytes(1_000_000))
        await writer.flushed()
        put(sink, "b", bytes(1_000_000))
        await writer.flushed()
        assert writer.counters().connections[1].lost == 3
        writer._store.database.execute("PRAGMA max_page_count = 1000000")
        put(sink, "b", b"again")
        await writer.flushed()
        with closing(CaptureReader(path)) as reader:
            assert (reader.bounds().last, reader.messages(5, 1)[0].topic) == (5, "b")
            (gap,) = [event for event in reader.events() if event.kind == "gap"]
            assert "3 messages" in gap.text
            assert "ids 2 to 4" in gap.text
            each = reader.counters().connections[1]
            assert each.received == each.kept + each.evicted + each.excluded + each.lost == 5


def fill(path: Path) -> None:
    """Take every byte that is left."""
    with open(path, "wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(4096))


@pytest.mark.parametrize("others", [False, True])
async def test_a_real_disk(small_disk: Path, others: bool) -> None:
    path = small_disk / "c.db"
    async with capturing(path, UNBOUNDED) as writer:
        sink = connect(writer)
        for number in range(100):
            put(sink, f"t/{number % 10}", *[bytes(500)] * 1_000)
            await settled(writer)
            if others and number == 10:
                fill(small_disk / "hog")
        counters = writer.counters().connections[1]
        assert counters.evicted > 50_000
        assert counters.lost == 0
        stored = query(path, "SELECT count(*), max(id) FROM message")
        assert stored == [(counters.kept, 100_000)]
    assert query(path, "PRAGMA integrity_check") == [("ok",)]


async def test_without_a_place_for_the_log_reading_goes_on(tmp_path: Path) -> None:
    """Every write fails: nothing hangs, everything is counted."""
    path = tmp_path / "c.db"
    async with capturing(path) as writer:
        sink = connect(writer)
        put(sink, "a", b"x")
        await writer.flushed()
        with closing(sqlite3.connect(path, isolation_level=None)) as blocker:
            writer._store.database.execute("PRAGMA busy_timeout = 0")
            blocker.execute("BEGIN IMMEDIATE")
            put(sink, "a", *[b"x"] * 100)
            await writer.flushed()
            assert not sink.full
            assert writer.counters().lost == 100
            blocker.execute("ROLLBACK")
        put(sink, "a", b"y")
        await writer.flushed()
        with closing(CaptureReader(path)) as reader:
            assert [m.id for m in reader.messages(1, 200)] == [1, 102]
