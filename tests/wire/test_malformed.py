"""Each way in which a packet can be wrong, in each packet: refused with its name and its place (§1.5, §2)."""

from __future__ import annotations

import pytest

from mqttx_tui.wire.decode import decode
from mqttx_tui.wire.errors import (
    MALFORMED,
    PROTOCOL_ERROR,
    TOPIC_ALIAS_INVALID,
    TOPIC_NAME_INVALID,
    MalformedPacket,
)
from mqttx_tui.wire.packets import Packet
from mqttx_tui.wire.packets import PacketType as P
from mqttx_tui.wire.properties import PROPERTIES, WILL, Kind, Property
from mqttx_tui.wire.publishes import Inbound, take
from tests.wire.bodies import AROUND, FIRST, REASON_AT, holding, whole, with_reason
from tests.wire.test_golden import GOLDEN, PROPERTY_BYTES

NAMES = {packet: "WILL" if packet == WILL else P(packet).name for packet in AROUND}
ONCE = [row for row in PROPERTIES if row.kind is not Kind.PAIR]


def refused(raw: bytes, version: int = 5) -> MalformedPacket:
    with pytest.raises(MalformedPacket) as caught:
        decode(raw, version)
    return caught.value


def problem_of(raw: bytes, version: int) -> MalformedPacket | None:
    try:
        decode(raw, version)
    except MalformedPacket as problem:
        return problem
    return None


def one(row: Property) -> bytes:
    """The property's bytes, once."""
    return bytes.fromhex(PROPERTY_BYTES[row.name][0])[: 7 if row.kind is Kind.PAIR else None]


def pairs(allowed: bool) -> list[object]:
    """Every packet with every property that it may (not) hold."""
    return [
        pytest.param(packet, row, id=f"{NAMES[packet]}-{row.name}")
        for packet in AROUND
        for row in PROPERTIES
        if (packet in row.packets) is allowed
    ]


# Properties (§2.2.2)


@pytest.mark.parametrize(("packet", "row"), pairs(allowed=True))
def test_a_property_where_it_belongs(packet: int, row: Property) -> None:
    raw, _ = holding(packet, one(row) if row.name != "authentication_data" else METHOD + one(row))
    decode(raw, 5)


METHOD = bytes.fromhex("15 0001 53")


@pytest.mark.parametrize(("packet", "row"), pairs(allowed=False))
def test_a_property_where_it_does_not_belong(packet: int, row: Property) -> None:
    good = bytes.fromhex("26 0001 61 0001 62")
    raw, start = holding(packet, good + one(row))
    problem = refused(raw)
    assert (problem.position, problem.reason) == (start + len(good), PROTOCOL_ERROR)
    assert row.name in problem.message


@pytest.mark.parametrize(("packet", "row"), pairs(allowed=True))
def test_a_property_twice(packet: int, row: Property) -> None:
    raw, start = holding(packet, one(row) + one(row))
    if row.kind is Kind.PAIR or (row.kind is Kind.VARINT and packet == P.PUBLISH):
        decode(raw, 5)
        return
    problem = refused(raw)
    assert (problem.position, problem.reason) == (start + len(one(row)), PROTOCOL_ERROR)
    assert f"{row.name} once" in problem.message


@pytest.mark.parametrize("packet", AROUND, ids=NAMES.get)
def test_a_property_that_is_none(packet: int) -> None:
    for code in set(range(256)) - {row.code for row in PROPERTIES}:
        raw, start = holding(packet, bytes((code, 0)))
        problem = refused(raw)
        assert (problem.position, problem.reason) == (start, MALFORMED)
        assert f"0x{code:02X}" in problem.message


@pytest.mark.parametrize(("packet", "row"), pairs(allowed=True))
def test_a_property_that_is_cut(packet: int, row: Property) -> None:
    data = one(row)
    for size in range(1, len(data)):
        raw, start = holding(packet, data[:size])
        problem = refused(raw)
        assert start < problem.position <= start + size
        assert problem.reason == MALFORMED
        assert row.name in problem.message


