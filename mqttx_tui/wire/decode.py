"""Raw packets to values, strictly (MQTT 5.0 §3, MQTT 3.1.1 §3, MQTT 3.1)."""

from __future__ import annotations

from collections.abc import Callable

from mqttx_tui.wire.cursor import Cursor, Field
from mqttx_tui.wire.decode_connect import connack, connect
from mqttx_tui.wire.decode_parts import flag_bits, properties, reason, wildcard_free
from mqttx_tui.wire.errors import MalformedPacket
from mqttx_tui.wire.framing import packet_size
from mqttx_tui.wire.packets import (
    V5,
    V31,
    V311,
    Acknowledgement,
    Auth,
    Disconnect,
    Packet,
    PacketType,
    Pingreq,
    Pingresp,
    Puback,
    Pubcomp,
    Publish,
    Pubrec,
    Pubrel,
    Suback,
    Subscribe,
    Subscription,
    Unsuback,
    Unsubscribe,
)

_ACKNOWLEDGEMENTS: dict[int, type[Acknowledgement]] = {
    PacketType.PUBACK: Puback,
    PacketType.PUBREC: Pubrec,
    PacketType.PUBREL: Pubrel,
    PacketType.PUBCOMP: Pubcomp,
}
_FLAGS = {PacketType.PUBREL: 2, PacketType.SUBSCRIBE: 2, PacketType.UNSUBSCRIBE: 2}


def decode(raw: bytes, version: int, *, fields: list[Field] | None = None) -> Packet:
    """One whole packet, fixed header included, as a value.

    ``version`` is 3, 4 or 5; CONNECT brings its own. With ``fields`` every part is recorded there
    with its bytes, also when decoding fails half-way. Raises ``MalformedPacket``.
    """
    cursor = Cursor(raw, 0, len(raw), fields)
    first = cursor.byte("packet type and flags")
    size = packet_size(raw)
    if not size:
        raise cursor.fail("the remaining length", len(raw))
    cursor.pos = 2
    while raw[cursor.pos - 1] >= 0x80:
        cursor.pos += 1
    cursor.note("remaining length", size - cursor.pos, 1)
    if size != len(raw):
        raise cursor.fail(f"a packet of {size} bytes, not {len(raw)}", 1)
    kind, flags = first >> 4, first & 15
    if not kind or (kind == PacketType.AUTH and version < V5):
        raise cursor.fail(f"a packet type, not {kind}", 0)
    packet = PacketType(kind)
    if packet is PacketType.PUBLISH:
        return _publish(cursor, flags, version)
    wanted = _FLAGS.get(packet, 0)
    dup = 8 if version == V31 and wanted else 0
    if flags & ~dup != wanted:
        raise cursor.fail(f"the flags {wanted} for {packet.name}, not {flags}", 0)
    result = _BODIES[packet](cursor, version)
    cursor.done()
    return result


def _publish(cursor: Cursor, flags: int, version: int) -> Publish:
    qos = flags >> 1 & 3
    cursor.note("dup", bool(flags & 8), 0, 1)
    cursor.note("qos", qos, 0, 1)
    cursor.note("retain", bool(flags & 1), 0, 1)
    if qos == 3:
        raise cursor.fail("a QoS of 0, 1 or 2", 0)
    if flags & 8 and not qos:
        raise cursor.fail("no DUP flag with QoS 0", 0)
    start = cursor.pos
    topic = wildcard_free(cursor, cursor.text("topic"), start)
    packet_id = cursor.packet_id() if qos else 0
    found = properties(cursor, PacketType.PUBLISH) if version >= V5 else {}
    if not topic and "topic_alias" not in found:
        raise cursor.protocol_error("a topic name", start)
    payload = cursor.rest("payload")
    return Publish(topic, payload, qos, bool(flags & 1), bool(flags & 8), packet_id, found)


def _acknowledgement(kind: PacketType) -> Callable[[Cursor, int], Packet]:
    make = _ACKNOWLEDGEMENTS[kind]

    def body(cursor: Cursor, version: int) -> Packet:
        packet_id = cursor.packet_id()
        if version < V5 or not cursor.left:
            return make(packet_id)
        code = reason(cursor, kind)
        return make(packet_id, code, properties(cursor, kind) if cursor.left else {})

    return body


