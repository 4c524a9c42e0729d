"""What the keys of the composer do from anywhere."""

from __future__ import annotations

from mqttx_tui.model.errors import InputError
from mqttx_tui.ui.desk import desk
from mqttx_tui.ui.draft import REUSED_BYTES
from mqttx_tui.ui.main_actions import MainActions
from mqttx_tui.ui.safe import line


class ComposerActions(MainActions):
    """Composing, reusing, sending."""

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
        self.action_composer("next_target")

    def action_composer_problem(self) -> None:
        """A tap on what is wrong with the payload."""
        self.action_composer("go_to_problem")

    def action_composer(self, name: str) -> None:
        """One of the composer's own commands, from anywhere."""
        from mqttx_tui.ui.panes.composer import ComposerPane

        if (pane := self.find_pane(ComposerPane)) is not None:
            getattr(pane, f"action_{name}")()
