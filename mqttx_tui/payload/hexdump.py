"""Hex dumps of a window into a payload, so that a large one is viewed in parts."""

from __future__ import annotations

WIDE = 16
NARROW = 8
WIDE_COLUMNS = 77
"""Terminal columns of a line with ``WIDE`` bytes."""
NARROW_COLUMNS = 44
"""Terminal columns of a line with ``NARROW`` bytes."""

_ASCII = "".join(chr(code) if 0x20 <= code < 0x7F else "." for code in range(256))


def per_line(width: int) -> int:
    """How many bytes a line should hold in ``width`` terminal columns."""
    return WIDE if width >= WIDE_COLUMNS else NARROW


def line_count(size: int, columns: int = WIDE) -> int:
    """How many lines the dump of ``size`` bytes has."""
    return -(-size // columns)


def span(first_line: int, count: int, columns: int = WIDE) -> tuple[int, int]:
    """Offset and length of the bytes behind ``count`` lines from ``first_line`` on (0-based)."""
    return first_line * columns, count * columns


def lines(data: bytes, offset: int = 0, columns: int = WIDE) -> list[str]:
    """The dump of ``data``, whose first byte stands at ``offset`` in the payload.

    ``00000000  01 03 00 …  |...|``: eight hex digits, ``columns`` bytes in groups of eight, and ASCII.
    Holds printable ASCII only.
    """
    make = _wide if columns == WIDE else _narrow
    return [make(offset + at, data[at : at + columns]) for at in range(0, len(data), columns)]


def text(data: bytes, offset: int = 0, columns: int = WIDE) -> str:
    """``lines`` joined by newlines."""
    return "\n".join(lines(data, offset, columns))


def _ascii(chunk: bytes) -> str:
    return chunk.decode("latin-1").translate(_ASCII)


def _wide(offset: int, chunk: bytes) -> str:
    return f"{offset:08x}  {chunk[:8].hex(' '):23}  {chunk[8:].hex(' '):23} |{_ascii(chunk)}|"


def _narrow(offset: int, chunk: bytes) -> str:
    return f"{offset:08x}  {chunk.hex(' '):23} |{_ascii(chunk)}|"
