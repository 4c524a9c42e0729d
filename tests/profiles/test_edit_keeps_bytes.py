"""Saving one connection changes the table of that connection, and not one byte elsewhere."""

from __future__ import annotations

import copy
import re
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import tomli_w
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mqttx_tui.model.profile import Profile
from mqttx_tui.profiles import rewrite
from mqttx_tui.profiles.load import parse
from mqttx_tui.profiles.rewrite import same
from tests.profiles.toml_files import File, files, tables

ANYTHING = r"[\s\S]*?"
KNOBS = settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)


def assert_others_untouched(file: File, owner: str, text: str) -> None:
    """Everything that is not ``owner``'s is there, in order, with only its text between."""
    pattern = ""
    for piece in file.pieces:
        if piece.owner != owner:
            pattern += re.escape(piece.text)
        elif not pattern.endswith(ANYTHING):
            pattern += ANYTHING
    assert re.fullmatch(pattern + ANYTHING, text), text


def loaded(text: str) -> dict[str, Profile]:
    """Profiles by key, without the lines that they stand on."""
    file = parse(text.encode(), Path("c.toml"))
    assert file.problems == ()
    return {item.key: replace(item, line=0, read_only_line=0) for item in file.profiles}


def assert_reads_as(text: str, wanted: dict[str, Any]) -> None:
    """The text holds exactly ``wanted``, as TOML and as profiles, with one kind of line end."""
    assert "\r\n" not in text or "\n" not in text.replace("\r\n", "")
    assert same(tomllib.loads(text), wanted)
    assert loaded(text) == loaded(tomli_w.dumps(wanted))


@st.composite
def changed(draw: st.DrawFn, table: dict[str, Any]) -> dict[str, Any]:
    """The table with keys changed, added and removed, and items of its arrays too."""
    other = draw(tables())
    result = copy.deepcopy(table)
    for name in draw(st.sets(st.sampled_from(sorted({*table, *other})))) - {"url"}:
        old, new = table.get(name), other.get(name)
        if new is None:
            result.pop(name, None)
        elif isinstance(old, list) and isinstance(new, list) and name in ("subscriptions", "exclude"):
            mixed = draw(st.permutations([*old, *new])) if draw(st.booleans()) else [*old[1:], *new]
            result[name] = list(dict.fromkeys(item for item in mixed if isinstance(item, str)))
        else:
            result[name] = new
    return result


def some_key(file: File, data: st.DataObject) -> str:
    return str(data.draw(st.sampled_from(list(file.content["connections"]))))


@KNOBS
@given(file=files(), data=st.data())
def test_replace(file: File, data: st.DataObject) -> None:
    key = some_key(file, data)
    table = data.draw(changed(file.content["connections"][key]))
    text = rewrite.replace(file.text, key, table)
    wanted = copy.deepcopy(file.content)
    wanted["connections"][key] = table
    assert_reads_as(text, wanted)
    assert_others_untouched(file, key, text)


@KNOBS
@given(file=files(), data=st.data())
def test_replace_under_another_key(file: File, data: st.DataObject) -> None:
    key = some_key(file, data)
    table = data.draw(changed(file.content["connections"][key]))
    text = rewrite.replace(file.text, key, table, new_key="new name")
    wanted = copy.deepcopy(file.content)
    del wanted["connections"][key]
    wanted["connections"]["new name"] = table
    assert_reads_as(text, wanted)
    assert_others_untouched(file, key, text)


@KNOBS
@given(file=files(), data=st.data())
def test_delete(file: File, data: st.DataObject) -> None:
    key = some_key(file, data)
    text = rewrite.delete(file.text, key)
    wanted = copy.deepcopy(file.content)
    del wanted["connections"][key]
    if "connections" not in tomllib.loads(text):
        assert wanted.pop("connections") == {}
    assert_reads_as(text, wanted)
    assert text == "".join(piece.text for piece in file.pieces if piece.owner != key)


@KNOBS
@given(file=files(), table=tables())
def test_add(file: File, table: dict[str, Any]) -> None:
    text = rewrite.add(file.text, "new one", table)
    wanted = copy.deepcopy(file.content)
    wanted["connections"]["new one"] = table
    assert_reads_as(text, wanted)
    assert text.startswith(file.text)


@KNOBS
@given(file=files(), data=st.data())
def test_copy_behind_the_original(file: File, data: st.DataObject) -> None:
    key = some_key(file, data)
    text = rewrite.add(file.text, "a copy", file.content["connections"][key], after=key)
    wanted = copy.deepcopy(file.content)
    wanted["connections"]["a copy"] = wanted["connections"][key]
    assert_reads_as(text, wanted)
    at = next((i for i in range(len(file.text) + 1) if _is_insertion(file.text, text, i)), None)
    assert at is not None, text


def _is_insertion(old: str, new: str, at: int) -> bool:
    rest = len(old) - at
    return new.startswith(old[:at]) and (rest == 0 or new.endswith(old[at:]))


@KNOBS
@given(file=files(), data=st.data())
def test_an_unchanged_table_keeps_every_byte(file: File, data: st.DataObject) -> None:
    key = some_key(file, data)
    assert rewrite.replace(file.text, key, copy.deepcopy(file.content["connections"][key])) == file.text
