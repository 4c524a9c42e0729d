"""Asks for a URL or a command line that a connection is made from."""

from __future__ import annotations

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Input, Static

from mqttx_tui.model.errors import InputError
from mqttx_tui.profiles.import_table import Imported
from mqttx_tui.ui import safe
from mqttx_tui.ui.screens.dialog import Dialog
from mqttx_tui.ui.widgets.choice import TextButton
from mqttx_tui.ui.widgets.fields import SafeInput
from mqttx_tui.ui.widgets.flow import Flow

EXAMPLES = """\
mqtts://user:password@broker.lab/site/#
mosquitto_sub -h broker.lab -t 'site/#' --cafile ca.pem
mqttx sub -h broker.lab -t 'site/#'
websocat wss://host/path -H 'Authorization: …'"""


class ImportForm(Dialog[Imported | None]):
    """Dismisses with what was read; what cannot be read stays in the field."""

    DEFAULT_CSS = """
    ImportForm { align: center middle; }
    ImportForm > Vertical {
        width: 84; max-width: 100%; height: auto; max-height: 100%; overflow-y: auto; scrollbar-size: 1 1;
        background: $surface; padding: 1 2;
    }
    ImportForm Static { height: auto; }
    ImportForm Input { width: 1fr; height: 1; border: none; padding: 0; background: $mq-field; }
    ImportForm .problem { color: $mq-bad; }
    ImportForm .examples { color: $mq-dim; }
    ImportForm Flow { margin-top: 1; }
    """
    BINDINGS = [Binding("escape", "cancel", "cancel", id="import.cancel")]

    def compose(self) -> ComposeResult:
        """The field, what is wrong, and what may be pasted."""
        with Vertical():
            yield Static("Paste a URL or a command line; the form opens with it", markup=False)
            yield SafeInput(compact=True, id="import-line")
            yield Static("", classes="problem", id="import-problem", markup=False)
            yield Static(Text(EXAMPLES, no_wrap=True, overflow="ellipsis"), classes="examples", markup=False)
            with Flow():
                yield TextButton("Import  Enter", id="import-go")
                yield TextButton("Cancel  Esc", id="import-cancel")

    @on(Input.Submitted)
    @on(TextButton.Pressed, "#import-go")
    def _go(self) -> None:
        from mqttx_tui.profiles.imported import import_line

        try:
            found = import_line(self.query_one("#import-line", SafeInput).value)
        except InputError as error:
            hint = f"; {error.hint}" if error.hint else ""
            self.query_one("#import-problem", Static).update(Text(safe.line(f"✗ {error.message}{hint}")))
            return
        self.dismiss(found)

    @on(TextButton.Pressed, "#import-cancel")
    def action_cancel(self) -> None:
        """Import nothing."""
        self.dismiss(None)
