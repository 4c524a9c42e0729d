"""Patterns in ``when`` never hold up the loop that captures."""

from __future__ import annotations

import asyncio
import sys
import threading

import pytest

from mqttx_tui.capture.filters import parse
from mqttx_tui.capture.filters import patterns as searched
from mqttx_tui.capture.filters.evaluate import FilterMessage
from mqttx_tui.capture.filters.patterns import TOO_LONG
from mqttx_tui.engine import answer_patterns as module
from mqttx_tui.engine.answer_patterns import PatternRules, asked
from tests.support.wait import eventually

FOREVER = 'trap/# payload ~ "(a+)+$"'
TRAP = b"a" * 200 + b"!"


def message(payload: bytes, topic: str = "trap/1") -> FilterMessage:
    return FilterMessage(at=1, topic=topic, flags=0, size=1, payload=payload)


@pytest.mark.parametrize(
    ("text", "payload", "at_once", "left"),
    [
        ("trap/# .v > 1", b'{"v": 2}', True, False),
        (FOREVER, b"!", True, True),
        ('other/# payload ~ "x"', b"x", False, True),
        ('payload ~ "x" or trap/#', b"y", True, True),
    ],
)
def test_what_is_no_pattern_is_asked_first(text: str, payload: bytes, at_once: bool, left: bool) -> None:
    matches, slow = asked(parse(text))
    assert (matches(message(payload)), slow) == (at_once, left)


@pytest.mark.skipif(sys.platform == "win32", reason="patterns are searched in the thread there")
async def test_a_pattern_without_end_stops_its_rule_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searched, "PATIENCE", 0.3)
    answered: list[int] = []
    told: list[tuple[int, str]] = []
    wanted = [(0, parse(FOREVER)), (1, parse('payload ~ "^on$"'))]
    rules = PatternRules(wanted, answered.append, lambda index, why: told.append((index, why)))
    rules.look(0, message(TRAP))
    assert (answered, told) == ([], []), "nothing is searched on the loop"
    await eventually(lambda: len(told) == 1, "it is said")
    assert told[0][0] == 0
    assert TOO_LONG in told[0][1]
    monkeypatch.setattr(searched, "PATIENCE", 60.0)
    rules.look(0, message(b"aaa"))
    rules.look(1, message(b"off"))
    rules.look(1, message(b"ON"))
    await eventually(lambda: answered == [1], "the other rule answers")


async def test_what_does_not_fit_is_left_out_and_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_WAITING", 10)
    blocked = threading.Event()
    monkeypatch.setattr(PatternRules, "_run", lambda self, loop: blocked.wait(60))
    told: list[str] = []
    rules = PatternRules([(0, parse(FOREVER))], lambda index: None, lambda index, why: told.append(why))
    for _ in range(50):
        rules.look(0, message(b"a"))
    blocked.set()
    assert len(rules._waiting) == 10
    assert len(told) == 1
    assert "not looked at" in told[0]


async def test_the_thread_ends_when_nothing_comes_and_begins_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "IDLE_SECONDS", 0.01)
    answered: list[int] = []
    rules = PatternRules([(3, parse('payload ~ "^on"'))], answered.append, lambda index, why: None)
    for count in (1, 2):
        rules.look(3, message(b"on"))
        await eventually(lambda: len(answered) == count, "an answer")  # noqa: B023
        await eventually(lambda: not rules._running, "the thread ended")
    assert answered == [3, 3]
    await asyncio.sleep(0)
