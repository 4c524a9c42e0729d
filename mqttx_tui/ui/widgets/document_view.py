"""A scrolling view of a document, painted line by line."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from mqttx_tui.ui.widgets.document import STYLES, Document, TextDocument

MOST_WIDTH = 2_100


class DocumentView(ScrollView, can_focus=True):
    """Shows a ``Document``; asks it for more when its end is reached."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"document--{name}" for name in STYLES}
    DEFAULT_CSS = """
    DocumentView {
        height: 1fr;
        scrollbar-size: 1 1;
        overflow-x: hidden;
        & .document--text { color: $foreground; }
        & .document--key { color: $primary; }
        & .document--string { color: $success; }
        & .document--number { color: $warning; }
        & .document--literal { color: $secondary; }
        & .document--dim { color: $foreground 50%; }
        & .document--note { color: $foreground 60%; text-style: italic; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", "down", show=False, id="document.down"),
        Binding("k", "scroll_up", "up", show=False, id="document.up"),
        Binding("h", "scroll_left", "left", show=False, id="document.left"),
        Binding("l", "scroll_right", "right", show=False, id="document.right"),
        Binding("g", "scroll_home", "top", show=False, id="document.top"),
        Binding("G", "bottom", "end", show=False, id="document.end"),
        Binding("ctrl+d", "page_down", "page down", show=False, id="document.page_down"),
        Binding("ctrl+u", "page_up", "page up", show=False, id="document.page_up"),
    ]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._document: Document = TextDocument("", "text")

    @property
    def document(self) -> Document:
        """What is shown."""
        return self._document

    def show(self, document: Document, *, keep_position: bool = False) -> None:
        """Show another document, from its top unless told to keep the position."""
        self._document = document
        self._measure()
        if not keep_position:
            self.scroll_to(0, 0, animate=False)
        self.refresh()

    def _measure(self) -> None:
        size = Size(MOST_WIDTH, self._document.line_count())
        if size != self.virtual_size:
            self.virtual_size = size

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Load the next part when the end comes into sight."""
        super().watch_scroll_y(old_value, new_value)
        if new_value > old_value and new_value + self.size.height >= self._document.line_count() - 1:
            if self._document.more():
                self._measure()
            self.refresh()

    def action_bottom(self) -> None:
        """Go to the end of what is loaded."""
        self.scroll_end(animate=False)

    def action_page_down(self) -> None:
        """A page forward, at once."""
        self.scroll_page_down(animate=False)

    def action_page_up(self) -> None:
        """A page back, at once."""
        self.scroll_page_up(animate=False)

    def render_line(self, y: int) -> Strip:
        """Paint one line."""
        scroll_x, scroll_y = self.scroll_offset
        width = self.size.width
        base = self.rich_style
        index = scroll_y + y
        if index >= self._document.line_count():
            return Strip.blank(width, base)
        segments = [
            Segment(text, base + self.get_component_rich_style(f"document--{style}", partial=True))
            for text, style in self._document.line(index)
            if text
        ]
        return Strip(segments).crop_extend(scroll_x, scroll_x + width, base)
