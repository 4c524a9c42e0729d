"""The fields of the composer: what they hold, which of them the target has."""

from __future__ import annotations

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widget import Widget
from textual.widgets import Static

from mqttx_tui.model.message import Message
from mqttx_tui.model.state import ConnectionSnapshot, Phase
from mqttx_tui.payload.encode import FORMATS
from mqttx_tui.ui.draft import Draft, from_message
from mqttx_tui.ui.panes.pane import Pane, take_focus
from mqttx_tui.ui.widgets.choice import Choice, TextButton, Toggle
from mqttx_tui.ui.widgets.fields import SafeInput
from mqttx_tui.ui.widgets.flow import Flow
from mqttx_tui.ui.widgets.payload_area import PayloadArea
from mqttx_tui.ui.widgets.piece_line import PieceLine

_ROWS = (
    (("content_type", "type", "application/json"), ("message_expiry_interval", "expires", "30s")),
    (("response_topic", "reply to", "topic"), ("correlation_data", "correl.", "text, or hex:01 ff")),
    (("user", "user", "name=value; other=value"),),
)
"""MQTT 5: name of the property, label, example."""
_FRAGMENTS = ("1", "2", "3", "4", "8", "16", "64")
"""In how many frames a message to a WebSocket goes (RFC 6455 §5.4)."""
_FRAMES = ("auto", "text", "binary")
"""Text or binary (RFC 6455 §5.6); auto: binary where the format is one of bytes."""
_INDICATOR = "payload_format_indicator"
_MARKED = {"": "–", "0": "bytes", "1": "UTF-8"}
_VALUES = {shown: value for value, shown in _MARKED.items()}


