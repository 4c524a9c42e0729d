"""The screen of a WebSocket's handshake: what came of it, and both heads without their secrets."""

from __future__ import annotations

from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection
from websockets.datastructures import Headers
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from mqttx_tui.model import shown
from mqttx_tui.model.handshake import Handshake
from mqttx_tui.model.state import Phase
from mqttx_tui.ui.screens.handshake import HandshakeScreen, handshake_lines
from tests.support.websockets import idle, serving
from tests.ui.live_app import live
from tests.ui.test_websocket import TOKEN, at_the_list, config


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 20)])
async def test_the_handshake_without_its_secrets(tmp_path: Path, size: tuple[int, int]) -> None:
    more = f'headers = {{ Authorization = "Bearer {TOKEN}" }}\nsubprotocols = ["chat"]\n'
    offered = [Subprotocol("chat")]
    async with serving(idle, subprotocols=offered) as profile:
        text = config(str(profile.url).replace("room=1", f"key={TOKEN}"), more)
        async with live(tmp_path, config=text, filters=(), size=size) as app:
            await at_the_list(app)
            await app.press("H")
            await app.until(lambda: isinstance(app.app.screen, HandshakeScreen), "the handshake")
            await app.sees("subprotocol   chat, as asked for")
            await app.sees("GET /chat?key=******** HTTP/1.1")
            await app.press("end")
            await app.sees("Authorization: ********")
            await app.sees("HTTP/1.1 101 Switching Protocols")
            await app.sees("Sec-WebSocket-Accept: ")
            assert TOKEN not in app.text
            await app.press("escape")
            await app.until(lambda: app.app.screen is app.app.main_screen, "back")


async def test_a_redirect_that_was_followed_and_what_compression_saves(tmp_path: Path) -> None:
    def elsewhere(connection: ServerConnection, request: Request) -> Response | None:
        if request.path == "/old":
            return Response(302, "Found", Headers({"Location": "/new", "Content-Length": "0"}))
        return None

    async def talk(connection: ServerConnection) -> None:
        for _ in range(4):
            await connection.send("the same words again and again " * 40)
        await connection.wait_closed()

    async with serving(talk, process_request=elsewhere) as profile:
        address = str(profile.url).partition("/chat")[0]
        text = config(f"{address}/old", "compression = true\n")
        async with live(tmp_path, config=text, filters=()) as app:
            await app.connected()
            await app.until(lambda: sum("the same words" in line for line in app.lines) >= 4, "the messages")
            await at_the_list(app)
            await app.press("H")
            await app.sees(f"redirected    302 → {address}/new")
            await app.sees("extensions    permessage-deflate")
            [line] = [line for line in app.lines if "received " in line]
            assert 0 < int(line.partition("on the wire (")[2].partition("%")[0]) < 20
            assert "5.0 kB in messages" in line


@pytest.mark.parametrize(
    ("asked", "chosen", "words"),
    [
        ((), "", "none, and none was asked for"),
        (("v2", "v1"), "", "none: the server took none of v2, v1"),
        (("v2", "v1"), "v1", "v1 (asked for: v2, v1)"),
    ],
)
def test_what_was_asked_and_what_was_chosen(asked: tuple[str, ...], chosen: str, words: str) -> None:
    found = Handshake(
        *("GET / HTTP/1.1", (("Sec-WebSocket-Extensions", "permessage-deflate"),), 101, ()),
        offered=asked,
        subprotocol=chosen,
        redirects=("302 → ws://h:80/a", "307 → ws://h:80/b"),
        proxy="http://p:3128",
        payload_in=10_000,
        wire_in=1_200,
    )
    lines = ["".join(text for text, _ in line) for line in handshake_lines(found, 100)]
    assert f"subprotocol   {words}" in lines
    assert "extensions    none: the server refused what was asked for" in lines
    assert f"received      {shown.size(10_000)} in messages, {shown.size(1_200)} on the wire (12%)" in lines
    assert not any(line.startswith("sent") for line in lines)
    assert [line for line in lines if line.startswith("redirected")] == [
        *("redirected    302 → ws://h:80/a", "redirected    307 → ws://h:80/b")
    ]
    assert "proxy         http://p:3128" in lines


@pytest.mark.parametrize("cells", [36, 56, 88])
def test_nothing_of_a_handshake_is_cut_off(cells: int) -> None:
    long = "permessage-deflate; server_max_window_bits=12; client_max_window_bits=12 " + "x" * 150
    found = Handshake(
        f"GET /{'p' * 90} HTTP/1.1",
        (("Sec-WebSocket-Extensions", long),),
        101,
        (("A-header-of-the-server", "v"),),
        redirects=("302 → ws://host.example:8080/a/path/of/many/parts",),
    )
    lines = ["".join(text for text, _ in line) for line in handshake_lines(found, cells)]
    assert max(map(len, lines)) <= cells
    said = "".join(lines).replace(" ", "")
    for part in (found.request, long, found.redirects[0]):
        assert part.replace(" ", "") in said


async def test_without_a_handshake_the_trace_has_what_was_said(tmp_path: Path) -> None:
    def refuse(connection: ServerConnection, request: Request) -> Response:
        return Response(401, "Unauthorized", Headers({"WWW-Authenticate": "Bearer", "Content-Length": "0"}))

    async with (
        serving(idle, process_request=refuse) as profile,
        live(tmp_path, config=config(profile.url), filters=()) as app,
    ):
        await app.until(lambda: app.connections and app.connections[0].phase is Phase.FAILED, "refused")
        await app.press("1")
        await app.until(lambda: any(line.startswith("›") for line in app.lines), "the list")
        await app.press("H")
        await app.sees("w, the trace, shows why")
        await app.press("w")
        await app.sees("401 Unauthorized")
