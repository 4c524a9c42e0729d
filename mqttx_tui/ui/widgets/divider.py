"""A vertical rule between columns."""

from __future__ import annotations

from rich.segment import Segment
from textual.strip import Strip

from mqttx_tui.ui.widgets.ink import Inked


class Divider(Inked):
    """One cell wide."""

    DEFAULT_CSS = "Divider { width: 1; height: 1fr; }"

    def render_line(self, y: int) -> Strip:
        """The rule."""
        return Strip([Segment("│", self.ink("rule"))], 1)


class TooSmall(Inked):
    """All that fits below 30 by 6."""

    DEFAULT_CSS = "TooSmall { width: 1fr; height: 1fr; }"

    def render_line(self, y: int) -> Strip:
        """Which size is needed."""
        text = f"needs 30×6, has {self.size.width}×{self.size.height}" if y == 0 else ""
        return self.pieces_strip([(text, "busy")], self.size.width)
