"""The batch parser: rows, receipts, aliases, limits, errors."""

from __future__ import annotations

import pytest

from mqttx_tui.model.topics import EXCLUDED
from mqttx_tui.wire.encode import encode
from mqttx_tui.wire.framing import Carry
from mqttx_tui.wire.packets import (
    Connack,
    Disconnect,
    Packet,
    Pingreq,
    Pingresp,
    Puback,
    Publish,
    Pubrel,
    Suback,
)
from mqttx_tui.wire.publishes import (
    NO_ROW,
    NOT_HELD,
    Inbound,
    Other,
    acknowledgements,
    take,
)


class Interner:
    """Topics to ids; names below ``secret/`` are excluded."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def __call__(self, name: str) -> int | None:
        if name.startswith("secret/"):
            return None
        self.names.append(name)
        return len(self.names)


def inbound(version: int = 4, alias_maximum: int = 0, max_packet: int = 268_435_455) -> Inbound:
    return Inbound(version, {}, Interner(), alias_maximum=alias_maximum, max_packet=max_packet)


def join(version: int, *packets: Packet) -> bytes:
    return b"".join(encode(packet, version) for packet in packets)


def test_rows_and_others_in_order() -> None:
    data = join(
        4,
        Connack(),
        Publish("a", b"1"),
        Suback(1, (0,)),
        Publish("b", b"2", retain=True),
        Publish("a", b"3"),
        Puback(9),
    )
    state = inbound()
    taken = take(state, data, 0, 77)
    assert taken.rows == [(77, 1, 0, 6, b"1", None), (77, 2, 1, 6, b"2", None), (77, 1, 0, 6, b"3", None)]
    assert taken.others == [
        Other(2, b"\x20\x02\x00\x00"),
        Other(9, b"\x90\x03\x00\x01\x00"),
        Other(4, b"\x40\x02\x00\x09"),
    ]
    assert (taken.end, taken.more, taken.error, taken.receipts) == (len(data), False, None, [])
    assert state.topics == {b"a": 1, b"b": 2}


def test_version_5_properties_stay_raw() -> None:
    found = {"content_type": "x", "subscription_identifier": (1, 2)}
    taken = take(
        inbound(5), join(5, Publish("a", b"1"), Publish("a", b"2", 1, packet_id=3, properties=found)), 0, 0
    )
    assert [row[5] for row in taken.rows] == [None, bytes.fromhex("03 0001 78 0b 01 0b 02")]
    assert [row[4] for row in taken.rows] == [b"1", b"2"]
    assert taken.receipts == [(0x40, 3, 1)]


def test_qos_2_is_delivered_once() -> None:
    first = Publish("a", b"x", 2, packet_id=5)
    again = Publish("a", b"x", 2, dup=True, packet_id=5)
    state = inbound()
    taken = take(state, join(4, first, again, Pubrel(5), first, Pubrel(6)), 0, 0)
    assert len(taken.rows) == 2
    assert taken.duplicates == 1
    assert taken.receipts == [
        (0x50, 5, 0),
        (0x50, 5, NO_ROW),
        (0x70, 5, NO_ROW),
        (0x50, 5, 1),
        (0x70, 6, NOT_HELD),
    ]
    assert state.held == {5}
    assert acknowledgements(taken.receipts, 4).hex() == "50020005" * 2 + "70020005" + "50020005" + "70020006"
    assert acknowledgements(taken.receipts[-1:], 5).hex() == "7003000692"


def test_excluded_topics_are_counted_and_acknowledged() -> None:
    data = join(4, Publish("secret/a", b"x", 1, packet_id=1), Publish("a"), Publish("secret/a"))
    state = inbound()
    taken = take(state, data, 0, 0)
    assert (len(taken.rows), taken.excluded) == (1, 2)
    assert taken.receipts == [(0x40, 1, NO_ROW)]
    assert state.topics[b"secret/a"] == EXCLUDED


def test_limit_and_continuation() -> None:
    data = join(4, *(Publish("a", bytes([n])) for n in range(10)))
    state = inbound()
    first = take(state, data, 0, 0, limit=4)
    assert (len(first.rows), first.more) == (4, True)
    rest = take(state, data, first.end, 0, limit=100)
    assert [row[4] for row in first.rows + rest.rows] == [bytes([n]) for n in range(10)]
    assert (rest.more, rest.end) == (False, len(data))


def test_an_incomplete_packet_is_left_for_the_next_read() -> None:
    data = join(4, Publish("a", b"1"), Publish("a", bytes(300)), Publish("b", b"2"))
    for cut in range(1, len(data)):
        state, carry = inbound(), Carry()
        payloads = []
        for chunk in (data[:cut], data[cut:]):
            buffer = carry.join(chunk)
            if buffer:
                taken = take(state, buffer, 0, 0)
                assert taken.error is None
                payloads += [row[4] for row in taken.rows]
                carry.keep(buffer, taken.end)
        assert payloads == [b"1", bytes(300), b"2"]


def test_aliases() -> None:
    state = inbound(5, alias_maximum=2)
    data = join(
        5,
        Publish("a", b"1", properties={"topic_alias": 1}),
        Publish("", b"2", properties={"topic_alias": 1}),
        Publish("b", b"3", properties={"topic_alias": 1}),
        Publish("", b"4", properties={"topic_alias": 1}),
    )
    taken = take(state, data, 0, 0)
    assert taken.error is None
    assert [(row[1], row[4]) for row in taken.rows] == [(1, b"1"), (1, b"2"), (2, b"3"), (2, b"4")]


@pytest.mark.parametrize(("alias", "topic"), [(3, "a"), (0, "a"), (2, "")])
def test_bad_aliases(alias: int, topic: str) -> None:
    good = join(5, Publish("a", b"1"), Publish(topic, properties={"topic_alias": alias or 1}))
    data = good[:-2] + alias.to_bytes(2, "big")
    taken = take(inbound(5, alias_maximum=2), data, 0, 0)
    assert len(taken.rows) == 1
    assert taken.error is not None
    assert taken.error.reason == 0x94


@pytest.mark.parametrize(
    ("version", "text", "position", "reason"),
    [
        (4, "36 05 0001 61 0001", 0, 0x81),  # QoS 3
        (4, "38 03 0001 61", 0, 0x81),  # DUP with QoS 0
        (4, "32 05 0001 61 0000", 5, 0x82),  # packet id 0
        (4, "30 02 0000", 2, 0x82),  # empty topic
        (4, "30 03 0001 23", 4, 0x90),  # wildcard
        (4, "30 04 0002 c328", 4, 0x81),  # not UTF-8
        (4, "30 04 0002 6100", 5, 0x81),  # U+0000
        (4, "30 01 00", 2, 0x81),  # shorter than its topic's length
        (4, "30 03 0005 61", 4, 0x81),  # topic longer than the packet
        (4, "32 04 0001 61 00", 5, 0x81),  # half a packet id
        (5, "30 03 0001 61", 5, 0x81),  # no property length
        (5, "30 05 0001 61 05 01", 6, 0x81),  # properties longer than the packet
        (5, "30 06 0001 61 02 01 02", 7, 0x82),  # bad property
        (4, "00 00", 0, 0x81),  # type 0
        (4, "f0 00", 0, 0x81),  # AUTH before 5
        (4, "e0 00", 0, 0x82),  # DISCONNECT from a broker before 5
        (4, "60 02 0001", 0, 0x81),  # PUBREL without its flag
        (4, "62 03 0001 00", 4, 0x81),  # PUBREL too long
        (4, "30 ff ff ff ff", 1, 0x81),  # endless length
        (4, "30 ff ff ff 7f", 1, 0x95),  # too large
        (4, "90 03", 0, 0),  # not complete: no error yet
    ],
)
def test_errors_keep_what_came_before(version: int, text: str, position: int, reason: int) -> None:
    state = inbound(version, max_packet=100_000)
    good = join(version, Publish("a", b"1"))
    taken = take(state, good + bytes.fromhex(text), 0, 0)
    assert len(taken.rows) == 1
    assert taken.end == len(good)
    if not reason:
        assert taken.error is None
        return
    assert taken.error is not None
    assert (taken.error.position, taken.error.reason) == (position, reason), taken.error


def test_packets_that_only_clients_send_are_errors() -> None:
    taken = take(inbound(), join(4, Pingresp(), Pingreq()), 0, 0)
    assert taken.others == [Other(13, b"\xd0\x00")]
    assert taken.error is not None
    assert taken.error.reason == 0x82


def test_disconnect_of_version_5_is_handed_back() -> None:
    assert take(inbound(5), join(5, Disconnect(0x8E)), 0, 0).others == [Other(14, b"\xe0\x01\x8e")]


def test_an_error_of_the_callback_is_not_mistaken_for_bad_bytes() -> None:
    def broken(name: str) -> int:
        raise IndexError(name)

    with pytest.raises(IndexError):
        take(Inbound(4, {}, broken), join(4, Publish("a")), 0, 0)
