"""The packets of the trace, and the parts and bytes of one of them."""

from __future__ import annotations

from collections.abc import Callable

from textual.message import Message
from textual.strip import Strip

from mqttx_tui.capture.trace import Entry, TraceReader
from mqttx_tui.payload import hexdump
from mqttx_tui.ui.safe import fit
from mqttx_tui.ui.trace_layers import Opened
from mqttx_tui.ui.trace_model import TraceModel
from mqttx_tui.ui.trace_rows import Shown, line_pieces, look_at, value_text
from mqttx_tui.ui.widgets.ink import Piece
from mqttx_tui.ui.widgets.lines import LineList
from mqttx_tui.wire.cursor import Field

KEPT = 2_000
_HEX_AT = 10
NAME_CELLS = 22
WIDE_NAME_CELLS = 32
"""Where the line has ``WIDE_CELLS``: names of HTTP headers are long."""
WIDE_CELLS = 80


class TraceList(LineList):
    """One line a packet; the page lies around the cursor."""

    class Opened(Message):
        """Enter."""

    def __init__(
        self, model: TraceModel, trace: TraceReader, letter: Callable[[int], str], *, id: str
    ) -> None:
        super().__init__(id=id)
        self.model = model
        self._trace = trace
        self._letter = letter
        self._shown: dict[tuple[int, int], Shown] = {}
        self._strips: dict[tuple[object, ...], Strip] = {}
        self._above = 0
        """How many lines of the page lie above the cursor."""
        self.note: Callable[[], str] = lambda: ""

    def shown(self, entry: Entry) -> Shown:
        """What the line of an entry says."""
        found = self._shown.get(entry.key)
        if found is None:
            if len(self._shown) > KEPT:
                self._shown.clear()
                self._strips.clear()
            found = self._shown[entry.key] = look_at(entry, self._trace)
        return found

    def sync(self) -> bool:
        """Read what is new and repaint what differs."""
        self.model.sync(self.page_rows)
        return self.repaint_changes() > 0

    @property
    def _top(self) -> int:
        if self.model.follow:
            self._above = self.page_rows - 1
        self._above = min(max(self._above, 0), self.page_rows - 1)
        return max(self.model.place - self._above, 0)

    def line_at(self, y: int, cells: int) -> Strip:
        """One packet."""
        index = self._top + y
        if index >= len(self.model.entries):
            text = self.note() if not self.model.entries and y == min(1, self.page_rows - 1) else ""
            return self._kept(("note", text, cells), lambda: [(f"  {text}", "dim")], cells, "")
        entry = self.model.entries[index]
        at_cursor = index == self.model.place
        mark: Piece = ("›" if at_cursor else " ", "in")
        key = (entry.key, at_cursor, cells)
        letter = self._letter(entry.connection)
        return self._kept(
            key,
            lambda: [mark, *line_pieces(self.shown(entry), letter, cells)],
            cells,
            "cursor" if at_cursor else "",
        )

    def _kept(
        self, key: tuple[object, ...], make: Callable[[], list[Piece]], cells: int, ground: str
    ) -> Strip:
        strip = self._strips.get(key)
        if strip is None:
            strip = self._strips[key] = self.pieces_strip(make(), cells, ground)
        return strip

    def move_rows(self, delta: int) -> None:
        """The cursor, which drags the page only at its edges."""
        before = self.model.place
        count = len(self.model.entries)
        self.model.move(delta, self.page_rows)
        if not self.model.follow and len(self.model.entries) == count:
            self._above += self.model.place - before

    def move_to_line(self, y: int) -> bool:
        """A click."""
        index = self._top + y
        if index >= len(self.model.entries):
            return False
        self.model.follow = False
        self._above += index - self.model.place
        self.model.place = index
        return True

    def move_home(self) -> None:
        """The oldest that was read."""
        self._above = 0
        self.model.home(self.page_rows)

    def move_end(self) -> None:
        """The newest."""
        self.model.end()

    def entered(self) -> None:
        """Open it."""
        self.post_message(self.Opened())

    def notify_style_update(self) -> None:
        """Forget the strips after a change of theme."""
        super().notify_style_update()
        self._strips.clear()


