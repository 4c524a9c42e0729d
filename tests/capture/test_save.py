"""Saving a capture while it goes on."""

from __future__ import annotations

import asyncio
from contextlib import closing
from pathlib import Path

import pytest

from mqttx_tui.capture import save as saving
from mqttx_tui.capture.limits import Limits
from mqttx_tui.capture.reader import CaptureReader
from mqttx_tui.capture.save import save
from mqttx_tui.model.errors import InputError
from mqttx_tui.model.message import RETAIN, PacketRow
from tests.capture.support import capturing, connect, put, query, settled


async def test_a_save_has_everything(tmp_path: Path) -> None:
    target = tmp_path / "saved.db"
    async with capturing(tmp_path / "c.db") as writer:
        sink = connect(writer)
        put(sink, "a", b"1", flags=RETAIN)
        put(sink, "a", *[b"x"] * 12_000)
        put(sink, "b", bytes(20_000_000), b"after")
        sink.packet(PacketRow(5, 0, 1, 12, raw=b"\xc0\0"))
        sink.event("subscribed", "a")
        assert await writer.save_to(target) == 12_003
        assert target.stat().st_mode & 0o777 == 0o600
        with closing(CaptureReader(target)) as saved, closing(CaptureReader(tmp_path / "c.db")) as live:
            assert saved.bounds() == live.bounds()
            assert saved.messages(1, 20_000) == live.messages(1, 20_000)
            assert saved.topics(0)[1] == live.topics(0)[1]
            assert saved.connections() == live.connections()
            assert saved.events() == live.events()
            assert saved.packets() == live.packets()
            assert saved.counters().connections == live.counters().connections
            assert saved.payload(12_002) == bytes(20_000_000)
        assert sorted(each.name for each in tmp_path.iterdir() if "saved" in each.name) == ["saved.db"]


async def test_saving_while_writing_and_evicting(tmp_path: Path) -> None:
    path, target = tmp_path / "c.db", tmp_path / "saved.db"
    async with capturing(path, Limits(messages=40_000, bytes=1 << 40)) as writer:
        sink = connect(writer)
        put(sink, "quiet", b"pinned", flags=RETAIN)
        for number in range(50):
            put(sink, f"t/{number % 7}", *[b"x" * 100] * 1_000)
        await settled(writer)
        task = asyncio.create_task(writer.save_to(target))
        while not task.done():
            for number in range(3):
                put(sink, f"new/{number}", *[b"y" * 100] * 100)
            if sink.full:
                await sink.drained()
            await asyncio.sleep(0.001)
        count = await task
        await settled(writer)
    assert query(target, "PRAGMA integrity_check") == [("ok",)]
    with closing(CaptureReader(target)) as reader:
        bounds = reader.bounds()
        ids = [row[0] for row in query(target, "SELECT id FROM message WHERE id >= ?", (bounds.floor,))]
        assert ids == list(range(bounds.floor, bounds.last + 1))
        assert count == len(ids) + bounds.pinned
        assert bounds.last >= 50_001
        assert [m.payload for m in reader.by_ids([1])] == [b"pinned"]
        assert "" not in {m.topic for m in reader.messages(bounds.last - 100, 101)}
        assert all(row.last_message <= bounds.last for row in reader.topics(0)[1])


async def test_eviction_that_overtakes_leaves_no_hole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The slowest save there is: between two slices everything copied so far is evicted."""
    path, target = tmp_path / "c.db", tmp_path / "saved.db"
    monkeypatch.setattr(saving, "SLICE_ROWS", 500)
    async with capturing(path, Limits(messages=5_000, bytes=1 << 40)) as writer:
        sink = connect(writer)
        put(sink, "a", *[b"x"] * 5_000)
        await settled(writer)
        copy, slices = saving._Messages._slice, 0

        def slow(self: saving._Messages, table: str, low: int, high: int) -> None:
            nonlocal slices
            copy(self, table, low, high)
            slices += 1
            if slices == 3:
                asyncio.run_coroutine_threadsafe(overtake(), loop).result()

        async def overtake() -> None:
            put(sink, "a", *[b"y"] * 3_000)
            await settled(writer)

        loop = asyncio.get_running_loop()
        monkeypatch.setattr(saving._Messages, "_slice", slow)
        await writer.save_to(target)
    with closing(CaptureReader(target)) as reader:
        bounds = reader.bounds()
        ids = [row[0] for row in query(target, "SELECT id FROM message ORDER BY id")]
        assert [ident for ident in ids if ident >= bounds.floor] == list(range(bounds.floor, 8_001))
        assert bounds.floor > 1
        pinned = [ident for ident in ids if ident < bounds.floor]
        assert len(pinned) == bounds.pinned <= 1


async def test_a_capture_that_is_only_read_can_be_saved_too(tmp_path: Path) -> None:
    async with capturing(tmp_path / "c.db") as writer:
        put(connect(writer), "a", b"1", b"2")
    assert save(tmp_path / "c.db", tmp_path / "copy.db") == 2
    with closing(CaptureReader(tmp_path / "copy.db")) as reader:
        assert [m.payload for m in reader.messages(1, 5)] == [b"1", b"2"]


async def test_a_failed_save_leaves_nothing(tmp_path: Path) -> None:
    async with capturing(tmp_path / "c.db") as writer:
        put(connect(writer), "a", b"1")
        with pytest.raises(InputError) as caught:
            await writer.save_to(tmp_path / "missing" / "saved.db")
        assert caught.value.title == "Not saved"
        (tmp_path / "taken").mkdir()
        with pytest.raises(InputError):
            await writer.save_to(tmp_path / "taken")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["c.db", "taken"]
