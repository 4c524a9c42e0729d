"""What the keys of the topic tree do."""

from __future__ import annotations

from mqttx_tui.model.message import Outgoing
from mqttx_tui.ui.desk import desk
from mqttx_tui.ui.main_actions import MainActions
from mqttx_tui.ui.safe import line


class TopicActions(MainActions):
    """Sorting, clearing what the broker retains."""

    def action_remove(self) -> None:
        """Del: clear a retained message; delete a connection."""
        from mqttx_tui.ui.panes.connections import ConnectionsPane
        from mqttx_tui.ui.panes.topics import TopicsPane

        if self.active == "connections" and (pane := self.find_pane(ConnectionsPane)) is not None:
            pane.delete()
        elif self.active == "topics" and (tree := self.find_pane(TopicsPane)) is not None:
            if tree.retained_here():
                desk(self).run_task(self._clear_retained(), "clear retained")
            else:
                desk(self).say("info", "the broker retains nothing for this topic")

    async def _clear_retained(self) -> None:
        from mqttx_tui.ui import dialogs

        chosen, workspace = self.chosen_topic(), desk(self).workspace
        if chosen is None or workspace.engine is None:
            return
        connection, topic = chosen
        snapshot = workspace.snapshots.get(connection)
        if snapshot is not None and snapshot.read_only:
            desk(self).say("error", snapshot.read_only_text or "this connection is read-only")
            return
        question = f"Clear the retained message of {line(topic, 60)} (1 topic)?"
        if await dialogs.confirm(self.app, question, yes="Clear"):
            await workspace.engine.publish(connection, Outgoing(topic, b"", retain=True))

    def action_filter(self) -> None:
        """/: type a filter, in the tree for its topics."""
        if self.active == "topics":
            self.action_filter_tree()
        else:
            super().action_filter()

    def action_filter_tree(self) -> None:
        """A tap on the tree's filter."""
        from mqttx_tui.ui.panes.topics import TopicsPane

        if (pane := self.find_pane(TopicsPane)) is not None:
            self.show_pane("topics")
            pane.open_filter()

    def action_sort_topics(self) -> None:
        """t, by a tap."""
        from mqttx_tui.ui.panes.topics import TopicsPane

        if (pane := self.find_pane(TopicsPane)) is not None:
            pane.action_sort_topics()