def _subscribe(cursor: Cursor, version: int) -> Subscribe:
    packet_id = cursor.packet_id()
    found = properties(cursor, PacketType.SUBSCRIBE) if version >= V5 else {}
    asked: list[Subscription] = []
    while cursor.left or not asked:
        asked.append(_subscription(cursor, version))
    return Subscribe(packet_id, tuple(asked), found)


def _subscription(cursor: Cursor, version: int) -> Subscription:
    start = cursor.pos
    name = cursor.text("topic filter")
    if not name:
        raise cursor.protocol_error("a topic filter", start)
    at = cursor.pos
    options = cursor.byte("options")
    qos, handling = options & 3, options >> 4 & 3
    if qos == 3:
        raise cursor.protocol_error("a QoS of 0, 1 or 2", at)
    if options & (0xC0 if version >= V5 else 0xFC):
        raise cursor.fail("the reserved bits to be 0", at)
    if version < V5:
        return Subscription(name, qos)
    if handling == 3:
        raise cursor.protocol_error("a retain handling of 0, 1 or 2", at)
    result = Subscription(name, qos, bool(options & 4), bool(options & 8), handling)
    if result.no_local and name.startswith("$share/"):
        raise cursor.protocol_error("no No Local with a shared subscription", at)
    flag_bits(
        cursor,
        at,
        {
            "qos": qos,
            "no local": result.no_local,
            "retain as published": result.retain_as_published,
            "retain handling": handling,
        },
    )
    return result


def _suback(cursor: Cursor, version: int) -> Suback:
    packet_id = cursor.packet_id()
    found = properties(cursor, PacketType.SUBACK) if version >= V5 else {}
    reasons: list[int] = []
    while cursor.left or not reasons:
        at = cursor.pos
        code = reason(cursor, PacketType.SUBACK, version)
        if version < V5 and code not in (0, 1, 2, 0x80):
            raise cursor.fail("a return code of 0, 1, 2 or 128", at)
        reasons.append(code)
    return Suback(packet_id, tuple(reasons), found)


def _unsubscribe(cursor: Cursor, version: int) -> Unsubscribe:
    packet_id = cursor.packet_id()
    found = properties(cursor, PacketType.UNSUBSCRIBE) if version >= V5 else {}
    filters: list[str] = []
    while cursor.left or not filters:
        start = cursor.pos
        filters.append(cursor.text("topic filter"))
        if not filters[-1]:
            raise cursor.protocol_error("a topic filter", start)
    return Unsubscribe(packet_id, tuple(filters), found)


def _unsuback(cursor: Cursor, version: int) -> Unsuback:
    packet_id = cursor.packet_id()
    if version < V5:
        return Unsuback(packet_id)
    found = properties(cursor, PacketType.UNSUBACK)
    reasons: list[int] = []
    while cursor.left or not reasons:
        reasons.append(reason(cursor, PacketType.UNSUBACK))
    return Unsuback(packet_id, tuple(reasons), found)


def _disconnect(cursor: Cursor, version: int) -> Disconnect:
    if version < V5 or not cursor.left:
        return Disconnect()
    code = reason(cursor, PacketType.DISCONNECT)
    return Disconnect(code, properties(cursor, PacketType.DISCONNECT) if cursor.left else {})


def _auth(cursor: Cursor, version: int) -> Auth:
    if not cursor.left:
        return Auth()
    code = reason(cursor, PacketType.AUTH)
    return Auth(code, properties(cursor, PacketType.AUTH) if cursor.left else {})


_BODIES: dict[PacketType, Callable[[Cursor, int], Packet]] = {
    PacketType.CONNECT: connect,
    PacketType.CONNACK: connack,
    **{PacketType(kind): _acknowledgement(PacketType(kind)) for kind in _ACKNOWLEDGEMENTS},
    PacketType.SUBSCRIBE: _subscribe,
    PacketType.SUBACK: _suback,
    PacketType.UNSUBSCRIBE: _unsubscribe,
    PacketType.UNSUBACK: _unsuback,
    PacketType.PINGREQ: lambda cursor, version: Pingreq(),
    PacketType.PINGRESP: lambda cursor, version: Pingresp(),
    PacketType.DISCONNECT: _disconnect,
    PacketType.AUTH: _auth,
}

__all__ = ["V5", "V31", "V311", "MalformedPacket", "decode"]
