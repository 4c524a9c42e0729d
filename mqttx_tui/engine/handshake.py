"""The WebSocket handshake of a connection, without secrets."""

from __future__ import annotations

from mqttx_tui.model.errors import InputError
from mqttx_tui.model.handshake import Handshake
from mqttx_tui.profiles.secrets import is_secret_header
from mqttx_tui.transport.base import LinkInfo

MASK = "********"
_OURS = "sec-websocket-"
"""These carry a nonce and its answer, which are no secrets though they are called keys."""
_CHALLENGES = ("www-authenticate", "proxy-authenticate")
"""How a server wants to be convinced (RFC 9110 §11.6.1): what a refused person needs to see."""


def handshake_of(link: LinkInfo | None, label: str, secrets: tuple[str, ...], at: float) -> Handshake:
    """What the last connection that stood was opened with.

    Raises ``InputError`` where no WebSocket was opened yet, or the connection is none.
    """
    if link is None:
        raise InputError(
            f"{label} was never connected",
            title="No handshake",
            hint="w, the trace, shows why",
        )
    if link.http_status is None:
        raise InputError(
            f"{label} is no WebSocket: MQTT over {link.transport} has no HTTP handshake", title="No handshake"
        )
    from mqttx_tui.wire.redact import redact_url_bytes  # not before somebody asks

    request = redact_url_bytes(link.request.encode()).decode("utf-8", "replace")
    return Handshake(
        request=_hidden(request, secrets),
        request_headers=_headers(link.request_headers, secrets),
        status=link.http_status,
        response_headers=_headers(link.response_headers, secrets),
        offered=tuple(_hidden(name, secrets) for name in link.offered),
        subprotocol=_hidden(link.subprotocol, secrets),
        redirects=tuple(_hidden(one, secrets) for one in link.redirects),
        proxy=link.proxy,
        extensions=link.extensions,
        peer=link.peer,
        tls=", ".join(part for part in (link.tls_version, link.tls_cipher) if part),
        at=at,
        payload_in=link.tally.payload_in,
        wire_in=link.tally.wire_in,
        payload_out=link.tally.payload_out,
        wire_out=link.tally.wire_out,
    )


def _headers(headers: tuple[tuple[str, str], ...], secrets: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return tuple((name, _value(name, value, secrets)) for name, value in headers)


def _value(name: str, value: str, secrets: tuple[str, ...]) -> str:
    return MASK if is_hidden(name) else _hidden(value, secrets)


def is_hidden(name: str) -> bool:
    """Whether the value of a header is never shown nor kept."""
    folded = name.lower()
    if folded.startswith(_OURS) or folded in _CHALLENGES:
        return False
    return is_secret_header(name) or "cookie" in folded


def _hidden(text: str, secrets: tuple[str, ...]) -> str:
    """Longest first: a secret inside another leaves no remainder."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, MASK)
    return text
