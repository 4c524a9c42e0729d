"""Topic aliases (MQTT 5.0 §3.3.2.3.4): ours, and the broker's."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable

import pytest

from mqttx_tui.demo.broker import Broker
from mqttx_tui.model.errors import InputError, LinkError
from mqttx_tui.model.message import Outgoing
from mqttx_tui.model.profile import ConnectProperties, Subscription
from mqttx_tui.session.base import Fate
from mqttx_tui.wire.packets import Connack, Publish
from tests.mqtt5.support import beside, prints, tool
from tests.session.conftest import Rig
from tests.session.scripts import answering, fate, published
from tests.support.mosquitto import Mosquitto
from tests.support.scripted import Peer, ScriptedBroker
from tests.support.wait import eventually

MakeRig = Callable[..., Rig]
StartBroker = Callable[..., Awaitable[Broker]]
TEN = Connack(properties={"topic_alias_maximum": 10})


def aliased(topic: str, payload: bytes, alias: int = 1, qos: int = 0) -> Outgoing:
    return Outgoing(topic, payload, qos, properties={"topic_alias": alias})


async def test_a_topic_is_named_once_and_again_when_the_alias_changes(rig: MakeRig) -> None:
    async with ScriptedBroker(answering(TEN)) as broker:
        one = rig(broker.url)
        await one.connect()
        for topic, alias in (
            ("a/long/topic", 1),
            ("a/long/topic", 1),
            ("b", 1),
            ("b", 2),
            ("a/long/topic", 1),
        ):
            assert await fate(one.session.publish(aliased(topic, b"x", alias))) is Fate.SENT
        await eventually(lambda: len(published(broker.peer)) == 5)
        sent = [(packet.topic, packet.properties["topic_alias"]) for packet in published(broker.peer)]
    assert sent == [("a/long/topic", 1), ("", 1), ("b", 1), ("b", 2), ("a/long/topic", 1)]
    names = [one.sink.names[row.topic] for row in one.sink.rows]
    assert names == ["a/long/topic", "a/long/topic", "b", "b", "a/long/topic"]
    assert one.sink.rows[0].size - one.sink.rows[1].size == len("a/long/topic")


async def test_the_next_connection_is_told_anew(rig: MakeRig) -> None:
    async def short(peer: Peer) -> None:
        await peer.accept(TEN)
        await peer.expect(Publish)
        peer.close()

    async with ScriptedBroker(short, answering(TEN)) as broker:
        one = rig(broker.url)
        await one.connect()
        one.session.publish(aliased("a", b"1"))
        assert one.running is not None
        with pytest.raises(LinkError):
            await one.running
        await one.connect(2)
        one.session.publish(aliased("a", b"2"))
        await eventually(lambda: published(broker.peer))
        assert published(broker.peer)[0].topic == "a"


@pytest.mark.parametrize(
    ("connack", "alias", "qos", "why"),
    [
        (Connack(), 1, 0, "no topic aliases, not 1"),
        (TEN, 11, 0, "aliases from 1 to 10, not 11"),
        (TEN, 1, 1, "needs QoS 0"),
    ],
)
async def test_what_would_end_the_connection_is_not_sent(
    rig: MakeRig, connack: Connack, alias: int, qos: int, why: str
) -> None:
    async with ScriptedBroker(answering(connack)) as broker:
        one = rig(broker.url)
        await one.connect()
        with pytest.raises(InputError, match=why):
            one.session.publish(aliased("a", b"x", alias, qos))
        assert await fate(one.session.publish(Outgoing("a", b"y", 1))) is Fate.ACKNOWLEDGED
        assert len(published(broker.peer)) == 1


async def test_real_brokers_know_our_aliases(
    rig: MakeRig, mosquitto: Mosquitto, start_broker: StartBroker
) -> None:
    topic = f"alias/{uuid.uuid4().hex}"
    program = [*tool("mosquitto_sub"), "-p", str(mosquitto.port), "-i", topic, "-t", topic, "-C", "3"]
    async with beside(program=program) as other:
        await eventually(lambda: f"Sending SUBACK to {topic}" in mosquitto.log)
        one = rig(f"mqtt://127.0.0.1:{mosquitto.port}")
        await one.connect()
        for payload in (b"1", b"2", b"3"):
            one.session.publish(aliased(topic, payload))
        assert await prints(other, 3) == ["1", "2", "3"]
    broker = await start_broker()
    url = f"mqtt://127.0.0.1:{broker.port}"
    reading = rig(
        url, subscriptions=(Subscription("a"),), properties=ConnectProperties(topic_alias_maximum=5)
    )
    writing = rig(url)
    await reading.connect()
    await writing.connect()
    for payload in (b"1", b"2", b"3"):
        writing.session.publish(aliased("a", payload))
    await eventually(lambda: reading.sink.received() == [("a", b"1"), ("a", b"2"), ("a", b"3")])
