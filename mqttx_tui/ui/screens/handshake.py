"""The handshake of a WebSocket: what we asked for, and what the server answered."""

from __future__ import annotations

import time
from http import HTTPStatus
from textwrap import wrap

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical

from mqttx_tui.model import shown
from mqttx_tui.model.handshake import Handshake
from mqttx_tui.ui import safe
from mqttx_tui.ui.screens.dialog import Dialog
from mqttx_tui.ui.widgets.document import LinesDocument, Span
from mqttx_tui.ui.widgets.document_view import DocumentView
from mqttx_tui.ui.widgets.piece_line import Bit, PieceLine

WIDEST, NARROWEST = 92, 30
"""Cells of the screen; of lines that are folded, at least."""
_NAMES = 14
"""Cells of the names before what came of it."""


class HandshakeScreen(Dialog[None]):
    """Esc closes it."""

    DEFAULT_CSS = """
    HandshakeScreen { align: center middle; }
    HandshakeScreen > Vertical {
        width: 92; max-width: 100%; height: 80%; background: $surface; padding: 0 1;
    }
    """
    BINDINGS = [Binding("escape,q,enter", "close", "close", id="handshake.close", priority=True)]

    def __init__(self, connection: str, handshake: Handshake) -> None:
        super().__init__()
        self._connection = connection
        self._handshake = handshake

    def compose(self) -> ComposeResult:
        """A title and the lines."""
        with Vertical():
            yield PieceLine(id="handshake-title")
            yield DocumentView(id="handshake-lines")

    def opened(self) -> None:
        """Show it."""
        title = Bit(f"Handshake of {safe.line(self._connection, 60)}", "strong")
        self.query_one("#handshake-title", PieceLine).show([title], [Bit("Esc closes", "dim")])
        self.query_one("#handshake-lines", DocumentView).focus()
        self._show()

    @on(events.Resize)
    def _show(self) -> None:
        for view in self.query("#handshake-lines").results(DocumentView):
            cells = max(min(self.app.size.width, WIDEST) - 4, NARROWEST)
            view.show(LinesDocument(handshake_lines(self._handshake, cells)), keep_position=True)

    def action_close(self) -> None:
        """Back to the app."""
        self.dismiss(None)


def handshake_lines(handshake: Handshake, cells: int) -> list[list[Span]]:
    """What came of it, and below that both heads as they stood on the wire; folded to ``cells``."""
    try:
        phrase = HTTPStatus(handshake.status).phrase
    except ValueError:
        phrase = ""
    at = time.strftime("%H:%M:%S", time.localtime(handshake.at)) if handshake.at else ""
    facts = [
        ("subprotocol", _subprotocol(handshake)),
        ("extensions", _extensions(handshake)),
        ("received", _ratio(handshake.payload_in, handshake.wire_in)),
        ("sent", _ratio(handshake.payload_out, handshake.wire_out)),
        *(("redirected", redirect) for redirect in handshake.redirects),
        ("proxy", handshake.proxy),
        ("peer", handshake.peer),
        ("TLS", handshake.tls or "none"),
        ("connected at", at),
    ]
    lines: list[list[Span]] = []
    for name, text in facts:
        if text:
            lines += _folded((f"{name:<{_NAMES}}", "dim"), safe.line(text, 400), cells, _NAMES)
    lines += [[], *_folded(("", "text"), safe.line(handshake.request, 2000), cells)]
    lines += _headers(handshake.request_headers, cells)
    lines += [[], [("HTTP/1.1 ", "dim"), (f"{handshake.status} {phrase}", "text")]]
    return lines + _headers(handshake.response_headers, cells)


def _folded(label: Span, text: str, cells: int, indent: int = 2) -> list[list[Span]]:
    """A label and a text behind it, which goes on further below where it is too long."""
    lead = " " * max(len(label[0]) - indent, 0)
    width = max(cells - indent, NARROWEST // 2)
    first, *rest = wrap(text, width, initial_indent=lead, break_on_hyphens=False) or [""]
    return [[label, (first.removeprefix(lead), "text")], *([(" " * indent + part, "text")] for part in rest)]


def _headers(headers: tuple[tuple[str, str], ...], cells: int) -> list[list[Span]]:
    lines = [
        _folded((f"{safe.line(name, 100)}: ", "key"), safe.line(value, 2000), cells)
        for name, value in headers
    ]
    return [line for folded in lines for line in folded]


def _subprotocol(handshake: Handshake) -> str:
    """What was asked for, and which of it the server chose."""
    chosen, asked = handshake.subprotocol, ", ".join(handshake.offered)
    if not asked:
        return "none, and none was asked for"
    if not chosen:
        return f"none: the server took none of {asked}"
    left = [name for name in handshake.offered if name != chosen]
    return f"{chosen} (asked for: {asked})" if left else f"{chosen}, as asked for"


def _extensions(handshake: Handshake) -> str:
    if handshake.extensions:
        return ", ".join(handshake.extensions)
    names = (name.lower() for name, _ in handshake.request_headers)
    return "none: the server refused what was asked for" if "sec-websocket-extensions" in names else "none"


def _ratio(payload: int, wire: int) -> str:
    """``10 kB in messages, 1.2 kB on the wire (12%)``; empty where nothing went that way."""
    if not wire:
        return ""
    share = f" ({wire / payload:.0%})" if payload else ""
    return f"{shown.size(payload)} in messages, {shown.size(wire)} on the wire{share}"
