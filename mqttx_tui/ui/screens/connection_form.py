"""The form for a new or existing connection, with a test of the connection in place."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

from rich.style import Style
from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.color import Color
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widget import Widget
from textual.widgets import Input, Static
from textual.worker import Worker

from mqttx_tui.model.errors import AppError
from mqttx_tui.model.profile import Profile
from mqttx_tui.model.state import ConnectionSnapshot, Phase
from mqttx_tui.ui import safe
from mqttx_tui.ui.empty import Line
from mqttx_tui.ui.form_fields import (
    Table,
    check,
    from_table,
    hides,
    holds_secret,
    shown_fields,
    to_table,
)
from mqttx_tui.ui.form_sections import FIELDS, SECTIONS, Field
from mqttx_tui.ui.screens.dialog import Dialog
from mqttx_tui.ui.stages import outcome_lines
from mqttx_tui.ui.widgets.choice import Choice, TextButton, Toggle
from mqttx_tui.ui.widgets.fields import SafeInput
from mqttx_tui.ui.widgets.flow import Flow
from mqttx_tui.ui.widgets.pair_rows import PairRows

_DIVIDERS = {"headers": ":", "query": "="}
"""How people write a name and its value on one line."""

Save = Callable[[Table], str]
"""Writes the table to the profile file and returns its key. Raises ``AppError``."""
Test = Callable[[Profile, Callable[[ConnectionSnapshot], None]], Awaitable[None]]
"""Connects once and tells every change until the outcome is known."""


@dataclass(frozen=True, slots=True)
class FormOutcome:
    """What was decided. ``profile`` is to be connected when not None; ``saved`` tells if it was saved."""

    key: str
    profile: Profile | None
    saved: bool


class _Fields(VerticalScroll, can_focus=False, inherit_bindings=False):
    """Up and down go from field to field, also where there are more of them than rows."""


class ConnectionForm(Dialog[FormOutcome | None]):
    """Fields for one connection; nothing typed is lost while something is wrong."""

    DEFAULT_CSS = """
    ConnectionForm { align: center middle; }
    ConnectionForm > #form { width: 92; max-width: 100%; height: 90%; background: $surface; padding: 0 1; }
    ConnectionForm #title { height: 1; text-style: bold; }
    ConnectionForm #fields { height: 1fr; min-height: 3; scrollbar-size: 1 1; }
    ConnectionForm .heading { height: 1; color: $primary; margin-top: 1; }
    ConnectionForm .row { height: 1; }
    ConnectionForm .rows { height: auto; }
    ConnectionForm .label { width: 18; height: 1; color: $foreground 70%; }
    ConnectionForm .row Input { width: 1fr; height: 1; border: none; padding: 0; background: $mq-field; }
    ConnectionForm .row Choice, ConnectionForm .row Toggle { padding: 0; }
    ConnectionForm .problem { height: auto; color: $mq-bad; padding-left: 18; display: none; }
    ConnectionForm .problem.-on { display: block; }
    ConnectionForm .note { height: auto; color: $mq-busy; }
    ConnectionForm .gone { display: none; }
    ConnectionForm #stages { height: auto; max-height: 14; margin-top: 1; }
    ConnectionForm #buttons { margin-top: 1; }
    ConnectionForm.-short > #form { height: 100%; overflow-y: auto; scrollbar-size: 1 1; }
    ConnectionForm.-short #fields { height: auto; }
    ConnectionForm.-narrow .label { width: 16; }
    ConnectionForm.-narrow .problem { padding-left: 2; }
    """
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (60, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (18, "-high")]
    BINDINGS = [
        Binding("escape", "cancel", "cancel", id="form.cancel"),
        Binding("ctrl+s", "save(True)", "save and connect", id="form.save"),
        Binding("f5", "test", "test", id="form.test"),
        Binding("down", "app.focus_next", show=False, id="form.next"),
        Binding("up", "app.focus_previous", show=False, id="form.previous"),
    ]

    def __init__(
        self,
        *,
        heading: str,
        key: str,
        table: Table,
        defaults: Table,
        save: Save,
        test: Test,
        notes: tuple[str, ...] = (),
    ) -> None:
        super().__init__()
        self._notes = notes
        self._testing: Worker[None] | None = None
        self._heading = heading
        self._key = key
        self._before = table
        self._defaults = defaults
        self._values = from_table(table)
        self._save_table = save
        self._test_profile = test

    def compose(self) -> ComposeResult:
        """One row for each field, under its section's heading."""
        with Vertical(id="form"):
            yield Static(safe.plain(self._heading), id="title", markup=False)
            for note in self._notes:
                yield Static(safe.plain(note), classes="note", markup=False)
            with _Fields(id="fields"):
                for heading, fields in SECTIONS:
                    name = f"section-{heading.lower()}"
                    yield Static(heading, classes="heading", id=name, markup=False)
                    for field in fields:
                        yield from self._row(field)
            yield Static("", id="problem-", classes="problem", markup=False)
            yield Static("", id="stages", markup=False)
            with Flow(id="buttons"):
                yield TextButton("Save and connect ^S", id="save-connect")
                yield TextButton("Save", id="save-only")
                yield TextButton("Connect once", id="connect-once")
                yield TextButton("Test F5", id="test")
                yield TextButton("Cancel", id="cancel")

    def _row(self, field: Field) -> Iterable[Widget]:
        value = self._values[field.key]
        label = Static(field.label, classes="label", markup=False)
        widget: Widget
        if field.kind == "toggle":
            label = Static("", classes="label", markup=False)
            widget = Toggle(field.label, value == "yes", id=field.id)
        elif field.kind == "choice":
            widget = Choice(field.values, value or field.values[0], id=field.id)
        elif field.kind == "pairs":
            divider = _DIVIDERS.get(field.key, "")
            widget = PairRows(value, hides=hides(field.key), hint=field.hint, divider=divider, id=field.id)
        else:
            hidden = holds_secret(field, value)
            widget = SafeInput(value, placeholder=field.hint, password=hidden, compact=True, id=field.id)
        classes = "row rows" if field.kind == "pairs" else "row"
        yield Horizontal(label, widget, classes=classes, id=f"row-{field.id}")
        yield Static("", id=f"problem-{field.id}", classes="problem", markup=False)

    def opened(self) -> None:
        """Show what belongs to the URL; a new connection begins there, another at its name."""
        self._show_fields()
        first = self.query_one("#field-name" if self._key else "#field-url", Input)
        first.focus()
        first.cursor_position = len(first.value)

    def _collect(self) -> dict[str, str]:
        values = dict(self._values)
        for field in FIELDS:
            widget = self.query_one(f"#{field.id}")
            if isinstance(widget, Toggle):
                values[field.key] = "yes" if widget.value else ""
            elif isinstance(widget, Choice | Input | PairRows):
                values[field.key] = widget.value
        return values

    @on(Input.Changed)
    @on(Choice.Changed)
    def _show_fields(self) -> None:
        """Hide the fields and sections that have no meaning for this URL."""
        shown = shown_fields(self._collect())
        for heading, fields in SECTIONS:
            self.query_one(f"#section-{heading.lower()}").set_class(
                not any(field.key in shown for field in fields), "gone"
            )
            for field in fields:
                self.query_one(f"#row-{field.id}").set_class(field.key not in shown, "gone")

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """A URL or header is shown while it is edited; a password never is."""
        self._mask(event.widget, focused=True)

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        """What holds a secret is hidden again."""
        self._mask(event.widget, focused=False)

    @on(Input.Changed)
    def _mask_changed(self, event: Input.Changed) -> None:
        self._mask(event.input, focused=event.input.has_focus)

    @staticmethod
    def _mask(widget: Widget, *, focused: bool) -> None:
        field = next((field for field in FIELDS if field.id == widget.id), None)
        if field is not None and isinstance(widget, Input):
            hidden = field.kind == "secret" or not focused
            widget.password = hidden and holds_secret(field, widget.value)

    def _checked(self) -> tuple[Table, Profile | None]:
        table = to_table(self._collect(), self._before)
        profile, problems = check(self._key or "connection", table, self._defaults)
        for field in FIELDS:
            self._say(f"#problem-{field.id}", problems.get(field.key, ""))
        self._say("#problem-", problems.get("", ""))
        first = next((field for field in FIELDS if field.key in problems), None)
        if first is not None:
            self.query_one(f"#{first.id}").focus()
        return table, profile

    def _say(self, selector: str, text: str) -> None:
        place = self.query_one(selector, Static)
        place.update(Text(safe.line(text)))
        place.set_class(bool(text), "-on")

    @on(TextButton.Pressed)
    async def _pressed(self, event: TextButton.Pressed) -> None:
        match event.button.id:
            case "save-connect":
                self.action_save(True)
            case "save-only":
                self.action_save(False)
            case "connect-once":
                _, profile = self._checked()
                if profile is not None:
                    self.dismiss(FormOutcome(self._key, profile, saved=False))
            case "test":
                self.action_test()
            case _:
                self.action_cancel()

    def action_save(self, connect: bool) -> None:
        """Write the profile file; on a problem the form stays as it is and says so."""
        table, profile = self._checked()
        if profile is None:
            return
        try:
            key = self._save_table(table)
        except AppError as error:
            hint = f" {error.hint}" if error.hint else ""
            self._say("#problem-", f"{error.title}: {error.message}.{hint}")
            return
        saved, _ = check(key, table, self._defaults)
        self.dismiss(FormOutcome(key, saved if connect else None, saved=True))

    def action_test(self) -> None:
        """Connect once and show each stage as it happens."""
        _, profile = self._checked()
        if profile is not None:
            self._show_stages([[("connecting …  ", "dim"), ("Esc", "in"), (" ends the test", "dim")]])
            self._testing = self.run_worker(
                self._run_test(profile), group="test", exclusive=True, exit_on_error=False
            )

    async def _run_test(self, profile: Profile) -> None:
        def tell(snapshot: ConnectionSnapshot) -> None:
            if snapshot.phase is not Phase.CONNECTING:
                self._testing = None  # the outcome stands there: Esc has nothing more to end
            self._show_stages(outcome_lines(snapshot, self.query_one("#stages").size.width))

        try:
            await self._test_profile(profile, tell)
        except AppError as error:
            told = safe.line(f"✗ {error.title}: {error.message} {error.hint}")
            self._show_stages([[(told, "bad")]])

    def _show_stages(self, lines: list[Line]) -> None:
        text = Text()
        colors = self.app.theme_variables
        for number, pieces in enumerate(lines):
            text.append("\n" if number else "")
            for part, ink in pieces:
                color = Color.parse(colors[f"mq-{ink.partition(' ')[0]}"])
                text.append(part, Style(color=color.rich_color))
        stages = self.query_one("#stages", Static)
        stages.update(text)
        stages.call_after_refresh(stages.scroll_visible)

    def action_cancel(self) -> None:
        """End a test that runs; else leave without changing anything."""
        if self._testing is not None and not self._testing.is_finished:
            self._testing.cancel()
            self._testing = None
            self._show_stages([[("the test was ended; nothing was connected", "dim")]])
            return
        self.dismiss(None)


def prefilled() -> dict[str, Any]:
    """The table of a first connection: a broker on this machine, everything subscribed."""
    return {"url": "mqtt://localhost:1883", "subscriptions": ["#"]}
