"""What the keys of the inspector do from anywhere."""

from __future__ import annotations

from mqttx_tui.ui.clipboard import copy
from mqttx_tui.ui.desk import desk
from mqttx_tui.ui.main_actions import MainActions
from mqttx_tui.ui.widgets.document import whole_characters

COPIED_BYTES = 1_000_000


class InspectorActions(MainActions):
    """Tabs, decoders, copying."""

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

    def action_inspector_tab(self, name: str) -> None:
        """A tap on a tab of the inspector."""
        from mqttx_tui.ui.panes.inspector import InspectorPane

        if (pane := self.find_pane(InspectorPane)) is not None:
            pane.choose_tab(name)

    def action_inspector_decoder(self) -> None:
        """A tap on the decoder."""
        from mqttx_tui.ui.panes.inspector import InspectorPane

        if (pane := self.find_pane(InspectorPane)) is not None:
            pane.action_decoder()
