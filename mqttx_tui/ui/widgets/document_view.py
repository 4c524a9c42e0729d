"""A scrolling view of a document, painted line by line."""

from __future__ import annotations

from textual.strip import Strip

from mqttx_tui.ui.widgets.document import Document, Span, TextDocument
from mqttx_tui.ui.widgets.ink import Piece
from mqttx_tui.ui.widgets.lines import LineList

INKS = {
    "text": "text",
    "key": "in plain",
    "string": "good",
    "number": "retained",
    "literal": "busy",
    "dim": "dim",
    "note": "dim",
    "gone": "bad plain",
    "gone marked": "bad marked",
    "come": "good plain",
    "come marked": "good marked",
}
"""The ink of each kind of span."""
SIDE_STEP = 16
MARGIN = 1
"""Blank cells before each line."""


def skipped(spans: list[Span], characters: int) -> list[Span]:
    """The spans without so many characters on the left."""
    found = []
    for text, kind in spans:
        if characters < len(text):
            found.append((text[characters:], kind))
        characters = max(characters - len(text), 0)
    return found


class DocumentView(LineList):
    """Shows a ``Document``; asks it for more when its end comes into sight."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._shown: Document = TextDocument("", "text")
        self._top = 0
        self._skip = 0

    @property
    def shown(self) -> Document:
        """The document on screen."""
        return self._shown

    def show(self, document: Document, *, keep_position: bool = False) -> None:
        """Show another document, from its top unless told to keep the position."""
        self._shown = document
        if not keep_position:
            self._top = self._skip = 0
        self.scroll_rows(0)
        self.repaint_changes()

    def line_at(self, y: int, cells: int) -> Strip:
        """One line of the document."""
        index = self._top + y
        if index >= self._shown.line_count():
            return self.pieces_strip([], cells)
        pieces: list[Piece] = [(" " * MARGIN, "text")]
        for text, kind in skipped(self._shown.line(index), self._skip):
            pieces.append((text, INKS.get(kind, "text")))
        return self.pieces_strip(pieces, cells)

    def move_rows(self, delta: int) -> None:
        """Scroll: a document has no cursor."""
        self.scroll_rows(delta)

    def scroll_rows(self, delta: int) -> None:
        """Scroll, and load the next part at the end."""
        wanted = self._top + delta
        if wanted + self.page_rows >= self._shown.line_count():
            self._shown.more()
        last = max(self._shown.line_count() - self.page_rows, 0)
        self._top = min(max(wanted, 0), last)

    def move_to_line(self, y: int) -> bool:
        """A click focuses and does nothing else."""
        return False

    def move_home(self) -> None:
        """The first line."""
        self._top = 0

    def move_end(self) -> None:
        """The end of what is loaded."""
        self.scroll_rows(self._shown.line_count())

    def leftwards(self) -> None:
        """Scroll to the left."""
        self._skip = max(self._skip - SIDE_STEP, 0)

    def rightwards(self) -> None:
        """Scroll to the right."""
        self._skip += SIDE_STEP
