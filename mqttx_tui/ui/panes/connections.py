"""Pane 1: connections, with their stages and subscriptions under them."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input

from mqttx_tui.model.profile import Subscription
from mqttx_tui.model.state import ConnectionSnapshot, Phase
from mqttx_tui.ui import connection_dialogs, profile_dialogs, websocket_dialogs
from mqttx_tui.ui.connection_rows import COUNT, EXCLUDED, Row
from mqttx_tui.ui.keys import key
from mqttx_tui.ui.panes.pane import Hint, Pane, take_focus
from mqttx_tui.ui.safe import line
from mqttx_tui.ui.widgets.connection_list import ConnectionList
from mqttx_tui.ui.widgets.fields import SafeInput
from mqttx_tui.ui.widgets.piece_line import Bit
from mqttx_tui.ui.workspace import LIVE, Known

MQTT_HINTS = (
    Hint("Enter", "connect", "list_enter"),
    Hint("x", "disconnect", "exclude"),
    Hint("s", "subscribe", "subscribe"),
    Hint("u", "unsubscribe", "unsubscribe"),
    Hint("A", "add", "add_connection"),
    Hint("e", "edit", "edit"),
    Hint("/", "search", "search_connections"),
    Hint("I", "import", "import_connection"),
    Hint("z", "zoom", "zoom"),
)
RAW_HINTS = (
    Hint("Enter", "connect", "list_enter"),
    Hint("p", "send", "publish"),
    Hint("x", "close", "exclude"),
    Hint("P", "ping", "ping_connection"),
    Hint("H", "handshake", "show_handshake"),
    Hint("A", "add", "add_connection"),
    Hint("e", "edit", "edit"),
    Hint("/", "search", "search_connections"),
)
BROKEN_HINTS = (
    Hint("Enter", "what is wrong", "list_enter"),
    Hint("e", "mend", "edit"),
    Hint("A", "add", "add_connection"),
    Hint("/", "search", "search_connections"),
)
EMPTY_HINTS = (
    Hint("A", "add", "add_connection"),
    Hint("I", "import", "import_connection"),
    Hint("z", "zoom", "zoom"),
)
HEADING_HINTS = (
    Hint("Space", "fold", "fold"),
    Hint("/", "search", "search_connections"),
    Hint("A", "add", "add_connection"),
    Hint("I", "import", "import_connection"),
)
SEARCH_HINTS = (Hint("Enter", "keep", ""), Hint("Esc", "restore", "step_back"))


class SearchLine(SafeInput):
    """The field that stands in the title's place while a search is typed."""

    DEFAULT_CSS = """
    SearchLine { height: 1; border: none; padding: 0 1; background: $mq-field; display: none; }
    SearchLine:focus { border: none; }
    """


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
A adds a connection, e edits it, D duplicates it, Del deletes it. I imports a URL or a command line.
/ searches by name, URL and group. B shows what the broker allows, as it said when it accepted us.
T has the doctor look the connection over, stage by stage, and say what is wrong with it.

A raw WebSocket has no subscriptions: everything that the server sends arrives. p sends a line, x closes with
a code and a reason, P pings, H shows the handshake with its headers and subprotocol.

