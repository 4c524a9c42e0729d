"""Small packets leave at once."""

from __future__ import annotations

import socket

from mqttx_tui.transport.names import resolve
from mqttx_tui.transport.sockets import connect_tcp
from tests.support.servers import silence, talking


async def test_a_socket_does_not_wait_for_more() -> None:
    async with talking(silence) as port:
        stream, _ = await connect_tcp(await resolve("127.0.0.1", port))
        with stream:
            assert stream.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
