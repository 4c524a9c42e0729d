"""Connections live side by side: neither a dead peer nor one that comes and goes slows the others."""

from __future__ import annotations

import asyncio
import time
from contextlib import ExitStack
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest

from mqttx_tui.model.message import Outgoing
from mqttx_tui.model.profile import Profile, Subscription
from mqttx_tui.model.state import Phase
from mqttx_tui.wire.encode import encode
from mqttx_tui.wire.packets import Publish, Suback, Subscribe
from tests.endurance.pace import Pace, chattering, publishing
from tests.support.explorer import Explorer, explorer
from tests.support.mosquitto import Mosquitto
from tests.support.proxy import CuttingProxy
from tests.support.scripted import Peer, ScriptedBroker
from tests.support.wait import FACTOR, eventually

SECONDS = 60
CUT_SECONDS = 0.5
RATE = 400
LEAST = 0.95
LARGE = 5_000_000

pytestmark = [pytest.mark.mosquitto, pytest.mark.slow, pytest.mark.timeout(240 * FACTOR)]


async def stalls(peer: Peer) -> None:
    """Grant the subscription, send half a message, and neither read nor send any more."""
    await peer.accept()
    subscribe = await peer.expect(Subscribe)
    peer.send(Suback(subscribe.packet_id, (0,)))
    peer.send_raw(encode(Publish("stalled/1", b"x" * LARGE), peer.version)[: LARGE // 2])
    await asyncio.Event().wait()


async def flap(proxy: CuttingProxy) -> None:
    while True:
        await asyncio.sleep(CUT_SECONDS)
        proxy.cut()


def mqtt(key: str, port: int, topic_filter: str) -> Profile:
    url = f"mqtt://127.0.0.1:{port}"
    return Profile(key, url, mqtt="5", subscriptions=(Subscription(topic_filter),))


def received(running: Explorer, connection: int) -> int:
    return running.reader.counters().connections[connection].received


async def watch(running: Explorer, steady: dict[int, Pace]) -> dict[int, int]:
    """Let them run; the most messages that each was behind at any time."""
    behind = dict.fromkeys(steady, 0)
    for pace in steady.values():
        pace.begin()
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        await asyncio.sleep(0.25)
        for connection, pace in steady.items():
            sent = pace.sent
            behind[connection] = max(behind[connection], sent - received(running, connection))
    return behind


def comebacks(running: Explorer, connection: int) -> int:
    """How often it was connected after it was not."""
    phases = [state.phase for state in running.told.history if state.id == connection]
    return sum(one is not two is Phase.CONNECTED for one, two in pairwise(phases))


async def connect_steady(running: Explorer, port: int, stack: ExitStack) -> dict[int, Pace]:
    """One MQTT and two raw connections whose peers send at a steady pace."""
    publisher = stack.enter_context(publishing(port, RATE, "neighbours"))
    steady = {await running.connect(mqtt("steady", port, "neighbours/#")): publisher}
    for number in (1, 2):
        url, pace = stack.enter_context(chattering(RATE))
        profile = Profile(f"chatter-{number}", url, protocol="websocket")
        steady[await running.connect(profile)] = pace
    return steady


async def test_a_stalled_and_a_flapping_peer_cost_the_others_nothing(
    mosquitto: Mosquitto, tmp_path: Path
) -> None:
    proxy = await CuttingProxy(mosquitto.port).start()
    with ExitStack() as stack:
        async with ScriptedBroker(stalls) as broker, explorer(tmp_path) as running:
            steady = await connect_steady(running, mosquitto.port, stack)
            stalled = await running.connect(mqtt("stalled", broker.port, "stalled/#"))
            flapping = await running.connect(mqtt("flapping", proxy.port, "neighbours/#"))
            await running.engine.publish(stalled, Outgoing("stalled/2", b"y" * LARGE, qos=1))
            flapper = asyncio.create_task(flap(proxy))
            try:
                behind = await watch(running, steady)
            finally:
                flapper.cancel()
            sent = {connection: pace.sent for connection, pace in steady.items()}
            got = {connection: received(running, connection) for connection in steady}
            print(f"sent {sent}, received {got}, behind at most {behind}")
            print(f"{proxy.cuts} cuts, {comebacks(running, flapping)} comebacks")
            for connection in steady:
                assert sent[connection] > RATE * SECONDS / 2, "the sender did not keep its pace"
                assert got[connection] >= LEAST * sent[connection]
                assert behind[connection] <= (1 - LEAST) * sent[connection]
            assert comebacks(running, flapping) >= 2, "it did not flap"
            assert running.told.snapshots[stalled].phase is Phase.CONNECTED
            assert received(running, stalled) == 0, "it did not stall"
            for connection, pace in steady.items():
                pace.end()
                whole = partial(lambda one, count: received(running, one) == count, connection, pace.sent)
                await eventually(whole, "everything sent was captured")
    await proxy.stop()
