"""Public figures to set beside what was counted, and what those were made of."""

from __future__ import annotations

from dataclasses import dataclass

from mqttx_tui.compare.results import Cost, Result

HEADERS = 66
"""Bytes below a segment's data: Ethernet 14, IPv4 20, TCP 32 with timestamps (RFC 7323 §3.2)."""
OPENING = 214
"""SYN and SYN ACK of 74 bytes and ACK of 66: TCP opens a connection."""
SEGMENT = 1448
"""The most data in one segment on Ethernet with an MTU of 1500."""
PUBLIC_SIZE = 256
"""Payload of the public PUBLISH."""


@dataclass(frozen=True, slots=True)
class Figure:
    """What others measured on the network, in bytes with all headers, both directions together."""

    name: str
    tcp: int
    websocket: int


FIGURES = (
    Figure("connect", 512, 1161),
    Figure("subscribe", 291, 299),
    Figure("publish", 545, 555),
)
"""``publish`` is one message of ``PUBLIC_SIZE`` bytes at QoS 1 with its PUBACK."""


def segments(cost: Cost) -> int:
    """How many segments carried data, at least: one for each write and read, or as many as it fills."""
    pairs = zip(cost.calls, cost.wire, strict=True)
    return sum(max(calls, -(-size // SEGMENT)) for calls, size in pairs)


def frames(cost: Cost, *, opening: bool = False) -> int:
    """An estimate of what a capture on the network would count, both directions together.

    Each segment has its headers and is acknowledged by one without data; the network may join them,
    acknowledge several at once or along with data, and lose some.
    """
    return cost.wire.total + segments(cost) * 2 * HEADERS + (OPENING if opening else 0)


def estimate(result: Result, figure: Figure) -> int | None:
    """``frames`` of the same action here; None where it was not measured."""
    if figure.name == "connect":
        return None if result.connect is None else frames(result.connect, opening=True)
    if figure.name == "subscribe":
        return None if result.subscribe is None else frames(result.subscribe)
    found = result.publishing(1, PUBLIC_SIZE)
    return None if found is None else frames(found.publisher)
