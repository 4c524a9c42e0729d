"""A plain list of rows with a cursor, for dialogs."""

from __future__ import annotations

from textual.message import Message
from textual.strip import Strip

from mqttx_tui.ui.widgets.ink import Piece
from mqttx_tui.ui.widgets.lines import LineList


class Rows(LineList):
    """Shows lines of pieces; a row of ``headings`` is passed over by the cursor."""

    class Entered(Message):
        """Enter (``step`` 0), Space or right (1), left (-1) on a row."""

        def __init__(self, rows: Rows, step: int) -> None:
            super().__init__()
            self.rows = rows
            self.step = step

        @property
        def control(self) -> Rows:
            """The list."""
            return self.rows

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines: list[list[Piece]] = []
        self._headings: frozenset[int] = frozenset()
        self._top = 0
        self.at = 0

    def show(self, lines: list[list[Piece]], headings: frozenset[int] = frozenset()) -> None:
        """Other rows; the cursor stays at its place."""
        self._lines, self._headings = lines, headings
        self.go_to(self.at)

    def go_to(self, index: int, towards: int = 1) -> None:
        """Put the cursor on a row; over a heading it goes on ``towards`` the next row."""
        last = len(self._lines) - 1
        index = min(max(index, 0), max(last, 0))
        while index in self._headings and 0 <= index + towards <= last:
            index += towards
        if index in self._headings:
            index = self.at
        self.at = index
        above = index - 1 if index - 1 in self._headings else index
        self._top = min(self._top, above)
        self._top = max(self._top, index - self.page_rows + 1, 0)
        self.repaint_changes()

    def line_at(self, y: int, cells: int) -> Strip:
        """One row, the one under the cursor on its ground and with a mark."""
        index = self._top + y
        if index >= len(self._lines):
            return self.pieces_strip([], cells)
        here = index == self.at
        pieces: list[Piece] = [("›" if here else " ", "in"), *self._lines[index]]
        return self.pieces_strip(pieces, cells, "cursor" if here else "")

    def move_rows(self, delta: int) -> None:
        """Move the cursor."""
        self.go_to(self.at + delta, 1 if delta > 0 else -1)

    def move_to_line(self, y: int) -> bool:
        """Cursor to a line on screen."""
        index = self._top + y
        if index >= len(self._lines) or index in self._headings:
            return False
        self.go_to(index)
        return True

    def move_home(self) -> None:
        """First."""
        self._top = 0
        self.go_to(0)

    def move_end(self) -> None:
        """Last."""
        self.go_to(len(self._lines) - 1, -1)

    def entered(self) -> None:
        """Enter."""
        self.post_message(self.Entered(self, 0))

    def toggled(self) -> None:
        """Space."""
        self.post_message(self.Entered(self, 1))

    def rightwards(self) -> None:
        """Right."""
        self.post_message(self.Entered(self, 1))

    def leftwards(self) -> None:
        """Left."""
        self.post_message(self.Entered(self, -1))
