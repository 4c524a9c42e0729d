"""Authenticating again while the connection stands (MQTT 5.0 §4.12.1), with SCRAM."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from mqttx_tui.demo.broker import Broker
from mqttx_tui.engine.engine import LocalEngine
from mqttx_tui.model.errors import InputError, LinkError
from mqttx_tui.model.message import Outgoing
from mqttx_tui.model.profile import ConnectProperties, PacketProperties, Profile
from mqttx_tui.session.base import Fate
from mqttx_tui.wire.packets import Auth, Disconnect, PacketType
from mqttx_tui.wire.scram import ScramClient
from tests.engine.fakes import Told, no_answer
from tests.session.conftest import Rig
from tests.support.scram_peer import USERS, accept_again, accept_scram, said
from tests.support.scripted import Peer, ScriptedBroker
from tests.support.wait import eventually
from tests.ui.live_app import live

MakeRig = Callable[..., Rig]
StartBroker = Callable[..., Awaitable[Broker]]
METHOD = "SCRAM-SHA-256"


def scram(method: str = METHOD, **options: object) -> dict[str, object]:
    """The options of a profile that authenticates so."""
    properties = ConnectProperties(authentication_method=method)
    return {"username": "maria", "password": USERS["maria"], "properties": properties, **options}


def auths(one: Rig) -> list[tuple[int, int | None]]:
    """Direction and reason of each AUTH in the trace."""
    return [(row.direction, row.reason) for row in one.sink.packets if row.type == PacketType.AUTH]


@pytest.mark.parametrize("method", ["SCRAM-SHA-256", "SCRAM-SHA-512"])
async def test_when_we_ask_for_it(rig: MakeRig, start_broker: StartBroker, method: str) -> None:
    broker = await start_broker(users=USERS)
    one = rig(f"mqtt://127.0.0.1:{broker.port}", **scram(method))
    await one.connect()
    for _ in range(2):
        assert await one.session.authenticate() > 0
    first, again = [(0, 0x18), (1, 0x18)], [(1, 0x19), (0, 0x18), (1, 0x18), (0, 0)]
    assert auths(one) == [*first, *again, *again]
    events = [text for kind, text in one.sink.events if kind == "authentication"]
    assert len(events) == 2
    assert events[0].startswith(f"authenticated again with {method} in ")
    assert USERS["maria"].encode() not in b"".join(row.raw for row in one.sink.packets)


async def test_everything_else_goes_on_meanwhile(rig: MakeRig, start_broker: StartBroker) -> None:
    broker = await start_broker(users=USERS)
    one = rig(f"mqtt://127.0.0.1:{broker.port}", **scram())
    await one.connect()
    again = [asyncio.create_task(one.session.authenticate()) for _ in range(3)]
    sent = [one.session.publish(Outgoing("a", bytes(100_000), 1)) for _ in range(20)]
    for delivery in sent:
        assert await asyncio.wait_for(delivery.done, 20) is Fate.ACKNOWLEDGED
    assert all(took > 0 for took in await asyncio.gather(*again))


@pytest.mark.parametrize("reason", [0x18, 0x19])
async def test_when_the_broker_asks_for_it(rig: MakeRig, reason: int) -> None:
    """The standard leaves it to clients to begin; a broker that only wants it done gets it."""
    found: list[Auth] = []

    async def script(peer: Peer) -> None:
        method = await accept_scram(peer)
        peer.send(Auth(reason, {"authentication_method": method}))
        found.extend(await accept_again(peer))
        await peer.serve()

    async with ScriptedBroker(script) as broker:
        one = rig(broker.url, **scram())
        await one.connect()
        await eventually(lambda: (0, 0) in auths(one))
        assert await asyncio.wait_for(one.session.publish(Outgoing("a", b"x", 1)).done, 10)
    assert [packet.reason for packet in found] == [0x19, 0x18]
    assert any(f"asks with AUTH 0x{reason:02X}" in text for _, text in one.sink.events)


@pytest.mark.parametrize(
    "packet",
    [
        Auth(0x00, {"authentication_method": METHOD}),
        Auth(0x18, said(METHOD, b"r=abc,s=QUJD,i=4096")),
        Auth(0x19, {"authentication_method": "SCRAM-SHA-1"}),
    ],
)
async def test_what_nobody_asked_for_is_a_protocol_error(rig: MakeRig, packet: Auth) -> None:
    reasons: list[int] = []

    async def script(peer: Peer) -> None:
        await accept_scram(peer)
        peer.send(packet)
        reasons.append((await peer.expect(Disconnect)).reason)

    async with ScriptedBroker(script) as broker:
        error = await rig(broker.url, **scram()).failure()
        await eventually(lambda: reasons)
    assert "AUTH" in error.message
    assert reasons == [0x82]


async def test_a_password_that_changed_meanwhile(rig: MakeRig, start_broker: StartBroker) -> None:
    users = dict(USERS)
    broker = await start_broker(users=users)
    one = rig(f"mqtt://127.0.0.1:{broker.port}", **scram())
    await one.connect()
    users["maria"] = "another"
    assert one.running is not None
    with pytest.raises(LinkError, match="was lost before"):
        await one.session.authenticate()
    error = await one.failure()
    assert (error.code, error.stage) == (0x87, "link")


async def test_a_broker_that_forgot_the_password_is_left(rig: MakeRig) -> None:
    async def script(peer: Peer) -> None:
        await accept_scram(peer)
        began = await peer.expect(Auth)
        nonce = began.properties["authentication_data"].rpartition(b"r=")[2]
        peer.send(Auth(0x18, said(METHOD, b"r=" + nonce + b"more,s=QUJD,i=4096")))
        await peer.expect(Auth)
        peer.send(Auth(0x00, said(METHOD, b"v=QUJD")))
        await peer.next()

    async with ScriptedBroker(script) as broker:
        one = rig(broker.url, **scram())
        await one.connect()
        with pytest.raises(LinkError, match="was lost before"):
            await one.session.authenticate()
        error = await one.failure()
    assert "does not know the password" in error.message
    assert error.stage == "link"


async def test_properties_of_auth(rig: MakeRig) -> None:
    found: list[Auth] = []

    async def script(peer: Peer) -> None:
        await accept_scram(peer)
        found.extend(await accept_again(peer))
        await peer.serve()

    more = {"user": (("k", "1"), ("k", "2")), "reason_string": "again"}
    async with ScriptedBroker(script) as broker:
        one = rig(broker.url, **scram(packet_properties=PacketProperties(auth=more)))
        await one.connect()
        await one.session.authenticate()
    for packet in found:
        assert packet.properties["user"] == (("k", "1"), ("k", "2"))
        assert packet.properties["reason_string"] == "again"


async def test_where_it_cannot_be_done_it_says_why(rig: MakeRig) -> None:
    one = rig("mqtt://127.0.0.1:9")
    with pytest.raises(InputError, match="no authentication method"):
        await one.session.authenticate()
    token = ConnectProperties(authentication_method="TOKEN", authentication_data="x")
    other = rig("mqtt://127.0.0.1:9", properties=token)
    with pytest.raises(InputError, match="'TOKEN', whose steps are not known"):
        await other.session.authenticate()
    down = rig("mqtt://127.0.0.1:9", **scram())
    with pytest.raises(LinkError, match="no AUTH was sent"):
        await down.session.authenticate()


async def test_through_the_engine(start_broker: StartBroker, tmp_path: Path) -> None:
    broker = await start_broker(users=USERS)
    told = Told()
    engine = LocalEngine(tmp_path / "c.db", listener=told, ask=no_answer)
    try:
        profile = Profile("a", f"mqtt://127.0.0.1:{broker.port}", **scram())  # type: ignore[arg-type]
        connection = await engine.connect(profile)
        await eventually(lambda: engine.snapshots()[0].connected_at is not None)
        assert await engine.authenticate(connection) > 0
    finally:
        await engine.shutdown(keep=False)


async def test_in_the_app(start_broker: StartBroker, tmp_path: Path) -> None:
    broker = await start_broker(users=USERS)
    url = f"mqtt://127.0.0.1:{broker.port}"
    config = (
        f'schema = 1\n[connections.mine]\nurl = "{url}"\nusername = "maria"\npassword = "pencil,="\n'
        'properties.authentication_method = "SCRAM-SHA-256"\n'
    )
    async with live(tmp_path, "mine", config=config, filters=("#",)) as app:
        await app.connected()
        await app.app.main_screen.run_action("authenticate_again")
        await app.sees("authenticated again in")


async def test_in_the_app_where_it_cannot_be_done(start_broker: StartBroker, tmp_path: Path) -> None:
    broker = await start_broker()
    config = f'schema = 1\n[connections.mine]\nurl = "mqtt://127.0.0.1:{broker.port}"\n'
    async with live(tmp_path, "mine", config=config, filters=("#",)) as app:
        await app.connected()
        await app.app.main_screen.run_action("authenticate_again")
        await app.sees("no authentication method")


async def test_over_a_websocket(rig: MakeRig, start_broker: StartBroker) -> None:
    broker = await start_broker(users=USERS)
    one = rig(f"mqtt+ws://127.0.0.1:{broker.ws_port}", **scram())
    await one.connect()
    assert await one.session.authenticate() > 0
    assert [reason for _, reason in auths(one)] == [0x18, 0x18, 0x19, 0x18, 0x18, 0]


async def test_what_nobody_foresaw_ends_the_connection_with_a_word(
    rig: MakeRig, start_broker: StartBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not a task that ends in silence, and two sides that wait for each other."""

    def broken(self: ScramClient, challenge: bytes) -> bytes:
        raise RuntimeError(challenge)

    broker = await start_broker(users=USERS)
    one = rig(f"mqtt://127.0.0.1:{broker.port}", **scram())
    monkeypatch.setattr(ScramClient, "final", broken)
    error = await one.failure()
    assert error.message == "AUTH could not be answered: RuntimeError"
    assert error.stage == "mqtt"
