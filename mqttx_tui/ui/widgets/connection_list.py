"""The list of connections: rows for each, its stages until it first stood, and its subscriptions."""

from __future__ import annotations

from textual.message import Message as TextualMessage
from textual.strip import Strip

from mqttx_tui.ui.connection_rows import OPEN_CONNECTIONS, Row, Rows, nothing_listed
from mqttx_tui.ui.widgets.lines import LineList
from mqttx_tui.ui.workspace import Workspace

NO_ROWS = 4
"""Lines of what a list without rows says."""


class ConnectionList(LineList):
    """Rows of ``Workspace.known``; the cursor stays on its connection or subscription."""

    class Entered(TextualMessage):
        """Enter on a connection, or on something under it."""

        def __init__(self, row: Row) -> None:
            super().__init__()
            self.row = row

    class Switched(TextualMessage):
        """Space on a subscription."""

        def __init__(self, row: Row) -> None:
            super().__init__()
            self.row = row

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.workspace: Workspace | None = None
        self._rows = Rows()
        self._listed: list[Row] = []
        self._place: tuple[str, str] | None = None
        self._top = 0
        self._now = 0.0

    @property
    def row_total(self) -> int:
        """Lines that it would like to have."""
        return len(self._listed) or NO_ROWS

    @property
    def current(self) -> Row | None:
        """The row under the cursor."""
        return self._listed[self._at()] if self._listed else None

    @property
    def search(self) -> str:
        """What the list is narrowed to."""
        return self._rows.search

    def narrow(self, search: str) -> None:
        """Show only the connections in which every word of ``search`` stands; "" for all."""
        self._rows.search = search.strip()
        self._list()
        self.repaint_changes()

    def sync(self, now: float) -> bool:
        """List anew and repaint the lines that differ."""
        self._now = now
        self._list()
        return self.repaint_changes() > 0

    def _list(self) -> None:
        if self.workspace is not None:
            self._listed = self._rows.build(self.workspace, self.size.width, self._now)
        self._clamp()

    # cursor

    def _at(self) -> int:
        for index, row in enumerate(self._listed):
            if row.identity == self._place:
                return index
        if self._place is not None:
            for index, row in enumerate(self._listed):
                if row.known is not None and row.known.key == self._place[0]:
                    return index
        return 0

    def _put(self, index: int) -> None:
        if not self._listed:
            return
        index = max(0, min(index, len(self._listed) - 1))
        self._place = self._listed[index].identity
        self._clamp()
        if index < self._top:
            self._top = index
        elif index >= self._top + self.page_rows:
            self._top = index - self.page_rows + 1

    def _clamp(self) -> None:
        self._top = max(0, min(self._top, len(self._listed) - self.page_rows))

    def move_rows(self, delta: int) -> None:
        """Cursor by rows."""
        self._put(self._at() + delta)

    def move_to_line(self, y: int) -> bool:
        """Cursor to a line."""
        if self._top + y >= len(self._listed):
            return False
        self._put(self._top + y)
        return True

    def move_home(self) -> None:
        """First."""
        self._put(0)

    def move_end(self) -> None:
        """Last."""
        self._put(len(self._listed) - 1)

    def go_to_connection(self, connection: int) -> None:
        """Cursor to a connection, its group unfolded."""
        if self.workspace is not None:
            for known in self.workspace.known:
                if known.id == connection:
                    self._rows.reveal(known)
            self._list()
        for index, row in enumerate(self._listed):
            if row.known is not None and row.known.id == connection and not row.mark:
                self._put(index)

    def entered(self) -> None:
        """Enter: a heading folds, everything else is the pane's."""
        row = self.current
        if row is None:
            return
        if row.known is None:
            self.toggled()
        else:
            self.post_message(self.Entered(row))

    def toggled(self) -> None:
        """Space: a subscription on or off, a connection or group folded."""
        row = self.current
        if row is None:
            return
        if row.topic_filter:
            self.post_message(self.Switched(row))
        else:
            self._fold(row, not self._rows.is_open(row, self._few))

    @property
    def _few(self) -> bool:
        return self.workspace is not None and len(self.workspace.known) <= OPEN_CONNECTIONS

    def leftwards(self) -> None:
        """Fold."""
        if (row := self.current) is not None:
            self._fold(row, False)

    def rightwards(self) -> None:
        """Unfold."""
        if (row := self.current) is not None:
            self._fold(row, True)

    def _fold(self, row: Row, opened: bool) -> None:
        self._rows.fold(row, opened)
        if not opened and row.known is not None:
            self._place = (row.known.key, "")
        self._list()

    # painting

    def line_at(self, y: int, cells: int) -> Strip:
        """One row."""
        index = self._top + y
        if not self._listed and self.workspace is not None:
            guide = nothing_listed(self.workspace, self._rows.search)
            return self.pieces_strip(guide[y] if y < len(guide) else [], cells)
        if index >= len(self._listed):
            return self.pieces_strip([], cells)
        row = self._listed[index]
        at_cursor = self.has_focus and index == self._at()
        pieces = list(row.pieces)
        if at_cursor:
            pieces = [("›" + pieces[0][0][1:], pieces[0][1]), *pieces[1:]]
        return self.pieces_strip(pieces, cells, "cursor" if at_cursor else "")

    def on_focus(self) -> None:
        """The cursor shows; the rows are there for the next key, also when the pane was off screen."""
        self._list()
        self.repaint_changes()

    def on_blur(self) -> None:
        """The cursor hides."""
        self.repaint_changes()
