"""Text from outside made visible: no control sequence, no markup, no hidden direction change."""

from __future__ import annotations

_BIDI = {
    *range(0x202A, 0x202F),
    *range(0x2066, 0x206A),
    0x200E,
    0x200F,
    0x061C,
}
_INVISIBLE = {
    *(0x00AD, 0x070F, 0x180E, 0x200B, 0x2028, 0x2029, 0xFEFF),
    *range(0x2060, 0x2066),
    *range(0x206A, 0x2070),
    *range(0xFFF9, 0xFFFC),
    *range(0x1BCA0, 0x1BCA4),
    *range(0x1D173, 0x1D17B),
    0xE0001,
    *range(0xE0020, 0xE0080),
}
"""Separators and format characters (Unicode Zl, Zp, Cf), which terminals draw nothing for; the
zero-width joiners are not among them: scripts and emoji need them."""


def _table() -> dict[int, str]:
    table = {code: chr(0x2400 + code) for code in range(0x20)}
    table[0x7F] = "\u2421"
    table |= {code: f"\\x{code:02x}" for code in range(0x80, 0xA0)}
    table |= {code: f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}" for code in _BIDI | _INVISIBLE}
    table |= {code: f"\\u{code:04x}" for code in range(0xD800, 0xE000)}
    return table


_TABLE = _table()
_TABLE_LINES = {code: text for code, text in _TABLE.items() if code not in (0x0A, 0x09)} | {0x09: "    "}


def visible(text: str, limit: int | None = None) -> str:
    """``text`` on one line: C0, C1, ESC, DEL, bidi controls, invisible characters and lone surrogates
    become symbols.

    With ``limit``, at most that many characters, the last of them ``…`` when something was cut.
    """
    if limit is not None and len(text) > limit:
        text = text[: max(limit - 1, 0)] + "…" if limit > 0 else ""
    if text.isascii() and text.isprintable():
        return text
    return text.translate(_TABLE)


def visible_lines(text: str) -> list[str]:
    """``text`` line by line (LF, CR LF), each made visible; tabs become four blanks."""
    return [line.translate(_TABLE_LINES) for line in text.replace("\r\n", "\n").split("\n")]


def visible_bytes(data: bytes, limit: int | None = None) -> str:
    """UTF-8 with replacement, on one line, made visible."""
    if limit is not None:
        data = data[: limit * 4]
    return visible(data.decode("utf-8", "replace"), limit)
