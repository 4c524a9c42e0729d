"""Failures of the WebSocket upgrade."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from websockets.asyncio.server import ServerConnection, basic_auth, serve
from websockets.http11 import Request, Response

from mqttx_tui.model.profile import Profile
from tests.support.failures import CONNECT_TIMEOUT, Place, scenario
from tests.support.servers import Conversation, http, saying, server_context, silence, talking


@asynccontextmanager
async def _raw(
    conversation: Conversation, path: str = "/mqtt", timeout: float = 30
) -> AsyncIterator[Profile]:
    async with talking(conversation) as port:
        yield Profile("lab", f"mqtt+ws://127.0.0.1:{port}{path}", connect_timeout=timeout)


async def _idle(connection: ServerConnection) -> None:
    await connection.wait_closed()


@asynccontextmanager
async def _answering(status: int) -> AsyncIterator[Profile]:
    def process(connection: ServerConnection, request: Request) -> Response:
        return connection.respond(status, "no\n")

    async with serve(_idle, "127.0.0.1", 0, process_request=process) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        yield Profile("lab", f"mqtt+ws://127.0.0.1:{port}/mqtt", connect_timeout=30)


@scenario("upgrade-no-answer")
@asynccontextmanager
async def no_answer(place: Place) -> AsyncIterator[Profile]:
    async with _raw(silence, timeout=CONNECT_TIMEOUT) as profile:
        yield profile


@scenario("upgrade-closed")
@asynccontextmanager
async def closed(place: Place) -> AsyncIterator[Profile]:
    async with _raw(saying(b"")) as profile:
        yield profile


@scenario("ws-on-tls-port")
@asynccontextmanager
async def tls_port(place: Place) -> AsyncIterator[Profile]:
    body = b"<html>The plain HTTP request was sent to HTTPS port</html>"
    async with _raw(http("400 Bad Request", body=body)) as profile:
        yield profile


@scenario("ws-on-tls-port-alert")
@asynccontextmanager
async def tls_alert(place: Place) -> AsyncIterator[Profile]:
    async with _raw(saying(bytes([0x15, 3, 1, 0, 2, 2, 70]))) as profile:
        yield profile


@scenario("ws-on-bare-tls-port")
@asynccontextmanager
async def bare_tls_port(place: Place) -> AsyncIterator[Profile]:
    files = place.certificates
    async with talking(silence, server_context(files.server_cert, files.server_key)) as port:
        yield Profile("lab", f"mqtt+ws://127.0.0.1:{port}/mqtt", connect_timeout=30)


@scenario("not-a-web-server")
@asynccontextmanager
async def not_http(place: Place) -> AsyncIterator[Profile]:
    async with _raw(saying(b"SSH-2.0-OpenSSH_9.2\r\n")) as profile:
        yield profile


@scenario("redirected")
@asynccontextmanager
async def redirected(place: Place) -> AsyncIterator[Profile]:
    async with _raw(http("307 Temporary Redirect", "Location: https://broker.lab/mqtt")) as profile:
        yield profile


@scenario("redirected-too-often")
@asynccontextmanager
async def redirected_too_often(place: Place) -> AsyncIterator[Profile]:
    async with _raw(http("302 Found", "Location: /mqtt")) as profile:
        yield profile


@scenario("ordinary-page")
@asynccontextmanager
async def ordinary_page(place: Place) -> AsyncIterator[Profile]:
    async with _raw(http("200 OK", "Content-Type: text/html", body=b"<html>"), path="/") as profile:
        yield profile


@scenario("http-400")
@asynccontextmanager
async def bad_request(place: Place) -> AsyncIterator[Profile]:
    async with _answering(400) as profile:
        yield profile


@scenario("http-401")
@asynccontextmanager
async def unauthenticated(place: Place) -> AsyncIterator[Profile]:
    check = basic_auth(realm="lab", credentials=("me", "secret-5512"))
    async with serve(_idle, "127.0.0.1", 0, process_request=check) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        yield Profile("lab", f"mqtt+ws://127.0.0.1:{port}/mqtt", connect_timeout=30)


@scenario("http-403")
@asynccontextmanager
async def forbidden(place: Place) -> AsyncIterator[Profile]:
    async with serve(_idle, "127.0.0.1", 0, origins=["https://broker.lab"]) as server:  # type: ignore[list-item]
        port = next(iter(server.sockets)).getsockname()[1]
        yield Profile(
            "lab", f"mqtt+ws://127.0.0.1:{port}/mqtt", origin="https://evil.lab", connect_timeout=30
        )


@scenario("http-404")
@asynccontextmanager
async def not_found(place: Place) -> AsyncIterator[Profile]:
    async with _answering(404) as profile:
        yield profile


@scenario("http-426")
@asynccontextmanager
async def upgrade_required(place: Place) -> AsyncIterator[Profile]:
    async with _raw(http("426 Upgrade Required", "Upgrade: HTTP/2.0", "Connection: Upgrade")) as profile:
        yield profile


@scenario("http-429")
@asynccontextmanager
async def too_many(place: Place) -> AsyncIterator[Profile]:
    async with _answering(429) as profile:
        yield profile


@scenario("http-500")
@asynccontextmanager
async def server_error(place: Place) -> AsyncIterator[Profile]:
    async with _answering(503) as profile:
        yield profile


@scenario("bad-upgrade")
@asynccontextmanager
async def bad_upgrade(place: Place) -> AsyncIterator[Profile]:
    answer = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
    async with _raw(saying(answer)) as profile:
        yield profile


@scenario("subprotocol")
@asynccontextmanager
async def subprotocol(place: Place) -> AsyncIterator[Profile]:
    async with serve(_idle, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        yield Profile("lab", f"mqtt+ws://127.0.0.1:{port}/chat", connect_timeout=30)


@scenario("text-frame", "mqtt")
@asynccontextmanager
async def text_frame(place: Place) -> AsyncIterator[Profile]:
    async def speak(connection: ServerConnection) -> None:
        await connection.send("hello")
        await connection.wait_closed()

    async with serve(speak, "127.0.0.1", 0, subprotocols=["mqtt"]) as server:  # type: ignore[list-item]
        port = next(iter(server.sockets)).getsockname()[1]
        yield Profile("lab", f"mqtt+ws://127.0.0.1:{port}/mqtt", connect_timeout=30)
