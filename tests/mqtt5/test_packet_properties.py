"""``-D`` for every packet that a client sends properties in (MQTT 5.0 §2.2.2.2), as mosquitto spells them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from mqttx_tui.cli.properties import COMMANDS
from mqttx_tui.demo.broker import Broker
from mqttx_tui.model.errors import Exit
from mqttx_tui.wire.packets import Auth, Disconnect, Packet, PacketType, Subscribe, Unsubscribe
from mqttx_tui.wire.properties import PROPERTIES, WILL
from tests.cli.commands import run
from tests.support.mosquitto import Mosquitto
from tests.support.scram_peer import USERS, accept_scram
from tests.support.scripted import Peer, ScriptedBroker
from tests.support.wait import eventually

StartBroker = Callable[..., Awaitable[Broker]]
PACKETS = {name: WILL if name == "will" else int(PacketType[name.upper()]) for name in COMMANDS}
ONLY_BROKERS = {
    ("publish", "subscription_identifier"),
    ("disconnect", "server_reference"),
    ("auth", "authentication_method"),
    ("auth", "authentication_data"),
    ("connect", "authentication_data"),
}
"""What these packets have and nobody may give: the broker's own, what is repeated, and secrets."""


def of(seen: list[Packet], kind: type[Packet]) -> Packet:
    """The one packet of a kind."""
    [found] = [packet for packet in seen if isinstance(packet, kind)]
    return found


async def test_unsubscribe_and_disconnect_of_sub() -> None:
    async def script(peer: Peer) -> None:
        await peer.accept()
        await peer.serve()

    words = ["-t", "a", "-U", "old/#", "-E", "-c", "-x", "60"]
    words += ["-D", "unsubscribe", "user-property", "k", "1", "-D", "unsubscribe", "user-property", "k", "0"]
    words += ["-D", "subscribe", "user-property", "s", "1"]
    words += ["-D", "disconnect", "session-expiry-interval", "5", "-D", "disconnect", "reason-string", "bye"]
    words += ["-D", "disconnect", "user-property", "d", "1"]
    async with ScriptedBroker(script) as broker:
        done = await asyncio.to_thread(run, "sub", broker.url, *words)
        assert done.returncode == Exit.DONE, done.stderr
        await eventually(lambda: broker.peer.gone)
        seen = broker.peer.seen
    unsubscribe, subscribe = of(seen, Unsubscribe), of(seen, Subscribe)
    assert isinstance(unsubscribe, Unsubscribe)
    assert unsubscribe.filters == ("old/#",)
    assert unsubscribe.properties == {"user": (("k", "1"), ("k", "0"))}
    assert isinstance(subscribe, Subscribe)
    assert subscribe.properties == {"user": (("s", "1"),)}
    expected = {"session_expiry_interval": 5, "reason_string": "bye", "user": (("d", "1"),)}
    assert of(seen, Disconnect) == Disconnect(0, expected)
    assert b"unsubscribed old/#" in done.stderr


@pytest.mark.parametrize("kind", ["mosquitto", "embedded"])
@pytest.mark.parametrize(
    "command", [["pub", "-m", "x"], ["sub", "-E"], ["request", "-m", "x", "--timeout", "0.2"]]
)
async def test_real_brokers_take_them(
    kind: str, command: list[str], mosquitto: Mosquitto, start_broker: StartBroker
) -> None:
    port = mosquitto.port if kind == "mosquitto" else (await start_broker()).port
    words = ["-t", "a/b", "-x", "60", "-D", "disconnect", "session-expiry-interval", "0"]
    words += ["-D", "disconnect", "user-property", "k", "v"]
    done = await asyncio.to_thread(run, command[0], f"mqtt://127.0.0.1:{port}", *command[1:], *words)
    assert done.returncode == (Exit.NOT_ACHIEVED if command[0] == "request" else Exit.DONE), done.stderr


