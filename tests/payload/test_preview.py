"""The payload on one line of the stream."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mqttx_tui.model.message import BINARY_FRAME, NOT_UTF8, WEBSOCKET
from mqttx_tui.payload.preview import preview


@pytest.mark.parametrize(
    ("data", "flags", "width", "size", "shown"),
    [
        (b'{"value": 21.4, "unit": "C"}', 0, 60, None, '{"value": 21.4, "unit": "C"}'),
        (b'{\n  "a":\t1\r\n}\n', 0, 60, None, '{ "a": 1 }'),
        (bytes.fromhex("01030000000ac5cd"), NOT_UTF8, 60, None, "01 03 00 00 00 0a c5 cd   ·8 B"),
        (bytes.fromhex("01030000000ac5cd"), NOT_UTF8, 19, None, "01 03 00 …   ·8 B"),
        (b"\x01\x03\0", 0, 60, None, "01 03 00   ·3 B"),
        (b"SEND\n\nhi\0", WEBSOCKET, 60, None, "SEND hi␀"),
        (b"\x01\0", WEBSOCKET | BINARY_FRAME, 60, None, "01 00   ·2 B"),
        (b"\x01\x02", WEBSOCKET | BINARY_FRAME, 60, None, "01 02   ·2 B"),
        (b"\x01\x02", WEBSOCKET, 60, None, "␁␂"),
        (b'{"a": 1}\n', WEBSOCKET | BINARY_FRAME, 60, None, '{"a": 1}'),
        (b"\xff\0", WEBSOCKET | NOT_UTF8, 60, None, "ff 00   ·2 B"),
        (b"\x1b[31m", 0, 60, None, "␛[31m"),
        (b"abcdefgh", 0, 5, None, "abcd…"),
        (b"abc", 0, 10, 5000, "abc…"),
        ("grü".encode()[:-1], 0, 10, 4, "gr…"),
        (b"\xff" * 256, NOT_UTF8, 24, 5000, "ff ff ff ff …   ·5.0 kB"),
        (b"", 0, 10, None, ""),
    ],
)
def test_previews(data: bytes, flags: int, width: int, size: int | None, shown: str) -> None:
    assert preview(data, width, flags, size=size) == shown


def test_scrolled_to_the_right() -> None:
    assert preview(b"abcdefgh", 20, skip=3) == "defgh"
    assert preview(bytes(range(0xF0, 0xFA)), 40, NOT_UTF8, skip=6) == "f2 f3 f4 f5 f6 f7 f8 f9   ·10 B"


@given(
    st.binary(max_size=300), st.integers(8, 80), st.sampled_from([0, NOT_UTF8, WEBSOCKET]), st.integers(0, 50)
)
def test_no_control_character_passes(data: bytes, width: int, flags: int, skip: int) -> None:
    shown = preview(data, width, flags, skip=skip)
    assert not any(ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0 or 0xD800 <= ord(c) < 0xE000 for c in shown)
    assert "\u202e" not in shown
