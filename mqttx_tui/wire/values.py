"""Writing the standard's data types (MQTT 5.0 §1.5); what does not fit raises ``InputError``."""

from __future__ import annotations

from mqttx_tui.model.errors import InputError
from mqttx_tui.wire.cursor import MAX_VARINT

_MAX_BLOCK = 65_535


def _bad(name: str, why: str) -> InputError:
    return InputError(f"{name}: {why}", title="Cannot be sent")


def encode_number(value: int, size: int, name: str) -> bytes:
    """``value`` in ``size`` bytes, big endian."""
    if not 0 <= value < 1 << 8 * size:
        raise _bad(name, f"{value} does not fit {size} bytes")
    return value.to_bytes(size, "big")


def encode_varint(value: int, name: str = "length") -> bytes:
    """A variable byte integer (MQTT 5.0 §1.5.5)."""
    if not 0 <= value <= MAX_VARINT:
        raise _bad(name, f"{value} is not between 0 and 268,435,455")
    if value < 0x80:
        return bytes((value,))
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def encode_binary(value: object, name: str) -> bytes:
    """Two bytes of length and the bytes."""
    if not isinstance(value, bytes | bytearray):
        raise _bad(name, "takes bytes")
    if len(value) > _MAX_BLOCK:
        raise _bad(name, f"{len(value)} bytes, at most 65,535 are allowed")
    return len(value).to_bytes(2, "big") + value


def encode_text(value: object, name: str) -> bytes:
    """A UTF-8 string without U+0000 (MQTT 5.0 §1.5.4)."""
    if not isinstance(value, str):
        raise _bad(name, "takes a string")
    if "\0" in value:
        raise _bad(name, "may not hold U+0000")
    try:
        data = value.encode()
    except UnicodeEncodeError:
        raise _bad(name, "is not valid UTF-8") from None
    return encode_binary(data, name)
