"""Props: everything around the payload."""

from __future__ import annotations

from mqttx_tui.capture.rows import FateRow
from mqttx_tui.model.message import Message
from mqttx_tui.ui.decoded import decoded_payload
from mqttx_tui.ui.inspection import context_of, properties_document, reader_of
from mqttx_tui.ui.tabs.tab import DocumentTab
from mqttx_tui.ui.widgets.document import Document, TextDocument


class PropertiesTab(DocumentTab):
    """Times, sizes, flags, MQTT 5 properties, and what became of what was sent."""

    TAB_NAME = "Props"
    TAB_HELP = "Props tells times, sizes, flags, MQTT 5 properties, and what became of what you sent."

    def __init__(self) -> None:
        super().__init__()
        self._fate: FateRow | None = None

    def document(self, message: Message) -> Document:
        """Names and values."""
        reader = self.desk.reader
        if reader is None:
            return TextDocument("", "text")
        self._fate = self._read_fate(message)
        connection = reader.connections().get(message.connection)
        read = reader_of(reader.payload, message.id)
        decoded_by = decoded_payload(message, read, context_of(message)).decoder
        return properties_document(message, connection, self._fate, decoded_by)

    def sync(self, now: float) -> bool:
        """Follow the acknowledgement of an outgoing message."""
        if self.message is None or self._read_fate(self.message) == self._fate:
            return False
        self.show_again()
        return True

    def _read_fate(self, message: Message) -> FateRow | None:
        reader = self.desk.reader
        if reader is None or not message.outgoing:
            return None
        return reader.fates([message.id]).get(message.id)