OUT_OF_RANGE = [
    *((row, bytes((row.code, 2)), 1) for row in PROPERTIES if row.kind in (Kind.FLAG, Kind.BIT)),
    *(
        (row, bytes((row.code,)) + bytes(size), 1)
        for row in PROPERTIES
        if row.nonzero
        for size in [{Kind.VARINT: 1, Kind.SHORT: 2, Kind.WORD: 4}[row.kind]]
    ),
]


@pytest.mark.parametrize(("row", "data", "at"), OUT_OF_RANGE, ids=lambda value: getattr(value, "name", ""))
def test_a_value_that_the_property_does_not_have(row: Property, data: bytes, at: int) -> None:
    for packet in row.packets:
        raw, start = holding(packet, data)
        problem = refused(raw)
        reason = TOPIC_ALIAS_INVALID if row.name == "topic_alias" else PROTOCOL_ERROR
        assert (problem.position, problem.reason) == (start + at, reason)
        assert row.name in problem.message


@pytest.mark.parametrize("packet", AROUND, ids=NAMES.get)
@pytest.mark.parametrize(
    ("length", "what"), [("80 00", "fewest bytes"), ("ff ff ff ff 7f", "four bytes"), ("ff 7f", "properties")]
)
def test_a_property_length_that_is_none(packet: int, length: str, what: str) -> None:
    before, after = AROUND[packet]
    raw = whole(FIRST[P(packet or P.CONNECT)], before + bytes.fromhex(length) + after)
    problem = refused(raw)
    wanted = 2 + len(before) + (2 if what == "properties" else 0)
    assert (problem.position, problem.reason) == (wanted, MALFORMED)
    assert what in problem.message


# Text (§1.5.4)


BAD_TEXT = [
    (b"a\xc3\x28", 1, "UTF-8"),
    (b"\xed\xa0\x80", 0, "UTF-8"),
    (b"\xc0\xaf", 0, "UTF-8"),
    (b"\xf4\x90\x80\x80", 0, "UTF-8"),
    (b"ab\0", 2, "U+0000"),
    (b"\xf0\x9f\x98", 0, "UTF-8"),
]
TEXTS = [
    (packet, row)
    for packet in AROUND
    for row in PROPERTIES
    if packet in row.packets and row.kind in (Kind.TEXT, Kind.PAIR)
]


@pytest.mark.parametrize(("text", "at", "what"), BAD_TEXT, ids=repr)
@pytest.mark.parametrize(
    ("packet", "row"), TEXTS, ids=lambda value: str(getattr(value, "name", NAMES.get(value)))
)
def test_text_of_a_property_that_is_no_text(
    packet: int, row: Property, text: bytes, at: int, what: str
) -> None:
    block = len(text).to_bytes(2, "big") + text
    values = [(block, 1)] if row.kind is Kind.TEXT else [(block + b"\0\0", 1), (b"\0\0" + block, 3)]
    for value, skipped in values:
        raw, start = holding(packet, bytes((row.code,)) + value)
        problem = refused(raw)
        assert (problem.position, problem.reason) == (start + skipped + 2 + at, MALFORMED)
        assert what in problem.message
        assert row.name in problem.message


def texts_of_bodies(version: int, text: bytes) -> list[tuple[str, bytes, int]]:
    """(name, packet, where the text starts) of every text outside of properties."""
    block = len(text).to_bytes(2, "big") + text
    none = b"\0" if version == 5 else b""
    name = b"\0\x06MQIsdp\x03" if version == 3 else b"\0\x04MQTT" + bytes((version,))
    head = name + b"\xc6\0\x3c" + none
    will = none + b"\0\x01w\0\0"
    bodies = [
        ("topic", P.PUBLISH, b"", none),
        ("client id", P.CONNECT, name + b"\x02\0\x3c" + none, b""),
        ("will topic", P.CONNECT, name + b"\x06\0\x3c" + none + b"\0\x01c" + none, b"\0\0"),
        ("user name", P.CONNECT, head + b"\0\x01c" + will, b"\0\0"),
        ("topic filter", P.SUBSCRIBE, b"\0\x01" + none, b"\0"),
        ("topic filter", P.UNSUBSCRIBE, b"\0\x01" + none, b""),
    ]
    return [
        (what, whole(FIRST[kind], before + block + after), 2 + len(before) + 2)
        for what, kind, before, after in bodies
    ]


