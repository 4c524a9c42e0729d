"""What the keys of the stream do that open a question or move through matches."""

from __future__ import annotations

from mqttx_tui.ui.desk import desk
from mqttx_tui.ui.general_actions import GeneralActions


class StreamActions(GeneralActions):
    """Copying more than the payload."""

    def action_copy_menu(self) -> None:
        """Y: what to copy of the selected message."""
        from mqttx_tui.ui.copying import COPIED_BYTES, copy_menu

        message = self.selected_message(payload=COPIED_BYTES)
        if message is None:
            desk(self).say("info", "no message is selected")
            return
        desk(self).run_task(copy_menu(self.app, desk(self), message), "copy")