async def test_auth() -> None:
    found: list[Packet] = []

    async def script(peer: Peer) -> None:
        await accept_scram(peer)
        found.append(next(packet for packet in peer.seen if isinstance(packet, Auth)))
        await peer.serve()

    words = ["-t", "a", "-E", "-u", "maria", "--password-env", "SECRET_WORD"]
    words += ["-D", "connect", "authentication-method", "SCRAM-SHA-256"]
    words += ["-D", "auth", "user-property", "k", "v", "-D", "auth", "reason-string", "here I am"]
    async with ScriptedBroker(script) as broker:
        done = await asyncio.to_thread(run, "sub", broker.url, *words, SECRET_WORD=USERS["maria"])
        assert done.returncode == Exit.DONE, done.stderr
    [auth] = found
    assert isinstance(auth, Auth)
    assert auth.properties["user"] == (("k", "v"),)
    assert auth.properties["reason_string"] == "here I am"


@pytest.mark.parametrize(
    ("packet", "name"), [(packet, row.name) for packet in COMMANDS for row in PROPERTIES]
)
def test_each_packet_takes_what_the_standard_says_and_says_so(packet: str, name: str) -> None:
    """§2.2.2.2, Table 2-4, property by property."""
    from argparse import ArgumentTypeError

    from mqttx_tui.cli.properties import given

    row = next(one for one in PROPERTIES if one.name == name)
    spelled = "user-property" if name == "user" else name.replace("_", "-")
    words = [packet, spelled, *(("a", "b") if name == "user" else ("1",))]
    allowed = PACKETS[packet] in row.packets and (packet, name) not in ONLY_BROKERS
    if allowed:
        assert given("\x1f".join(words)).name == name
        return
    with pytest.raises(ArgumentTypeError) as caught:
        given("\x1f".join(words))
    said = str(caught.value)
    assert spelled in said
    if name != "authentication_data":
        assert said.startswith(f"{packet} has no property '{spelled}'; it has ")
        assert "user-property" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["-D", "pingreq", "user-property", "a", "b"],
            "connect, will, publish, subscribe, unsubscribe",
        ),
        (["-D", "disconnect", "session-expiry-interval", "5"], "where CONNECT asked for none"),
        (["-D", "auth", "user-property", "a", "b"], "no authentication method with steps"),
        (["-D", "disconnect", "reason-string"], "-D disconnect reason-string needs a value"),
        (["-D", "disconnect", "user-property", "a", "b", "-V", "311"], "-D needs MQTT 5"),
        (["-U", "a/#/b"], "# must be the last level"),
    ],
)
def test_what_cannot_be_is_said(words: list[str], said: str) -> None:
    done = run("sub", "mqtt://127.0.0.1:9", "-t", "a", *words)
    assert done.returncode == Exit.BAD_INPUT
    assert said in " ".join(done.stderr.decode().split())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["pub", "-m", "x", "-D", "subscribe", "user-property", "a", "b"], "pub sends no SUBSCRIBE"),
        (["pub", "-m", "x", "-D", "unsubscribe", "user-property", "a", "b"], "pub sends no UNSUBSCRIBE"),
        (["request", "-m", "x", "-D", "unsubscribe", "user-property", "a", "b"], "sends no UNSUBSCRIBE"),
        (["sub", "-D", "unsubscribe", "user-property", "a", "b"], "listening sends no UNSUBSCRIBE"),
        (
            ["sub", "-D", "publish", "content-type", "a"],
            "listening sends no PUBLISH",
        ),
    ],
)
def test_what_no_packet_would_carry_is_said(words: list[str], said: str) -> None:
    done = run(words[0], "mqtt://127.0.0.1:9", "-t", "a", *words[1:])
    assert done.returncode == Exit.BAD_INPUT
    assert said in done.stderr.decode()


async def test_the_subscription_of_a_request() -> None:
    async def script(peer: Peer) -> None:
        await peer.accept()
        await peer.serve()

    words = ["-t", "a", "-m", "x", "--timeout", "0.2", "-D", "subscribe", "user-property", "s", "1"]
    words += ["-D", "subscribe", "subscription-identifier", "9"]
    async with ScriptedBroker(script) as broker:
        done = await asyncio.to_thread(run, "request", broker.url, *words)
        assert done.returncode == Exit.NOT_ACHIEVED, done.stderr
        subscribe = of(broker.peer.seen, Subscribe)
    assert isinstance(subscribe, Subscribe)
    assert subscribe.properties == {"subscription_identifier": (9,), "user": (("s", "1"),)}
