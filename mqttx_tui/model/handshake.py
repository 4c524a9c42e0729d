"""What was said when a WebSocket was opened, fit for a screen: no secret stands in it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Handshake:
    """An upgrade (RFC 6455 §4) as it went over the link; secrets are eight ``*``.

    ``at`` is seconds since 1970. Headers stand in their order; ``offered`` and ``subprotocol`` are
    what was asked for and what the server chose ("" for none). ``redirects`` were followed on the way
    (``302 → ws://…``). The bytes are those of messages so far: carried, and on the wire for them
    (frame headers and masks included); all 0 for MQTT over WebSocket, whose frames mean nothing.
    """

    request: str
    request_headers: tuple[tuple[str, str], ...]
    status: int
    response_headers: tuple[tuple[str, str], ...]
    subprotocol: str = ""
    extensions: tuple[str, ...] = ()
    peer: str = ""
    tls: str = ""
    at: float = 0.0
    offered: tuple[str, ...] = ()
    redirects: tuple[str, ...] = ()
    proxy: str = ""
    payload_in: int = 0
    wire_in: int = 0
    payload_out: int = 0
    wire_out: int = 0
