"""Topics by name: one dictionary for sessions and sinks, bounded where names come once and never again."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from mqttx_tui.capture.limits import Limits
from mqttx_tui.capture.reader import CaptureReader
from mqttx_tui.capture.topic_ids import EXCLUDED_MOST, OTHERS_MOST
from mqttx_tui.model.errors import InputError
from mqttx_tui.model.topics import EXCLUDED
from tests.capture.support import capturing, connect, put, query, settled


async def test_topics_past_the_limit_keep_their_name_and_no_statistics(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    async with capturing(path, Limits(messages=20_000, bytes=1 << 40, topics=2)) as writer:
        sink = connect(writer)
        for number in range(30_000):
            put(sink, f"uuid/{number}", b"x")
            if sink.full:
                await sink.drained()
        await settled(writer)
        assert writer.counters().topics == 2
        assert writer.counters().other_topics == 29_998
        assert writer.counters().kept == 20_000
        assert len(sink.known) <= 2 + OTHERS_MOST
        assert sink.revision > 0
        with closing(CaptureReader(path)) as reader:
            bounds = reader.bounds()
            assert [m.topic for m in reader.messages(bounds.last - 2, 3)] == [
                f"uuid/{n}" for n in (29_997, 29_998, 29_999)
            ]
            assert "" not in {m.topic for m in reader.messages(bounds.floor, bounds.count)}
            assert {row.name for row in reader.topics(0)[1]} == {"uuid/0", "uuid/1"}
        put(sink, "uuid/0", b"y")
        await settled(writer)
    assert query(path, "SELECT count(*) FROM topic")[0][0] < 20_000 + 3 * 8_192
    assert query(path, "SELECT count FROM topic WHERE id = 1") == [(2,)]


async def test_a_topic_past_the_limit_keeps_its_name_while_another_connection_floods(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    async with capturing(path, Limits(messages=2_000, bytes=1 << 40, topics=0)) as writer:
        calm, busy = connect(writer, "calm"), connect(writer, "busy")
        for number in range(30_000):
            if number % 100 == 0:
                put(calm, "calm/topic", b"x")
            put(busy, f"uuid/{number}", b"x")
            if busy.full:
                await busy.drained()
        await settled(writer)
        counters = writer.counters()
        assert (counters.kept, counters.evicted) == (2_000, 28_300)
        with closing(CaptureReader(path)) as reader:
            bounds = reader.bounds()
            named = [message.topic for message in reader.messages(bounds.floor, bounds.count)]
        assert named.count("calm/topic") >= 19
        assert "" not in named
    assert query(path, "SELECT count(*) FROM topic")[0][0] < 2_000 + 3 * 8_192


async def test_sessions_look_up_what_the_sink_knows(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    async with capturing(path) as writer:
        first = connect(writer).topic("a/b")
    async with capturing(path) as writer:
        sink = connect(writer)
        assert sink.known == {b"a/b": first}
        assert sink.topic("ä") == sink.known["ä".encode()]
        sink.exclude(["a/#"])
        assert sink.known == {}
        assert (sink.topic("a/b"), sink.topic("ä")) == (None, 2)
        assert sink.known == {b"a/b": EXCLUDED, "ä".encode(): 2}


async def test_excluded_names_are_not_remembered_without_end(tmp_path: Path) -> None:
    async with capturing(tmp_path / "c.db") as writer:
        sink = connect(writer, exclude=["uuid/#"])
        kept = sink.topic("kept")
        revision = sink.revision
        for number in range(70_000):
            assert sink.topic(f"uuid/{number}") is None
        assert len(sink.known) <= 1 + EXCLUDED_MOST
        assert sink.revision > revision
        assert sink.known[b"kept"] == kept


async def test_excluded_topics_can_come_back_under_their_id(tmp_path: Path) -> None:
    async with capturing(tmp_path / "c.db") as writer:
        sink = connect(writer)
        ident, revision = sink.topic("a/b"), sink.revision
        writer.set_exclude(1, ["a/#"])
        assert sink.revision > revision
        assert sink.topic("a/b") is None
        writer.set_exclude(1, [])
        assert sink.topic("a/b") == ident
        with pytest.raises(InputError):
            writer.set_exclude(1, ["a/#/b"])
