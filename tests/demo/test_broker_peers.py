"""The embedded broker against mosquitto's programs and a WebSocket client that is not ours."""

from __future__ import annotations

import asyncio
import os
import ssl
from pathlib import Path

import pytest
import websockets

from mqttx_tui.demo.broker import Broker, server_tls
from mqttx_tui.wire.decode import decode
from mqttx_tui.wire.encode import encode
from mqttx_tui.wire.framing import Splitter
from mqttx_tui.wire.packets import (
    Connack,
    Connect,
    Packet,
    Publish,
    Suback,
    Subscribe,
    Subscription,
)
from tests.demo.conftest import StartBroker
from tests.demo.peers import TIMEOUT, Peer, publish, run, subscribed
from tests.support.certificates import Certificates
from tests.support.wait import eventually

pytestmark = [pytest.mark.mosquitto, pytest.mark.usefixtures("need_mosquitto")]

VERSIONS = ["mqttv31", "mqttv311", "mqttv5"]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("qos", ["0", "1", "2"])
async def test_every_qos_both_ways(broker: Broker, version: str, qos: str) -> None:
    subscriber = await run(
        "mosquitto_sub", broker.port, "-V", version, "-t", "a/+", "-q", qos, "-C", "3", "-F", "%q %t %p"
    )
    await eventually(lambda: subscribed(broker, 1))
    for text in ("one", "two", "three"):
        await publish(broker.port, "-V", version, "-t", "a/b", "-q", qos, "-m", text)
    wanted = "".join(f"{qos} a/b {text}\n" for text in ("one", "two", "three"))
    assert (await subscriber.output()).decode() == wanted


@pytest.mark.parametrize("size", [0, 1, 1 << 20, 20 << 20])
async def test_payload_sizes(broker: Broker, size: int) -> None:
    data = os.urandom(size)
    subscriber = await run("mosquitto_sub", broker.port, "-t", "big", "-q", "1", "-C", "1", "-N")
    await eventually(lambda: subscribed(broker, 1))
    if size:
        await publish(broker.port, "-t", "big", "-q", "1", payload=data)
    else:
        await publish(broker.port, "-t", "big", "-q", "1", "-n")
    assert await subscriber.output() == data


@pytest.mark.parametrize("topic", ["/leading", "with space/x y", "emoji/🌡️", "a//b", "ünïcode", "$own/x"])
async def test_topics(broker: Broker, topic: str) -> None:
    subscriber = await run("mosquitto_sub", broker.port, "-t", topic, "-C", "1", "-F", "%t")
    await eventually(lambda: subscribed(broker, 1))
    await publish(broker.port, "-t", topic, "-m", "x")
    assert (await subscriber.output()).decode() == topic + "\n"


async def test_retained_and_cleared_by_an_empty_payload(broker: Broker) -> None:
    await publish(broker.port, "-t", "state", "-m", "on", "-r")
    await publish(broker.port, "-t", "other", "-m", "kept", "-r")
    subscriber = await run("mosquitto_sub", broker.port, "-t", "state", "-C", "1", "-F", "%r %p")
    assert await subscriber.output() == b"1 on\n"
    await publish(broker.port, "-t", "state", "-n", "-r")
    subscriber = await run("mosquitto_sub", broker.port, "-t", "state", "-t", "other", "-C", "1", "-F", "%t")
    assert await subscriber.output() == b"other\n"


async def test_sys_topics(broker: Broker) -> None:
    subscriber = await run("mosquitto_sub", broker.port, "-t", "$SYS/broker/version", "-C", "1")
    assert (await subscriber.output()).startswith(b"mqttx-tui ")


async def test_properties_of_mosquitto_arrive(broker: Broker) -> None:
    peer = await Peer(broker.port).connect()
    await peer.subscribe("a")
    properties = ["content-type", "text/plain"], ["user-property", "k", "v"], ["response-topic", "r"]
    flags = [part for one in properties for part in ("-D", "publish", *one)]
    await publish(broker.port, "-V", "mqttv5", "-t", "a", "-m", "x", *flags)
    (message,) = await peer.take(1)
    assert message.properties == {"content_type": "text/plain", "response_topic": "r", "user": (("k", "v"),)}


async def test_will_of_a_killed_client(broker: Broker) -> None:
    peer = await Peer(broker.port).connect()
    await peer.subscribe("wills")
    doomed = await run(
        "mosquitto_sub", broker.port, "-t", "x", "--will-topic", "wills", "--will-payload", "gone"
    )
    await eventually(lambda: subscribed(broker, 2))
    await doomed.stop()
    (message,) = await peer.take(1)
    assert message.payload == b"gone"


