"""From what the composer's fields hold to a message to send. No widgets."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from mqttx_tui.model.errors import InputError
from mqttx_tui.model.message import BINARY_FRAME, PAYLOAD_CUT, WEBSOCKET, Message, Outgoing
from mqttx_tui.model.state import ConnectionSnapshot, Phase
from mqttx_tui.model.topics import check_topic
from mqttx_tui.payload.encode import encode

REUSED_BYTES = 1_000_000
"""The composer takes payloads up to this size."""
HEX_BYTES = 16_384
"""Longer bytes become base64, which takes less than half the room of hex."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What was typed. ``format`` is one of ``payload.encode.FORMATS``."""

    topic: str = ""
    payload: str = ""
    format: str = "text"
    qos: int = 0
    retain: bool = False


def outgoing(draft: Draft, target: ConnectionSnapshot | None) -> Outgoing:
    """The message to send to ``target``.

    Raises ``InputError``: no connection, read-only, a topic that cannot be published to, a payload
    that does not fit its format.
    """
    if target is None:
        raise InputError("there is no connection to send to", title="Not sent", hint="1, then Enter connects")
    if target.read_only:
        text = target.read_only_text or f"{target.name or target.key} is read-only"
        raise InputError(text, title="Not sent")
    raw = target.protocol == "websocket"
    if not raw:
        check_topic(draft.topic)
    payload = encode(draft.payload, draft.format)
    if target.phase is not Phase.CONNECTED and (raw or draft.qos == 0):
        queue = "" if raw else ", or choose QoS 1: it is queued until then"
        raise InputError(
            f"{target.name or target.key} is not connected", title="Not sent", hint=f"wait for it{queue}"
        )
    if raw:
        return Outgoing("", payload, binary=draft.format in ("hex", "base64"))
    return Outgoing(draft.topic, payload, draft.qos, draft.retain)


def from_message(message: Message) -> Draft:
    """A draft that sends the same again; bytes that are no plain text become hex or base64.

    ``message`` carries ``REUSED_BYTES`` of its payload. Raises ``InputError`` when that is not all of it.
    """
    _check_whole(message)
    text: str | None
    try:
        text = message.payload.decode()
    except UnicodeDecodeError:
        text = None
    if message.flags & BINARY_FRAME or text is None or not _plain(text):
        payload, format = _bytes_as_text(message.payload)
        return Draft(message.topic, payload, format, message.qos, message.retained)
    shown_as = "json" if text.lstrip()[:1] in ("{", "[") and not message.flags & WEBSOCKET else "text"
    return Draft(message.topic, text, _json_or_text(text, shown_as), message.qos, message.retained)


def _check_whole(message: Message) -> None:
    if message.flags & PAYLOAD_CUT:
        raise InputError("only the beginning of its payload was captured", title="Not reused")
    if len(message.payload) < message.payload_size:
        raise InputError(
            f"its payload has {message.payload_size:,} bytes, the composer holds {REUSED_BYTES:,}",
            title="Not reused",
            hint="mqttx-tui pub --file sends larger ones",
        )


def _bytes_as_text(data: bytes) -> tuple[str, str]:
    if len(data) <= HEX_BYTES:
        return data.hex(" "), "hex"
    return base64.encodebytes(data).decode("ascii"), "base64"


def _plain(text: str) -> bool:
    return text.replace("\n", "").replace("\t", "").isprintable()


def _json_or_text(text: str, wanted: str) -> str:
    if wanted == "json":
        try:
            encode(text, "json")
        except InputError:
            return "text"
    return wanted
