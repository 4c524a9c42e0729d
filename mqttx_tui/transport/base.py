"""What a link is: the seam between transports and sessions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from mqttx_tui.model.errors import LinkError
from mqttx_tui.model.state import StageReport
from mqttx_tui.transport.chain import Certificate


@dataclass(slots=True)
class Tally:
    """What a raw WebSocket's messages took so far: bytes carried, and bytes on the wire for them.

    Those on the wire count headers and masks of the frames, and are compressed where that was agreed.
    """

    payload_in: int = 0
    wire_in: int = 0
    payload_out: int = 0
    wire_out: int = 0


@dataclass(slots=True)
class LinkInfo:
    """What became known while the link was opened. Times are milliseconds.

    ``offered`` are the subprotocols that were asked for, ``redirects`` what was followed on the way
    (``302 → ws://…``), without secrets; ``tally`` goes on counting.
    """

    transport: str
    peer: str = ""
    proxy: str = ""
    tls_version: str = ""
    tls_cipher: str = ""
    tls_verified: bool = True
    alpn: str = ""
    certificates: tuple[Certificate, ...] = ()
    offered: tuple[str, ...] = ()
    subprotocol: str = ""
    redirects: tuple[str, ...] = ()
    request: str = ""
    request_headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    http_status: int | None = None
    response_headers: tuple[tuple[str, str], ...] = ()
    extensions: tuple[str, ...] = ()
    tally: Tally = field(default_factory=Tally)
    stages: list[StageReport] = field(default_factory=list)


@dataclass(slots=True)
class Frame:
    """A WebSocket message or control frame (RFC 6455 §5). Fragments arrive joined. Not frozen: that
    would make each take three times as long.

    ``opcode``: 1 text, 2 binary, 8 close, 9 ping, 10 pong. ``size`` is bytes on the wire, headers
    and mask included, of all its fragments. For close, ``code`` and ``reason`` are taken apart.
    ``valid`` is False for a text message that is not UTF-8. ``heads`` are those of its frames, one
    behind the other (``wire.frame_heads``); empty for a whole, unmasked frame without extensions.
    """

    opcode: int
    payload: bytes
    size: int
    fragments: int = 1
    code: int | None = None
    reason: str = ""
    valid: bool = True
    heads: bytes = field(default=b"", repr=False, compare=False)


class LinkHandler(Protocol):
    """Who receives what a byte link delivers; called on the event loop."""

    def bytes_received(self, data: bytes) -> None:
        """Some bytes came; never empty."""

    def lost(self, error: LinkError | None) -> None:
        """The link ended, once: ``None`` after the peer's orderly end or our own ``close``."""

    def pause_writing(self) -> None:
        """The peer takes bytes too slowly: stop writing."""

    def resume_writing(self) -> None:
        """Writing is welcome again."""


class FrameHandler(Protocol):
    """Who receives what a WebSocket link delivers; called on the event loop."""

    def frame_received(self, frame: Frame) -> None:
        """A whole message or a control frame came."""

    def lost(self, error: LinkError | None) -> None:
        """The link ended, once. ``error.code`` is the close code where there was one."""

    def pause_writing(self) -> None:
        """The peer takes bytes too slowly: stop writing."""

    def resume_writing(self) -> None:
        """Writing is welcome again."""


class Link(Protocol):
    """An open byte stream to a peer: TCP, TLS, unix, or MQTT inside WebSocket frames."""

    info: LinkInfo
    bytes_in: int
    bytes_out: int

    def write(self, data: bytes) -> None:
        """Queue bytes; never blocks, ignored after the link was lost."""

    def pause(self) -> None:
        """Stop reading from the peer."""

    def resume(self) -> None:
        """Read again."""

    def close(self) -> None:
        """Send what is queued, then close in good order (WebSocket: a close frame)."""

    def abort(self) -> None:
        """Drop the link at once."""


class FrameLink(Protocol):
    """An open WebSocket that carries messages."""

    info: LinkInfo
    bytes_in: int
    bytes_out: int

    @property
    def unfinished(self) -> bool:
        """Whether a message was begun and not finished."""

    def send(self, payload: bytes, *, binary: bool, fragments: int = 1) -> int:
        """Send one message, in so many frames; returns its size on the wire."""

    def ping(self, payload: bytes = b"") -> None:
        """Send a ping (RFC 6455 §5.5.2)."""

    def pause(self) -> None:
        """Stop reading from the peer."""

    def resume(self) -> None:
        """Read again."""

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Start the closing handshake (RFC 6455 §7)."""

    def abort(self) -> None:
        """Drop the link at once."""


class Tap(Protocol):
    """Who is told what passes below the messages of a WebSocket; called on the event loop, changes
    nothing. Secrets stand in what it is told."""

    def http(self, head: bytes, *, out: bool, status: int | None = None) -> None:
        """The head of an upgrade's request went out, or that of an answer came."""

    def control(self, frame: Frame, *, out: bool) -> None:
        """A ping, pong or close frame (RFC 6455 §5.5), ours or the peer's; and the frame of any kind, without
        its payload, that the peer may not send or that is too big: the conversation ends over it."""

    def written(self, heads: bytes) -> None:
        """Data frames with these heads went out in one write."""

    def carried(self, start: int, heads: list[bytes]) -> None:
        """Frames with these heads brought the bytes of the stream from ``start`` on (MQTT only).

        Not told of in a flood.
        """


class Untapped:
    """A ``Tap`` for nobody."""

    def http(self, head: bytes, *, out: bool, status: int | None = None) -> None:
        """See ``Tap``."""

    def control(self, frame: Frame, *, out: bool) -> None:
        """See ``Tap``."""

    def written(self, heads: bytes) -> None:
        """See ``Tap``."""

    def carried(self, start: int, heads: list[bytes]) -> None:
        """See ``Tap``."""


OnStage = Callable[[StageReport], None]
"""Told when a stage starts (running), is done (ok) or fails (failed)."""