@pytest.mark.parametrize("version", [3, 4, 5])
def test_text_that_is_no_text(version: int) -> None:
    for text, at, what in BAD_TEXT:
        for name, raw, start in texts_of_bodies(version, text):
            problem = refused(raw, version)
            assert (problem.position, problem.reason) == (start + at, MALFORMED), (name, problem)
            assert what in problem.message
            assert name in problem.message


@pytest.mark.parametrize("version", [3, 4, 5])
def test_topic_names(version: int) -> None:
    """No wildcard and not nothing (§3.3.2.1, §4.7.1); a filter may hold wildcards, and is not nothing."""
    for text, at in ((b"a/#", 2), (b"+", 0), ("ä/+/b".encode(), 3)):
        for name, raw, start in texts_of_bodies(version, text):
            if name in ("topic", "will topic"):
                problem = refused(raw, version)
                assert (problem.position, problem.reason) == (start + at, TOPIC_NAME_INVALID)
            else:
                decode(raw, version)
    for name, raw, start in texts_of_bodies(version, b""):
        if name not in ("client id", "user name"):
            problem = refused(raw, version)
            assert (problem.position, problem.reason) == (start - 2, PROTOCOL_ERROR)


# The fixed header (§2.1)


@pytest.mark.parametrize("version", [3, 4, 5])
@pytest.mark.parametrize("kind", [kind for kind in P if kind is not P.PUBLISH], ids=lambda kind: kind.name)
def test_flags(kind: P, version: int) -> None:
    for flags in range(16):
        repeated = version == 3 and FIRST[kind] & 2 and flags & 7 == 2  # 3.1 has DUP there, too
        if flags == FIRST[kind] & 15 or repeated:
            continue
        problem = refused(bytes((kind << 4 | flags, 0)), version)
        assert (problem.position, problem.reason) == (0, MALFORMED)


@pytest.mark.parametrize("version", [3, 4, 5])
def test_flags_of_publish(version: int) -> None:
    for flags in (6, 7, 8, 9, 14, 15):
        body = bytes.fromhex("0001 61 0001 00 00")
        problem = refused(whole(0x30 | flags, body), version)
        assert (problem.position, problem.reason) == (0, MALFORMED)


@pytest.mark.parametrize(("version", "text", "packet"), GOLDEN, ids=lambda value: str(value)[:30])
def test_a_remaining_length_that_is_not_true(version: int, text: str, packet: object) -> None:
    raw = bytes.fromhex(text)
    assert raw[1] < 0x80
    for wrong in {raw[1] - 1, raw[1] + 1, 0x7F} - {-1, raw[1]}:
        problem = refused(raw[:1] + bytes((wrong,)) + raw[2:], version)
        assert (problem.position, problem.reason) == (1, MALFORMED)
        assert f"a packet of {wrong + 2} bytes" in problem.message
    problem = refused(raw[:1] + b"\xff\xff\xff\xff\x01" + raw[2:], version)
    assert (problem.position, problem.reason) == (1, MALFORMED)


@pytest.mark.parametrize(("version", "text", "packet"), GOLDEN, ids=lambda value: str(value)[:30])
def test_a_packet_that_is_cut(version: int, text: str, packet: Packet) -> None:
    """Cut anywhere, with a length that says so: another packet that is well formed, or refused by place."""
    raw = bytes.fromhex(text)
    for size in range(len(raw) - 2):
        cut = whole(raw[0], raw[2 : 2 + size])
        problem = problem_of(cut, version)
        if problem is not None:
            assert 1 < problem.position <= len(cut)
        else:  # a refusal is taken without properties, too, and they were none here
            assert packet.type is P.CONNACK or decode(cut, version) != packet


