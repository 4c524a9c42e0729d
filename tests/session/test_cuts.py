"""Two hundred cuts of the TCP link while the broker lives: nothing acknowledged may be missing."""

from __future__ import annotations

import asyncio
import random
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import aiomqtt
import pytest

from mqttx_tui.demo.broker import Broker
from mqttx_tui.model.message import Outgoing
from mqttx_tui.model.profile import Profile, Resolved, Subscription
from mqttx_tui.session.base import Delivery, Fate
from mqttx_tui.session.mqtt import MqttSession
from mqttx_tui.session.supervisor import Supervisor
from tests.support.mosquitto import Mosquitto
from tests.support.proxy import CuttingProxy
from tests.support.sinks import MemoryObserver, MemorySink
from tests.support.wait import eventually

CUTS = 200
UNDER_WAY = 500
"""Our own messages that may wait for their acknowledgement."""


@asynccontextmanager
async def listener(port: int, found: Counter[bytes]) -> AsyncIterator[None]:
    """An independent subscriber to ``out/#``, straight at the broker."""
    async with aiomqtt.Client("127.0.0.1", port) as client:
        await client.subscribe("out/#", qos=2)

        async def collect() -> None:
            async for message in client.messages:
                assert isinstance(message.payload, bytes)
                found[message.payload] += 1

        task = asyncio.create_task(collect())
        yield
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def feed(port: int, done: asyncio.Event, sent: list[bytes]) -> None:
    """An independent publisher to ``in/…``; ``sent`` holds what the broker acknowledged."""
    async with aiomqtt.Client("127.0.0.1", port) as client:
        number = 0
        while not done.is_set():
            batch = [(b"%d-%d" % (qos, number + step), qos) for qos in (1, 2) for step in range(4)]
            await asyncio.gather(*(client.publish(f"in/{qos}", payload, qos) for payload, qos in batch))
            sent += [payload for payload, _ in batch]
            number += 4


def repeated_after_release(log: str) -> int:
    """How many messages mosquitto 2.0.11 sent again after it had released them: when the link breaks
    while it repeats PUBREL, it forgets that and sends PUBLISH (against MQTT 3.1.1 §4.3.3)."""
    released: set[str] = set()
    repeated = 0
    lines = re.finditer(
        r"(Sending PUBREL|Received PUBCOMP|Sending PUBLISH) (?:to|from) cut "
        r"\((?:d1, q2, r0, m|m|Mid: )(\d+)",
        log,
    )
    for line in lines:
        if line[1] == "Sending PUBREL":
            released.add(line[2])
        elif line[1] == "Sending PUBLISH" and line[2] in released:
            repeated += 1
        released -= {line[2]} if line[1] != "Sending PUBREL" else set()
    return repeated


def connected_since(observer: MemoryObserver, before: int) -> bool:
    """Whether another connection stood after the first ``before``."""
    return len(observer.connections) > before


async def cut_again_and_again(
    proxy: CuttingProxy, observer: MemoryObserver, running: asyncio.Task[None]
) -> None:
    """At random moments: most of them after CONNACK, some before it."""
    before = 0
    while proxy.cuts < CUTS:
        assert not running.done()
        if random.random() < 0.9:
            await eventually(partial(connected_since, observer, before), timeout=20)
            await asyncio.sleep(random.random() * 0.03)
        else:
            await eventually(lambda: proxy.links > 0, timeout=20)
        before = len(observer.connections)
        proxy.cut()


async def publish(session: MqttSession, done: asyncio.Event, sent: list[tuple[bytes, int, Delivery]]) -> None:
    """Our own messages of QoS 1 and 2, whether connected or not."""
    number = 0
    while not done.is_set():
        if len(sent) >= UNDER_WAY and not sent[-UNDER_WAY][2].done.done():
            await asyncio.sleep(0.01)  # on a slow machine more would queue up than a link of 30 ms takes
            continue
        qos = number % 2 + 1
        payload = b"%d-%d" % (qos, number)
        sent.append((payload, qos, session.publish(Outgoing(f"out/{qos}", payload, qos))))
        number += 1
        if random.random() < 0.2:
            await asyncio.sleep(0.01)


