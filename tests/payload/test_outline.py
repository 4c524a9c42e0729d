"""Lines of laid-out JSON know what they open, hold and are called."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mqttx_tui.model.jsonpath import loads, loads_spelled, walk
from mqttx_tui.payload.jsontext import pretty
from mqttx_tui.payload.outline import Outline

KEYS = st.sampled_from(["a", "b", "a b", 'q"q', "0", "", "a\\", "ü", "x/y", "\n", "a.b"]) | st.text(
    max_size=5
)
NUMBERS = st.sampled_from(["1.10", "1E5", "-0", "12345678901234567890123", "0.1e-7", "21.4"])
JSON_TEXTS = st.recursive(
    NUMBERS
    | st.sampled_from(["true", "false", "null", '"é\\/\\n"', '"a,"', '""'])
    | st.text(max_size=6).map(json.dumps),
    lambda inner: (
        st.lists(inner, max_size=4).map(lambda items: "[" + ", ".join(items) + "]")
        | st.lists(st.tuples(KEYS.map(json.dumps), inner), max_size=4).map(
            lambda pairs: "{" + ",".join(f"{key}:{value}" for key, value in pairs) + "}"
        )
    ),
    max_leaves=15,
)
"""JSON with odd keys, equal keys, and numbers whose spelling matters."""


def same(text: str, value: Any) -> bool:
    """Whether a JSON text says a value that ``loads_spelled`` made."""
    return bool(loads_spelled(text) == value)


@given(JSON_TEXTS)
def test_the_path_of_each_line_leads_to_its_value(text: str) -> None:
    outline, whole = Outline(pretty(text)), loads_spelled(text)
    for line in range(len(outline.lines)):
        if outline.reachable(line):
            (found,) = walk(whole, outline.path(line))
            assert same(outline.value(line), found)
            assert outline.find(outline.path(line)) == outline.start(line)


@given(JSON_TEXTS)
def test_a_value_keeps_the_spelling_of_every_token(text: str) -> None:
    outline = Outline(pretty(text))
    for line in range(len(outline.lines)):
        assert pretty(outline.value(line)) == outline.value(line)
    assert outline.value(0) == pretty(text)


@given(JSON_TEXTS)
def test_what_opens_is_closed_behind_everything_inside(text: str) -> None:
    outline = Outline(pretty(text))
    for line in range(len(outline.lines)):
        start, end = outline.start(line), outline.end(outline.start(line))
        assert start <= line <= end
        assert outline.opens(start) == (end > start)
        parent = outline.parent(line)
        assert -1 <= parent < start
        assert parent < 0 or end < outline.end(parent)


def test_equal_keys_all_stay_and_only_the_first_can_be_reached() -> None:
    outline = Outline(pretty('{"a": 1.10, "a": {"b": 2}, "\\u0061": 3}'))
    assert [outline.reachable(line) for line in range(len(outline.lines))] == [
        True, True, False, False, False, False, True,
    ]  # fmt: skip
    assert [outline.value(line) for line in (1, 3, 5)] == ["1.10", "2", "3"]
    assert outline.find(("a",)) == 1


def test_what_is_copied() -> None:
    outline = Outline(pretty('{"s": "a\\n\\"b\\"", "o": {"x": [1, {}]}, "n": 1E5, "t": true}'))
    assert outline.plain(1) == 'a\n"b"'
    assert outline.plain(2) == '{\n  "x": [\n    1,\n    {}\n  ]\n}'
    assert outline.plain(7) == outline.plain(2), "the closing bracket belongs to its object"
    assert (outline.plain(8), outline.plain(9)) == ("1E5", "true")
    assert outline.find(("o", "x", 1)) == 5
    assert outline.find(("o", 0)) is outline.find(("o", "x", 2)) is outline.find(("s", "x")) is None


def test_very_deep_nesting_neither_fails_nor_loses_its_margin() -> None:
    text = "[" * 2000 + '{"a":1}' + "]" * 2000
    outline = Outline(pretty(text))
    assert loads(outline.value(100).replace("\n", "").replace(" ", "")[1901 - 1 : -1900]) == {"a": 1}
    assert outline.path(2001) == (*[0] * 2000, "a")
