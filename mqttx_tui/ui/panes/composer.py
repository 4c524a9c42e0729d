"""5 Publish: two lines until it is focused, then a form. For a raw WebSocket it sends frames."""

from __future__ import annotations

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Static, TextArea

from mqttx_tui.model import shown
from mqttx_tui.model.errors import AppError
from mqttx_tui.model.message import Message, Outgoing
from mqttx_tui.model.state import ConnectionSnapshot, Phase
from mqttx_tui.payload.encode import FORMATS, length
from mqttx_tui.ui import safe
from mqttx_tui.ui.draft import Draft, from_message, outgoing
from mqttx_tui.ui.inspection import fate_words
from mqttx_tui.ui.panes.pane import Hint, Pane, take_focus
from mqttx_tui.ui.widgets.choice import Choice, TextButton, Toggle
from mqttx_tui.ui.widgets.fields import SafeInput
from mqttx_tui.ui.widgets.flow import Flow
from mqttx_tui.ui.widgets.payload_area import PayloadArea
from mqttx_tui.ui.widgets.piece_line import Bit, PieceLine

ROWS_WITH_OUTCOME = 5
"""A lower pane has no room to say what became of a message: the status line does."""
FINAL = ("acknowledged", "refused", "dropped")


class ComposerPane(Pane):
    """Composes one message and sends it; shows what became of it."""

    PANE_NAME = "composer"
    PANE_NUMBER = 5
    PANE_TITLE = "Publish"
    PANE_SHORT = "Publish"
    PANE_HELP = (
        "Tab goes through topic, payload, format, QoS, retain, send. Enter sends a payload of one line; "
        "a newline, typed or pasted, makes the editor multi-line, and then F5 or Ctrl+J send. "
        "Ctrl+T chooses the connection that it goes to."
    )
    PANE_HINTS = (
        Hint("F5", "send", "send"),
        Hint("^T", "to another connection", "composer_target"),
        Hint("Tab", "next field", ""),
        Hint("Esc", "back", ""),
    )
    BINDINGS = [
        Binding("ctrl+t", "next_target", "next connection", show=False, id="composer.target"),
    ]
    DEFAULT_CSS = """
    ComposerPane #composer-fields { height: 1fr; display: none; }
    ComposerPane.-open #composer-fields { display: block; }
    ComposerPane.-open #composer-summary { display: none; }
    ComposerPane .composer-row { height: 1; }
    ComposerPane .composer-label { width: 9; height: 1; color: $mq-dim; padding-left: 1; }
    ComposerPane #composer-topic { width: 1fr; height: 1; border: none; padding: 0; background: $mq-field; }
    ComposerPane #composer-payload-row { height: 1fr; min-height: 1; }
    ComposerPane #composer-payload {
        width: 1fr; height: 1fr; border: none; padding: 0; background: $mq-field;
    }
    ComposerPane #composer-size { color: $mq-dim; padding: 0 1; width: auto; height: 1; }
    ComposerPane #composer-outcome { height: auto; max-height: 3; padding: 0 1; display: none; }
    ComposerPane #composer-outcome.-on { display: block; }
    ComposerPane #composer-outcome.-good { color: $mq-good; }
    ComposerPane #composer-outcome.-bad { color: $mq-bad; }
    ComposerPane .-raw { display: none; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.target_id: int | None = None
        self._outcome: tuple[str, str] = ("", "dim")
        self._last_sent: int | None = None
        self._summary = PieceLine(id="composer-summary")
        self._outcome_text = Static("", id="composer-outcome", markup=False)
        self._bytes = Static("", id="composer-size", markup=False)
        self._topic_row = Horizontal(classes="composer-row")
        self._topic = SafeInput(id="composer-topic", compact=True, placeholder="topic, such as site/7/set")
        self._payload = PayloadArea(id="composer-payload")
        self._format = Choice(FORMATS, "text", label="format", id="composer-format")
        self._qos = Choice(("0", "1", "2"), "0", label="QoS", id="composer-qos")
        self._retain = Toggle("retain", id="composer-retain")

    def compose_body(self) -> ComposeResult:
        """The summary, and the fields in the order of Tab."""
        yield self._summary
        with Vertical(id="composer-fields"):
            with self._topic_row:
                yield Static("topic", classes="composer-label", markup=False)
                yield self._topic
            with Horizontal(id="composer-payload-row"):
                yield Static("payload", classes="composer-label", markup=False)
                yield self._payload
            with Flow(id="composer-controls"):
                yield self._format
                yield self._qos
                yield self._retain
                yield TextButton("Send F5", id="composer-send")
                yield self._bytes
            yield self._outcome_text

    # what it goes to

    @property
    def target(self) -> ConnectionSnapshot | None:
        """The connection that it sends to: the chosen one, else the first that stands."""
        workspace = self.desk.workspace
        if self.target_id in workspace.snapshots:
            return workspace.snapshots[self.target_id]
        started = workspace.started
        standing = [snapshot for snapshot in started if snapshot.phase is Phase.CONNECTED]
        return next(iter(standing or started), None)

    @property
    def raw(self) -> bool:
        """Whether it goes to a raw WebSocket."""
        target = self.target
        return target is not None and target.protocol == "websocket"

    def action_next_target(self) -> None:
        """Send to the next connection instead."""
        started = self.desk.workspace.started
        if not started:
            return
        target = self.target
        place = next((i for i, snapshot in enumerate(started) if snapshot is target), -1)
        self.target_id = started[(place + 1) % len(started)].id
        self._show_target()

    # filling it in

    @property
    def draft(self) -> Draft:
        """What the fields hold."""
        return Draft(
            self._topic.value,
            self._payload.content,
            self._format.value,
            int(self._qos.value),
            self._retain.value,
        )

    def open_draft(self, draft: Draft, connection: int | None = None) -> None:
        """Put a draft into the fields."""
        if connection is not None:
            self.target_id = connection
        self._topic.value = draft.topic
        self._payload.put(draft.payload)
        self._format.value = draft.format
        self._qos.value = str(draft.qos)
        self._retain.value = draft.retain
        self._tell("", "dim")

    def reuse(self, message: Message) -> None:
        """Put a captured message into the fields. Raises ``InputError`` for one that does not fit."""
        self.open_draft(from_message(message), message.connection)

    def suggest_topic(self, topic: str) -> None:
        """Fill in the topic where none was typed yet."""
        if not self._topic.value:
            self._topic.value = topic

    def focus_inside(self) -> None:
        """Begin in the first field that is still empty, else in the payload."""
        self.add_class("-open")
        wants_topic = not self.raw and not self._topic.value
        take_focus(self._topic if wants_topic else self._payload)

    # sending

    @on(Input.Submitted, "#composer-topic")
    def _topic_done(self) -> None:
        take_focus(self._payload)

    @on(TextButton.Pressed, "#composer-send")
    @on(PayloadArea.SendPressed)
    def _send_wanted(self) -> None:
        self.send()

    def send(self) -> None:
        """Send what the fields hold; a problem is told and nothing is lost."""
        engine = self.desk.workspace.engine
        target = self.target
        try:
            message = outgoing(self.draft, target)
            if engine is None or target is None:
                raise AppError("this capture has no engine", title="Not sent")
        except AppError as error:
            self._refused(error)
            return
        self._tell("sending …", "dim")
        self.desk.run_task(self._publish(target.id, message), "publish")

    async def _publish(self, connection: int, message: Outgoing) -> None:
        engine = self.desk.workspace.engine
        if engine is None:
            return
        try:
            self._last_sent = await engine.publish(connection, message)
        except AppError as error:
            self._refused(error)
            return
        self._tell("sent", "dim")
        if not self.has_focus_within:
            topic = safe.line(message.topic, 40)
            self.desk.say("info", f"sent to {self._target_words()} {topic}")

    @on(PayloadArea.Refused)
    def _cannot_edit(self) -> None:
        self._tell("✗ too large to edit: Backspace clears it", "bad")

    def _refused(self, error: AppError) -> None:
        text = ". ".join(part for part in (f"{error.title}: {error.message}", error.hint) if part)
        self._tell(f"✗ {text}", "bad")
        if not self.has_focus_within or self.size.height < ROWS_WITH_OUTCOME:
            self.desk.say("error", text)

    def _tell(self, text: str, ink: str) -> None:
        self._outcome = (safe.line(text), ink)
        self._show_outcome()

    # painting

    def on_descendant_focus(self) -> None:
        """Open the form."""
        self.add_class("-open")
        super().on_descendant_focus()
        self._show_outcome()

    def on_descendant_blur(self) -> None:
        """Close the form once the focus is elsewhere."""
        super().on_descendant_blur()
        self.call_after_refresh(self._close_when_left)

    def _close_when_left(self) -> None:
        self.set_class(self.has_focus_within, "-open")
        self.sync_title()

    @on(TextArea.Changed)
    @on(Choice.Changed)
    def _typed(self) -> None:
        self._show_outcome()
        self.sync_title()

    def sync(self, now: float) -> bool:
        """Follow the acknowledgement, and the connection that it goes to."""
        reader = self.desk.reader
        if self._last_sent is not None and reader is not None:
            fate = reader.fates([self._last_sent]).get(self._last_sent)
            if fate is not None:
                ink = "bad" if fate.state == "refused" else "good" if fate.state == "acknowledged" else "dim"
                if self._outcome != (fate_words(fate), ink):
                    self._tell(fate_words(fate), ink)
                if fate.state in FINAL:
                    self._last_sent = None
        self._show_target()
        return self.sync_title()

    def _show_target(self) -> None:
        raw = self.raw
        self._topic_row.set_class(raw, "-raw")
        self._qos.set_class(raw, "-raw")
        self._retain.set_class(raw, "-raw")
        self._show_summary()
        self.sync_title()

    def _show_summary(self) -> None:
        draft = self.draft
        payload = safe.payload_line(draft.payload[:2000].encode("utf-8", "replace"), 400)
        if self.raw:
            left = [Bit(f" {draft.format} │ ", "dim"), Bit(payload, "text")]
        else:
            left = [
                Bit(" topic ", "dim"),
                Bit(safe.fit(safe.line(draft.topic, 200), 22), "text", "publish", "field"),
                Bit(f"  q{draft.qos}  {'☑' if draft.retain else '☐'} retain  {draft.format} │ ", "dim"),
                Bit(payload, "text", "publish"),
            ]
        self._summary.show(left, [Bit(f" {self._outcome[0]} ", self._outcome[1])] if self._outcome[0] else [])

    def _show_outcome(self) -> None:
        size = length(self._payload.content, self._format.value)
        self._bytes.update(shown.size(size) if size is not None else f"not {self._format.value} yet")
        text, ink = self._outcome
        self._outcome_text.update(Text(text))
        for name in ("good", "bad"):
            self._outcome_text.set_class(ink == name, f"-{name}")
        self._outcome_text.set_class(bool(text), "-on")
        self._show_summary()

    def _target_words(self) -> str:
        target = self.target
        return safe.line(f"{target.letter} {target.name or target.key}", 40) if target else "nothing"

    def title_left(self) -> list[Bit]:
        """The connection that it sends to, always named, in its colour."""
        target = self.target
        if target is None:
            return [Bit("→ no connection ", "dim")]
        ink = self.desk.workspace.letter(target.id)[1]
        bits = [Bit("→ ", "dim"), Bit(f"{self._target_words()} ", ink, "composer_target")]
        if target.read_only:
            bits.append(Bit("READ ONLY ", "bad"))
        return bits

    def title_right(self) -> list[Bit]:
        """How to send from here."""
        how = "Enter send" if self._payload.one_line else "F5 or ^J send"
        return [Bit(f" {how}", "dim", "send")]
