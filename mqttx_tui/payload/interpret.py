"""What the bytes at a place of a payload may mean: numbers of every size and order, a character, a time."""

from __future__ import annotations

import struct
import time
from dataclasses import dataclass

LOOKED_AT = 10
"""Bytes from the cursor on that are asked for: the longest varint of 64 bits."""
_YEAR_2000, _YEAR_2100 = 946_684_800, 4_102_444_800
"""Seconds; a number between them may well be a time."""
_WHOLE = (("16", 2, "H", "h"), ("32", 4, "I", "i"), ("64", 8, "Q", "q"))
_FLOATS = (("f32", 4, "f", 9), ("f64", 8, "d", 17))


@dataclass(frozen=True, slots=True)
class Reading:
    """One meaning: its name, and its text in little and big endian; empty where it has none.

    ``little`` holds the text where the order of the bytes plays no part, and ``big`` is None then.
    """

    name: str
    little: str
    big: str | None = None


def byte_line(data: bytes) -> list[tuple[str, str]]:
    """Names and texts for the first byte: hex, signed where it differs, bits, the character that begins."""
    if not data:
        return []
    value = data[0]
    found = [("hex", f"{value:02x}"), ("u8", str(value))]
    if value >= 0x80:
        found.append(("i8", str(value - 256)))
    found.append(("bits", f"{value >> 4:04b} {value & 15:04b}"))
    if character := utf8_character(data):
        found.append(("UTF-8", f"{character} U+{ord(character):04X}"))
    return found


def utf8_character(data: bytes) -> str:
    """The character that begins with the first byte; empty where none does."""
    for length in range(1, 5):
        try:
            return data[:length].decode()
        except UnicodeDecodeError:
            continue
    return ""


def readings(data: bytes) -> list[Reading]:
    """What fits into the bytes from the cursor on (``LOOKED_AT`` of them are enough).

    Whole numbers are named ``u16`` and so on; ``i16`` stands there where the sign makes a difference.
    """
    found: list[Reading] = []
    for bits, size, unsigned, signed in _WHOLE:
        if len(data) < size:
            continue
        pairs = [_both(data[:size], code) for code in (unsigned, signed)]
        found.append(Reading(f"u{bits}", *(str(value) for value in pairs[0])))
        negative = [str(value) if value < 0 else "" for value in pairs[1]]
        if any(negative):
            found.append(Reading(f"i{bits}", *negative))
    for name, size, code, digits in _FLOATS:
        if len(data) >= size:
            little, big = _both(data[:size], code)
            found.append(Reading(name, _float(little, size, digits), _float(big, size, digits)))
    varint = _varint(data)
    if varint is not None:
        value, length = varint
        found.append(Reading("varint", f"{value} ({length} B)"))
    return found + _times(data)


def _both(data: bytes, code: str) -> tuple[float, float]:
    return struct.unpack(f"<{code}", data)[0], struct.unpack(f">{code}", data)[0]


def _float(value: float, size: int, digits: int) -> str:
    """The shortest text that reads back as the same float of that size."""
    if size == 8:
        return repr(value)
    for precision in range(1, digits + 1):
        text = f"{value:.{precision}g}"
        try:
            if struct.pack("<f", float(text)) == struct.pack("<f", value):
                return text
        except OverflowError:  # rounded up beyond the largest one
            continue
    return repr(value)


def _varint(data: bytes) -> tuple[int, int] | None:
    """A variable byte integer, 7 bits a byte, least first (MQTT 5.0 §1.5.5; LEB128), and its length.

    None for a single byte, which says nothing more than itself, and where it does not end.
    """
    value = 0
    for index, byte in enumerate(data[:LOOKED_AT]):
        value |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            return (value, index + 1) if index else None
    return None


def _times(data: bytes) -> list[Reading]:
    found = []
    for name, size, code, unit in (("time s", 4, "I", 1), ("time s", 8, "Q", 1), ("time ms", 8, "Q", 1000)):
        if len(data) < size:
            continue
        texts = [_time(int(value), unit) for value in _both(data[:size], code)]
        if any(texts):
            found.append(Reading(name, *texts))
    return found


def _time(value: int, unit: int) -> str:
    """Local time of a plausible number of seconds or milliseconds since 1970; empty for any other."""
    seconds, rest = divmod(value, unit)
    if not _YEAR_2000 <= seconds < _YEAR_2100:
        return ""
    text = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))
    return f"{text}.{rest:03d}" if unit > 1 else text
