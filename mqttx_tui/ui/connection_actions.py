"""What the keys of connections and subscriptions do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mqttx_tui.model.state import ConnectionSnapshot, Phase
from mqttx_tui.ui.desk import desk
from mqttx_tui.ui.main_actions import MainActions

if TYPE_CHECKING:
    from mqttx_tui.ui.panes.connections import ConnectionsPane


def over_websocket(snapshot: ConnectionSnapshot) -> bool:
    """Whether frames lie below: raw, or with MQTT inside."""
    return snapshot.transport in ("ws", "wss")


class ConnectionActions(MainActions):
    """Subscribing, editing connections."""

    def action_subscribe(self) -> None:
        """s: on the connection under the cursor, else on the composer's, else the first."""
        from mqttx_tui.ui import dialogs
        from mqttx_tui.ui.panes.connections import RAW_TEXT

        workspace = desk(self).workspace
        if self.active == "connections" and (pane := self._connections()) is not None:
            known = pane.current
            if known is not None and known.raw:
                desk(self).say("info", RAW_TEXT)
                return
        snapshot = workspace.snapshots.get(self._connection_here())
        if snapshot is None or snapshot.protocol != "mqtt":
            snapshot = next((s for s in workspace.started if s.protocol == "mqtt"), None)
        if snapshot is None:
            desk(self).say("info", "no MQTT connection to subscribe on")
            return
        desk(self).run_task(dialogs.open_subscribe(self.app, desk(self), snapshot), "subscribe")

    def _connection_here(self) -> int:
        from mqttx_tui.ui.panes.connections import ConnectionsPane

        if self.active == "connections":
            pane = self.find_pane(ConnectionsPane)
            return (pane.current_connection() or 0) if pane is not None else 0
        chosen = self.chosen_topic()
        return chosen[0] if chosen is not None else 0

    def action_unsubscribe(self) -> None:
        """u: switch a subscription off."""
        from mqttx_tui.ui.panes.connections import ConnectionsPane

        if self.active == "connections" and (pane := self.find_pane(ConnectionsPane)) is not None:
            pane.unsubscribe()

    def action_edit(self) -> None:
        """e: edit the connection (on an empty stream the one that cannot be made), else the payload."""
        from mqttx_tui.ui import connection_dialogs
        from mqttx_tui.ui.panes.connections import ConnectionsPane

        down = desk(self).workspace.down if self.messages.stream_model.count == 0 else None
        if self.active == "messages" and down is not None and down.profile is not None:
            desk(self).run_task(connection_dialogs.open_form(self.app, desk(self), down.profile), "edit")
            return

        if self.active != "connections":
            self.call_later(self.run_action, "composer('external_editor')")
        elif (pane := self.find_pane(ConnectionsPane)) is not None:
            pane.action_edit_connection()

    def action_add_connection(self) -> None:
        """A: a new connection."""
        if (pane := self._connections()) is not None:
            pane.action_add_connection()

    def action_edit_connection(self) -> None:
        """Edit the connection under the cursor of the list."""
        if (pane := self._connections()) is not None:
            pane.action_edit_connection()

    def action_duplicate_connection(self) -> None:
        """D: a copy of the connection under the cursor of the list."""
        if (pane := self._connections()) is not None:
            pane.action_duplicate_connection()

    def action_import_connection(self) -> None:
        """I: a connection from a URL or a command line."""
        if (pane := self._connections()) is not None:
            pane.action_import_connection()

    def action_search_connections(self) -> None:
        """/ in the list of connections."""
        self.show_pane("connections")
        if (pane := self._connections()) is not None:
            pane.action_search_connections()

    def action_reload_profiles(self) -> None:
        """Read the profile file again."""
        from mqttx_tui.ui import profile_dialogs

        desk(self).run_task(profile_dialogs.reload(desk(self)), "profiles")

    def action_edit_profiles(self) -> None:
        """The profile file in an editor."""
        from mqttx_tui.ui import profile_dialogs

        desk(self).run_task(profile_dialogs.edit_file(self.app, desk(self)), "profiles")

    def action_ping_connection(self) -> None:
        """P: ping the connection at hand."""
        from mqttx_tui.ui import websocket_dialogs

        if (snapshot := self._at_hand()) is not None:
            desk(self).run_task(websocket_dialogs.ping(desk(self), snapshot), "ping")

    def action_authenticate_again(self) -> None:
        """Authenticate the connection at hand once more while it stands."""
        from mqttx_tui.ui import connection_dialogs

        if (snapshot := self._at_hand()) is not None:
            desk(self).run_task(connection_dialogs.authenticate_again(desk(self), snapshot), "authenticate")

    def action_show_broker(self) -> None:
        """B: what the broker of the connection at hand allows."""
        from mqttx_tui.ui import connection_dialogs

        if (snapshot := self._at_hand()) is not None:
            desk(self).run_task(connection_dialogs.show_broker(self.app, desk(self), snapshot), "broker")

    def action_examine_connection(self) -> None:
        """T: have the doctor look over the connection under the cursor of the list."""
        if (pane := self._connections()) is not None:
            pane.action_examine_connection()

    def action_show_handshake(self) -> None:
        """H: how the WebSocket at hand was opened."""
        from mqttx_tui.ui import websocket_dialogs

        if (snapshot := self._at_hand(websocket=True)) is not None:
            work = websocket_dialogs.show_handshake(self.app, desk(self), snapshot)
            desk(self).run_task(work, "handshake")

    def action_close_connection(self) -> None:
        """Close the connection at hand; a WebSocket with a code and a reason."""
        from mqttx_tui.ui import websocket_dialogs

        if (snapshot := self._at_hand()) is not None:
            desk(self).run_task(websocket_dialogs.close(self.app, desk(self), snapshot), "disconnect")

    def action_leave_with_will(self) -> None:
        """Disconnect the connection at hand so that the broker publishes its will."""
        from mqttx_tui.ui import connection_dialogs

        if (snapshot := self._at_hand()) is not None:
            desk(self).run_task(connection_dialogs.leave_with_will(desk(self), snapshot), "disconnect")

    def _connections(self) -> ConnectionsPane | None:
        from mqttx_tui.ui.panes.connections import ConnectionsPane

        return self.find_pane(ConnectionsPane)

    def _at_hand(self, *, websocket: bool = False) -> ConnectionSnapshot | None:
        """The connection under the cursor, else the first that stands; None, and told, without any."""
        workspace = desk(self).workspace
        chosen = workspace.snapshots.get(self._connection_here())
        if chosen is None or (websocket and self.active != "connections" and not over_websocket(chosen)):
            started = [s for s in workspace.started if not websocket or over_websocket(s)]
            standing = [s for s in started if s.phase is Phase.CONNECTED]
            chosen = next(iter(standing or started), None)
        if chosen is None:
            desk(self).say("info", "no WebSocket is open" if websocket else "nothing is connected")
        return chosen
