"""CONNECT and CONNACK (MQTT 5.0 §3.1, §3.2): what we ask for, and what the broker allows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from mqttx_tui.demo.broker import Broker
from mqttx_tui.demo.broker.limits import Limits
from mqttx_tui.model.profile import ConnectProperties
from mqttx_tui.session.facts import broker_facts
from mqttx_tui.wire.packets import Connack, Connect
from tests.mqtt5.support import beside, ends, says
from tests.session.conftest import Rig
from tests.support.mosquitto import Mosquitto
from tests.support.scripted import Peer, ScriptedBroker

MakeRig = Callable[..., Rig]
StartBroker = Callable[..., Awaitable[Broker]]

EVERYTHING = {
    "session_expiry_interval": 60,
    "receive_maximum": 7,
    "maximum_packet_size": 100_000,
    "topic_alias_maximum": 9,
    "request_response_information": True,
    "request_problem_information": False,
    "user": (("b", "1"), ("a", "2"), ("b", "3")),
}
WORDS = {
    "session-expiry-interval": "60",
    "receive-maximum": "7",
    "maximum-packet-size": "100000",
    "topic-alias-maximum": "9",
    "request-response-information": "1",
    "request-problem-information": "0",
}


async def test_every_property_in_the_order_of_the_profile(rig: MakeRig) -> None:
    async def script(peer: Peer) -> None:
        found.append(await peer.accept())
        await peer.serve()

    found: list[Connect] = []
    wanted = {name: value for name, value in EVERYTHING.items() if name != "session_expiry_interval"}
    properties = ConnectProperties(**wanted)  # type: ignore[arg-type]
    async with ScriptedBroker(script) as broker:
        one = rig(broker.url, session_expiry=60.0, properties=properties)
        await one.connect()
    assert found[0].properties == EVERYTHING


async def test_every_property_from_the_command_line(tmp_path: object) -> None:
    async def script(peer: Peer) -> None:
        found.append(await peer.accept())
        await peer.serve()

    found: list[Connect] = []
    words = [word for name, value in WORDS.items() for word in ("-D", "connect", name, value)]
    for name, value in (("b", "1"), ("a", "2"), ("b", "3")):
        words += ["-D", "connect", "user-property", name, value]
    async with ScriptedBroker(script) as broker, beside("sub", broker.url, "-t", "a", *words) as mine:
        await says(mine, "subscribed a")
    assert found[0].properties == EVERYTHING


async def test_a_real_broker_takes_them_all(rig: MakeRig, mosquitto: Mosquitto) -> None:
    wanted = {name: value for name, value in EVERYTHING.items() if name != "session_expiry_interval"}
    properties = ConnectProperties(**wanted)  # type: ignore[arg-type]
    one = rig(f"mqtt://127.0.0.1:{mosquitto.port}", session_expiry=60.0, properties=properties)
    await one.connect()
    facts = dict(one.observer.connections[-1].broker)
    assert facts["highest QoS"] == "2"
    assert facts["topic aliases"] == "10"
    assert facts["session expiry"] == "60 s"


async def test_what_a_limited_mosquitto_allows(
    rig: MakeRig, start_mosquitto: Callable[..., Mosquitto]
) -> None:
    options = [
        "allow_anonymous true",
        "retain_available false",
        "max_inflight_messages 3",
        "max_keepalive 25",
    ]
    broker = start_mosquitto({"tcp": ["max_qos 1"]}, [*options, "max_packet_size 50000"])
    one = rig(f"mqtt://127.0.0.1:{broker.port}")
    await one.connect()
    facts = dict(one.observer.connections[-1].broker)
    assert facts["highest QoS"] == "1"
    assert facts["retained messages"] == "no"
    assert facts["unacknowledged messages"] == "3 at a time"
    assert facts["keepalive"] == "25 s, the broker's own"
    assert facts["largest packet"] == "50 kB (50,000 bytes)"


async def test_what_the_embedded_broker_allows(rig: MakeRig, start_broker: StartBroker) -> None:
    limits = Limits(maximum_qos=0, retain_available=False, max_session_expiry=5, server_keep_alive=9)
    broker = await start_broker(limits=limits)
    one = rig(f"mqtt://127.0.0.1:{broker.port}", session_expiry=60.0)
    await one.connect()
    facts = dict(one.observer.connections[-1].broker)
    assert facts["highest QoS"] == "0"
    assert facts["session expiry"] == "5 s, not 60 s"
    assert facts["keepalive"] == "9 s, the broker's own"
    assert facts["topic aliases"] == "100"


def test_everything_that_a_broker_can_say() -> None:
    properties = {
        "session_expiry_interval": 0xFFFFFFFF,
        "receive_maximum": 20,
        "maximum_qos": 1,
        "retain_available": False,
        "maximum_packet_size": 1_000,
        "assigned_client_identifier": "auto-1",
        "topic_alias_maximum": 0,
        "reason_string": "welcome",
        "user": (("b", "1"), ("b", "2")),
        "wildcard_subscription_available": False,
        "subscription_identifier_available": False,
        "shared_subscription_available": False,
        "server_keep_alive": 30,
        "response_information": "answers/me",
        "server_reference": "other.lab",
        "authentication_method": "SCRAM-SHA-256",
    }
    assert broker_facts(Connack(0, True, properties), 5, {"session_expiry_interval": 60}) == (
        ("session", "resumed"),
        ("highest QoS", "1"),
        ("retained messages", "no"),
        ("wildcards", "no"),
        ("shared subscriptions", "no"),
        ("subscription identifiers", "no"),
        ("unacknowledged messages", "20 at a time"),
        ("largest packet", "1.0 kB (1,000 bytes)"),
        ("topic aliases", "none"),
        ("keepalive", "30 s, the broker's own"),
        ("session expiry", "never, not 60 s"),
        ("client id", "auto-1, the broker's own"),
        ("response information", "answers/me"),
        ("server reference", "other.lab"),
        ("reason string", "welcome"),
        ("authentication method", "SCRAM-SHA-256"),
        ("user property", "b: 1"),
        ("user property", "b: 2"),
    )


def test_a_silent_broker_allows_what_the_standard_says() -> None:
    facts = dict(broker_facts(Connack(), 5, {}))
    assert facts["highest QoS"] == "2"
    assert facts["wildcards"] == "yes"
    assert facts["unacknowledged messages"] == "65,535 at a time"
    assert facts["largest packet"] == "no limit"
    assert facts["session expiry"] == "at the end of the connection"
    assert broker_facts(Connack(0, True), 4, {}) == (("session", "resumed"),)


@pytest.mark.parametrize(
    ("reason", "name", "hint"),
    [
        (0x85, "Client Identifier not valid", "client_id"),
        (0x8A, "Banned", "who runs the broker"),
        (0x95, "Packet too large", "too large"),
        (0x9C, "Use another server", "other.lab"),
        (0x9D, "Server moved", "other.lab"),
    ],
)
async def test_a_refusal_has_its_name_and_where_to_go(reason: int, name: str, hint: str) -> None:
    properties = {"reason_string": "no \x1b[31m", "server_reference": "other.lab"}

    async def script(peer: Peer) -> None:
        await peer.accept(Connack(reason, properties=properties))
        await peer.next()

    async with ScriptedBroker(script) as broker, beside("sub", broker.url, "-t", "a", "-V", "5") as mine:
        assert await ends(mine) != 0
    said = bytes(mine.err)
    assert f"CONNACK 0x{reason:02X} {name}".encode() in said
    assert hint.encode() in said
    assert b"\x1b" not in said
