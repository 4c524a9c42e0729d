"""What we publish: queued, handed to the link, acknowledged or refused; never two of them at once.

Nothing reaches paho between a loss and the next CONNACK, and at most Receive Maximum messages of
QoS 1 and 2 are with it at a time (MQTT 5.0 §3.2.2.3.3). What paho holds it sends again after a loss.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

from mqttx_tui.model.message import DROPPED, OUTGOING, QUEUED, RETAIN, Outgoing, PacketRow, Row
from mqttx_tui.session.aliases import Aliases
from mqttx_tui.session.base import Delivery, Fate, Sink
from mqttx_tui.wire.framing import MAX_PACKET
from mqttx_tui.wire.packets import V5, PacketType, Properties
from mqttx_tui.wire.reasons import reason_sentence

RECEIVE_MAXIMUM = 65_535
"""Where the broker names none (MQTT 5.0 §3.2.2.3.3)."""

RECEIVE_MAXIMUM_BELOW_5 = 20
"""Below version 5 a broker cannot tell what it takes. mosquitto takes 20 by default: what exceeds it
is acknowledged and thrown away."""

MOST_IN_FLIGHT = 1000
"""Messages with paho at a time, whatever the broker allows: packet identifiers stay plenty."""

MOST_PENDING = 4_000_000
"""Bytes given to paho and not yet handed to the link: what exceeds it waits here."""

HandOver = Callable[[Outgoing, bytes | None], int]
"""Gives a PUBLISH (and its raw properties) to paho; returns the packet identifier."""


@dataclass(slots=True, eq=False)
class Item:
    """One outgoing message on its way. ``sent_at`` in ns: last handed to the link; ``pending``: with
    paho, and not yet there; ``taken``: PUBREC's reason, which PUBCOMP does not repeat."""

    outgoing: Outgoing
    properties: bytes | None
    size: int
    delivery: Delivery
    sent_at: int = 0
    pending: bool = False
    taken: int = 0


@dataclass(frozen=True, slots=True)
class Limits:
    """What the broker takes, from CONNACK."""

    receive_maximum: int = RECEIVE_MAXIMUM
    maximum_qos: int = 2
    retain_available: bool = True
    maximum_packet: int = MAX_PACKET
    topic_aliases: int = 0
    """Highest topic alias that we may use (MQTT 5.0 §3.2.2.3.8)."""

    def objection(self, outgoing: Outgoing, size: int) -> str:
        """Why the broker would end the connection over this message; empty when it would not."""
        if outgoing.qos > self.maximum_qos:
            return f"this broker takes QoS {self.maximum_qos} at most"
        if outgoing.retain and not self.retain_available:
            return "this broker keeps no retained messages"
        if size > self.maximum_packet:
            return f"the packet has {size:,} bytes, this broker takes {self.maximum_packet:,}"
        return ""


def limits_of(found: Properties, version: int) -> Limits:
    """What the broker takes, by the properties of its CONNACK (MQTT 5.0 §3.2.2.3)."""

    def number(name: str, default: int) -> int:
        value = found.get(name)
        return value if isinstance(value, int) else default

    return Limits(
        receive_maximum=number(
            "receive_maximum", RECEIVE_MAXIMUM if version >= V5 else RECEIVE_MAXIMUM_BELOW_5
        ),
        maximum_qos=number("maximum_qos", 2),
        retain_available=found.get("retain_available") is not False,
        maximum_packet=number("maximum_packet_size", MAX_PACKET),
        topic_aliases=number("topic_alias_maximum", 0),
    )


