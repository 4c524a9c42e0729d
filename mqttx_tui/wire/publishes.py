"""The hot path: a subscriber's inbound PUBLISH and PUBREL packets taken apart in batches.

Plain tuples, local names, one dictionary look-up for each topic. What is neither PUBLISH nor PUBREL
is handed back raw, in order (MQTT 5.0 §3.3, §3.6, §4.3).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from mqttx_tui.model.topics import EXCLUDED
from mqttx_tui.wire.cursor import Cursor, check_text
from mqttx_tui.wire.decode import decode
from mqttx_tui.wire.errors import (
    PACKET_TOO_LARGE,
    PROTOCOL_ERROR,
    TOPIC_ALIAS_INVALID,
    TOPIC_NAME_INVALID,
    MalformedPacket,
)
from mqttx_tui.wire.framing import MAX_PACKET, packet_size, too_large
from mqttx_tui.wire.packets import PacketType, Pubrel
from mqttx_tui.wire.properties import decode_properties
from mqttx_tui.wire.scan import UNSURE, quick_alias

NO_ROW = -1
"""Stands for the row of a receipt that has none."""

NOT_HELD = -2
"""Stands for it in the answer to a PUBREL for which no message was held."""

PACKET_ID_NOT_FOUND = 0x92

TakenRow = tuple[int, int, int, int, bytes, bytes | None]
"""(at, topic id, flags = low nibble of the first byte, size on the wire, payload, raw properties)."""

Receipt = tuple[int, int, int]
"""(first byte of the packet to answer with: 0x40 PUBACK, 0x50 PUBREC, 0x70 PUBCOMP;
packet id; index of the row in the batch, or ``NO_ROW`` (an excluded message, a duplicate, PUBCOMP),
or ``NOT_HELD``)."""

PUBACK, PUBREC, PUBCOMP = 0x40, 0x50, 0x70

_PUBLISH = 3
_PLAIN_RELEASE = 4
"""Bytes of a PUBREL that is nothing but a packet id."""
_KNOWN_PROPERTIES = 1024
_KNOWN_SIZE = 256
_FROM_SERVER = frozenset({0x20, 0x40, 0x50, 0x70, 0x90, 0xB0, 0xD0, 0xE0, 0xF0})


class Other(NamedTuple):
    """A packet that is not the hot path's: its type and its bytes."""

    type: int
    raw: bytes


class Taken(NamedTuple):
    """What one call took. ``end`` is where the next call goes on.

    ``more`` says whether the call stopped at its limit (whole packets may follow); otherwise what
    follows ``end`` is less than a packet. ``excluded`` counts messages of excluded topics,
    ``duplicates`` QoS 2 messages that were delivered before. After ``error`` the link must end, but
    what was taken before it is good.
    """

    end: int
    rows: list[TakenRow]
    receipts: list[Receipt]
    others: list[Other]
    excluded: int
    duplicates: int
    more: bool
    error: MalformedPacket | None


