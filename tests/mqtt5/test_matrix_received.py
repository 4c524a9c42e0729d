"""Every property of every packet that a broker sends, written by somebody else's code: read, kept, shown."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from mqttx_tui.demo.broker.scram import ScramServer
from mqttx_tui.model.errors import LinkError
from mqttx_tui.model.message import Outgoing
from mqttx_tui.model.profile import ConnectProperties, Subscription
from mqttx_tui.wire.decode import decode
from mqttx_tui.wire.packets import Auth, Connack, Connect, Publish, Pubrec, Suback, Subscribe, Unsubscribe
from mqttx_tui.wire.packets import PacketType as P
from mqttx_tui.wire.properties import decode_properties
from tests.mqtt5.cells import BROKERS, VALUES, Cell, packet_name
from tests.mqtt5.independent import written
from tests.session.conftest import Rig
from tests.support.scripted import Peer, ScriptedBroker
from tests.support.wait import eventually
from tests.wire.bodies import FIRST, whole

MakeRig = Callable[..., Rig]
SCRAM = "SCRAM-SHA-256"
MAXIMA = ConnectProperties(topic_alias_maximum=9)
LOGIN: dict[str, Any] = {"username": "maria", "password": "pencil"}


def options(cell: Cell) -> dict[str, Any]:
    """The profile on which the broker may send it."""
    if cell.packet == P.AUTH:
        return {**LOGIN, "properties": ConnectProperties(authentication_method=SCRAM)}
    if cell.name.startswith("authentication"):
        data = ConnectProperties(authentication_method="TOKEN", authentication_data="mine")
        return {"properties": data}
    wanted = (Subscription("a", 2),)
    return {"properties": MAXIMA, "subscriptions": wanted if cell.packet == P.PUBLISH else ()}


def written_by_paho(cell: Cell, packet_id: int) -> bytes:
    """The packet with this property and no other, save those that it may not be without."""
    found = {cell.name: VALUES[cell.name]}
    if cell == Cell(P.CONNACK, "authentication_data"):
        found["authentication_method"] = "TOKEN"
    kind, number = P(cell.packet), packet_id.to_bytes(2, "big")
    properties = written(kind, found)
    match kind:
        case P.CONNACK:
            body = b"\0\0" + properties
        case P.PUBLISH:
            body = b"\0\x01a" + properties + b"payload"
        case P.SUBACK | P.UNSUBACK:
            body = number + properties + b"\x80"
        case P.DISCONNECT:
            body = b"\x8b" + properties
        case _:
            body = number + b"\0" + properties
    return whole(FIRST[kind], body)


async def _connack(peer: Peer, cell: Cell) -> None:
    await peer.expect(Connect)
    peer.send_raw(written_by_paho(cell, 0))
    await peer.serve()


async def _acknowledged(peer: Peer, cell: Cell) -> None:
    await peer.accept()
    published = await peer.expect(Publish)
    if cell.packet == P.PUBCOMP:
        peer.send(Pubrec(published.packet_id))
    peer.send_raw(written_by_paho(cell, published.packet_id))
    await peer.serve()


async def _released(peer: Peer, cell: Cell) -> None:
    await peer.accept()
    peer.send(Publish("a", b"x", 2, packet_id=5))
    await peer.expect(Pubrec)
    peer.send_raw(written_by_paho(cell, 5))
    await peer.serve()


async def _answered(peer: Peer, cell: Cell) -> None:
    await peer.accept()
    while True:
        packet = await peer.next()
        if isinstance(packet, Subscribe) and cell.packet == P.UNSUBACK:
            peer.send(Suback(packet.packet_id, (0,)))
        elif isinstance(packet, Subscribe | Unsubscribe):
            peer.send_raw(written_by_paho(cell, packet.packet_id))


async def _said(peer: Peer, cell: Cell) -> None:
    await peer.accept()
    if cell.packet == P.PUBLISH:
        asked = await peer.expect(Subscribe)
        peer.send(Suback(asked.packet_id, (2,)))
    peer.send_raw(written_by_paho(cell, 0))
    await peer.serve()


async def _proved(peer: Peer, cell: Cell) -> None:
    connect = await peer.expect(Connect)
    server = ScramServer(SCRAM, {"maria": "pencil"})
    data = server.challenge(connect.properties["authentication_data"])
    more = {} if cell.name.startswith("authentication") else {cell.name: VALUES[cell.name]}
    found = {"authentication_method": SCRAM, "authentication_data": data}
    peer.send_raw(whole(FIRST[P.AUTH], b"\x18" + written(P.AUTH, {**found, **more})))
    answer = await peer.expect(Auth)
    final = server.answer(answer.properties["authentication_data"])
    peer.send(Connack(properties={"authentication_method": SCRAM, "authentication_data": final}))
    await peer.serve()


SCRIPTS: dict[int, Callable[[Peer, Cell], Awaitable[None]]] = {
    P.CONNACK: _connack,
    P.PUBLISH: _said,
    P.PUBACK: _acknowledged,
    P.PUBREC: _acknowledged,
    P.PUBREL: _released,
    P.PUBCOMP: _acknowledged,
    P.SUBACK: _answered,
    P.UNSUBACK: _answered,
    P.DISCONNECT: _said,
    P.AUTH: _proved,
}


async def act(one: Rig, cell: Cell) -> None:
    """What makes the broker answer with it."""
    if cell.packet in (P.PUBACK, P.PUBREC, P.PUBCOMP):
        one.session.publish(Outgoing("a", b"x", 1 if cell.packet == P.PUBACK else 2))
    elif cell.packet in (P.SUBACK, P.UNSUBACK):
        await one.session.subscribe(Subscription("a"))
        if cell.packet == P.UNSUBACK:
            await one.session.unsubscribe("a")


@pytest.mark.parametrize("cell", BROKERS, ids=str)
async def test_what_a_broker_sends(rig: MakeRig, cell: Cell) -> None:
    async def script(peer: Peer) -> None:
        await SCRIPTS[cell.packet](peer, cell)

    async with ScriptedBroker(script) as server:
        one = rig(server.url, **options(cell))
        if cell.packet == P.DISCONNECT:
            told = await one.failure()
            expected = {"reason_string": "(because)", "server_reference": "other.lab:1884"}
            assert expected.get(cell.name, "DISCONNECT 0x8B") in told.message + told.hint
        else:
            await one.connect()
            with contextlib.suppress(LinkError):
                await act(one, cell)
        assert (await properties(one, cell))[cell.name] == seen(cell)
        shown(one, cell)


def seen(cell: Cell) -> Any:
    """The property's value; a challenge is another one every time."""
    if cell.packet == P.AUTH and cell.name == "authentication_method":
        return SCRAM
    return VALUES[cell.name]


