"""What only a broker's conduct shows of a property: sessions, sizes, delays, at mosquitto and at ours."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable

import pytest

from mqttx_tui.demo.broker import Broker
from mqttx_tui.model.errors import Exit
from mqttx_tui.model.message import Outgoing
from mqttx_tui.model.profile import ConnectProperties, PacketProperties, Subscription
from mqttx_tui.session.base import Fate
from tests.cli.commands import mosquitto_pub, run
from tests.mqtt5.support import beside, prints, says, tool
from tests.session.conftest import Rig
from tests.support.mosquitto import Mosquitto
from tests.support.wait import FACTOR, eventually

MakeRig = Callable[..., Rig]
StartBroker = Callable[..., Awaitable[Broker]]
StartMosquitto = Callable[..., Mosquitto]


@pytest.fixture(params=["mosquitto", "embedded"])
async def url(request: pytest.FixtureRequest, mosquitto: Mosquitto, start_broker: StartBroker) -> str:
    """A broker of either kind."""
    port = mosquitto.port if request.param == "mosquitto" else (await start_broker()).port
    return f"mqtt://127.0.0.1:{port}"


@pytest.fixture
def name() -> str:
    return f"conduct-{uuid.uuid4().hex}"


@pytest.mark.parametrize(("leaving", "kept"), [({}, True), ({"session_expiry_interval": 0}, False)])
async def test_a_session_is_kept_as_long_as_was_asked_last(
    rig: MakeRig, url: str, name: str, leaving: dict[str, int], kept: bool
) -> None:
    """CONNECT's interval (§3.1.2.11.2), and DISCONNECT's in its place (§3.14.2.2.2)."""
    given = PacketProperties(disconnect=leaving)
    first = rig(url, client_id=name, session_expiry=60.0, packet_properties=given)
    await first.connect()
    await first.session.close()
    again = rig(url, client_id=name, session_expiry=60.0, clean_start=False)
    await again.connect()
    assert again.observer.connections[-1].session_present is kept


async def test_what_is_larger_than_we_take_is_not_sent_to_us(rig: MakeRig, url: str, name: str) -> None:
    """Maximum Packet Size (§3.1.2.11.4): dropped for us, as if it had been sent."""
    wanted = ConnectProperties(maximum_packet_size=300)
    one = rig(url, properties=wanted, subscriptions=(Subscription(name, 1),))
    await one.connect()
    sender = rig(url)
    await sender.connect()
    for payload in (b"small", b"x" * 400, b"small again"):
        assert await sender.session.publish(Outgoing(name, payload, 1)).done is Fate.ACKNOWLEDGED
    await eventually(lambda: len(one.sink.payloads()) >= 2)
    assert one.sink.payloads() == [b"small", b"small again"]


async def test_a_message_that_mosquitto_finds_too_large(
    rig: MakeRig, start_mosquitto: StartMosquitto, name: str
) -> None:
    """PUBACK 0x95, which the standard does not list for PUBACK: the message is refused, the link stands."""
    server = start_mosquitto(options=["allow_anonymous true", "message_size_limit 100"])
    one = rig(f"mqtt://127.0.0.1:{server.port}")
    await one.connect()
    large = one.session.publish(Outgoing(name, b"x" * 200, 1))
    assert await asyncio.wait_for(large.done, 10 * FACTOR) is Fate.REFUSED
    small = one.session.publish(Outgoing(name, b"x", 1))
    assert await asyncio.wait_for(small.done, 10 * FACTOR) is Fate.ACKNOWLEDGED
    assert len(one.observer.connections) == 1


async def test_who_comes_back_in_time_leaves_no_will(mosquitto: Mosquitto, name: str) -> None:
    """Will Delay Interval (§3.1.3.2.2), at mosquitto: without it the will would come before the end."""
    url = f"mqtt://127.0.0.1:{mosquitto.port}"
    words = ["sub", url, "-t", f"{name}/x", "-i", name, "-V", "5", "-x", "60"]
    will = ["--will-topic", f"{name}/will", "--will-payload", "gone", "--will-delay", "30s"]
    watcher = f"{name}-watcher"
    program = [*tool("mosquitto_sub"), "-p", str(mosquitto.port), "-i", watcher, "-t", f"{name}/#", "-v"]
    async with beside("-C", "1", program=program) as other:
        await eventually(lambda: f"Sending SUBACK to {watcher}" in mosquitto.log)
        async with beside(*words, *will) as mine:
            await says(mine, "subscribed")
            mine.process.kill()
        await eventually(lambda: f"Client {name} closed its connection" in mosquitto.log)
        async with beside(*words, *will) as mine:
            await says(mine, "subscribed")
            mosquitto_pub(mosquitto, "-t", f"{name}/end", "-m", "end")
            assert await prints(other, 1) == [f"{name}/end end"]


async def test_sent_on_by_a_request_and_its_answer(url: str, name: str) -> None:
    """Response topic and correlation data, there and back between mosquitto's tool and ours."""
    port = url.rpartition(":")[2]
    words = ["-p", port, "-V", "5", "-t", name, "-e", f"{name}/answer", "-m", "ping", "-W", "20"]
    async with beside("sub", url, "-t", name, "--json", "-C", "1", "-V", "5") as mine:
        await says(mine, "subscribed")
        correlation = ["-D", "publish", "correlation-data", "c-7"]
        async with beside(*words, *correlation, program=tool("mosquitto_rr")) as asking:
            [line] = await prints(mine, 1)
            assert json.loads(line)["properties"]["response_topic"] == f"{name}/answer"
            given = ["-t", f"{name}/answer", "-m", "pong", "-D", "publish", "correlation-data", "c-7"]
            done = await asyncio.to_thread(run, "pub", url, *given)
            assert done.returncode == Exit.DONE
            assert await prints(asking, 1) == ["pong"]
