"""Where things stand in a TOML text: tomllib gives values without positions (TOML 1.0).

The scanner expects text that tomllib has accepted; on other text it stops early with
``ScanError``.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from dataclasses import dataclass, field

Path = tuple[str | int, ...]
"""Keys from the root; an integer is an index into an array."""

_BLANK = re.compile(r"[ \t]*")
_TRIVIA = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_STRINGS = (
    re.compile(r'"""(?:[^"\\]|\\[\s\S]|"(?!"")|""(?!"))*"{3,5}'),
    re.compile(r"'''(?:[^']|'(?!'')|''(?!'))*'{3,5}"),
    re.compile(r'"(?:[^"\\\n]|\\.)*"'),
    re.compile(r"'[^'\n]*'"),
)
_SCALAR = re.compile(r"\d{4}-\d\d-\d\d[ Tt]\d\d:[^\s,\]}#]*|[^\s,\]}#]+")
_REST_OF_LINE = re.compile(r"[ \t]*(?:#[^\n]*)?(?:\r?\n|\r?\Z)?")


class ScanError(ValueError):
    """The text is not TOML; ``position`` is where the scanner stopped."""

    def __init__(self, position: int) -> None:
        super().__init__(f"not TOML at {position}")
        self.position = position


@dataclass(slots=True)
class Value:
    """A value's place: ``text[start:end]``. Arrays have ``items``, inline tables ``members``."""

    start: int
    end: int = 0
    items: list[Value] | None = None
    members: list[Entry] | None = None


@dataclass(slots=True)
class Entry:
    """``key = value``. ``start`` is where its line begins (its key, inside an inline table),
    ``end`` the beginning of the next line. ``header`` is the path of the table it stands in.
    """

    path: Path
    header: Path
    keys: tuple[str, ...]
    key_spans: list[tuple[int, int]]
    start: int
    value: Value
    end: int
    line: int


@dataclass(slots=True)
class Header:
    """``[a.b]`` or ``[[a.b]]``; ``start`` and ``end`` as of ``Entry``."""

    path: Path
    keys: tuple[str, ...]
    key_spans: list[tuple[int, int]]
    array: bool
    start: int
    end: int
    line: int


Statement = Entry | Header


@dataclass(slots=True)
class Document:
    """The statements in order, and the line of every key (``lines``), counted from 1."""

    text: str
    statements: list[Statement] = field(default_factory=list)
    lines: dict[Path, int] = field(default_factory=dict)

    def line_of(self, path: Path) -> int:
        """The line of ``path`` or of the nearest table around it; 0 when nothing is known."""
        while path:
            if path in self.lines:
                return self.lines[path]
            path = path[:-1]
        return 0

    def first_table_below(self, path: Path) -> int:
        """The line of the first header of a table below ``path``, 0 when there is none."""
        headers = (statement for statement in self.statements if isinstance(statement, Header))
        below = (header.line for header in headers if header.path != path and starts_with(header.path, path))
        return next(below, 0)


def starts_with(path: Path, prefix: Path) -> bool:
    """Whether ``path`` is ``prefix`` or lies below it."""
    return path[: len(prefix)] == prefix


def scan(text: str) -> Document:
    """Find every statement. Raises ``ScanError`` where the text is not TOML."""
    return _Scanner(text).run()


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 1 if text.startswith("\ufeff") else 0
        self._header: Path = ()
        self._arrays: dict[Path, int] = {}
        self._document = Document(text)
        self._line_starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def run(self) -> Document:
        while True:
            self._match(_TRIVIA)
            if self._at >= len(self._text):
                return self._document
            start = max(self._line_starts[self._line(self._at) - 1], 1 if self._text[0] == "\ufeff" else 0)
            if self._text[self._at] == "[":
                self._scan_header(start)
            else:
                self._document.statements.append(self._scan_entry(start, self._header))

    def _line(self, position: int) -> int:
        return bisect_right(self._line_starts, position)

    def _match(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self._text, self._at)
        if match is None:
            raise ScanError(self._at)
        self._at = match.end()
        return match[0]

    def _take(self, expected: str) -> bool:
        if self._text.startswith(expected, self._at):
            self._at += len(expected)
            return True
        return False

    def _need(self, expected: str) -> None:
        if not self._take(expected):
            raise ScanError(self._at)

    def _key(self) -> tuple[tuple[str, ...], list[tuple[int, int]]]:
        keys: list[str] = []
        spans: list[tuple[int, int]] = []
        while True:
            self._match(_BLANK)
            start = self._at
            if self._text[start : start + 1] in ('"', "'"):
                keys.append(_string_value(self._match(_STRINGS[2 if self._text[start] == '"' else 3])))
            else:
                keys.append(self._match(_BARE_KEY))
            spans.append((start, self._at))
            self._match(_BLANK)
            if not self._take("."):
                return tuple(keys), spans

    def _scan_header(self, start: int) -> None:
        line = self._line(self._at)
        array = self._take("[[") or not self._take("[")
        keys, spans = self._key()
        self._need("]]" if array else "]")
        self._match(_REST_OF_LINE)
        path: Path = ()
        for index, key in enumerate(keys):
            path += (key,)
            if array and index == len(keys) - 1:
                self._arrays[path] = self._arrays.get(path, 0) + 1
            if path in self._arrays:
                path += (self._arrays[path] - 1,)
        self._note(path, line)
        self._document.lines[path] = line
        self._header = path
        self._document.statements.append(Header(path, keys, spans, array, start, self._at, line))

    def _scan_entry(self, start: int, header: Path) -> Entry:
        line = self._line(self._at)
        keys, spans = self._key()
        self._need("=")
        self._match(_BLANK)
        path = header + keys
        self._note(path, line)
        value = self._value(path)
        self._match(_REST_OF_LINE)
        return Entry(path, header, keys, spans, start, value, self._at, line)

    def _note(self, path: Path, line: int) -> None:
        for length in range(1, len(path) + 1):
            self._document.lines.setdefault(path[:length], line)

    def _value(self, path: Path) -> Value:
        value = Value(self._at)
        first = self._text[self._at : self._at + 1]
        if first == "[":
            self._array(value, path)
        elif first == "{":
            self._inline(value, path)
        elif first and first in "\"'":
            triple = self._text.startswith(first * 3, self._at)
            self._match(_STRINGS[(0 if first == '"' else 1) if triple else (2 if first == '"' else 3)])
        else:
            self._match(_SCALAR)
        value.end = self._at
        return value

    def _array(self, value: Value, path: Path) -> None:
        self._need("[")
        value.items = []
        while True:
            self._match(_TRIVIA)
            if self._take("]"):
                return
            item = (*path, len(value.items))
            self._note(item, self._line(self._at))
            value.items.append(self._value(item))
            self._match(_TRIVIA)
            if not self._take(","):
                self._need("]")
                return

    def _inline(self, value: Value, path: Path) -> None:
        self._need("{")
        value.members = []
        while True:
            self._match(_BLANK)
            if self._take("}"):
                return
            value.members.append(self._member(path))
            self._match(_BLANK)
            if not self._take(","):
                self._need("}")
                return

    def _member(self, path: Path) -> Entry:
        start = self._at
        line = self._line(start)
        keys, spans = self._key()
        self._need("=")
        self._match(_BLANK)
        self._note(path + keys, line)
        value = self._value(path + keys)
        return Entry(path + keys, path, keys, spans, start, value, self._at, line)


def _string_value(written: str) -> str:
    if written[0] == "'":
        return written[1:-1]
    return str(tomllib.loads(f"k = {written}")["k"])
