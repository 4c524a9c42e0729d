"""The trace: control packets of one connection, both ways, as rows; it changes nothing.

Acknowledgements of inbound messages name their messages while there are fewer than a thousand a
second; what exceeds that becomes one row a second with their number.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from mqttx_tui.model.message import SUMMARY, PacketRow
from mqttx_tui.model.topics import MAX_TOPIC_BYTES
from mqttx_tui.session.base import Sink
from mqttx_tui.session.outbox import Outbox
from mqttx_tui.session.ws_trace import WireRows
from mqttx_tui.wire.framing import packet_size
from mqttx_tui.wire.packets import Packet, PacketType, Puback, Pubcomp, Pubrec
from mqttx_tui.wire.publishes import PUBCOMP, Receipt, acknowledgements

IN, OUT = 0, 1
MAX_ACKNOWLEDGEMENTS = 1000
"""Rows a second."""

PUBLISH_HEAD = 4096
"""Bytes kept of a PUBLISH of ours; its payload stands in its message."""

_PUBLISH_SEEN = 5 + 2 + MAX_TOPIC_BYTES + 2
"""Bytes of it that are looked at: the packet identifier follows the topic."""

OTHER_HEAD = 1024 * 1024
_PUBREL = 0x62
"""The first byte of a PUBREL (MQTT 5.0 §3.6.1)."""
_SECOND = 1_000_000_000


class PacketHeads:
    """Cuts a stream of paho's bytes into (first bytes, size) of each packet."""

    def __init__(self) -> None:
        self._head = bytearray()
        self._size = 0
        self._left = 0

    @property
    def between(self) -> bool:
        """Whether the stream stands between two packets."""
        return not self._head

    def feed(self, data: bytes) -> list[tuple[bytes, int]]:
        """The packets that ``data`` completes."""
        found: list[tuple[bytes, int]] = []
        pos, total = 0, len(data)
        while pos < total:
            if not self._left:
                pos = self._begin(data, pos, found)
                continue
            step = min(self._left, total - pos)
            limit = _PUBLISH_SEEN if self._head[0] >> 4 == PacketType.PUBLISH else OTHER_HEAD
            room = limit - len(self._head)
            if room > 0:
                self._head += data[pos : pos + min(step, room)]
            self._left -= step
            pos += step
            if not self._left:
                self._finish(found)
        return found

    def _begin(self, data: bytes, pos: int, found: list[tuple[bytes, int]]) -> int:
        """Read on until the packet's size is known; returns where to go on."""
        self._head.append(data[pos])
        self._size = packet_size(bytes(self._head))
        if self._size:
            self._left = self._size - len(self._head)
            if not self._left:
                self._finish(found)
        return pos + 1

    def _finish(self, found: list[tuple[bytes, int]]) -> None:
        found.append((bytes(self._head), self._size))
        self._head.clear()
        self._size = 0


