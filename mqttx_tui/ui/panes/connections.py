"""Pane 1: connections, with their stages and subscriptions under them."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from mqttx_tui.model.profile import Subscription
from mqttx_tui.model.state import Phase
from mqttx_tui.ui import connection_dialogs
from mqttx_tui.ui.panes.pane import Hint, Pane, take_focus
from mqttx_tui.ui.widgets.connection_list import ConnectionList, Row
from mqttx_tui.ui.workspace import LIVE, Known


class ConnectionsPane(Pane):
    """State of every connection; connect, disconnect, subscribe."""

    PANE_NAME = "connections"
    PANE_NUMBER = 1
    PANE_TITLE = "Connections"
    PANE_SHORT = "Conn"
    PANE_HELP = """\
Connections, and under each its subscriptions: ☑ on, ☐ off, with the QoS that the broker granted.

Enter connects, or tries again at once. x disconnects. Space folds a connection and switches a subscription.
s subscribes, u switches a subscription off (its row stays, s or Space brings it back).
A adds a connection, e edits it, D duplicates it, Del deletes it."""
    PANE_HINTS = (
        Hint("Enter", "connect", "list_enter"),
        Hint("x", "disconnect", "exclude"),
        Hint("s", "subscribe", "subscribe"),
        Hint("u", "unsubscribe", "unsubscribe"),
        Hint("A", "add", "add_connection"),
        Hint("e", "edit", "edit"),
        Hint("z", "zoom", "zoom"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("A,alt+A", "add_connection", "add a connection", show=False, id="connection.add"),
        Binding(
            "D,alt+D", "duplicate_connection", "duplicate the connection", show=False, id="connection.copy"
        ),
        Binding("e,alt+e", "edit_connection", "edit the connection", show=False, id="connection.edit"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.listing = ConnectionList(id="connection-list")

    def compose_body(self) -> ComposeResult:
        """The list."""
        self.listing.workspace = self.desk.workspace
        yield self.listing

    def focus_inside(self) -> None:
        """Keys go to the list."""
        take_focus(self.listing)

    @property
    def wanted_rows(self) -> int:
        """How tall the list would like to be."""
        return self.listing.row_total

    def sync(self, now: float) -> bool:
        """Rows and title."""
        before = self.listing.row_total
        painted = self.listing.sync(now)
        if self.listing.row_total != before:
            self.desk.reframe()
        return painted | self.sync_title()

    def on_connection_list_entered(self, event: ConnectionList.Entered) -> None:
        """Enter: connect, or switch the subscription."""
        event.stop()
        if event.row.topic_filter:
            self._switch(event.row)
        else:
            self.connect(event.row.known)

    def on_connection_list_switched(self, event: ConnectionList.Switched) -> None:
        """Space on a subscription."""
        event.stop()
        self._switch(event.row)

    def connect(self, known: Known) -> None:
        """Start a connection, or try again now."""
        engine = self.desk.workspace.engine
        if known.profile is None or engine is None:
            self.desk.say("warning", "there is no engine to connect with")
            return
        if known.phase is Phase.CONNECTED:
            self.desk.show_pane("messages")
            return
        self.desk.run_task(engine.connect(known.profile), "connect")

    def disconnect(self) -> None:
        """Close the connection under the cursor."""
        row = self.listing.current
        engine = self.desk.workspace.engine
        if row is None or engine is None or row.known.id is None or row.known.phase not in LIVE:
            self.desk.say("info", "this connection is not open")
            return
        self.desk.run_task(engine.disconnect(row.known.id), "disconnect")

    def _switch(self, row: Row) -> None:
        engine = self.desk.workspace.engine
        snapshot = row.known.snapshot
        if engine is None or snapshot is None:
            self.desk.say("info", "connect first: Enter")
            return
        now = next((s for s in snapshot.subscriptions if s.filter == row.topic_filter), None)
        if now is None:
            return
        if now.on:
            self.desk.run_task(engine.unsubscribe(snapshot.id, now.filter), "unsubscribe")
        else:
            wanted = self._wanted(row.known, now.filter, now.qos)
            self.desk.run_task(engine.subscribe(snapshot.id, wanted), "subscribe")

    @staticmethod
    def _wanted(known: Known, topic_filter: str, qos: int) -> Subscription:
        listed = known.profile.subscriptions if known.profile is not None else ()
        found = next((s for s in listed if s.filter == topic_filter), None)
        return found if found is not None else Subscription(topic_filter, qos)

    def unsubscribe(self) -> None:
        """Switch the subscription under the cursor off; its row stays."""
        row = self.listing.current
        if row is None or not row.topic_filter:
            self.desk.say("info", "put the cursor on a subscription")
            return
        snapshot = row.known.snapshot
        engine = self.desk.workspace.engine
        if snapshot is not None and engine is not None:
            self.desk.run_task(engine.unsubscribe(snapshot.id, row.topic_filter), "unsubscribe")

    def current_connection(self) -> int | None:
        """The id of the connection under the cursor."""
        row = self.listing.current
        return row.known.id if row is not None else None

    def action_add_connection(self) -> None:
        """A new connection."""
        self.desk.run_task(connection_dialogs.open_form(self.app, self.desk, None), "add")

    def action_edit_connection(self) -> None:
        """Edit the connection under the cursor."""
        row = self.listing.current
        if row is not None and row.known.profile is not None:
            form = connection_dialogs.open_form(self.app, self.desk, row.known.profile)
            self.desk.run_task(form, "edit")

    def action_duplicate_connection(self) -> None:
        """A copy of the connection under the cursor."""
        row = self.listing.current
        if row is not None and row.known.profile is not None:
            form = connection_dialogs.duplicate(self.app, self.desk, row.known.profile)
            self.desk.run_task(form, "duplicate")

    def delete(self) -> None:
        """Delete the connection under the cursor from the profile file."""
        row = self.listing.current
        if row is not None and row.known.profile is not None:
            question = connection_dialogs.delete(self.app, self.desk, row.known.profile)
            self.desk.run_task(question, "delete")
