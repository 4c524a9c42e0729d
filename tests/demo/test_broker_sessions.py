"""Wills, sessions, take-over, expiry, keepalive: what depends on how a client leaves."""

from __future__ import annotations

import asyncio

import pytest

from mqttx_tui.demo.broker import Broker, Limits
from mqttx_tui.wire.packets import (
    Connack,
    Disconnect,
    Pingreq,
    Pingresp,
    Publish,
    Pubrec,
    Pubrel,
    Subscription,
    Will,
)
from tests.demo.conftest import StartBroker
from tests.demo.peers import Peer, payloads
from tests.support.wait import eventually

WILL = Will("wills", b"gone", 1)
FOREVER = {"session_expiry_interval": 0xFFFFFFFF}


async def watcher(broker: Broker, topic: str = "wills") -> Peer:
    peer = await Peer(broker.port).connect("watcher")
    await peer.subscribe(topic, qos=1)
    return peer


@pytest.mark.parametrize("version", [3, 4, 5])
async def test_will_on_an_abrupt_close_and_none_on_disconnect(broker: Broker, version: int) -> None:
    watch = await watcher(broker)
    orderly = await Peer(broker.port, version).connect("orderly", will=Will("wills", b"wrong"))
    await orderly.leave()
    abrupt = await Peer(broker.port, version).connect("abrupt", will=WILL)
    abrupt.cut()
    assert payloads(await watch.take(1)) == [b"gone"]
    await watch.nothing()


async def test_disconnect_with_will(broker: Broker) -> None:
    watch = await watcher(broker)
    peer = await Peer(broker.port).connect("me", will=WILL)
    await peer.leave(0x04)
    assert payloads(await watch.take(1)) == [b"gone"]


async def test_retained_will_keeps_its_properties(broker: Broker) -> None:
    will = Will("wills", b"gone", 1, True, {"content_type": "t", "user": (("a", "b"),)})
    (await Peer(broker.port).connect("me", will=will)).cut()
    await eventually(lambda: not broker.core.open)
    watch = await Peer(broker.port).connect()
    await watch.subscribe("wills")
    (message,) = await watch.take(1)
    assert (message.retain, message.properties) == (True, {"content_type": "t", "user": (("a", "b"),)})


async def test_delayed_will_waits_and_is_withdrawn_by_a_return(broker: Broker) -> None:
    watch = await watcher(broker)
    loop = asyncio.get_running_loop()
    will = Will("wills", b"late", properties={"will_delay_interval": 1})
    (await Peer(broker.port).connect("a", will=will, properties=FOREVER)).cut()
    started = loop.time()
    assert payloads(await watch.take(1)) == [b"late"]
    assert loop.time() - started > 0.9

    will = Will("wills", b"withdrawn", properties={"will_delay_interval": 1})
    (await Peer(broker.port).connect("b", will=will, properties=FOREVER)).cut()
    await eventually(lambda: len(broker.core.open) == 1)
    back = await Peer(broker.port).connect("b", clean=False, properties=FOREVER)
    assert back.connack.session_present
    assert broker.core.sessions["b"].will_at is None
    await watch.nothing()


async def test_will_delay_ends_with_the_session(broker: Broker) -> None:
    watch = await watcher(broker)
    will = Will("wills", b"now", properties={"will_delay_interval": 3600})
    (await Peer(broker.port).connect("a", will=will)).cut()
    assert payloads(await watch.take(1)) == [b"now"]


@pytest.mark.parametrize("version", [4, 5])
async def test_take_over(broker: Broker, version: int) -> None:
    first = await Peer(broker.port, version).connect("same")
    second = await Peer(broker.port, version).connect("same")
    assert await first.closed() == ([Disconnect(0x8E)] if version == 5 else [])
    await second.subscribe("a")
    await second.publish("a", b"x")
    assert payloads(await second.take(1)) == [b"x"]
    assert list(broker.core.sessions) == ["same"]


