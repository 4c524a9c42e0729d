"""What the broker counts, for ``$SYS`` and for tests."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Counters:
    """Since the broker started. ``dropped``: messages that a slow or absent client never gets,
    because its queue is full; ``too_large``: left out because of the client's Maximum Packet Size."""

    received: int = 0
    sent: int = 0
    dropped: int = 0
    too_large: int = 0
    bytes_received: int = 0
    connections: int = 0
