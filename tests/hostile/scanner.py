"""What a terminal would make of an app's bytes; what the app has no business to send is an offence."""

from __future__ import annotations

import codecs
import re
from base64 import b64decode

from rich.cells import cell_len

_SGR = re.compile(r"\x1b\[([0-9;]*)m")
_MOVE = re.compile(r"\x1b\[(?:(\d+);(\d+))?H")
_MODE = re.compile(r"\x1b\[\?(1000|1003|1004|1006|1015|1016|1049|2004|2026|2048|25|7)([hl])")
_OTHER = re.compile(r"\x1b\[\?(2026|2048)\$p|\x1b\[>\d+u|\x1b\[<u|\x1b\]22;[a-z-]+\x07")
_CLIPBOARD = re.compile(r"\x1b\]52;c;([A-Za-z0-9+/=]*)\x07")
_UNFINISHED = re.compile(r"\x1b(?:\[[?>=<]?[0-9;]*\$?|\][^\x07\x1b]*)?\Z")
_SINGLE = {
    *range(10),
    *range(21, 30),
    *range(30, 38),
    39,
    *range(40, 48),
    49,
    *range(90, 98),
    *range(100, 108),
}
JOINERS = "\u200c\u200d"
"""Zero-width joiners are part of ordinary scripts and emoji."""
CONTEXT = 60
STOLEN = "STOLEN"
"""What hostile texts try to put on the clipboard."""


class Scanner:
    """Feed it every byte; ``grid`` is the screen, ``offences`` what must not have been sent.

    ``leaving`` allows the way out: the main screen and a visible cursor.
    """

    def __init__(self, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        self.grid = [[" "] * columns for _ in range(rows)]
        self.offences: list[str] = []
        self.copied: list[str] = []
        self.modes: dict[str, bool] = {}
        self.leaving = False
        self.after = ""
        """Text on the main screen, after the app left."""
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._rest = ""
        self._x = self._y = 0

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        text = self._rest + self._decoder.decode(data)
        self._rest = ""
        at = 0
        while at < len(text):
            if text[at] != "\x1b":
                self._character(text, at)
                at += 1
                continue
            end = self._sequence(text, at)
            if end == at:
                if _UNFINISHED.match(text, at):
                    self._rest = text[at:]
                    return
                self._offend("a control sequence", text, at)
                end = at + 1
            at = end

    def _offend(self, what: str, text: str, at: int) -> None:
        around = text[max(at - CONTEXT, 0) : at + CONTEXT]
        self.offences.append(f"{what} at row {self._y}, column {self._x}: {around!r}")

    def _sequence(self, text: str, at: int) -> int:
        """The end of an allowed sequence that begins at ``at``, or ``at``."""
        if match := _SGR.match(text, at):
            if not allowed_style(match[1]):
                self._offend("a style", text, at)
        elif match := _MOVE.match(text, at):
            self._move(int(match[2] or 1) - 1, int(match[1] or 1) - 1, text, at)
        elif match := _MODE.match(text, at):
            self._mode(match[1], match[2] == "h", text, at)
        elif match := _CLIPBOARD.match(text, at):
            self.copied.append(b64decode(match[1]).decode())
            if self.copied[-1] == STOLEN:
                self._offend("a copy", text, at)
        else:
            match = _OTHER.match(text, at)
        return match.end() if match else at

    def _move(self, x: int, y: int, text: str, at: int) -> None:
        if x >= self.columns or y >= self.rows:
            self._offend("a move off the screen", text, at)
        self._x, self._y = x, y

    def _mode(self, mode: str, on: bool, text: str, at: int) -> None:
        if not self.leaving and (mode, on) in (("1049", False), ("25", True)):
            self._offend("leaving the screen", text, at)
        self.modes[mode] = on

    def _character(self, text: str, at: int) -> None:
        character = text[at]
        if self.leaving and not self.modes.get("1049"):
            if character not in "\r\n\x07" and not character.isprintable():
                self._offend("a character", text, at)
            self.after += character
            return
        if character in "\r\n":
            self._x, self._y = (0, self._y) if character == "\r" else (self._x, self._y + 1)
            return
        if not character.isprintable() and character not in JOINERS:
            self._offend("a character", text, at)
        width = cell_len(character)
        if self._x < self.columns and self._y < self.rows:
            row = self.grid[self._y]
            if width == 0 and self._x:
                row[self._x - 1] += character
            elif width:
                row[self._x : self._x + width] = [character, *[""] * (width - 1)]
        self._x += width

    # reading the screen

    def text(self) -> str:
        """The screen's rows."""
        return "\n".join("".join(row) for row in self.grid)

    def find(self, text: str) -> tuple[int, int] | None:
        """Column and row (from 0) of the first ``text`` on screen."""
        for y, row in enumerate(self.grid):
            x = "".join(row).find(text)
            if x >= 0:
                return cell_len("".join(row)[:x]), y
        return None


def allowed_style(parameters: str) -> bool:
    """Whether an SGR sequence has only parameters that Textual writes."""
    numbers = [int(number) if number else 0 for number in parameters.split(";")]
    while numbers:
        first = numbers.pop(0)
        if first in (38, 48) and numbers[:1] == [2] and len(numbers) >= 4 and max(numbers[1:4]) < 256:
            del numbers[:4]
        elif first in (38, 48) and numbers[:1] == [5] and len(numbers) >= 2 and numbers[1] < 256:
            del numbers[:2]
        elif first not in _SINGLE:
            return False
    return True
