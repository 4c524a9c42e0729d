"""Secrets out of raw bytes before they are stored: MQTT packets and HTTP heads.

What is replaced becomes eight ``*``; lengths in a packet are written anew, so it still decodes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass, replace
from typing import Any

from mqttx_tui.model.errors import AppError
from mqttx_tui.wire.decode import decode
from mqttx_tui.wire.encode import encode
from mqttx_tui.wire.errors import MalformedPacket
from mqttx_tui.wire.packets import Auth, Connack, Connect, PacketType

MASK = b"********"

_SENSITIVE = (PacketType.CONNECT, PacketType.CONNACK, PacketType.AUTH)
_HEADERS = re.compile(
    rb"^((?:authorization|proxy-authorization|cookie|set-cookie)[ \t]*:[ \t]*)"
    rb"[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*",
    re.IGNORECASE | re.MULTILINE,
)
_HEADER = re.compile(rb"^(([^\s:]+)[ \t]*:[ \t]*)[^\r\n]+(?:\r?\n[ \t][^\r\n]*)*", re.MULTILINE)
_USERINFO = re.compile(rb"([a-z][a-z0-9+.-]*://)[^\s/?#@]+(?:@[^\s/?#@]*)*@", re.IGNORECASE)
_TARGET = re.compile(rb"(?:[a-z][a-z0-9+.-]*:/)?/[^\s?]*\?[^\s#]*", re.IGNORECASE)
_VALUE = re.compile(rb"([?&;][^=&;\s]*=)[^&;\s]+")
_BARE = re.compile(rb"(\?)([^=&;\s]+)(?=$|[&;])")


def redact(raw: bytes, version: int, secrets: Iterable[bytes | str] = ()) -> tuple[bytes, bool]:
    """``raw``, one MQTT packet, without passwords, authentication data and ``secrets``.

    Returns the bytes and whether something was replaced. Of a CONNECT,
    CONNACK or AUTH that does not decode only the type is kept.
    """
    kind = raw[0] >> 4 if raw else 0
    changed = False
    result = raw
    if kind in _SENSITIVE:
        result, changed = _known_places(raw, version)
    literal = _literals(secrets)
    if literal is None or not literal.search(result):
        return result, changed
    return _everywhere(result, version, literal), True


def redact_http(head: bytes, secrets: Iterable[bytes | str] = ()) -> tuple[bytes, bool]:
    """An HTTP head without credentials: Authorization, Proxy-Authorization, Cookie and Set-Cookie
    values, user info and query values of URLs, and ``secrets``."""
    result = _HEADERS.sub(rb"\g<1>" + MASK, head)
    result = redact_url_bytes(result)
    literal = _literals(secrets)
    if literal is not None:
        result = literal.sub(MASK, result)
    return result, result != head


def redact_headers(head: bytes, hidden: Callable[[str], bool]) -> tuple[bytes, bool]:
    """An HTTP head without the values of headers whose name is ``hidden``."""

    def masked(match: re.Match[bytes]) -> bytes:
        return match[1] + MASK if hidden(match[2].decode("latin-1")) else match[0]

    result = _HEADER.sub(masked, head)
    return result, result != head


def redact_url_bytes(text: bytes) -> bytes:
    """User info and query values of every URL and request target in ``text`` replaced."""
    text = _USERINFO.sub(rb"\g<1>" + MASK + b"@", text)
    return _TARGET.sub(_query, text)


def _query(match: re.Match[bytes]) -> bytes:
    masked = _VALUE.sub(rb"\g<1>" + MASK, match[0])
    return _BARE.sub(rb"\g<1>" + MASK, masked)


def _literals(secrets: Iterable[bytes | str]) -> re.Pattern[bytes] | None:
    """Longest first, so that a secret inside another leaves no remainder."""
    found = {secret.encode() if isinstance(secret, str) else bytes(secret) for secret in secrets}
    found.discard(b"")
    if not found:
        return None
    return re.compile(b"|".join(re.escape(secret) for secret in sorted(found, key=len, reverse=True)))


def _known_places(raw: bytes, version: int) -> tuple[bytes, bool]:
    try:
        packet = decode(raw, version)
    except MalformedPacket:
        return _bare(raw), True
    if not isinstance(packet, Connect | Connack | Auth):
        return raw, False
    changes: dict[str, Any] = {}
    if "authentication_data" in packet.properties:
        changes["properties"] = {**packet.properties, "authentication_data": MASK}
    if isinstance(packet, Connect) and packet.password is not None:
        changes["password"] = MASK
    if not changes:
        return raw, False
    return encode(replace(packet, **changes), version), True


def _bare(raw: bytes) -> bytes:
    """A packet of the same type whose body is the mask: its parts cannot be told apart."""
    return bytes((raw[0], len(MASK))) + MASK


def _everywhere(raw: bytes, version: int, literal: re.Pattern[bytes]) -> bytes:
    """Replace literal secrets in every string and byte block, writing lengths anew."""
    try:
        result = encode(_scrubbed(decode(raw, version), literal), version)
    except AppError:
        result = raw
    return literal.sub(MASK, result)


def _scrubbed(value: Any, literal: re.Pattern[bytes]) -> Any:
    if isinstance(value, bytes):
        return literal.sub(MASK, value)
    if isinstance(value, str):
        return literal.sub(MASK, value.encode()).decode(errors="replace")
    if isinstance(value, tuple):
        return tuple(_scrubbed(part, literal) for part in value)
    if isinstance(value, dict):
        return {name: _scrubbed(part, literal) for name, part in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{f.name: _scrubbed(getattr(value, f.name), literal) for f in fields(value)})
    return value
