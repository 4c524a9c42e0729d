"""The trace: what is recorded of control packets, and that recording changes nothing."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import accumulate

from hypothesis import given, settings
from hypothesis import strategies as st

from mqttx_tui.model.message import SUMMARY, PacketRow
from mqttx_tui.model.profile import Subscription
from mqttx_tui.session.outbox import Outbox
from mqttx_tui.session.trace import MAX_ACKNOWLEDGEMENTS, PacketHeads, Trace
from mqttx_tui.wire.encode import encode
from mqttx_tui.wire.packets import (
    Connack,
    Connect,
    Packet,
    PacketType,
    Pingreq,
    Puback,
    Pubcomp,
    Publish,
    Pubrec,
    Pubrel,
    Subscribe,
    Unsubscribe,
)
from mqttx_tui.wire.packets import Subscription as Asked
from mqttx_tui.wire.publishes import PUBACK, PUBCOMP, PUBREC, Receipt
from tests.session.conftest import Rig
from tests.support.scripted import Peer, ScriptedBroker
from tests.support.sinks import MemorySink
from tests.support.wait import eventually

PACKETS = st.sampled_from(
    [
        Pingreq(),
        Puback(3),
        Pubrec(0x4002),
        Pubcomp(0x5002),
        Pubcomp(9, 0x92),
        Pubrel(7),
        Subscribe(1, (Asked("a/#"),)),
        Unsubscribe(2, ("a/#",)),
        Publish("a", b"@\x02\x00\x01" * 5),
        Publish("a", b"x" * 5000, 1, packet_id=5),
        Connect("id", 5, username="u", password=b"p"),
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(PACKETS, max_size=20), st.integers(0, 2**32))
def test_heads_are_found_however_the_bytes_come(packets: list[Packet], seed: int) -> None:
    stream = b"".join(encode(packet, 5) for packet in packets)
    chance = random.Random(seed)
    heads, found, ends, start = PacketHeads(), [], [], 0
    while start < len(stream):
        end = start + chance.choice((1, 2, 3, 7, 50, 6000))
        found += heads.feed(stream[start:end])
        start = end
        ends.append((end, heads.between))
    wanted = [encode(packet, 5) for packet in packets]
    assert [head for head, _ in found] == [raw[:65_544] for raw in wanted]
    assert [size for _, size in found] == [len(raw) for raw in wanted]
    boundaries = {0, *accumulate(map(len, wanted))}
    assert all(between is (min(end, len(stream)) in boundaries) for end, between in ends)


async def test_a_flood_of_acknowledgements_becomes_numbers() -> None:
    sink = MemorySink()
    trace = Trace(sink, Outbox(sink, lambda _: None), lambda _: None)
    second = 5_000_000_000
    receipts: list[Receipt] = [(PUBACK, number % 60_000 + 1, number) for number in range(1500)]
    trace.answered(receipts, 1, second, 5, {})
    trace.answered([(PUBREC, 1, 0), (PUBCOMP, 2, -1)], 1501, second + 1000, 5, {})
    trace.answered([(PUBACK, 3, 0)], 1502, second + 2000, 5, {})
    assert len(sink.packets) == MAX_ACKNOWLEDGEMENTS
    assert sink.packets[-1].message == MAX_ACKNOWLEDGEMENTS
    trace.look(second + 3000)
    assert len(sink.packets) == MAX_ACKNOWLEDGEMENTS
    trace.answered([(PUBACK, 9, 0)], 1600, second + 1_000_000_000, 5, {})
    assert sink.packets[MAX_ACKNOWLEDGEMENTS:] == [
        PacketRow(second + 2000, 0, 0, SUMMARY, count=1),
        PacketRow(second + 2000, 0, 1, SUMMARY, count=503),
        PacketRow(second + 1_000_000_000, 0, 1, 4, 1600, 9, raw=b"\x40\x02\x00\x09"),
    ]
    trace.answered(receipts, 1700, second + 1_000_000_000, 5, {})
    trace.end()
    assert sink.packets[-1] == PacketRow(second + 1_000_000_000, 0, 1, SUMMARY, count=501)


async def test_control_packets_are_recorded_both_ways(rig: Callable[..., Rig]) -> None:
    async def serve(peer: Peer) -> None:
        await peer.accept(Connack(properties={"reason_string": "welcome"}))
        await peer.serve()

    async with ScriptedBroker(serve) as broker:
        one = rig(broker.url, subscriptions=(Subscription("a"),))
        await one.connect()
        await eventually(lambda: one.observer.round_trips)
        await one.session.unsubscribe("a")
        await one.session.close()
        sent = {PacketType(kind).name for kind in one.sink.types(1)}
        assert sent == {"CONNECT", "PINGREQ", "SUBSCRIBE", "UNSUBSCRIBE", "DISCONNECT"}
        came = {PacketType(kind).name for kind in one.sink.types(0)}
        assert came == {"CONNACK", "PINGRESP", "SUBACK", "UNSUBACK"}
        connack = next(row for row in one.sink.packets if row.type == PacketType.CONNACK)
        assert connack.raw == encode(Connack(properties={"reason_string": "welcome"}), 5)
        assert connack.reason == 0
        disconnect = next(row for row in one.sink.packets if row.type == PacketType.DISCONNECT)
        assert disconnect.raw == b"\xe0\x00"
