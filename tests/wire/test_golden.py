"""Packets written out by hand from the standards."""

from __future__ import annotations

import pytest

from mqttx_tui.model.errors import InputError
from mqttx_tui.wire.decode import decode
from mqttx_tui.wire.encode import encode
from mqttx_tui.wire.errors import MalformedPacket
from mqttx_tui.wire.packets import (
    Auth,
    Connack,
    Connect,
    Disconnect,
    Packet,
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
from mqttx_tui.wire.properties import PROPERTIES, decode_properties, encode_properties
from mqttx_tui.wire.reasons import reason_name, reason_sentence

GOLDEN: list[tuple[int, str, Packet]] = [
    (3, "10 10 0006 4d5149736470 03 02 003c 0002 6d65", Connect("me", 3)),
    (4, "10 0c 0004 4d515454 04 02 003c 0000", Connect("", 4)),
    (
        4,
        "10 1f 0004 4d515454 04 ee 000a 0001 63 0004 77696c6c 0002 6279 0001 75 0003 00ff01",
        Connect("c", 4, True, 10, "u", b"\x00\xff\x01", Will("will", b"by", 1, True)),
    ),
    (
        5,
        "10 31 0004 4d515454 05 c4 0000 08 11 0000000a 21 0014 0001 63 05 18 00000005"
        " 0001 77 0002 6279 0004 75736572 0006 736563726574",
        Connect(
            "c",
            5,
            False,
            0,
            "user",
            b"secret",
            Will("w", b"by", properties={"will_delay_interval": 5}),
            {"session_expiry_interval": 10, "receive_maximum": 20},
        ),
    ),
    (3, "20 02 00 05", Connack(5)),
    (4, "20 02 01 00", Connack(0, True)),
    (5, "20 03 00 87 00", Connack(0x87)),
    (
        5,
        "20 0b 01 00 08 22 000a 24 01 13 0078",
        Connack(0, True, {"topic_alias_maximum": 10, "maximum_qos": 1, "server_keep_alive": 120}),
    ),
    (4, "30 07 0003 612f62 6869", Publish("a/b", b"hi")),
    (4, "3d 07 0003 612f62 000a", Publish("a/b", b"", 2, True, True, 10)),
    (5, "30 06 0003 612f62 00", Publish("a/b")),
    (
        5,
        "32 20 0003 612f62 0102 17 01 01 03 0001 74 09 0002 00ff 0b 80 01 0b 02 26 0001 6b 0001 76 21",
        Publish(
            "a/b",
            b"!",
            1,
            packet_id=258,
            properties={
                "payload_format_indicator": 1,
                "content_type": "t",
                "correlation_data": b"\x00\xff",
                "subscription_identifier": (128, 2),
                "user": (("k", "v"),),
            },
        ),
    ),
    (4, "40 02 0001", Puback(1)),
    (5, "40 03 0001 10", Puback(1, 0x10)),
    (5, "40 08 0001 87 04 1f 0001 6e", Puback(1, 0x87, {"reason_string": "n"})),
    (4, "50 02 ffff", Pubrec(65_535)),
    (5, "50 03 0001 97", Pubrec(1, 0x97)),
    (4, "62 02 0001", Pubrel(1)),
    (5, "62 03 0001 92", Pubrel(1, 0x92)),
    (4, "70 02 0001", Pubcomp(1)),
    (5, "70 03 0001 92", Pubcomp(1, 0x92)),
    (4, "82 0c 0001 0001 23 00 0003 2b2f61 02", Subscribe(1, (Subscription("#"), Subscription("+/a", 2)))),
    (
        5,
        "82 09 0001 02 0b 07 0001 23 2d",
        Subscribe(1, (Subscription("#", 1, True, True, 2),), {"subscription_identifier": (7,)}),
    ),
    (4, "90 05 0001 00 02 80", Suback(1, (0, 2, 0x80))),
    (5, "90 04 0001 00 87", Suback(1, (0x87,))),
    (4, "a2 08 0001 0001 23 0001 61", Unsubscribe(1, ("#", "a"))),
    (5, "a2 06 0001 00 0001 23", Unsubscribe(1, ("#",))),
    (4, "b0 02 0001", Unsuback(1)),
    (5, "b0 05 0001 00 00 11", Unsuback(1, (0, 0x11))),
    (4, "c0 00", Pingreq()),
    (5, "d0 00", Pingresp()),
    (4, "e0 00", Disconnect()),
    (5, "e0 01 04", Disconnect(4)),
    (5, "e0 08 8e 06 1c 0003 6f7468", Disconnect(0x8E, {"server_reference": "oth"})),
    (
        5,
        "f0 0b 18 09 15 0001 53 16 0002 0102",
        Auth(0x18, {"authentication_method": "S", "authentication_data": b"\x01\x02"}),
    ),
]


@pytest.mark.parametrize(("version", "text", "packet"), GOLDEN, ids=lambda value: str(value)[:40])
def test_golden(version: int, text: str, packet: Packet) -> None:
    raw = bytes.fromhex(text)
    assert encode(packet, version).hex(" ") == raw.hex(" ")
    assert decode(raw, version) == packet


PROPERTY_BYTES = {
    "payload_format_indicator": ("01 01", 1),
    "message_expiry_interval": ("02 0000000a", 10),
    "content_type": ("03 0001 61", "a"),
    "response_topic": ("08 0001 61", "a"),
    "correlation_data": ("09 0001 ff", b"\xff"),
    "subscription_identifier": ("0b ffffff7f", (268_435_455,)),
    "session_expiry_interval": ("11 ffffffff", 0xFFFFFFFF),
    "assigned_client_identifier": ("12 0001 61", "a"),
    "server_keep_alive": ("13 0001", 1),
    "authentication_method": ("15 0001 61", "a"),
    "authentication_data": ("16 0001 61", b"a"),
    "request_problem_information": ("17 00", False),
    "will_delay_interval": ("18 00000001", 1),
    "request_response_information": ("19 01", True),
    "response_information": ("1a 0001 61", "a"),
    "server_reference": ("1c 0001 61", "a"),
    "reason_string": ("1f 0001 61", "a"),
    "receive_maximum": ("21 0001", 1),
    "topic_alias_maximum": ("22 0001", 1),
    "topic_alias": ("23 0001", 1),
    "maximum_qos": ("24 01", 1),
    "retain_available": ("25 00", False),
    "user": ("26 0001 61 0001 62 26 0001 61 0000", (("a", "b"), ("a", ""))),
    "maximum_packet_size": ("27 00000001", 1),
    "wildcard_subscription_available": ("28 01", True),
    "subscription_identifier_available": ("29 01", True),
    "shared_subscription_available": ("2a 01", True),
}


def test_every_property_has_a_golden_vector() -> None:
    assert set(PROPERTY_BYTES) == {row.name for row in PROPERTIES}


@pytest.mark.parametrize("name", PROPERTY_BYTES)
def test_golden_property(name: str) -> None:
    text, value = PROPERTY_BYTES[name]
    raw = bytes.fromhex(text)
    assert encode_properties({name: value}) == raw
    assert decode_properties(raw) == {name: value}


BAD: list[tuple[int, str, int, int]] = [
    # version, bytes, position, reason
    (4, "00 00", 0, 0x81),  # type 0
    (4, "f0 00", 0, 0x81),  # AUTH before 5
    (4, "31", 1, 0x81),  # no length
    (4, "30 ff ff ff ff 01", 1, 0x81),  # a length of five bytes
    (4, "30 05 0001 61", 1, 0x81),  # shorter than announced
    (4, "36 05 0001 61 0001", 0, 0x81),  # QoS 3
    (4, "38 03 0001 61", 0, 0x81),  # DUP with QoS 0
    (4, "32 05 0001 61 0000", 5, 0x82),  # packet id 0
    (4, "30 02 0000", 2, 0x82),  # no topic
    (5, "30 03 0000 00", 2, 0x82),  # no topic, no alias
    (4, "30 03 0001 2b", 4, 0x90),  # a wildcard
    (4, "30 05 0003 61 c3 28", 5, 0x81),  # not UTF-8
    (4, "30 05 0003 ed a0 80", 4, 0x81),  # a surrogate
    (4, "30 05 0003 61 00 62", 5, 0x81),  # U+0000
    (4, "30 03 0005 61", 4, 0x81),  # topic longer than the packet
    (5, "30 07 0001 61 03 03 0001", 9, 0x81),  # property cut
    (5, "30 08 0001 61 04 01 00 01 00", 8, 0x82),  # property twice
    (5, "30 06 0001 61 02 01 02", 7, 0x82),  # format indicator 2
    (5, "30 05 0001 61 01 04", 6, 0x81),  # no such property
    (5, "30 07 0001 61 03 21 0001", 6, 0x82),  # property of another packet
    (5, "30 06 0001 61 02 0b 00", 7, 0x82),  # subscription identifier 0
    (5, "30 05 0001 61 80 00", 5, 0x81),  # property length in too many bytes
    (5, "30 04 0001 61 05", 6, 0x81),  # properties longer than the packet
    (4, "42 02 0001", 0, 0x81),  # flags of PUBACK
    (4, "60 02 0001", 0, 0x81),  # flags of PUBREL
    (4, "40 03 0001 00", 4, 0x81),  # something after the end
    (5, "40 03 0001 05", 4, 0x82),  # no such reason
    (4, "82 02 0001", 4, 0x81),  # SUBSCRIBE without a filter
    (4, "82 06 0001 0001 61 03", 7, 0x82),  # QoS 3 asked
    (4, "82 06 0001 0001 61 04", 7, 0x81),  # options before 5
    (5, "82 07 0001 00 0001 61 c0", 8, 0x81),  # reserved bits
    (5, "82 07 0001 00 0001 61 30", 8, 0x82),  # retain handling 3
    (5, "82 0f 0001 00 0009 2473686172652f612f 04", 16, 0x82),  # No Local and $share
    (4, "90 03 0001 03", 4, 0x81),  # return code 3
    (4, "a2 04 0001 0000", 4, 0x82),  # an empty filter
    (4, "20 02 02 00", 2, 0x81),  # reserved acknowledge flags
    (4, "20 02 00 06", 3, 0x81),  # return code 6
    (5, "20 03 01 87 00", 2, 0x82),  # session present with a refusal
    (4, "10 0c 0004 4d515454 04 03 003c 0000", 9, 0x81),  # reserved connect flag
    (4, "10 0c 0004 4d515454 04 1a 003c 0000", 9, 0x81),  # will QoS 3
    (4, "10 0c 0004 4d515454 04 22 003c 0000", 9, 0x81),  # will retain without a will
    (4, "10 0f 0004 4d515454 04 42 003c 0000 0001 61", 9, 0x81),  # password without a user
    (4, "10 0c 0004 4d515454 06 02 003c 0000", 2, 0x84),  # level 6
    (4, "10 0c 0004 58515454 04 02 003c 0000", 2, 0x84),  # another protocol
    (5, "10 11 0004 4d515454 05 02 003c 04 16 0001 61 0000", 9, 0x82),  # data without a method
    (4, "c0 01 00", 2, 0x81),  # PINGREQ with a body
    (4, "e0 01 00", 2, 0x81),  # reason before 5
]


@pytest.mark.parametrize(("version", "text", "position", "reason"), BAD)
def test_bad_packets_name_position_and_reason(version: int, text: str, position: int, reason: int) -> None:
    with pytest.raises(MalformedPacket) as caught:
        decode(bytes.fromhex(text), version)
    assert (caught.value.position, caught.value.reason) == (position, reason), caught.value
    assert caught.value.title == reason_name(reason)


@pytest.mark.parametrize(
    ("packet", "version"),
    [
        (Publish("x" * 65_536), 4),
        (Publish("a\0b"), 4),
        (Publish("\ud800"), 4),
        (Publish("a", qos=1), 4),
        (Publish("a", qos=3), 4),
        (Publish("a", properties={"content_type": "x"}), 4),
        (Publish("a", properties={"receive_maximum": 1}), 5),
        (Publish("a", properties={"nonsense": 1}), 5),
        (Publish("a", properties={"content_type": 5}), 5),
        (Publish("a", properties={"topic_alias": 65_536}), 5),
        (Publish("a", properties={"payload_format_indicator": 2}), 5),
        (Publish("a", properties={"user": "x"}), 5),
        (Publish("a", properties={"subscription_identifier": (0,)}), 5),
        (Connect("a", 4, password=b"x"), 4),
        (Connect("a", 4, keepalive=65_536), 4),
        (Puback(1, 0x87), 4),
        (Puback(0), 4),
        (Subscribe(1, ()), 4),
        (Unsubscribe(1, ()), 4),
        (Subscribe(1, (Subscription("a", no_local=True),)), 4),
        (Subscribe(1, (Subscription("a", retain_handling=3),)), 5),
        (Auth(), 4),
    ],
    ids=str,
)
def test_what_cannot_be_said_is_refused(packet: Packet, version: int) -> None:
    with pytest.raises(InputError):
        encode(packet, version)


def test_a_refusal_without_properties_is_read() -> None:
    """A broker of 3.1.1 answers a CONNECT of 5 in its own form."""
    for code in (1, 2, 3, 4, 5, 0x84):
        assert decode(bytes((0x20, 2, 0, code)), 5) == Connack(code)
    with pytest.raises(MalformedPacket):
        decode(bytes.fromhex("20 02 00 00"), 5)
    with pytest.raises(MalformedPacket):
        decode(bytes.fromhex("20 02 00 06"), 5)


def test_acknowledgements_of_3_1_may_be_marked_duplicate() -> None:
    assert decode(bytes.fromhex("6a 02 0001"), 3) == Pubrel(1)
    with pytest.raises(MalformedPacket):
        decode(bytes.fromhex("6a 02 0001"), 4)


def test_reasons_have_names() -> None:
    assert reason_name(0x87) == "Not authorized"
    assert reason_name(5, 2, 4) == "Not authorized"
    assert reason_name(4, 2, 4) == "Bad user name or password"
    assert reason_name(0, 14) == "Normal disconnection"
    assert reason_name(0, 9) == "Granted QoS 0"
    assert reason_name(0x80, 9, 4) == "Failure"
    assert reason_name(0x7F) == "Unknown reason 0x7F"
    assert reason_sentence(0x8E) == "Another client connected with the same client id."