def test_what_follows_the_end() -> None:
    for version, text, packet in GOLDEN:
        if packet.type in (P.PUBLISH, P.SUBSCRIBE, P.SUBACK, P.UNSUBSCRIBE, P.UNSUBACK):
            continue  # the rest of these is payload, or more of the same
        raw = bytes.fromhex(text)
        problem = refused(whole(raw[0], raw[2:] + b"\xff"), version)
        assert problem.reason in (MALFORMED, PROTOCOL_ERROR)
        assert problem.position >= len(raw) or packet.type in (*REASON_AT, P.DISCONNECT)


# Packet identifiers (§2.2.1) and reason codes (§2.4)


WITH_ID = [P.PUBACK, P.PUBREC, P.PUBREL, P.PUBCOMP, P.SUBSCRIBE, P.SUBACK, P.UNSUBSCRIBE, P.UNSUBACK]


@pytest.mark.parametrize("version", [3, 4, 5])
@pytest.mark.parametrize("kind", WITH_ID, ids=lambda kind: kind.name)
def test_a_packet_identifier_of_0(kind: P, version: int) -> None:
    problem = refused(whole(FIRST[kind], bytes(2) + AROUND[kind][0][2:] + b"\0" + AROUND[kind][1]), version)
    assert (problem.position, problem.reason) == (2, PROTOCOL_ERROR)
    assert "packet identifier" in problem.message
    for first in (0x32, 0x34):
        problem = refused(whole(first, bytes.fromhex("0001 61 0000 00")), version)
        assert (problem.position, problem.reason) == (5, PROTOCOL_ERROR)


# MQTT 5.0 §2.4, table 2-6, as the standard prints it: what was done, and then what was refused.
DONE = {
    P.CONNACK: {0x00},
    P.PUBACK: {0x00, 0x10},
    P.PUBREC: {0x00, 0x10},
    P.PUBREL: {0x00},
    P.PUBCOMP: {0x00},
    P.SUBACK: {0x00, 0x01, 0x02},
    P.UNSUBACK: {0x00, 0x11},
    P.DISCONNECT: {0x00, 0x04},
    P.AUTH: {0x00, 0x18, 0x19},
}
REFUSED = {*range(0x80, 0xA3)}


@pytest.mark.parametrize("kind", DONE, ids=lambda kind: kind.name)
def test_reason_codes(kind: P) -> None:
    for code in range(256):
        raw, at = with_reason(kind, code)
        if code in DONE[kind] or (code in REFUSED and kind is not P.AUTH):
            assert decode(raw, 5).type is kind
            continue
        problem = refused(raw)
        assert (problem.position, problem.reason) == (at, PROTOCOL_ERROR)
        assert f"not 0x{code:02X}" in problem.message
        assert kind.name in problem.message


# What a broker may not send, as the reader of a connection sees it


@pytest.mark.parametrize(
    "kind", [P.CONNECT, P.SUBSCRIBE, P.UNSUBSCRIBE, P.PINGREQ], ids=lambda kind: kind.name
)
def test_packets_of_clients(kind: P) -> None:
    taken = take(Inbound(5, {}, lambda name: 1), bytes((FIRST[kind], 0)), 0, 0)
    assert taken.error is not None
    assert (taken.error.position, taken.error.reason) == (0, PROTOCOL_ERROR)
    assert f"no {kind.name} from a broker" in taken.error.message


@pytest.mark.parametrize(
    "kind",
    [P.CONNACK, P.PUBACK, P.PUBREC, P.PUBREL, P.SUBACK, P.UNSUBACK, P.PINGRESP, P.DISCONNECT, P.AUTH],
    ids=lambda kind: kind.name,
)
def test_flags_of_what_a_broker_sends(kind: P) -> None:
    for flags in set(range(16)) - {FIRST[kind] & 15}:
        taken = take(Inbound(5, {}, lambda name: 1), bytes((kind << 4 | flags, 2, 0, 1)), 0, 0)
        assert taken.error is not None
        assert (taken.error.position, taken.error.reason) == (0, MALFORMED)
