"""Subscribing, what the broker grants and refuses, and what happens to it over connections."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from mqttx_tui.model.errors import InputError
from mqttx_tui.model.message import Outgoing
from mqttx_tui.model.profile import Profile, Subscription
from mqttx_tui.session.mqtt import MqttSession
from mqttx_tui.session.registry import make_session
from mqttx_tui.wire.packets import Connack, Publish, Suback, Subscribe, Unsubscribe
from mqttx_tui.wire.packets import Subscription as Asked
from tests.session.conftest import Rig
from tests.support.mosquitto import Mosquitto
from tests.support.scripted import Peer, ScriptedBroker
from tests.support.sinks import MemoryObserver, MemorySink
from tests.support.wait import eventually

MakeRig = Callable[..., Rig]


async def serve(peer: Peer) -> None:
    await peer.accept(Connack(session_present=False))
    await peer.serve()


async def serve_known(peer: Peer) -> None:
    await peer.accept(Connack(session_present=True))
    await peer.serve()


def asked(peer: Peer) -> list[Asked]:
    return [one for packet in peer.seen if isinstance(packet, Subscribe) for one in packet.subscriptions]


async def test_options_of_version_5_travel(rig: MakeRig) -> None:
    wanted = Subscription("a/#", 1, True, "", "", True, True, 2, 7, (("k", "v"),))
    async with ScriptedBroker(serve) as broker:
        one = rig(broker.url, subscriptions=(wanted,))
        await one.connect()
        assert asked(broker.peer) == [Asked("a/#", 1, True, True, 2)]
        subscribe = next(packet for packet in broker.peer.seen if isinstance(packet, Subscribe))
        assert subscribe.properties == {"subscription_identifier": (7,), "user": (("k", "v"),)}


async def test_identifiers_are_left_out_where_the_broker_knows_none(rig: MakeRig) -> None:
    async def without(peer: Peer) -> None:
        await peer.accept(Connack(properties={"subscription_identifier_available": False}))
        await peer.serve()

    async with ScriptedBroker(without) as broker:
        one = rig(broker.url, subscriptions=(Subscription("a", identifier=3),))
        await one.connect()
        subscribe = next(packet for packet in broker.peer.seen if isinstance(packet, Subscribe))
        assert subscribe.properties == {}


@pytest.mark.parametrize(("mqtt", "code"), [("5", 0x87), ("3.1.1", 0x80)])
async def test_a_refusal_names_its_reason(rig: MakeRig, mqtt: str, code: int) -> None:
    async def refuse(peer: Peer) -> None:
        await peer.accept()
        first = await peer.expect(Subscribe)
        second = await peer.expect(Subscribe)
        peer.send(Suback(second.packet_id, (1,)))
        properties = {"reason_string": "not \x1byours"} if peer.version == 5 else {}
        peer.send(Suback(first.packet_id, (code,), dict(properties)))
        await peer.serve()

    async with ScriptedBroker(refuse) as broker:
        one = rig(broker.url, mqtt=mqtt, subscriptions=(Subscription("no", 2), Subscription("yes", 2)))
        await one.connect()
        states = {state.filter: state for state in one.observer.subscriptions}
        assert (states["no"].granted, states["no"].reason) == (None, code)
        assert states["no"].text
        assert "\x1b" not in states["no"].text
        if mqtt == "5":
            assert "yours" in states["no"].text
        assert (states["yes"].granted, states["yes"].reason) == (1, None)


async def test_subscriptions_are_made_again_and_ended_ones_are_not(rig: MakeRig) -> None:
    async with ScriptedBroker(serve, serve_known) as broker:
        one = rig(
            broker.url,
            clean_start=False,
            session_expiry=60,
            subscriptions=(Subscription("a"), Subscription("off", on=False)),
        )
        await one.connect()
        assert [state.on for state in one.observer.subscriptions if state.filter == "off"] == [False]
        state = await one.session.subscribe(Subscription("b", 1))
        assert (state.filter, state.granted) == ("b", 1)
        await one.session.subscribe(Subscription("c"))
        await one.session.unsubscribe("a")
        assert any(isinstance(packet, Unsubscribe) for packet in broker.peer.seen)
        broker.peer.close()
        await one.failure()
        await one.session.unsubscribe("c")
        assert (await one.session.subscribe(Subscription("d"))).granted is None
        one.start()
        await eventually(lambda: len(asked(broker.peer)) == 2 if len(broker.peers) == 2 else False)
        assert [wanted.filter for wanted in asked(broker.peer)] == ["b", "d"]
        await eventually(lambda: any(isinstance(packet, Unsubscribe) for packet in broker.peer.seen))
        ended = [packet.filters for packet in broker.peer.seen if isinstance(packet, Unsubscribe)]
        assert ended == [("c",)]


async def test_a_lost_link_ends_the_waiting(rig: MakeRig) -> None:
    async def mute(peer: Peer) -> None:
        await peer.accept()
        await peer.expect(Subscribe)
        peer.close()

    async with ScriptedBroker(mute) as broker:
        one = rig(broker.url)
        await one.connect()
        state = await asyncio.wait_for(one.session.subscribe(Subscription("a", 1)), 5)
        assert (state.granted, state.reason) == (None, None)


@pytest.mark.parametrize(
    "bad",
    [
        Subscription("a/#/b"),
        Subscription(""),
        Subscription("a", 3),
        Subscription("$share/g/a", no_local=True),
    ],
)
async def test_bad_filters_are_refused(rig: MakeRig, bad: Subscription) -> None:
    one = rig("mqtt://127.0.0.1:1")
    with pytest.raises(InputError):
        await one.session.subscribe(bad)


async def test_switching_off_keeps_the_row(rig: MakeRig) -> None:
    async with ScriptedBroker(serve) as broker:
        one = rig(broker.url, subscriptions=(Subscription("a", 1),))
        await one.connect()
        state = await one.session.subscribe(Subscription("a", 1, on=False))
        assert (state.on, state.granted) == (False, None)
        assert any(isinstance(packet, Unsubscribe) for packet in broker.peer.seen)
        assert (await one.session.subscribe(Subscription("a", 1))).granted == 1


@pytest.mark.mosquitto
async def test_a_real_broker_grants_and_delivers(rig: MakeRig, mosquitto: Mosquitto) -> None:
    one = rig(
        f"mqtt://127.0.0.1:{mosquitto.port}",
        mqtt="5",
        subscriptions=(Subscription("real/+", 2, identifier=9),),
    )
    await one.connect()
    await asyncio.wait_for(one.session.publish(Outgoing("real/x", b"1", 2)).done, 5)
    await eventually(lambda: one.sink.payloads() == [b"1"])
    assert one.sink.rows[-1].properties == b"\x0b\x09"
    await one.session.unsubscribe("real/+")
    await asyncio.wait_for(one.session.publish(Outgoing("real/x", b"2", 1)).done, 5)
    assert one.sink.payloads() == [b"1"]


async def test_the_registry_knows_its_protocols() -> None:
    sink, observer = MemorySink(), MemoryObserver()
    assert isinstance(make_session(Profile("a", "mqtt://x"), sink, observer), MqttSession)
    with pytest.raises(InputError, match="mqtt, websocket"):
        make_session(Profile("a", "x", protocol="smtp"), sink, observer)  # type: ignore[arg-type]


async def test_publish_before_subscribe_order(rig: MakeRig) -> None:
    async with ScriptedBroker(serve) as broker:
        one = rig(broker.url, subscriptions=(Subscription("a"), Subscription("b")))
        waiting = one.session.publish(Outgoing("a", b"", 1))
        await one.connect()
        await asyncio.wait_for(waiting.done, 5)
        kinds = [type(packet) for packet in broker.peer.seen if isinstance(packet, Subscribe | Publish)]
        assert kinds == [Subscribe, Subscribe, Publish]