class Inbound:
    """What must be known between packets of one connection.

    ``topics`` maps topic bytes to ids; ``miss`` is called once for a topic that is not in it, with
    its text, after the standard's checks, and returns the id or ``None`` to exclude it (remembered
    as ``EXCLUDED``; give another ``topics`` for what should be asked for again). ``held`` are the packet
    ids of QoS 2 messages not yet released: it outlives the connection while the session does.
    ``releases`` are the bytes of PUBRELs that say more than a packet id, by that id, until the caller
    clears them.
    """

    __slots__ = (
        *("alias_maximum", "aliases", "held", "known", "max_packet", "miss", "releases", "topics"),
        "version",
    )

    def __init__(
        self,
        version: int,
        topics: dict[bytes, int],
        miss: Callable[[str], int | None],
        *,
        held: set[int] | None = None,
        alias_maximum: int = 0,
        max_packet: int = MAX_PACKET,
    ) -> None:
        self.version = version
        self.topics = topics
        self.miss = miss
        self.held: set[int] = set() if held is None else held
        self.alias_maximum = alias_maximum
        self.aliases: dict[int, bytes] = {}
        self.max_packet = max_packet
        self.known: dict[bytes, int] = {}
        self.releases: dict[int, bytes] = {}

    def new_topic(self, key: bytes, position: int) -> int:
        """The id of a topic met for the first time; raises ``MalformedPacket`` for a bad name."""
        if not key:
            raise MalformedPacket(position - 2, "a topic name", reason=PROTOCOL_ERROR)
        name = check_text(key, "the topic", position)
        for wildcard in (b"+", b"#"):
            if wildcard in key:
                at = position + key.index(wildcard)
                raise MalformedPacket(at, "a topic name without wildcards", reason=TOPIC_NAME_INVALID)
        number = self.miss(name)
        self.topics[key] = number = EXCLUDED if number is None else number
        return number

    def _alias_of(self, raw: bytes, position: int) -> int:
        """The topic alias in raw PUBLISH properties (0: none), checked, and remembered by content."""
        number = quick_alias(raw)
        if number == UNSURE:
            number = decode_properties(raw, _PUBLISH, base=position).get("topic_alias", 0)
        if number > self.alias_maximum:
            allowed = f"a topic alias from 1 to {self.alias_maximum}"
            expected = allowed if self.alias_maximum else "no topic alias: none was offered"
            raise MalformedPacket(position, expected, reason=TOPIC_ALIAS_INVALID)
        if len(raw) <= _KNOWN_SIZE:
            if len(self.known) >= _KNOWN_PROPERTIES:
                self.known.clear()
            self.known[raw] = number
        return number

    def _resolve(self, alias: int, key: bytes, position: int) -> bytes:
        """The topic for ``alias``; a topic beside it sets the alias (MQTT 5.0 §3.3.2.3.4)."""
        if key:
            self.aliases[alias] = key
            return key
        found = self.aliases.get(alias)
        if found is None:
            raise MalformedPacket(position, f"alias {alias} to be known", reason=TOPIC_ALIAS_INVALID)
        return found

    def properties(
        self, data: bytes, begin: int, end: int, key: bytes, pos: int
    ) -> tuple[int, bytes | None, bytes]:
        """(start of the payload, raw properties, topic bytes) of the PUBLISH at ``pos``.

        ``begin`` is where the property length stands, ``key`` the topic as sent (empty: by alias).
        """
        cursor = Cursor(data, begin, end, base=-pos)
        length = cursor.varint("the property length")
        begin = cursor.pos
        stop = begin + length
        if stop > end:
            raise MalformedPacket(begin - pos, f"{length} bytes of properties")
        raw = data[begin:stop]
        alias = self.known.get(raw)
        if alias is None:
            alias = self._alias_of(raw, begin - pos)
        if alias:
            key = self._resolve(alias, key, begin - pos)
        return stop, raw or None, key

    def receive(self, first: int, data: bytes, at: int, pos: int, receipts: list[Receipt], row: int) -> bool:
        """Add the receipt of a PUBLISH of QoS 1 or 2; False for a QoS 2 duplicate.

        ``at`` is where the packet identifier stands, ``pos`` where the packet starts. Raises
        ``MalformedPacket`` for the flags that the standard forbids (MQTT 5.0 §3.3.1).
        """
        qos = first & 6
        if qos == 6:
            raise MalformedPacket(0, "a QoS of 0, 1 or 2")
        if not qos:
            raise MalformedPacket(0, "no DUP flag with QoS 0")
        packet_id = data[at] << 8 | data[at + 1]
        if not packet_id:
            raise MalformedPacket(at - pos, "a packet identifier other than 0", reason=PROTOCOL_ERROR)
        if qos == 2:
            receipts.append((PUBACK, packet_id, row))
            return True
        new = packet_id not in self.held
        self.held.add(packet_id)
        receipts.append((PUBREC, packet_id, row if new else NO_ROW))
        return new

    def release(self, raw: bytes) -> Receipt:
        """The answer to a PUBREL, whose message is no longer held."""
        packet = decode(raw, self.version)
        assert isinstance(packet, Pubrel)
        if len(raw) > _PLAIN_RELEASE:
            self.releases[packet.packet_id] = raw
        if packet.packet_id in self.held:
            self.held.remove(packet.packet_id)
            return PUBCOMP, packet.packet_id, NO_ROW
        return PUBCOMP, packet.packet_id, NOT_HELD


