"""The fields of a payload that can be drawn, to choose one."""

from __future__ import annotations

from collections.abc import Callable

from textual.strip import Strip

from mqttx_tui.ui.chart_values import Field
from mqttx_tui.ui.safe import clip, fit, line, width
from mqttx_tui.ui.widgets.lines import LineList

PATH_CELLS = 40


class FieldList(LineList):
    """One field a row: its path and its number now."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._fields: list[Field] = []
        self._cursor = 0
        self._top = 0
        self.on_chosen: Callable[[str], None] = lambda _: None

    def offer(self, fields: list[Field], chosen: str) -> None:
        """Other fields, with the cursor on one of them."""
        self._fields = fields
        self._cursor = next((at for at, field in enumerate(fields) if field.path == chosen), 0)
        self._top = 0
        self.move_rows(0)

    def line_at(self, y: int, cells: int) -> Strip:
        """One field."""
        index = self._top + y
        if index >= len(self._fields):
            return self.pieces_strip([], cells)
        field = self._fields[index]
        here = index == self._cursor
        most = min(max(width(each.path) for each in self._fields[:200]), PATH_CELLS, cells // 2)
        pieces = [
            (" › " if here else "   ", "in"),
            (fit(line(field.path), most), "strong plain"),
            (f"  {clip(line(field.shown, 60), 30)}", "value"),
        ]
        return self.pieces_strip(pieces, cells, "cursor" if here else "")

    def move_rows(self, delta: int) -> None:
        """The cursor."""
        self._cursor = min(max(self._cursor + delta, 0), max(len(self._fields) - 1, 0))
        self._top = min(self._top, self._cursor)
        self._top = max(self._top, self._cursor - self.page_rows + 1)

    def move_to_line(self, y: int) -> bool:
        """A click."""
        if self._top + y >= len(self._fields):
            return False
        self._cursor = self._top + y
        return True

    def move_home(self) -> None:
        """The first."""
        self.move_rows(-len(self._fields))

    def move_end(self) -> None:
        """The last."""
        self.move_rows(len(self._fields))

    def entered(self) -> None:
        """Choose."""
        if self._fields:
            self.on_chosen(self._fields[self._cursor].path)
