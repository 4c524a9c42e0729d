"""5 Publish: two lines until it is focused, then a form. For a raw WebSocket it sends frames."""

from __future__ import annotations

from rich.text import Text
from textual import events, on
from textual.binding import Binding
from textual.widgets import Input, TextArea

from mqttx_tui.model.state import Phase
from mqttx_tui.ui import safe
from mqttx_tui.ui.composer_recall import ComposerRecall
from mqttx_tui.ui.composer_sending import target_words
from mqttx_tui.ui.panes.pane import Hint, take_focus
from mqttx_tui.ui.widgets.choice import Choice, Toggle
from mqttx_tui.ui.widgets.piece_line import Bit


class ComposerPane(ComposerRecall):
    """Composes one message and sends it; shows what became of it."""

    PANE_NAME = "composer"
    PANE_NUMBER = 5
    PANE_TITLE = "Publish"
    PANE_SHORT = "Publish"
    PANE_HELP = (
        "Tab goes through topic, payload, format, QoS, retain, send, more. "
        "Enter sends a payload of one line; a newline, typed or pasted, makes the editor multi-line, "
        "and then F5 or Ctrl+J send. "
        "Ctrl+T chooses the connection that it goes to. "
        '"more" opens the properties of MQTT 5, and "template"; for a raw WebSocket, in how many frames the '
        "message goes, and whether as text or binary.\n\n"
        "Up in the first line and Down in the last go through what was published before, Ctrl+R searches it. "
        "Ctrl+O lists the messages saved in the profile, Ctrl+S saves this one. "
        "Ctrl+E opens the payload in $EDITOR, Ctrl+L loads a file. "
        "Ctrl+F lays JSON out anew, Ctrl+G goes to what is wrong with it.\n\n"
        "A template fills in ${NAME} and ${NAME:-default} from the environment, and at every sending "
        "{{ now }}, {{ timestamp }}, {{ timestamp_ms }}, {{ uuid }}, {{ counter }}, {{ random 1 100 }}, "
        "{{ client_id }}."
    )
    PANE_HINTS = (
        Hint("F5", "send", "send"),
        Hint("^T", "to another connection", "composer_target"),
        Hint("↑", "before", ""),
        Hint("^R", "search", "composer('search_history')"),
        Hint("^O", "saved", "composer('saved_messages')"),
        Hint("^S", "save", "composer('save_message')"),
        Hint("^E", "editor", "composer('external_editor')"),
        Hint("^L", "file", "composer('load_file')"),
        Hint("Esc", "back", ""),
    )
    RAW_HINTS = (Hint("Enter", "sends one line", "send"), Hint("Tab", "format", ""), *PANE_HINTS[1:])
    BINDINGS = [
        Binding("ctrl+t", "next_target", "next connection", show=False, id="composer.target"),
        Binding("ctrl+r", "search_history", "search what was published", show=False, id="composer.history"),
        Binding("ctrl+o", "saved_messages", "saved messages", show=False, id="composer.saved"),
        Binding("ctrl+s", "save_message", "save this message", show=False, id="composer.save"),
        Binding(
            "ctrl+e", "external_editor", "payload in $EDITOR", show=False, id="composer.editor", priority=True
        ),
        Binding("ctrl+l", "load_file", "payload from a file", show=False, id="composer.file"),
        Binding("ctrl+f", "relayout", "lay JSON out anew", show=False, id="composer.layout"),
        Binding("ctrl+g", "go_to_problem", "go to what is wrong", show=False, id="composer.problem"),
        Binding("up", "recall(-1)", "published before", show=False, id="composer.older"),
        Binding("down", "recall(1)", "published after", show=False, id="composer.newer"),
    ]

    def action_next_target(self) -> None:
        """Send to the next connection instead."""
        started = self.desk.workspace.started
        if not started:
            return
        target = self.target
        place = next((i for i, snapshot in enumerate(started) if snapshot is target), -1)
        self.target_id = started[(place + 1) % len(started)].id
        self._show_target()

    @on(Input.Submitted, "#composer-topic")
    def _topic_done(self) -> None:
        take_focus(self._payload)

    @on(events.DescendantBlur)
    def _field_left(self) -> None:
        """Close the form once the focus is elsewhere."""
        self.call_after_refresh(self._close_when_left)

    def _close_when_left(self) -> None:
        self.set_class(self.has_focus_within, "-open")
        self.sync_title()

    @on(TextArea.Changed)
    @on(Choice.Changed)
    @on(Toggle.Changed)
    def _changed(self) -> None:
        self.check_payload()
        self._show_summary()
        self.sync_title()

    def draft_opened(self) -> None:
        """Check what stands there now; what became of the former message is old news."""
        self.check_payload()
        self.tell("", "dim")

    # painting

    def sync(self, now: float) -> bool:
        """Follow the acknowledgement, and the connection that it goes to."""
        self.follow_fate()
        self._show_target()
        return self.sync_title()

    def _show_target(self) -> None:
        self.show_fields()
        self._show_summary()
        self.sync_title()

    def _show_summary(self) -> None:
        draft = self.draft
        shown = f"file {draft.file}" if draft.file else "secret" if draft.secret else draft.payload[:2000]
        payload = safe.payload_line(shown.encode("utf-8", "replace"), 400)
        if self.raw:
            left = [Bit(f" {draft.format} │ ", "dim"), Bit(payload, "text")]
        else:
            left = [
                Bit(" topic ", "dim"),
                Bit(safe.fit(safe.line(draft.topic, 200), 22), "text", "publish", "field"),
                Bit(f"  q{draft.qos}  {'☑' if draft.retain else '☐'} retain  {draft.format} │ ", "dim"),
                Bit(payload, "text", "publish"),
            ]
        outcome = [Bit(f" {self._outcome[0]} ", self._outcome[1])] if self._outcome[0] else []
        self._summary.show(left, outcome)

    def show_outcome(self) -> None:
        """What became of the last message."""
        text, ink = self._outcome
        self._outcome_text.update(Text(text))
        for name in ("good", "bad"):
            self._outcome_text.set_class(ink == name, f"-{name}")
        self._outcome_text.set_class(bool(text), "-on")
        self._show_summary()

    def title_left(self) -> list[Bit]:
        """The connection that it sends to, always named, in its colour."""
        target = self.target
        if target is None:
            return [Bit("→ no connection ", "dim")]
        ink = self.desk.workspace.letter(target.id)[1]
        bits = [Bit("→ ", "dim"), Bit(f"{target_words(target)} ", ink, "composer_target")]
        if target.read_only:
            bits.append(Bit("READ ONLY ", "bad"))
        elif target.phase is not Phase.CONNECTED:
            bits.append(Bit("not connected ", "dim"))
        return bits

    def hints(self) -> list[Hint]:
        """The keys; a line for a raw WebSocket is sent by Enter alone."""
        return list(self.RAW_HINTS if self.raw and self._payload.one_line else self.PANE_HINTS)

    def title_right(self) -> list[Bit]:
        """How to send from here."""
        how = "Enter send" if self._payload.one_line else "F5 or ^J send"
        editor = "^E editor" if self.has_focus_within else "e editor"
        return [Bit(f" {how}", "dim", "send"), Bit(f"  {editor}", "dim", "composer('external_editor')")]
