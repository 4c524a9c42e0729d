"""A client's session: what outlives its connection (MQTT 5.0 §4.1)."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from mqttx_tui.demo.broker.counters import Counters
from mqttx_tui.demo.broker.messages import Message
from mqttx_tui.demo.broker.sender import Sender
from mqttx_tui.demo.broker.subscriptions import Entry
from mqttx_tui.wire.packets import Pubrel, Will

_LAST_PACKET_ID = 65_535
PACKET_ID_NOT_FOUND = 0x92
FAILURE = 0x80


@dataclass(slots=True)
class Delivery:
    """A QoS 1 or 2 message on its way to the client. ``released``: PUBREL was sent."""

    message: Message
    qos: int
    retain: bool
    identifiers: tuple[int, ...]
    sent_before: bool = False
    released: bool = False


class Session:
    """Subscriptions, unacknowledged and queued messages of one client id.

    ``expiry`` in seconds after the connection ends; ``ends_at`` and ``will_at`` are times on the
    loop's clock, None while the client is connected or nothing is due.
    """

    def __init__(self, client_id: str, counters: Counters, max_queued: int) -> None:
        self.client_id = client_id
        self.username: str | None = None
        self.expiry = 0.0
        self.ends_at: float | None = None
        self.will: Will | None = None
        self.will_at: float | None = None
        self.subscriptions: dict[str, Entry] = {}
        self.held: set[int] = set()
        self._counters = counters
        self._max_queued = max_queued
        self._sender: Sender | None = None
        self._flying: dict[int, Delivery] = {}
        self._resend: deque[int] = deque()
        self._queue: deque[Delivery] = deque()
        self._unacknowledged = 0
        self._last_id = 0

    @property
    def online(self) -> bool:
        """Whether a client is connected."""
        return self._sender is not None

    @property
    def queued(self) -> int:
        """How many QoS 1 and 2 messages wait."""
        return len(self._queue)

    def attach(self, sender: Sender, now: float) -> None:
        """A client connected: send again what it did not acknowledge, then what waits."""
        self._sender = sender
        self.ends_at = self.will_at = None
        self._unacknowledged = 0
        self._resend = deque(self._flying)
        self._pump(now)

    def detach(self) -> None:
        """The connection ended."""
        self._sender = None

    def deliver(
        self, message: Message, qos: int, retain: bool, identifiers: tuple[int, ...], now: float
    ) -> None:
        """Send, or queue at QoS 1 and 2; QoS 0 is for connected clients only."""
        if qos == 0:
            if self._sender is not None:
                self._sender.plain(message, retain, identifiers, now)
            return
        if len(self._queue) >= self._max_queued:
            self._counters.dropped += 1
            return
        self._queue.append(Delivery(message, qos, retain, identifiers))
        if self._sender is not None:
            self._pump(now)

    def _pump(self, now: float) -> None:
        sender = self._sender
        if sender is None:
            return
        while self._unacknowledged < sender.receive_maximum:
            if self._resend:
                packet_id = self._resend.popleft()
                delivery = self._flying.get(packet_id)
                if delivery is None:
                    continue
            elif self._queue:
                delivery = self._queue.popleft()
                if delivery.message.expired(now):
                    continue
                packet_id = self._new_id()
                self._flying[packet_id] = delivery
            else:
                return
            self._transmit(sender, packet_id, delivery, now)

    def _transmit(self, sender: Sender, packet_id: int, delivery: Delivery, now: float) -> None:
        if delivery.released:
            sender.packet(Pubrel(packet_id))
        elif not sender.reliable(
            delivery.message,
            delivery.qos,
            delivery.retain,
            packet_id,
            delivery.sent_before,
            delivery.identifiers,
            now,
        ):
            del self._flying[packet_id]
            return
        delivery.sent_before = True
        self._unacknowledged += 1

    def _new_id(self) -> int:
        while True:
            self._last_id = self._last_id % _LAST_PACKET_ID + 1
            if self._last_id not in self._flying:
                return self._last_id

    def acknowledged(self, packet_id: int, qos: int, now: float) -> None:
        """PUBACK (``qos`` 1) or PUBCOMP (2) came; others than expected are ignored."""
        delivery = self._flying.get(packet_id)
        if delivery is not None and delivery.qos == qos:
            self._finish(packet_id, now)

    def received(self, packet_id: int, reason: int, now: float) -> int:
        """PUBREC came: the reason for the PUBREL that answers it, or -1 for no answer."""
        delivery = self._flying.get(packet_id)
        if delivery is None or delivery.qos != 2:
            return PACKET_ID_NOT_FOUND
        if reason >= FAILURE:
            self._finish(packet_id, now)
            return -1
        delivery.released = True
        return 0

    def _finish(self, packet_id: int, now: float) -> None:
        del self._flying[packet_id]
        if packet_id in self._resend:
            self._resend.remove(packet_id)
        else:
            self._unacknowledged -= 1
        self._pump(now)
