"""Packets as named parts with their bytes."""

from __future__ import annotations

from mqttx_tui.wire.describe import Field, describe, describe_properties, packet_name


def test_publish_with_properties() -> None:
    raw = bytes.fromhex("32 13 0001 61 000a 0c 03 0001 74 23 0001 26 0000 0000 21")
    assert describe(raw, 5) == [
        Field("packet", "PUBLISH", 0, 1),
        Field("remaining length", 19, 1, 2),
        Field("dup", False, 0, 1),
        Field("qos", 1, 0, 1),
        Field("retain", False, 0, 1),
        Field("topic", "a", 2, 5),
        Field("packet id", 10, 5, 7),
        Field("property length", 12, 7, 8),
        Field("content_type", "t", 8, 12),
        Field("topic_alias", 1, 12, 15),
        Field("user", ("", ""), 15, 20),
        Field("payload", b"!", 20, 21),
    ]


def test_reasons_are_worded_for_their_packet_and_version() -> None:
    assert describe(bytes.fromhex("20 02 00 05"), 4)[-1] == Field("reason", "0x05 Not authorized", 3, 4)
    assert describe(bytes.fromhex("e0 01 8e"), 5)[-1] == Field("reason", "0x8E Session taken over", 2, 3)
    assert describe(bytes.fromhex("90 03 0001 01"), 4)[-1] == Field("reason", "0x01 Granted QoS 1", 4, 5)


def test_a_malformed_packet_is_described_as_far_as_it_goes() -> None:
    fields = describe(bytes.fromhex("30 06 0001 61 02 01 02"), 5)
    assert [field.name for field in fields][-3:] == [
        "property length",
        "payload_format_indicator",
        "malformed",
    ]
    assert fields[-1] == Field("malformed", "byte 7: expected payload_format_indicator of 0 or 1", 7, 8)
    assert describe(b"", 5)[-1].name == "malformed"


def test_properties_of_a_captured_message() -> None:
    assert describe_properties(bytes.fromhex("03 0001 74 0b 02")) == [
        Field("content_type", "t", 0, 4),
        Field("subscription_identifier", 2, 4, 6),
    ]
    assert describe_properties(b"\x03\x00")[-1].name == "malformed"


def test_packet_names() -> None:
    assert [packet_name(kind) for kind in (0, 3, 15, 16)] == ["type 0", "PUBLISH", "AUTH", "type 16"]
