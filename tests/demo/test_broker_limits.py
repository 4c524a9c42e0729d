"""Clients that are refused, slow, out of bounds or broken."""

from __future__ import annotations

import asyncio
import contextlib
import random
from typing import Any

import pytest

from mqttx_tui.demo.broker import Broker, Limits
from mqttx_tui.wire.encode import encode
from mqttx_tui.wire.packets import (
    Auth,
    Connack,
    Connect,
    Disconnect,
    Packet,
    Pingreq,
    Pingresp,
    Publish,
    Pubrel,
    Subscribe,
    Subscription,
    Unsubscribe,
    Will,
)
from tests.demo.conftest import StartBroker
from tests.demo.peers import Peer, payloads
from tests.support.wait import eventually


async def test_maximum_packet_size_both_ways(start_broker: StartBroker) -> None:
    broker = await start_broker(limits=Limits(max_packet=1000))
    peer = await Peer(broker.port).connect(properties={"maximum_packet_size": 100})
    assert peer.connack.properties["maximum_packet_size"] == 1000
    await peer.subscribe("a", qos=1)
    other = await Peer(broker.port).connect()
    for qos in (0, 1):
        await other.publish("a", bytes(200), qos)
        await other.publish("a", b"small", qos)
    assert payloads(await peer.take(2)) == [b"small", b"small"]
    assert broker.counters.too_large == 2
    other.write(encode(Publish("a", bytes(2000)), 5)[:20])
    assert await other.closed() == [Disconnect(0x95)]


async def test_hooks_refuse(start_broker: StartBroker) -> None:
    def authenticate(connect: Connect) -> int:
        return {"bad": 0x86, "no": 0x87}.get(connect.username or "", 0)

    def authorise(client_id: str, username: str | None, action: str, topic: str) -> int:
        return 0x87 if topic.startswith("secret") and username != "root" else 0

    broker = await start_broker(authenticate=authenticate, authorise=authorise)
    for version, codes in ((3, (4, 5)), (4, (4, 5)), (5, (0x86, 0x87))):
        for username, code in zip(("bad", "no"), codes, strict=True):
            peer = await Peer(broker.port, version).connect("x", username=username)
            assert peer.connack == Connack(code)
            assert await peer.closed() == []
    peer = await Peer(broker.port).connect("x", username="me")
    assert await peer.subscribe("secret/#", "open") == (0x87, 0)
    assert await peer.publish("secret/a", b"x", 1) == 0x87
    assert await peer.publish("secret/a", b"x", 2) == 0x87
    root = await Peer(broker.port).connect("y", username="root")
    assert await root.subscribe("secret/#") == (0,)


@pytest.mark.parametrize(
    ("limits", "connect", "code"),
    [
        (Limits(versions=frozenset({4})), Connect("a", 5), 0x84),
        (Limits(versions=frozenset({5})), Connect("a", 4), 1),
        (Limits(maximum_qos=0), Connect("a", 5, will=Will("w", qos=1)), 0x9B),
        (Limits(retain_available=False), Connect("a", 5, will=Will("w", retain=True)), 0x9A),
        (Limits(), Connect("a", 5, properties={"authentication_method": "SCRAM"}), 0x8C),
    ],
    ids=["5", "4", "will qos", "will retain", "method"],
)
async def test_connect_refused(
    start_broker: StartBroker, limits: Limits, connect: Connect, code: int
) -> None:
    broker = await start_broker(limits=limits)
    peer = await Peer(broker.port, connect.version).open()
    peer.send(connect)
    assert await peer.closed() == [Connack(code)]


async def test_announced_limits_hold(start_broker: StartBroker) -> None:
    broker = await start_broker(limits=Limits(maximum_qos=1, retain_available=False, server_keep_alive=30))
    peer = await Peer(broker.port).connect()
    found = peer.connack.properties
    assert (found["maximum_qos"], found["retain_available"], found["server_keep_alive"]) == (1, False, 30)
    assert await peer.subscribe("a", qos=2) == (1,)
    peer.send(Publish("a", qos=2, packet_id=1))
    assert await peer.closed() == [Disconnect(0x9B)]
    peer = await Peer(broker.port).connect()
    peer.send(Publish("a", retain=True))
    assert await peer.closed() == [Disconnect(0x9A)]


@pytest.mark.parametrize(
    ("packet", "reason"),
    [
        (Connect("again", 5), 0x82),
        (Connack(), 0x82),
        (Auth(), 0x82),
        (Publish("a", properties={"subscription_identifier": 1}), 0x82),
        (Publish("a", properties={"topic_alias": 101}), 0x94),
    ],
    ids=lambda value: getattr(value, "type", value),
)
async def test_packets_out_of_place(broker: Broker, packet: Packet, reason: int) -> None:
    peer = await Peer(broker.port).connect()
    peer.send(packet)
    assert await peer.closed() == [Disconnect(reason)]


BAD_BYTES: list[tuple[str, int]] = [
    ("36 05 0001 61 0001", 0x81),
    ("30 ff ff ff ff 01", 0x81),
    ("30 ff ff ff 7f", 0x95),
    ("30 06 0003 c32861 00", 0x81),
    ("30 04 0001 23 00", 0x90),
    ("00 00", 0x81),
    ("82 02 0001", 0x81),
]


@pytest.mark.parametrize(("text", "reason"), BAD_BYTES)
async def test_bad_bytes_after_connect(broker: Broker, text: str, reason: int) -> None:
    peer = await Peer(broker.port).connect()
    peer.send(Pingreq())
    peer.write(bytes.fromhex(text))
    assert await peer.closed() == [Pingresp(), Disconnect(reason)]
    old = await Peer(broker.port, 4).connect()
    old.write(bytes.fromhex(text))
    assert await old.closed() == []


