"""The payload that a topic had before a message, and what changed since."""

from __future__ import annotations

from dataclasses import dataclass

from mqttx_tui.capture.reader import CaptureReader
from mqttx_tui.model.errors import AppError
from mqttx_tui.model.message import Message
from mqttx_tui.payload import changes
from mqttx_tui.payload.base import Context
from mqttx_tui.payload.registry import LIMIT, decode
from mqttx_tui.ui.decoded import Decoded, Shape

MOST_TEXT = 200
"""Characters of a payload that is no JSON, up to which it is compared."""
NEAR_ROWS = 1_000
NEAR_BYTES = 8_192
"""Looking back so far and comparing so much takes a millisecond: no key waits for it."""


@dataclass(frozen=True, slots=True)
class Change:
    """What changed: of JSON, or in words beside a line of text; neither where there is nothing to say."""

    json: changes.Compared | None = None
    words: str = ""


def change_nearby(reader: CaptureReader, message: Message, found: Decoded, context: Context) -> Change | None:
    """What changed since the former message, where that is near and both are small; else None."""
    if message.payload_size > NEAR_BYTES:
        return None
    ident = reader.near(message.topic_id, message.id, NEAR_ROWS)
    former = reader.message(ident, payload=NEAR_BYTES) if ident is not None else None
    if former is None or former.payload_size > NEAR_BYTES:
        return None
    return _change(former.payload, found, context)


def change(reader: CaptureReader, message: Message, found: Decoded, context: Context) -> Change:
    """The same, however far back it is; nothing where it is too large to be decoded whole.

    May read all of the capture.
    """
    former = next(iter(reader.history(message.topic_id, before=message.id, limit=1)), None)
    if former is None or former.payload_size > LIMIT:
        return Change()
    payload = reader.payload(former.id)
    return _change(payload, found, context) if len(payload) == former.payload_size else Change()


def _change(before: bytes, found: Decoded, context: Context) -> Change:
    text = before.decode("utf-8", "replace")
    if found.shape is Shape.TEXT:
        now = found.text.strip()
        if "\n" in now or not 0 < len(now) <= MOST_TEXT:
            return Change()
        return Change(words=changes.text_note(now, text.strip()))
    if found.shape is not Shape.JSON:
        return Change()
    try:
        text = decode(before, context, found.decoder).text
    except AppError:
        pass  # what was no JSON before is named as the text that it was
    return Change(changes.compared(found.text, text))
