"""Rules of MQTT 5 and 3.1.1 that a broker must keep."""

from __future__ import annotations

import pytest

from mqttx_tui.demo.broker import Broker, Limits
from mqttx_tui.wire.packets import (
    Disconnect,
    Pingreq,
    Pingresp,
    Puback,
    Pubcomp,
    Publish,
    Pubrec,
    Pubrel,
    Subscription,
    Unsuback,
    Unsubscribe,
)
from tests.demo.conftest import StartBroker
from tests.demo.peers import Peer, payloads


@pytest.mark.parametrize("version", [3, 4, 5])
async def test_a_qos_2_duplicate_is_delivered_once(broker: Broker, version: int) -> None:
    subscriber = await Peer(broker.port).connect()
    await subscriber.subscribe("a", qos=2)
    peer = await Peer(broker.port, version).connect("sender")
    peer.send(Publish("a", b"once", 2, packet_id=7), Publish("a", b"once", 2, dup=True, packet_id=7))
    assert [await peer.expect(Pubrec) for _ in range(2)] == [Pubrec(7)] * 2
    peer.send(Pubrel(7))
    assert await peer.expect(Pubcomp) == Pubcomp(7)
    peer.send(Pubrel(7))
    assert await peer.expect(Pubcomp) == Pubcomp(7, 0x92 if version == 5 else 0)
    peer.send(Publish("a", b"new", 2, packet_id=7))
    await peer.expect(Pubrec)
    assert payloads(await subscriber.take(2)) == [b"once", b"new"]
    await subscriber.nothing()


async def test_a_qos_2_duplicate_after_a_return(broker: Broker) -> None:
    subscriber = await Peer(broker.port).connect()
    await subscriber.subscribe("a", qos=2)
    kept = {"session_expiry_interval": 60}
    peer = await Peer(broker.port).connect("sender", properties=kept)
    peer.send(Publish("a", b"once", 2, packet_id=7))
    await peer.expect(Pubrec)
    peer.cut()
    peer = await Peer(broker.port).connect("sender", clean=False, properties=kept)
    peer.send(Publish("a", b"once", 2, dup=True, packet_id=7))
    await peer.expect(Pubrec)
    assert payloads(await subscriber.take(1)) == [b"once"]
    await subscriber.nothing()


async def test_retain_handling_and_retain_as_published(broker: Broker) -> None:
    other = await Peer(broker.port).connect()
    await other.publish("a", b"old", retain=True, qos=1)
    peer = await Peer(broker.port).connect()
    await peer.subscribe(Subscription("a", retain_handling=2))
    await peer.nothing()
    await peer.subscribe(Subscription("a", retain_handling=1))
    await peer.nothing()
    await peer.subscribe(Subscription("a", retain_handling=0))
    assert [(m.payload, m.retain) for m in await peer.take(1)] == [(b"old", True)]
    await other.publish("a", b"new", retain=True)
    assert [(m.payload, m.retain) for m in await peer.take(1)] == [(b"new", False)]
    await peer.subscribe(Subscription("a", retain_as_published=True, retain_handling=2))
    await other.publish("a", b"newer", retain=True)
    assert [(m.payload, m.retain) for m in await peer.take(1)] == [(b"newer", True)]
    fresh = await Peer(broker.port).connect()
    await fresh.subscribe(Subscription("+", retain_handling=1))
    assert payloads(await fresh.take(1)) == [b"newer"]


async def test_no_local(broker: Broker) -> None:
    peer = await Peer(broker.port).connect("me")
    other = await Peer(broker.port).connect("other")
    await peer.subscribe(Subscription("a/#", no_local=True))
    await peer.publish("a/x", b"mine")
    await other.publish("a/x", b"theirs")
    assert payloads(await peer.take(1)) == [b"theirs"]
    await peer.nothing()
    await peer.subscribe("a/x", identifier=9)
    await peer.publish("a/x", b"mine")
    (message,) = await peer.take(1)
    assert message.properties == {"subscription_identifier": (9,)}


async def test_overlapping_subscriptions_give_one_message_with_all_identifiers(broker: Broker) -> None:
    peer = await Peer(broker.port).connect()
    await peer.subscribe("a/#", qos=0, identifier=1)
    await peer.subscribe("a/+", qos=2, identifier=300)
    other = await Peer(broker.port).connect()
    await other.publish("a/b", b"x", 1)
    (message,) = await peer.take(1)
    assert message.qos == 1
    assert sorted(message.properties["subscription_identifier"]) == [1, 300]
    await peer.nothing()


