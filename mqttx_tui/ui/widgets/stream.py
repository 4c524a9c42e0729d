"""The live stream: one line per message, painted from strips that are kept by message id."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from textual import events
from textual.message import Message as TextualMessage
from textual.strip import Strip

from mqttx_tui.ui.remembered import REMEMBERED
from mqttx_tui.ui.selection import RowSelection
from mqttx_tui.ui.stream_model import ABSOLUTE, Entry, StreamModel
from mqttx_tui.ui.widgets.ink import Piece
from mqttx_tui.ui.widgets.lines import LineList
from mqttx_tui.ui.widgets.stream_row import (
    USUAL,
    Columns,
    evicted_pieces,
    highlighted,
    mark_pieces,
    message_pieces,
    payload_cells,
    since_text,
)

FLOOD_RATE = 200.0
CALM_RATE = 100.0
"""A flood ends below this, so that the page does not change its height again and again."""
FLOOD_INTERVAL = 0.5
PAYLOAD_STEP = 8
MOST_OFFSET = 400

Lettering = Callable[[int], tuple[str, str]]


class Stream(LineList):
    """Paints a ``StreamModel``."""

    class Inspect(TextualMessage):
        """Enter on a message, or on an empty stream."""

    class PauseToggled(TextualMessage):
        """Space."""

    def __init__(self, model: StreamModel, letter: Lettering, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.model = model
        self.chosen_rows = RowSelection(model)
        self._drag_from: int | None = None
        self._dragged = False
        self._letter = letter
        self.letters_shown: Callable[[], bool] = lambda: False
        self.empty_state: Callable[[int, int], list[list[Piece]]] = lambda cells, height: []
        self._entries: list[Entry] = []
        self._blank: list[list[Piece]] = []
        self._strips: OrderedDict[tuple[object, ...], Strip] = OrderedDict()
        self._columns = Columns.of(80, letters=False)
        self._painted_at = 0.0
        self._flood = False
        self._note: list[Piece] = []
        self.flood_note: Callable[[int], list[Piece]] = lambda cells: []
        self.offset_cells = 0
        self.look = USUAL

    def start_over(self) -> None:
        """Another capture: its ids begin anew."""
        self._strips.clear()
        self._entries = []

    @property
    def ids_shown(self) -> list[int]:
        """The messages on the page."""
        return [entry.id for entry in self._entries if entry.mark is None]

    @property
    def flooded(self) -> bool:
        """Whether more arrives than can be read."""
        return self.model.follow and self._flood

    def sync(self, now: float) -> bool:
        """Read the page anew and repaint the lines that differ. True: something did."""
        self.model.poll(now)
        self._flood = self.model.rate > (CALM_RATE if self._flood else FLOOD_RATE)
        if self.flooded and now - self._painted_at < FLOOD_INTERVAL:
            return False
        self._load()
        painted = self.repaint_changes() > 0
        if painted:
            self._painted_at = now
        return painted

    def repaint_changes(self) -> int:
        """Read the page anew first: the cursor may have moved."""
        self._load()
        return super().repaint_changes()

    def _load(self) -> None:
        cells, height = self.size.width, self.size.height
        if cells <= 0 or height <= 0:
            return
        if self.model.follow:
            self.chosen_rows.clear()
        self._columns = Columns.of(cells, letters=self.letters_shown(), look=self.look)
        self._note = self.flood_note(cells) if self.flooded else []
        self._entries = self.model.page(height - 1 if self._note else height)
        self._blank = [] if self._entries else self.empty_state(cells, height)

    def line_at(self, y: int, cells: int) -> Strip:
        """One row of the page; under a flood the last line says where it comes from."""
        if self._note and y == self.size.height - 1:
            note = self._note
            return self._kept(("note", cells, tuple(note)), lambda: note, cells, "")
        if y >= len(self._entries):
            pieces = self._blank[y] if y < len(self._blank) else []
            return self._kept(("blank", cells, tuple(pieces)), lambda: pieces, cells, "")
        entry = self._entries[y]
        if (at := entry.mark) is not None:
            return self._kept(("mark", at, cells), lambda: mark_pieces(at, cells), cells, "")
        at_cursor = entry.id == self.model.cursor_id
        mark = "›" if at_cursor else "▌" if self.chosen_rows.holds(entry.id) else " "
        shown = (entry.evicted, entry.fate, mark, self._columns, self.offset_cells)
        key = (entry.id, *shown, self.model.times, entry.since, self.model.highlight)
        return self._kept(key, lambda: self._pieces(entry, mark), cells, "" if mark == " " else "cursor")

    def _pieces(self, entry: Entry, mark: str) -> list[Piece]:
        if entry.evicted or entry.message is None:
            return evicted_pieces(self._columns, entry.message, mark)
        pieces = message_pieces(
            entry.message,
            self._columns,
            self._letter(entry.message.connection),
            entry.fate,
            offset=self.offset_cells,
            mark=mark,
            when=None if self.model.times == ABSOLUTE else since_text(entry.since, self._columns.time),
        )
        highlight = self.model.highlight
        return pieces if highlight is None else highlighted(pieces, entry.message.topic, highlight)

    def _kept(
        self, key: tuple[object, ...], make: Callable[[], list[Piece]], cells: int, ground: str
    ) -> Strip:
        strip = self._strips.get(key)
        if strip is None:
            strip = self._strips[key] = self.pieces_strip(make(), cells, ground)
            if len(self._strips) > REMEMBERED.strips:
                self._strips.popitem(last=False)
        return strip

    def on_resize(self) -> None:
        """The page has another height."""
        super().on_resize()
        self._load()

    def notify_style_update(self) -> None:
        """Forget the strips after a change of theme."""
        super().notify_style_update()
        self._strips.clear()

    # moving

    @property
    def looked_at_line(self) -> int:
        """Of the page that was read last."""
        cursor = self.model.cursor_id
        return next((y for y, entry in enumerate(self._entries) if entry.id == cursor), 0)

    def move_rows(self, delta: int) -> None:
        """Cursor by rows."""
        self.model.move(delta)
        self.chosen_rows.moved()

    def select_rows(self, delta: int) -> None:
        """Cursor by rows; what it passes is selected."""
        self.chosen_rows.begin(sticky=False)
        self.model.move(delta)
        self._after_move()

    def toggle_selection(self) -> None:
        """Select from here on whatever the cursor passes, or end that."""
        if not self.chosen_rows.clear():
            self.chosen_rows.begin(sticky=True)
        self._after_move()

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """A row from which a selection may be dragged."""
        self._dragged = False
        self._drag_from = event.y if event.button == 1 and self._entries else None

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Drag: select from the row where the button went down to this one."""
        if self._drag_from is None or event.button != 1 or (not self._dragged and event.y == self._drag_from):
            return
        if not self._dragged:
            self._dragged = True
            self.chosen_rows.clear()
            if not self.model.go_to_line(self._drag_from):
                self._drag_from = None
                return
            self.chosen_rows.begin(sticky=True)
            self.capture_mouse()
        if event.y < 0 or event.y >= self.page_rows:
            self.model.move(-1 if event.y < 0 else 1)
        else:
            self.model.go_to_line(event.y)
        self._after_move()

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """The selection stays."""
        self._drag_from = None
        if self._dragged:
            self.release_mouse()

    def on_click(self, event: events.Click) -> None:
        """A click ends a selection; the one at the end of dragging does not."""
        if self._dragged:
            self._dragged = False
            event.stop()
            event.prevent_default()
        else:
            self.chosen_rows.clear()

    def scroll_rows(self, delta: int) -> None:
        """Page by rows; to the end of a live stream follows again."""
        at_end = self.model.follow or self.model.top_index + self.page_rows + delta >= self.model.count
        if delta > 0 and at_end and self.model.paused_at is None:
            self.model.resume()
        else:
            self.model.scroll(delta)

    def move_to_line(self, y: int) -> bool:
        """Cursor to a line."""
        return self.model.go_to_line(y)

    def move_home(self) -> None:
        """Oldest."""
        self.model.go_home()
        self.chosen_rows.moved()

    def move_end(self) -> None:
        """Newest."""
        self.model.go_end()
        self.chosen_rows.moved()

    def leftwards(self) -> None:
        """Payload column left."""
        self.offset_cells = max(self.offset_cells - PAYLOAD_STEP, 0)

    def rightwards(self) -> None:
        """Payload column right."""
        self.offset_cells = max(
            min(self.offset_cells + PAYLOAD_STEP, self._furthest_offset), self.offset_cells
        )

    @property
    def _furthest_offset(self) -> int:
        """Far enough to see the end of the longest payload on the page."""
        longest = max((payload_cells(entry.message) for entry in self._entries if entry.message), default=0)
        beyond = max(longest - self._columns.payload, 0)
        return min(-(-beyond // PAYLOAD_STEP) * PAYLOAD_STEP, MOST_OFFSET)

    def entered(self) -> None:
        """Inspect."""
        self.post_message(self.Inspect())

    def toggled(self) -> None:
        """Pause, or follow again."""
        self.model.pause()
        self.post_message(self.PauseToggled())
