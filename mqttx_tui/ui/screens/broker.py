"""What a broker allows: everything that it said when it accepted the connection."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical

from mqttx_tui.model.state import ConnectionSnapshot
from mqttx_tui.ui import safe
from mqttx_tui.ui.screens.dialog import Dialog
from mqttx_tui.ui.widgets.document import LinesDocument, Span
from mqttx_tui.ui.widgets.document_view import DocumentView
from mqttx_tui.ui.widgets.piece_line import Bit, PieceLine

NAME_CELLS = 26


class BrokerScreen(Dialog[None]):
    """Esc closes it."""

    DEFAULT_CSS = """
    BrokerScreen { align: center middle; }
    BrokerScreen > Vertical {
        width: 76; max-width: 100%; height: 80%; max-height: 26; background: $surface; padding: 0 1;
    }
    """
    BINDINGS = [Binding("escape,q,enter", "close", "close", id="broker.close", priority=True)]

    def __init__(self, snapshot: ConnectionSnapshot) -> None:
        super().__init__()
        self._connection = f"{snapshot.letter} {snapshot.name or snapshot.key}"
        self._lines = broker_lines(snapshot)

    def compose(self) -> ComposeResult:
        """A title and the lines."""
        with Vertical():
            yield PieceLine(id="broker-title")
            yield DocumentView(id="broker-lines")

    def opened(self) -> None:
        """Show it."""
        title = Bit(f"What the broker of {safe.line(self._connection, 40)} allows", "strong")
        self.query_one("#broker-title", PieceLine).show([title], [Bit("Esc closes", "dim")])
        view = self.query_one("#broker-lines", DocumentView)
        view.show(LinesDocument(self._lines))
        view.focus()

    def action_close(self) -> None:
        """Back to the app."""
        self.dismiss(None)


def broker_lines(snapshot: ConnectionSnapshot) -> list[list[Span]]:
    """One line for each fact."""
    facts = [("MQTT", snapshot.version), *snapshot.broker]
    lines = [_fact(name, text) for name, text in facts]
    if snapshot.version and not snapshot.version.startswith("5"):
        lines += [[], [(f"A broker that is spoken to in MQTT {snapshot.version} cannot say more.", "dim")]]
    return lines


def _fact(name: str, text: str) -> list[Span]:
    return [(f"{safe.line(name, 60):<{NAME_CELLS}}", "dim"), (safe.line(text, 2000), "text")]
