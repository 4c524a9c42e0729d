"""The messages of one topic, newest first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from textual.strip import Strip

from mqttx_tui.model.message import Message
from mqttx_tui.ui.history_model import HistoryModel
from mqttx_tui.ui.history_row import HistoryColumns, history_pieces
from mqttx_tui.ui.remembered import REMEMBERED
from mqttx_tui.ui.widgets.ink import Piece
from mqttx_tui.ui.widgets.lines import LineList

VALUE_BYTES = 2048

ReadMessages = Callable[[list[int]], list[Message]]


class HistoryList(LineList):
    """Rows of a ``HistoryModel``; the messages are read as they are painted."""

    def __init__(self, model: HistoryModel, read: ReadMessages, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows_model = model
        self._read = read
        self._messages: OrderedDict[int, Message | None] = OrderedDict()
        self._strips: OrderedDict[tuple[object, ...], Strip] = OrderedDict()
        self.to_end = False
        """Whether the cursor is on its way to the oldest message, which is not known yet."""
        self.inspected: int | None = None
        self.marked: int | None = None
        self.on_entered: Callable[[int], None] = lambda _: None
        self.on_toggled: Callable[[int], None] = lambda _: None

    def start_over(self, model: HistoryModel) -> None:
        """Another topic."""
        self.rows_model = model
        self._messages.clear()
        self._strips.clear()
        self.to_end = False

    def fetch(self) -> None:
        """Read the messages of the page that are not known yet."""
        page = self.rows_model.page(self.page_rows)
        if page and (older := self.rows_model.older_than(page[-1])) is not None:
            page.append(older)
        missing = [ident for ident in page if ident not in self._messages]
        if missing:
            found = {message.id: message for message in self._read(missing)}
            for ident in missing:
                self._messages[ident] = found.get(ident)
            while len(self._messages) > REMEMBERED.history + len(page):
                self._messages.popitem(last=False)

    def line_at(self, y: int, cells: int) -> Strip:
        """One message."""
        model = self.rows_model
        if y == 0:
            self.fetch()
        page = model.page(self.page_rows)
        if y >= len(page):
            return self.pieces_strip([], cells)
        ident = page[y]
        older = self._messages.get(model.older_than(ident) or 0)
        ground = "cursor" if ident == model.cursor_id else ""
        mark = self._mark(ident)
        key = (ident, older is not None, ground, mark, cells, self.ink_generation)
        strip = self._strips.get(key)
        if strip is None:
            pieces = history_pieces(self._messages.get(ident), older, HistoryColumns.of(cells), mark)
            strip = self._strips[key] = self.pieces_strip(pieces, cells, ground)
            if len(self._strips) > REMEMBERED.history:
                self._strips.popitem(last=False)
        return strip

    def _mark(self, ident: int) -> Piece:
        if ident == self.marked:
            return ("◆", "busy")
        return ("›", "in") if ident == self.inspected else (" ", "in")

    def move_rows(self, delta: int) -> None:
        """The cursor, down to older ones."""
        self.to_end = False
        self.rows_model.move(delta, self.page_rows)

    def scroll_rows(self, delta: int) -> None:
        """The page; the cursor stays on its message while it can."""
        self.to_end = False
        self.rows_model.scroll(delta, self.page_rows)

    def move_to_line(self, y: int) -> bool:
        """A click."""
        self.to_end = False
        return self.rows_model.to_line(y, self.page_rows)

    def move_home(self) -> None:
        """The newest."""
        self.to_end = False
        self.rows_model.home()

    def move_end(self) -> None:
        """The oldest that is known; the tab looks for older ones then."""
        self.to_end = not self.rows_model.complete
        self.rows_model.end(self.page_rows)

    def entered(self) -> None:
        """Show the message."""
        if (ident := self.rows_model.cursor_id) is not None:
            self.on_entered(ident)

    def toggled(self) -> None:
        """Mark the message for comparing."""
        if (ident := self.rows_model.cursor_id) is not None:
            self.on_toggled(ident)
