"""A chart, or words in its place; repaints only the lines that differ."""

from __future__ import annotations

from textual.geometry import Region
from textual.strip import Strip

from mqttx_tui.ui.widgets.ink import Inked, Piece


class ChartView(Inked, can_focus=True):
    """Shows lines of pieces that are made for its size."""

    DEFAULT_CSS = "ChartView { height: 1fr; width: 1fr; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._rows: list[list[Piece]] = []

    def put(self, rows: list[list[Piece]]) -> int:
        """Show these lines; returns how many of them are new."""
        former, self._rows = self._rows, rows
        cells, height = self.size.width, self.size.height
        changed = [
            y
            for y in range(height)
            if (rows[y] if y < len(rows) else []) != (former[y] if y < len(former) else [])
        ]
        if changed and cells > 0:
            self.refresh(*(Region(0, y, cells, 1) for y in changed))
        return len(changed)

    def render_line(self, y: int) -> Strip:
        """One line."""
        return self.pieces_strip(self._rows[y] if y < len(self._rows) else [], self.size.width)
