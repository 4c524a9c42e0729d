"""Closing a WebSocket: with which code, and why."""

from __future__ import annotations

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Static

from mqttx_tui.model.close_codes import NORMAL, REASON_BYTES, check_close, meaning
from mqttx_tui.model.errors import InputError
from mqttx_tui.ui import safe
from mqttx_tui.ui.screens.dialog import Dialog
from mqttx_tui.ui.widgets.choice import TextButton
from mqttx_tui.ui.widgets.fields import SafeInput
from mqttx_tui.ui.widgets.flow import Flow


class CloseForm(Dialog[tuple[int, str] | None]):
    """Dismisses with code and reason (RFC 6455 §5.5.1), or with None."""

    DEFAULT_CSS = """
    CloseForm { align: center middle; }
    CloseForm > Vertical {
        width: 64; max-width: 100%; height: auto; max-height: 100%; overflow-y: auto; scrollbar-size: 1 1;
        background: $surface; padding: 1 2;
    }
    CloseForm Static { height: auto; }
    CloseForm Horizontal { height: 1; }
    CloseForm .label { width: 8; height: 1; color: $foreground 70%; }
    CloseForm Input { width: 1fr; height: 1; border: none; padding: 0; background: $mq-field; }
    CloseForm #close-code { width: 6; }
    CloseForm #close-meaning { width: 1fr; height: 1; padding-left: 1; color: $mq-dim; }
    CloseForm #close-left { width: 6; height: 1; padding-left: 1; color: $mq-dim; }
    CloseForm .problem { color: $mq-bad; }
    CloseForm Flow { margin-top: 1; }
    """
    BINDINGS = [
        Binding("escape", "cancel", "cancel", id="close.cancel"),
        Binding("down", "app.focus_next", show=False, id="close.next"),
        Binding("up", "app.focus_previous", show=False, id="close.previous"),
    ]

    def __init__(self, connection: str) -> None:
        super().__init__()
        self._connection = connection

    def compose(self) -> ComposeResult:
        """Code with its meaning, reason with the bytes left, and what is wrong."""
        with Vertical():
            yield Static(safe.plain(f"Close {self._connection}"), markup=False)
            with Horizontal():
                yield Static("code", classes="label", markup=False)
                yield SafeInput(str(NORMAL), compact=True, id="close-code", max_length=5)
                yield Static("", id="close-meaning", markup=False)
            with Horizontal():
                yield Static("reason", classes="label", markup=False)
                yield SafeInput(placeholder="none", compact=True, id="close-reason")
                yield Static("", id="close-left", markup=False)
            yield Static("", classes="problem", id="close-problem", markup=False)
            with Flow():
                yield TextButton("Close  Enter", id="close-go")
                yield TextButton("Cancel  Esc", id="close-cancel")

    def opened(self) -> None:
        """Enter alone closes with 1000."""
        self.query_one("#close-code").focus()
        self._describe()

    @property
    def _values(self) -> tuple[int, str]:
        code = self.query_one("#close-code", SafeInput).value.strip()
        reason = self.query_one("#close-reason", SafeInput).value
        return (int(code) if code.isascii() and code.isdigit() else -1), reason

    @on(Input.Changed)
    def _describe(self) -> None:
        code, reason = self._values
        self.query_one("#close-meaning", Static).update(Text(meaning(code) if code >= 0 else "a number"))
        left = REASON_BYTES - len(reason.encode("utf-8", "surrogatepass"))
        self.query_one("#close-left", Static).update(Text(f"{left:>4}"))
        self.query_one("#close-problem", Static).update("")

    @on(Input.Submitted)
    @on(TextButton.Pressed, "#close-go")
    def _go(self) -> None:
        code, reason = self._values
        try:
            check_close(code, reason)
            reason.encode()
        except (InputError, UnicodeEncodeError) as error:
            text = f"{error.message}: {error.hint}" if isinstance(error, InputError) else "not UTF-8"
            self.query_one("#close-problem", Static).update(Text(safe.line(text)))
            return
        self.dismiss((code, reason))

    @on(TextButton.Pressed, "#close-cancel")
    def action_cancel(self) -> None:
        """Leave it open."""
        self.dismiss(None)