async def properties(one: Rig, cell: Cell) -> dict[str, Any]:
    """What the capture has of it: a message's properties, or the raw bytes of a packet in the trace."""
    if cell.packet == P.PUBLISH:
        [row] = await eventually(lambda: one.sink.rows, "the message")
        assert one.sink.names[row.topic] == "a"
        return decode_properties(row.properties or b"")

    def raw() -> bytes:
        rows = [row for row in one.sink.packets if (row.direction, row.type) == (0, cell.packet)]
        return rows[0].raw if rows else b""

    packet = decode(await eventually(raw, packet_name(cell.packet)), 5)
    found: dict[str, Any] = packet.properties  # type: ignore[union-attr]
    if cell == Cell(P.AUTH, "authentication_data"):
        assert found[cell.name].startswith(b"r=")
        return VALUES
    return found


FACTS = {
    "session_expiry_interval": ("session expiry", "60 s"),
    "assigned_client_identifier": ("client id", "auto-7"),
    "server_keep_alive": ("keepalive", "33 s"),
    "authentication_method": ("authentication method", "TOKEN"),
    "response_information": ("response information", "answers/me"),
    "server_reference": ("server reference", "other.lab:1884"),
    "reason_string": ("reason string", "because"),
    "receive_maximum": ("unacknowledged messages", "7 at a time"),
    "topic_alias_maximum": ("topic aliases", "9"),
    "maximum_qos": ("highest QoS", "1"),
    "retain_available": ("retained messages", "no"),
    "user": ("user property", "b: 3"),
    "maximum_packet_size": ("largest packet", "100,000 bytes"),
    "wildcard_subscription_available": ("wildcards", "no"),
    "subscription_identifier_available": ("subscription identifiers", "no"),
    "shared_subscription_available": ("shared subscriptions", "no"),
}
"""How CONNACK's properties are said to people."""


def shown(one: Rig, cell: Cell) -> None:
    """Beside the trace, where a person meets it."""
    if cell.packet == P.CONNACK and cell.name != "authentication_data":
        name, words = FACTS[cell.name]
        assert words in dict(one.observer.connections[-1].broker)[name]
    elif cell == Cell(P.SUBACK, "reason_string"):
        assert "(because)" in one.observer.subscriptions[-1].text