@asynccontextmanager
async def embedded() -> AsyncIterator[tuple[int, Callable[[], int]]]:
    """The broker of the demo: its port, and how often it may have repeated a message (never)."""
    broker = Broker(ws_port=None)
    await broker.start()
    try:
        yield broker.port, lambda: 0
    finally:
        await broker.stop()


@asynccontextmanager
async def real(start: Callable[..., Mosquitto]) -> AsyncIterator[tuple[int, Callable[[], int]]]:
    """mosquitto, which repeats some."""
    broker = start(options=["allow_anonymous true", "max_queued_messages 0", "max_inflight_messages 20"])
    yield broker.port, lambda: repeated_after_release(broker.log)


@pytest.mark.parametrize("version", ["3.1.1", "5"])
async def test_200_cuts_with_the_embedded_broker(version: Any, caplog: pytest.LogCaptureFixture) -> None:
    async with embedded() as (port, repeated):
        await lose_and_repeat_nothing(version, port, repeated, caplog)


@pytest.mark.mosquitto
@pytest.mark.parametrize("version", ["3.1.1", "5"])
async def test_200_cuts_with_mosquitto(
    version: Any, start_mosquitto: Callable[..., Mosquitto], caplog: pytest.LogCaptureFixture
) -> None:
    async with real(start_mosquitto) as (port, repeated):
        await lose_and_repeat_nothing(version, port, repeated, caplog)


async def lose_and_repeat_nothing(
    version: Any, port: int, repeated: Callable[[], int], caplog: pytest.LogCaptureFixture
) -> None:
    loop_errors: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: loop_errors.append(context))
    proxy = await CuttingProxy(port, crumble=True).start()
    profile = Profile(
        "cut",
        f"mqtt://127.0.0.1:{proxy.port}",
        mqtt=version,
        client_id="cut",
        clean_start=False,
        session_expiry=3600,
        subscriptions=(Subscription("in/#", 2),),
    )
    sink, observer = MemorySink(), MemoryObserver()
    session = MqttSession(profile, sink, observer)

    async def resolve() -> Resolved:
        return Resolved(profile)

    supervisor = Supervisor(session, resolve, observer, first=0.004, longest=0.02)
    done = asyncio.Event()
    seen: Counter[bytes] = Counter()
    fed: list[bytes] = []
    sent: list[tuple[bytes, int, Delivery]] = []
    async with listener(port, seen):
        running = asyncio.create_task(supervisor.run())
        await eventually(lambda: observer.subscriptions)
        feeding = asyncio.create_task(feed(port, done, fed))
        publishing = asyncio.create_task(publish(session, done, sent))
        await cut_again_and_again(proxy, observer, running)
        done.set()
        await asyncio.gather(feeding, publishing)
        await asyncio.wait_for(asyncio.gather(*(delivery.done for _, _, delivery in sent)), 30)
        await eventually(lambda: set(fed) <= set(sink.payloads()), "all that was fed arrives", timeout=30)
        await eventually(lambda: all(seen[payload] for payload, _, _ in sent), "all we sent arrives")
    await supervisor.close()
    await running
    await proxy.stop()

    assert proxy.cuts >= CUTS
    assert len(observer.connections) > CUTS // 2
    assert {delivery.fate for _, _, delivery in sent} == {Fate.ACKNOWLEDGED}
    arrived = Counter(sink.payloads())
    copies = sum(arrived[payload] - 1 for payload in fed if payload.startswith(b"2-"))
    assert copies <= repeated()
    assert [payload for payload, qos, _ in sent if qos == 2 and seen[payload] != 1] == []
    assert loop_errors == []
    assert [record for record in caplog.records if record.name == "asyncio"] == []