excluded 12: Enter shows such a topic again. lost, reading paused: Enter opens the log.
✗ line 31: what is wrong in the file; Enter or e shows the place. The other connections work."""
    PANE_HINTS = MQTT_HINTS
    BINDINGS: ClassVar[list[BindingType]] = [
        key("A", "add_connection", "add a connection", "connection.add"),
        key("D", "duplicate_connection", "duplicate the connection", "connection.copy"),
        key("e", "edit_connection", "edit the connection", "connection.edit"),
        key("I", "import_connection", "import a connection", "connection.import"),
        key("P", "ping_connection", "ping", "connection.ping"),
        key("B", "show_broker", "what the broker allows", "connection.broker"),
        key("H", "show_handshake", "handshake of a WebSocket", "connection.handshake"),
        key("T", "examine_connection", "doctor", "connection.doctor"),
        Binding("slash", "search_connections", "search connections", show=False, id="connection.search"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.listing = ConnectionList(id="connection-list")
        self.search_line = SearchLine(
            placeholder="/ name, URL or group", compact=True, id="connection-search"
        )
        self._former = ""

    def compose_body(self) -> ComposeResult:
        """The search field and the list."""
        self.listing.workspace = self.desk.workspace
        yield self.search_line
        yield self.listing

    def focus_inside(self) -> None:
        """Keys go to the list."""
        take_focus(self.listing)

    def on_descendant_focus(self) -> None:
        """Whoever comes here sees the profiles as they are in the file by now."""
        super().on_descendant_focus()
        profile_dialogs.look_again(self.desk)

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

    def hints(self) -> list[Hint]:
        """What the row under the cursor can do."""
        row = self.listing.current
        if self.search_line.display:
            return list(SEARCH_HINTS)
        if row is None:
            return list(EMPTY_HINTS)
        if row.known is None:
            return list(HEADING_HINTS)
        if row.mark.startswith(COUNT):
            return [Hint("Enter", "show again" if row.mark == EXCLUDED else "the log", "list_enter")]
        if row.known.problems:
            return list(BROKEN_HINTS)
        return list(RAW_HINTS if row.known.raw else MQTT_HINTS)

    def title_left(self) -> list[Bit]:
        """What the list is narrowed to."""
        search = self.listing.search
        return [Bit(f"/ {line(search, 40)} ", "in plain", "search_connections")] if search else []

    def on_connection_list_entered(self, event: ConnectionList.Entered) -> None:
        """Enter: connect, show what is wrong, switch the subscription, or tell of a count."""
        event.stop()
        known = event.row.known
        if known is None:
            return
        if event.row.topic_filter:
            self._switch(event.row)
        elif event.row.mark == EXCLUDED:
            from mqttx_tui.ui.exclusion import show_again

            self.desk.run_task(show_again(self.app, self.desk), "show again")
        elif event.row.mark.startswith(COUNT):
            self.desk.run_task(self.run_action("screen.show_log"), "log")
        elif known.problems and known.phase not in LIVE:
            self._show_problems(known)
        else:
            self.connect(known)

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
        if known.phase is Phase.CONNECTED and known.key not in self.desk.workspace.stale:
            self.desk.show_pane("messages")
            return
        self.desk.workspace.stale.pop(known.key, None)
        self.desk.run_task(engine.connect(known.profile), "connect")

    def disconnect(self) -> None:
        """Close the connection under the cursor; an open WebSocket asks for code and reason."""
        snapshot = self.current_snapshot
        if snapshot is None or self.desk.workspace.engine is None or snapshot.phase not in LIVE:
            self.desk.say("info", "this connection is not open")
            return
        self.desk.run_task(websocket_dialogs.close(self.app, self.desk, snapshot), "disconnect")

    def _switch(self, row: Row) -> None:
        engine = self.desk.workspace.engine
        snapshot = row.known.snapshot if row.known is not None else None
        if engine is None or snapshot is None or row.known is None:
            self.desk.say("info", "connect first: Enter")
            return
        now = next((s for s in snapshot.subscriptions if s.filter == row.topic_filter), None)
        if now is None:
            return
        if now.on:
            self.desk.run_task(engine.unsubscribe(snapshot.id, now.filter), "unsubscribe")
        else:
            wanted = replace(now.asked or Subscription(now.filter, now.qos), on=True)
            self.desk.run_task(engine.subscribe(snapshot.id, wanted), "subscribe")

    def unsubscribe(self) -> None:
        """Switch the subscription under the cursor off; its row stays."""
        row = self.listing.current
        if row is None or not row.topic_filter:
            known = self.current
            raw = known is not None and known.raw
            self.desk.say("info", RAW_TEXT if raw else "put the cursor on a subscription")
            return
        snapshot, engine = self.current_snapshot, self.desk.workspace.engine
        if snapshot is not None and engine is not None:
            self.desk.run_task(engine.unsubscribe(snapshot.id, row.topic_filter), "unsubscribe")

    @property
    def current(self) -> Known | None:
        """The connection under the cursor."""
        row = self.listing.current
        return row.known if row is not None else None

    @property
    def current_snapshot(self) -> ConnectionSnapshot | None:
        """How the connection under the cursor stands."""
        return self.current.snapshot if self.current is not None else None

    def current_connection(self) -> int | None:
        """The id of the connection under the cursor."""
        return self.current.id if self.current is not None else None

    def action_add_connection(self) -> None:
        """A new connection."""
        self.desk.run_task(connection_dialogs.open_form(self.app, self.desk, None), "add")

    def action_edit_connection(self) -> None:
        """Edit the connection under the cursor, or show what is wrong with it."""
        known = self.current
        if known is not None and known.problems:
            self._show_problems(known)
        elif known is not None and known.profile is not None:
            self.desk.run_task(connection_dialogs.open_form(self.app, self.desk, known.profile), "edit")

    def _show_problems(self, known: Known) -> None:
        self.desk.run_task(profile_dialogs.show_problems(self.app, self.desk, known), "mend")

    def action_duplicate_connection(self) -> None:
        """A copy of the connection under the cursor."""
        if self.current is not None and self.current.profile is not None:
            form = connection_dialogs.duplicate(self.app, self.desk, self.current.profile)
            self.desk.run_task(form, "duplicate")

    def action_import_connection(self) -> None:
        """A connection from a URL or a command line."""
        self.desk.run_task(connection_dialogs.import_line(self.app, self.desk), "import")

    def action_ping_connection(self) -> None:
        """Ping the connection under the cursor."""
        snapshot = self.current_snapshot
        if snapshot is None:
            self.desk.say("info", "this connection is not open")
            return
        self.desk.run_task(websocket_dialogs.ping(self.desk, snapshot), "ping")

    def action_show_broker(self) -> None:
        """What the broker of the connection under the cursor allows."""
        snapshot = self.current_snapshot
        if snapshot is None:
            self.desk.say("info", "this connection is not open")
            return
        self.desk.run_task(connection_dialogs.show_broker(self.app, self.desk, snapshot), "broker")

    def action_show_handshake(self) -> None:
        """How the WebSocket under the cursor was opened."""
        snapshot = self.current_snapshot
        if snapshot is None:
            self.desk.say("info", "this connection is not open")
            return
        self.desk.run_task(websocket_dialogs.show_handshake(self.app, self.desk, snapshot), "handshake")

    def action_examine_connection(self) -> None:
        """Have the doctor look the connection under the cursor over."""
        from mqttx_tui.ui.doctor_dialog import open_doctor  # the first frame does without it

        if (known := self.current) is not None:
            self.desk.run_task(open_doctor(self.app, self.desk, known.profile), "doctor")

    def delete(self) -> None:
        """Delete the connection under the cursor from the profile file."""
        known = self.current
        if known is not None and known.key:
            question = connection_dialogs.delete(self.app, self.desk, known.key, known.label)
            self.desk.run_task(question, "delete")

    # search

    def action_search_connections(self) -> None:
        """/: narrow the list while it is typed."""
        self._former = self.listing.search
        self.title_line.display = False
        self.search_line.display = True
        self.search_line.value = self._former
        self.search_line.cursor_position = len(self._former)
        take_focus(self.search_line)

    @on(Input.Changed, "#connection-search")
    def _searched(self, event: Input.Changed) -> None:
        event.stop()
        if self.search_line.display:
            self._narrow(event.value)

    @on(Input.Submitted, "#connection-search")
    def _search_done(self, event: Input.Submitted) -> None:
        event.stop()
        self._close_search()

    def step_back(self) -> bool:
        """Esc in the search field puts the former search back."""
        if not self.search_line.display:
            return False
        self._narrow(self._former)
        self._close_search()
        return True

    def on_descendant_blur(self) -> None:
        """A field that was left keeps what was typed, and closes."""
        super().on_descendant_blur()
        if self.search_line.display and not self.search_line.has_focus:
            self._close_search(focus=False)

    def _narrow(self, search: str) -> None:
        self.listing.narrow(search)
        self.desk.reframe()

    def _close_search(self, *, focus: bool = True) -> None:
        self.search_line.display = False
        self.title_line.display = True
        if focus:
            take_focus(self.listing)
        self.sync_title()


RAW_TEXT = "a raw WebSocket has no subscriptions: everything that the server sends arrives"