@pytest.mark.parametrize("version", [4, 5])
async def test_a_kept_session_queues_and_resumes(broker: Broker, version: int) -> None:
    found = FOREVER if version == 5 else {}
    first = await Peer(broker.port, version).connect("kept", clean=False, properties=found)
    assert not first.connack.session_present
    await first.subscribe("a", qos=2)
    await first.leave()
    other = await Peer(broker.port).connect()
    for qos in (0, 1, 2):
        await other.publish("a", b"%d" % qos, qos)
    second = await Peer(broker.port, version).connect("kept", clean=False, properties=found)
    assert second.connack.session_present
    assert [(m.payload, m.qos) for m in await second.take(2)] == [(b"1", 1), (b"2", 2)]
    third = await Peer(broker.port, version).connect("kept", clean=True, properties=found)
    assert not third.connack.session_present
    await third.nothing()


async def test_session_expiry(broker: Broker) -> None:
    expiry = {"session_expiry_interval": 1}
    for present in (False, True):
        peer = await Peer(broker.port).connect("short", clean=False, properties=expiry)
        assert peer.connack.session_present is present
        await peer.subscribe("a", qos=1)
        await peer.leave()
    await eventually(lambda: not broker.core.sessions)
    assert broker.core.tree.count == 0
    peer = await Peer(broker.port).connect("short", clean=False, properties=expiry)
    assert not peer.connack.session_present


async def test_disconnect_may_change_the_expiry(broker: Broker) -> None:
    peer = await Peer(broker.port).connect("a", properties=FOREVER)
    await peer.leave(session_expiry_interval=0)
    assert not broker.core.sessions
    peer = await Peer(broker.port).connect("a")
    peer.send(Disconnect(0, {"session_expiry_interval": 10}))
    assert await peer.closed() == [Disconnect(0x82)]


async def test_what_was_not_acknowledged_comes_again(broker: Broker) -> None:
    first = await Peer(broker.port).connect("kept", clean=False, properties=FOREVER)
    await first.subscribe("a", qos=2)
    other = await Peer(broker.port).connect()
    await other.publish("a", b"one", 1)
    await other.publish("a", b"two", 2)
    await other.publish("a", b"three", 2)
    seen = [await first.expect(Publish) for _ in range(3)]
    first.send(Pubrec(seen[2].packet_id))
    await first.expect(Pubrel)
    first.cut()
    second = await Peer(broker.port).connect("kept", clean=False, properties=FOREVER)
    again = [await second.expect(Publish) for _ in range(2)]
    assert [(m.payload, m.dup, m.packet_id) for m in again] == [
        (m.payload, True, m.packet_id) for m in seen[:2]
    ]
    assert await second.expect(Pubrel) == Pubrel(seen[2].packet_id)


async def test_receive_maximum_holds_after_a_return(broker: Broker) -> None:
    found = {**FOREVER, "receive_maximum": 2}
    first = await Peer(broker.port).connect("kept", clean=False, properties=found)
    await first.subscribe("a", qos=1)
    other = await Peer(broker.port).connect()
    for n in range(6):
        await other.publish("a", b"%d" % n, 1)
    await first.expect(Publish)
    await first.expect(Publish)
    first.send(Pingreq())
    await first.expect(Pingresp)
    first.cut()
    second = await Peer(broker.port).connect("kept", clean=False, properties=found)
    assert payloads(await second.take(6)) == [b"%d" % n for n in range(6)]


async def test_an_idle_client_is_dropped_at_one_and_a_half_keepalive(broker: Broker) -> None:
    watch = await watcher(broker)
    loop = asyncio.get_running_loop()
    started = loop.time()
    idle = await Peer(broker.port).connect("idle", keepalive=1, will=WILL)
    assert await idle.closed() == [Disconnect(0x8D)]
    assert 1.4 < loop.time() - started < 3
    assert payloads(await watch.take(1)) == [b"gone"]


