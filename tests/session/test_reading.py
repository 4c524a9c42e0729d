"""Rules 4, 8 and 12, and what the batch reader makes of messages."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest

from mqttx_tui.model.message import DUP, RETAIN, Outgoing
from mqttx_tui.model.profile import ConnectProperties, Subscription
from mqttx_tui.wire.encode import encode
from mqttx_tui.wire.packets import (
    Connack,
    Disconnect,
    Packet,
    Pingreq,
    Puback,
    Pubcomp,
    Publish,
    Pubrec,
    Pubrel,
    Suback,
    Subscribe,
)
from tests.session.conftest import Rig
from tests.support.mosquitto import Mosquitto
from tests.support.proxy import CuttingProxy
from tests.support.scripted import Peer, PeerGoneError, ScriptedBroker
from tests.support.wait import eventually

MakeRig = Callable[..., Rig]
ALL = (Subscription("#", 2),)


async def subscribed(peer: Peer) -> None:
    await peer.accept()
    subscribe = await peer.expect(Subscribe)
    peer.send(Suback(subscribe.packet_id, (2,)))


def sending(*packets: Packet | bytes) -> Callable[[Peer], object]:
    """After SUBACK, send these and serve."""

    async def script(peer: Peer) -> None:
        await subscribed(peer)
        for packet in packets:
            peer.send_raw(packet if isinstance(packet, bytes) else encode(packet, peer.version))
        await peer.serve()

    return script


# Rule 4.


@pytest.mark.parametrize("reset", [True, False])
async def test_what_came_before_the_loss_is_captured(rig: MakeRig, reset: bool) -> None:
    count = 3000

    async def script(peer: Peer) -> None:
        await subscribed(peer)
        peer.send_raw(b"".join(encode(Publish("a", b"%d" % n), 5) for n in range(count)) + b"\x30\x10\x00")
        if not reset:
            peer.close()
        await peer.serve()

    async with ScriptedBroker(script) as broker:
        proxy = await CuttingProxy(broker.port).start()
        one = rig(f"mqtt://127.0.0.1:{proxy.port}", subscriptions=ALL)
        running = one.start()
        await eventually(lambda: one.session.traffic.bytes_in > count * 8 or running.done())
        if reset:
            proxy.cut(reset=True)
        error = await one.failure() if not running.done() else running.exception()
        assert getattr(error, "stage", "") == "link"
        assert one.sink.payloads() == [b"%d" % n for n in range(count)]
        assert one.sink.cut_off_count == 1
        await proxy.stop()


# Rule 8.


async def test_a_silent_link_is_dead_after_one_and_a_half_intervals(rig: MakeRig) -> None:
    async def silent(peer: Peer) -> None:
        peer.answers_pings = False
        await subscribed(peer)
        await peer.serve()

    async with ScriptedBroker(silent) as broker:
        one = rig(broker.url, keepalive=1, subscriptions=ALL)
        await one.connect()
        started = time.monotonic()
        error = await one.failure()
        took = time.monotonic() - started
        assert error.title == "Keepalive timeout"
        assert error.retry
        assert 1.2 < took < 4
        assert len([packet for packet in broker.peer.seen if isinstance(packet, Pingreq)]) >= 2


async def test_any_byte_counts_as_life(rig: MakeRig) -> None:
    async def talkative(peer: Peer) -> None:
        peer.answers_pings = False
        await subscribed(peer)
        try:
            for number in range(16):
                peer.send(Publish("a", b"%d" % number))
                await asyncio.sleep(0.25)
        except PeerGoneError:
            pass

    async with ScriptedBroker(talkative) as broker:
        one = rig(broker.url, keepalive=1, subscriptions=ALL)
        await one.connect()
        await eventually(lambda: len(one.sink.rows) == 16)
        assert one.running is not None
        assert not one.running.done()


async def test_paused_reading_pauses_the_link_and_counts_as_life(rig: MakeRig) -> None:
    burst = b"".join(encode(Publish("a", b"%04d" % n + b"x" * 996), 5) for n in range(2000))

    async with ScriptedBroker(sending(burst)) as broker:  # type: ignore[arg-type]
        one = rig(broker.url, keepalive=1, subscriptions=ALL)
        one.sink.on_rows = lambda rows: setattr(one.sink, "full", True)
        one.start()
        await eventually(lambda: one.sink.full)
        taken = len(one.sink.rows)
        started = time.monotonic()
        await eventually(lambda: time.monotonic() - started > 2.5)
        assert one.running is not None
        assert not one.running.done()
        assert len(one.sink.rows) == taken < 2000
        assert one.session.traffic.paused_seconds > 2
        assert len([packet for packet in broker.peer.seen if isinstance(packet, Pingreq)]) >= 2
        one.sink.on_rows = None
        one.sink.drain()
        await eventually(lambda: len(one.sink.rows) == 2000)
        assert [payload[:4] for payload in one.sink.payloads()] == [b"%04d" % n for n in range(2000)]


async def test_the_round_trip_is_measured(rig: MakeRig) -> None:
    async with ScriptedBroker(sending()) as broker:  # type: ignore[arg-type]
        one = rig(broker.url, keepalive=1, subscriptions=ALL)
        await one.connect()
        started = time.monotonic()
        await eventually(lambda: len(one.observer.round_trips) >= 3)
        assert 1.3 < time.monotonic() - started < 6
        assert all(0 < value < 2000 for value in one.observer.round_trips)


# Rule 12.


@pytest.mark.parametrize(
    ("bad", "reason", "says"),
    [
        (b"\x36\x06\x00\x01a\x00\x01\x00", 0x81, "byte 0"),
        (b"\x00\x00", 0x81, "byte 0"),
        (b"\x31\x04\x00\x01\xff\x00", 0x81, "UTF-8"),
        (b"\x30\xff\xff\xff\xff\x01", 0x81, "byte 1"),
        (b"\x20\x03\x00\x00\x00", 0x82, "one CONNACK only"),
        (b"\x82\x07\x00\x01\x00\x00\x01a\x00", 0x82, "byte 0"),
        (b"\xf0\x00", 0x82, "AUTH"),
        (b"\x30\x07\x00\x00\x03\x23\x00\x05x", 0x94, "alias"),
        (b"\x30\xb8\x17\x00\x01a", 0x95, "bytes in a packet"),
    ],
)
async def test_bad_packets_are_answered_as_mqtt_says(
    rig: MakeRig, bad: bytes, reason: int, says: str
) -> None:
    good = Publish("a", b"good")
    async with ScriptedBroker(sending(good, bad, Publish("a", b"after"))) as broker:  # type: ignore[arg-type]
        one = rig(broker.url, subscriptions=ALL, max_packet=2000)
        error = await one.failure()
        assert (error.stage, error.retry) == ("link", True)
        assert says in error.message
        assert "byte" in error.message
        assert one.sink.payloads()[0] == b"good"
        assert any(says in text for kind, text in one.sink.events if kind == "protocol")
        assert one.sink.too_large_count == (1 if reason == 0x95 else 0)
        await eventually(lambda: broker.peer.gone)
        assert broker.peer.seen[-1] == Disconnect(reason)


async def test_bad_packets_end_a_311_link_without_a_word(rig: MakeRig) -> None:
    async with ScriptedBroker(sending(b"\x00\x00")) as broker:  # type: ignore[arg-type]
        one = rig(broker.url, mqtt="3.1.1", subscriptions=ALL)
        assert (await one.failure()).stage == "link"
        await eventually(lambda: broker.peer.gone)
        assert not any(isinstance(packet, Disconnect) for packet in broker.peer.seen)


async def test_a_packet_before_connack_is_refused(rig: MakeRig) -> None:
    async def early(peer: Peer) -> None:
        await peer.next()
        peer.send_raw(b"\xe0\x00" if peer.version == 5 else b"\xd0\x00")
        await peer.serve()

    async with ScriptedBroker(early) as broker:
        assert (await rig(broker.url).failure()).stage == "mqtt"


# Acknowledging.


async def test_acknowledgements_follow_the_rows(rig: MakeRig) -> None:
    packets = [Publish("a", b"one", 1, packet_id=1), Publish("a", b"two", 2, packet_id=2, dup=True)]
    packets += [Publish("a", b"two", 2, packet_id=2, dup=True), Publish("a", b"zero", retain=True)]

    async def script(peer: Peer) -> None:
        await subscribed(peer)
        peer.send_raw(b"".join(encode(packet, 5) for packet in packets))
        assert await peer.next() == Puback(1)
        assert [await peer.next(), await peer.next()] == [Pubrec(2), Pubrec(2)]
        peer.send_raw(encode(Pubrel(2), 5) * 2)
        assert [await peer.next(), await peer.next()] == [Pubcomp(2), Pubcomp(2, 0x92)]
        peer.send(Publish("a", b"end"))
        await peer.serve()

    async with ScriptedBroker(script) as broker:
        one = rig(broker.url, subscriptions=ALL)
        one.start()
        await eventually(lambda: b"end" in one.sink.payloads())
        assert one.sink.payloads() == [b"one", b"two", b"zero", b"end"]
        assert [row.flags for row in one.sink.rows] == [2, 4 | DUP, RETAIN, 0]
        acknowledged = {
            (row.type, row.packet_id): row.message for row in one.sink.packets if row.type in (4, 5)
        }
        assert acknowledged[4, 1] == 1


async def test_topic_aliases_are_resolved(rig: MakeRig) -> None:
    first = Publish("long/topic", b"1", properties={"topic_alias": 2})
    second = Publish("", b"2", properties={"topic_alias": 2})
    async with ScriptedBroker(sending(first, second)) as broker:  # type: ignore[arg-type]
        one = rig(broker.url, subscriptions=ALL, properties=ConnectProperties(topic_alias_maximum=4))
        one.start()
        await eventually(lambda: len(one.sink.rows) == 2)
        assert one.sink.received() == [("long/topic", b"1"), ("long/topic", b"2")]


async def test_excluded_topics_are_counted_and_acknowledged(rig: MakeRig) -> None:
    go = asyncio.Event()

    async def script(peer: Peer) -> None:
        await subscribed(peer)
        for payload in (b"1", b"2"):
            peer.send(Publish("noisy/x", payload, 1, packet_id=1))
            await peer.expect(Puback)
            await go.wait()
        await peer.serve()

    async with ScriptedBroker(script) as broker:
        one = rig(broker.url, subscriptions=ALL, exclude=("noisy/#",))
        one.start()
        await eventually(lambda: one.sink.excluded_count == 1)
        one.sink.exclude = ()
        one.sink.revision += 1
        go.set()
        await eventually(lambda: one.sink.payloads() == [b"2"])


async def test_a_huge_packet_comes_in_pieces(rig: MakeRig) -> None:
    payload = bytes(range(256)) * 40_000
    async with ScriptedBroker(sending(Publish("a", payload, 1, packet_id=3))) as broker:  # type: ignore[arg-type]
        one = rig(broker.url, subscriptions=ALL)
        one.start()
        await eventually(lambda: one.sink.payloads() == [payload], timeout=20)
        await eventually(lambda: Puback(3) in broker.peer.seen)


async def test_a_flood_leaves_the_event_loop_alone(rig: MakeRig) -> None:
    tiny = encode(Publish("a"), 5) * 200_000
    async with ScriptedBroker(sending(tiny)) as broker:  # type: ignore[arg-type]
        one = rig(broker.url, subscriptions=ALL)
        one.start()
        most = 0
        while len(one.sink.rows) < 200_000:
            before = len(one.sink.rows)
            await asyncio.sleep(0)
            most = max(most, len(one.sink.rows) - before)
        # One read holds 43,690 of these packets: taken in one go they would block everything else.
        assert most < 30_000


@pytest.mark.mosquitto
@pytest.mark.parametrize("mqtt", ["3.1", "3.1.1", "5", "auto"])
async def test_retained_messages_of_a_real_broker(rig: MakeRig, mosquitto: Mosquitto, mqtt: str) -> None:
    topic = f"kept/{mqtt}"
    url = f"mqtt://127.0.0.1:{mosquitto.port}"
    sender = rig(url, mqtt=mqtt)
    await sender.connect()
    await asyncio.wait_for(sender.session.publish(Outgoing(topic, b"here", 1, True)).done, 5)
    one = rig(url, mqtt=mqtt, subscriptions=(Subscription(topic, 1),))
    await one.connect()
    await eventually(lambda: one.sink.received() == [(topic, b"here")])
    assert one.sink.rows[0].flags & RETAIN
    assert one.observer.connections[0].version == ("5" if mqtt == "auto" else mqtt)


async def test_connack_and_first_messages_in_one_read(rig: MakeRig) -> None:
    async def eager(peer: Peer) -> None:
        await peer.next()
        peer.send_raw(encode(Connack(), 5) + encode(Publish("a", b"early", 1, packet_id=1), 5))
        await peer.serve()

    async with ScriptedBroker(eager) as broker:
        one = rig(broker.url)
        one.start()
        await eventually(lambda: one.sink.payloads() == [b"early"])
        await eventually(lambda: Puback(1) in broker.peer.seen)


async def test_a_message_behind_connack_belongs_to_the_new_session(rig: MakeRig) -> None:
    again = Publish("a", b"once", 2, dup=True, packet_id=7)

    async def eager(peer: Peer) -> None:
        await peer.next()
        peer.send_raw(encode(Connack(), 5) + encode(Publish("a", b"once", 2, packet_id=7), 5))
        await peer.expect(Pubrec)
        peer.send(again)
        await peer.serve()

    async with ScriptedBroker(eager) as broker:
        one = rig(broker.url)
        one.start()
        await eventually(lambda: broker.peers and broker.peer.seen.count(Pubrec(7)) == 2)
        assert one.sink.payloads() == [b"once"]
