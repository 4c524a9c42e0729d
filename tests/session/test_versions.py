"""Rules 9 and 10, what CONNECT carries, and how a session ends."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable
from typing import Any

import pytest

from mqttx_tui.model.errors import LinkError
from mqttx_tui.model.profile import ConnectProperties, Profile, Resolved, Subscription, Will
from mqttx_tui.wire.packets import Connack, Connect, Disconnect, Subscribe
from tests.session.conftest import Rig
from tests.session.scripts import accept_and_close, answering, close_at_once, serve
from tests.support.scripted import Peer, ScriptedBroker
from tests.support.wait import eventually

MakeRig = Callable[..., Rig]


# Rule 9.


async def old_form_refusal(peer: Peer) -> None:
    await peer.expect(Connect)
    peer.send_raw(b"\x20\x02\x00\x01")
    await peer.serve()


@pytest.mark.parametrize("first", [answering(Connack(0x84)), old_form_refusal, close_at_once])
async def test_auto_falls_back_to_311_once_and_remembers_it(rig: MakeRig, first: Any) -> None:
    async with ScriptedBroker(first, accept_and_close, serve) as broker:
        one = rig(broker.url, mqtt="auto", subscriptions=(Subscription("#"),))
        await one.failure()
        assert [peer.version for peer in broker.peers] == [5, 4]
        assert one.observer.connections[0].version == "3.1.1"
        await one.connect(2)
        assert [peer.version for peer in broker.peers] == [5, 4, 4]


async def test_auto_tries_311_once_only_and_never_31(rig: MakeRig) -> None:
    async with ScriptedBroker(close_at_once) as broker:
        await rig(broker.url, mqtt="auto").failure()
        assert [peer.version for peer in broker.peers] == [5, 4]


async def test_auto_does_not_fall_back_for_other_refusals(rig: MakeRig) -> None:
    async with ScriptedBroker(answering(Connack(0x87))) as broker:
        error = await rig(broker.url, mqtt="auto").failure()
        assert error.code == 0x87
        assert len(broker.peers) == 1


# Rule 10.


async def take_over(peer: Peer) -> None:
    await peer.accept()
    await peer.expect(Subscribe)
    peer.send(Disconnect(0x8E))
    peer.close()


async def test_taken_over_in_version_5(rig: MakeRig) -> None:
    async with ScriptedBroker(take_over) as broker:
        error = await rig(broker.url, subscriptions=(Subscription("#"),)).failure()
        assert (error.stage, error.title, error.code) == ("link", "Taken over", 0x8E)
        assert "client_id" in error.hint


async def test_the_second_take_over_in_a_row_is_the_last(rig: MakeRig) -> None:
    async with ScriptedBroker(take_over, accept_and_close, take_over, take_over) as broker:
        one = rig(broker.url, subscriptions=(Subscription("#"),))
        errors = [await one.failure() for _ in range(4)]
        assert [error.retry for error in errors] == [True, True, True, False]


async def test_three_quick_closings_look_like_a_take_over_in_311(rig: MakeRig) -> None:
    async with ScriptedBroker(accept_and_close) as broker:
        one = rig(broker.url, mqtt="3.1.1", subscriptions=(Subscription("#"),))
        titles = [(await one.failure()).title for _ in range(3)]
        assert titles == ["Closed by the broker", "Closed by the broker", "Taken over?"]


@pytest.mark.parametrize("between", ["long", "reset"])
async def test_only_quick_closings_without_an_error_and_running_count(
    rig: MakeRig, monkeypatch: pytest.MonkeyPatch, between: str
) -> None:
    async def reset(peer: Peer) -> None:
        await peer.accept()
        await peer.expect(Subscribe)
        peer.reset()

    third = reset if between == "reset" else accept_and_close
    async with ScriptedBroker(accept_and_close, accept_and_close, third, accept_and_close) as broker:
        one = rig(broker.url, mqtt="3.1.1", subscriptions=(Subscription("#"),))
        titles = [(await one.failure()).title for _ in range(2)]
        with monkeypatch.context() as patch:
            if between == "long":
                patch.setattr("mqttx_tui.session.mqtt.QUICK_SECONDS", 0.0)
            titles.append((await one.failure()).title)
        titles += [(await one.failure()).title for _ in range(2)]
        assert "Taken over?" not in titles
        assert (await one.failure()).title == "Taken over?"


# What CONNECT carries.


async def test_everything_of_the_profile_reaches_connect(rig: MakeRig) -> None:
    async with ScriptedBroker(serve) as broker:
        one = rig(
            broker.url,
            client_id="bench-{random}",
            username="me",
            password="sesame",
            keepalive=33,
            session_expiry=120,
            max_packet=5000,
            will=Will("gone", "bye", 1, True, 5),
            properties=ConnectProperties(7, None, 3, True, False, (("k", "v"), ("k", "w"))),
        )
        await one.connect()
        connect = broker.peer.seen[0]
        assert isinstance(connect, Connect)
        assert connect.client_id.startswith("bench-")
        assert "{" not in connect.client_id
        assert (connect.username, connect.password, connect.keepalive) == ("me", b"sesame", 33)
        assert connect.properties == {
            "session_expiry_interval": 120,
            "receive_maximum": 7,
            "maximum_packet_size": 5000,
            "topic_alias_maximum": 3,
            "request_response_information": True,
            "request_problem_information": False,
            "user": (("k", "v"), ("k", "w")),
        }
        will = connect.will
        assert will is not None
        assert (will.topic, will.payload, will.qos, will.retain) == ("gone", b"bye", 1, True)
        assert will.properties == {"will_delay_interval": 5}


async def test_fresh_credentials_at_every_connection(rig: MakeRig) -> None:
    async with ScriptedBroker(accept_and_close, serve) as broker:
        one = rig(broker.url, password="old", username="me", subscriptions=(Subscription("#"),))
        await one.failure()
        one.profile = Profile("test", broker.url, mqtt="5", username="me", password="new")
        one.start()
        await eventually(lambda: len(one.observer.connections) == 2)
        connects = [peer.seen[0] for peer in broker.peers]
        assert [one.password for one in connects if isinstance(one, Connect)] == [b"old", b"new"]


async def test_what_connack_says_is_told(rig: MakeRig) -> None:
    properties = {
        "server_keep_alive": 9,
        "receive_maximum": 5,
        "maximum_qos": 1,
        "retain_available": False,
        "assigned_client_identifier": "given",
    }
    async with ScriptedBroker(answering(Connack(session_present=False, properties=properties))) as broker:
        one = rig(broker.url)
        await one.connect()
        info = one.observer.connections[0]
        assert (info.version, info.keepalive, info.receive_maximum) == ("5", 9.0, 5)
        assert (info.maximum_qos, info.retain_available, info.client_id) == (1, False, "given")
        assert info.properties is not None
        await eventually(lambda: one.observer.round_trips)


# Closing and cancelling.


async def test_close_sends_disconnect_and_run_returns(rig: MakeRig) -> None:
    async with ScriptedBroker(serve) as broker:
        one = rig(broker.url)
        await one.connect()
        await one.session.close()
        assert one.running is not None
        await asyncio.wait_for(one.running, 2)
        await eventually(lambda: broker.peer.gone)
        assert broker.peer.seen[-1] == Disconnect()


async def test_close_while_connecting(rig: MakeRig) -> None:
    async def silent(peer: Peer) -> None:
        await peer.expect(Connect)
        await peer.next()

    async with ScriptedBroker(silent) as broker:
        one = rig(broker.url)
        running = one.start()
        await eventually(lambda: broker.peers and broker.peer.seen)
        started = time.monotonic()
        await one.session.close()
        await asyncio.wait_for(running, 2)
        assert time.monotonic() - started < 1


async def test_cancelling_drops_the_link_and_the_session_can_run_again(rig: MakeRig) -> None:
    async with ScriptedBroker(serve) as broker:
        one = rig(broker.url)
        await one.connect()
        assert one.running is not None
        one.running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await one.running
        await eventually(lambda: broker.peer.gone)
        await one.connect(2)


async def test_resolved_is_needed_for_secrets(rig: MakeRig) -> None:
    one = rig("mqtt://127.0.0.1:1")
    with pytest.raises(LinkError):
        await one.session.run(Resolved(one.profile))


async def test_a_session_without_unix_sockets(rig: MakeRig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(socket, "AF_UNIX")
    async with ScriptedBroker(accept_and_close, serve) as broker:
        one = rig(broker.url, subscriptions=(Subscription("#"),))
        await one.failure()
        await one.connect(2)
        await eventually(lambda: one.observer.round_trips)
