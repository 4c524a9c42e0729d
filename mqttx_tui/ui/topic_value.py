"""The last value of a topic in a few cells. No widgets."""

from __future__ import annotations

import json
from collections.abc import Mapping

from mqttx_tui.model.message import Message
from mqttx_tui.model.shown import size
from mqttx_tui.payload.preview import is_bytes
from mqttx_tui.ui.safe import line
from mqttx_tui.ui.widgets.stream_row import shown_payload

VALUE_KEYS = ("value", "state")
"""Fields that say by their name that they are what matters."""
MOST_CHARACTERS = 80


def value_text(message: Message, cells: int) -> str:
    """What stands beside a topic: ``21.4`` for ``{"value": 21.4, "unit": "C"}``, the size of binary data.

    Of an object the field ``value``, else ``state``, else the only scalar, else the first number, else
    all of it as compact JSON. A payload that was not read whole is shown by its beginning.
    """
    if message.payload_size == 0:
        return ""
    if is_bytes(message.payload, message.flags):
        return size(message.payload_size)
    if message.payload[:1] in (b"{", b"[") and len(message.payload) == message.payload_size:
        try:
            found = json.loads(message.payload)
        except (ValueError, RecursionError):
            return shown_payload(message, cells)
        return line(obvious(found), MOST_CHARACTERS)
    return shown_payload(message, cells)


def obvious(found: object) -> str:
    """The field of a parsed payload that is most likely its value, as text."""
    if isinstance(found, Mapping):
        for name in VALUE_KEYS:
            if _scalar(found.get(name)):
                return _text(found[name])
        scalars = [item for item in found.values() if _scalar(item)]
        numbers = [item for item in scalars if isinstance(item, int | float) and not isinstance(item, bool)]
        if len(scalars) == 1 or numbers:
            return _text(scalars[0] if len(scalars) == 1 else numbers[0])
    return json.dumps(found, ensure_ascii=False, separators=(",", ":"))


def _scalar(item: object) -> bool:
    return isinstance(item, str | int | float)


def _text(item: object) -> str:
    return item if isinstance(item, str) else json.dumps(item)
