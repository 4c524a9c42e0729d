"""The payload that a topic had before a message, and what changed since. Runs in a thread."""

from __future__ import annotations

from mqttx_tui.capture.reader import CaptureReader
from mqttx_tui.model.errors import AppError
from mqttx_tui.model.message import Message
from mqttx_tui.payload import changes
from mqttx_tui.payload.base import Context
from mqttx_tui.payload.registry import LIMIT, decode

MOST_TEXT = 200
"""Characters of a payload that is no JSON, up to which it is compared."""


def compared_json(
    reader: CaptureReader, message: Message, laid_out: str, decoder: str, context: Context
) -> changes.Compared | None:
    """What changed from the topic's former payload to this one, whose JSON is ``laid_out``.

    None where there is no former one, or it was too large to be read whole.
    """
    before = former(reader, message)
    if before is None:
        return None
    try:
        text = decode(before, context, decoder).text
    except AppError:
        text = before.decode("utf-8", "replace")
    return changes.compared(laid_out, text)


def compared_text(reader: CaptureReader, message: Message, text: str) -> str:
    """The same for one line of text: ``was OFF``; empty for nothing to say."""
    before = former(reader, message)
    return "" if before is None else changes.text_note(text, before.decode("utf-8", "replace").strip())


def former(reader: CaptureReader, message: Message) -> bytes | None:
    """The topic's payload before a message; None where there is none, or more than is decoded whole."""
    found = reader.history(message.topic_id, before=message.id, limit=1)
    if not found or found[0].payload_size > LIMIT:
        return None
    payload = reader.payload(found[0].id)
    return payload if len(payload) == found[0].payload_size else None