class FieldRows(LineList):
    """The parts of a packet in their order; the one under the cursor is marked in the bytes."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._rows: list[tuple[Field | None, str]] = []
        """Parts, and then notes."""
        self._at = self._first = 0

    def put(self, opened: Opened) -> None:
        """Show another packet: its parts and the notes."""
        self._rows = [(field, "") for field in opened.fields]
        self._rows += [(None, note) for note in opened.notes]
        self._at = self._first = 0
        self.repaint_changes()

    @property
    def marked(self) -> Field | None:
        """The part under the cursor."""
        return self._rows[self._at][0] if self._at < len(self._rows) else None

    def line_at(self, y: int, cells: int) -> Strip:
        """One part."""
        index = self._first + y
        if index >= len(self._rows):
            return self.pieces_strip([], cells)
        at_cursor = index == self._at and self.has_focus
        mark: Piece = ("› " if at_cursor else "  ", "in")
        field, note = self._rows[index]
        pieces: list[Piece] = [(note, "busy")] if field is None else _field_pieces(field, cells)
        return self.pieces_strip([mark, *pieces], cells, "cursor" if at_cursor else "")

    def move_rows(self, delta: int) -> None:
        """The cursor."""
        self._at = min(max(self._at + delta, 0), max(len(self._rows) - 1, 0))
        self._first = min(max(self._first, self._at - self.page_rows + 1), self._at)

    def move_to_line(self, y: int) -> bool:
        """A click."""
        if self._first + y >= len(self._rows):
            return False
        self._at = self._first + y
        return True

    def move_home(self) -> None:
        """The first."""
        self.move_rows(-len(self._rows))

    def move_end(self) -> None:
        """The last."""
        self.move_rows(len(self._rows))


class SpanHex(LineList):
    """The bytes of a packet with the span of one part marked."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._raw = b""
        self._span = (0, 0)
        self._first = 0

    def put(self, raw: bytes, span: tuple[int, int]) -> None:
        """Show bytes with those from ``span[0]`` to before ``span[1]`` marked, and in sight."""
        if raw != self._raw:
            self._raw, self._first = raw, 0
        self._span = span
        line = span[0] // self._per_line
        if span[1] > span[0]:
            self._first = min(max(self._first, line - self.page_rows + 1), line)
        self.repaint_changes()

    @property
    def _per_line(self) -> int:
        return hexdump.per_line(self.size.width - 1)

    def line_at(self, y: int, cells: int) -> Strip:
        """A line of the dump."""
        per_line = self._per_line
        start = (self._first + y) * per_line
        data = self._raw[start : start + per_line]
        if not data:
            return self.pieces_strip([], cells)
        text = hexdump.lines(data, start, per_line)[0]
        ascii_at = len(text) - 1 - len(data)
        inks = ["dim"] * _HEX_AT + ["text"] * (ascii_at - 1 - _HEX_AT) + ["dim"] * (len(data) + 2)
        low, high = max(self._span[0] - start, 0), min(self._span[1] - start, len(data))
        for place in range(low, high):
            first = _HEX_AT + place * 3 + (place >= hexdump.NARROW)
            inks[first] = inks[first + 1] = inks[ascii_at + place] = "text marked"
            if place + 1 < high and place != hexdump.NARROW - 1:
                inks[first + 2] = "text marked"
        pieces: list[Piece] = [(" ", "text")]
        for character, ink in zip(text, inks, strict=True):
            if pieces[-1][1] == ink:
                pieces[-1] = (pieces[-1][0] + character, ink)
            else:
                pieces.append((character, ink))
        return self.pieces_strip(pieces, cells)

    def move_rows(self, delta: int) -> None:
        """The page."""
        lines = hexdump.line_count(len(self._raw), self._per_line)
        self._first = min(max(self._first + delta, 0), max(lines - self.page_rows, 0))

    def move_to_line(self, y: int) -> bool:
        """There is no cursor."""
        return False

    def move_home(self) -> None:
        """The first line."""
        self._first = 0

    def move_end(self) -> None:
        """The last line."""
        self.move_rows(len(self._raw))


def _field_pieces(field: Field, cells: int) -> list[Piece]:
    ink = "bad" if field.name == "malformed" else "dim"
    width = WIDE_NAME_CELLS if cells >= WIDE_CELLS else NAME_CELLS
    return [(fit(field.name.replace("_", " "), width - 1) + " ", ink), (value_text(field.value), "text")]