async def test_dollar_topics_and_wildcards(broker: Broker) -> None:
    peer = await Peer(broker.port).connect()
    other = await Peer(broker.port).connect()
    await peer.subscribe("#", "+/x")
    await other.publish("$own/x", b"hidden")
    await other.publish("a", b"seen")
    assert payloads(await peer.take(1)) == [b"seen"]
    await peer.subscribe("$own/#")
    await other.publish("$own/x", b"asked for")
    assert payloads(await peer.take(1)) == [b"asked for"]
    assert await other.publish("$SYS/broker/version", b"fake", 1) == 0x87


async def test_unsubscribe(broker: Broker) -> None:
    peer = await Peer(broker.port).connect()
    await peer.subscribe("a", "b")
    peer.send(Unsubscribe(9, ("a", "c")))
    assert await peer.expect(Unsuback) == Unsuback(9, (0, 0x11))
    await peer.publish("a", b"1")
    await peer.publish("b", b"2")
    assert payloads(await peer.take(1)) == [b"2"]


async def test_bad_filters_are_refused_one_by_one(broker: Broker) -> None:
    peer = await Peer(broker.port, 5).connect()
    assert await peer.subscribe("a/#/b", "ok", "a+", "$share//x") == (0x8F, 0, 0x8F, 0x8F)
    old = await Peer(broker.port, 4).connect()
    assert await old.subscribe("a/#/b", "ok", qos=1) == (0x80, 1)


async def test_nobody_listens(broker: Broker) -> None:
    peer = await Peer(broker.port).connect()
    assert await peer.publish("a", b"x", 1) == 0x10
    assert await peer.publish("a", b"x", 2) == 0x10


async def test_inbound_aliases(broker: Broker) -> None:
    peer = await Peer(broker.port).connect()
    assert peer.connack.properties["topic_alias_maximum"] == 100
    await peer.subscribe("#")
    await peer.publish("a", b"1", properties={"topic_alias": 100})
    await peer.publish("", b"2", properties={"topic_alias": 100})
    await peer.publish("b", b"3", properties={"topic_alias": 100})
    await peer.publish("", b"4", properties={"topic_alias": 100})
    assert [(m.topic, m.payload) for m in await peer.take(4)] == [
        ("a", b"1"),
        ("a", b"2"),
        ("b", b"3"),
        ("b", b"4"),
    ]
    peer.send(Publish("", properties={"topic_alias": 5}))
    assert await peer.closed() == [Disconnect(0x94)]


async def test_outbound_aliases(broker: Broker) -> None:
    peer = await Peer(broker.port).connect(properties={"topic_alias_maximum": 2})
    await peer.subscribe("#", qos=1)
    for topic in ("a", "b", "a", "c", "b", "c"):
        await peer.publish(topic, b"x")
    seen = [(m.topic, m.properties.get("topic_alias")) for m in await peer.take(6)]
    assert seen == [("a", 1), ("b", 2), ("", 1), ("c", None), ("", 2), ("c", None)]


async def test_receive_maximum_of_the_client(broker: Broker) -> None:
    peer = await Peer(broker.port).connect(properties={"receive_maximum": 2})
    await peer.subscribe("a", qos=1)
    other = await Peer(broker.port).connect()
    for n in range(5):
        await other.publish("a", b"%d" % n, 1)
    first, second = await peer.expect(Publish), await peer.expect(Publish)
    peer.send(Pingreq())
    await peer.expect(Pingresp)
    peer.send(Puback(second.packet_id), Puback(first.packet_id))
    assert payloads(await peer.take(3)) == [b"2", b"3", b"4"]


async def test_receive_maximum_of_the_broker(start_broker: StartBroker) -> None:
    broker = await start_broker(limits=Limits(receive_maximum=2))
    peer = await Peer(broker.port).connect()
    assert peer.connack.properties["receive_maximum"] == 2
    peer.send(*(Publish("a", qos=2, packet_id=n) for n in (1, 2, 3)))
    assert [type(packet) for packet in await peer.closed()] == [Pubrec, Pubrec, Disconnect]
