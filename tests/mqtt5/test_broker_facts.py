"""Everything that a broker can say in CONNACK (MQTT 5.0 §3.2.2.3) is told: headless, as JSON, in the app."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mqttx_tui.model.errors import Exit
from mqttx_tui.session.facts import broker_facts
from mqttx_tui.ui.screens.broker import broker_lines
from mqttx_tui.wire.packets import Connack, PacketType
from mqttx_tui.wire.properties import PROPERTIES
from tests.cli.commands import run
from tests.mqtt5.support import beside, ends, says
from tests.support.mosquitto import Mosquitto
from tests.support.scripted import Peer, ScriptedBroker
from tests.ui.bench_app import snapshot

SAID: dict[str, tuple[Any, str, str]] = {
    "session_expiry_interval": (90, "session expiry", "90 s, not 60 s"),
    "receive_maximum": (21, "unacknowledged messages", "21 at a time"),
    "maximum_qos": (1, "highest QoS", "1"),
    "retain_available": (False, "retained messages", "no"),
    "maximum_packet_size": (5_000, "largest packet", "5.0 kB (5,000 bytes)"),
    "assigned_client_identifier": ("given-1", "client id", "given-1, the broker's own"),
    "topic_alias_maximum": (12, "topic aliases", "12"),
    "reason_string": ("welcome", "reason string", "welcome"),
    "user": ((("b", "1"), ("a", "\x1b2")), "user property", "b: 1"),
    "wildcard_subscription_available": (False, "wildcards", "no"),
    "subscription_identifier_available": (False, "subscription identifiers", "no"),
    "shared_subscription_available": (False, "shared subscriptions", "no"),
    "server_keep_alive": (33, "keepalive", "33 s, the broker's own"),
    "response_information": ("answers/me", "response information", "answers/me"),
    "server_reference": ("other.lab", "server reference", "other.lab"),
    "authentication_method": ("TOKEN", "authentication method", "TOKEN"),
}
"""Property: what the broker says, what that is called, and what is told of it."""
CONNACK = Connack(0, True, {name: value for name, (value, _, _) in SAID.items()})
TOLD = [("session", "resumed"), *((name, words) for _, name, words in SAID.values())]
TOLD += [("user property", "a: ␛2")]
WORDS = ["-c", "-x", "60", "-i", "kept", "-D", "connect", "authentication-method", "TOKEN"]
WORDS += ["-D", "connect", "request-response-information", "1"]


async def generous(peer: Peer) -> None:
    """Says everything, then does what it is asked."""
    await peer.accept(CONNACK)
    await peer.serve()


def test_the_table_is_the_whole_of_it() -> None:
    names = {row.name for row in PROPERTIES if PacketType.CONNACK in row.packets}
    assert names - set(SAID) == {"authentication_data"}, "which may be a secret"


@pytest.mark.parametrize("command", ["sub", "pub", "request"])
async def test_every_fact_on_stderr(command: str) -> None:
    more = {
        "sub": ("-t", "a"),
        "pub": ("-t", "a", "-m", "x"),
        "request": ("-t", "a", "-m", "x", "--timeout", "0.1"),
    }[command]
    async with ScriptedBroker(generous) as broker, beside(command, broker.url, "-d", *more, *WORDS) as mine:
        await says(mine, "session expiry")
        if command != "sub":
            await ends(mine)
        else:
            await says(mine, "subscribed a")
    lines = bytes(mine.err).decode().splitlines()
    for name, words in [("MQTT", "5"), *TOLD]:
        assert any(line.endswith(f": {name}: {words}") for line in lines), (name, words, lines)
    assert not mine.out or command == "request"


async def test_without_d_nothing_is_said_of_it() -> None:
    async with ScriptedBroker(generous) as broker, beside("pub", broker.url, "-t", "a", "-m", "x") as mine:
        assert await ends(mine) == Exit.DONE
    assert b"wildcards" not in mine.err


async def test_every_property_in_the_doctors_json() -> None:
    async def script(peer: Peer) -> None:
        await peer.accept(CONNACK)
        peer.close()

    async def gone(peer: Peer) -> None:
        peer.close()

    async with ScriptedBroker(script, gone) as broker:
        words = ["doctor", broker.url, "--json", "--timeout", "5", "-V", "5", *WORDS]
        async with beside(*words) as mine:
            await ends(mine)
    checks = {one["stage"]: one for one in json.loads(bytes(mine.out))["checks"]}
    facts = [(one["name"], one["value"]) for one in checks["mqtt"]["facts"]]
    assert ("session", "resumed") in facts
    for name, (value, _, _) in SAID.items():
        assert (name.replace("_", " "), str(value)) in facts


def test_every_fact_in_the_app() -> None:
    facts = broker_facts(CONNACK, 5, {"session_expiry_interval": 60})
    shown = ["".join(text for text, _ in line) for line in broker_lines(snapshot(version="5", broker=facts))]
    for name, words in [("MQTT", "5"), *TOLD]:
        assert any(line.startswith(name) and line.endswith(words) for line in shown), (name, words)


def test_a_real_broker(mosquitto: Mosquitto) -> None:
    done = run("pub", f"mqtt://127.0.0.1:{mosquitto.port}", "-V", "5", "-d", "-t", "a", "-m", "x")
    assert done.returncode == Exit.DONE
    for words in (b"MQTT: 5", b"session: new", b"highest QoS: 2", b"topic aliases: 10", b"wildcards: yes"):
        assert words in done.stderr


def test_below_5_a_broker_can_say_little(mosquitto: Mosquitto) -> None:
    done = run("pub", f"mqtt://127.0.0.1:{mosquitto.port}", "-V", "311", "-d", "-t", "a", "-m", "x")
    assert [line.split(b": ", 1)[1] for line in done.stderr.splitlines()] == [b"MQTT: 3.1.1", b"session: new"]
