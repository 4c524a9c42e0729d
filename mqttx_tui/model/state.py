"""What a connection is doing, as snapshots that travel over the control channel."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mqttx_tui.model.profile import Subscription

STAGES = ("name", "tcp", "proxy", "tls", "upgrade", "mqtt", "link")
"""In the order in which they happen; ``link`` is a loss after the connection stood."""


class Phase(StrEnum):
    """The life of a connection."""

    IDLE = "idle"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    RETRYING = "retrying"
    FAILED = "failed"
    """Not retried: the same answer would come."""
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class StageReport:
    """One stage of one attempt. ``status``: pending, running, ok, failed. ``ms`` its duration."""

    stage: str
    status: str = "pending"
    detail: str = ""
    ms: float = 0.0


@dataclass(frozen=True, slots=True)
class ErrorInfo:
    """An ``AppError`` as plain data."""

    message: str
    title: str = ""
    hint: str = ""
    stage: str = ""
    code: int | None = None
    retry: bool = True
    exit_code: int = 3


@dataclass(frozen=True, slots=True)
class SubscriptionState:
    """A subscription and what the broker made of it.

    ``granted`` is the QoS granted, ``reason`` the refusal's reason code (0x80 and above); both
    None while no SUBACK has come. ``asked`` is what was asked for, with its options.
    """

    filter: str
    qos: int = 0
    on: bool = True
    granted: int | None = None
    reason: int | None = None
    text: str = ""
    asked: Subscription | None = None


@dataclass(frozen=True, slots=True)
class Counters:
    """Counters of one connection: received = kept + evicted + excluded + lost."""

    received: int = 0
    sent: int = 0
    kept: int = 0
    evicted: int = 0
    excluded: int = 0
    lost: int = 0
    cut_off: int = 0
    too_large: int = 0
    paused_seconds: float = 0.0
    bytes_in: int = 0
    bytes_out: int = 0


@dataclass(frozen=True, slots=True)
class ConnectionSnapshot:
    """Everything the front end shows about one connection.

    ``id`` is its row in the capture's ``connection`` table, ``retry_at`` a wall-clock time in
    seconds since 1970, ``round_trip_ms`` None until measured. ``tls_verified`` is False when
    verification was switched off: shown in red.
    """

    id: int
    key: str
    name: str
    letter: str
    url: str
    protocol: str
    transport: str
    phase: Phase = Phase.IDLE
    version: str = ""
    stages: tuple[StageReport, ...] = ()
    error: ErrorInfo | None = None
    attempt: int = 0
    retry_at: float | None = None
    connected_at: float | None = None
    round_trip_ms: float | None = None
    session_present: bool = False
    client_id: str = ""
    tls_verified: bool = True
    read_only: bool = False
    read_only_text: str = ""
    color: str = ""
    subprotocol: str = ""
    queued: int = 0
    subscriptions: tuple[SubscriptionState, ...] = ()
    broker: tuple[tuple[str, str], ...] = ()
    """What the broker said when it accepted us: names and words, as they came."""


@dataclass(frozen=True, slots=True)
class EngineCounters:
    """The ``counters`` event: per connection id, and the capture as a whole.

    ``rate`` is messages per second over the last second. ``file_bytes`` is the capture's size.
    ``topics_waiting`` are topics whose newest counts are not in the file yet; while ``disk_full``
    the oldest messages go before a limit is reached. The limits are those in force, ``low_memory``
    says whether they are those for little memory.
    """

    connections: dict[int, Counters]
    rate: float = 0.0
    kept: int = 0
    evicted: int = 0
    lost: int = 0
    received: int = 0
    file_bytes: int = 0
    last_id: int = 0
    floor_id: int = 1
    topics: int = 0
    other_topics: int = 0
    paused_reading: bool = False
    topics_waiting: int = 0
    disk_full: bool = False
    limit_messages: int = 0
    limit_bytes: int = 0
    limit_topics: int = 0
    low_memory: bool = False

    @property
    def excluded(self) -> int:
        """Messages that were received and left out, over all connections."""
        return sum(each.excluded for each in self.connections.values())

    @property
    def paused_seconds(self) -> float:
        """How long reading was paused, over all connections."""
        return sum(each.paused_seconds for each in self.connections.values())
