"""What is offered while a filter is typed."""

from __future__ import annotations

import pytest

from mqttx_tui.capture.filters.complete import Completion, complete

SEEN = {
    "paths": [".value", ".unit", ".StatusSNS.DS18B20-1"],
    "topics": ["site/7/temp", "living room/1"],
    "users": ["trace"],
    "connections": ["A", "greenhouse"],
}


def offered(text: str) -> list[str]:
    return [option.text for option in complete(text, len(text), **SEEN).options]


@pytest.mark.parametrize(
    ("text", "options"),
    [
        (".", [".value", ".unit", ".StatusSNS.DS18B20-1"]),
        (".va", [".value"]),
        ("site/# .u", [".unit"]),
        ("ret", ["retained"]),
        ("topic == s", ["site/7/temp"]),
        ("topic == ", ["site/7/temp", '"living room/1"']),
        ("dir == ", ["in", "out"]),
        ("kind in (mqtt, b", ["binary"]),
        ("conn=", ["A", "greenhouse"]),
        ("prop.resp", ["prop.response_topic"]),
        ("user.", ["user.trace"]),
        ("at > m", ["mark"]),
        (".on == t", ["true"]),
        ("packet == puba", ["PUBACK"]),
        ("size > ", []),
        ("retained an", ["and"]),
    ],
)
def test_what_fits_is_offered(text: str, options: list[str]) -> None:
    found = offered(text)
    assert found[: len(options)] == options
    assert bool(found) == bool(options)


def test_the_word_at_the_cursor_is_what_is_replaced() -> None:
    text = "site/# .va > 3"
    found = complete(text, 10, **SEEN)
    assert found == Completion(7, 10, found.options)
    assert [option.text for option in found.options] == [".value"]


def test_topics_are_offered_as_text_and_nothing_joins_two_tests_at_the_start() -> None:
    assert "site/7/temp" in offered("te")
    assert "and" not in offered("")
    assert "and" in offered("retained ")
