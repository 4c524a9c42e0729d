"""Packets of MQTT 5 put together from bytes, each with room for raw properties."""

from __future__ import annotations

from mqttx_tui.wire.packets import PacketType as P
from mqttx_tui.wire.properties import WILL
from mqttx_tui.wire.values import encode_varint

FIRST = {kind: kind << 4 | (2 if kind in (P.PUBREL, P.SUBSCRIBE, P.UNSUBSCRIBE) else 0) for kind in P}
_CONNECT = bytes.fromhex("0004 4d515454 05")

AROUND: dict[int, tuple[bytes, bytes]] = {
    P.CONNECT: (_CONNECT + bytes.fromhex("02 003c"), bytes.fromhex("0001 63")),
    WILL: (_CONNECT + bytes.fromhex("06 003c 00 0001 63"), bytes.fromhex("0001 77 0000")),
    P.CONNACK: (bytes.fromhex("00 00"), b""),
    P.PUBLISH: (bytes.fromhex("0001 61"), b"payload"),
    P.PUBACK: (bytes.fromhex("0001 00"), b""),
    P.PUBREC: (bytes.fromhex("0001 00"), b""),
    P.PUBREL: (bytes.fromhex("0001 00"), b""),
    P.PUBCOMP: (bytes.fromhex("0001 00"), b""),
    P.SUBSCRIBE: (bytes.fromhex("0001"), bytes.fromhex("0001 61 00")),
    P.SUBACK: (bytes.fromhex("0001"), bytes.fromhex("00")),
    P.UNSUBSCRIBE: (bytes.fromhex("0001"), bytes.fromhex("0001 61")),
    P.UNSUBACK: (bytes.fromhex("0001"), bytes.fromhex("00")),
    P.DISCONNECT: (bytes.fromhex("00"), b""),
    P.AUTH: (bytes.fromhex("18"), b""),
}
"""By packet type (and ``WILL``): the body before the property length, and after the properties."""

REASON_AT = {P.CONNACK: 1, P.PUBACK: 2, P.PUBREC: 2, P.PUBREL: 2, P.PUBCOMP: 2, P.DISCONNECT: 0, P.AUTH: 0}
"""Where in the first part the reason code stands; SUBACK and UNSUBACK have theirs at the end."""


def whole(first: int, body: bytes) -> bytes:
    """A packet with this first byte and body."""
    return bytes((first,)) + encode_varint(len(body)) + body


def holding(packet: int, properties: bytes) -> tuple[bytes, int]:
    """The packet (or CONNECT with a will, for ``WILL``) with these raw properties, and where they start."""
    before, after = AROUND[packet]
    raw = whole(FIRST[P(packet or P.CONNECT)], before + encode_varint(len(properties)) + properties + after)
    return raw, len(raw) - len(after) - len(properties)


def with_reason(packet: int, code: int) -> tuple[bytes, int]:
    """The packet with this reason code and no property, and where the code stands."""
    kind = P(packet)
    if kind in REASON_AT:
        body = bytearray(AROUND[kind][0])
        body[REASON_AT[kind]] = code
        return whole(FIRST[kind], bytes(body) + b"\0"), 2 + REASON_AT[kind]
    body = bytearray(bytes.fromhex("0001 00") + bytes((code,)))
    return whole(FIRST[kind], bytes(body)), 5
