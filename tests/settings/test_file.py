"""The settings file: what can be used, what is named, and that a change touches its own line only."""

from __future__ import annotations

import dataclasses
import stat
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mqttx_tui.model.errors import AppError
from mqttx_tui.profiles.settings import SETTINGS, Setting, Settings, settings_path
from mqttx_tui.profiles.settings_read import load_settings, parse_settings
from mqttx_tui.profiles.settings_write import create, documented, set_keys, set_setting, with_value, written

PLACE = Path("settings.toml")
BY_NAME = {setting.name: setting for setting in SETTINGS}
OTHERS: dict[str, Any] = {
    "theme": "nord",
    "time": "utc",
    "mouse": False,
    "glyphs": "ascii",
    "low_memory": True,
    "columns": ("time", "topic"),
    "topic_width": 30,
    "messages": 5000,
    "bytes": 64_000_000,
    "topics": 500,
    "core_share": 0.5,
    "bytes_per_second": 100_000,
    "bytes_per_second_ssh": 9_000,
}
"""A value other than the default for each setting."""


def read(text: str) -> Settings:
    found = parse_settings(text.encode(), PLACE)
    assert found.problems == ()
    return found.settings


def problems(text: str) -> list[str]:
    return [str(problem) for problem in parse_settings(text.encode(), PLACE).problems]


def test_every_setting_has_its_place_and_its_field() -> None:
    fields = {field.name for field in dataclasses.fields(Settings)}
    assert {setting.name for setting in SETTINGS} | {"keys"} == fields
    assert set(OTHERS) == set(BY_NAME)
    assert len({setting.path for setting in SETTINGS}) == len(SETTINGS)


def test_a_missing_file_is_the_defaults(tmp_path: Path) -> None:
    assert load_settings(tmp_path / "none.toml").settings == Settings()
    assert settings_path(tmp_path / "connections.toml") == tmp_path / "settings.toml"


def test_the_documented_file_is_the_defaults_and_says_so() -> None:
    assert read(documented()) == Settings()
    for setting in SETTINGS:
        assert f"# {setting.path[-1]} = {written(setting, setting.default)}\n" in documented()


def test_the_documented_file_without_its_marks_is_the_defaults_too() -> None:
    lines = documented().splitlines()
    bare = [line[2:] if line[2:].partition(" = ")[0].isidentifier() else line for line in lines]
    content = tomllib.loads("\n".join(bare))
    assert content["theme"] == "auto"
    assert read("\n".join(bare)) == Settings()


@pytest.mark.parametrize("name", sorted(OTHERS))
def test_every_setting_is_read_written_and_taken_out_again(name: str, tmp_path: Path) -> None:
    setting = BY_NAME[name]
    file = set_setting(load_settings(tmp_path / "settings.toml"), setting, OTHERS[name])
    assert getattr(file.settings, name) == OTHERS[name]
    assert load_settings(file.path) == file
    before, after = documented().splitlines(), file.text.splitlines()
    assert [line for line in after if line not in before] == [
        f"{setting.path[-1]} = {written(setting, OTHERS[name])}"
    ]
    assert len(after) == len(before) + 1
    assert set_setting(file, setting, None).text == documented()
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("them = 'x'", "settings.toml:1: them: unknown setting — did you mean theme?"),
        (
            "\n[columns]\ntopic_with = 9",
            "settings.toml:3: columns.topic_with: unknown setting — did you mean",
        ),
        ("topic_width = 9", "did you mean columns.topic_width?"),
        ("mouse = 1", "settings.toml:1: mouse: is true or false"),
        ("time = 'iso8601'", "time: is one of s, ms, us, date, utc, iso"),
        ("[retention]\nmessages = 5", "settings.toml:2: retention.messages: lies between 100 and"),
        ("[retention]\nbytes = '5 XB'", "not a size such as"),
        ("[paint]\ncore_share = true", "paint.core_share: needs a number"),
        ("[columns]\nshown = ['time', 'colour']", "columns.shown: knows no 'colour'"),
        ("columns = 3", "columns: is a table"),
        ("[keys]\nexclude = 3", "settings.toml:2: keys.exclude: needs a key in quotes"),
        ("theme = nord", "settings.toml:1: not valid TOML"),
    ],
)
def test_a_bad_line_is_named(text: str, said: str) -> None:
    (found,) = problems(text)
    assert said in found


