"""Payload: as it reads best, or by a decoder that was asked for."""

from __future__ import annotations

from mqttx_tui.model.message import Message
from mqttx_tui.payload.registry import names
from mqttx_tui.ui import safe
from mqttx_tui.ui.inspection import (
    base64_document,
    chosen_document,
    context_of,
    hex_document,
    payload_document,
    reader_of,
)
from mqttx_tui.ui.tabs.tab import DocumentTab
from mqttx_tui.ui.widgets.document import Document, TextDocument
from mqttx_tui.ui.widgets.piece_line import Bit


class PayloadTab(DocumentTab):
    """The payload as text, by the best decoder or by a chosen one."""

    TAB_NAME = "Payload"
    TAB_HELP = (
        "Payload shows it as it reads best; b goes through the decoders. Large ones are read as you scroll."
    )

    def __init__(self) -> None:
        super().__init__()
        self.decoder: str | None = None
        self._decoded_by = ""

    def document(self, message: Message) -> Document:
        """The payload as text."""
        reader = self.desk.reader
        if reader is None:
            return TextDocument("", "text")
        read = reader_of(reader.payload, message.id)
        context = context_of(message)
        self._decoded_by = self.decoder or ""
        if self.decoder is None:
            document, self._decoded_by = payload_document(message, read, context)
            return document
        if self.decoder == "hex":
            return hex_document(message.payload_size, read, self.view.text_cells)
        if self.decoder == "base64":
            return base64_document(message.payload_size, read)
        return chosen_document(self.decoder, message, read, context)

    def next_decoder(self) -> None:
        """Automatic, then each decoder by name."""
        order: list[str | None] = [None, *names()]
        self.decoder = order[(order.index(self.decoder) + 1) % len(order)]
        self.show_again(keep_position=False)

    def title_right(self) -> list[Bit]:
        """What decoded the payload."""
        chosen = "" if self.decoder is None else "b: "
        return [Bit(f" {chosen}{safe.line(self._decoded_by)}", "dim", "inspector_decoder")]
