"""What the inspector shows: lines that are made when they are needed, however long the payload."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Protocol

from mqttx_tui.model.visible import visible

Span = tuple[str, str]
"""A piece of text, already made visible, and the name of its style (a key of ``STYLES``)."""

STYLES = ("text", "key", "string", "number", "literal", "dim", "note")

ReadBytes = Callable[[int, int], bytes]
"""``read(offset, length)``: bytes of the payload."""

_JSON = re.compile(
    r"""(?P<key>"(?:[^"\\]|\\.)*")(?=\s*:)|(?P<string>"(?:[^"\\]|\\.)*"?)"""
    r"""|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<literal>true|false|null)"""
)
MOST_LINE = 2_000
"""Characters of one line that are looked at; a line of a megabyte is shown by its beginning."""


class Document(Protocol):
    """Lines on demand."""

    def line_count(self) -> int:
        """How many lines there are now."""

    def line(self, index: int) -> list[Span]:
        """One line as spans of visible text."""

    def more(self) -> bool:
        """Load the next part, when the reader came to the end; whether anything was added."""


class TextDocument:
    """Lines of decoded text with a syntax: json, or anything else for none."""

    def __init__(self, text: str, syntax: str, note: str = "") -> None:
        self._lines = text.split("\n")
        self._syntax = syntax
        self._note = note

    def line_count(self) -> int:
        """Lines of text, and one for the note."""
        return len(self._lines) + bool(self._note)

    def line(self, index: int) -> list[Span]:
        """One line, highlighted."""
        if index >= len(self._lines):
            return [(self._note, "note")]
        text = visible(self._lines[index].replace("\t", "    "), MOST_LINE)
        return highlight_json(text) if self._syntax == "json" else [(text, "text")]

    def more(self) -> bool:
        """There is nothing more."""
        return False


PART = 65_536
"""Bytes of a long text that are decoded at once."""
MOST_PARTS = 64
"""Parts that stay in memory; what lies behind them is read in the hex view."""


class PartsDocument:
    """A long text that grows part by part as the reader comes to its end."""

    def __init__(self, read: ReadBytes, size: int) -> None:
        self._read = read
        self._size = size
        self._offset = 0
        self._lines: list[str] = [""]
        self._rest = b""
        self.more()

    def line_count(self) -> int:
        """Lines so far, and one that says how much is left."""
        return len(self._lines) + (self._offset < self._size)

    def line(self, index: int) -> list[Span]:
        """One line of text, or what is left."""
        if index >= len(self._lines):
            left = self._size - self._offset
            full = self._offset >= PART * MOST_PARTS
            where = "the rest is in the Hex tab" if full else "scroll on for the next part"
            return [(f"… {left:,} more bytes: {where}", "note")]
        return [(visible(self._lines[index].replace("\t", "    "), MOST_LINE), "text")]

    def more(self) -> bool:
        """Decode the next part."""
        if self._offset >= min(self._size, PART * MOST_PARTS):
            return False
        part = self._rest + self._read(self._offset, PART)
        self._offset = min(self._offset + PART, self._size)
        cut = len(part) if self._offset >= self._size else whole_characters(part)
        self._rest = part[cut:]
        lines = part[:cut].decode("utf-8", "replace").split("\n")
        self._lines[-1] += lines[0]
        self._lines += [piece for line in lines[1:] for piece in _fold(line)]
        self._lines[-1:] = _fold(self._lines[-1])
        return True


def _fold(line: str) -> list[str]:
    """A line without end is folded, so that all of it can be scrolled to."""
    if len(line) <= MOST_LINE:
        return [line]
    return [line[start : start + MOST_LINE] for start in range(0, len(line), MOST_LINE)]


def whole_characters(data: bytes) -> int:
    """How many leading bytes end on a character of UTF-8 (up to three may be left over)."""
    for back in range(1, min(4, len(data)) + 1):
        byte = data[-back]
        if byte < 0x80:
            return len(data)
        if byte >= 0xC0:
            wanted = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return len(data) if back >= wanted else len(data) - back
    return len(data)


class WindowDocument:
    """Rows of equal width over bytes that are read as they are painted: hex or base64.

    ``row(offset, data)`` draws ``width`` bytes.
    """

    def __init__(
        self, read: ReadBytes, size: int, width: int, row: Callable[[int, bytes], list[Span]]
    ) -> None:
        self._size = size
        self._width = width
        self._row = row
        self._page = lru_cache(maxsize=4)(lambda page: read(page * width * 64, width * 64))

    def line_count(self) -> int:
        """One row for each ``width`` bytes."""
        return max(-(-self._size // self._width), 1)

    def line(self, index: int) -> list[Span]:
        """One row."""
        page, row = divmod(index, 64)
        data = self._page(page)[row * self._width : (row + 1) * self._width]
        return self._row(index * self._width, data)

    def more(self) -> bool:
        """All rows are there from the start."""
        return False


def highlight_json(line: str) -> list[Span]:
    """Split a line of pretty-printed JSON into spans."""
    spans: list[Span] = []
    position = 0
    for match in _JSON.finditer(line):
        if match.start() > position:
            spans.append((line[position : match.start()], "text"))
        spans.append((match[0], match.lastgroup or "text"))
        position = match.end()
    if position < len(line) or not spans:
        spans.append((line[position:], "text"))
    return spans
