"""A hex dump with a cursor on one byte, and what the bytes there may mean."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from textual import events
from textual.strip import Strip

from mqttx_tui.payload import hexdump
from mqttx_tui.payload.interpret import LOOKED_AT, byte_line, readings
from mqttx_tui.ui.byte_block import block_height, block_lines
from mqttx_tui.ui.copies import Copy
from mqttx_tui.ui.widgets.document import ReadBytes
from mqttx_tui.ui.widgets.document_view import MARGIN
from mqttx_tui.ui.widgets.ink import Piece
from mqttx_tui.ui.widgets.lines import LineList

_PAGE_BYTES = 1024
_HEX_AT = 10
"""Column of the first byte of a line."""


class HexView(LineList):
    """Reads what it paints; the cursor moves by bytes and lines."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._length = 0
        self._page: Callable[[int], bytes] = lambda number: b""
        self._at = self._top = 0
        self._block: tuple[tuple[int, int, bytes], list[list[Piece]]] = ((0, 0, b""), [])

    def show(self, read: ReadBytes, size: int, *, keep_position: bool) -> None:
        """Show ``size`` bytes, from the first one on unless told to keep cursor and page."""
        self._length = size
        self._page = lru_cache(maxsize=4)(lambda number: read(number * _PAGE_BYTES, _PAGE_BYTES))
        self._at = min(self._at, max(size - 1, 0)) if keep_position else 0
        self._top = self._top if keep_position else 0
        self._into_view()
        self.repaint_changes()

    @property
    def bytes_here(self) -> bytes:
        """The bytes from the cursor on that have a meaning together."""
        return self._bytes(self._at, LOOKED_AT)

    def place_text(self) -> str:
        """``0x0000000c  12 of 28``; always as wide for one payload."""
        whole = f"{max(self._length - 1, 0):,}"
        return f"0x{self._at:08x}  {self._at:>{len(whole)},} of {self._length:,} B" if self._length else ""

    def copies(self) -> list[Copy]:
        """The byte under the cursor in hex, and every meaning of the bytes there."""
        found = [Copy(f"byte, {name}", text.split(" U+")[0]) for name, text in byte_line(self.bytes_here)]
        for reading in readings(self.bytes_here):
            if reading.big is None:
                found.append(Copy(reading.name, reading.little.split(" ")[0]))
                continue
            orders = ((reading.little, "little endian"), (reading.big, "big endian"))
            found += [Copy(f"{reading.name}, {order}", text) for text, order in orders if text]
        return found

    def _bytes(self, offset: int, length: int) -> bytes:
        first, last = offset // _PAGE_BYTES, (offset + length - 1) // _PAGE_BYTES
        data = b"".join(self._page(number) for number in range(first, last + 1))
        return data[offset - first * _PAGE_BYTES :][:length]

    # painting

    @property
    def page_rows(self) -> int:
        """Lines of the dump; the block stands below."""
        return max(self.size.height - block_height(self.size.height), 1)

    @property
    def _per_line(self) -> int:
        return hexdump.per_line(self.size.width - MARGIN)

    def line_at(self, y: int, cells: int) -> Strip:
        """A line of the dump, or of the block."""
        rows = self.page_rows
        if y >= rows:
            return self.pieces_strip(self._block_lines(cells, self.size.height - rows)[y - rows], cells)
        line = self._top + y
        per_line = self._per_line
        if line * per_line >= max(self._length, 1):
            return self.pieces_strip([], cells)
        if not self._length:
            return self.pieces_strip([(" empty payload", "dim")], cells)
        data = self._bytes(line * per_line, min(per_line, self._length - line * per_line))
        if not data:
            return self.pieces_strip([(" evicted", "dim")], cells)
        text = hexdump.lines(data, line * per_line, per_line)[0]
        return self.pieces_strip(self._row_pieces(text, data, line * per_line), cells)

    def _row_pieces(self, text: str, data: bytes, start: int) -> list[Piece]:
        ascii_at = len(text) - 1 - len(data)
        inks = ["dim"] * _HEX_AT + ["text"] * (ascii_at - 1 - _HEX_AT) + ["dim"] * (len(data) + 2)
        place = self._at - start
        if 0 <= place < len(data):
            first = _HEX_AT + place * 3 + (place >= hexdump.NARROW)
            inks[first] = inks[first + 1] = inks[ascii_at + place] = "text marked"
        pieces: list[Piece] = [(" " * MARGIN, "text")]
        for character, ink in zip(text, inks, strict=True):
            if pieces[-1][1] == ink:
                pieces[-1] = (pieces[-1][0] + character, ink)
            else:
                pieces.append((character, ink))
        return pieces

    def _block_lines(self, cells: int, height: int) -> list[list[Piece]]:
        wanted = (cells, height, self.bytes_here)
        if self._block[0] != wanted:
            self._block = (wanted, block_lines(wanted[2], cells, height))
        return self._block[1]

    # moving

    def move_rows(self, delta: int) -> None:
        """The cursor by lines; at the ends to the first or last byte."""
        self._go(self._at + delta * self._per_line)

    def _go(self, offset: int) -> None:
        self._at = min(max(offset, 0), max(self._length - 1, 0))
        self._into_view()

    def _into_view(self) -> None:
        line, rows = self._at // self._per_line, self.page_rows
        self._top = min(max(self._top, line - rows + 1), line)

    def scroll_rows(self, delta: int) -> None:
        """The page; the cursor goes with it only at its edge."""
        per_line, rows = self._per_line, self.page_rows
        lines = max(-(-self._length // per_line), 1)
        self._top = min(max(self._top + delta, 0), max(lines - rows, 0))
        line, column = divmod(self._at, per_line)
        line = min(max(line, self._top), self._top + rows - 1)
        self._at = min(line * per_line + column, max(self._length - 1, 0))

    def move_to_line(self, y: int) -> bool:
        """The cursor to a line of the screen, in its column."""
        per_line = self._per_line
        if y >= self.page_rows or (self._top + y) * per_line >= self._length:
            return False
        self._at = min((self._top + y) * per_line + self._at % per_line, self._length - 1)
        return True

    def on_click(self, event: events.Click) -> None:
        """The cursor to the byte under the mouse, in either column."""
        event.prevent_default()
        per_line = self._per_line
        if not self.move_to_line(event.y):
            return
        start = self._at - self._at % per_line
        length = min(per_line, self._length - start)
        hex_cells = 3 * per_line + (per_line > hexdump.NARROW)
        place = event.x - MARGIN - _HEX_AT
        in_hex = (place - (place >= 3 * hexdump.NARROW)) // 3
        column = in_hex if place < hex_cells else place - hex_cells - 1
        self._go(start + min(max(column, 0), length - 1))
        self._after_move()

    def move_home(self) -> None:
        """The first byte."""
        self._go(0)

    def move_end(self) -> None:
        """The last byte."""
        self._go(self._length - 1)

    def leftwards(self) -> None:
        """The byte before."""
        self._go(self._at - 1)

    def rightwards(self) -> None:
        """The next byte."""
        self._go(self._at + 1)

    def on_resize(self) -> None:
        """The cursor stays on screen; what the layout has painted before this came may stand elsewhere."""
        super().on_resize()
        self._into_view()
        self.refresh()
