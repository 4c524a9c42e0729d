"""The block of meanings under the hex dump."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mqttx_tui.payload.interpret import LOOKED_AT
from mqttx_tui.ui.byte_block import block_height, block_lines
from mqttx_tui.ui.safe import width


def texts(data: bytes, cells: int, height: int) -> list[str]:
    return ["".join(text for text, _ in line).rstrip() for line in block_lines(data, cells, height)]


@given(st.integers(0, 60), st.integers(20, 200), st.binary(max_size=LOOKED_AT))
def test_the_block_leaves_room_for_the_dump_and_keeps_its_height(
    height: int, cells: int, data: bytes
) -> None:
    block = block_height(height)
    assert block <= max(height - min(height, 3), 0)
    assert len(block_lines(data, cells, block)) == block
    if height >= 12:
        assert height - block >= 6
        assert block >= 6


@given(st.binary(min_size=1, max_size=LOOKED_AT))
def test_every_row_has_its_place_whatever_the_bytes(data: bytes) -> None:
    names = [line.split()[0] for line in texts(data, 80, 10)[2:]]
    assert names == ["u16", "u32", "u64", "i64", "f32", "f64", "varint", "time"]


@given(st.binary(min_size=1, max_size=LOOKED_AT))
def test_nothing_is_clipped_at_80_columns(data: bytes) -> None:
    for line in block_lines(data, 79, 10):
        assert width("".join(text for text, _ in line).rstrip()) <= 80
        assert not any("…" in text for text, _ in line)


@pytest.mark.parametrize("cells", [59, 79, 119])
def test_the_two_orders_stand_in_columns(cells: int) -> None:
    lines = texts(struct.pack("<Q", 0xFFFF_FFFF_FFFF_FF01), cells, 10)
    heads, u16 = lines[0], lines[2]
    assert heads.index("little endian") == u16.index("65281 (-255)") == 9
    assert heads.index("big endian") == u16.index("511")
    assert "hex 01   u8 1   bits 0000 0001   UTF-8 ␁ U+0001" in lines[1]
    assert lines[5].split()[1:] == ["-255"]
