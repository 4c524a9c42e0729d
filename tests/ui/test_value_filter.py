"""A filter made from a value on screen finds that very message."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mqttx_tui.capture.filters import parse
from mqttx_tui.capture.filters.evaluate import FilterMessage, matches
from mqttx_tui.model.errors import InputError
from mqttx_tui.model.jsonpath import parse_path
from mqttx_tui.payload.jsontext import pretty
from mqttx_tui.payload.outline import Outline
from mqttx_tui.ui.value_filter import MOST_TEXT, filter_for, filter_for_text, path_of
from tests.filters.in_memory import found_by_sql
from tests.payload.test_outline import JSON_TEXTS

TOPICS = st.sampled_from(["site/7/temp", 'a "b"/c', "a\\", "Ätna", "$SYS/load", "a\nb", ""]) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="+#"), max_size=8
)


def finds(text: str, payload: bytes, topic: str) -> bool:
    message = FilterMessage(at=1, topic=topic, flags=0, size=1, payload=payload)
    found = matches(parse(text), message)
    assert found_by_sql(text, [message]) == [found]
    return found


@given(JSON_TEXTS, TOPICS)
def test_the_filter_of_every_line_finds_its_message(text: str, topic: str) -> None:
    outline = Outline(pretty(text))
    for line in range(len(outline.lines)):
        steps = outline.path(line)
        if any(isinstance(step, str) and step.endswith("\\") for step in steps):
            with pytest.raises(InputError):
                path_of(steps)
        elif outline.reachable(line):
            assert parse_path(path_of(steps)) == steps
            assert finds(filter_for(topic, steps, outline.value(line)), text.encode(), topic)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=20), TOPICS)
def test_the_filter_of_a_text_finds_its_message(text: str, topic: str) -> None:
    wanted = filter_for_text(topic, text)
    if text.strip(" \t\r\n") or not text:
        assert finds(wanted, text.encode(), topic)


def test_how_it_is_spelled() -> None:
    assert filter_for("site/7/temp", ("a", "b"), "21.4") == 'topic == "site/7/temp" and .a.b == 21.4'
    assert filter_for("t", ("a b", 0), '"C"') == 'topic == "t" and ."a b"[0] == "C"'
    assert filter_for("t", ("n",), "21.40", ">") == 'topic == "t" and .n > 21.40'
    assert filter_for("t", ("n",), '"x"', ">") == 'topic == "t" and .n == "x"'
    assert filter_for("", ("type",), "null") == ".type == null"
    assert filter_for("t", (), "21.4") == 'topic == "t" and . == 21.4'
    assert filter_for("t", ("o",), '{\n  "a": 1\n}') == 'topic == "t" and .o'
    assert filter_for("t", (), "{}") == 'topic == "t"'
    assert filter_for("", (), "[\n  1\n]") == "json"
    assert filter_for("t", ("s",), json.dumps("x" * (MOST_TEXT + 1))) == 'topic == "t" and .s'
    assert filter_for_text("t", "ON\n") == 'topic == "t" and . == "ON"'
    assert filter_for_text("t", "") == 'topic == "t" and empty'


def test_what_the_language_cannot_say_is_refused() -> None:
    for steps in (("a\\",), ("\ud800",)):
        with pytest.raises(InputError, match="no filter can name"):
            path_of(steps)
    with pytest.raises(InputError, match="too long"):
        filter_for_text("t", "x" * (MOST_TEXT + 1))
