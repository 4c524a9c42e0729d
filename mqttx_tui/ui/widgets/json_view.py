"""JSON with a cursor: objects and arrays fold, what changed stands beside the lines."""

from __future__ import annotations

from textual.strip import Strip

from mqttx_tui.ui.json_document import JsonDocument, Look
from mqttx_tui.ui.keys import key
from mqttx_tui.ui.safe import width
from mqttx_tui.ui.widgets.document import Span
from mqttx_tui.ui.widgets.document_view import INKS, MARGIN, SIDE_STEP, skipped
from mqttx_tui.ui.widgets.ink import Piece
from mqttx_tui.ui.widgets.lines import LineList

GAP = 2
"""Blanks between a long line and what changed in it."""


class JsonView(LineList):
    """Shows a ``JsonDocument``; the cursor stays on its path from one message of a topic to the next."""

    BINDINGS = [
        key("minus", "fold_all(True)", "fold everything", "json.fold_all"),
        key("plus", "fold_all(False)", "unfold everything", "json.unfold_all"),
    ]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._document = JsonDocument("null", Look())
        self._row = self._top = self._skip = 0

    @property
    def document(self) -> JsonDocument:
        """The document on screen."""
        return self._document

    def show(self, document: JsonDocument, *, keep_page: bool) -> None:
        """Show a document with the cursor where it was in its topic; ``keep_page``: the page, too."""
        self._document = document
        self._row = document.nearest_row(document.look.cursor)
        if not keep_page:
            self._top = self._skip = 0
        self._into_view()
        self.repaint_changes()

    @property
    def cursor_line(self) -> int:
        """The line of the outline under the cursor."""
        return self._document.rows[self._row]

    # painting

    def line_at(self, y: int, cells: int) -> Strip:
        """A row, or what is gone behind the last one."""
        document, row = self._document, self._top + y
        if row >= len(document.rows):
            gone = document.gone if row == len(document.rows) else ""
            return self.pieces_strip(self._pieces([(gone, "note")], " "), cells)
        spans = document.spans(row)
        if said := document.note(row):
            taken = sum(width(text) for text, _ in spans)
            column = document.column(cells - MARGIN)
            spans += [(" " * max(column - taken, GAP), "text"), (said, "note")]
        at_cursor = self.has_focus and row == self._row
        pieces = self._pieces(spans, "›" if at_cursor else " ")
        return self.pieces_strip(pieces, cells, "cursor" if at_cursor else "")

    def _pieces(self, spans: list[Span], margin: str) -> list[Piece]:
        left = skipped(spans, self._skip)
        return [(margin, "in"), *((text, INKS.get(kind, "text")) for text, kind in left)]

    def on_focus(self) -> None:
        """The cursor shows."""
        self.repaint_changes()

    def on_blur(self) -> None:
        """The cursor hides."""
        self.repaint_changes()

    # moving

    def move_rows(self, delta: int) -> None:
        """The cursor; at its end the page goes on to what is gone."""
        wanted = self._row + delta
        last = len(self._document.rows) - 1
        self._row = min(max(wanted, 0), last)
        self._into_view()
        if wanted > last and self._document.gone:
            self._top = max(self._top, last + 2 - self.page_rows)

    def scroll_rows(self, delta: int) -> None:
        """The page; the cursor goes with it only at its edge."""
        total = len(self._document.rows) + bool(self._document.gone)
        self._top = min(max(self._top + delta, 0), max(total - self.page_rows, 0))
        last = min(self._top + self.page_rows, len(self._document.rows)) - 1
        self._row = min(max(self._row, self._top), last)
        self._into_view()

    def _into_view(self) -> None:
        rows, height = len(self._document.rows), self.page_rows
        self._row = min(self._row, rows - 1)
        self._document.look.cursor = self._document.outline.path(self.cursor_line)
        self._top = min(self._top, max(rows - height, 0))
        if self._row < self._top:
            self._top = self._row
        elif self._row >= self._top + height:
            self._top = self._row - height + 1

    def on_resize(self) -> None:
        """The cursor stays on screen; what the layout has painted before this came may stand elsewhere."""
        super().on_resize()
        self._into_view()
        self.refresh()

    def move_to_line(self, y: int) -> bool:
        """The cursor to a line of the screen."""
        if self._top + y >= len(self._document.rows):
            return False
        self._row = self._top + y
        self._into_view()
        return True

    def move_home(self) -> None:
        """The first line."""
        self.move_rows(-len(self._document.rows))

    def move_end(self) -> None:
        """The last line."""
        self.move_rows(len(self._document.rows))

    # folding

    def entered(self) -> None:
        """Fold or unfold the object or array that begins or ends here."""
        start = self._document.outline.start(self.cursor_line)
        self._fold(start, not self._document.is_folded(start))

    def toggled(self) -> None:
        """Space does the same."""
        self.entered()

    def _fold(self, start: int, folded: bool) -> bool:
        changed = self._document.set_folded(start, folded)
        if changed:
            self._row = self._document.row_of(start)
            self._into_view()
        return changed

    def leftwards(self) -> None:
        """Back to the left, then fold, then to what is around."""
        if self._skip:
            self._skip = max(self._skip - SIDE_STEP, 0)
            return
        outline, line = self._document.outline, self.cursor_line
        start = outline.start(line)
        if not self._fold(start, True):
            around = outline.parent(start)
            if around >= 0:
                self._row = self._document.row_of(around)
                self._into_view()

    def rightwards(self) -> None:
        """Unfold, then into what is open; on any other line to the right, where it goes on."""
        document, line = self._document, self.cursor_line
        if document.is_folded(line):
            self._fold(line, False)
        elif document.outline.opens(line):
            self.move_rows(1)
        elif self._longest_shown() > self._skip + self.size.width - MARGIN:
            self._skip += SIDE_STEP

    def _longest_shown(self) -> int:
        document = self._document
        shown = range(self._top, min(self._top + self.page_rows, len(document.rows)))
        column = document.column(self.size.width - MARGIN)
        longest = 0
        for row in shown:
            taken = sum(width(text) for text, _ in document.spans(row))
            if said := document.note(row):
                taken = max(taken + GAP, column) + width(said)
            longest = max(longest, taken)
        return max(longest, width(document.gone))

    def action_fold_all(self, folded: bool) -> None:
        """Fold everything inside the outermost brackets, or nothing."""
        line = self.cursor_line
        self._document.fold_all(folded)
        self._row = self._document.row_of(line)
        self._into_view()
        self._after_move()