async def test_a_client_that_pings_stays(broker: Broker) -> None:
    peer = await Peer(broker.port).connect("alive", keepalive=1)
    loop = asyncio.get_running_loop()
    started = loop.time()
    for step in range(1, 5):
        await eventually(lambda step=step: loop.time() > started + 0.6 * step)
        peer.send(Pingreq())
        await peer.expect(Pingresp)
    quiet = await Peer(broker.port).connect("quiet", keepalive=0)
    await quiet.publish("a", b"", 1)


async def test_no_connect_in_time(start_broker: StartBroker) -> None:
    broker = await start_broker(limits=Limits(connect_timeout=0.3))
    peer = await Peer(broker.port).open()
    assert await peer.closed() == []


async def test_session_queue_is_bounded(start_broker: StartBroker) -> None:
    broker = await start_broker(limits=Limits(session_messages=3))
    peer = await Peer(broker.port).connect("kept", properties=FOREVER)
    await peer.subscribe("a", qos=1)
    await peer.leave()
    other = await Peer(broker.port).connect()
    for n in range(5):
        await other.publish("a", b"%d" % n, 1)
    assert broker.dropped == 2
    peer = await Peer(broker.port).connect("kept", clean=False, properties=FOREVER)
    assert payloads(await peer.take(3)) == [b"0", b"1", b"2"]


async def test_message_expiry(broker: Broker) -> None:
    peer = await Peer(broker.port).connect("kept", properties=FOREVER)
    await peer.subscribe("a", qos=1)
    await peer.leave()
    other = await Peer(broker.port).connect()
    await other.publish("a", b"short", 1, properties={"message_expiry_interval": 1})
    await other.publish("a", b"long", 1, properties={"message_expiry_interval": 100}, retain=True)
    loop = asyncio.get_running_loop()
    expired = loop.time() + 1.1
    await eventually(lambda: loop.time() > expired)
    peer = await Peer(broker.port).connect("kept", clean=False, properties=FOREVER)
    (message,) = await peer.take(1)
    assert message.payload == b"long"
    assert message.properties["message_expiry_interval"] in (98, 99)
    await peer.nothing()


async def test_stop_tells_every_client_and_publishes_no_will(start_broker: StartBroker) -> None:
    broker = await start_broker()
    peers = [await Peer(broker.port, version).connect(will=WILL) for version in (4, 5)]
    watch = await watcher(broker)
    await broker.stop()
    assert await watch.closed() == [Disconnect(0x8B)]
    assert [await peer.closed() for peer in peers] == [[], [Disconnect(0x8B)]]


async def test_client_ids(broker: Broker) -> None:
    peer = await Peer(broker.port, 5).connect("")
    assert peer.connack.properties["assigned_client_identifier"] in broker.core.sessions
    assert (await Peer(broker.port, 4).connect("")).connack == Connack()
    assert (await Peer(broker.port, 4).connect("", clean=False)).connack == Connack(2)
    assert (await Peer(broker.port, 3).connect("")).connack == Connack(2)


async def test_shared_subscription_spreads(broker: Broker) -> None:
    members = [await Peer(broker.port).connect(f"m{n}") for n in range(3)]
    for member in members:
        await member.subscribe(Subscription("$share/crew/work/#", 1))
    other = await Peer(broker.port).connect()
    for n in range(9):
        await other.publish("work/x", b"%d" % n, 1)
    got = [payloads(await member.take(3)) for member in members]
    assert sorted(one for part in got for one in part) == [b"%d" % n for n in range(9)]
    members[0].cut()
    await eventually(lambda: "m0" not in broker.core.sessions)
    for n in range(4):
        await other.publish("work/x", b"%d" % n, 1)
    got = [payloads(await member.take(2)) for member in members[1:]]
    assert sorted(one for part in got for one in part) == [b"0", b"1", b"2", b"3"]
