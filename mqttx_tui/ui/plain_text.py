"""Messages as lines of plain text: whole, unpadded, for a person to select."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mqttx_tui.capture.reader import CaptureReader
from mqttx_tui.model.message import BINARY_FRAME, DUP, RETAIN, WEBSOCKET, Message, qos_of
from mqttx_tui.payload.base import Context
from mqttx_tui.payload.registry import decode
from mqttx_tui.ui.widgets.stream_row import clock_text, shown_payload

MOST_ROWS = 500
ROW_BYTES = 4_096
PAYLOAD_BYTES = 200_000


def rows_text(reader: CaptureReader, ids: Sequence[int], letter: Callable[[int], str]) -> str:
    """One line for each of the messages that are still there; ``letter`` of a connection may be empty."""
    found = reader.by_ids(list(ids)[:MOST_ROWS], payload=ROW_BYTES)
    return "\n".join(_row(message, letter(message.connection)) for message in found)


def _row(message: Message, letter: str) -> str:
    flags = message.flags
    if flags & WEBSOCKET:
        kind = "bi" if flags & BINARY_FRAME else "tx"
    else:
        kind = f"{qos_of(flags)}{'R' if flags & RETAIN else 'D' if flags & DUP else ''}"
    arrow = "→" if message.outgoing else "←"
    return (
        f"{clock_text(message.at, 12)} {letter}{arrow}{kind} {message.topic}  {shown_payload(message, 4096)}"
    )


def payload_text(message: Message) -> str:
    """The payload as the inspector decodes it."""
    context = Context(
        topic=message.topic,
        binary_frame=bool(message.flags & BINARY_FRAME),
        complete=len(message.payload) == message.payload_size,
    )
    return decode(message.payload, context).text
