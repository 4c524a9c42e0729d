"""Any packet of any version, for property tests."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from mqttx_tui.wire.packets import (
    V5,
    V31,
    V311,
    Auth,
    Connack,
    Connect,
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
    Will,
)
from mqttx_tui.wire.properties import PROPERTIES, WILL, Kind
from mqttx_tui.wire.reasons import KNOWN_REASONS, may_hold

versions = st.sampled_from([V31, V311, V5])
_characters = st.characters(exclude_characters="\0", exclude_categories=["Cs"])
text = st.text(_characters, max_size=12)
names = st.text(st.characters(exclude_characters="\0+#", exclude_categories=["Cs"]), min_size=1, max_size=12)
filters = st.text(_characters, min_size=1, max_size=12)
blobs = st.binary(max_size=20)
packet_ids = st.integers(1, 65_535)
qos = st.integers(0, 2)


def reasons(packet: int) -> st.SearchStrategy[int]:
    """A reason code that ``packet`` may hold."""
    return st.sampled_from([code for code in sorted(KNOWN_REASONS) if may_hold(packet, code)])


_VALUES: dict[Kind, st.SearchStrategy[Any]] = {
    Kind.FLAG: st.booleans(),
    Kind.BIT: st.integers(0, 1),
    Kind.SHORT: st.integers(1, 65_535),
    Kind.WORD: st.integers(1, 2**32 - 1),
    Kind.VARINT: st.lists(st.integers(1, 268_435_455), min_size=1, max_size=3).map(tuple),
    Kind.TEXT: text,
    Kind.BINARY: blobs,
    Kind.PAIR: st.lists(st.tuples(text, text), min_size=1, max_size=3).map(tuple),
}


def properties(packet: int, version: int) -> st.SearchStrategy[dict[str, Any]]:
    """Properties that ``packet`` may hold."""
    if version < V5:
        return st.just({})
    allowed = {row.name: _VALUES[row.kind] for row in PROPERTIES if packet in row.packets}
    if packet == PacketType.SUBSCRIBE:
        allowed["subscription_identifier"] = st.integers(1, 268_435_455).map(lambda one: (one,))
    return st.fixed_dictionaries({}, optional=allowed)


@st.composite
def connects(draw: st.DrawFn, version: int) -> Connect:
    will = None
    if draw(st.booleans()):
        will = Will(draw(names), draw(blobs), draw(qos), draw(st.booleans()), draw(properties(WILL, version)))
    username = draw(st.none() | text)
    password = draw(st.none() | blobs) if username is not None or version == V5 else None
    found = draw(properties(PacketType.CONNECT, version))
    if "authentication_data" in found:
        found.setdefault("authentication_method", "SCRAM-SHA-1")
    keepalive = draw(st.integers(0, 65_535))
    return Connect(draw(text), version, draw(st.booleans()), keepalive, username, password, will, found)


@st.composite
def publishes(draw: st.DrawFn, version: int) -> Publish:
    level = draw(qos)
    found = draw(properties(PacketType.PUBLISH, version))
    topic = draw(names | st.just("")) if "topic_alias" in found else draw(names)
    return Publish(
        topic,
        draw(blobs),
        level,
        draw(st.booleans()),
        draw(st.booleans()) if level else False,
        draw(packet_ids) if level else 0,
        found,
    )


@st.composite
def connacks(draw: st.DrawFn, version: int) -> Connack:
    reason = draw(reasons(PacketType.CONNACK) if version == V5 else st.integers(0, 5))
    present = draw(st.booleans()) if version == V311 or (version == V5 and not reason) else False
    return Connack(reason, present, draw(properties(PacketType.CONNACK, version)))


@st.composite
def acknowledgements(draw: st.DrawFn, version: int) -> Packet:
    kind: Any = draw(st.sampled_from([Puback, Pubrec, Pubrel, Pubcomp]))
    reason = draw(reasons(kind.type)) if version == V5 else 0
    packet: Packet = kind(draw(packet_ids), reason, draw(properties(kind.type, version)))
    return packet


@st.composite
def subscribes(draw: st.DrawFn, version: int) -> Subscribe:
    def one() -> Subscription:
        if version < V5:
            return Subscription(draw(filters), draw(qos))
        name = draw(filters)
        local = draw(st.booleans()) and not name.startswith("$share/")
        return Subscription(name, draw(qos), local, draw(st.booleans()), draw(st.integers(0, 2)))

    asked = tuple(one() for _ in range(draw(st.integers(1, 3))))
    return Subscribe(draw(packet_ids), asked, draw(properties(PacketType.SUBSCRIBE, version)))


@st.composite
def subacks(draw: st.DrawFn, version: int) -> Suback:
    codes = reasons(PacketType.SUBACK) if version == V5 else st.sampled_from([0, 1, 2, 0x80])
    found = tuple(draw(st.lists(codes, min_size=1, max_size=3)))
    return Suback(draw(packet_ids), found, draw(properties(PacketType.SUBACK, version)))


@st.composite
def unsubscribes(draw: st.DrawFn, version: int) -> Packet:
    if draw(st.booleans()):
        asked = tuple(draw(st.lists(filters, min_size=1, max_size=3)))
        return Unsubscribe(draw(packet_ids), asked, draw(properties(PacketType.UNSUBSCRIBE, version)))
    given = st.lists(reasons(PacketType.UNSUBACK), min_size=1, max_size=3)
    codes = tuple(draw(given)) if version == V5 else ()
    return Unsuback(draw(packet_ids), codes, draw(properties(PacketType.UNSUBACK, version)))


@st.composite
def small(draw: st.DrawFn, version: int) -> Packet:
    if version < V5 or draw(st.booleans()):
        plain: list[Packet] = [Pingreq(), Pingresp(), Disconnect()]
        return draw(st.sampled_from(plain))
    kind: Any = draw(st.sampled_from([Disconnect, Auth]))
    packet: Packet = kind(draw(reasons(kind.type)), draw(properties(kind.type, version)))
    return packet


def packets(version: int) -> st.SearchStrategy[Packet]:
    """Any packet of ``version``."""
    return st.one_of(
        connects(version),
        connacks(version),
        publishes(version),
        acknowledgements(version),
        subscribes(version),
        subacks(version),
        unsubscribes(version),
        small(version),
    )


def packets_of(kind: PacketType, version: int) -> st.SearchStrategy[Packet]:
    """Any packet of one type."""
    makers: dict[int, Any] = {
        PacketType.CONNECT: connects,
        PacketType.CONNACK: connacks,
        PacketType.PUBLISH: publishes,
        PacketType.SUBSCRIBE: subscribes,
        PacketType.SUBACK: subacks,
        PacketType.UNSUBSCRIBE: unsubscribes,
        PacketType.UNSUBACK: unsubscribes,
        **dict.fromkeys((4, 5, 6, 7), acknowledgements),
    }
    found: st.SearchStrategy[Packet] = makers.get(kind, small)(version)
    return found.filter(lambda packet: packet.type is kind)


@st.composite
def packets_with_version(draw: st.DrawFn) -> tuple[Packet, int]:
    """A packet and its version."""
    version = draw(versions)
    return draw(packets(version)), version


@st.composite
def cuts(draw: st.DrawFn, data: bytes) -> list[bytes]:
    """``data`` in arbitrary chunks, none empty."""
    points = sorted(draw(st.sets(st.integers(1, max(len(data) - 1, 1)), max_size=8)))
    edges = [0, *[point for point in points if point < len(data)], len(data)]
    return [data[a:b] for a, b in pairwise(edges) if a < b]
