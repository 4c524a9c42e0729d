"""Saved messages of a profile as what is sent."""

from __future__ import annotations

import base64
from pathlib import Path

from mqttx_tui.model.errors import InputError
from mqttx_tui.model.message import Outgoing
from mqttx_tui.model.profile import SavedMessage

CONNECTED = "connected"
"""The value of ``when`` that means: as soon as the connection stands."""


def outgoing_of(message: SavedMessage) -> Outgoing:
    """A saved message of a resolved profile, ready to send; may read a file (call it in a thread).

    Raises ``InputError`` for a payload that does not fit its format and a file that cannot be read.
    """
    return Outgoing(
        message.topic,
        _payload(message),
        message.qos,
        message.retain,
        bool(message.payload_hex or message.payload_base64),
        message.secret,
        dict(message.properties),
        message.name,
    )


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

    return encode(message.payload, message.format)
