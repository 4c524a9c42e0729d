"""A row of small fields and buttons that goes on in the next line where the width ends."""

from __future__ import annotations

from textual.containers import Container
from textual.geometry import NULL_OFFSET, NULL_SPACING, Region, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.widget import Widget


class _FlowLayout(Layout):
    """Places children of one line each from left to right, and below where they do not fit."""

    name = "flow"

    def arrange(
        self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True
    ) -> ArrangeResult:
        """Placements; a child is never wider than the row."""
        placements = []
        x = y = 0
        for child in children:
            wanted = child.get_content_width(size, size) + child.gutter.width
            width = min(wanted, max(size.width, 1))
            if x and x + width > size.width:
                x, y = 0, y + 1
            placements.append(WidgetPlacement(Region(x, y, width, 1), NULL_OFFSET, NULL_SPACING, child))
            x += width
        return placements


class Flow(Container):
    """As many lines as its children need."""

    DEFAULT_CSS = "Flow { width: 1fr; height: auto; }"

    def __init__(self, *children: Widget, id: str | None = None) -> None:
        super().__init__(*children, id=id)
        self._flow = _FlowLayout()

    @property
    def layout(self) -> Layout:
        """Ours, whatever the style sheet says."""
        return self._flow