@pytest.mark.parametrize(
    "raw",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01",
        b"\x00" * 50,
        b"\xff" * 50,
        b"\xc0\x00",
        b"\x10\x00",
    ],
)
async def test_bad_bytes_before_connect(broker: Broker, raw: bytes) -> None:
    for port in (broker.port, broker.ws_port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(raw)
        writer.write_eof()
        assert b"\x20\x02\x00\x00" not in await reader.read()
        writer.close()
        await writer.wait_closed()
    peer = await Peer(broker.port).connect()
    await peer.nothing()


async def test_an_unknown_version_gets_the_answer_of_3_1_1(broker: Broker) -> None:
    peer = await Peer(broker.port, 4).open()
    peer.write(bytes.fromhex("10 0c 0004 4d515454 09 02 003c 0000"))
    assert await peer.closed() == [Connack(1)]


async def test_a_broken_hook_costs_only_its_client(start_broker: StartBroker) -> None:
    def authorise(*arguments: Any) -> int:
        raise RuntimeError("broken")

    broker = await start_broker(authorise=authorise)
    peer = await Peer(broker.port).connect()
    peer.send(Publish("a"))
    assert await peer.closed() == [Disconnect(0x83)]
    assert (await Peer(broker.port).connect()).connack.reason == 0


@pytest.mark.parametrize(
    "limits", [Limits(queue_messages=100), Limits(queue_bytes=2 << 20)], ids=["n", "bytes"]
)
async def test_a_slow_subscriber_is_bounded_and_counted(start_broker: StartBroker, limits: Limits) -> None:
    broker = await start_broker(limits=limits)
    slow = await Peer(broker.port, 4).connect("slow")
    await slow.subscribe("#")
    slow.stall()
    quick = await Peer(broker.port, 4).connect("quick")
    await quick.subscribe("done")
    other = await Peer(broker.port, 4).connect("other")
    count = 2000
    for n in range(count):
        other.send(Publish("load", n.to_bytes(2, "big") + bytes(20_000)))
    other.send(Publish("done", b"x"))
    assert payloads(await quick.take(1)) == [b"x"]
    conversation = broker.core.conversations["slow"]
    messages, size = conversation.outlet.waiting
    assert messages <= limits.queue_messages
    assert size <= limits.queue_bytes
    assert 0 < broker.dropped < count
    slow.resume()
    lost = broker.dropped
    got = await slow.take(count + 1 - lost)
    numbers = [int.from_bytes(m.payload[:2], "big") for m in got if m.topic == "load"]
    assert numbers == sorted(numbers)
    assert broker.dropped == lost


async def test_a_stalled_client_does_not_stop_the_end(start_broker: StartBroker) -> None:
    broker = await start_broker()
    slow = await Peer(broker.port, 4).connect("slow")
    await slow.subscribe("#")
    slow.stall()
    other = await Peer(broker.port, 4).connect("other")
    for _ in range(20):
        other.send(Publish("load", bytes(1 << 20)))
    await eventually(lambda: broker.counters.received == 20)
    await asyncio.wait_for(broker.stop(), 5)


async def test_two_brokers_and_a_taken_port(broker: Broker) -> None:
    second = Broker(port=broker.port)
    with pytest.raises(OSError):
        await second.start()
    assert broker.port != broker.ws_port
    third = Broker(ws_port=None)
    await third.start()
    assert third.ws_port == 0
    await third.stop()


async def test_subscribe_with_no_local_on_a_share_is_an_error(broker: Broker) -> None:
    peer = await Peer(broker.port).connect()
    peer.send(Subscribe(1, (Subscription("$share/g/a", no_local=True),)))
    assert await peer.closed() == [Disconnect(0x82)]


def conversation() -> bytes:
    """What a well-behaved client might send."""
    packets: tuple[Packet, ...] = (
        Connect("x", 5, will=Will("w", b"w")),
        Subscribe(1, (Subscription("#", 1), Subscription("$share/g/+/#", 2))),
        Publish("a/b", b"payload", 1, packet_id=1, properties={"user": (("k", "v"),)}),
        Publish("a/b", b"payload", 2, packet_id=2, retain=True),
        Pubrel(2),
        Unsubscribe(2, ("#",)),
    )
    return b"".join(encode(packet, 5) for packet in packets)


UPGRADE = (
    b"GET /mqtt HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Protocol: mqtt\r\n\r\n"
)


@pytest.mark.parametrize("websocket", [False, True], ids=["tcp", "ws"])
async def test_damaged_bytes_never_end_the_broker(
    broker: Broker, websocket: bool, caplog: pytest.LogCaptureFixture
) -> None:
    chance = random.Random(7431)
    good = conversation()
    if websocket:
        good = UPGRADE + b"\x82\xfe" + len(good).to_bytes(2, "big") + bytes(4) + good
    watch = await Peer(broker.port).connect("watch")
    for _ in range(200):
        raw = bytearray(good)
        for _ in range(chance.randint(1, 4)):
            raw[chance.randrange(len(raw))] = chance.randrange(256)
        port = broker.ws_port if websocket else broker.port
        _reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(bytes(raw[: chance.randint(1, len(raw))]))
        writer.write_eof()
        await eventually(lambda: len(broker.core.open) == 1, "the damaged client is gone")
        writer.transport.abort()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
    await watch.nothing()
    assert not [record for record in caplog.records if record.levelname in ("ERROR", "CRITICAL")]
