"""STOMP 1.0 to 1.2 frames: a command, headers, an empty line, a body, NUL."""

from __future__ import annotations

import re

from mqttx_tui.payload import jsontext
from mqttx_tui.payload.base import Context
from mqttx_tui.payload.decoders import utf8

COMMANDS = (
    *("CONNECT", "STOMP", "CONNECTED", "SEND", "SUBSCRIBE", "UNSUBSCRIBE", "ACK", "NACK", "BEGIN"),
    *("COMMIT", "ABORT", "DISCONNECT", "MESSAGE", "RECEIPT", "ERROR"),
)
SUBPROTOCOLS = ("v10.stomp", "v11.stomp", "v12.stomp", "stomp")
_SURE = re.compile(rb"\A(?:\r?\n)*([A-Z]+)\r?\n(?:[^:\r\n]+:[^\r\n]*\r?\n)*\r?\n")
_ENDS = re.compile(rb"[\r\n]*")
_ESCAPES = {"\\r": "\r", "\\n": "\n", "\\c": ":", "\\\\": "\\"}
_PLAIN = ("CONNECT", "CONNECTED")
"""Frames whose headers are not escaped, for the sake of STOMP 1.0 (STOMP 1.2, "Value Encoding")."""


class Stomp:
    """Headers by name, and a body that is laid out when it is JSON."""

    name = "stomp"
    syntax = "text"

    def priority(self, data: bytes, context: Context) -> float:
        """Sure by the subprotocol, and by a command with headers and an empty line below."""
        if not context.frame:
            return -1.0
        if context.subprotocol in SUBPROTOCOLS:
            return 0.97
        found = _SURE.match(data[:4096])
        known = found is not None and found[1].decode() in COMMANDS
        return 0.95 if known and (not context.complete or data.rstrip(b"\r\n").endswith(b"\0")) else -1.0

    def decode(self, data: bytes, context: Context) -> str:
        """One block for each frame; raises ``ValueError`` where there is none."""
        if data and not data.strip(b"\r\n"):
            return "heart-beat"
        blocks: list[str] = []
        at = _next_frame(data, 0)
        while at < len(data):
            block, at = _frame(data, at, complete=context.complete)
            blocks.append(block)
            at = _next_frame(data, at)
        if not blocks:
            raise ValueError("an empty frame")
        return "\n\n".join(blocks)


def _next_frame(data: bytes, at: int) -> int:
    """Behind the ends of lines that may stand between two frames."""
    found = _ENDS.match(data, at)
    return found.end() if found else at


def _frame(data: bytes, start: int, *, complete: bool) -> tuple[str, int]:
    """The text of the frame that begins there, and what place follows its NUL."""
    line, end = _line(data, start)
    command = line.decode("latin-1")
    if command not in COMMANDS:
        raise ValueError(f"{command[:20]!r} is no STOMP command")
    headers: list[tuple[str, str]] = []
    while True:
        if end >= len(data):
            if complete:
                raise ValueError("no empty line ends the headers")
            break
        line, end = _line(data, end)
        if not line:
            break
        headers.append(_header(line, command))
    length = next((value for name, value in headers if name == "content-length"), "")
    stop = end + int(length) if length.isascii() and length.isdecimal() and len(length) < 10 else None
    if stop is None or data[stop : stop + 1] != b"\0":
        stop = data.find(b"\0", end)
    if stop < 0:
        if complete:
            raise ValueError("no NUL ends the frame")
        stop = len(data)
    lines = [command, *(f"  {name}: {value}" for name, value in headers)]
    body = data[end:stop]
    if body:
        lines += ["", _body(body, complete=complete)]
    return "\n".join(lines), stop + 1


def _line(data: bytes, start: int) -> tuple[bytes, int]:
    """The line from ``start`` on without its end, and where the next one begins."""
    end = data.find(b"\n", start)
    if end < 0:
        return data[start:], len(data)
    line = data[start:end]
    return (line[:-1] if line.endswith(b"\r") else line), end + 1


def _header(line: bytes, command: str) -> tuple[str, str]:
    name, colon, value = line.decode("utf-8", "replace").partition(":")
    if not colon:
        raise ValueError(f"the header {name[:20]!r} has no colon")
    if command in _PLAIN:
        return name, value
    return _unescaped(name), _unescaped(value)


def _unescaped(text: str) -> str:
    return re.sub(r"\\[rnc\\]", lambda found: _ESCAPES[found[0]], text)


def _body(body: bytes, *, complete: bool) -> str:
    try:
        text = utf8(body, complete=complete)
    except ValueError:
        return body.hex(" ")
    if text[:1] not in "{[":
        return text
    try:
        return jsontext.pretty(text, complete=complete)
    except ValueError:
        return text
