"""A list in a dialog: rows of pieces, one under the cursor."""

from __future__ import annotations

from textual.message import Message
from textual.strip import Strip

from mqttx_tui.ui.widgets.ink import Piece
from mqttx_tui.ui.widgets.lines import LineList


class PickList(LineList):
    """Shows ``rows``; Enter or a double click picks the one under the cursor."""

    class Picked(Message):
        """Enter on a row."""

        def __init__(self, picker: PickList) -> None:
            super().__init__()
            self.picker = picker

        @property
        def control(self) -> PickList:
            """The list."""
            return self.picker

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._rows: list[list[Piece]] = []
        self._note = ""
        self._top = 0
        self.place = 0
        """The index of the row under the cursor."""

    def put(self, rows: list[list[Piece]], *, note: str = "", place: int = 0) -> None:
        """Show other rows; ``note`` stands there when there are none."""
        self._rows = rows
        self._note = note
        self._top = 0
        self.place = min(max(place, 0), max(len(rows) - 1, 0))
        self._keep_in_sight()
        self.repaint_changes()

    def line_at(self, y: int, cells: int) -> Strip:
        """One row."""
        index = self._top + y
        if index < len(self._rows):
            at_cursor = index == self.place
            mark: Piece = ("› " if at_cursor else "  ", "in")
            return self.pieces_strip([mark, *self._rows[index]], cells, "cursor" if at_cursor else "")
        note = self._note if not self._rows and not y else ""
        return self.pieces_strip([(f"  {note}", "dim")], cells)

    def move_rows(self, delta: int) -> None:
        """Move the cursor."""
        self.place = min(max(self.place + delta, 0), max(len(self._rows) - 1, 0))
        self._keep_in_sight()

    def _keep_in_sight(self) -> None:
        self._top = min(max(self._top, self.place - self.page_rows + 1), self.place)

    def move_to_line(self, y: int) -> bool:
        """A click."""
        if self._top + y >= len(self._rows):
            return False
        self.place = self._top + y
        return True

    def move_home(self) -> None:
        """First row."""
        self.move_rows(-len(self._rows))

    def move_end(self) -> None:
        """Last row."""
        self.move_rows(len(self._rows))

    def entered(self) -> None:
        """Pick."""
        if self._rows:
            self.post_message(self.Picked(self))

    def on_resize(self) -> None:
        """The cursor stays in sight."""
        super().on_resize()
        self._keep_in_sight()
