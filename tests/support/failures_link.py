"""Failures of name, TCP and unix sockets, and of links that stood."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from websockets.asyncio.server import ServerConnection, serve

from mqttx_tui.model.profile import Profile
from tests.support.failures import CONNECT_TIMEOUT, Place, scenario
from tests.support.mosquitto import free_port
from tests.support.servers import deaf_port


@scenario("name-unknown")
@asynccontextmanager
async def name_unknown(place: Place) -> AsyncIterator[Profile]:
    # Two dots in a row: refused by the resolver without asking the network.
    yield Profile("lab", "mqtt://broker..lab:1883", connect_timeout=30)


@scenario("refused")
@asynccontextmanager
async def refused(place: Place) -> AsyncIterator[Profile]:
    yield Profile("lab", f"mqtt://127.0.0.1:{free_port()}", connect_timeout=30)


@scenario("unreachable")
@asynccontextmanager
async def unreachable(place: Place) -> AsyncIterator[Profile]:
    # TCP to the broadcast address never leaves the machine.
    yield Profile("lab", "mqtt://255.255.255.255:1883", connect_timeout=30)


@scenario("no-answer")
@asynccontextmanager
async def no_answer(place: Place) -> AsyncIterator[Profile]:
    async with deaf_port() as port:
        yield Profile("lab", f"mqtt://127.0.0.1:{port}", connect_timeout=CONNECT_TIMEOUT)


@scenario("socket-missing")
@asynccontextmanager
async def socket_missing(place: Place) -> AsyncIterator[Profile]:
    yield Profile("lab", f"mqtt+unix://{place.directory}/broker.sock", connect_timeout=30)


@scenario("socket-denied")
@asynccontextmanager
async def socket_denied(place: Place) -> AsyncIterator[Profile]:
    path = place.directory / "denied.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        path.chmod(0)
        yield Profile("lab", f"mqtt+unix://{path}", connect_timeout=30)


@scenario("socket-stale")
@asynccontextmanager
async def socket_stale(place: Place) -> AsyncIterator[Profile]:
    path = place.directory / "stale.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
    yield Profile("lab", f"mqtt+unix://{path}", connect_timeout=30)


@asynccontextmanager
async def _closing(code: int, reason: str = "") -> AsyncIterator[Profile]:
    async def close(connection: ServerConnection) -> None:
        if code == 1006:
            connection.transport.abort()
        else:
            await connection.close(code, reason)

    async with serve(close, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        yield Profile("chat", f"ws://127.0.0.1:{port}/", protocol="websocket", connect_timeout=30)


@scenario("closed-1001")
@asynccontextmanager
async def closed_going_away(place: Place) -> AsyncIterator[Profile]:
    async with _closing(1001, "restart") as profile:
        yield profile


@scenario("closed-1008")
@asynccontextmanager
async def closed_policy(place: Place) -> AsyncIterator[Profile]:
    async with _closing(1008, "log in") as profile:
        yield profile


@scenario("connection-cut")
@asynccontextmanager
async def connection_cut(place: Place) -> AsyncIterator[Profile]:
    async with _closing(1006) as profile:
        yield profile


@asynccontextmanager
async def _sending(message: bytes, *, text: bool, profile: Profile) -> AsyncIterator[Profile]:
    async def send(connection: ServerConnection) -> None:
        await connection.send(message, text=text)
        await connection.wait_closed()

    async with serve(send, "127.0.0.1", 0, subprotocols=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        yield Profile(
            profile.key,
            f"ws://127.0.0.1:{port}/",
            protocol="websocket",
            max_packet=profile.max_packet,
            connect_timeout=30,
        )


@scenario("not-utf8")
@asynccontextmanager
async def not_utf8(place: Place) -> AsyncIterator[Profile]:
    async with _sending(b"caf\xe9", text=True, profile=Profile("chat", "")) as profile:
        yield profile


@scenario("too-big")
@asynccontextmanager
async def too_big(place: Place) -> AsyncIterator[Profile]:
    async with _sending(b"x" * 2000, text=False, profile=Profile("chat", "", max_packet=1000)) as profile:
        yield profile
