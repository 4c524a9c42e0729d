"""Rows of JSON: folds, where they lead, and what stands beside them."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from mqttx_tui.payload.changes import compared
from mqttx_tui.payload.jsontext import pretty
from mqttx_tui.ui.json_document import TOPICS_REMEMBERED, JsonDocument, Look, Looks
from tests.payload.test_outline import JSON_TEXTS


def document(text: str, look: Look | None = None) -> JsonDocument:
    return JsonDocument(pretty(text), look or Look())


def text_of(shown: JsonDocument) -> list[str]:
    return ["".join(text for text, _ in shown.spans(row)) for row in range(len(shown.rows))]


def test_a_fold_hides_its_lines_and_shows_their_number() -> None:
    shown = document('{"a": {"b": [1, 2], "c": 3}, "d": []}')
    assert len(shown.rows) == 10
    assert shown.set_folded(1, True)
    assert text_of(shown) == ["{", '  "a": { … 6 lines },', '  "d": []', "}"]
    assert shown.set_folded(1, False)
    assert shown.set_folded(2, True)
    assert text_of(shown)[2] == '    "b": [ … 3 lines ],'
    assert not shown.set_folded(5, True), "a scalar does not fold"
    assert not shown.set_folded(2, True), "it is folded already"


@given(JSON_TEXTS, st.data())
def test_what_is_hidden_is_what_the_folds_say(text: str, data: st.DataObject) -> None:
    shown = document(text)
    opening = [line for line in range(len(shown.outline.lines)) if shown.outline.opens(line)]
    reachable = [line for line in opening if shown.outline.reachable(line)]
    for line in data.draw(st.lists(st.sampled_from(reachable), max_size=4)) if reachable else []:
        shown.set_folded(line, not shown.is_folded(line))
    hidden = sum(shown.outline.end(line) - line for line in shown.rows if shown.is_folded(line))
    assert len(shown.rows) + hidden == len(shown.outline.lines)
    for row, line in enumerate(shown.rows):
        assert shown.row_of(line) == row
        if shown.is_folded(line):
            inside = range(line, shown.outline.end(line) + 1)
            assert {shown.row_of(each) for each in inside} == {row}
            assert f" … {len(inside) - 1:,} lines " in text_of(shown)[row]


@given(JSON_TEXTS)
def test_everything_folds_but_the_outermost_brackets(text: str) -> None:
    shown = document(text)
    whole = text_of(shown)
    shown.fold_all(True)
    assert all(shown.outline.parent(line) <= 0 for line in shown.rows)
    assert all(shown.is_folded(line) for line in shown.rows if line and shown.outline.opens(line))
    shown.fold_all(False)
    assert text_of(shown) == whole


def test_folds_belong_to_the_topic_and_hold_for_its_next_message() -> None:
    memory = Looks()
    first = document('{"a": {"x": 1}, "b": {"y": 2}}', memory.of(1))
    first.set_folded(first.outline.find(("b",)) or 0, True)
    later = '{"new": 0, "b": {"y": 3, "z": 4}}'
    assert text_of(document(later, memory.of(1)))[2] == '  "b": { … 3 lines }'
    assert len(text_of(document(later, memory.of(2)))) == 7, "another connection's topic"
    document("{}", memory.of(1))
    assert len(text_of(document(later, memory.of(1)))) == 4, "a message without it changes nothing"
    everything = document(later, memory.of(1))
    everything.fold_all(True)
    everything.set_folded(everything.outline.find(("b",)) or 0, False)
    again = document('{"b": {"y": {"q": 1}}, "c": [1]}', memory.of(1))
    assert text_of(again) == ["{", '  "b": {', '    "y": { … 2 lines }', "  },", '  "c": [ … 2 lines ]', "}"]
    for number in range(TOPICS_REMEMBERED):
        memory.of(100 + number)
    assert memory.of(1) == Look(), "the topic seen longest ago is forgotten"


def test_the_cursor_finds_its_path_or_what_is_left_of_it() -> None:
    shown = document('{"a": {"b": [1, {"c": 2}]}, "z": 1}')
    assert shown.rows[shown.nearest_row(("a", "b", 1, "c"))] == 5
    assert shown.rows[shown.nearest_row(("a", "b", 7, "c"))] == 2
    assert shown.nearest_row(("gone",)) == 0
    shown.set_folded(1, True)
    assert shown.nearest_row(("a", "b", 1, "c")) == 1, "on the fold that hides it"


def test_what_changed_stands_beside_its_line() -> None:
    old = {"value": 21.4, "unit": "C", "o": {"x": 1, "y": 1}, "l": [1, 2], "lost": 1}
    new = {"value": 22.0, "unit": "C", "o": {"x": 2, "y": 1}, "l": [1], "extra": [{"k": 1}]}
    shown = document(json.dumps(new))
    assert [shown.note(row) for row in range(len(shown.rows))] == [""] * len(shown.rows)
    found = compared(json.dumps(new), json.dumps(old))
    assert found is not None
    shown.compare(found)
    notes = {text.strip(): shown.note(row) for row, text in enumerate(text_of(shown)) if shown.note(row)}
    assert notes == {
        '"value": 22.0,': "was 21.4  (+0.6)",
        '"x": 2,': "was 1  (+1)",
        '"extra": [': "new",
    }
    assert shown.gone == "gone: lost, l[1]"
    shown.set_folded(shown.outline.find(("o",)) or 0, True)
    assert shown.note(3) == "changed"


def test_a_second_equal_key_has_no_former_value() -> None:
    shown = document('{"a": 1, "a": 2}')
    found = compared('{"a": 1, "a": 2}', '{"a": 0}')
    assert found is not None
    shown.compare(found)
    assert [shown.note(row) for row in range(4)] == ["", "was 0  (+1)", "", ""]


def test_the_column_of_changes_stays_while_values_grow() -> None:
    columns = {document(json.dumps({"value": value})).column(80) for value in (1, 21.4, 1234.5)}
    assert columns == {24}
    wide = document(json.dumps({"text": "x" * 300}))
    assert wide.column(80) == 50
    assert wide.column(40) == 24
