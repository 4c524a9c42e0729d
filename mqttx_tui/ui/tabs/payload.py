"""Payload: as it reads best, or by a decoder that was asked for."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message as TextualMessage

from mqttx_tui.model.errors import AppError, InputError
from mqttx_tui.model.message import Message
from mqttx_tui.payload.registry import names
from mqttx_tui.ui import safe
from mqttx_tui.ui.copies import Copy
from mqttx_tui.ui.decoded import Decoded, Shape, decoded_payload
from mqttx_tui.ui.inspection import reader_of
from mqttx_tui.ui.json_document import JsonDocument, Looks
from mqttx_tui.ui.keys import key
from mqttx_tui.ui.panes.pane import Hint, take_focus
from mqttx_tui.ui.screens.question import Answer
from mqttx_tui.ui.tabs.tab import Tab
from mqttx_tui.ui.value_filter import filter_for, filter_for_text, path_of
from mqttx_tui.ui.widgets.document import TextDocument
from mqttx_tui.ui.widgets.document_view import DocumentView
from mqttx_tui.ui.widgets.hex_view import HexView
from mqttx_tui.ui.widgets.json_view import JsonView
from mqttx_tui.ui.widgets.lines import LineList
from mqttx_tui.ui.widgets.piece_line import Bit

if TYPE_CHECKING:
    from mqttx_tui.capture.reader import CaptureReader
    from mqttx_tui.ui.former import Change

_OPERATORS = (Answer("=", "equal"), Answer(">", "above"), Answer("<", "below"), Answer("!", "other"))
_SPELLED = {"=": "==", "!": "!="}
_NO_VALUE = {
    Shape.PARTS: "more than 64 KiB: shown in parts, without values",
    Shape.HEX: 'bytes: / payload contains x"01 03" asks for some',
    Shape.OTHER: "the text of this decoder is not what a filter reads",
}


class PayloadTab(Tab):
    """JSON that folds, text, or bytes; beside them what changed since the topic's former message."""

    TAB_NAME = "Payload"
    TAB_HELP = (
        "Payload shows it as it reads best; b goes through the decoders. Objects and arrays fold with Enter, "
        "Space or the arrows, all of them with - and +; the topic's next message is folded in the same way. "
        "Beside a value stands what it was in the topic's former message.\n\n"
        "y copies the value under the cursor, Y its path, too. = puts it into the stream's filter, where it "
        "can be changed before Enter. More than 64 KiB is read in parts as you scroll, without folds."
    )
    TAB_HINTS = (Hint("y", "copy", "copy"), Hint("=", "filter by it", "inspector_filter"))
    BINDINGS: ClassVar[list[BindingType]] = [
        key("equals_sign", "filter_value", "filter by the value under the cursor", "payload.filter"),
    ]

    class FilterWanted(TextualMessage):
        """A filter for the stream, to be looked at before it is used."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self) -> None:
        super().__init__()
        self.decoder: str | None = None
        self._text_view = DocumentView(id=f"{self.id}-text")
        self._json_view = JsonView(id=f"{self.id}-json")
        self._hex_view = HexView(id=f"{self.id}-hex")
        self._looks = Looks()
        self._message: Message | None = None
        self._found = Decoded(Shape.TEXT)
        self._asked: tuple[Message, Decoded] | None = None
        self._asking = False

    def compose(self) -> ComposeResult:
        """One of three views is displayed."""
        yield self._text_view
        for view in (self._json_view, self._hex_view):
            view.display = False
            yield view

    @property
    def _view(self) -> LineList:
        """The view that is displayed."""
        views = (self._json_view, self._hex_view, self._text_view)
        return next((view for view in views if view.display), self._text_view)

    def show(self, message: Message, *, keep_position: bool) -> None:
        """Decode it, and ask for what it was before."""
        reader = self.desk.reader
        if reader is None:
            return
        before, self._message = self._message, message
        same_topic = before is not None and before.topic_id == message.topic_id
        read = reader_of(reader.payload, message.id)
        found = self._found = decoded_payload(message, read, self.context(message), self.decoder)
        if found.shape is Shape.JSON:
            look = self._looks.of(message.topic_id)
            document = JsonDocument(found.text, look, readable=found.decoder == "json")
            self._json_view.show(document, keep_page=keep_position or same_topic)
            self._display(self._json_view)
        elif found.shape is Shape.HEX:
            self._hex_view.show(read, message.payload_size, keep_position=keep_position)
            self._display(self._hex_view)
        else:
            self._text_view.show(found.document, keep_position=keep_position)
            self._display(self._text_view)
        self._compare(reader, message)

    def _display(self, chosen: LineList) -> None:
        """Show one of the views; it gets the keys when another one had them."""
        had_focus = self.has_focus_within
        chosen.display = True
        if had_focus and not chosen.has_focus:
            take_focus(chosen)
        for view in (self._text_view, self._json_view, self._hex_view):
            if view is not chosen:
                view.display = False

    def focus_inside(self) -> None:
        """Keys go to what is displayed."""
        take_focus(self._view)

    # changes

    @property
    def is_comparing(self) -> bool:
        """Whether what changed is still looked for."""
        return self._asking

    def _compare(self, reader: CaptureReader, message: Message) -> None:
        """At once where the former message is near, so that nothing flickers; else when it is found."""
        from mqttx_tui.ui import former

        found = self._found
        if found.shape not in (Shape.JSON, Shape.TEXT):
            return
        near = former.change_nearby(reader, message, found, self.context(message))
        if near is not None:
            self._asked = None
            self._apply(near)
            return
        self._asked = message, found
        if not self._asking:
            self._asking = True
            self.desk.run_task(self._look_back(), "changes")

    async def _look_back(self) -> None:
        """While one look runs, only the last message asked for comes next."""
        from mqttx_tui.ui import former

        try:
            while self._asked is not None:
                message, found = self._asked
                self._asked = None
                look = partial(former.change, message=message, found=found, context=self.context(message))
                change = await self.host.past.look(look)
                if change is not None and self._found is found:
                    self._apply(change)
        finally:
            self._asking = False

    def _apply(self, change: Change) -> None:
        if change.json is not None:
            self._json_view.document.compare(change.json)
            self._json_view.repaint_changes()
        elif change.words:
            document = TextDocument(self._found.text, "text", self._found.note, beside=change.words)
            self._text_view.show(document, keep_position=True)

    # decoders

    def next_decoder(self) -> None:
        """Automatic, then each decoder by name."""
        order: list[str | None] = [None, *names()]
        self.decoder = order[(order.index(self.decoder) + 1) % len(order)]
        if self._message is not None:
            self.show(self._message, keep_position=False)

    def title_right(self) -> list[Bit]:
        """What decoded the payload, and where the cursor is among bytes."""
        chosen = "" if self.decoder is None else "b: "
        place = f"{self._hex_view.place_text()}  " if self._found.shape is Shape.HEX else ""
        parts = ", in parts" if self._found.shape is Shape.PARTS else ""
        return [
            Bit(f" {place}", "dim"),
            Bit(f"{chosen}{safe.line(self._found.decoder)}{parts}", "dim", "inspector_decoder"),
        ]

    def hints(self) -> list[Hint]:
        """Folding, where there is anything to fold."""
        folding = (Hint("Space", "fold", "fold"),) if self._found.shape is Shape.JSON else ()
        return [*folding, *self.TAB_HINTS]

    # the value under the cursor

    def field_path(self) -> str:
        """The path of the value under the cursor; empty for none."""
        document = self._json_view.document
        if self._found.shape is not Shape.JSON or not document.readable:
            return ""
        line = self._json_view.cursor_line
        if not document.outline.reachable(line):
            return ""
        try:
            return path_of(document.outline.path(line))
        except AppError:
            return ""

    def copies(self) -> list[Copy]:
        """The value under the cursor and its path, or the byte; nothing where that is the whole payload."""
        if self._found.shape is Shape.HEX:
            return self._hex_view.copies()
        if self._found.shape is not Shape.JSON:
            return []
        document, line = self._json_view.document, self._json_view.cursor_line
        outline, path = document.outline, self.field_path()
        if document.readable and not outline.path(line) and outline.value(line)[:1] in ("{", "["):
            return []
        what = f"value of {safe.clip(safe.line(path), 24)}" if path else "value under the cursor"
        found = [Copy(what, outline.plain(line))]
        return [*found, Copy(f"path {safe.clip(safe.line(path), 32)}", path)] if path else found

    def action_filter_value(self) -> None:
        """=: the filter that finds this value, or numbers above or below it."""
        self.desk.run_task(self._filter_value())

    async def _filter_value(self) -> None:
        message, found = self._message, self._found
        if message is None:
            return
        if found.shape is Shape.JSON and self._json_view.document.readable:
            text = await self._json_filter(message.topic)
        elif found.shape is Shape.TEXT:
            text = filter_for_text(message.topic, found.text)
        elif not message.payload_size:
            text = filter_for_text(message.topic, "")
        else:
            raise InputError(_NO_VALUE.get(found.shape, _NO_VALUE[Shape.OTHER]), title="No filter")
        if text:
            self.post_message(self.FilterWanted(text))

    async def _json_filter(self, topic: str) -> str:
        """For a number the operator is asked."""
        from mqttx_tui.ui.dialogs import choose

        view = self._json_view
        outline, line = view.document.outline, view.cursor_line
        if not outline.reachable(line):
            raise InputError("an equal key stands before it; a filter sees that one", title="No filter")
        path, value = outline.path(line), outline.value(line)
        operator = "=="
        path_of(path)  # what cannot be asked needs no operator
        if value[:1] in "-0123456789":
            answer = await choose(self.app, f"{safe.clip(value, 24)}:", _OPERATORS)
            if not answer:
                return ""
            operator = _SPELLED.get(answer, answer)
        return filter_for(topic, path, value, operator)