class Trace:
    """One connection's packets, recorded as they pass."""

    def __init__(self, sink: Sink, outbox: Outbox, on_round_trip: Callable[[float], None]) -> None:
        self.wire = WireRows(sink)
        """Told of what passes below, where that is a WebSocket."""
        self._sink = sink
        self._heads_out = b""
        """Heads of the frames that carried what paho has begun; nothing without WebSocket."""
        self._outbox = outbox
        self._on_round_trip = on_round_trip
        self._heads = PacketHeads()
        self._pinged: float | None = None
        self._second = 0
        self._rows = 0
        self._more = [0, 0]
        self._more_at = 0

    @property
    def pinging(self) -> bool:
        """Whether a PINGREQ waits for its PINGRESP."""
        return self._pinged is not None

    @property
    def between_packets(self) -> bool:
        """Whether all of the packet that paho began last was handed to the link."""
        return self._heads.between

    @property
    def _past_paho(self) -> bytes:
        """Heads of the frame that carried what was just given to be sent past paho; unknown where that waits
        behind a packet of paho's."""
        return self.wire.sent if self.between_packets else b""

    def outbound(self, data: bytes) -> None:
        """These bytes of paho's were handed to the link."""
        packets = self._heads.feed(data)
        frame = self.wire.sent
        first, self._heads_out = self._heads_out + frame, b"" if self._heads.between else frame
        if not packets:
            self._heads_out = first
            return
        at = self._sink.now()
        for head, size in packets:
            kind = head[0] >> 4
            if kind == PacketType.PUBLISH:
                self._published(head, size, at, first)
            else:
                self._sent(kind, head, at, first)
            first = frame

    def _published(self, head: bytes, size: int, at: int, frame: bytes) -> None:
        qos = head[0] >> 1 & 3
        start = _after_length(head)
        name_end = start + 2 + int.from_bytes(head[start : start + 2], "big")
        packet_id = int.from_bytes(head[name_end : name_end + 2], "big") if qos else 0
        item = self._outbox.handed_over(qos, packet_id, at)
        secret = item is not None and item.outgoing.secret
        message = item.delivery.message or None if item is not None else None
        raw = b"" if secret else head[:PUBLISH_HEAD]
        self._sink.packet(
            PacketRow(
                *(at, 0, OUT, PacketType.PUBLISH, message, packet_id or None), raw=raw, size=size, frame=frame
            )
        )

    def _sent(self, kind: int, head: bytes, at: int, frame: bytes) -> None:
        message = packet_id = None
        if kind == PacketType.PINGREQ:
            self._pinged = time.perf_counter()
        elif kind == PacketType.PUBREL:
            packet_id = int.from_bytes(head[2:4], "big")
            message = self._outbox.message_of(packet_id)
        elif kind in (PacketType.SUBSCRIBE, PacketType.UNSUBSCRIBE):
            start = _after_length(head)
            packet_id = int.from_bytes(head[start : start + 2], "big")
        self._sink.packet(PacketRow(at, 0, OUT, kind, message, packet_id, raw=head, frame=frame))

    def sent(self, raw: bytes, reason: int) -> None:
        """A whole packet of ours went past paho (AUTH)."""
        at, frame = self._sink.now(), self._past_paho
        self._sink.packet(PacketRow(at, 0, OUT, raw[0] >> 4, reason=reason, raw=raw, frame=frame))

    def inbound(self, packet: Packet, raw: bytes, at: int) -> None:
        """This packet came from the broker."""
        packet_id = getattr(packet, "packet_id", None)
        message = None
        if isinstance(packet, Puback | Pubrec | Pubcomp):
            message = self._outbox.message_of(packet.packet_id)
        elif packet.type == PacketType.PINGRESP and self._pinged is not None:
            self._on_round_trip((time.perf_counter() - self._pinged) * 1000)
            self._pinged = None
        reason = getattr(packet, "reason", None)
        frame = self.wire.frame_of(raw[0], len(raw))
        self._sink.packet(PacketRow(at, 0, IN, packet.type, message, packet_id, reason, raw=raw, frame=frame))

    def undecodable(self, kind: int, raw: bytes, at: int) -> None:
        """Something came that is no packet."""
        self._sink.packet(PacketRow(at, 0, IN, kind, raw=raw[:OTHER_HEAD]))

    def answered(
        self, receipts: list[Receipt], first_id: int, at: int, version: int, releases: dict[int, bytes]
    ) -> None:
        """Inbound messages were acknowledged; ``first_id`` is the id of the batch's first row.

        ``releases`` are PUBRELs that say more than their packet identifier; they are taken out.
        """
        self.look(at)
        frame = self._past_paho
        room = max(MAX_ACKNOWLEDGEMENTS - self._rows, 0)
        self._rows += len(receipts)
        for receipt in receipts[:room]:
            kind, packet_id, row = receipt
            message = first_id + row if row >= 0 else None
            raw = acknowledgements([receipt], version)
            if kind == PUBCOMP:
                self._released(packet_id, releases.get(packet_id), at)
            self._sink.packet(PacketRow(at, 0, OUT, kind >> 4, message, packet_id, raw=raw, frame=frame))
        releases.clear()
        if len(receipts) > room:
            self._more_at = at
            self._more[OUT] += len(receipts) - room
            self._more[IN] += sum(1 for receipt in receipts[room:] if receipt[0] == PUBCOMP)

    def _released(self, packet_id: int, raw: bytes | None, at: int) -> None:
        """A PUBREL came; ``raw`` is None for a plain one."""
        reason = None
        if raw is None:
            raw = bytes((_PUBREL, 2, *packet_id.to_bytes(2, "big")))
        else:
            tail = raw[_after_length(raw) + 2 :]
            reason = tail[0] if tail else None
        frame = self.wire.frame_of(raw[0], len(raw))
        self._sink.packet(
            PacketRow(at, 0, IN, PacketType.PUBREL, None, packet_id, reason, raw=raw, frame=frame)
        )

    def look(self, at: int) -> None:
        """Where a second is over, tell of it; called now and then."""
        if at // _SECOND != self._second:
            self.end()
            self._second, self._rows = at // _SECOND, 0

    def end(self) -> None:
        """Tell of what was only counted so far."""
        for direction in (IN, OUT):
            if self._more[direction]:
                self._sink.packet(
                    PacketRow(self._more_at, 0, direction, SUMMARY, count=self._more[direction])
                )
        self._more = [0, 0]


def _after_length(head: bytes) -> int:
    """Where the remaining length ends (MQTT 5.0 §2.1.4)."""
    start = 2
    while head[start - 1] >= 0x80:
        start += 1
    return start
