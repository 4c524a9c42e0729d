"""Rules 1, 2 and 3: what connected means, coming back, and being refused."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest

from mqttx_tui.model.errors import Exit
from mqttx_tui.model.message import Outgoing
from mqttx_tui.model.profile import Subscription
from mqttx_tui.wire.packets import Connack, Connect, Publish, Pubrec, Subscribe
from tests.session.conftest import Rig
from tests.session.scripts import accept_and_close, answering, close_at_once, serve
from tests.support.mosquitto import free_port
from tests.support.scripted import Peer, ScriptedBroker
from tests.support.wait import eventually

MakeRig = Callable[..., Rig]


# Rule 1.


async def test_a_refusal_after_a_loss_is_not_hidden(rig: MakeRig) -> None:
    async with ScriptedBroker(accept_and_close, answering(Connack(5)), serve) as broker:
        one = rig(broker.url, mqtt="3.1.1", subscriptions=(Subscription("#"),))
        lost = await one.failure()
        assert lost.stage == "link"
        assert len(one.observer.connections) == 1
        refused = await one.failure()
        assert (refused.stage, refused.code, refused.exit_code) == ("mqtt", 5, Exit.NOT_AUTHORISED)
        assert len(one.observer.connections) == 1
        await one.connect(2)


async def test_connected_waits_for_connack(rig: MakeRig) -> None:
    go = asyncio.Event()

    async def slow(peer: Peer) -> None:
        await peer.expect(Connect)
        await go.wait()
        peer.send(Connack())
        await peer.serve()

    async with ScriptedBroker(accept_and_close, slow) as broker:
        one = rig(broker.url, subscriptions=(Subscription("#"),))
        await one.failure()
        one.start()
        await eventually(lambda: len(broker.peers) == 2 and broker.peer.seen)
        assert len(one.observer.connections) == 1
        assert one.observer.stages[-1].stage == "mqtt"
        assert one.observer.stages[-1].status == "running"
        go.set()
        await eventually(lambda: len(one.observer.connections) == 2)


# Rule 2.


@pytest.mark.parametrize(
    ("mqtt", "clean_start", "expiry", "first", "second"),
    [
        ("5", True, 0, True, True),
        ("5", True, 60, True, False),
        ("5", False, 60, False, False),
        ("3.1.1", True, 0, True, True),
        ("3.1.1", False, 0, False, False),
    ],
)
async def test_clean_start_over_connections(
    rig: MakeRig, mqtt: str, clean_start: bool, expiry: float, first: bool, second: bool
) -> None:
    async with ScriptedBroker(accept_and_close, serve) as broker:
        one = rig(
            broker.url,
            mqtt=mqtt,
            clean_start=clean_start,
            session_expiry=expiry,
            subscriptions=(Subscription("#"),),
        )
        await one.failure()
        await one.connect(2)
        connects = [next(p for p in peer.seen if isinstance(p, Connect)) for peer in broker.peers]
        assert [connect.clean_start for connect in connects] == [first, second]
        assert connects[0].client_id == connects[1].client_id
        ids = [next(p for p in peer.seen if isinstance(p, Subscribe)).packet_id for peer in broker.peers]
        assert ids[1] > ids[0]
        events = [text for kind, text in one.sink.events if kind == "session"]
        assert len(events) == (0 if first else 1) + (0 if second else 1)


@pytest.mark.parametrize(("present", "copies"), [(True, 1), (False, 2)])
async def test_qos_2_identifiers_live_as_long_as_the_session(
    rig: MakeRig, present: bool, copies: int
) -> None:
    message = Publish("a", b"once", qos=2, packet_id=7)

    async def first(peer: Peer) -> None:
        await peer.accept()
        await peer.expect(Subscribe)
        peer.send(message)
        await peer.expect(Pubrec)
        peer.close()

    async def second(peer: Peer) -> None:
        await peer.accept(Connack(session_present=present))
        await peer.expect(Subscribe)
        peer.send(message)
        await peer.expect(Pubrec)
        peer.send(Publish("a", b"end"))
        await peer.serve()

    async with ScriptedBroker(first, second) as broker:
        one = rig(broker.url, clean_start=False, session_expiry=60, subscriptions=(Subscription("#", 2),))
        await one.failure()
        one.start()
        await eventually(lambda: b"end" in one.sink.payloads())
        assert one.sink.payloads() == [b"once"] * copies + [b"end"]


async def test_half_done_flows_are_sent_again_where_the_session_is_gone(rig: MakeRig) -> None:
    async def first(peer: Peer) -> None:
        await peer.accept()
        publish = await peer.expect(Publish)
        peer.send(Pubrec(publish.packet_id))
        await eventually(lambda: rows_of(6), "PUBREL")
        peer.close()

    async with ScriptedBroker(first, serve) as broker:
        one = rig(broker.url, clean_start=False, session_expiry=60)

        def rows_of(kind: int) -> bool:
            return kind in one.sink.types(1)

        await one.connect()
        delivery = one.session.publish(Outgoing("a", b"x", 2))
        await one.failure()
        assert not delivery.done.done()
        await one.connect(2)
        await asyncio.wait_for(delivery.done, 5)
        assert [p.payload for p in broker.peer.seen if isinstance(p, Publish)] == [b"x"]
        assert any("may arrive twice" in text for _, text in one.sink.events)


# Rule 3.


async def test_nothing_listens(rig: MakeRig) -> None:
    one = rig(f"mqtt://127.0.0.1:{free_port()}")
    error = await one.failure()
    assert (error.stage, error.retry) == ("tcp", True)
    assert error.hint


@pytest.mark.parametrize("code", [1, 2])
async def test_old_refusals_that_paho_swallows_are_told_at_once(rig: MakeRig, code: int) -> None:
    async with ScriptedBroker(answering(Connack(code))) as broker:
        one = rig(broker.url, mqtt="3.1.1")
        started = time.monotonic()
        error = await one.failure()
        assert time.monotonic() - started < 3
        assert (error.stage, error.code, error.retry) == ("mqtt", code, False)


@pytest.mark.parametrize("mqtt", ["3.1.1", "5"])
async def test_closed_before_connack_is_told_at_once(rig: MakeRig, mqtt: str) -> None:
    async with ScriptedBroker(close_at_once) as broker:
        one = rig(broker.url, mqtt=mqtt)
        started = time.monotonic()
        error = await one.failure()
        assert time.monotonic() - started < 3
        assert (error.stage, error.retry) == ("mqtt", True)
        assert one.observer.stages[-1].status == "failed"


async def test_another_protocol_is_named(rig: MakeRig) -> None:
    async def ssh(peer: Peer) -> None:
        peer.send_raw(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n")
        await peer.expect(Connect)

    async with ScriptedBroker(ssh) as broker:
        error = await rig(broker.url).failure()
        assert error.stage == "mqtt"
        assert "SSH" in error.message


async def test_no_connack_ends_in_time(rig: MakeRig) -> None:
    async def silent(peer: Peer) -> None:
        await peer.expect(Connect)
        await peer.next()

    async with ScriptedBroker(silent, serve) as broker:
        one = rig(broker.url, connect_timeout=0.3)
        error = await one.failure()
        assert (error.stage, error.title) == ("mqtt", "No answer to CONNECT")
        await one.connect()


@pytest.mark.parametrize(
    ("connack", "retry", "exit_code", "says"),
    [
        (Connack(0x86), False, Exit.NOT_AUTHORISED, "Bad User Name"),
        (
            Connack(0x87, properties={"reason_string": "no \x1b[2J way"}),
            False,
            Exit.NOT_AUTHORISED,
            "no ␛[2J way",
        ),
        (Connack(0x88), True, Exit.UNREACHABLE, "unavailable"),
        (Connack(0x9D, properties={"server_reference": "mq2.lab"}), False, Exit.UNREACHABLE, "moved"),
    ],
)
async def test_refusals_of_version_5(
    rig: MakeRig, connack: Connack, retry: bool, exit_code: Exit, says: str
) -> None:
    async with ScriptedBroker(answering(connack)) as broker:
        error = await rig(broker.url).failure()
        assert (error.stage, error.code, error.retry) == ("mqtt", connack.reason, retry)
        assert error.exit_code == exit_code
        assert says in error.message
        if "server_reference" in connack.properties:
            assert "mq2.lab" in error.hint
