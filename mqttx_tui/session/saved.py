"""Saved messages of a profile as what is sent."""

from __future__ import annotations

import base64
from pathlib import Path

from mqttx_tui.model.errors import InputError
from mqttx_tui.model.message import Outgoing
from mqttx_tui.model.profile import SavedMessage

CONNECTED = "connected"
"""The value of ``when`` that means: as soon as the connection stands."""


def outgoing_of(message: SavedMessage, *, counter: int = 1, client_id: str = "") -> Outgoing:
    """A saved message of a resolved profile, ready to send; may read a file (call it in a thread).

    A template is evaluated anew each time; ``counter`` and ``client_id`` are for its placeholders.
    Raises ``InputError`` for an unknown placeholder, a payload that does not fit its format and a
    file that cannot be read.
    """
    if message.template:
        from mqttx_tui.profiles.templates import Sending, render  # most messages are none

        try:
            message = render(message, Sending(counter, client_id))
        except InputError as error:
            raise _about(message, error) from None
    payload = _payload(message)
    return Outgoing(
        message.topic,
        payload,
        message.qos,
        message.retain,
        _is_binary(message, payload),
        message.secret,
        dict(message.properties),
        message.name,
    )


def _about(message: SavedMessage, error: InputError) -> InputError:
    return InputError(f"message {message.name!r}: {error.message}", title=error.title, hint=error.hint)


def _is_binary(message: SavedMessage, payload: bytes) -> bool:
    """Whether a WebSocket sends it as a binary frame."""
    if message.payload_file is not None:
        try:
            payload.decode()
        except UnicodeDecodeError:
            return True
        return False
    return bool(message.payload_hex or message.payload_base64) or message.format in ("hex", "base64")


def _payload(message: SavedMessage) -> bytes:
    where = f"message {message.name!r}"
    try:
        if message.payload_file is not None:
            return Path(message.payload_file).expanduser().read_bytes()
        if message.payload_hex is not None:
            return bytes.fromhex(message.payload_hex)
        if message.payload_base64 is not None:
            return base64.b64decode(message.payload_base64, validate=True)
    except OSError as error:
        raise InputError(f"{where}: {error.filename}: {error.strerror}", title="No payload") from None
    except ValueError as error:
        raise InputError(f"{where}: {error}", title="Bad payload") from None
    if message.payload is None:
        return b""
    if message.format == "text":
        return message.payload.encode("utf-8", "surrogateescape")
    from mqttx_tui.payload.encode import encode  # most messages are text

    try:
        return encode(message.payload, message.format)
    except InputError as error:
        raise _about(message, error) from None
