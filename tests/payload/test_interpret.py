"""What bytes may mean."""

from __future__ import annotations

import math
import struct
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mqttx_tui.payload.interpret import LOOKED_AT, Reading, byte_line, readings, utf8_character


def named(data: bytes) -> dict[str, Reading]:
    return {reading.name: reading for reading in readings(data) if not reading.name.startswith("time")}


@given(
    st.sampled_from([("H", "u16", 2), ("I", "u32", 4), ("Q", "u64", 8)]),
    st.sampled_from("<>"),
    st.data(),
)
def test_whole_numbers_are_read_back(kind: tuple[str, str, int], order: str, data: st.DataObject) -> None:
    code, name, size = kind
    value = data.draw(st.integers(0, 2 ** (8 * size) - 1))
    found = named(struct.pack(order + code, value) + b"\xff\xff")
    assert (found[name].little if order == "<" else found[name].big) == str(value)


@given(
    st.sampled_from([("h", "i16", 2), ("i", "i32", 4), ("q", "i64", 8)]),
    st.sampled_from("<>"),
    st.data(),
)
def test_negative_ones_stand_beside(kind: tuple[str, str, int], order: str, data: st.DataObject) -> None:
    code, name, size = kind
    value = data.draw(st.integers(-(2 ** (8 * size - 1)), 2 ** (8 * size - 1) - 1))
    found = named(struct.pack(order + code, value))
    text = "" if name not in found else found[name].little if order == "<" else found[name].big
    assert text == (str(value) if value < 0 else "")


@given(st.floats(width=32), st.floats(), st.sampled_from("<>"))
def test_floats_are_read_back_exactly(single: float, double: float, order: str) -> None:
    for code, name, value in (("f", "f32", single), ("d", "f64", double)):
        reading = named(struct.pack(order + code, value))[name]
        text = reading.little if order == "<" else reading.big
        assert text is not None
        again = struct.unpack(order + code, struct.pack(order + code, float(text)))[0]
        assert again == value or (math.isnan(again) and math.isnan(value))


def test_a_single_is_as_short_as_it_can_be() -> None:
    assert named(struct.pack("<f", 21.4))["f32"].little == "21.4"
    assert named(struct.pack(">f", 0.1))["f32"].big == "0.1"
    assert named(bytes.fromhex("ffff7f7f"))["f32"].little == "3.4028235e+38"


@given(st.characters(exclude_categories=["Cs"]), st.binary(max_size=5))
def test_a_character_is_found_and_its_number(character: str, rest: bytes) -> None:
    data = character.encode() + rest
    assert utf8_character(data) == character
    assert dict(byte_line(data))["UTF-8"] == f"{character} U+{ord(character):04X}"


@given(st.integers(0, 255))
def test_one_byte(value: int) -> None:
    found = dict(byte_line(bytes([value])))
    assert int(found["hex"], 16) == int(found["u8"]) == int(found["bits"].replace(" ", ""), 2) == value
    assert int(found.get("i8", value)) == struct.unpack("b", bytes([value]))[0]
    assert not readings(bytes([value]))
    assert not byte_line(b"")
    assert utf8_character(b"\xe4\xb8") == ""


@given(st.integers(128, 2**64 - 1))
def test_a_varint(value: int) -> None:
    rest, encoded = value, bytearray()
    while rest >= 0x80:
        encoded.append(rest & 0x7F | 0x80)
        rest >>= 7
    encoded.append(rest)
    assert named(bytes(encoded) + b"\xff" * 3)["varint"] == Reading("varint", f"{value} ({len(encoded)} B)")
    assert "varint" not in named(bytes(encoded)[:-1])
    assert len(encoded) <= LOOKED_AT


def test_mqtts_own_example_of_a_varint() -> None:
    assert named(b"\x80\x01")["varint"].little == "128 (2 B)"
    assert named(b"\xff\xff\xff\x7f")["varint"].little == "268435455 (4 B)"


@pytest.mark.parametrize("order", "<>")
def test_times_where_they_are_plausible(order: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    place = "little" if order == "<" else "big"
    for code, value, name, text in (
        ("I", 1_795_262_400, "time s", "2026-11-21 12:00:00"),
        ("Q", 1_795_262_400_140, "time ms", "2026-11-21 12:00:00.140"),
    ):
        found = [reading for reading in readings(struct.pack(order + code, value)) if reading.name == name]
        assert text in [getattr(reading, place) for reading in found]
    assert not [r for r in readings(struct.pack(order + "Q", 5)) if r.name.startswith("time")]
    monkeypatch.undo()
    time.tzset()


@given(st.binary(max_size=20))
def test_only_the_first_bytes_count(data: bytes) -> None:
    assert readings(data) == readings(data[:LOOKED_AT])
