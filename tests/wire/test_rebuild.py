"""A PUBLISH from its row in the capture, byte for byte."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mqttx_tui.wire.encode import encode
from mqttx_tui.wire.packets import V5, Publish
from mqttx_tui.wire.properties import encode_properties
from mqttx_tui.wire.publishes import Inbound, take
from mqttx_tui.wire.rebuild import publish_bytes
from tests.wire.strategies import publishes, versions


@given(st.data())
def test_the_bytes_are_those_of_the_wire(data: st.DataObject) -> None:
    version = data.draw(versions)
    packet: Publish = data.draw(publishes(version).filter(lambda one: bool(one.topic)))
    raw = encode(packet, version)
    names: list[str] = []

    def miss(name: str) -> int:
        names.append(name)
        return 1

    inbound = Inbound(version, {}, miss, alias_maximum=65_535)
    taken = take(inbound, raw, 0, 0, 1)
    assert taken.error is None
    [(_, _, flags, size, payload, properties)] = taken.rows
    topic = names[0].encode()
    assert publish_bytes(topic, flags, packet.packet_id, properties, payload, size, version) == (raw, True)


@given(st.data())
def test_a_topic_that_came_by_its_alias_stands_there_empty(data: st.DataObject) -> None:
    packet: Publish = data.draw(publishes(V5).filter(lambda one: not one.topic))
    raw = encode(packet, V5)
    flags = raw[0] & 0x0F
    properties = encode_properties(packet.properties)
    found = publish_bytes(b"site/7", flags, packet.packet_id, properties, packet.payload, len(raw), V5)
    assert found == (raw, True)


@given(publishes(4), st.integers(1, 2))
def test_a_length_in_more_bytes_than_it_needs(packet: Publish, more: int) -> None:
    raw = encode(packet, 4)
    padded = raw[:1] + bytes((raw[1] | 0x80,)) + b"\x80" * (more - 1) + b"\x00" + raw[2:]
    topic = packet.topic.encode()
    found = publish_bytes(topic, raw[0], packet.packet_id, None, packet.payload, len(padded), 4)
    assert found == (padded, True)


def test_a_payload_that_was_cut_is_said() -> None:
    raw, whole = publish_bytes(b"a", 0, None, None, b"only a part", 5_000, 4)
    assert raw == b"\x30\x0e\x00\x01aonly a part"
    assert not whole
