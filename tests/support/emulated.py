"""What a terminal would show: just enough of one to tell where text stands."""

from __future__ import annotations

import codecs
import re
import unicodedata

_PART = re.compile(
    r"\x1b\[([0-9;]*)([A-Za-z])"  # 1, 2: a sequence with numbers
    r"|\x1b[\[][0-?]*[ -/]*[@-~]"  # any other sequence
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"
    r"|\x1b[^\[\]]"
    r"|([\r\n])"  # 3
    r"|([^\x1b\r\n]+)"  # 4: text
)
_INCOMPLETE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|\][^\x07]*)?$")


class Screen:
    """Rows of characters; colours are not kept. ``feed`` takes bytes in any pieces."""

    def __init__(self, columns: int = 120, rows: int = 40) -> None:
        self.columns, self.rows = columns, rows
        self.cells = [[" "] * columns for _ in range(rows)]
        self._x = self._y = 0
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._rest = ""

    def feed(self, data: bytes) -> None:
        """Take over what a program wrote."""
        text = self._rest + self._decode(data)
        cut = _INCOMPLETE.search(text)
        self._rest = text[cut.start() :] if cut else ""
        for match in _PART.finditer(text[: len(text) - len(self._rest)]):
            if match[4] is not None:
                self._write(match[4])
            elif match[2] is not None:
                self._control(match[1], match[2])
            elif match[3] == "\n":
                self._y = min(self._y + 1, self.rows - 1)
            elif match[3] == "\r":
                self._x = 0

    def _control(self, numbers: str, letter: str) -> None:
        if letter in "Hf":
            y, _, x = numbers.partition(";")
            self._y = min(max(int(y or 1), 1), self.rows) - 1
            self._x = min(max(int(x or 1), 1), self.columns) - 1
        elif letter == "J":
            self.cells = [[" "] * self.columns for _ in range(self.rows)]
        elif letter == "K":
            self.cells[self._y][self._x :] = [" "] * (self.columns - self._x)

    def _write(self, text: str) -> None:
        row, x = self.cells[self._y], self._x
        for character in text:
            if x >= self.columns:
                break
            row[x] = character
            x += 1
            if ord(character) > 0x1100 and unicodedata.east_asian_width(character) in "WF":
                row[x : x + 1] = [""]
                x += 1
        self._x = min(x, self.columns)

    def line(self, y: int) -> str:
        """One row as text."""
        return "".join(self.cells[y])

    def lines(self) -> list[str]:
        """Every row as text."""
        return ["".join(row) for row in self.cells]

    def find(self, text: str) -> int:
        """The first row that holds ``text``, or -1."""
        return next((y for y, line in enumerate(self.lines()) if text in line), -1)
