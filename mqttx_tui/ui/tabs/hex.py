"""Hex: every byte of the payload."""

from __future__ import annotations

from mqttx_tui.model.message import Message
from mqttx_tui.payload import hexdump
from mqttx_tui.ui.inspection import hex_document, reader_of
from mqttx_tui.ui.tabs.tab import DocumentTab
from mqttx_tui.ui.widgets.document import Document, TextDocument


class HexTab(DocumentTab):
    """A hex dump as wide as there is room for."""

    TAB_NAME = "Hex"
    TAB_HELP = "Hex reaches every byte of the payload, however long it is."

    def __init__(self) -> None:
        super().__init__()
        self._bytes_a_line = 0

    def document(self, message: Message) -> Document:
        """The dump, read as it is scrolled to."""
        reader = self.desk.reader
        if reader is None:
            return TextDocument("", "text")
        cells = self.view.text_cells
        self._bytes_a_line = hexdump.per_line(cells)
        return hex_document(message.payload_size, reader_of(reader.payload, message.id), cells)

    def on_resize(self) -> None:
        """Another number of bytes in each line, perhaps."""
        self.call_after_refresh(self._fit)

    def _fit(self) -> None:
        if hexdump.per_line(self.view.text_cells) != self._bytes_a_line:
            self.show_again()
