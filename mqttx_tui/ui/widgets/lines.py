"""A list of lines that paints only what changed: base of the stream, the tree and the connections.

It keeps its own first row instead of Textual's virtual size: nothing is laid out when rows come, and
a subclass can anchor the view to an identity rather than to an index.
"""

from __future__ import annotations

from textual import events
from textual.binding import Binding
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip

from mqttx_tui.ui.widgets.ink import Inked

WHEEL_ROWS = 3


class LineList(Inked, can_focus=True):
    """Subclasses say how many rows there are and paint one; the cursor is theirs to anchor."""

    DEFAULT_CSS = "LineList { height: 1fr; width: 1fr; }"

    BINDINGS = [
        Binding("up,k,alt+k", "row_move(-1)", "up", show=False, id="list.up"),
        Binding("down,j,alt+j", "row_move(1)", "down", show=False, id="list.down"),
        Binding("pageup", "row_page(-1)", "page up", show=False, id="list.page_up"),
        Binding("pagedown", "row_page(1)", "page down", show=False, id="list.page_down"),
        Binding("ctrl+u", "row_half(-1)", "half a page up", show=False, id="list.half_up"),
        Binding("ctrl+d", "row_half(1)", "half a page down", show=False, id="list.half_down"),
        Binding("home,g,alt+g", "row_home", "first", show=False, id="list.home"),
        Binding("end,G,alt+G", "row_end", "last", show=False, id="list.end"),
        Binding("left,h,alt+h", "row_left", "left", show=False, id="list.left"),
        Binding("right,l,alt+l", "row_right", "right", show=False, id="list.right"),
        Binding("enter", "row_enter", "open", show=False, id="list.enter"),
        Binding("space", "row_space", "toggle", show=False, id="list.space"),
    ]

    class Moved(Message):
        """The cursor went to another row."""

        def __init__(self, lines: LineList) -> None:
            super().__init__()
            self.lines = lines

        @property
        def control(self) -> LineList:
            """The list whose cursor moved."""
            return self.lines

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._painted: list[Strip] = []

    # what a subclass provides

    def line_at(self, y: int, cells: int) -> Strip:
        """The strip of screen line ``y``, exactly ``cells`` wide; the same object while unchanged."""
        raise NotImplementedError

    @property
    def looked_at_line(self) -> int:
        """The screen line of the cursor: the rows near it are painted first on a slow terminal."""
        return 0

    def move_rows(self, delta: int) -> None:
        """Move the cursor by ``delta`` rows."""
        raise NotImplementedError

    def scroll_rows(self, delta: int) -> None:
        """Scroll without moving the cursor where the list can; else like ``move_rows``."""
        self.move_rows(delta)

    def move_to_line(self, y: int) -> bool:
        """Put the cursor on screen line ``y``; False where there is no row."""
        raise NotImplementedError

    def move_home(self) -> None:
        """Cursor to the first row."""
        raise NotImplementedError

    def move_end(self) -> None:
        """Cursor to the last row."""
        raise NotImplementedError

    def entered(self) -> None:
        """Enter on the row under the cursor."""

    def toggled(self) -> None:
        """Space on the row under the cursor."""

    def leftwards(self) -> None:
        """Left on the row under the cursor."""

    def rightwards(self) -> None:
        """Right on the row under the cursor."""

    # painting

    @property
    def page_rows(self) -> int:
        """Lines on screen."""
        return max(self.size.height, 1)

    def render_line(self, y: int) -> Strip:
        """Paint one line and remember it."""
        strip = self.line_at(y, self.size.width)
        painted = self._painted
        while len(painted) <= y:
            painted.append(strip)
        painted[y] = strip
        return strip

    def repaint_changes(self) -> int:
        """Ask for a repaint of the lines that differ from what is on screen; returns how many."""
        cells, height = self.size.width, self.size.height
        if cells <= 0 or height <= 0:
            return 0
        painted = self._painted
        regions = []
        for y in range(height):
            strip = self.line_at(y, cells)
            if y < len(painted) and (painted[y] is strip or painted[y] == strip):
                continue
            regions.append(Region(0, y, cells, 1))
        if regions:
            self.refresh(*regions)
        return len(regions)

    def on_resize(self) -> None:
        """Nothing painted is valid any more."""
        self._painted.clear()

    def notify_style_update(self) -> None:
        """Repaint everything after a change of theme."""
        super().notify_style_update()
        self._painted.clear()

    # keys and mouse

    def _after_move(self) -> None:
        self.repaint_changes()
        self.post_message(self.Moved(self))

    def action_row_move(self, delta: int) -> None:
        """Up and down."""
        self.move_rows(delta)
        self._after_move()

    def action_row_page(self, direction: int) -> None:
        """Page up and down."""
        self.action_row_move(direction * max(self.page_rows - 1, 1))

    def action_row_half(self, direction: int) -> None:
        """Half a page."""
        self.action_row_move(direction * max(self.page_rows // 2, 1))

    def action_row_home(self) -> None:
        """First row."""
        self.move_home()
        self._after_move()

    def action_row_end(self) -> None:
        """Last row."""
        self.move_end()
        self._after_move()

    def action_row_left(self) -> None:
        """Left."""
        self.leftwards()
        self._after_move()

    def action_row_right(self) -> None:
        """Right."""
        self.rightwards()
        self._after_move()

    def action_row_enter(self) -> None:
        """Enter."""
        self.entered()
        self.repaint_changes()

    def action_row_space(self) -> None:
        """Space."""
        self.toggled()
        self.repaint_changes()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Wheel."""
        event.stop()
        self.scroll_rows(WHEEL_ROWS)
        self._after_move()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Wheel."""
        event.stop()
        self.scroll_rows(-WHEEL_ROWS)
        self._after_move()

    def on_click(self, event: events.Click) -> None:
        """A click selects, a double click opens."""
        if self.move_to_line(event.y):
            if event.chain > 1:
                self.entered()
            self._after_move()
