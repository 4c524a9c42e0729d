"""The form of one saved message; nothing typed is lost while something is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widget import Widget
from textual.widgets import Input, Static

from mqttx_tui.model.errors import AppError, InputError
from mqttx_tui.ui import safe
from mqttx_tui.ui.saved_messages import FIELDS, Field, Table, check, from_table, to_table
from mqttx_tui.ui.screens.dialog import Dialog
from mqttx_tui.ui.widgets.choice import Choice, TextButton, Toggle
from mqttx_tui.ui.widgets.fields import SafeInput
from mqttx_tui.ui.widgets.flow import Flow
from mqttx_tui.ui.widgets.payload_area import PayloadArea

Save = Callable[[Table], None]
"""Writes the message to the profile file. Raises ``AppError``."""


class SavedForm(Dialog[bool]):
    """Dismisses with whether it was saved."""

    DEFAULT_CSS = """
    SavedForm { align: center middle; }
    SavedForm > #saved-form { width: 92; max-width: 100%; height: 90%; background: $surface; padding: 0 1; }
    SavedForm #saved-heading { height: 1; text-style: bold; }
    SavedForm #saved-fields { height: 1fr; min-height: 3; scrollbar-size: 1 1; }
    SavedForm .row { height: 1; }
    SavedForm .row.-tall { height: 4; }
    SavedForm .label { width: 14; height: 1; color: $foreground 70%; }
    SavedForm .row Input { width: 1fr; height: 1; border: none; padding: 0; background: $mq-field; }
    SavedForm .row PayloadArea { width: 1fr; height: 4; border: none; padding: 0; background: $mq-field; }
    SavedForm .row Choice, SavedForm .row Toggle { padding: 0; }
    SavedForm .problem { height: auto; color: $mq-bad; padding-left: 14; display: none; }
    SavedForm .problem.-on { display: block; }
    SavedForm #saved-buttons { margin-top: 1; }
    """
    BINDINGS = [
        Binding("escape", "cancel", "cancel", id="savedform.cancel"),
        Binding("ctrl+s", "save", "save", id="savedform.save"),
        Binding("down", "app.focus_next", show=False, id="savedform.next"),
        Binding("up", "app.focus_previous", show=False, id="savedform.previous"),
    ]

    def __init__(self, *, heading: str, table: Table, raw: bool, save: Save) -> None:
        super().__init__()
        self._heading = heading
        self._before = table
        self._values = from_table(table)
        self._for_socket = raw
        self._save_table = save
        self._shown = [field for field in FIELDS if not (raw and field.of_mqtt)]

    def compose(self) -> ComposeResult:
        """One row for each field."""
        with Vertical(id="saved-form"):
            yield Static(safe.plain(self._heading), id="saved-heading", markup=False)
            with VerticalScroll(id="saved-fields", can_focus=False):
                for field in self._shown:
                    yield from self._row(field)
            yield Static("", id="problem-saved", classes="problem", markup=False)
            with Flow(id="saved-buttons"):
                yield TextButton("Save ^S", id="saved-save")
                yield TextButton("Cancel Esc", id="saved-cancel")

    def _row(self, field: Field) -> Iterable[Widget]:
        value = self._values[field.key]
        label = Static("" if field.kind == "toggle" else field.label, classes="label", markup=False)
        widget: Widget
        if field.kind == "toggle":
            widget = Toggle(field.label, value == "yes", id=field.id)
        elif field.kind == "choice":
            widget = Choice(field.values, value, id=field.id)
        elif field.kind == "payload":
            widget = PayloadArea(id=field.id)
        else:
            widget = SafeInput(value, placeholder=field.hint, compact=True, id=field.id)
        yield Horizontal(label, widget, classes="row -tall" if field.kind == "payload" else "row")
        yield Static("", id=f"problem-{field.id}", classes="problem", markup=False)

    def opened(self) -> None:
        """Begin at the name; a secret payload is not shown."""
        secret = self._values["secret"] == "yes"
        self.query_one(PayloadArea).put(self._values["payload"], hidden=secret)
        first = self.query_one("#saved-name", Input)
        first.focus()
        first.cursor_position = len(first.value)

    @on(PayloadArea.SendPressed)
    def _next(self) -> None:
        self.focus_next()

    @on(PayloadArea.Recall)
    def _leave_payload(self, event: PayloadArea.Recall) -> None:
        if event.step < 0:
            self.focus_previous()
        else:
            self.focus_next()

    def _collect(self) -> dict[str, str]:
        values = dict(self._values)
        for field in self._shown:
            widget = self.query_one(f"#{field.id}")
            if isinstance(widget, Toggle):
                values[field.key] = "yes" if widget.value else ""
            elif isinstance(widget, PayloadArea):
                values[field.key] = widget.content
            elif isinstance(widget, Choice | Input):
                values[field.key] = widget.value
        return values

    def _checked(self) -> Table | None:
        problems: dict[str, str] = {}
        values, table = self._collect(), None
        if values["payload"] and values["payload_file"]:
            problems["payload_file"] = "there is a payload already: keep one of them"
        else:
            try:
                table = to_table(values, self._before)
                problems = check(table, raw=self._for_socket)
            except InputError as error:
                problems[""] = f"{error.message}. {error.hint}"
        for field in self._shown:
            self._say(f"#problem-{field.id}", problems.pop(field.key, ""))
        self._say("#problem-saved", " ".join(problems.values()))
        wrong = [field for field in self._shown if self.query_one(f"#problem-{field.id}").has_class("-on")]
        if wrong:
            self.query_one(f"#{wrong[0].id}").focus()
        return None if wrong or problems else table

    def _say(self, selector: str, text: str) -> None:
        place = self.query_one(selector, Static)
        place.update(Text(safe.line(text)))
        place.set_class(bool(text), "-on")

    @on(TextButton.Pressed)
    def _pressed(self, event: TextButton.Pressed) -> None:
        if event.button.id == "saved-save":
            self.action_save()
        else:
            self.action_cancel()

    def action_save(self) -> None:
        """Write the profile file; on a problem the form stays as it is and says so."""
        table = self._checked()
        if table is None:
            return
        try:
            self._save_table(table)
        except AppError as error:
            self._say("#problem-saved", f"{error.title}: {error.message} {error.hint}")
            return
        self.dismiss(True)

    def action_cancel(self) -> None:
        """Leave without changing anything."""
        self.dismiss(False)
