"""Props: everything around the payload."""

from __future__ import annotations

import time

from mqttx_tui.capture.rows import FateRow
from mqttx_tui.model.message import Message
from mqttx_tui.ui.calls import pairs_of
from mqttx_tui.ui.decoded import decoded_payload
from mqttx_tui.ui.inspection import properties_document, reader_of
from mqttx_tui.ui.pairing import FAR, Pairs
from mqttx_tui.ui.subscribed import Subscribed
from mqttx_tui.ui.tabs.tab import DocumentTab
from mqttx_tui.ui.widgets.document import Document, TextDocument

LOOK_SECONDS = 1.0
"""An answer that is waited for is looked for so often."""


class PropertiesTab(DocumentTab):
    """Times, sizes, flags, MQTT 5 properties, what became of what was sent, and of what was asked."""

    TAB_NAME = "Props"
    TAB_HELP = """\
Props tells times, sizes, flags, MQTT 5 properties, and what became of what you sent; of a received message by
which subscription it came, or, where the broker does not say it, which of them match. Of a request (a message
with a response topic; over a raw WebSocket with an id in its JSON) it tells which message answered it and how
long that took, of an answer its request."""

    def __init__(self) -> None:
        super().__init__()
        self._fate: FateRow | None = None
        self._paired = 0
        """The message that ``_pairs`` tell of."""
        self._pairs = Pairs()
        self._subscribed = Subscribed()
        self._look_at = 0.0
        """When an answer is looked for again, on the clock of ``time.monotonic``."""

    def document(self, message: Message) -> Document:
        """Names and values."""
        reader = self.desk.reader
        if reader is None:
            return TextDocument("", "text")
        self._fate = self._read_fate(message)
        if message.id != self._paired:
            self._paired = message.id
            self._look(pairs_of(reader, message, time.time_ns()))
            if self._pairs.incomplete:
                self.desk.run_task(self._look_back(message), "pairs")
        connection = reader.connections().get(message.connection)
        read = reader_of(reader.payload, message.id)
        decoded_by = decoded_payload(message, read, self.context(message)).decoder
        more = (*self._subscribed.rows(reader.subscribing, message), *self._pairs.rows)
        return properties_document(message, connection, self._fate, decoded_by, more)

    def _look(self, found: Pairs) -> bool:
        changed = found.rows != self._pairs.rows
        self._pairs, self._look_at = found, time.monotonic() + LOOK_SECONDS
        return changed

    async def _look_back(self, message: Message) -> None:
        """Through more of the capture than a key may wait for."""
        found = await self.host.past.look(
            lambda reader: pairs_of(reader, message, time.time_ns(), within=FAR)
        )
        if found is not None and self._paired == message.id and self._look(found):
            self.show_again()

    def sync(self, now: float) -> bool:
        """Follow the acknowledgement of an outgoing message, and the answer to a request."""
        message, reader = self.message, self.desk.reader
        if message is None or reader is None:
            return False
        changed = self._read_fate(message) != self._fate
        if self._pairs.waiting and time.monotonic() >= self._look_at:
            changed |= self._look(pairs_of(reader, message, time.time_ns()))
        if changed:
            self.show_again()
        return changed

    def forget(self) -> None:
        """There is another capture now."""
        super().forget()
        self._paired, self._pairs = 0, Pairs()
        self._subscribed = Subscribed()

    def _read_fate(self, message: Message) -> FateRow | None:
        reader = self.desk.reader
        if reader is None or not message.outgoing:
            return None
        return reader.fates([message.id]).get(message.id)
