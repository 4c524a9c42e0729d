"""Enhanced authentication (MQTT 5.0 §4.12) by SCRAM (RFC 5802, RFC 7677)."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mqttx_tui.demo.broker import Broker
from mqttx_tui.demo.broker.scram import RefusedError, ScramServer
from mqttx_tui.model.errors import Exit, InputError, LinkError
from mqttx_tui.model.profile import SCRAM_METHODS, ConnectProperties
from mqttx_tui.wire.packets import Auth, Connack, Connect, Disconnect, PacketType
from mqttx_tui.wire.redact import MASK, redact
from mqttx_tui.wire.scram import ScramClient, prepared
from tests.session.conftest import Rig
from tests.support.mosquitto import Mosquitto
from tests.support.scripted import Peer, ScriptedBroker

MakeRig = Callable[..., Rig]
StartBroker = Callable[..., Awaitable[Broker]]
USERS = {"maria": "pencil,=", "jörg": "größe"}
SECRET = "correct horse battery"


def scram(method: str = "SCRAM-SHA-256", **options: object) -> dict[str, object]:
    """The options of a profile that authenticates so."""
    properties = ConnectProperties(authentication_method=method)
    return {"username": "maria", "password": USERS["maria"], "properties": properties, **options}


def test_the_exchange_of_the_standard() -> None:
    """RFC 7677 §3."""
    client = ScramClient("SCRAM-SHA-256", "user", "pencil", nonce="rOprNGfwEbeRWgbNEkqO")
    assert client.first() == b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO"
    nonce = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
    final = client.final(f"r={nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096".encode())
    assert final == f"c=biws,r={nonce},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=".encode()
    client.verify(b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")
    assert client.verified


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from(SCRAM_METHODS),
    st.text(st.characters(codec="ascii", categories=("L", "N", "P")), min_size=1, max_size=20),
    st.text(st.characters(codec="latin-1", categories=("L", "N", "P")), min_size=1, max_size=20),
)
def test_both_sides_agree(method: str, name: str, password: str) -> None:
    client, server = ScramClient(method, name, password), ScramServer(method, {name: password})
    client.verify(server.answer(client.final(server.challenge(client.first()))))
    assert client.verified
    assert server.username == name


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=80)
    | st.text(max_size=80).map(lambda text: f"r=abc{text},s=QUJD,i=4096".encode("utf-8", "replace"))
)
def test_any_challenge_is_answered_or_refused_by_name(challenge: bytes) -> None:
    client = ScramClient("SCRAM-SHA-256", "a", "b", nonce="abc")
    with contextlib.suppress(LinkError):
        assert client.final(challenge).startswith(b"c=biws,r=abc")


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=80))
def test_the_broker_takes_no_rubbish(data: bytes) -> None:
    server = ScramServer("SCRAM-SHA-256", {"a": "b"})
    with pytest.raises(RefusedError):
        server.challenge(data)
    server.challenge(ScramClient("SCRAM-SHA-256", "a", "b").first())
    with pytest.raises(RefusedError):
        server.answer(data)


@pytest.mark.parametrize(
    ("challenge", "why"),
    [
        ("r=xyz1,s=QUJD,i=4096", "somebody else's nonce"),
        ("r=abc,s=QUJD,i=4096", "somebody else's nonce"),
        ("r=abc1,s=QUJD,i=4095", "4,095 iterations"),
        ("r=abc1,s=QUJD,i=9999999999", "9,999,999,999 iterations"),
        ("r=abc1,s=A,i=4096", "not base64"),
        ("m=ext,r=abc1,s=QUJD,i=4096", "no server-first-message"),
        ("e=other-error", "no server-first-message"),
    ],
)
def test_a_challenge_that_is_none(challenge: str, why: str) -> None:
    with pytest.raises(LinkError, match=why):
        ScramClient("SCRAM-SHA-256", "a", "b", nonce="abc").final(challenge.encode())


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("I\u00adX", "IX"),
        ("user", "user"),
        ("USER", "USER"),
        ("\u00aa", "a"),
        ("\u2168", "IX"),
        ("a\u00a0b", "a b"),
    ],
)
def test_names_and_passwords_are_prepared(text: str, result: str) -> None:
    """RFC 4013 §3."""
    assert prepared(text, "password") == result


@pytest.mark.parametrize("text", ["\u0007", "\u0627\u0031"])
def test_what_may_not_be_prepared_is_named_and_not_shown(text: str) -> None:
    with pytest.raises(InputError, match="password: ") as caught:
        prepared(text, "password")
    assert text not in caught.value.message


@pytest.mark.parametrize("method", SCRAM_METHODS)
@pytest.mark.parametrize("name", USERS)
async def test_a_session_proves_its_password(
    rig: MakeRig, start_broker: StartBroker, method: str, name: str
) -> None:
    broker = await start_broker(users=USERS)
    one = rig(
        f"mqtt://127.0.0.1:{broker.port}", **scram(method, username=name, password=USERS[name], mqtt="auto")
    )
    await one.connect()
    assert one.observer.connections[-1].version == "5"
    assert next(iter(broker.core.sessions.values())).username == name
    auths = [row for row in one.sink.packets if row.type == PacketType.AUTH]
    assert [row.direction for row in auths] == [0, 1]
    assert USERS[name].encode() not in b"".join(row.raw for row in one.sink.packets)


@pytest.mark.parametrize("login", [("maria", "wrong"), ("nobody", "pencil")])
async def test_a_wrong_password_is_refused_and_not_tried_again(
    rig: MakeRig, start_broker: StartBroker, login: tuple[str, str]
) -> None:
    broker = await start_broker(users=USERS)
    one = rig(f"mqtt://127.0.0.1:{broker.port}", **scram(username=login[0], password=login[1]))
    error = await one.failure()
    assert (error.code, error.retry, error.exit_code) == (0x87, False, Exit.NOT_AUTHORISED)


async def test_a_broker_without_scram_says_so(rig: MakeRig, mosquitto: Mosquitto) -> None:
    error = await rig(f"mqtt://127.0.0.1:{mosquitto.port}", **scram()).failure()
    assert (error.code, error.retry) == (0x8C, False)


async def test_a_broker_that_does_not_know_the_password_is_left(rig: MakeRig) -> None:
    async def forging(peer: Peer) -> None:
        connect = await peer.expect(Connect)
        assert (connect.username, connect.password) == (None, None)
        server = ScramServer("SCRAM-SHA-256", {"maria": "something else"})
        properties = {"authentication_method": "SCRAM-SHA-256"}
        challenge = server.challenge(connect.properties["authentication_data"])
        peer.send(Auth(0x18, {**properties, "authentication_data": challenge}))
        await peer.expect(Auth)
        peer.send(Connack(properties={**properties, "authentication_data": b"v=" + b"QUJD"}))
        await peer.next()

    async with ScriptedBroker(forging) as broker:
        one = rig(broker.url, **scram())
        error = await one.failure()
        assert "does not know the password" in error.message
        assert not error.retry
        assert not one.observer.connections


async def test_a_broker_that_asks_for_no_proof_is_left(rig: MakeRig) -> None:
    async def careless(peer: Peer) -> None:
        await peer.accept()
        await peer.next()

    async with ScriptedBroker(careless) as broker:
        error = await rig(broker.url, **scram()).failure()
        assert "did not prove" in error.message


@pytest.mark.parametrize(
    ("packet", "what"),
    [
        (Auth(0x18, {"authentication_method": "SCRAM-SHA-1"}), "the method of CONNECT"),
        (Auth(0, {"authentication_method": "SCRAM-SHA-256"}), "asks to go on"),
        (Auth(0x18, {"authentication_method": "SCRAM-SHA-256", "authentication_data": b"\xff"}), "not UTF-8"),
    ],
)
async def test_a_wrong_auth_ends_the_connection_with_its_reason(
    rig: MakeRig, packet: Auth, what: str
) -> None:
    async def script(peer: Peer) -> None:
        await peer.expect(Connect)
        peer.send(packet)
        await peer.next()

    async with ScriptedBroker(script) as broker:
        error = await rig(broker.url, **scram()).failure()
        assert what in error.message


async def test_another_method_is_sent_as_it_stands(rig: MakeRig) -> None:
    async def script(peer: Peer) -> None:
        connect = await peer.expect(Connect)
        assert connect.properties["authentication_method"] == "TOKEN"
        assert connect.properties["authentication_data"] == SECRET.encode()
        assert (connect.username, connect.password) == ("maria", b"p")
        peer.send(Connack(properties={"authentication_method": "TOKEN"}))
        await peer.serve()

    properties = ConnectProperties(authentication_method="TOKEN", authentication_data=SECRET)
    async with ScriptedBroker(script) as broker:
        one = rig(broker.url, username="maria", password="p", properties=properties)
        await one.connect()
        raw = next(row.raw for row in one.sink.packets if row.type == PacketType.CONNECT)
        stored, _ = redact(raw, 5)
        assert MASK in stored
        assert SECRET.encode() not in stored


async def test_another_method_that_asks_for_more_is_said_to_be_unknown(rig: MakeRig) -> None:
    async def script(peer: Peer) -> None:
        await peer.expect(Connect)
        peer.send(Auth(0x18, {"authentication_method": "TOKEN"}))
        await peer.next()

    properties = ConnectProperties(authentication_method="TOKEN", authentication_data=SECRET)
    async with ScriptedBroker(script) as broker:
        error = await rig(broker.url, properties=properties).failure()
        assert "'TOKEN'" in error.message
        assert "SCRAM-SHA-256" in error.hint
        assert SECRET not in error.message


async def test_auth_after_connack_is_a_protocol_error(rig: MakeRig, start_broker: StartBroker) -> None:
    """Only we could ask for it (MQTT 5.0 §4.12.1), and we do not."""

    async def script(peer: Peer) -> None:
        await peer.accept()
        peer.send(Auth(0x18, {"authentication_method": "TOKEN"}))
        assert (await peer.expect(Disconnect)).reason == 0x82

    properties = ConnectProperties(authentication_method="TOKEN", authentication_data=SECRET)
    async with ScriptedBroker(script) as broker:
        error = await rig(broker.url, properties=properties).failure()
        assert "no AUTH after CONNACK" in error.message


def test_a_profile_says_it(tmp_path: Path) -> None:
    from mqttx_tui.profiles.load import parse

    def problems(*lines: str) -> list[str]:
        text = "\n".join(["schema = 1", "[connections.a]", 'url = "mqtt://h"', *lines])
        return [problem.text for problem in parse(text.encode(), tmp_path / "f.toml").problems]

    method = 'properties.authentication_method = "SCRAM-SHA-512"'
    login = ('username = "a"', 'password = "b"')
    assert problems(method, *login) == []
    assert problems(method) == ["SCRAM-SHA-512 needs username and password"]
    assert problems(method, *login, 'mqtt = "3.1.1"') == ["needs MQTT 5"]
    assert problems('properties.authentication_data = "x"') == ["needs an authentication_method"]
    assert problems('properties.authentication_method = "scram-sha-1"', *login) == [
        "'scram-sha-1' is not known"
    ]
    assert problems(method, *login, 'properties.authentication_data = "x"') == [
        "SCRAM-SHA-512 works them out itself"
    ]
