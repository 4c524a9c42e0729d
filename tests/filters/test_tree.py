"""The filter of the tree: about each topic's last message and its statistics."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from mqttx_tui.capture.filters import Context, parse
from mqttx_tui.capture.filters import tree as tree_module
from mqttx_tui.capture.filters.moments import context_now
from mqttx_tui.capture.filters.tree import TreeFilter
from mqttx_tui.model.clock import Clock
from tests.capture.support import capturing, connect, put, query
from tests.support.wait import eventually

SECOND = 1_000_000_000


class Answers:
    """What a filter said so far, by name."""

    def __init__(self, path: Path, asked: TreeFilter) -> None:
        self.path, self.asked = path, asked
        self.ids: set[int] = set()
        self.said = 0

    @property
    def matched(self) -> list[str]:
        """Names of the topics that match now."""
        for ident, matches in self.asked.take(1_000_000):
            (self.ids.add if matches else self.ids.remove)(ident)
            self.said += 1
        return sorted(
            name for ident, name in query(self.path, "SELECT id, name FROM topic") if ident in self.ids
        )


@contextmanager
def asking(path: Path, text: str, context: Callable[[], Context] = context_now) -> Iterator[Answers]:
    asked = TreeFilter(path, parse(text), context=context)
    try:
        yield Answers(path, asked)
    finally:
        asked.close(wait=True)


async def whole(path: Path, text: str, context: Context | None = None) -> list[str]:
    """The names that match once every topic was asked about."""
    with asking(path, text, lambda: context or context_now()) as answers:
        await eventually(lambda: answers.asked.whole)
        return answers.matched


async def test_the_last_message_decides(tmp_path: Path) -> None:
    path = tmp_path / "capture.db"
    async with capturing(path) as writer:
        sink = connect(writer)
        put(sink, "a/temp", b"25", b"15")
        put(sink, "b/temp", b"15", b"25")
        await writer.flushed()
        await eventually(lambda: query(path, "SELECT count(*) FROM topic WHERE count = 2") == [(2,)])
        assert await whole(path, "") == ["a/temp", "b/temp"]
        assert await whole(path, ". > 20") == ["b/temp"]
        assert await whole(path, "count == 2 a/temp") == ["a/temp"]
        assert await whole(path, "count > 2") == []


async def test_answers_follow_the_messages(tmp_path: Path) -> None:
    path = tmp_path / "capture.db"
    async with capturing(path) as writer:
        sink = connect(writer)
        put(sink, "a/temp", b"15")
        put(sink, "b/temp", b"25")
        await writer.flushed()
        with asking(path, ". > 20") as answers:

            def match(*names: str) -> bool:
                answers.asked.poke()
                return answers.matched == list(names)

            await eventually(lambda: match("b/temp"))
            put(sink, "a/temp", b"30")
            put(sink, "c/temp", b"40")
            await writer.flushed()
            await eventually(lambda: match("a/temp", "b/temp", "c/temp"))
            put(sink, "b/temp", b"1")
            await writer.flushed()
            await eventually(lambda: match("a/temp", "c/temp"))
            assert answers.said == 4, "only topics whose answer changed are named"


async def test_age_is_that_of_the_last_message(tmp_path: Path) -> None:
    path = tmp_path / "capture.db"
    now = 1_763_700_000 * SECOND
    async with capturing(path, clock=Clock(lambda: now, lambda: 0)) as writer:
        put(connect(writer), "a", b"1")
        await writer.flushed()
    assert await whole(path, "age > 10m", Context(now + 599 * SECOND, now)) == []
    assert await whole(path, "age > 10m", Context(now + 601 * SECOND, now)) == ["a"]


async def test_age_slides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree_module, "SLIDE_SECONDS", 0.01)
    path = tmp_path / "capture.db"
    now = 1_763_700_000 * SECOND
    async with capturing(path, clock=Clock(lambda: now, lambda: 0)) as writer:
        put(connect(writer), "a", b"1")
        await writer.flushed()
        at = [Context(now + 599 * SECOND, now)]
        with asking(path, "age > 10m", lambda: at[0]) as answers:
            await eventually(lambda: answers.asked.whole)
            assert answers.matched == []
            at[0] = replace(at[0], now=now + 601 * SECOND)
            await eventually(lambda: answers.matched == ["a"])


async def test_more_topics_than_one_step_takes(tmp_path: Path) -> None:
    path = tmp_path / "capture.db"
    async with capturing(path) as writer:
        sink = connect(writer)
        for number in range(2_500):
            put(sink, f"t/{number}", b"on" if number % 2 else b"off")
        await writer.flushed()
    assert len(await whole(path, ". == on")) == 1_250


async def test_a_capture_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "capture.db").write_bytes(b"no capture" * 100)
    with asking(tmp_path / "capture.db", "a") as answers:
        await eventually(lambda: answers.asked.error)
        assert not answers.asked.whole