async def test_password(start_broker: StartBroker) -> None:
    broker = await start_broker(users={"me": "correct"})
    await publish(broker.port, "-t", "a", "-m", "x", "-u", "me", "-P", "correct")
    for arguments in (["-u", "me", "-P", "wrong"], ["-u", "you", "-P", "correct"], []):
        program = await run("mosquitto_pub", broker.port, "-t", "a", "-m", "x", *arguments)
        _out, error = await asyncio.wait_for(program.process.communicate(), TIMEOUT)
        assert program.process.returncode
        assert b"bad user name or password" in error


async def test_tls_and_mutual_tls(start_broker: StartBroker, certificates: Certificates) -> None:
    broker = await start_broker(tls=server_tls(certificates.server_cert, certificates.server_key))
    await publish(broker.port, "--cafile", certificates.ca, "-t", "a", "-m", "x")
    context = server_tls(certificates.server_cert, certificates.server_key, certificates.ca)
    strict = await start_broker(tls=context)
    own = ["--cert", certificates.client_cert, "--key", certificates.client_key]
    await publish(strict.port, "--cafile", certificates.ca, *own, "-t", "a", "-m", "x", "-q", "1")
    program = await run(
        "mosquitto_pub", strict.port, "--cafile", certificates.ca, "-t", "a", "-m", "x", "-q", "1"
    )
    await asyncio.wait_for(program.process.communicate(), TIMEOUT)
    assert program.process.returncode
    assert (broker.counters.received, strict.counters.received) == (1, 1)


async def test_unix_socket(start_broker: StartBroker, tmp_path: Path) -> None:
    path = tmp_path / "broker.sock"
    await start_broker(port=None, ws_port=None, path=path)
    reader, writer = await asyncio.open_unix_connection(str(path))
    writer.write(encode(Connect("me"), 4))
    assert await reader.readexactly(4) == b"\x20\x02\x00\x00"
    writer.close()
    await writer.wait_closed()


class WebSocketPeer:
    """Our codec on the asyncio client of ``websockets``."""

    def __init__(self, socket: websockets.ClientConnection) -> None:
        self.socket = socket
        self._splitter = Splitter()
        self._packets: list[Packet] = []

    async def send(self, packet: Packet) -> None:
        await self.socket.send(encode(packet, 4))

    async def receive(self) -> Packet:
        while not self._packets:
            data = await asyncio.wait_for(self.socket.recv(), TIMEOUT)
            assert isinstance(data, bytes)
            self._packets = [decode(raw, 4) for raw in self._splitter.feed(data)]
        return self._packets.pop(0)


@pytest.mark.parametrize("secure", [False, True], ids=["ws", "wss"])
async def test_websocket(start_broker: StartBroker, certificates: Certificates, secure: bool) -> None:
    tls = server_tls(certificates.server_cert, certificates.server_key) if secure else None
    broker = await start_broker(tls=tls)
    url = f"{'wss' if secure else 'ws'}://localhost:{broker.ws_port}/mqtt"
    trust = ssl.create_default_context(cafile=certificates.ca) if secure else None
    data = os.urandom(1 << 20)
    async with websockets.connect(
        url, subprotocols=[websockets.Subprotocol("mqtt")], ssl=trust, max_size=None, proxy=None
    ) as socket:
        assert socket.subprotocol == "mqtt"
        peer = WebSocketPeer(socket)
        await peer.send(Connect("ws"))
        assert await peer.receive() == Connack()
        await peer.send(Subscribe(1, (Subscription("#"),)))
        assert await peer.receive() == Suback(1, (0,))
        raw = encode(Publish("a", data), 4)
        await socket.send([raw[:10], raw[10:100_000], raw[100_000:]])
        assert await peer.receive() == Publish("a", data)
    await eventually(lambda: not broker.core.open)


async def test_websocket_needs_the_subprotocol_and_binary_frames(broker: Broker) -> None:
    url = f"ws://127.0.0.1:{broker.ws_port}/mqtt"
    with pytest.raises(websockets.InvalidStatus) as refused:
        await websockets.connect(url, proxy=None)
    assert refused.value.response.status_code == 400
    async with websockets.connect(url, subprotocols=[websockets.Subprotocol("mqtt")], proxy=None) as socket:
        await socket.send("text")
        with pytest.raises(websockets.ConnectionClosed):
            await asyncio.wait_for(socket.recv(), TIMEOUT)
        assert socket.close_code == 1003


async def test_a_flood_loses_nothing(broker: Broker) -> None:
    """20,000 messages through mosquitto_sub, which keeps up."""
    count = 20_000
    subscriber = await run("mosquitto_sub", broker.port, "-t", "#", "-C", str(count))
    await eventually(lambda: subscribed(broker, 1))
    peer = await Peer(broker.port, 4).connect("flood")
    peer.write(b"".join(encode(Publish(f"t/{n % 10}", b"%d" % n), 4) for n in range(count)))
    assert await subscriber.output() == b"".join(b"%d\n" % n for n in range(count))
    assert broker.dropped == 0
