"""A WebSocket and a proxy by options: headers, subprotocols, origin, compression."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request
from websockets.typing import Subprotocol

from tests.cli.commands import run
from tests.support.mosquitto import Mosquitto
from tests.support.proxies import PASSWORD, USER, http_proxy, socks_proxy


@dataclass
class Server:
    """A WebSocket server that greets, and what it was asked."""

    url: str = ""
    requests: list[Request] = field(default_factory=list)


@asynccontextmanager
async def greeting() -> AsyncIterator[Server]:
    found = Server()

    async def serve_one(connection: ServerConnection) -> None:
        assert connection.request is not None
        found.requests.append(connection.request)
        await connection.send(f"welcome {connection.subprotocol}")
        await connection.wait_closed()

    async with serve(
        serve_one, "127.0.0.1", 0, subprotocols=[Subprotocol("v2"), Subprotocol("v1")]
    ) as server:
        found.url = f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/chat"
        yield found


async def test_headers_subprotocols_origin_and_compression() -> None:
    async with greeting() as server:
        done = await asyncio.to_thread(
            run,
            *("sub", server.url, "-C", "1", "-H", "Authorization: Bearer ${WEB_TOKEN}", "-H", "X-A: 1: 2"),
            *("--subprotocol", "v1", "--subprotocol", "v0", "--origin", "https://lab", "--compression"),
            WEB_TOKEN="t0k3n",
        )
    assert (done.returncode, done.stdout) == (0, b"welcome v1\n"), done.stderr
    headers = server.requests[0].headers
    assert headers["Authorization"] == "Bearer t0k3n"
    assert (headers["X-A"], headers["Origin"]) == ("1: 2", "https://lab")
    assert headers["Sec-WebSocket-Protocol"] == "v1, v0"
    assert "permessage-deflate" in headers["Sec-WebSocket-Extensions"]


async def test_through_a_proxy_whose_password_is_a_variable(mosquitto: Mosquitto) -> None:
    async with socks_proxy(login=True) as seen:
        proxy = f"socks5h://{USER}:${{PROXY_WORD}}@127.0.0.1:{seen.port}"
        address = f"mqtt://localhost:{mosquitto.port}"
        done = await asyncio.to_thread(
            run,
            "pub",
            address,
            "-t",
            "t",
            "-m",
            "x",
            "-q",
            "1",
            "--proxy",
            proxy,
            PROXY_WORD=PASSWORD,
        )
    assert done.returncode == 0, done.stderr
    assert seen.asked == [f"localhost:{mosquitto.port}"]
    async with greeting() as server, http_proxy() as seen:
        done = await asyncio.to_thread(
            *(run, "sub", server.url, "-C", "1", "--subprotocol", "v1"),
            *("--proxy", f"http://127.0.0.1:{seen.port}"),
        )
    assert (done.returncode, len(seen.asked)) == (0, 1), done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["ws://127.0.0.1:1", "-H", "secret-without-colon"], "a header is 'NAME: VALUE'"),
        (["ws://127.0.0.1:1", "-H", "a b: 1"], "header"),
        (["ws://127.0.0.1:1", "--subprotocol", "a b"], "subprotocol"),
        (["mqtt://127.0.0.1:1", "-t", "a", "-H", "X: 1"], "has no HTTP upgrade"),
        (["mqtt://127.0.0.1:1", "-t", "a", "--proxy", "https://me:secret-9@p"], "no kind of proxy"),
    ],
)
def test_bad_options(arguments: list[str], words: str) -> None:
    done = run("sub", *arguments)
    assert done.returncode == 2
    assert words in done.stderr.decode()
    assert "secret-" not in done.stderr.decode()
