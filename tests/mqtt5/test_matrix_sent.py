"""Every property of every packet that we send, on the wire, read by somebody else's code."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from mqttx_tui.demo.broker.scram import ScramServer
from mqttx_tui.model.message import Outgoing
from mqttx_tui.model.profile import ConnectProperties, PacketProperties, Subscription, Will
from mqttx_tui.wire.packets import Auth, Connack, Connect
from mqttx_tui.wire.packets import PacketType as P
from mqttx_tui.wire.properties import WILL
from tests.mqtt5.cells import CLIENTS, VALUES, Cell
from tests.mqtt5.independent import properties_of
from tests.session.conftest import Rig
from tests.support.scripted import Peer, ScriptedBroker
from tests.support.wait import FACTOR, eventually

MakeRig = Callable[..., Rig]
SCRAM = "SCRAM-SHA-256"
NOT_SENT = {
    Cell(kind, name): "nothing of what a broker sends is refused, so there is nothing to explain"
    for kind in (P.PUBACK, P.PUBREC, P.PUBREL, P.PUBCOMP)
    for name in ("reason_string", "user")
}
"""What a client may send and ours does not, and why."""

SENT = [cell for cell in CLIENTS if cell not in NOT_SENT]
WILL_FIELDS = {"will_delay_interval": "delay"}


def options(cell: Cell) -> dict[str, Any]:
    """The profile that makes us send it."""
    packet, name = cell
    value = VALUES[name]
    if packet == WILL:
        text = value.decode() if isinstance(value, bytes) else value
        given: dict[str, Any] = {WILL_FIELDS.get(name, name): text}
        return {"will": Will("w", "gone", **given)}
    if packet == P.CONNECT and name == "session_expiry_interval":
        return {"session_expiry": float(value)}
    if packet == P.CONNECT and name.startswith("authentication"):
        both = ConnectProperties(authentication_method="TOKEN", authentication_data="data-4471")
        return {"properties": both}
    if packet == P.CONNECT:
        given = {name: bool(value) if name.startswith("request") else value}
        return {"properties": ConnectProperties(**given)}
    if packet == P.SUBSCRIBE:
        more = {"identifier": value[0]} if name == "subscription_identifier" else {name: value}
        return {"subscriptions": (Subscription("a", 1, **more),)}
    if packet == P.AUTH:
        login = {"username": "maria", "password": "pencil"}
        more = {} if name.startswith("authentication") else {name: value}
        proving = ConnectProperties(authentication_method=SCRAM)
        return {**login, "properties": proving, "packet_properties": PacketProperties(auth=more)}
    if packet in (P.UNSUBSCRIBE, P.DISCONNECT):
        made = PacketProperties(**{P(packet).name.lower(): {name: value}})
        subscriptions = (Subscription("a", 1),)
        return {"packet_properties": made, "session_expiry": 90.0, "subscriptions": subscriptions}
    return {}


def wanted(cell: Cell) -> Any:
    """What is to be read from the wire; of a proof only how it begins is known beforehand."""
    if cell.packet == P.AUTH and cell.name == "authentication_method":
        return SCRAM
    return VALUES[cell.name]


async def broker(peer: Peer) -> None:
    """Accepts whatever is asked, by SCRAM where a client wants it."""
    connect = await peer.expect(Connect)
    found: dict[str, Any] = {"topic_alias_maximum": 10}
    method = connect.properties.get("authentication_method")
    if method == SCRAM:
        server = ScramServer(SCRAM, {"maria": "pencil"})
        data = server.challenge(connect.properties["authentication_data"])
        peer.send(Auth(0x18, {"authentication_method": SCRAM, "authentication_data": data}))
        answer = await peer.expect(Auth)
        found["authentication_data"] = server.answer(answer.properties["authentication_data"])
    if method is not None:
        found["authentication_method"] = method
    peer.send(Connack(properties=found))
    await peer.serve()


async def act(one: Rig, cell: Cell) -> None:
    """What a person does after connecting, so that the packet goes out."""
    if cell.packet == P.PUBLISH:
        one.session.publish(Outgoing("a", b"x", properties={cell.name: VALUES[cell.name]}))
    elif cell.packet == P.UNSUBSCRIBE:
        await one.session.unsubscribe("a")
    elif cell.packet == P.DISCONNECT:
        await one.session.close()


@pytest.mark.parametrize("cell", SENT, ids=str)
async def test_what_we_send(rig: MakeRig, cell: Cell) -> None:
    kind = P(cell.packet or P.CONNECT)
    async with ScriptedBroker(broker) as server:
        one = rig(server.url, **options(cell))
        await one.connect()
        await asyncio.wait_for(act(one, cell), 10 * FACTOR)

        def raw() -> bytes:
            return next((raw for raw in server.peer.raws if raw[0] >> 4 == kind), b"")

        found = properties_of(cell.packet, await eventually(raw, f"a {kind.name}"))
    if cell == Cell(P.AUTH, "authentication_data"):
        assert found[cell.name].startswith(b"c=biws,r=")
    else:
        assert found[cell.name] == wanted(cell)
