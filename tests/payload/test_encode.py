"""What is typed becomes the bytes that were meant, or an error with its place."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mqttx_tui.model.errors import InputError
from mqttx_tui.payload.encode import FORMATS, encode, length


@pytest.mark.parametrize(
    ("text", "format", "data"),
    [
        ("grün\n", "text", "grün\n".encode()),
        ("", "text", b""),
        ('{"a": 1.0, "a":2}', "json", b'{"a": 1.0, "a":2}'),
        ("01 03 fF", "hex", b"\x01\x03\xff"),
        ("0x01,0x03", "hex", b"\x01\x03"),
        ("0103\n00:0a-ff", "hex", b"\x01\x03\x00\x0a\xff"),
        ("", "hex", b""),
        ("QUJD", "base64", b"ABC"),
        ("QUI", "base64", b"AB"),
        ("QU\nI=", "base64", b"AB"),
        ("-_-_", "base64", b"\xfb\xff\xbf"),
    ],
)
def test_bytes(text: str, format: str, data: bytes) -> None:
    assert encode(text, format) == data
    assert length(text, format) == len(data)


@pytest.mark.parametrize(
    ("text", "format", "place"),
    [
        ("a\ud800", "text", "line 1, column 2"),
        ('{"a":\n 1,}', "json", "line 2, column 4"),
        ("", "json", "line 1, column 1"),
        ("01 0g", "hex", "line 1, column 5"),
        ("01\n0 1", "hex", "line 2, column 1"),
        ("01 0", "hex", "line 1, column 4"),
        ("01 0x", "hex", "line 1, column 5"),
        ("QU*D", "base64", "line 1, column 3"),
        ("QQ=Q", "base64", "line 1, column 3"),
        ("QUJDQ", "base64", "line 1, column 5"),
        ("QU=", "base64", "line 1, column 3"),
        ("x", "morse", ""),
    ],
)
def test_errors_name_line_and_column(text: str, format: str, place: str) -> None:
    with pytest.raises(InputError) as caught:
        encode(text, format)
    assert place in caught.value.message
    assert length(text, format) is None


@given(st.binary(max_size=60))
def test_hex_and_base64_bring_every_byte_back(data: bytes) -> None:
    assert encode(data.hex(" "), "hex") == data
    assert encode(base64.b64encode(data).decode(), "base64") == data
    assert encode(base64.urlsafe_b64encode(data).decode().rstrip("="), "base64") == data


@given(st.text(max_size=30), st.sampled_from(FORMATS))
def test_any_text_is_taken_or_refused(text: str, format: str) -> None:
    try:
        data: bytes | None = encode(text, format)
    except InputError:
        data = None
    assert length(text, format) == (None if data is None else len(data))
