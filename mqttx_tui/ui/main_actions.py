"""What the keys of the whole screen do."""

from __future__ import annotations

from typing import TypeVar

from textual.screen import Screen

from mqttx_tui.model.errors import InputError
from mqttx_tui.model.message import Message, Outgoing
from mqttx_tui.ui.clipboard import copy
from mqttx_tui.ui.desk import desk
from mqttx_tui.ui.draft import REUSED_BYTES
from mqttx_tui.ui.keys import GUARD_SECONDS, KeyGuard
from mqttx_tui.ui.layouts import PANES
from mqttx_tui.ui.panes.messages import MessagesPane
from mqttx_tui.ui.panes.pane import Pane, take_focus
from mqttx_tui.ui.safe import line
from mqttx_tui.ui.widgets.document import whole_characters

P = TypeVar("P", bound=Pane)
COPIED_BYTES = 1_000_000


class MainActions(Screen[None]):
    """Actions; the screen itself provides the panes."""

    guard: KeyGuard
    zoomed: bool
    active: str
    list_before: str
    """The list that had the keys last: where Esc goes back to."""

    @property
    def panes(self) -> dict[str, Pane]:
        """The mounted panes by name."""
        raise NotImplementedError

    def show_pane(self, name: str) -> None:
        """Bring a pane on screen and give it the keys."""
        raise NotImplementedError

    def reframe(self) -> None:
        """Lay out again."""
        raise NotImplementedError

    def find_pane(self, kind: type[P]) -> P | None:
        """A mounted pane by its class."""
        pane = self.panes.get(kind.PANE_NAME)
        return pane if isinstance(pane, kind) else None

    @property
    def messages(self) -> MessagesPane:
        """The pane that is always there."""
        pane = self.panes["messages"]
        assert isinstance(pane, MessagesPane)
        return pane

    # where the keys go

    def action_show_pane(self, name: str) -> None:
        """1 to 5."""
        self.show_pane(name)

    def action_next_pane(self, step: int) -> None:
        """Tab: next field of the composer, else next pane."""
        pane = self.panes.get(self.active)
        if self.active == "composer" and pane is not None:
            fields = [widget for widget in self.focus_chain if pane in widget.ancestors]
            if self.focused in fields:
                at = fields.index(self.focused) + step
                if 0 <= at < len(fields):
                    take_focus(fields[at])
                    return
        names = [name for name in PANES if name in self.panes]
        self.show_pane(names[(names.index(self.active) + step) % len(names)])

    def action_step_back(self) -> None:
        """Esc: exactly one step."""
        workspace = desk(self).workspace
        if self.messages.close_filter(restore=True):
            return
        if self.active == "composer":
            self.show_pane(self.list_before)
        elif self.zoomed:
            self.action_zoom()
        elif self.active == "inspector":
            self.show_pane(self.list_before)
        elif workspace.narrowing is not None:
            self.messages.narrow(None)

    def action_zoom(self) -> None:
        """z: only the active pane."""
        self.zoomed = not self.zoomed
        self.reframe()

    def action_guarded(self, name: str) -> None:
        """Run an action only when its key stands alone: not inside an unbracketed paste."""
        if not self.guard.alone_so_far:
            return
        number = self.guard.number

        async def run_alone() -> None:
            if self.guard.number == number:
                await self.run_action(name)

        self.set_timer(GUARD_SECONDS, run_alone)

    async def action_list_enter(self) -> None:
        """Enter, by a tap on the footer."""
        if self.focused is not None:
            await self.focused.run_action("row_enter")

    async def action_narrow(self) -> None:
        """Enter in the tree."""
        await self.action_list_enter()

    async def action_fold(self) -> None:
        """Space, by a tap."""
        if self.focused is not None:
            await self.focused.run_action("row_space")

    def action_show_connection(self, connection: int) -> None:
        """A tap on a chip."""
        from mqttx_tui.ui.panes.connections import ConnectionsPane

        self.show_pane("connections")
        if (pane := self.find_pane(ConnectionsPane)) is not None:
            pane.listing.go_to_connection(connection)
            pane.listing.repaint_changes()

    # the stream

    def action_follow(self) -> None:
        """f: the newest message."""
        self.messages.action_follow()

    def action_pause(self) -> None:
        """Space, by a tap."""
        self.messages.stream.action_row_space()

    def action_filter(self) -> None:
        """/: type a filter."""
        self.show_pane("messages")
        self.messages.open_filter()

    def action_exclude(self) -> None:
        """x: leave a topic out; on a connection, disconnect."""
        from mqttx_tui.ui.panes.connections import ConnectionsPane

        if self.active == "connections":
            if (pane := self.find_pane(ConnectionsPane)) is not None:
                pane.disconnect()
            return
        noise = self.messages.noise() if self.active == "messages" else None
        chosen = (noise.connection, noise.filter) if noise is not None else self.chosen_topic()
        engine = desk(self).workspace.engine
        down = desk(self).workspace.down if self.messages.stream_model.count == 0 else None
        if chosen is None and engine is not None and down is not None and down.id is not None:
            desk(self).run_task(engine.disconnect(down.id), "disconnect")
            return
        if chosen is None or engine is None:
            desk(self).say("info", "put the cursor on a topic")
            return
        connection, topic = chosen
        filters = desk(self).workspace.exclude(connection, topic)
        desk(self).run_task(engine.exclude(connection, filters), "exclude")
        desk(self).say("info", f"{line(topic, 60)} is left out from here on")

    def chosen_topic(self) -> tuple[int, str] | None:
        """Connection and topic under the cursor of tree or stream."""
        from mqttx_tui.ui.panes.topics import TopicsPane

        if self.active == "topics" and (pane := self.find_pane(TopicsPane)) is not None:
            chosen = pane.selected_topic()
            return chosen if chosen is not None and chosen[1] else None
        message = self.selected_message(payload=0)
        return (message.connection, message.topic) if message is not None and message.topic else None

    def selected_message(self, *, payload: int = 65536) -> Message | None:
        """The message that inspector and peek show."""
        app = desk(self)
        chosen = app.workspace.selected_id
        return app.reader.message(chosen, payload=payload) if app.reader is not None and chosen else None

    # publishing

    def action_publish(self) -> None:
        """p: the composer; from the tree with its topic."""
        from mqttx_tui.ui.panes.composer import ComposerPane

        pane = self.find_pane(ComposerPane)
        if pane is None:
            return
        refusal = self._read_only()
        if refusal:
            desk(self).say("error", refusal)
            return
        chosen = self.chosen_topic()
        if chosen is not None and self.active == "topics":
            pane.suggest_topic(chosen[1])
        self.show_pane("composer")

    def _read_only(self) -> str:
        started = desk(self).workspace.started
        if started and all(snapshot.read_only for snapshot in started):
            first = started[0]
            return first.read_only_text or f"{line(first.name or first.key, 40)} is read-only"
        return ""

    def action_reuse(self) -> None:
        """r: the selected message into the composer."""
        from mqttx_tui.ui.panes.composer import ComposerPane

        message = self.selected_message(payload=REUSED_BYTES)
        pane = self.find_pane(ComposerPane)
        if message is None or pane is None:
            desk(self).say("info", "no message is selected")
            return
        try:
            pane.reuse(message)
        except InputError as error:
            desk(self).say("error", " · ".join(filter(None, (f"{error.title}: {error.message}", error.hint))))
            return
        self.show_pane("composer")

    def action_send(self) -> None:
        """F5 anywhere: send the composer again."""
        from mqttx_tui.ui.panes.composer import ComposerPane

        if (pane := self.find_pane(ComposerPane)) is not None:
            pane.send()

    def action_composer_target(self) -> None:
        """Another connection for the composer."""
        from mqttx_tui.ui.panes.composer import ComposerPane

        if (pane := self.find_pane(ComposerPane)) is not None:
            pane.action_next_target()

    # connections

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

    # the rest

    def action_copy(self) -> None:
        """y: the payload of the selected message."""
        message = self.selected_message(payload=COPIED_BYTES)
        if message is None:
            desk(self).say("info", "no message is selected")
            return
        payload = message.payload
        if len(payload) == message.payload_size:
            text = payload.decode("utf-8", "replace")
            desk(self).say("info", f"payload copied, {len(text):,} characters")
        else:
            payload = payload[: whole_characters(payload)]
            text = payload.decode("utf-8", "replace")
            of = f"{len(payload):,} of {message.payload_size:,} bytes"
            desk(self).say("warning", f"only the beginning of the payload copied: {of}")
        copy(self.app, text)

    def action_inspector_step(self, step: int) -> None:
        """[ and ]: the inspector's tabs."""
        from mqttx_tui.ui.panes.inspector import InspectorPane

        if (pane := self.find_pane(InspectorPane)) is not None:
            pane.action_tab_step(step)

    def action_inspector_tab(self, index: int) -> None:
        """A tap on a tab of the inspector."""
        from mqttx_tui.ui.panes.inspector import InspectorPane

        if (pane := self.find_pane(InspectorPane)) is not None:
            pane.choose_tab(index)

    def action_inspector_decoder(self) -> None:
        """A tap on the decoder."""
        from mqttx_tui.ui.panes.inspector import InspectorPane

        if (pane := self.find_pane(InspectorPane)) is not None:
            pane.action_decoder()

    def action_sort_topics(self) -> None:
        """t, by a tap."""
        from mqttx_tui.ui.panes.topics import TopicsPane

        if (pane := self.find_pane(TopicsPane)) is not None:
            pane.action_sort_topics()
