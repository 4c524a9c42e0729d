"""The handshake of a WebSocket: what we asked for, and what the server answered."""

from __future__ import annotations

import time
from http import HTTPStatus

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
        self._lines = handshake_lines(handshake)

    def compose(self) -> ComposeResult:
        """A title and the lines."""
        with Vertical():
            yield PieceLine(id="handshake-title")
            yield DocumentView(id="handshake-lines")

    def opened(self) -> None:
        """Show it."""
        title = Bit(f"Handshake of {safe.line(self._connection, 60)}", "strong")
        self.query_one("#handshake-title", PieceLine).show([title], [Bit("Esc closes", "dim")])
        view = self.query_one("#handshake-lines", DocumentView)
        view.show(LinesDocument(self._lines))
        view.focus()

    def action_close(self) -> None:
        """Back to the app."""
        self.dismiss(None)


def handshake_lines(handshake: Handshake) -> list[list[Span]]:
    """Both heads as they stood on the wire, and below them what came of it."""
    try:
        phrase = HTTPStatus(handshake.status).phrase
    except ValueError:
        phrase = ""
    lines: list[list[Span]] = [_request(handshake.request)]
    lines += [_header(name, value) for name, value in handshake.request_headers]
    lines += [[], [("HTTP/1.1 ", "dim"), (f"{handshake.status} {phrase}", "text")]]
    lines += [_header(name, value) for name, value in handshake.response_headers]
    lines.append([])
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
    lines += [[(f"{name:<14}", "dim"), (safe.line(text, 400), "text")] for name, text in facts if text]
    return lines


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


def _request(text: str) -> list[Span]:
    return [(safe.line(text, 2000), "text")]


def _header(name: str, value: str) -> list[Span]:
    return [(f"{safe.line(name, 100)}: ", "key"), (safe.line(value, 2000), "text")]
