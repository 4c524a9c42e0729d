"""Places in a TOML text where a table, a key or an item of an array can be cut or put."""

from __future__ import annotations

import re

from mqttx_tui.profiles.scan import Document, Entry, Header, Path, Statement, Value, starts_with

_COMMENT_LINE = re.compile(r"[ \t]*#[^\n]*(?:\n|\Z)")
_BLANK_LINE = re.compile(r"[ \t]*\r?\n|[ \t]+\Z")
_LINE_REST = re.compile(r"[ \t]*(,?)[ \t]*(?:#[^\n]*)?\r?\n")


class Overlap(ValueError):
    """Two changes touch the same bytes."""


class Splice:
    """Changes to one document, collected and then made at once."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.text = document.text
        self.newline = "\r\n" if re.match(r"[^\n]*\r\n", self.text) else "\n"
        self._changes: list[tuple[int, int, str, bool]] = []

    def put(self, start: int, end: int, text: str) -> None:
        """Replace ``text[start:end]``; equal positions keep the order of the calls."""
        self._changes.append((start, end, text, False))

    def put_lines(self, position: int, lines: list[str]) -> None:
        """Insert whole lines at the beginning of a line (or at the end of the text)."""
        self._changes.append((position, position, "".join(line + self.newline for line in lines), True))

    def result(self) -> str:
        """The text with every change made. Raises ``Overlap``."""
        parts: list[str] = []
        at = 0
        for start, end, text, lines in sorted(self._changes, key=lambda change: change[:2]):
            if start < at:
                raise Overlap
            parts.append(self.text[at:start])
            last = next((part[-1] for part in reversed(parts) if part), "\n")
            if lines and last not in "\n\ufeff":
                parts.append(self.newline)
            parts.append(text)
            at = end
        return "".join([*parts, self.text[at:]])

    def is_cut(self, position: int) -> bool:
        """Whether what stands at ``position`` is removed by a change made so far."""
        return any(start <= position < end and not text for start, end, text, _ in self._changes)

    def below(self, path: Path) -> list[Statement]:
        """Every statement of the table at ``path``, in order."""
        return [item for item in self.document.statements if starts_with(item.path, path)]

    def entry(self, path: Path) -> Entry | None:
        """The ``key = value`` that gives exactly ``path``."""
        entries = (item for item in self.document.statements if isinstance(item, Entry))
        return next((item for item in entries if item.path == path), None)

    def around(self, path: Path) -> Entry | None:
        """The ``key = { … }`` whose inline table is ``path`` or holds it."""
        entries = (item for item in self.document.statements if isinstance(item, Entry))
        return next((item for item in entries if starts_with(path, item.path)), None)

    def header(self, path: Path) -> Header | None:
        """The header of exactly ``path``."""
        headers = (item for item in self.document.statements if isinstance(item, Header))
        return next((item for item in headers if item.path == path), None)

    def last_line(self, header: Header) -> int:
        """Where the line after a header's last entry begins."""
        end = header.end
        index = self.document.statements.index(header) + 1
        for item in self.document.statements[index:]:
            if isinstance(item, Header):
                break
            end = item.end
        return end

    def block_end(self, header: Header) -> int:
        """Where the block of a header ends: after its entries, comments that touch the last of
        them (unless they touch the next header as well), and blank lines.
        """
        end = self.last_line(header)
        after = end
        while match := _COMMENT_LINE.match(self.text, after):
            after = match.end()
            if match.start() == match.end():
                break
        if after == len(self.text) or _BLANK_LINE.match(self.text, after):
            end = after
        while end < len(self.text) and (match := _BLANK_LINE.match(self.text, end)):
            end = match.end()
        return end

    def cut(self, path: Path) -> None:
        """Remove everything of the table or key at ``path``."""
        covered = -1
        for item in self.below(path):
            if item.start < covered:
                continue
            covered = self.block_end(item) if isinstance(item, Header) else item.end
            self.put(item.start, covered, "")

    def cut_items(self, array: Value, first: int, end: int) -> None:
        """Remove the items ``first`` to ``end - 1`` of an array that keeps others."""
        items = array.items or []
        lines = [self._own_line(item) for item in items[first:end]]
        if all(lines):
            for span in filter(None, lines):
                self.put(*span, "")
        elif end < len(items):
            self.put(items[first].start, items[end].start, "")
        else:
            self.put(items[first - 1].end, items[end - 1].end, "")

    def _own_line(self, item: Value) -> tuple[int, int] | None:
        """The lines of an item that shares them with no other."""
        line = self.text.rfind("\n", 0, item.start) + 1
        rest = _LINE_REST.match(self.text, item.end)
        alone = rest is not None and not self.text[line : item.start].strip(" \t")
        return (line, rest.end()) if rest is not None and alone else None

    def put_items(self, array: Value, index: int, written: list[str]) -> None:
        """Insert items after the item ``index`` of an array that is not empty."""
        item = (array.items or [])[index]
        line = self.text.rfind("\n", 0, item.start) + 1
        indent = self.text[line : item.start]
        rest = _LINE_REST.match(self.text, item.end)
        if not rest or indent.strip(" \t"):
            self.put(item.end, item.end, "".join(f", {text}" for text in written))
            return
        if not rest[1]:
            self.put(item.end, item.end, ",")
        lines = [f"{indent}{text}," for text in written]
        if not rest[1]:
            lines[-1] = lines[-1][:-1]
        self.put(rest.end(), rest.end(), "".join(text + self.newline for text in lines))
