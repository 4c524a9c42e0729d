"""Detours, losses, and brokers that take long."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from mqttx_tui.compare import target
from mqttx_tui.compare.measure import Asked, measure
from mqttx_tui.compare.results import Both
from mqttx_tui.demo.broker import Broker
from mqttx_tui.demo.broker.core import Authorise
from mqttx_tui.doctor.plan import Plan
from mqttx_tui.model.errors import Exit
from mqttx_tui.model.profile import Profile, Resolved
from tests.compare.measuring import FEW, SECONDS, measured, wire
from tests.support.mosquitto import Mosquitto
from tests.support.proxy import CuttingProxy
from tests.support.servers import talking
from tests.support.wait import FACTOR


async def test_a_redirect_is_told_apart() -> None:
    broker = Broker(port=None)
    await broker.start()
    asked: list[bytes] = []
    answer = b"HTTP/1.1 302 Found\r\nLocation: /mqtt\r\n\r\n"

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if head.startswith(b"GET /old"):
            asked.append(head)
            writer.write(answer)
            return
        there, onward = await asyncio.open_connection("localhost", broker.ws_port)
        onward.write(head)
        await asyncio.gather(_copied(reader, onward), _copied(there, writer))

    async with talking(serve) as port:
        result = await measured(Profile("lab", f"mqtt+ws://localhost:{port}/old", mqtt="5"))
    await broker.stop()
    assert result.failure is None
    assert result.connect is not None
    assert result.connect.before == (len(asked[0]), len(answer))
    assert result.connect.tls == Both()
    assert result.connect.websocket.sent == len(asked[0]) + 1 + 6, "a longer path, and CONNECT's frame"
    assert wire(result.ping) == (8, 4)


async def _copied(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    while data := await source.read(65_536):
        sink.write(data)
    sink.close()


async def test_a_unix_socket(tmp_path: Path) -> None:
    broker = Broker(port=None, ws_port=None, path=tmp_path / "broker")
    await broker.start()
    result = await measured(Profile("lab", f"mqtt+unix://{tmp_path}/broker", mqtt="5"))
    await broker.stop()
    assert (result.failure, result.transport) == (None, "unix")
    assert wire(result.subscribe) == (8 + len(result.topic), 6)


async def test_a_lost_connection_keeps_what_was_measured() -> None:
    published: list[str] = []

    def authorise(_: str, __: str | None, action: str, topic: str) -> int:
        if action == "publish":
            published.append(topic)
            if len(published) == 4:
                proxy.cut(reset=False)
        return 0

    broker = Broker(ws_port=None, authorise=authorise)
    await broker.start()
    proxy = await CuttingProxy(broker.port).start()
    profile = Profile("lab", f"mqtt://127.0.0.1:{proxy.port}", mqtt="3.1.1")
    result = await measured(profile, Asked((0,), (16,), 20))
    await proxy.stop()
    await broker.stop()
    failure = result.failure
    assert failure is not None
    assert (failure.stage, failure.exit_code) == ("link", Exit.UNREACHABLE)
    assert "before MQTT 5 a broker closes without a word" in failure.hint
    assert wire(result.connect).received == 4
    (one,) = result.publishings
    assert len(one.message.samples) == 2, "one more went before those that count, and one was lost"


async def test_a_refused_subscription_is_said_with_its_reason() -> None:
    def authorise(_: str, __: str | None, action: str, topic: str) -> int:
        return 0x87 if action == "subscribe" else 0

    broker = Broker(ws_port=None, authorise=authorise)
    await broker.start()
    result = await measured(Profile("lab", f"mqtt://127.0.0.1:{broker.port}"), FEW)
    await broker.stop()
    failure = result.failure
    assert failure is not None
    assert (failure.stage, failure.code, failure.exit_code) == ("subscribe", 0x87, Exit.NOT_AUTHORISED)
    assert "SUBACK 0x87 Not authorized" in failure.text
    assert "--topic PREFIX tries another" in failure.hint
    assert (result.subscribe, result.publishings) == (None, [])


async def test_messages_that_take_long_are_fewer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(target, "LONG_SECONDS", 1e-9)
    broker = Broker(ws_port=None)
    await broker.start()
    result = await measured(Profile("lab", f"mqtt://127.0.0.1:{broker.port}"), FEW)
    await broker.stop()
    assert {len(one.message.samples) for one in result.publishings} == {1}
    assert len(result.publishings) == len(FEW.qos) * len(FEW.sizes)


@pytest.mark.mosquitto
async def test_a_size_that_the_broker_drops_in_silence(start_mosquitto: Callable[..., Mosquitto]) -> None:
    """message_size_limit of mosquitto is not in CONNACK; the smaller ones stay."""
    server = start_mosquitto(options=["allow_anonymous true", "message_size_limit 100"])
    profile = Profile("lab", f"mqtt://127.0.0.1:{server.port}", mqtt="5")
    result = await measured(profile, Asked((0, 1), (16, 4000), 2), seconds=2.0 * FACTOR)
    failure = result.failure
    assert failure is not None
    assert failure.text.startswith("QoS 0, 4,000 bytes: ")
    assert [(one.qos, one.size) for one in result.publishings] == [(0, 16), (1, 16)]


async def test_targets_take_turns() -> None:
    """Each message goes to one after the other, and who is first changes."""
    order: list[str] = []

    def heard(name: str) -> Authorise:
        def authorise(_: str, __: str | None, action: str, topic: str) -> int:
            if action == "publish":
                order.append(name)
            return 0

        return authorise

    brokers = [Broker(ws_port=None, authorise=heard(name)) for name in "ab"]
    for broker in brokers:
        await broker.start()
    plans = [
        Plan(Resolved(Profile("lab", f"mqtt://127.0.0.1:{broker.port}")), SECONDS, "lab/turns")
        for broker in brokers
    ]
    results = await measure(plans, Asked((0,), (16,), 4))
    for broker in brokers:
        await broker.stop()
    assert "".join(order) == "ab" + "abbaabba"
    assert [result.failure for result in results] == [None, None]
    assert len({result.topic for result in results}) == 2


async def test_the_profile_decides_the_version() -> None:
    broker = Broker(ws_port=None)
    await broker.start()
    profile = Profile("lab", f"mqtt://127.0.0.1:{broker.port}")
    for version in ("3.1", "3.1.1", "5"):
        result = await measured(replace(profile, mqtt=version), FEW)
        assert result.version == version
        assert wire(result.subscribe).received == (6 if version == "5" else 5)
    await broker.stop()
