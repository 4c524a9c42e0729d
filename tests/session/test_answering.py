"""Acknowledgements go past paho, but never into one of its packets."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from mqttx_tui.model.message import Outgoing
from mqttx_tui.session.base import Fate
from mqttx_tui.wire.packets import Puback, Publish
from tests.session.conftest import Rig
from tests.session.scripts import fate
from tests.support.scripted import Peer, ScriptedBroker
from tests.support.wait import eventually

COUNT = 300
LARGE = 8_000_000


async def speak_amid(peer: Peer) -> None:
    """Send messages of QoS 1 as soon as the first bytes of a large one are there."""

    async def send() -> None:
        await eventually(lambda: peer._splitter.unfinished, "a packet is begun")
        for number in range(1, COUNT + 1):
            peer.send(Publish("in", b"%d" % number, 1, packet_id=number))
            await asyncio.sleep(0)

    await peer.accept()
    sending = asyncio.create_task(send())
    await peer.serve()
    sending.cancel()


async def test_what_comes_while_a_large_message_goes_out_is_acknowledged_around_it(
    rig: Callable[..., Rig],
) -> None:
    async with ScriptedBroker(speak_amid) as broker:
        one = rig(broker.url)
        await one.connect()
        delivery = one.session.publish(Outgoing("out", b"x" * LARGE, 1))
        assert await fate(delivery) == Fate.ACKNOWLEDGED
        seen = broker.peer.seen
        await eventually(lambda: sum(isinstance(packet, Puback) for packet in seen) == COUNT)
    acknowledged = [packet.packet_id for packet in seen if isinstance(packet, Puback)]
    assert acknowledged == list(range(1, COUNT + 1))
    assert [packet.payload == b"x" * LARGE for packet in seen if isinstance(packet, Publish)] == [True]
    assert [payload for topic, payload in one.sink.received() if topic == "in"] == [
        b"%d" % number for number in range(1, COUNT + 1)
    ]
