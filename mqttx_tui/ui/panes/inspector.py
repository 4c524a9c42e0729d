"""4 Inspector: one message, whole: payload, properties, hex, base64."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding

from mqttx_tui.capture.rows import FateRow
from mqttx_tui.model.message import BINARY_FRAME, Message
from mqttx_tui.payload import hexdump
from mqttx_tui.payload.base import Context
from mqttx_tui.payload.registry import names
from mqttx_tui.ui import safe
from mqttx_tui.ui.inspection import (
    TABS,
    base64_document,
    chosen_document,
    hex_document,
    payload_document,
    properties_document,
    reader_of,
    summary,
)
from mqttx_tui.ui.layouts import Kind
from mqttx_tui.ui.panes.pane import Hint, Pane
from mqttx_tui.ui.widgets.document import Document, ReadBytes, TextDocument
from mqttx_tui.ui.widgets.document_view import DocumentView
from mqttx_tui.ui.widgets.piece_line import Bit, PieceLine
from mqttx_tui.wire.describe import describe_properties

EMPTY = "Nothing selected. Enter on a message in 3 Messages, or move through 2 Topics."
GONE = "This message was evicted to keep the capture within its limits."


class InspectorPane(Pane):
    """Shows the message that ``show`` names."""

    PANE_NAME = "inspector"
    PANE_NUMBER = 4
    PANE_TITLE = "Inspector"
    PANE_SHORT = "Inspect"
    PANE_HELP = (
        "The selected message. [ and ] go through the tabs, b through the decoders of the payload "
        "(the best one is chosen by itself). Large payloads are read as you scroll; Hex reaches every byte."
    )
    PANE_HINTS = (
        Hint("[ ]", "tabs", "inspector_tab(1)"),
        Hint("b", "decoder", "inspector_decoder"),
        Hint("r", "reuse", "reuse"),
        Hint("z", "zoom", "zoom"),
    )
    BINDINGS = [
        Binding("left_square_bracket", "tab_step(-1)", "previous tab", show=False, id="inspector.previous"),
        Binding("right_square_bracket", "tab_step(1)", "next tab", show=False, id="inspector.next"),
        Binding("b", "decoder", "next decoder", show=False, id="inspector.decoder"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.message_id: int | None = None
        self.tab_index = 0
        self.decoder: str | None = None
        self._message: Message | None = None
        self._fate: FateRow | None = None
        self._decoded_by = ""
        self._width = 0
        self._head = PieceLine()
        self.view = DocumentView(id="inspector-view")

    def compose_body(self) -> ComposeResult:
        """The message's line, and the document."""
        yield self._head
        yield self.view

    def on_mount(self) -> None:
        """Begin with what to do next."""
        self.show(None)

    def show(self, message_id: int | None) -> None:
        """Show a message from its beginning; None for no message."""
        reader = self.desk.reader
        self.message_id = message_id
        self._message = reader.message(message_id, payload=0) if reader and message_id is not None else None
        self._fate = None
        self._read_fate()
        self._redraw(keep_position=False)

    def sync(self, now: float) -> bool:
        """Follow the acknowledgement of an outgoing message, and the pane's width."""
        changed = self._read_fate()
        narrow = hexdump.per_line(self.view.text_cells) != hexdump.per_line(self._width)
        if changed or (narrow and TABS[self.tab_index] == "Hex"):
            self._redraw(keep_position=True)
        return self.sync_title() or changed

    def _read_fate(self) -> bool:
        message, reader = self._message, self.desk.reader
        if message is None or reader is None or not message.outgoing:
            return False
        fate = reader.fates([message.id]).get(message.id)
        if fate == self._fate:
            return False
        self._fate = fate
        return True

    def _redraw(self, *, keep_position: bool) -> None:
        self._width = self.view.text_cells
        self.view.show(self._document(), keep_position=keep_position)
        message = self._message
        if message is None:
            self._head.show([], [])
        else:
            topic = safe.line(message.topic, 500) if message.topic else "(no topic)"
            self._head.show([Bit(f" {topic}", "in")], [Bit(f" {summary(message)} ", "dim")])
        self.sync_title()

    def _document(self) -> Document:
        message, reader = self._message, self.desk.reader
        if message is None or reader is None:
            return TextDocument("", "text", EMPTY if self.message_id is None else GONE)
        read = reader_of(reader.payload, message.id)
        context = _context(message)
        match TABS[self.tab_index]:
            case "Payload" if self.decoder is None:
                document, self._decoded_by = payload_document(message, read, context)
                return document
            case "Payload":
                self._decoded_by = self.decoder or ""
                return _by_decoder(self.decoder or "", message, read, context, self._width)
            case "Props":
                connection = reader.connections().get(message.connection)
                if not self._decoded_by:
                    self._decoded_by = payload_document(message, read, context)[1]
                return properties_document(message, connection, self._fate, self._decoded_by)
            case "Hex":
                return hex_document(message.payload_size, read, self._width)
            case _:
                return base64_document(message.payload_size, read)

    def title_left(self) -> list[Bit]:
        """The tabs; the chosen one is lit."""
        if self.frame_kind is Kind.TINY:
            return [Bit(f"{TABS[self.tab_index]} ", "in")]
        return [
            Bit(f" {name} ", "in" if index == self.tab_index else "dim", f"inspector_tab({index})")
            for index, name in enumerate(TABS)
        ]

    def title_right(self) -> list[Bit]:
        """What decoded the payload."""
        if self._message is None or TABS[self.tab_index] != "Payload":
            return []
        chosen = "" if self.decoder is None else "b: "
        return [Bit(f" {chosen}{safe.line(self._decoded_by)}", "dim", "inspector_decoder")]

    def action_tab_step(self, by: int) -> None:
        """Go to the next or previous tab."""
        self.choose_tab((self.tab_index + by) % len(TABS))

    def choose_tab(self, index: int) -> None:
        """Show a tab by its place."""
        self.tab_index = index
        self._redraw(keep_position=False)

    def action_decoder(self) -> None:
        """Go through the decoders: automatic, then each by name."""
        order: list[str | None] = [None, *names()]
        self.decoder = order[(order.index(self.decoder) + 1) % len(order)]
        self.tab_index = 0
        self._redraw(keep_position=False)


def _context(message: Message) -> Context:
    properties = {field.name: field.value for field in describe_properties(message.properties or b"")}
    indicator = properties.get("payload_format_indicator")
    return Context(
        topic=message.topic,
        content_type=str(properties.get("content_type", "")),
        format_indicator=int(indicator) if isinstance(indicator, int) else None,
        binary_frame=bool(message.flags & BINARY_FRAME),
    )


def _by_decoder(name: str, message: Message, read: ReadBytes, context: Context, width: int) -> Document:
    if name == "hex":
        return hex_document(message.payload_size, read, width)
    if name == "base64":
        return base64_document(message.payload_size, read)
    return chosen_document(name, message, read, context)
