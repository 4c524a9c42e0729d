"""Raw WebSocket servers and what a peer of them heard."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.utils import accept_key

from mqttx_tui.model.errors import LinkError
from mqttx_tui.model.profile import Profile
from mqttx_tui.transport.base import Frame
from tests.support.links import Peer
from tests.support.wait import FACTOR

Handler = Callable[[ServerConnection], Awaitable[None]]


async def idle(connection: ServerConnection) -> None:
    await connection.wait_closed()


@asynccontextmanager
async def serving(handler: Handler, **options: Any) -> AsyncIterator[Profile]:
    async with serve(handler, "127.0.0.1", 0, **options) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        yield Profile("chat", f"ws://127.0.0.1:{port}/chat?room=1", protocol="websocket", connect_timeout=10)


async def end(peer: Peer) -> LinkError | None:
    return await asyncio.wait_for(peer.ended, 5 * FACTOR)


def messages(peer: Peer) -> list[Frame]:
    return [frame for frame in peer.frames if frame.opcode in (1, 2)]


async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, extra: bytes = b"") -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    key = next(line.partition(": ")[2] for line in head.split("\r\n") if line.startswith("Sec-WebSocket-Key"))
    writer.write(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept_key(key).encode() + b"\r\n\r\n" + extra
    )