def take(inbound: Inbound, data: bytes, start: int, at: int, limit: int = 1024) -> Taken:
    """Take at most ``limit`` packets of ``data`` apart, from ``start`` on.

    ``at`` is the time stamp of this read. Never raises for what ``data`` holds: see ``Taken.error``.
    Callers loop until their deadline and give what follows ``end`` to ``framing.Carry.keep``.
    """
    rows: list[TakenRow] = []
    receipts: list[Receipt] = []
    others: list[Other] = []
    add, get, version5 = rows.append, inbound.topics.get, inbound.version >= 5
    total, pos, left, excluded, duplicates = len(data), start, limit, 0, 0
    short = min(0x80, inbound.max_packet - 1)
    error = None
    try:
        while left and pos + 2 <= total:
            first = data[pos]
            body = pos + 2
            end = body + data[pos + 1]
            if end - body >= short:
                body, end = _long(data, pos, inbound.max_packet)
            if end > total:
                break
            left -= 1
            if first & 0xF0 != 0x30:
                _other(inbound, data[pos:end], receipts, others)
                pos = end
                continue
            name_end = body + 2 + (data[body] << 8 | data[body + 1])
            key = data[body + 2 : name_end]
            begin = name_end + 2 if first & 6 else name_end
            properties = None
            if version5:
                if data[begin]:
                    begin, properties, key = inbound.properties(data, begin, end, key, pos)
                else:
                    begin += 1
            if begin > end:
                raise MalformedPacket(end - pos, "a longer PUBLISH")
            topic = get(key)
            if topic is None:
                topic = inbound.new_topic(key, body + 2 - pos)
            if first & 14:
                row = len(rows) if topic >= 0 else NO_ROW
                if not inbound.receive(first, data, name_end, pos, receipts, row):
                    duplicates += 1
                    pos = end
                    continue
            if topic >= 0:
                add((at, topic, first & 15, end - pos, data[begin:end], properties))
            else:
                excluded += 1
            pos = end
    except MalformedPacket as problem:
        error = _by_field(inbound.version, data[pos:end], problem)
    except IndexError as problem:
        if problem.__traceback__ is None or problem.__traceback__.tb_next is not None:
            raise
        error = _by_field(inbound.version, data[pos:end], MalformedPacket(total - pos, "a longer PUBLISH"))
    return Taken(pos, rows, receipts, others, excluded, duplicates, not left, error)


def _by_field(version: int, raw: bytes, problem: MalformedPacket) -> MalformedPacket:
    """What the strict decoder says of a PUBLISH: it names the first field that is wrong. Where it finds
    none (a topic alias is right or wrong by what was agreed on), or cannot know, ``problem``."""
    if raw[:1] and raw[0] & 0xF0 == 0x30 and problem.reason != PACKET_TOO_LARGE:
        try:
            decode(raw, version)
        except MalformedPacket as found:
            return found
    return problem


def _long(data: bytes, pos: int, largest: int) -> tuple[int, int]:
    """Where the body starts and the packet ends; the end lies past ``data`` while that is unknown."""
    if pos + 2 < len(data) and data[pos + 1] >= 0x80 > data[pos + 2]:
        # Two bytes of length: most packets of up to 16 kB.
        end = pos + 3 + (data[pos + 1] & 0x7F | data[pos + 2] << 7)
        if end - pos <= largest:
            return pos + 3, end
    size = packet_size(data, pos)
    if size > largest:
        raise too_large(size, largest)
    if not size:
        return pos, len(data) + 1
    body = pos + 2
    while data[body - 1] >= 0x80:
        body += 1
    return body, pos + size


def _other(inbound: Inbound, raw: bytes, receipts: list[Receipt], others: list[Other]) -> None:
    first = raw[0]
    if first & 0xF0 == 0x60:
        receipts.append(inbound.release(raw))
        return
    if not first & 0xF0 or (first == 0xF0 and inbound.version < 5):
        raise MalformedPacket(0, f"a packet type, not {first >> 4}")
    if first not in _FROM_SERVER:
        if first & 0xF0 in _FROM_SERVER:
            raise MalformedPacket(0, f"the flags 0 for {PacketType(first >> 4).name}, not {first & 15}")
        raise MalformedPacket(0, f"no {PacketType(first >> 4).name} from a broker", reason=PROTOCOL_ERROR)
    if first == 0xE0 and inbound.version < 5:
        raise MalformedPacket(0, "no DISCONNECT from a broker", reason=PROTOCOL_ERROR)
    others.append(Other(first >> 4, raw))


def acknowledgements(receipts: list[Receipt], version: int) -> bytes:
    """The packets that answer a batch, as one write. From 5 on, a PUBCOMP may say 0x92."""
    out = bytearray()
    for answer, packet_id, row in receipts:
        if row == NOT_HELD and version >= 5:
            out += bytes((answer, 3, packet_id >> 8, packet_id & 0xFF, PACKET_ID_NOT_FOUND))
        else:
            out += bytes((answer, 2, packet_id >> 8, packet_id & 0xFF))
    return bytes(out)
