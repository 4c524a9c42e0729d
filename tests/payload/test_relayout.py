"""JSON between one line and many, without changing what it says."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mqttx_tui.payload.jsontext import JsonTextError
from mqttx_tui.payload.relayout import minify, relayout

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(), inside, max_size=4),
    max_leaves=12,
)


@given(values)
def test_there_and_back(value: object) -> None:
    compact = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    indented = relayout(compact)
    assert minify(indented) == compact
    assert json.loads(indented) == value
    assert relayout(indented) == compact


def test_numbers_and_blanks_in_strings_stay_as_written() -> None:
    assert minify('{ "a b" : 1.50 , "c" : "x \\" y" }') == '{"a b":1.50,"c":"x \\" y"}'


def test_what_is_no_json_is_placed() -> None:
    for change in (minify, relayout):
        with pytest.raises(JsonTextError, match="line 1, column 7"):
            change('{"a": }')
