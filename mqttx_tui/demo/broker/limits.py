"""What the broker allows; each can be set for a test."""

from __future__ import annotations

from dataclasses import dataclass

MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes, times in seconds.

    ``queue_messages`` and ``queue_bytes`` bound what waits for a connected client that reads slowly
    (QoS 0 beyond that is dropped and counted); ``session_messages`` what waits in a session at QoS 1
    and 2, ``max_inflight`` what may be unacknowledged by one client. ``topic_alias_maximum`` is what
    clients may use towards the broker, ``send_aliases`` how many the broker uses at most towards a
    client that offers them.
    """

    max_packet: int = 64 * MEBIBYTE
    queue_messages: int = 100_000
    queue_bytes: int = 64 * MEBIBYTE
    session_messages: int = 100_000
    receive_maximum: int = 1000
    max_inflight: int = 1000
    topic_alias_maximum: int = 100
    send_aliases: int = 1000
    maximum_qos: int = 2
    retain_available: bool = True
    retained_messages: int = 100_000
    versions: frozenset[int] = frozenset({3, 4, 5})
    connect_timeout: float = 10.0
    max_session_expiry: float = float("inf")
    server_keep_alive: int | None = None
    sys_interval: float = 10.0
