"""What the keys of connections and subscriptions do."""

from __future__ import annotations

from mqttx_tui.ui.desk import desk
from mqttx_tui.ui.main_actions import MainActions


class ConnectionActions(MainActions):
    """Subscribing, editing connections."""

    def action_subscribe(self) -> None:
        """s: on the connection under the cursor, else on the composer's, else the first."""
        from mqttx_tui.ui import dialogs

        workspace = desk(self).workspace
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
        """e: edit the connection; on an empty stream the one that cannot be made."""
        from mqttx_tui.ui import connection_dialogs
        from mqttx_tui.ui.panes.connections import ConnectionsPane

        down = desk(self).workspace.down if self.messages.stream_model.count == 0 else None
        if self.active == "messages" and down is not None and down.profile is not None:
            desk(self).run_task(connection_dialogs.open_form(self.app, desk(self), down.profile), "edit")
            return

        if self.active == "connections" and (pane := self.find_pane(ConnectionsPane)) is not None:
            pane.action_edit_connection()

    def action_add_connection(self) -> None:
        """A: a new connection."""
        from mqttx_tui.ui.panes.connections import ConnectionsPane

        if (pane := self.find_pane(ConnectionsPane)) is not None:
            pane.action_add_connection()