def test_one_bad_line_keeps_nothing_else_from_being_used() -> None:
    found = parse_settings(
        b'theme = "nord"\nmouse = "no"\nnonsense = 1\n[keys]\nexclude = "X"\nzoom = 0\n', PLACE
    )
    assert found.settings == Settings(theme="nord", keys={"exclude": ("X",)})
    assert [(problem.line, problem.key) for problem in found.problems] == [
        (2, "mouse"),
        (3, "nonsense"),
        (6, "zoom"),
    ]


def test_a_file_that_is_no_text_or_no_file_is_a_problem(tmp_path: Path) -> None:
    assert "not UTF-8" in str(parse_settings(b"theme = '\xff'", PLACE).problems[0])
    assert load_settings(tmp_path).problems


def test_keys_are_written_quoted_or_nested() -> None:
    text = '[keys]\n"mark.topic" = "*"\nlist.up = ["up", "k"]\nmark = "m"\n'
    assert read(text).keys == {"mark.topic": ("*",), "list.up": ("up", "k"), "mark": ("m",)}


def test_keys_are_changed_where_they_stand(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text('[keys]\n"mark.topic" = "*" # mine\nlist.up = "k"\n')
    file = set_keys(load_settings(path), "list.up", ("w",))
    file = set_keys(file, "mark.topic", ("+", "ctrl+t"))
    file = set_keys(file, "mark", ("M",))
    assert file.text == '[keys]\n"mark.topic" = ["+", "ctrl+t"] # mine\nlist.up = "w"\nmark = "M"\n'
    assert set_keys(file, "mark.topic", None).text == '[keys]\nlist.up = "w"\nmark = "M"\n'


def test_what_a_person_wrote_stays() -> None:
    text = "# mine\r\ntheme   =   'nord' # cold\r\n\r\n[paint] # slow\r\ncore_share = 0.1\r\n"
    assert with_value(text, ("theme",), "gruvbox") == text.replace("'nord'", '"gruvbox"')
    assert with_value(text, ("mouse",), False) == text.replace("cold\r\n", "cold\r\nmouse = false\r\n")
    added = with_value(text, ("columns", "topic_width"), 20)
    assert added == text + "\r\n[columns]\r\ntopic_width = 20\r\n"
    inline = "paint = { core_share = 0.1 }\n"
    assert with_value(inline, ("paint", "core_share"), 0.2) == "paint = { core_share = 0.2 }\n"
    assert with_value("", ("mouse",), True) == "mouse = true\n"
    assert with_value("\ufefftheme = 'a'\n", ("mouse",), True) == "\ufefftheme = 'a'\nmouse = true\n"


def test_a_file_that_somebody_changed_or_broke_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    file = create(load_settings(path))
    path.write_text("theme = 'mine'\n")
    with pytest.raises(AppError, match="changed by somebody else"):
        set_setting(file, BY_NAME["mouse"], False)
    path.write_text("theme = mine\n")
    with pytest.raises(AppError, match="not valid TOML"):
        set_setting(load_settings(path), BY_NAME["mouse"], False)
    assert path.read_text() == "theme = mine\n"
    assert create(load_settings(path)).text == "theme = mine\n"


VALUES = st.one_of(
    st.booleans(), st.integers(0, 10**9), st.text(max_size=20), st.lists(st.text(max_size=5), max_size=3)
)
PATHS = st.sampled_from([setting.path for setting in SETTINGS] + [("keys", "mark.topic"), ("keys", "zoom")])


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(PATHS, st.one_of(st.none(), VALUES)), max_size=8), st.booleans())
def test_any_row_of_changes_holds_what_was_last_written(
    changes: list[tuple[tuple[str, ...], Any]], from_documented: bool
) -> None:
    text = documented() if from_documented else ""
    wanted: dict[tuple[str, ...], Any] = {}
    for path, value in changes:
        text = with_value(text, path, value)
        wanted[path] = value
    content = tomllib.loads(text)
    for path, value in wanted.items():
        below: Any = content
        for name in path:
            below = below.get(name) if isinstance(below, dict) else None
        assert below == value


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(SETTINGS), VALUES)
def test_a_value_is_taken_or_named_never_both(setting: Setting, value: Any) -> None:
    text = with_value("", setting.path, value)
    found = parse_settings(text.encode(), PLACE)
    if found.problems:
        assert found.settings == Settings()
        assert found.problems[0].place == setting.label
