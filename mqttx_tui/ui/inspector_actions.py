"""What the keys of the inspector do from anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mqttx_tui.ui.clipboard import copy
from mqttx_tui.ui.copies import Copy
from mqttx_tui.ui.desk import desk
from mqttx_tui.ui.main_actions import MainActions
from mqttx_tui.ui.widgets.document import whole_characters

if TYPE_CHECKING:
    from mqttx_tui.ui.panes.inspector import InspectorPane
    from mqttx_tui.ui.tabs.payload import PayloadTab

COPIED_BYTES = 1_000_000


class InspectorActions(MainActions):
    """Tabs, decoders, copying."""

    def copies_here(self) -> list[Copy]:
        """What the inspector's tab offers, while the inspector has the keys."""
        pane = self._inspector
        return pane.tab.copies() if pane is not None and self.active == "inspector" and pane.message else []

    def action_copy(self) -> None:
        """y: the value under the inspector's cursor; else the payload of the selected message."""
        if copies := self.copies_here():
            copy(self.app, copies[0].text)
            desk(self).say("info", f"{copies[0].label} copied, {len(copies[0].text):,} characters")
            return
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

    @property
    def _inspector(self) -> InspectorPane | None:
        from mqttx_tui.ui.panes.inspector import InspectorPane

        return self.find_pane(InspectorPane)

    async def action_inspector_filter(self) -> None:
        """=, by a tap on the footer or by name."""
        pane = self._inspector
        if pane is None or pane.message is None:
            desk(self).say("info", "no message is selected")
            return
        if pane.tab_name != "Payload":
            pane.choose_tab("Payload")
        await pane.tab.run_action("filter_value")

    def on_payload_tab_filter_wanted(self, event: PayloadTab.FilterWanted) -> None:
        """A filter from the value under the cursor, open in the stream's field and not yet in force."""
        event.stop()
        self.show_pane("messages")
        self.messages.open_filter(event.text)

    def action_inspector_step(self, step: int) -> None:
        """[ and ]: the inspector's tabs."""
        if (pane := self._inspector) is not None:
            pane.action_tab_step(step)

    def action_inspector_tab(self, name: str) -> None:
        """A tap on a tab of the inspector."""
        if (pane := self._inspector) is not None:
            pane.choose_tab(name)

    def action_inspector_decoder(self) -> None:
        """A tap on the decoder."""
        if (pane := self._inspector) is not None:
            pane.action_decoder()

    def action_inspector_neighbour(self, step: int) -> None:
        """< and >, by a tap: the older or newer message of the topic."""
        if (pane := self._inspector) is not None:
            pane.action_neighbour(step)

    async def action_tab_action(self, action: str) -> None:
        """A key of the chosen tab, by a tap."""
        if (pane := self._inspector) is not None:
            await pane.tab.run_action(action)

    def action_diff(self) -> None:
        """d: what the message changed."""
        self._look_at("Diff")

    def action_chart(self) -> None:
        """v: a number of the topic's messages over time."""
        self._look_at("Chart")

    def action_topic_history(self) -> None:
        """Every message of the topic."""
        self._look_at("History")

    def _look_at(self, tab: str) -> None:
        """Give the keys to a tab of the inspector, with the message under the cursor."""
        from mqttx_tui.ui.panes.inspector import InspectorPane

        pane = self.find_pane(InspectorPane)
        if pane is None:
            return
        message = self._message_here(pane.asked_about)
        if message is None:
            desk(self).say("info", "put the cursor on a message or on a topic that has one")
            return
        pane.look_at(message, tab)
        self.show_pane("inspector")

    def _message_here(self, inspected: int | None) -> int | None:
        from mqttx_tui.ui.panes.topics import TopicsPane

        if self.active == "inspector":
            return inspected
        if self.active == "messages":
            return self.messages.stream_model.cursor_id
        if self.active == "topics" and (tree := self.find_pane(TopicsPane)) is not None:
            return tree.last_message_here()
        return desk(self).workspace.selected_id