class ComposerFields(Pane):
    """Holds one draft and the connection that it goes to."""

    DEFAULT_CSS = """
    ComposerFields #composer-fields { height: 1fr; display: none; scrollbar-size: 1 1; }
    ComposerFields.-open #composer-fields { display: block; }
    ComposerFields.-open #composer-summary { display: none; }
    ComposerFields .composer-row { height: 1; }
    ComposerFields .composer-label { width: 10; height: 1; color: $mq-dim; padding-left: 1; }
    ComposerFields .composer-row Input {
        width: 1fr; height: 1; border: none; padding: 0; background: $mq-field;
    }
    ComposerFields #composer-payload-row { height: 1fr; min-height: 1; }
    ComposerFields #composer-payload {
        width: 1fr; height: 1fr; border: none; padding: 0; background: $mq-field;
    }
    ComposerFields #composer-problem { height: 1; padding-left: 10; display: none; }
    ComposerFields #composer-problem.-on { display: block; }
    ComposerFields #composer-size { color: $mq-dim; padding: 0 1; width: auto; height: 1; }
    ComposerFields #composer-more-rows { height: auto; display: none; }
    ComposerFields #composer-more-rows.-on { display: block; }
    ComposerFields #composer-outcome { height: auto; max-height: 3; padding: 0 1; display: none; }
    ComposerFields #composer-outcome.-on { display: block; }
    ComposerFields #composer-outcome.-good { color: $mq-good; }
    ComposerFields #composer-outcome.-bad { color: $mq-bad; }
    ComposerFields .-gone { display: none; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.target_id: int | None = None
        self._saved_as = ""
        self._is_secret = False
        self._summary = PieceLine(id="composer-summary")
        self._outcome_text = Static("", id="composer-outcome", markup=False)
        self._bytes = Static("", id="composer-size", markup=False)
        self._problem_line = PieceLine(id="composer-problem")
        self._topic_row = Horizontal(classes="composer-row")
        self._topic = SafeInput(id="composer-topic", compact=True, placeholder="topic, such as site/7/set")
        self._payload = PayloadArea(id="composer-payload")
        self._format = Choice(FORMATS, "text", label="format", id="composer-format")
        self._qos = Choice(("0", "1", "2"), "0", label="QoS", id="composer-qos")
        self._retain = Toggle("retain", id="composer-retain")
        self._more = Toggle("more", id="composer-more")
        self._more_rows = Vertical(id="composer-more-rows")
        self._mqtt5_rows = [Horizontal(classes="composer-row") for _ in _ROWS]
        self._properties = {
            name: SafeInput(id=f"composer-{name}", compact=True, placeholder=example)
            for row in _ROWS
            for name, _, example in row
        }
        self._indicator = Choice(tuple(_VALUES), "–", label="marked as", id="composer-indicator")
        self._fragments = Choice(_FRAGMENTS, "1", label="frames", id="composer-fragments")
        self._frame = Choice(_FRAMES, "auto", label="as", id="composer-frame")
        self._template = Toggle("template: fill in ${…} and {{ … }}", id="composer-template")

    def compose_body(self) -> ComposeResult:
        """The summary, and the fields in the order of Tab."""
        yield self._summary
        with VerticalScroll(id="composer-fields", can_focus=False):
            with self._topic_row:
                yield Static("topic", classes="composer-label", markup=False)
                yield self._topic
            with Horizontal(id="composer-payload-row"):
                yield Static("payload", classes="composer-label", markup=False)
                yield self._payload
            yield self._problem_line
            with Flow(id="composer-controls"):
                yield self._format
                yield self._qos
                yield self._retain
                yield TextButton("Send F5", id="composer-send")
                yield self._more
                yield self._bytes
            with self._more_rows:
                yield from self._compose_more()
            yield self._outcome_text

    def _compose_more(self) -> ComposeResult:
        for line, row in zip(self._mqtt5_rows, _ROWS, strict=True):
            with line:
                for name, label, _ in row:
                    yield Static(label, classes="composer-label", markup=False)
                    yield self._properties[name]
        with Flow(id="composer-marks"):
            yield self._indicator
            yield self._fragments
            yield self._frame
            yield self._template

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

    @property
    def mqtt5(self) -> bool:
        """Whether the target has properties: MQTT 5 was agreed on."""
        target = self.target
        return target is not None and target.version == "5"

    def show_fields(self) -> None:
        """Hide what has no meaning for the target."""
        raw, mqtt5 = self.raw, self.mqtt5
        of_mqtt: tuple[Widget, ...] = (self._topic_row, self._qos, self._retain)
        of_mqtt5: tuple[Widget, ...] = (*self._mqtt5_rows, self._indicator)
        for widget in of_mqtt:
            widget.set_class(raw, "-gone")
        for widget in of_mqtt5:
            widget.set_class(not mqtt5, "-gone")
        for widget in (self._fragments, self._frame):
            widget.set_class(not raw, "-gone")
        self._more_rows.set_class(self._more.value, "-on")
        self._keep_focus()

    def _keep_focus(self) -> None:
        """Where the field with the focus was hidden, the payload gets the keys: none of them is lost."""
        focused = self.screen.focused if self.is_attached else None
        if focused is None or self not in focused.ancestors:
            return
        rows = [node for node in focused.ancestors_with_self if isinstance(node, Widget)]
        closed = self._more_rows in rows and not self._more.value
        if closed or any(node.has_class("-gone") for node in rows):
            take_focus(self._payload)

    # what they hold

    @property
    def draft(self) -> Draft:
        """What the fields hold."""
        properties = {name: field.value for name, field in self._properties.items() if field.value.strip()}
        if marked := _VALUES[self._indicator.value]:
            properties[_INDICATOR] = marked
        return Draft(
            self._topic.value,
            self._payload.content,
            self._format.value,
            int(self._qos.value),
            self._retain.value,
            properties,
            self._template.value,
            self._payload.file,
            self._saved_as,
            self._is_secret,
            int(self._fragments.value),
            "" if self._frame.value == "auto" or not self.raw else self._frame.value,
        )

    def open_draft(self, draft: Draft, connection: int | None = None, *, size: int = 0) -> None:
        """Put a draft into the fields; ``size`` in bytes is what its file has."""
        if connection is not None:
            self.target_id = connection
        self._topic.value = draft.topic
        self._format.value = draft.format
        if draft.file:
            self._payload.attach(draft.file, size)
        else:
            self._payload.put(draft.payload, hidden=draft.secret)
        self._qos.value = str(draft.qos)
        self._retain.value = draft.retain
        for name, field in self._properties.items():
            field.value = draft.properties.get(name, "")
        self._indicator.value = _MARKED.get(draft.properties.get(_INDICATOR, ""), "–")
        self._template.value = draft.template
        self._fragments.value = str(draft.fragments)
        self._frame.value = draft.frame or "auto"
        shows = (bool(draft.properties) and self.mqtt5) or (bool(draft.frame) and self.raw)
        self._more.value |= draft.template or shows
        self._saved_as, self._is_secret = draft.name, draft.secret
        self.show_fields()
        self.draft_opened()

    def saved_under(self, name: str) -> None:
        """What the fields hold is a message of the profile now."""
        self._saved_as = name

    def draft_opened(self) -> None:
        """Another draft stands in the fields: forget what became of the one before."""
        raise NotImplementedError

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

    def focus_payload(self) -> None:
        """The payload gets the keys."""
        self.add_class("-open")
        take_focus(self._payload)

    @on(events.DescendantFocus)
    def _field_focused(self, event: events.DescendantFocus) -> None:
        """Open the form, and bring the field into sight where it is short of room."""
        self.add_class("-open")
        event.widget.scroll_visible(animate=False)

    @on(Toggle.Changed, "#composer-more")
    def _more_changed(self) -> None:
        self.show_fields()
