"""What a session is: the seam between protocols and the engine. Fakes stand here in tests."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from mqttx_tui.model.message import Outgoing, PacketRow, Row
from mqttx_tui.model.profile import Resolved, Subscription
from mqttx_tui.model.state import StageReport, SubscriptionState
from mqttx_tui.transport.base import LinkInfo


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What the protocol has, so that the interface shows only that."""

    subscribe: bool = True
    qos: bool = True
    retain: bool = True
    properties: bool = False
    frames: bool = False


class Fate(StrEnum):
    """What became of an outgoing message."""

    QUEUED = "queued"
    """Waits for a connection or for Receive Maximum."""
    SENT = "sent"
    """Handed to the link; the end for QoS 0 and WebSocket frames."""
    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"
    DROPPED = "dropped"


@dataclass(slots=True)
class Delivery:
    """An outgoing message and its fate. ``done`` resolves with the final fate."""

    message: int
    fate: Fate
    done: asyncio.Future[Fate]
    reason: int | None = None
    text: str = ""
    milliseconds: float | None = None


@dataclass(frozen=True, slots=True)
class Connected:
    """The broker or server accepted us."""

    version: str
    info: LinkInfo
    session_present: bool = False
    client_id: str = ""
    keepalive: float = 0.0
    receive_maximum: int = 65_535
    maximum_qos: int = 2
    retain_available: bool = True
    properties: bytes | None = None
    broker: tuple[tuple[str, str], ...] = ()
    """What the broker allows, as names and words (``session.facts``)."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """What went over the link, over all connections of a session.

    ``paused_seconds`` is how long reading was paused because the capture could not keep up.
    """

    bytes_in: int = 0
    bytes_out: int = 0
    paused_seconds: float = 0.0


class Sink(Protocol):
    """Where a session writes: one connection's entry to the capture. Called on the event loop."""

    @property
    def revision(self) -> int:
        """Grows when ``topic`` may answer differently than before: forget what it answered."""

    @property
    def known(self) -> dict[bytes, int]:
        """Ids by topic bytes, negative for excluded topics: a session looks here first, and enters what
        ``topic`` answered. To be fetched anew after ``revision`` has grown."""

    def topic(self, name: str) -> int | None:
        """The id of a topic, made when new; None when the topic is excluded from the capture."""

    def messages(self, rows: list[Row]) -> int:
        """Take rows in order of arrival; returns the id of the first, ids are contiguous.

        From then on they are in the write queue: inbound ones may be acknowledged.
        """

    def excluded(self, count: int) -> None:
        """Count received messages that ``topic`` told to leave out."""

    def packet(self, row: PacketRow) -> None:
        """Record a control packet (redacted by the sink before it is stored)."""

    def event(self, kind: str, text: str) -> None:
        """Record an event of this connection."""

    def cut_off(self) -> None:
        """Count a packet that was begun and never finished."""

    def too_large(self) -> None:
        """Count a packet over the maximum packet size."""

    def now(self) -> int:
        """Time stamp: ns since 1970, monotonic."""

    @property
    def full(self) -> bool:
        """Whether reading should pause: the write queue is over its high water mark."""

    async def drained(self) -> None:
        """Return once the write queue is under its low water mark."""


class Observer(Protocol):
    """Who is told about a session's life. Called on the event loop."""

    def stage(self, report: StageReport) -> None:
        """A stage of connecting started, succeeded or failed."""

    def connected(self, info: Connected) -> None:
        """CONNACK 0 (or the WebSocket upgrade) was seen."""

    def subscription(self, state: SubscriptionState) -> None:
        """The broker granted or refused a subscription, or it was switched off."""

    def round_trip(self, milliseconds: float) -> None:
        """PINGREQ to PINGRESP, or WebSocket ping to pong."""

    def queued(self, count: int) -> None:
        """How many outgoing messages wait."""

    def notice(self, level: str, text: str) -> None:
        """Something to tell the person; ``level``: info, warning, error."""


class Session(Protocol):
    """One profile's conversation with its peer, over any number of connections.

    ``run`` makes one connection and lives as long as it does; the supervisor calls it again. All
    other calls may come at any time, also while down.
    """

    capabilities: Capabilities

    @property
    def traffic(self) -> Traffic:
        """Bytes over the link and time spent paused, so far."""

    async def run(self, resolved: Resolved) -> None:
        """Connect, serve until the link ends, and raise ``LinkError`` with the true reason.

        Returns normally only after ``close``. Cancelling it drops the link.
        """

    async def subscribe(self, subscription: Subscription) -> SubscriptionState:
        """Subscribe now when connected (returns after the SUBACK), and on every later connection.

        Raises ``InputError`` for a bad filter.
        """

    async def unsubscribe(self, topic_filter: str) -> None:
        """Unsubscribe now when connected, and no longer subscribe on later connections."""

    def publish(self, outgoing: Outgoing) -> Delivery:
        """Send or queue a message.

        Raises ``InputError`` for a topic that may not be published to, and ``LinkError`` for QoS 0
        and WebSocket frames while down: refused and not sent.
        """

    async def ping(self) -> float:
        """Ping by hand: PINGREQ to PINGRESP, or WebSocket ping to pong, in ms.

        Raises ``LinkError`` while down and when no answer comes in time.
        """

    async def authenticate(self) -> float:
        """Authenticate again while connected (MQTT 5.0 §4.12.1); returns how many ms that took.

        Raises ``InputError`` where the connection has no method for it, ``LinkError`` while down and
        when it failed.
        """

    def drop_queued(self) -> int:
        """Forget what is queued and not yet handed to the link; returns how many."""

    async def close(self, code: int | None = None, reason: str = "") -> None:
        """Leave in good order (DISCONNECT, or a WebSocket close with ``code`` and ``reason``)."""
