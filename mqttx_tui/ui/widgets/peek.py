"""The message under the cursor in a few lines, for screens that show one pane at a time."""

from __future__ import annotations

from textual.strip import Strip

from mqttx_tui.model.message import BINARY_FRAME, Message
from mqttx_tui.payload.base import Context
from mqttx_tui.ui.safe import clip, line
from mqttx_tui.ui.widgets.ink import Inked, Piece, pieces_width
from mqttx_tui.ui.widgets.stream_row import shown_payload

PEEK_BYTES = 2048


class Peek(Inked):
    """Title rule and five lines, or one line where there is no more room."""

    DEFAULT_CSS = "Peek { height: 1fr; width: 1fr; }"

    def __init__(self) -> None:
        super().__init__(id="peek")
        self._message: Message | None = None
        self._lines: list[str] = []
        self._kind = ""

    def show(self, message: Message | None) -> None:
        """Show a message (payload cut to ``PEEK_BYTES``), or nothing."""
        if message == self._message:
            return
        self._message = message
        self._lines, self._kind = _decoded(message) if message is not None else ([], "")
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One line."""
        cells = self.size.width
        if self.size.height == 1:
            return self.pieces_strip(self._one_line(cells), cells)
        if y == 0:
            return self._title(cells)
        at = y - 1
        pieces: list[Piece] = [(f" {self._lines[at]}", "text")] if at < len(self._lines) else []
        return self.pieces_strip(pieces, cells)

    def _one_line(self, cells: int) -> list[Piece]:
        if self._message is None:
            return [("   (Enter inspects)", "dim")]
        room = max(cells - 24, 10)
        return [(" ▸ ", "dim"), (shown_payload(self._message, room), "text"), ("   (Enter inspects)", "dim")]

    def _title(self, cells: int) -> Strip:
        message = self._message
        if message is None:
            return self.pieces_strip([("─" * cells, "rule")], cells)
        from mqttx_tui.ui.inspection import summary

        right: list[Piece] = [(f" {summary(message)} · {self._kind} ", "dim"), ("─", "rule")]
        room = max(cells - pieces_width(right) - 4, 4)
        left: list[Piece] = [
            ("─ ", "rule"),
            (clip(line(message.topic, 500) or "(no topic)", room), "in"),
            (" ", "rule"),
        ]
        gap = max(cells - pieces_width(left) - pieces_width(right), 0)
        return self.pieces_strip([*left, ("─" * gap, "rule"), *right], cells)


def _decoded(message: Message) -> tuple[list[str], str]:
    from mqttx_tui.payload.registry import decode

    context = Context(
        topic=message.topic,
        binary_frame=bool(message.flags & BINARY_FRAME),
        complete=len(message.payload) == message.payload_size,
    )
    decoded = decode(message.payload, context)
    return [line(text, 400) for text in decoded.text.split("\n")[:12]], line(decoded.decoder, 20)
