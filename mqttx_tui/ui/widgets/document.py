"""What the inspector shows: lines that are made when they are needed, however long the payload."""

from __future__ import annotations

import re
from bisect import bisect_right
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
BESIDE_COLUMN = 24
"""Where a note beside the first line begins, if that is short."""
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

    def __init__(self, text: str, syntax: str, note: str = "", *, beside: str = "") -> None:
        """``note`` stands below the text, ``beside`` to the right of its first line."""
        self._lines = text.split("\n")
        self._syntax = syntax
        self._note = note
        self._beside = visible(beside)

    def line_count(self) -> int:
        """Lines of text, and one for the note."""
        return len(self._lines) + bool(self._note)

    def line(self, index: int) -> list[Span]:
        """One line, highlighted."""
        if index >= len(self._lines):
            return [(self._note, "note")]
        text = visible(self._lines[index].replace("\t", "    "), MOST_LINE)
        spans = highlight_json(text) if self._syntax == "json" else [(text, "text")]
        if self._beside and not index:
            spans += [(" " * max(BESIDE_COLUMN - len(text), 2), "text"), (self._beside, "note")]
        return spans

    def more(self) -> bool:
        """There is nothing more."""
        return False


class LinesDocument:
    """Lines that are there already, as spans of visible text."""

    def __init__(self, lines: list[list[Span]]) -> None:
        self._lines = lines

    def line_count(self) -> int:
        """All of them."""
        return len(self._lines)

    def line(self, index: int) -> list[Span]:
        """One of them."""
        return self._lines[index]

    def more(self) -> bool:
        """There is nothing more."""
        return False


PART = 65_536
"""Bytes of a long text that are decoded at once."""
MOST_PARTS = 64
"""So far a text is shown; what lies behind is read in the hex view."""
PARTS_KEPT = 3
"""Decoded parts that stay in memory: 65,536 lines of nothing take 60 times their bytes."""


class PartsDocument:
    """A long text that grows part by part as the reader comes to its end.

    Only where each part begins is remembered; a part that was left is read again. Parts end with a
    line where they can.
    """

    def __init__(self, read: ReadBytes, size: int) -> None:
        self._read = read
        self._size = size
        self._offsets = [0]
        self._starts = [0]
        self._part = lru_cache(maxsize=PARTS_KEPT)(self._read_part)
        self.more()

    def line_count(self) -> int:
        """Lines so far, and one that says how much is left."""
        return self._starts[-1] + (self._offsets[-1] < self._size)

    def line(self, index: int) -> list[Span]:
        """One line of text, or what is left."""
        if index >= self._starts[-1]:
            return [(self._left(), "note")]
        number = bisect_right(self._starts, index) - 1
        lines, _ = self._part(self._offsets[number])
        place = index - self._starts[number]
        if place >= len(lines):
            return [("evicted", "note")]
        return [(visible(lines[place].replace("\t", "    "), MOST_LINE), "text")]

    def _left(self) -> str:
        full = self._offsets[-1] >= PART * MOST_PARTS
        where = "the rest is in the Hex tab" if full else "scroll on for the next part"
        return f"… {self._size - self._offsets[-1]:,} more bytes: {where}"

    def more(self) -> bool:
        """Decode the next part."""
        offset = self._offsets[-1]
        if offset >= min(self._size, PART * MOST_PARTS):
            return False
        lines, end = self._part(offset)
        if end == offset:
            return False
        self._offsets.append(end)
        self._starts.append(self._starts[-1] + len(lines))
        return True

    def _read_part(self, offset: int) -> tuple[list[str], int]:
        """Lines of the part that begins at ``offset``, and where the next one begins."""
        data = self._read(offset, PART)
        last = offset + len(data) >= self._size
        cut = len(data) if last else data.rfind(b"\n") + 1 or whole_characters(data)
        text = data[:cut].decode("utf-8", "replace")
        if not last:
            text = text.removesuffix("\n")
        return [piece for line in text.split("\n") for piece in _fold(line)], offset + cut


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
