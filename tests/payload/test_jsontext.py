"""JSON laid out again says what it said."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mqttx_tui.payload.jsontext import JsonTextError, check, pretty
from tests.payload.test_outline import JSON_TEXTS

_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(_values, st.booleans())
def test_it_looks_as_the_standard_library_makes_it(value: object, ascii_only: bool) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only)
    assert pretty(text) == json.dumps(value, ensure_ascii=ascii_only, indent=2)


def test_order_equal_keys_big_numbers_and_spelling_stay() -> None:
    text = r'{"z":1.10,"a":1E5,"a":12345678901234567890123,"s":"é\/\n","e":{},"l":[ ]}'
    assert pretty(text) == "\n".join(
        [
            "{",
            '  "z": 1.10,',
            '  "a": 1E5,',
            '  "a": 12345678901234567890123,',
            r'  "s": "é\/\n",',
            '  "e": {},',
            '  "l": []',
            "}",
        ]
    )


@pytest.mark.parametrize(
    ("text", "line", "column", "expected"),
    [
        ("", 1, 1, "a value"),
        ("{", 1, 2, "a key in double quotes or }"),
        ('{"a" 1}', 1, 6, "a colon"),
        ('{"a":\n  1,}', 2, 5, "a key in double quotes"),
        ('{"a":1 "b":2}', 1, 8, "a comma or }"),
        ("[1 2]", 1, 4, "a comma or ]"),
        ("[1,]", 1, 4, "a value"),
        ("[1", 1, 3, "a comma or ]"),
        ("{} x", 1, 4, "nothing after the end"),
        ("{'a':1}", 1, 2, "a key in double quotes"),
        ("[01]", 1, 2, "a value"),
        ("NaN", 1, 1, "a value"),
        ('["\t"]', 1, 2, "a value"),
        ("[tru]", 1, 2, "a value"),
        ("[1]]", 1, 4, "nothing after the end"),
        ('["\\x"]', 1, 2, "a value"),
    ],
)
def test_errors_name_line_and_column(text: str, line: int, column: int, expected: str) -> None:
    with pytest.raises(JsonTextError) as caught:
        check(text)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert caught.value.expected.startswith(expected)
    assert str(caught.value).startswith(f"line {line}, column {column}: expected ")


@settings(max_examples=300)
@given(text=_values.map(json.dumps) | st.text(alphabet='{}[]",:0123456789.eE+-truefalsn \\\n', max_size=20))
def test_it_takes_exactly_what_json_is(text: str) -> None:
    def refuse(constant: str) -> None:
        raise ValueError(constant)

    try:
        json.loads(text, parse_constant=refuse)
        expected = True
    except ValueError:
        expected = False
    try:
        check(text)
        taken = True
    except JsonTextError:
        taken = False
    assert taken == expected


@given(_values, st.data())
def test_a_beginning_of_json_is_laid_out_as_far_as_it_goes(value: object, data: st.DataObject) -> None:
    text = json.dumps(value)
    cut = text[: data.draw(st.integers(0, len(text)))]
    shown = pretty(cut, complete=False)
    assert "".join(shown.split()) == "".join(cut.split())


def test_a_beginning_of_something_else_is_refused() -> None:
    for text in ('{"a":1,,', "[1,2}", "x"):
        with pytest.raises(JsonTextError):
            pretty(text, complete=False)


def test_deep_nesting_costs_no_gigabytes() -> None:
    assert len(pretty("[" * 65_536, complete=False)) < 10_000_000
    assert pretty("[" * 2000 + "]" * 2000).count("[") == 2000


@given(JSON_TEXTS, st.sampled_from(["", " ", "\n\t "]))
def test_the_short_way_lays_out_what_the_careful_one_does(text: str, blanks: str) -> None:
    assert pretty(blanks + text + blanks) == pretty(blanks + text + blanks, complete=False)
