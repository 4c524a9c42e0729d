"""4 Inspector: one message, whole; the tabs are in ``ui.tabs``."""

from __future__ import annotations

import asyncio

from textual.app import ComposeResult
from textual.binding import Binding
from textual.widget import Widget

from mqttx_tui.model.message import Message
from mqttx_tui.ui import safe
from mqttx_tui.ui.inspection import summary
from mqttx_tui.ui.layouts import Kind
from mqttx_tui.ui.panes.pane import Hint, Pane, take_focus
from mqttx_tui.ui.past import Past
from mqttx_tui.ui.tabs.payload import PayloadTab
from mqttx_tui.ui.tabs.registry import TABS, load_tab
from mqttx_tui.ui.tabs.tab import Tab
from mqttx_tui.ui.widgets.document import TextDocument
from mqttx_tui.ui.widgets.document_view import DocumentView
from mqttx_tui.ui.widgets.lines import LineList
from mqttx_tui.ui.widgets.piece_line import Bit, PieceLine

EMPTY = "Nothing selected. Enter on a message in 3 Messages, or move through 2 Topics."
GONE = "This message was evicted to keep the capture within its limits."


class InspectorPane(Pane):
    """Shows the message that ``show`` names in the chosen tab."""

    PANE_NAME = "inspector"
    PANE_NUMBER = 4
    PANE_TITLE = "Inspector"
    PANE_SHORT = "Inspect"
    PANE_HELP = """\
The selected message. [ and ] go through the tabs, b through the decoders of the payload.

< and > show the older and the newer message of the same topic.
d compares it with the one before; v draws a number of the topic's messages."""
    PANE_HINTS = (
        Hint("[ ]", "tabs", "inspector_step(1)"),
        Hint("v", "chart", "chart"),
        Hint("d", "diff", "diff"),
        Hint("< >", "older, newer", "inspector_neighbour(-1)"),
        Hint("b", "decoder", "inspector_decoder"),
        Hint("r", "reuse", "reuse"),
        Hint("z", "zoom", "zoom"),
    )
    BINDINGS = [
        Binding("left_square_bracket", "tab_step(-1)", "previous tab", show=False, id="inspector.previous"),
        Binding("right_square_bracket", "tab_step(1)", "next tab", show=False, id="inspector.next"),
        Binding("b", "decoder", "next decoder", show=False, id="inspector.decoder"),
        Binding(
            "less_than_sign", "neighbour(-1)", "older message of the topic", show=False, id="inspector.older"
        ),
        Binding(
            "greater_than_sign",
            "neighbour(1)",
            "newer message of the topic",
            show=False,
            id="inspector.newer",
        ),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.message_id: int | None = None
        self.message: Message | None = None
        self.past = Past(lambda: self.desk.capture_path)
        self.marked: int | None = None
        self.last_then = 0
        self._step = asyncio.Lock()
        self.tabs: dict[str, Tab] = {name: load_tab(name)() for name in TABS}
        for tab in self.tabs.values():
            tab.host = self
        self.tab_name = TABS[0]
        self._head = PieceLine()
        self._nothing = DocumentView(id="inspector-nothing")

    def compose_body(self) -> ComposeResult:
        """The message's line, and the tabs, of which one is displayed."""
        yield self._head
        yield self._nothing
        for tab in self.tabs.values():
            tab.display = False
            yield tab

    def on_mount(self) -> None:
        """Begin with what to do next."""
        self.show(None)

    @property
    def tab(self) -> Tab:
        """The chosen tab."""
        return self.tabs[self.tab_name]

    def show(self, message_id: int | None) -> None:
        """Show a message from its beginning, or as it was when it is the same one; None for no message."""
        reader = self.desk.reader
        if reader is not None and message_id != self.message_id:
            self.last_then = reader.bounds().last
        self.message_id = message_id
        self.message = reader.message(message_id, payload=0) if reader and message_id is not None else None
        self._show_tab()

    def start_over(self) -> None:
        """Another capture."""
        self.marked = None
        for tab in self.tabs.values():
            tab.forget()
        self.show(None)

    def sync(self, now: float) -> bool:
        """Bring the chosen tab up to date."""
        painted = self.message is not None and self.tab.sync(now)
        return self.sync_title() | painted

    def _show_tab(self) -> None:
        message = self.message
        if message is None:
            self._nothing.show(TextDocument("", "text", EMPTY if self.message_id is None else GONE))
            self._head.show([], [])
            self._display(self._nothing)
        else:
            topic = safe.line(message.topic, 500) if message.topic else "(no topic)"
            self._head.show([Bit(f" {topic}", "in")], [Bit(f" {summary(message)} ", "dim")])
            tab = self.tab
            self._display(tab)
            again, tab.message_shown = tab.message_shown == message.id, message.id
            tab.show(message, keep_position=again)
        self.sync_title()

    def _display(self, chosen: Widget) -> None:
        """Show one of the parts; it gets the keys when another one had them."""
        had_focus = self.has_focus_within
        chosen.display = True
        if had_focus and not chosen.has_focus_within:
            self._focus(chosen)
        for part in (self._nothing, *self.tabs.values()):
            if part is not chosen:
                part.display = False

    def focus_inside(self) -> None:
        """Keys go to what is displayed."""
        self._focus(self.tab if self.message is not None else self._nothing)

    def _focus(self, part: Widget) -> None:
        if isinstance(part, Tab):
            part.focus_inside()
        else:
            take_focus(part)

    def title_left(self) -> list[Bit]:
        """The tabs; the chosen one is lit."""
        if self.frame_kind is Kind.TINY:
            return [Bit(f"{self.tab_name} ", "in")]
        return [
            Bit(f" {name} ", "in" if name == self.tab_name else "dim", f"inspector_tab('{name}')")
            for name in TABS
        ]

    def title_right(self) -> list[Bit]:
        """What the tab says of itself."""
        return self.tab.title_right() if self.message is not None else []

    def help_text(self) -> str:
        """What the chosen tab shows stands first."""
        return f"{self.tab.TAB_HELP}\n\n{self.PANE_HELP}"

    def hints(self) -> list[Hint]:
        """The tab's own keys first."""
        own = self.tab.hints() if self.message is not None else []
        taken = {hint.key for hint in own}
        return [*own, *(hint for hint in self.PANE_HINTS if hint.key not in taken)]

    def on_line_list_moved(self, event: LineList.Moved) -> None:
        """A cursor of the tab moved: the title may tell where it is."""
        event.stop()
        self.sync_title()

    def action_tab_step(self, by: int) -> None:
        """Go to the next or previous tab."""
        self.choose_tab(TABS[(TABS.index(self.tab_name) + by) % len(TABS)])

    def choose_tab(self, name: str) -> None:
        """Show a tab by its name."""
        self.tab_name = name
        self._show_tab()

    @property
    def asked_about(self) -> int | None:
        """The message that ``d`` and ``v`` ask about while the inspector has the keys."""
        return self.tab.pointed_at() if self.message is not None else None

    def look_at(self, message_id: int, tab: str) -> None:
        """Select a message and show it in a tab."""
        self.tab_name = tab
        self.desk.select_message(message_id)
        if self.message_id != message_id or self.tab.message_shown != message_id:
            self.show(message_id)  # off screen: what is selected does not come here
        else:
            self._show_tab()

    def field_of(self, message: Message) -> str:
        """The field under the cursor of the payload, if that shows this topic."""
        payload = self.tabs["Payload"]
        shown = payload.message_shown
        return payload.field_path() if shown == message.id else ""

    def action_neighbour(self, step: int) -> None:
        """Show the older (-1) or newer (1) message of the same topic."""
        self.desk.run_task(self._go_to_neighbour(step), "neighbour")

    async def _go_to_neighbour(self, step: int) -> None:
        async with self._step:  # the next key goes on from where this one leads
            message = self.message
            if message is None:
                return
            topic, ident = message.topic_id, message.id
            found = await self.past.look(
                lambda reader: (
                    reader.after(topic, ident)
                    if step > 0
                    else next(iter(reader.topic_ids(topic, before=ident, limit=1)), None)
                )
            )
            if found is None:
                which = "newest" if step > 0 else "oldest"
                self.desk.say("info", f"this is the {which} message of the topic")
            else:
                self.look_at(found, self.tab_name)

    def action_decoder(self) -> None:
        """Go through the decoders: automatic, then each by name."""
        self.choose_tab("Payload")
        payload = self.tab
        assert isinstance(payload, PayloadTab)
        payload.next_decoder()
        self.sync_title()
