"""Values inside JSON payloads, and the paths to them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mqttx_tui.model.errors import InputError
from mqttx_tui.model.jsonpath import EVERY, parse_path, path_text
from mqttx_tui.payload.fields import extract, extract_text, json_value, paths

DATA = b'{"event":{"event_type":"call"},"a":{"b":[5,{"x y":null}]},"n":21.40,"t":true,"a":1}'


@pytest.mark.parametrize(
    ("path", "value", "text"),
    [
        (".event.event_type", "call", "call"),
        (".a.b[0]", 5, "5"),
        ('.a.b[1]."x y"', None, "null"),
        (".n", 21.4, "21.4"),
        (".t", True, "true"),
        (".event", {"event_type": "call"}, '{"event_type":"call"}'),
        (".a.b[*]", 5, "5"),
        (".missing", None, None),
        (".a.b[7]", None, None),
        (".n.x", None, None),
    ],
)
def test_extracting(path: str, value: Any, text: str | None) -> None:
    assert extract(DATA, path) == value
    assert extract_text(DATA, path) == text


def test_what_is_not_json_has_no_values() -> None:
    assert extract(b"ON", ".a", "none") == "none"
    assert extract_text(b"\xff", ".") is None
    assert extract(b"21.4", ".") == 21.4
    for data in (b"NaN", b"{", b"\xff", b"[" * 100_000):
        with pytest.raises(ValueError):
            json_value(data)


@pytest.mark.parametrize(
    ("path", "column"), [("a", 1), (".a[", 3), (".a b", 3), ('."a', 2), (".a..b", 4), ("", 1)]
)
def test_a_bad_path_names_its_column(path: str, column: int) -> None:
    with pytest.raises(InputError, match=f"column {column}:"):
        extract(DATA, path)


@given(st.lists(st.text() | st.integers(0, 100) | st.just(EVERY), max_size=5).map(tuple))
def test_paths_are_read_as_they_are_written(steps: tuple[str | int, ...]) -> None:
    if any(isinstance(step, str) and step.endswith("\\") for step in steps):
        return
    assert parse_path(path_text(steps)) == steps


def test_the_paths_of_a_payload() -> None:
    assert paths(b'{"a":{"b":[{"c":1},{"d":2}]},"x y":1}') == [
        ".a",
        '."x y"',
        ".a.b",
        ".a.b[*]",
        ".a.b[*].c",
        ".a.b[*].d",
    ]
    assert paths(b"ON") == []
    assert len(paths(json.dumps({str(key): key for key in range(1000)}).encode())) == 200