class Outbox:
    """The outgoing messages of one session, over all its connections."""

    def __init__(self, sink: Sink, on_waiting: Callable[[int], None]) -> None:
        self._sink = sink
        self._on_waiting = on_waiting
        self._hand_over: HandOver | None = None
        self._limits = Limits()
        self._pending_bytes = 0
        self._waiting: deque[Item] = deque()
        self._unacknowledged: dict[int, Item] = {}
        self._on_the_way: deque[Item] = deque()
        self._aliases = Aliases()

    @property
    def limits(self) -> Limits:
        """What the broker of the present connection takes."""
        return self._limits

    @property
    def is_open(self) -> bool:
        """Whether a connection stands."""
        return self._hand_over is not None

    @property
    def waiting(self) -> int:
        """How many messages are queued."""
        return len(self._waiting)

    def add(self, outgoing: Outgoing, properties: bytes | None, size: int) -> Delivery:
        """Record and send a message, or queue it. ``size`` is its bytes on the wire, with its topic; the
        topic stays out where an alias stands for it. Raises ``InputError`` for a bad alias."""
        alias = outgoing.properties.get("topic_alias") if properties is not None else None
        name = outgoing.topic
        if isinstance(alias, int):
            name = self._aliases.name(name, alias, self._limits.topic_aliases)
            size -= len(outgoing.topic.encode()) - len(name.encode())
        at_once = not self._waiting and self._may_send(outgoing.qos)
        flags = OUTGOING | (RETAIN if outgoing.retain else 0) | outgoing.qos << 1
        topic = self._sink.topic(outgoing.topic)
        message = 0
        if topic is not None:
            flags |= 0 if at_once else QUEUED
            row = Row(self._sink.now(), topic, flags, size, outgoing.kept, properties)
            message = self._sink.messages([row])
        future: asyncio.Future[Fate] = asyncio.get_running_loop().create_future()
        if name != outgoing.topic:
            outgoing = replace(outgoing, topic=name)
        item = Item(outgoing, properties, size, Delivery(message, Fate.QUEUED, future))
        if at_once:
            self._give(item)
        else:
            self._waiting.append(item)
            self._on_waiting(len(self._waiting))
        return item.delivery

    # The connection's life.

    def open(self, hand_over: HandOver, limits: Limits) -> None:
        """Connected: send what waits, as far as the broker allows."""
        self._hand_over = hand_over
        self._limits = limits
        self._aliases.clear()
        self._send_waiting()

    def shut(self) -> None:
        """The link is gone: nothing more is handed over. QoS 0 that did not get out is dropped."""
        self._hand_over = None
        lost = [*self._on_the_way, *(item for item in self._waiting if not item.outgoing.qos)]
        self._on_the_way.clear()
        self._pending_bytes = 0
        for item in self._unacknowledged.values():
            item.pending = False
        self._waiting = deque(item for item in self._waiting if item.outgoing.qos)
        for item in lost:
            self._drop(item, "the link was lost before it was handed over")
        if lost:
            self._on_waiting(len(self._waiting))

    def drop(self) -> int:
        """Forget what waits; returns how many."""
        dropped = list(self._waiting)
        self._waiting.clear()
        self._aliases.clear()
        for item in dropped:
            self._drop(item, "dropped before it was sent")
        self._on_waiting(0)
        return len(dropped)

    def close(self) -> None:
        """The session ends: tell of each message what is true."""
        self.shut()
        self.drop()
        for item in self._unacknowledged.values():
            if item.sent_at:
                _end(item, Fate.SENT, text="no acknowledgement before the connection was closed")
            else:
                self._drop(item, "closed before it was sent")
        self._unacknowledged.clear()

    # What was seen on the wire.

    def handed_over(self, qos: int, packet_id: int, at: int) -> Item | None:
        """A PUBLISH of ours went to the link."""
        if qos:
            item = self._unacknowledged.get(packet_id)
        else:
            item = self._on_the_way.popleft() if self._on_the_way else None
        if item is None:
            return None
        item.sent_at = at
        self._arrived(item)
        if qos:
            item.delivery.fate = Fate.SENT
        else:
            _end(item, Fate.SENT)
        self._send_waiting()
        return item

    def message_of(self, packet_id: int) -> int | None:
        """The message row that an acknowledgement belongs to."""
        item = self._unacknowledged.get(packet_id)
        return item.delivery.message or None if item is not None else None

    def acknowledged(self, packet_type: int, packet_id: int, reason: int, at: int) -> None:
        """PUBACK, PUBREC or PUBCOMP came for one of ours."""
        item = self._unacknowledged.get(packet_id)
        if item is None:
            return
        if packet_type == PacketType.PUBREC and reason < 0x80:
            item.taken = reason
            return
        del self._unacknowledged[packet_id]
        self._arrived(item)
        milliseconds = (at - item.sent_at) / 1e6 if item.sent_at else None
        refused = reason >= 0x80 and packet_type != PacketType.PUBCOMP
        text = reason_sentence(reason, packet_type) if refused else ""
        fate = Fate.REFUSED if refused else Fate.ACKNOWLEDGED
        _end(item, fate, reason=reason or item.taken, text=text, milliseconds=milliseconds)
        self._send_waiting()

    # Within.

    def _arrived(self, item: Item) -> None:
        if item.pending:
            item.pending = False
            self._pending_bytes -= item.size

    def _drop(self, item: Item, text: str, fate: Fate = Fate.DROPPED) -> None:
        """It was never sent: the capture says so, too."""
        message = item.delivery.message
        if message:
            self._sink.packet(PacketRow(self._sink.now(), 0, 1, DROPPED, message))
        if fate is Fate.REFUSED:
            self._sink.event("refused", f"not sent: {text}")
        _end(item, fate, text=text)

    def _may_send(self, qos: int) -> bool:
        if self._hand_over is None or self._pending_bytes > MOST_PENDING:
            return False
        if not qos:
            return len(self._on_the_way) < MOST_IN_FLIGHT
        return len(self._unacknowledged) < min(self._limits.receive_maximum, MOST_IN_FLIGHT)

    def _send_waiting(self) -> None:
        before = len(self._waiting)
        while self._waiting and self._may_send(self._waiting[0].outgoing.qos):
            item = self._waiting.popleft()
            objection = self._limits.objection(item.outgoing, item.size)
            if objection:
                self._drop(item, objection, Fate.REFUSED)
            else:
                self._give(item)
        if len(self._waiting) != before:
            self._on_waiting(len(self._waiting))

    def _give(self, item: Item) -> None:
        assert self._hand_over is not None
        item.pending = True
        self._pending_bytes += item.size
        packet_id = self._hand_over(item.outgoing, item.properties)
        if item.outgoing.qos:
            self._unacknowledged[packet_id] = item
        else:
            self._on_the_way.append(item)


def _end(
    item: Item, fate: Fate, *, reason: int | None = None, text: str = "", milliseconds: float | None = None
) -> None:
    delivery = item.delivery
    delivery.fate, delivery.reason, delivery.text = fate, reason, text
    delivery.milliseconds = milliseconds
    if not delivery.done.done():
        delivery.done.set_result(fate)
