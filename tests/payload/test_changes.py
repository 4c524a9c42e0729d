"""What changed, in words."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mqttx_tui.payload import changes
from tests.payload.test_outline import JSON_TEXTS


@pytest.mark.parametrize(
    ("new", "old", "said"),
    [
        ("22.0", "21.4", "was 21.4  (+0.6)"),
        ("21.4", "22.0", "was 22.0  (-0.6)"),
        ("0.3", "0.1", "was 0.1  (+0.2)"),
        ("100", "-5", "was -5  (+105)"),
        ("1e30", "1", "was 1  (+1e+30)"),
        ("1.0", "1.00", ""),
        ("1E999999999", "-1E999999999", "was -1E999999999"),
        ('"C"', '"F"', 'was "F"'),
        ('"C"', '"C"', ""),
        ("true", "false", "was false"),
        ("1", "true", "was true"),
        ("1", '"1"', 'was "1"'),
        ("null", "0", "was 0"),
        ('{"a":1}', '{"a":2}', ""),
        ('{"a":1}', "[1]", "was […]"),
        ("[1]", "{}", "was {}"),
        ('"x"', f'"{"y" * 60}"', 'was "' + "y" * 38 + "…"),
    ],
)
def test_a_value_and_what_it_was(new: str, old: str, said: str) -> None:
    assert changes.note(changes.parsed(new), changes.parsed(old)) == said


def test_what_was_not_there_is_new_and_what_is_no_json_is_missing() -> None:
    assert changes.note(changes.parsed("1"), changes.MISSING) == "new"
    assert changes.parsed("{") is changes.parsed("[" * 100_000) is changes.parsed("NaN") is changes.MISSING
    assert changes.text_note("ON", "OFF") == "was OFF"
    assert changes.text_note("ON", "ON") == ""
    assert changes.text_note("ON", "") == "was empty"


def test_what_is_gone_is_named_by_its_path() -> None:
    old = changes.parsed('{"unit": "C", "b": {"level": 1, "x y": 2}, "l": [1, {"k": 1}, 3], "o": {"p": 1}}')
    new = changes.parsed('{"b": {}, "l": [1, {}], "o": 1}')
    assert changes.gone(new, old) == 'gone: unit, b.level, b."x y", l[2], l[1].k'
    assert changes.gone(old, new) == ""
    many = {str(number): number for number in range(20)}
    assert changes.gone({}, many) == "gone: 0, 1, 2, 3, 4, 5, 6, 7 and 12 more"


def test_a_folded_object_says_whether_anything_inside_changed() -> None:
    old, new = changes.parsed('{"a": [1]}'), changes.parsed('{"a": [2]}')
    assert changes.folded_note(new, old) == "changed"
    assert changes.folded_note(new, changes.parsed('{"a": [1.0]}')) == "changed"
    assert changes.folded_note(old, old) == ""
    assert changes.folded_note(old, changes.MISSING) == "new"


@given(JSON_TEXTS)
def test_nothing_changed_says_nothing(text: str) -> None:
    value = changes.parsed(text)
    assert changes.note(value, changes.parsed(text)) == changes.gone(value, value) == ""


@given(st.decimals(-(10**6), 10**6, places=4), st.decimals(-(10**6), 10**6, places=4))
def test_the_difference_is_exact(new: Decimal, old: Decimal) -> None:
    said = changes.note(changes.parsed(str(new)), changes.parsed(str(old)))
    if new == old:
        assert said == ""
    else:
        assert Decimal(said.rsplit("(")[1].rstrip(")")) == new - old
        assert said.startswith(f"was {old}  (")


def test_every_former_value_has_a_note() -> None:
    values = [json.dumps(value) for value in (1, "x", True, None, [1], {"a": 1})]
    for new in values:
        for old in values:
            assert bool(changes.note(changes.parsed(new), changes.parsed(old))) == (new != old)


def test_of_what_is_new_as_a_whole_only_the_outermost_says_so() -> None:
    found = changes.compared(
        '{"o": {"a": {"b": 1}}, "l": [1, 2], "t": {"x": 1}}', '{"o": {}, "l": [1], "t": 5}'
    )
    assert found is not None
    assert found.note(("o", "a")) == found.note(("l", 1)) == "new"
    assert found.note(("o", "a", "b")) == found.note(("t", "x")) == found.note(("l", 0)) == ""
    assert found.note(("t",)) == "was 5"
    assert found.note(("o",), folded=True) == "changed"
    assert changes.compared("{", "1") is None


def test_a_payload_that_was_no_json() -> None:
    for new, old, said in (
        ("21.4", "unavailable\n", "was unavailable"),
        ("21.4", "", "was empty"),
        ('{"a": 1}', "offline", "was offline"),
    ):
        found = changes.compared(new, old)
        assert found is not None
        assert (found.note(()), found.gone) == (said, "")
