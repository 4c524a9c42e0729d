"""What a tab of the inspector is: one class that declares name, help, hints and bindings."""

from __future__ import annotations

from typing import ClassVar, Protocol

from textual.app import ComposeResult
from textual.widget import Widget

from mqttx_tui.model.message import WEBSOCKET, Message
from mqttx_tui.payload.base import Context
from mqttx_tui.ui.copies import Copy
from mqttx_tui.ui.desk import Desk, desk
from mqttx_tui.ui.inspection import context_of, subprotocol_of
from mqttx_tui.ui.panes.pane import Hint, take_focus
from mqttx_tui.ui.past import Past
from mqttx_tui.ui.widgets.document import Document
from mqttx_tui.ui.widgets.document_view import DocumentView
from mqttx_tui.ui.widgets.piece_line import Bit


class Host(Protocol):
    """The inspector, as its tabs see it."""

    past: Past
    """For reads that may take longer than a key may wait."""
    marked: int | None
    """The message that others are compared with, when it is not the one before."""

    last_then: int
    """The newest message's id when the one that is shown was selected."""

    def look_at(self, message_id: int, tab: str) -> None:
        """Select a message and show it in a tab."""

    def field_of(self, message: Message) -> str:
        """The path of the payload's field that the person points at; empty for none."""


class Tab(Widget):
    """One way to look at the selected message. Subclasses set the declarations, ``compose`` and ``show``.

    Its bindings are those of its class and of the widget inside that has the focus. A tab that is not
    the chosen one is not displayed, and neither ``show`` nor ``sync`` is called.
    """

    host: Host
    """The inspector sets it."""

    TAB_NAME: ClassVar[str] = ""
    TAB_HELP: ClassVar[str] = ""
    TAB_HINTS: ClassVar[tuple[Hint, ...]] = ()

    DEFAULT_CSS = """
    Tab { layout: vertical; width: 1fr; height: 1fr; background: $background; }
    """

    def __init__(self) -> None:
        super().__init__(id=f"tab-{self.TAB_NAME.lower()}", markup=False)
        self.message_shown: int | None = None
        """The id of the message that ``show`` was last given."""

    @property
    def desk(self) -> Desk:
        """The app, as its parts see it."""
        return desk(self)

    def context(self, message: Message) -> Context:
        """What is known about its payload."""
        subprotocol = ""
        reader = self.desk.reader
        if message.flags & WEBSOCKET and reader is not None:
            connection = reader.connections().get(message.connection)
            snapshot = self.desk.workspace.snapshots.get(message.connection)
            subprotocol = subprotocol_of(message, snapshot, connection.url if connection else "")
        return context_of(message, subprotocol)

    def show(self, message: Message, *, keep_position: bool) -> None:
        """Show a message, whose ``payload`` is not read: what is needed comes from ``desk.reader``.

        ``keep_position``: it is the one that was shown before. May come before the tab has a size.
        """
        raise NotImplementedError

    def sync(self, now: float) -> bool:
        """Take over what changed; called by the ticker while on screen. True: repainted."""
        return False

    def forget(self) -> None:
        """There is another capture now, in which the same ids are other messages."""
        self.message_shown = None

    def pointed_at(self) -> int | None:
        """The message that ``d`` and ``v`` ask about: the one that is shown."""
        return self.message_shown

    def field_path(self) -> str:
        """The path of the field under a cursor in the payload, such as ``.a.b[0]``; empty for none."""
        return ""

    def copies(self) -> list[Copy]:
        """What y (the first one) and Y copy here, besides the message; nothing: y copies the payload."""
        return []

    def hints(self) -> list[Hint]:
        """The footer's keys of this tab, before those of every tab."""
        return list(self.TAB_HINTS)

    def title_right(self) -> list[Bit]:
        """At the right end of the inspector's title."""
        return []

    def focus_inside(self) -> None:
        """Give the focus to the part that takes keys."""
        for child in self.query("*"):
            if child.focusable:
                take_focus(child)
                return


class DocumentTab(Tab):
    """A tab that shows one document. Subclasses make it."""

    def __init__(self) -> None:
        super().__init__()
        self.view = DocumentView(id=f"{self.id}-view")
        self.message: Message | None = None

    def compose(self) -> ComposeResult:
        """The document."""
        yield self.view

    def document(self, message: Message) -> Document:
        """What is shown of a message."""
        raise NotImplementedError

    def show(self, message: Message, *, keep_position: bool) -> None:
        """Make the document anew."""
        self.message = message
        self.view.show(self.document(message), keep_position=keep_position)

    def show_again(self, *, keep_position: bool = True) -> None:
        """The same message, of which something changed."""
        if self.message is not None:
            self.show(self.message, keep_position=keep_position)
