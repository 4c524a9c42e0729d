"""Positions in TOML texts."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mqttx_tui.profiles.scan import Entry, ScanError, scan
from tests.profiles.toml_files import File, files

TEXT = '''\
a = 1  # one
"b c".d = """
two
lines ""\\" """
e = [
  "x", # first
  { f = 1979-05-27 07:32:00, g.h = [1] },
]

[t.'u v']
i = \'\'\'it''s\'\'\'\'
[[t.w]]
[[t.w]]
[t.w.x]
j = inf
'''


def test_lines() -> None:
    document = scan(TEXT)
    lines = {path: line for path, line in document.lines.items() if path}
    assert lines[("a",)] == 1
    assert lines[("b c", "d")] == 2
    assert lines[("e", 0)] == 6
    assert lines[("e", 1, "f")] == lines[("e", 1, "g", "h", 0)] == 7
    assert lines[("t", "u v")] == 10
    assert lines[("t", "u v", "i")] == 11
    assert lines[("t", "w", 1)] == 13
    assert lines[("t", "w", 1, "x", "j")] == 15
    assert document.line_of(("t", "w", 1, "x", "missing")) == 14
    assert document.first_table_below(("t",)) == 10


@settings(max_examples=60, deadline=None)
@given(files())
def test_every_value_is_found_where_it_stands(file: File) -> None:
    text = file.text
    content = tomllib.loads(text)
    for item in scan(text).statements:
        if isinstance(item, Entry):
            written = text[item.value.start : item.value.end]
            assert tomllib.loads(f"v = {written}")["v"] == _at(content, item.path)
            assert text[: item.start].endswith("\n") or item.start == 0
            assert text[item.start : item.end].count("\n") >= 1 or item.end == len(text)


def _at(content: Any, path: tuple[str | int, ...]) -> Any:
    for part in path:
        content = content[part]
    return content


@pytest.mark.parametrize("text", ["a", "a = ", "[a", "a = [1", "a = {b = 1", 'a = "x', "= 1"])
def test_no_toml(text: str) -> None:
    with pytest.raises(ScanError):
        scan(text)


@given(st.text(max_size=100))
def test_what_tomllib_reads_the_scanner_reads(text: str) -> None:
    try:
        content = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return
    document = scan(text)
    assert {path[0] for path in document.lines} == set(content)
