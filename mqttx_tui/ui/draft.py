"""From what the composer's fields hold to a message to send. No widgets."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from mqttx_tui.model.errors import InputError
from mqttx_tui.model.message import BINARY_FRAME, PAYLOAD_CUT, WEBSOCKET, Message, Outgoing
from mqttx_tui.model.state import ConnectionSnapshot, Phase
from mqttx_tui.model.topics import check_topic
from mqttx_tui.payload.encode import encode

REUSED_BYTES = 1_000_000
"""The composer takes payloads up to this size; a larger file is sent from where it lies."""
BYTES = ("hex", "base64")
"""Formats that a raw WebSocket sends as binary frames."""
HEX_BYTES = 16_384
"""Longer bytes become base64, which takes less than half the room of hex."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What was typed. ``format`` is one of ``payload.encode.FORMATS``.

    ``properties`` are texts by the names of ``draft_properties.FIELDS``; ``file`` is sent instead of
    ``payload`` and read when it is sent; ``name`` and ``secret`` come from a saved message; ``fragments``
    are the frames that a message to a WebSocket is divided into, and ``frame`` is their kind (text,
    binary; empty: as the format says).
    """

    topic: str = ""
    payload: str = ""
    format: str = "text"
    qos: int = 0
    retain: bool = False
    properties: Mapping[str, str] = field(default_factory=dict)
    template: bool = False
    file: str = ""
    name: str = ""
    secret: bool = False
    fragments: int = 1
    frame: str = ""

    @property
    def empty(self) -> bool:
        """Whether nothing is sent as the payload."""
        return not self.payload and not self.file


def check_target(draft: Draft, target: ConnectionSnapshot | None) -> ConnectionSnapshot:
    """Raise ``InputError`` where ``target`` cannot take the message whatever its payload is."""
    if target is None:
        raise InputError("there is no connection to send to", title="Not sent", hint="1, then Enter connects")
    if target.read_only:
        text = target.read_only_text or f"{target.name or target.key} is read-only"
        raise InputError(text, title="Not sent")
    raw = target.protocol == "websocket"
    if not raw and not draft.template:
        check_topic(draft.topic)
    if target.phase is not Phase.CONNECTED and (raw or draft.qos == 0):
        queue = "" if raw else ", or choose QoS 1: it is queued until then"
        raise InputError(
            f"{target.name or target.key} is not connected", title="Not sent", hint=f"wait for it{queue}"
        )
    return target


def outgoing(draft: Draft, target: ConnectionSnapshot | None, *, counter: int = 1) -> Outgoing:
    """The message to send to ``target``; with a ``file`` it reads it (call it in a thread then).

    ``counter`` is for the placeholder of that name. Raises ``InputError``: no connection,
    read-only, a topic that cannot be published to, a payload that does not fit its format, a
    property or a placeholder that cannot be read.
    """
    target = check_target(draft, target)
    draft = _filled(draft, target, counter)
    payload = _read(draft.file) if draft.file else encode(draft.payload, draft.format)
    if target.protocol == "websocket":
        return Outgoing(
            "",
            payload,
            binary=_is_binary(draft, payload),
            secret=draft.secret,
            name=draft.name,
            fragments=draft.fragments,
        )
    check_topic(draft.topic)
    properties = {}
    if draft.properties and target.version in ("5", ""):
        from mqttx_tui.ui.draft_properties import as_sent  # most messages have none

        properties = as_sent(draft.properties)
    return Outgoing(
        draft.topic,
        payload,
        draft.qos,
        draft.retain,
        secret=draft.secret,
        properties=properties,
        name=draft.name,
    )


def _filled(draft: Draft, target: ConnectionSnapshot, counter: int) -> Draft:
    """A template with its placeholders filled in."""
    if not draft.template:
        return draft
    from mqttx_tui.model.profile import SavedMessage
    from mqttx_tui.profiles.placeholders import Unset
    from mqttx_tui.profiles.templates import Sending, fill_variables, render

    message = SavedMessage(
        draft.name, draft.topic, draft.payload, properties=dict(draft.properties), template=True
    )
    try:
        message = fill_variables(message, os.environ)
    except Unset as unset:
        raise InputError(f"the variable {unset.name} is not set", title="Not sent") from None
    message = render(message, Sending(counter, target.client_id))
    return replace(draft, topic=message.topic, payload=message.payload or "", properties=message.properties)


def _read(path: str) -> bytes:
    try:
        return Path(path).expanduser().read_bytes()
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}", title="Not sent") from None


def _is_binary(draft: Draft, payload: bytes) -> bool:
    if draft.frame:
        return draft.frame == "binary"
    if not draft.file:
        return draft.format in BYTES
    try:
        payload.decode()
    except UnicodeDecodeError:
        return True
    return False


def from_message(message: Message) -> Draft:
    """A draft that sends the same again; bytes that are no plain text become hex or base64.

    ``message`` carries ``REUSED_BYTES`` of its payload. Raises ``InputError`` when that is not all of it.
    """
    _check_whole(message)
    payload, format = from_bytes(message.payload, binary=bool(message.flags & BINARY_FRAME))
    if format == "json" and message.flags & WEBSOCKET:
        format = "text"
    as_text = message.flags & WEBSOCKET and not message.flags & BINARY_FRAME and format in BYTES
    return Draft(
        message.topic,
        payload,
        format,
        message.qos,
        message.retained,
        _properties(message.properties),
        frame="text" if as_text else "",
    )


def from_file(path: str) -> Draft:
    """The payload of a file: its content up to ``REUSED_BYTES``, else the file itself.

    Reads the file: call it in a thread. Raises ``InputError``.
    """
    try:
        with Path(path).expanduser().open("rb") as file:
            data = file.read(REUSED_BYTES + 1)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}", title="Not loaded") from None
    if len(data) > REUSED_BYTES:
        return Draft(file=path)
    payload, format = from_bytes(data)
    return Draft(payload=payload, format=format)


def from_bytes(data: bytes, *, binary: bool = False) -> tuple[str, str]:
    """A payload as text and the format that gives the same bytes back."""
    text: str | None
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = None
    if binary or text is None or not is_plain(text):
        return _bytes_as_text(data)
    return text, _json_or_text(text, "json" if text.lstrip()[:1] in ("{", "[") else "text")


def _properties(raw: bytes | None) -> Mapping[str, str]:
    if not raw:
        return {}
    from mqttx_tui.ui.draft_properties import as_typed
    from mqttx_tui.wire.errors import MalformedPacket
    from mqttx_tui.wire.properties import decode_properties

    try:
        return as_typed(decode_properties(raw))
    except MalformedPacket:
        return {}


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


def is_plain(text: str) -> bool:
    """Whether a field can hold it as it is: no control character but ends of lines and tabs."""
    return text.replace("\n", "").replace("\t", "").isprintable()


def _json_or_text(text: str, wanted: str) -> str:
    if wanted == "json":
        try:
            encode(text, "json")
        except InputError:
            return "text"
    return wanted
