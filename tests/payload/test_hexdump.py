"""The dump's lines, widths and windows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mqttx_tui.payload import hexdump


def test_the_canonical_line() -> None:
    assert hexdump.lines(bytes(range(0x3A, 0x4A)) + b"\x00\xff", 0x10) == [
        "00000010  3a 3b 3c 3d 3e 3f 40 41  42 43 44 45 46 47 48 49 |:;<=>?@ABCDEFGHI|",
        "00000020  00 ff                                            |..|",
    ]
    assert hexdump.lines(b"\x01\x03ABCDEF\x00", columns=hexdump.NARROW) == [
        "00000000  01 03 41 42 43 44 45 46 |..ABCDEF|",
        "00000008  00                      |.|",
    ]


@pytest.mark.parametrize(
    ("columns", "width"), [(hexdump.WIDE, hexdump.WIDE_COLUMNS), (hexdump.NARROW, hexdump.NARROW_COLUMNS)]
)
def test_a_full_line_is_as_wide_as_it_says(columns: int, width: int) -> None:
    assert {len(line) for line in hexdump.lines(bytes(columns * 3), columns=columns)} == {width}
    assert hexdump.per_line(width) == columns
    assert hexdump.WIDE_COLUMNS == 77
    assert hexdump.per_line(76) == hexdump.NARROW


@given(
    st.binary(max_size=400),
    st.sampled_from([hexdump.WIDE, hexdump.NARROW]),
    st.integers(0, 30),
    st.integers(0, 30),
)
def test_a_window_shows_the_lines_of_the_whole(data: bytes, columns: int, first: int, count: int) -> None:
    whole = hexdump.lines(data, columns=columns)
    assert len(whole) == hexdump.line_count(len(data), columns)
    offset, length = hexdump.span(first, count, columns)
    assert hexdump.lines(data[offset : offset + length], offset, columns) == whole[first : first + count]
    assert all(line.isascii() and line.isprintable() for line in whole)
