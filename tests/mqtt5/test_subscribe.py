"""SUBSCRIBE and its options (MQTT 5.0 §3.8), SUBACK's reasons, and which subscription a message came by."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable

import pytest

from mqttx_tui.demo.broker import Broker
from mqttx_tui.model.errors import Exit
from mqttx_tui.model.profile import Subscription
from mqttx_tui.wire.packets import Connack, Suback, Subscribe
from tests.cli.commands import run
from tests.mqtt5.support import beside, ends, prints, says
from tests.session.conftest import Rig
from tests.support.mosquitto import Mosquitto
from tests.support.scripted import Peer, ScriptedBroker
from tests.support.wait import eventually

MakeRig = Callable[..., Rig]
StartBroker = Callable[..., Awaitable[Broker]]


@pytest.fixture(params=["mosquitto", "embedded"])
async def url(request: pytest.FixtureRequest, mosquitto: Mosquitto, start_broker: StartBroker) -> str:
    """A broker of either kind."""
    port = mosquitto.port if request.param == "mosquitto" else (await start_broker()).port
    return f"mqtt://127.0.0.1:{port}"


@pytest.fixture
def topic() -> str:
    return f"subs/{uuid.uuid4().hex}"


async def publish(url: str, topic: str, payload: str, *words: str) -> None:
    done = await asyncio.to_thread(run, "pub", url, "-t", topic, "-m", payload, "-q", "1", *words)
    assert done.returncode == Exit.DONE, done.stderr


@pytest.mark.parametrize(("handling", "expected"), [("always", "old"), ("new", "old"), ("never", "new")])
async def test_retain_handling(url: str, topic: str, handling: str, expected: str) -> None:
    await publish(url, topic, "old", "-r")
    async with beside("sub", url, "-t", topic, "-C", "1", "--retain-handling", handling) as mine:
        await says(mine, "subscribed")
        await publish(url, topic, "new")
        assert await prints(mine, 1) == [expected]


@pytest.mark.parametrize("kept", [True, False])
async def test_retain_as_published(url: str, topic: str, kept: bool) -> None:
    words = ["--retain-as-published"] if kept else []
    async with beside("sub", url, "-t", topic, "-C", "1", "-V", "5", "-F", "%r", *words) as mine:
        await says(mine, "subscribed")
        await publish(url, topic, "x", "-r")
        assert await prints(mine, 1) == [str(int(kept))]


async def test_no_local_and_identifier_and_user_properties_reach_the_broker(topic: str) -> None:
    seen: list[Subscribe] = []

    async def script(peer: Peer) -> None:
        await peer.accept()
        seen.append(await peer.expect(Subscribe))
        peer.send(Suback(seen[0].packet_id, (1,)))
        await peer.serve()

    words = [
        "-q",
        "1",
        "--no-local",
        "--retain-handling",
        "new",
        "-D",
        "subscribe",
        "subscription-identifier",
    ]
    words += ["9", "-D", "subscribe", "user-property", "k", "1", "-D", "subscribe", "user-property", "k", "0"]
    async with ScriptedBroker(script) as broker, beside("sub", broker.url, "-t", topic, *words) as mine:
        await says(mine, f"subscribed {topic} qos 1")
    [packet] = seen
    [asked] = packet.subscriptions
    assert (asked.qos, asked.no_local, asked.retain_as_published, asked.retain_handling) == (
        1,
        True,
        False,
        1,
    )
    assert packet.properties == {"subscription_identifier": (9,), "user": (("k", "1"), ("k", "0"))}


async def test_no_local(url: str, topic: str, rig: MakeRig) -> None:
    from mqttx_tui.model.message import Outgoing
    from mqttx_tui.session.base import Fate

    one = rig(url, subscriptions=(Subscription(topic, 1, no_local=True), Subscription(f"{topic}/end", 1)))
    await one.connect()
    for name in (topic, f"{topic}/end"):
        delivery = one.session.publish(Outgoing(name, b"x", 1))
        assert await delivery.done is Fate.ACKNOWLEDGED
    await eventually(lambda: one.sink.received() == [(f"{topic}/end", b"x")])


async def test_which_subscription_a_message_came_by(url: str, topic: str) -> None:
    words = ["-C", "1", "--json", "-D", "subscribe", "subscription-identifier", "268435455"]
    async with beside("sub", url, "-t", f"{topic}/+", *words) as mine:
        await says(mine, "subscribed")
        await publish(url, f"{topic}/a", "x")
        [line] = await prints(mine, 1)
    assert json.loads(line)["properties"] == {"subscription_identifier": [268435455]}


async def test_overlapping_subscriptions_are_all_named(start_broker: StartBroker, rig: MakeRig) -> None:
    broker = await start_broker()
    subscriptions = (Subscription("a/#", identifier=1), Subscription("a/+", identifier=2))
    one = rig(f"mqtt://127.0.0.1:{broker.port}", subscriptions=subscriptions)
    await one.connect()
    await publish(f"mqtt://127.0.0.1:{broker.port}", "a/b", "x")
    await eventually(lambda: one.sink.rows)
    from mqttx_tui.wire.properties import decode_properties

    found = decode_properties(one.sink.rows[0].properties or b"")
    assert sorted(found["subscription_identifier"]) == [1, 2]


async def test_a_shared_subscription_gets_each_message_once(url: str, topic: str) -> None:
    words = ["-t", f"$share/group/{topic}", "--json"]
    async with beside("sub", url, *words) as one, beside("sub", url, *words) as other:
        await says(one, "subscribed")
        await says(other, "subscribed")
        for number in range(6):
            await publish(url, topic, str(number))

        def all_came() -> bool:
            return (bytes(one.out) + bytes(other.out)).count(b"\n") == 6

        await eventually(all_came)
    payloads = [json.loads(line)["payload"] for line in (bytes(one.out) + bytes(other.out)).splitlines()]
    assert sorted(payloads) == [str(number) for number in range(6)]
    assert one.out
    assert other.out


REASONS = [(0x80, "Unspecified error"), (0x87, "Not authorized"), (0x8F, "Topic Filter invalid")]
REASONS += [(0x97, "Quota exceeded"), (0x9E, "Shared Subscriptions not supported")]
REASONS += [(0xA1, "Subscription Identifiers not supported"), (0xA2, "Wildcard Subscriptions not supported")]


@pytest.mark.parametrize(("reason", "name"), REASONS)
async def test_the_reason_of_each_filter(rig: MakeRig, reason: int, name: str) -> None:
    async def script(peer: Peer) -> None:
        await peer.accept(Connack())
        for answer in (reason, 2, 1):
            packet = await peer.expect(Subscribe)
            text = {"reason_string": "because"} if answer >= 0x80 else {}
            peer.send(Suback(packet.packet_id, (answer,), text))
        await peer.serve()

    wanted = (Subscription("a/#", 1), Subscription("b", 2), Subscription("c", 2))
    async with ScriptedBroker(script) as broker:
        one = rig(broker.url, subscriptions=wanted)
        await one.connect()
        first, second, third = one.observer.subscriptions[-3:]
    assert (first.filter, first.reason, first.text) == ("a/#", reason, f"{name} (because)")
    assert (second.granted, third.granted) == (2, 1)


async def test_a_refused_filter_ends_sub_with_its_name(start_broker: StartBroker) -> None:
    broker = await start_broker(authorise=lambda client, user, act, topic: 0x87 if act == "subscribe" else 0)
    async with beside("sub", f"mqtt://127.0.0.1:{broker.port}", "-t", "a") as mine:
        assert await ends(mine) == Exit.NOT_AUTHORISED
    assert bytes(mine.err) == b"refused a: Not authorized\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-t", "$share/g/a", "--no-local"], b"may not have --no-local"),
        (["-t", "a", "-V", "311", "--retain-as-published"], b"--retain-as-published needs MQTT 5"),
        (["-t", "a", "-D", "subscribe", "subscription-identifier", "0"], b"from 1 to 268,435,455"),
    ],
)
def test_bad_options(words: list[str], said: bytes) -> None:
    done = run("sub", "mqtt://127.0.0.1:9", *words)
    assert done.returncode == Exit.BAD_INPUT
    assert said in done.stderr
