"""The broker's side of an enhanced authentication, for scripted brokers."""

from __future__ import annotations

from mqttx_tui.demo.broker.scram import ScramServer
from mqttx_tui.wire.packets import Auth, Connack, Connect, Properties
from tests.support.scripted import Peer

USERS = {"maria": "pencil,=", "jörg": "größe"}


def said(method: str, data: bytes) -> Properties:
    """What AUTH and CONNACK carry."""
    return {"authentication_method": method, "authentication_data": data}


async def accept_scram(peer: Peer, connack: Connack | None = None) -> str:
    """Take CONNECT and the exchange after it, and accept; returns the method."""
    connect = await peer.expect(Connect)
    method = str(connect.properties["authentication_method"])
    server = ScramServer(method, USERS)
    peer.send(Auth(0x18, said(method, server.challenge(connect.properties["authentication_data"]))))
    final = server.answer((await peer.expect(Auth)).properties["authentication_data"])
    found = connack or Connack()
    peer.send(Connack(found.reason, found.session_present, {**found.properties, **said(method, final)}))
    return method


async def accept_again(peer: Peer, users: dict[str, str] | None = None) -> list[Auth]:
    """Take an AUTH 0x19 and what follows, and accept; returns what the client sent."""
    began = await peer.expect(Auth)
    method = str(began.properties["authentication_method"])
    server = ScramServer(method, USERS if users is None else users)
    peer.send(Auth(0x18, said(method, server.challenge(began.properties["authentication_data"]))))
    went_on = await peer.expect(Auth)
    peer.send(Auth(0x00, said(method, server.answer(went_on.properties["authentication_data"]))))
    return [began, went_on]
