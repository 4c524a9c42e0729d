"""Patterns of the tree's filter are searched in a process that can be given up."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mqttx_tui.capture.filters import parse
from mqttx_tui.capture.filters import patterns as module
from mqttx_tui.capture.filters.evaluate import FilterMessage, matches
from mqttx_tui.capture.filters.moments import context_now
from mqttx_tui.capture.filters.patterns import PatternTooLong, searching_elsewhere
from mqttx_tui.capture.filters.tree import TreeFilter
from tests.capture.support import capturing, connect, put
from tests.filters.test_remote import FOREVER, TRAP
from tests.support.wait import eventually

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="patterns are searched in the thread there")


def message(payload: bytes) -> FilterMessage:
    return FilterMessage(at=1, topic="t", flags=0, size=1, payload=payload)


def test_the_answers_are_the_same_as_here() -> None:
    payloads = [b"", b"on", b"ON 12", "Ärger\udcff".encode("utf-8", "surrogatepass"), b"a\nb" * 50_000 + b"7"]
    for text in ('payload ~ "^on"', 'payload !~ "\\d$"', "payload ~ ä", '. ~ "(?-i:ON)"'):
        wanted = parse(text)
        here = [matches(wanted, message(payload)) for payload in payloads]
        with searching_elsewhere(wanted.node) as process:
            assert [matches(wanted, message(payload)) for payload in payloads] == here
            assert process._process is not None, "they were asked of the process"
        assert process._process is None


def test_a_pattern_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.3)
    wanted = parse(FOREVER)
    with searching_elsewhere(wanted.node) as process:
        with pytest.raises(PatternTooLong):
            matches(wanted, message(TRAP))
        assert process.problem == module.TOO_LONG
    monkeypatch.setattr(module, "PATIENCE", 60.0)
    with searching_elsewhere(wanted.node):
        assert matches(wanted, message(b"aaa"))


@pytest.mark.parametrize("text", [FOREVER, FOREVER.replace("payload", "topic")])
async def test_the_tree_says_that_a_pattern_takes_too_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.3)
    path = tmp_path / "capture.db"
    async with capturing(path) as writer:
        sink = connect(writer)
        put(sink, TRAP.decode(), TRAP)
        await writer.flushed()
        found = TreeFilter(path, parse(text), context=context_now)
        try:

            def given_up() -> bool:
                found.poke()  # the topic may be written only now
                return bool(found.error)

            await eventually(given_up, "the reason")
            assert found.error == module.TOO_LONG
        finally:
            found.close(wait=True)
