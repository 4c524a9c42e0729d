"""Messages and the flags that the capture stores with them (docs/capture-format.md)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

RETAIN = 1 << 0
QOS_MASK = 0b110
DUP = 1 << 3
OUTGOING = 1 << 4
WEBSOCKET = 1 << 5
BINARY_FRAME = 1 << 6
PAYLOAD_CUT = 1 << 7
NOT_UTF8 = 1 << 8
REPLAYED = 1 << 9
QUEUED = 1 << 10
"""Outgoing, not yet handed to the link when the row was written."""
CHANGED = 1 << 11
"""The payload differs from the topic's last one."""


def qos_of(flags: int) -> int:
    """The QoS in a message's flags."""
    return (flags & QOS_MASK) >> 1


class Row(NamedTuple):
    """One message on its way to the capture: what the hot path makes (a plain tuple serves too).

    ``at`` in ns since 1970, ``topic`` an interned topic id, ``size`` bytes on the wire,
    ``properties`` the raw MQTT 5 property bytes without their length (None: none).
    """

    at: int
    topic: int
    flags: int
    size: int
    payload: bytes
    properties: bytes | None


@dataclass(frozen=True, slots=True)
class Message:
    """One message as read back. ``payload`` may be cut to what was asked for."""

    id: int
    at: int
    topic_id: int
    connection: int
    topic: str
    flags: int
    size: int
    payload: bytes
    payload_size: int
    properties: bytes | None = None

    @property
    def qos(self) -> int:
        """0, 1 or 2."""
        return qos_of(self.flags)

    @property
    def retained(self) -> bool:
        """Whether the RETAIN flag was set."""
        return bool(self.flags & RETAIN)

    @property
    def outgoing(self) -> bool:
        """Whether we sent it."""
        return bool(self.flags & OUTGOING)


@dataclass(frozen=True, slots=True)
class PacketRow:
    """One control packet (or WebSocket control frame) for the ``packet`` table.

    ``direction``: 0 in, 1 out. ``type``: the MQTT packet type 1-15, or ``WS_FRAME + opcode`` for a
    WebSocket control frame (``raw`` is its payload, unmasked) and, with opcode 1 or 2, for the ``count``
    frames that carried ``message`` (``raw`` is empty); ``HTTP`` for the head of an upgrade's request or
    answer (``reason`` its status), ``SUMMARY`` for one row that stands for ``count`` acknowledgements, or
    ``DROPPED`` for no packet at all: ``message`` was dropped from the queue unsent.
    ``message`` names the message row that it belongs to. ``raw`` is stored after redaction
    (``redacted`` then True). ``size``: bytes on the wire where ``raw`` is only a part of them, 0: as many as
    ``raw`` has. ``frame``: the heads of the WebSocket frames that carried it, one behind the other.
    """

    at: int
    connection: int
    direction: int
    type: int
    message: int | None = None
    packet_id: int | None = None
    reason: int | None = None
    count: int = 1
    redacted: bool = False
    raw: bytes = b""
    size: int = 0
    frame: bytes = b""


WS_FRAME = 0x100
SUMMARY = 0x200
DROPPED = 0x400
HTTP = 0x800


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What a person asks to send. ``binary`` and ``fragments``, in how many frames the message goes,
    are for a raw WebSocket; properties for MQTT 5.

    ``properties`` maps the names of ``wire.properties`` (``content_type``, ``user`` …) to values.
    """

    topic: str
    payload: bytes = field(repr=False)
    qos: int = 0
    retain: bool = False
    binary: bool = False
    secret: bool = False
    properties: dict[str, Any] = field(default_factory=dict)
    name: str = ""
    """Of the saved message, for what the capture keeps of a secret one."""
    fragments: int = 1

    @property
    def kept(self) -> bytes:
        """The payload as the capture keeps it: of a secret one only ``name, N B``."""
        if not self.secret:
            return self.payload
        return f"{self.name or 'secret'}, {len(self.payload)} B".encode("utf-8", "replace")
