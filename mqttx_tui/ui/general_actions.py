"""What the keys do that belong to no pane: help, log, capture."""

from __future__ import annotations

from mqttx_tui.ui.desk import desk
from mqttx_tui.ui.main_actions import MainActions
from mqttx_tui.ui.safe import line


class GeneralActions(MainActions):
    """Actions that open screens of their own, or ask the engine for something."""

    def action_pane_help(self) -> None:
        """?: what the pane is for, and the keys that work there."""
        from mqttx_tui.ui.screens.help import HelpScreen, key_rows

        pane = self.panes[self.active]
        rows = key_rows(self.active_bindings.values(), pane)
        self.app.push_screen(HelpScreen(pane.PANE_TITLE, pane.help_text(), rows))

    def action_show_log(self) -> None:
        """Every notice of this run."""
        from mqttx_tui.ui.screens.log import LogScreen

        workspace = desk(self).workspace
        workspace.notices_read()
        self.app.push_screen(LogScreen(workspace.notices, workspace.noticed))

    def action_save_capture(self) -> None:
        """Copy the capture to a file."""
        from mqttx_tui.ui.capture_dialogs import save_capture

        desk(self).run_task(save_capture(self.app, desk(self)), "save")

    def action_clear_capture(self) -> None:
        """Forget every message, after a question."""
        desk(self).run_task(self._clear_capture(), "clear")

    async def _clear_capture(self) -> None:
        from mqttx_tui.ui import dialogs

        engine = desk(self).workspace.engine
        if engine is None:
            desk(self).say("info", "an opened capture is not changed")
        elif await dialogs.confirm(self.app, "Forget every captured message?", yes="Forget"):
            await engine.clear()

    def action_drop_queued(self) -> None:
        """Forget what waits for a connection."""
        desk(self).run_task(self._drop_queued(), "drop")

    async def _drop_queued(self) -> None:
        workspace = desk(self).workspace
        if workspace.engine is None:
            return
        dropped = 0
        for snapshot in workspace.started:
            if snapshot.queued:
                dropped += await workspace.engine.drop_queued(snapshot.id)
                desk(self).say("info", f"{line(snapshot.name or snapshot.key, 40)}: dropped what was queued")
        if not dropped:
            desk(self).say("info", "nothing is queued")
