"""The filter of the tree: about each topic's last message and its statistics."""

from __future__ import annotations

from pathlib import Path

from mqttx_tui.capture.filters import Context, parse
from mqttx_tui.capture.filters.tree import TopicMatches, matching_topics
from mqttx_tui.model.clock import Clock
from tests.capture.support import capturing, connect, put, query
from tests.support.wait import eventually

SECOND = 1_000_000_000


def names(path: Path, ids: set[int]) -> list[str]:
    return sorted(name for ident, name in query(path, "SELECT id, name FROM topic") if ident in ids)


async def test_the_last_message_decides(tmp_path: Path) -> None:
    path = tmp_path / "capture.db"
    async with capturing(path) as writer:
        sink = connect(writer)
        put(sink, "a/temp", b"25", b"15")
        put(sink, "b/temp", b"15", b"25")
        await writer.flushed()

        def ask(text: str, since: int = 0) -> TopicMatches:
            return matching_topics(path, parse(text), since=since)

        await eventually(lambda: len(ask("").matched) == 2)
        found = ask(". > 20")
        assert names(path, found.matched) == ["b/temp"]
        assert names(path, found.others) == ["a/temp"]
        assert names(path, ask("count == 2 a/temp").matched) == ["a/temp"]
        assert names(path, ask("count > 2").matched) == []

        put(sink, "a/temp", b"30")
        await writer.flushed()
        await eventually(lambda: ask(". > 20", found.revision).matched)
        later = ask(". > 20", found.revision)
        assert names(path, later.matched) == ["a/temp"]
        assert names(path, later.others) == []
        assert later.revision > found.revision


async def test_age_is_that_of_the_last_message(tmp_path: Path) -> None:
    path = tmp_path / "capture.db"
    now = 1_763_700_000 * SECOND
    clock = Clock(lambda: now, lambda: 0)
    async with capturing(path, clock=clock) as writer:
        put(connect(writer), "a", b"1")
        await writer.flushed()
    for seconds, expected in ((599, set()), (601, {1})):
        at = now + seconds * SECOND
        found = matching_topics(path, parse("age > 10m"), context=Context(at, at))
        assert found.matched == expected


async def test_more_topics_than_one_step_takes(tmp_path: Path) -> None:
    path = tmp_path / "capture.db"
    async with capturing(path) as writer:
        sink = connect(writer)
        for number in range(2_500):
            put(sink, f"t/{number}", b"on" if number % 2 else b"off")
        await writer.flushed()
    found = matching_topics(path, parse(". == on"))
    assert len(found.matched) == 1_250
    assert len(found.others) == 1_250
