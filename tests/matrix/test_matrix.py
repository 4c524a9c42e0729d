"""What one side sends, the other gets, byte for byte: every transport, version, QoS and size."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from mqttx_tui.model.message import Outgoing
from mqttx_tui.model.profile import MqttVersion, Profile, Subscription, Will
from mqttx_tui.session.base import Fate
from tests.matrix.brokers import TRANSPORTS, Listeners, start_embedded, start_mosquitto
from tests.support.certificates import Certificates
from tests.support.explorer import Explorer, explorer
from tests.support.wait import eventually

pytestmark = pytest.mark.mosquitto
VERSIONS: tuple[MqttVersion, ...] = ("3.1.1", "5")
TOPICS = ("plain/topic", "with blank/and  two", "emoji/🌡️/ä", "/leading/slash", "trailing/")


@pytest.fixture(scope="module", params=["mosquitto", "embedded"])
def broker(
    request: pytest.FixtureRequest,
    need_mosquitto: None,
    certificates: Certificates,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Listeners]:
    directory = tmp_path_factory.mktemp(f"matrix-{request.param}")
    start = start_mosquitto if request.param == "mosquitto" else start_embedded
    listeners = start(directory, certificates)
    yield listeners
    listeners.stop()


@asynccontextmanager
async def connected(
    directory: Path, broker: Listeners, transport: str, version: MqttVersion, *filters: Subscription
) -> AsyncIterator[tuple[Explorer, int]]:
    async with explorer(directory) as running:
        connection = await running.connect(broker.profile(transport, version, filters))
        yield running, connection


async def call(command: list[str], stdin: bytes = b"") -> bytes:
    process = await asyncio.create_subprocess_exec(
        *command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    out, err = await asyncio.wait_for(process.communicate(stdin), 60)
    assert process.returncode == 0, err.decode()
    return out


async def publish(
    broker: Listeners, transport: str, version: str, topic: str, payload: bytes, *options: str
) -> None:
    """mosquitto_pub; an empty payload needs -n."""
    how = ["-s"] if payload else ["-n"]
    await call(broker.client("mosquitto_pub", transport, version, "-t", topic, *how, *options), payload)


@asynccontextmanager
async def subscriber(
    broker: Listeners, transport: str, version: str, topic_filter: str, *options: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """mosquitto_sub for one message, subscribed once it says so."""
    command = broker.client(
        "mosquitto_sub", transport, version, "-t", topic_filter, "-C", "1", "-N", "-d", *options
    )
    process = await asyncio.create_subprocess_exec(
        "stdbuf", "-oL", *command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, limit=64 << 20
    )
    assert process.stdout is not None
    while b"Subscribed" not in (line := await asyncio.wait_for(process.stdout.readline(), 10)):
        assert line, "mosquitto_sub ended"
    yield process
    if process.returncode is None:
        process.kill()
    await process.wait()


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_receive_at_every_qos(
    broker: Listeners, transport: str, version: MqttVersion, tmp_path: Path
) -> None:
    async with connected(tmp_path, broker, transport, version, Subscription("m/#", 2)) as (running, _):
        for qos in (0, 1, 2):
            await publish(broker, transport, version, f"m/{qos}", b"payload \x00\xff", "-q", str(qos))
        found = await running.received(3)
    assert [(m.topic, m.qos, m.payload) for m in found] == [
        (f"m/{q}", q, b"payload \x00\xff") for q in (0, 1, 2)
    ]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_send_at_every_qos(
    broker: Listeners, transport: str, version: MqttVersion, tmp_path: Path
) -> None:
    topic = f"out/{transport}/{version}"
    async with connected(tmp_path, broker, transport, version) as (running, connection):
        for qos in (0, 1, 2):
            options = ("-q", str(qos), "-F", "%t %q %x")
            async with subscriber(broker, transport, version, topic, *options) as peer:
                delivery = running.engine.deliver(connection, Outgoing(topic, b"\x00 up \xff", qos))
                assert await asyncio.wait_for(delivery.done, 10) is (Fate.ACKNOWLEDGED if qos else Fate.SENT)
                assert peer.stdout is not None
                text = await asyncio.wait_for(peer.stdout.read(), 10)
            assert f"{topic} {qos} 00207570 20ff".replace(" 20ff", "20ff").encode() in text


@pytest.mark.parametrize("version", VERSIONS)
async def test_topics_arrive_as_they_were_sent(
    broker: Listeners, version: MqttVersion, tmp_path: Path
) -> None:
    async with connected(tmp_path, broker, "tcp", version, Subscription("#", 1)) as (running, connection):
        for topic in TOPICS:
            await publish(broker, "tcp", version, topic, topic.encode(), "-q", "1")
            running.engine.deliver(connection, Outgoing(topic, b"own " + topic.encode(), 1))
        found = await running.received(2 * len(TOPICS))
    got = {(message.topic, message.payload) for message in found}
    assert got == {(t, p + t.encode()) for t in TOPICS for p in (b"", b"own ")}


@pytest.mark.parametrize("size", [0, 1_000_000, 20_000_000])
@pytest.mark.parametrize("version", VERSIONS)
async def test_sizes_over_tcp(broker: Listeners, version: MqttVersion, size: int, tmp_path: Path) -> None:
    payload = os.urandom(size)
    async with connected(tmp_path, broker, "tcp", version, Subscription("size/#", 1)) as (
        running,
        connection,
    ):
        await publish(broker, "tcp", version, "size/in", payload, "-q", "1")
        delivery = running.engine.deliver(connection, Outgoing("size/back", payload, 1))
        assert await asyncio.wait_for(delivery.done, 30) is Fate.ACKNOWLEDGED
        found = {message.topic: message.payload for message in await running.received(2, timeout=30)}
    assert found.keys() == {"size/in", "size/back"}
    assert found["size/in"] == payload
    assert found["size/back"] == payload


@pytest.mark.parametrize("transport", ["ws", "wss"])
async def test_sizes_over_ws(broker: Listeners, transport: str, tmp_path: Path) -> None:
    payload = os.urandom(5_000 if broker.name == "mosquitto" else 1_000_000)
    async with connected(tmp_path, broker, transport, "5", Subscription("size/#", 1)) as (
        running,
        connection,
    ):
        delivery = running.engine.deliver(connection, Outgoing("size/ws", payload, 1))
        assert await asyncio.wait_for(delivery.done, 20) is Fate.ACKNOWLEDGED
        found = await running.received(1)
    assert found[0].payload == payload


@pytest.mark.parametrize("version", VERSIONS)
async def test_retained(broker: Listeners, version: MqttVersion, tmp_path: Path) -> None:
    topic = f"kept/{version}"
    await publish(broker, "tcp", version, topic, b"old", "-r", "-q", "1")
    async with connected(tmp_path, broker, "tcp", version, Subscription(topic, 1)) as (running, connection):
        (first,) = await running.received(1)
        assert (first.payload, first.retained) == (b"old", True)
        await asyncio.wait_for(running.engine.deliver(connection, Outgoing(topic, b"", 1, True)).done, 10)
        await running.received(2)
    (tmp_path / "later").mkdir()
    async with connected(tmp_path / "later", broker, "tcp", version, Subscription(topic, 1)) as (running, _):
        await publish(broker, "tcp", version, topic, b"live", "-q", "1")
        assert [(m.payload, m.retained) for m in await running.received(1)] == [(b"live", False)]


@pytest.mark.parametrize("version", VERSIONS)
async def test_will(broker: Listeners, version: MqttVersion, tmp_path: Path) -> None:
    """Our will reaches a peer when we vanish, and does not when we disconnect."""
    dying = broker.profile("tcp", version, ())
    values = {name: getattr(dying, name) for name in ("url", "mqtt")}
    will = Will(f"will/{version}", "gone", 1, True)
    (tmp_path / "watch").mkdir()
    watching = connected(tmp_path / "watch", broker, "tcp", version, Subscription(f"will/{version}", 1))
    async with watching as (watch, _), explorer(tmp_path) as running:
        connection = await running.connect(Profile(key="polite", will=will, **values))
        await running.engine.disconnect(connection)
        connection = await running.connect(Profile(key="dying", will=will, client_id="dying", **values))
        # The same client id from elsewhere takes the session over: the will is sent.
        await call(broker.client("mosquitto_pub", "tcp", version, "-i", "dying", "-t", "x", "-m", "y"))
        (message,) = await watch.received(1)
    assert (message.payload, message.qos) == (b"gone", 1)


@pytest.mark.parametrize("version", VERSIONS)
async def test_wildcards(broker: Listeners, version: MqttVersion, tmp_path: Path) -> None:
    filters = (Subscription("w/+/temp", 1), Subscription("w/deep/#", 1))
    async with connected(tmp_path, broker, "tcp", version, *filters) as (running, connection):
        for topic in ("w/a/temp", "w/b/hum", "w/deep", "w/deep/x/y", "w/temp", "$w/a/temp"):
            await publish(broker, "tcp", version, topic, b"1", "-q", "1")
        await publish(broker, "tcp", version, "w/end/temp", b"1", "-q", "1")
        await eventually(lambda: any(m.topic == "w/end/temp" for m in running.captured()), "the last one")
        assert [m.topic for m in running.captured()] == ["w/a/temp", "w/deep", "w/deep/x/y", "w/end/temp"]
        await running.engine.unsubscribe(connection, "w/+/temp")
        await publish(broker, "tcp", version, "w/a/temp", b"2", "-q", "1")
        await publish(broker, "tcp", version, "w/deep", b"2", "-q", "1")
        await running.received(5)
        assert running.captured()[-1].topic == "w/deep"
