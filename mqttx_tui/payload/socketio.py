"""Engine.IO 3 and 4 packets, and the Socket.IO packets inside them (protocol revisions 3 to 5).

The text of a frame is ``TYPE REST``; a REST of Engine.IO type 4 is
``TYPE [ATTACHMENTS -] [/NAMESPACE ,] [ID] [JSON]``.
"""

from __future__ import annotations

import json
import re

from mqttx_tui.payload import jsontext
from mqttx_tui.payload.base import Context
from mqttx_tui.payload.decoders import utf8

ENGINE = ("open", "close", "ping", "pong", "message", "upgrade", "noop")
"""By the digit that a packet begins with."""
SOCKET = ("CONNECT", "DISCONNECT", "EVENT", "ACK", "CONNECT_ERROR", "BINARY_EVENT", "BINARY_ACK")
"""By the digit that a Socket.IO packet begins with."""
_PACKET = re.compile(
    r"(?P<type>[0-6])(?:(?P<attachments>\d+)-)?(?:(?P<namespace>/[^,]*),?)?(?P<id>\d+)?(?P<json>[\[{\"].*)?\Z",
    re.DOTALL,
)
_EVENTS = (2, 5)
_SURE = re.compile(
    rb'0\{"sid":|[23]probe\Z|4(?:[2356](?:\d+-)?(?:/[^,\[{]*,)?\d*\[|[04](?:/[^,\[{]*,)?\{|[014]/[^,\[{]*,\Z)'
)
"""What no other text of a frame looks like: digits right before a bracket are no JSON."""


_ACKNOWLEDGED = re.compile(rb"4(?:(?P<asks>2|5[1-9]-)|(?:3|6[1-9]-))(?P<rest>(?:/[^,\[{]*,)?[0-9]{1,15}\[)")


def partners_of(data: bytes) -> tuple[bool, tuple[bytes, ...]] | None:
    """Of an event with an id: True, and how its acknowledgement begins; of an acknowledgement: False, and how
    its event begins. None for every other payload.

    A packet with attachments has up to 9 of them here; its binary frames follow it.
    """
    found = _ACKNOWLEDGED.match(data[:1024])
    if found is None:
        return None
    asks = found["asks"] is not None
    plain, binary = (b"43", b"46") if asks else (b"42", b"45")
    heads = (plain, *(binary + b"%d-" % count for count in range(1, 10)))
    return asks, tuple(head + found["rest"] for head in heads)


class SocketIo:
    """``4213["chat","hi"]``: kind, namespace, acknowledgement and arguments by name."""

    name = "socket.io"
    syntax = "text"

    def priority(self, data: bytes, context: Context) -> float:
        """Sure by the path ``/socket.io/`` and by its packets; a lone digit says nothing."""
        if not context.frame or context.binary_frame:
            return -1.0
        if context.subprotocol == self.name and data and data[0] in b"0123456":
            return 0.97
        return 0.9 if _SURE.match(data) else -1.0

    def decode(self, data: bytes, context: Context) -> str:
        """The text; raises ``ValueError`` where it is no packet."""
        text = utf8(data, complete=context.complete)
        if not text or text[0] not in "0123456":
            raise ValueError("an Engine.IO packet begins with a digit from 0 to 6")
        kind, rest = ENGINE[int(text[0])], text[1:]
        if kind == "message":
            return _socket(rest, complete=context.complete)
        lines = [f"Engine.IO {kind}"]
        if rest:
            lines.append(_laid_out(rest, complete=context.complete))
        return "\n".join(lines)


def _socket(text: str, *, complete: bool) -> str:
    found = _PACKET.match(text)
    if found is None:
        return f"Engine.IO message\n{_laid_out(text, complete=complete)}"
    kind = int(found["type"])
    lines = [f"Socket.IO {SOCKET[kind]}", f"namespace    {found['namespace'] or '/'}"]
    if found["attachments"]:
        lines.append(f"attachments  {found['attachments']} (in the binary frames that follow)")
    if found["id"]:
        lines.append(f"{'id' if kind in _EVENTS else 'answers':<13}{found['id']}")
    body = found["json"] or ""
    event, arguments = _event(body) if kind in _EVENTS else ("", body)
    if event:
        lines.append(f"event        {event}")
    if arguments:
        lines.append(_laid_out(arguments, complete=complete))
    return "\n".join(lines)


def _event(body: str) -> tuple[str, str]:
    """The event's name and, as JSON, its arguments; no name where it cannot be told."""
    try:
        name, end = json.JSONDecoder().raw_decode(body, 1) if body[:1] == "[" else (None, 0)
    except (ValueError, RecursionError):
        return "", body
    if not isinstance(name, str):
        return "", body
    rest = body[end:].lstrip()
    return name, f"[{rest[1:].lstrip()}" if rest[:1] == "," else ""


def _laid_out(text: str, *, complete: bool) -> str:
    """JSON with an indent, anything else as it is."""
    try:
        return jsontext.pretty(text, complete=complete)
    except ValueError:
        return text
