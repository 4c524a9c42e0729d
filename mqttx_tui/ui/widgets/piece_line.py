"""One line of coloured pieces, some of them clickable: titles, header, tabs, status, footer."""

from __future__ import annotations

from typing import NamedTuple

from rich.segment import Segment
from textual import events
from textual.strip import Strip

from mqttx_tui.ui.safe import clip, width
from mqttx_tui.ui.widgets.ink import Inked


class Bit(NamedTuple):
    """A piece of a line: safe text, its ink, and the screen's action that a click runs."""

    text: str
    ink: str = "text"
    action: str = ""
    ground: str = ""


def bits_width(bits: list[Bit]) -> int:
    """Cells that the bits take."""
    return sum(width(bit.text) for bit in bits)


class PieceLine(Inked):
    """Left pieces, a filling, right pieces. Repaints only when something differs."""

    DEFAULT_CSS = "PieceLine { height: 1; width: 1fr; }"

    def __init__(
        self, *, fill: str = " ", fill_ink: str = "rule", ground: str = "", id: str | None = None
    ) -> None:
        super().__init__(id=id)
        self._fill = fill
        self._fill_ink = fill_ink
        self._ground = ground
        self._left: list[Bit] = []
        self._right: list[Bit] = []
        self._spots: list[tuple[int, int, str]] = []

    def show(self, left: list[Bit], right: list[Bit] | None = None, *, fill_ink: str | None = None) -> bool:
        """Put new pieces on the line; True when it has to be repainted."""
        right = right or []
        ink = fill_ink or self._fill_ink
        if left == self._left and right == self._right and ink == self._fill_ink:
            return False
        self._left, self._right, self._fill_ink = left, right, ink
        self.refresh()
        return True

    def render_line(self, y: int) -> Strip:
        """The line; the right pieces win when there is too little room."""
        cells = self.size.width
        right_width = min(bits_width(self._right), cells)
        self._spots = []
        segments: list[Segment] = []
        at = self._place(segments, self._left, 0, cells - right_width)
        gap = cells - right_width - at
        if gap > 0:
            segments.append(Segment(self._fill * gap, self.ink(self._fill_ink, self._ground)))
        self._place(segments, self._right, cells - right_width, cells)
        return Strip(segments).adjust_cell_length(cells, self.ink("text", self._ground))

    def _place(self, segments: list[Segment], bits: list[Bit], at: int, end: int) -> int:
        for bit in bits:
            if at >= end:
                break
            text = clip(bit.text, end - at)
            segments.append(Segment(text, self.ink(bit.ink, bit.ground or self._ground)))
            taken = width(text)
            if bit.action:
                self._spots.append((at, at + taken, bit.action))
            at += taken
        return at

    async def on_click(self, event: events.Click) -> None:
        """Run the action under the mouse."""
        for start, end, action in self._spots:
            if start <= event.x < end:
                event.stop()
                await self.app.run_action(action, self.screen)
                return
