"""The trace of WebSockets on screen: upgrades, frames below packets, control frames, what is not kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from mqttx_tui.demo.broker.server import Broker
from mqttx_tui.model.message import Outgoing
from mqttx_tui.model.state import Phase
from tests.support.servers import talking
from tests.support.websockets import serving
from tests.ui.live_app import Live, live
from tests.ui.test_trace import line_with, narrowed, rows, screen

TOKEN = "t0ken-that-nobody-may-see"


async def opened(app: Live) -> None:
    await app.press("3", "w")
    await app.until(lambda: type(app.app.screen).__name__ == "TraceScreen" and rows(app), "packets")


async def parts(app: Live, text: str, *names: str) -> dict[str, object]:
    """The parts of the one entry that a filter leaves."""
    await narrowed(app, text)
    await app.until(lambda: rows(app) == list(names), f"{text}: {names}")
    await app.until(lambda: screen(app).taken_apart.fields, "it is taken apart")
    return {field.name: field.value for field in screen(app).taken_apart.fields}


async def again(app: Live) -> None:
    await app.press("slash", "ctrl+u", "enter")


def spans(app: Live) -> dict[str, bytes]:
    """The bytes of each part."""
    found = screen(app).taken_apart
    return {field.name: found.raw[field.start : field.end] for field in found.fields}


@asynccontextmanager
async def raw_socket(directory: Path, *, profile: str = "") -> AsyncIterator[Live]:
    """The app on a WebSocket server that pings, and sends a plain and a divided message."""

    async def speak(connection: ServerConnection) -> None:
        await connection.send("plain")
        await connection.send(["in ", "two"])
        await (await connection.ping(b"there?"))
        async for _ in connection:
            await connection.close(4242, "fin")

    async with serving(speak, compression=None, ping_interval=None) as server:
        config = (
            f'schema = 1\n\n[connections.chat]\nurl = "{server.url}"\nprotocol = "websocket"\n'
            f'connect = true\nbearer = "{TOKEN}"\nkeepalive = 0\n{profile}'
        )
        async with live(directory, config=config, filters=()) as app:
            await app.connected()
            await opened(app)
            await app.until(lambda: rows(app).count("text") == 2 and "pong" in rows(app), "what came")
            yield app


async def test_the_upgrade_line_by_line_without_its_secrets(tmp_path: Path) -> None:
    async with raw_socket(tmp_path) as app:
        said = await parts(app, "packet == http dir == out", "HTTP")
        assert said["request"] == "GET /chat?room=******** HTTP/1.1"
        assert said["Authorization"] == "********"
        assert str(said["Sec-WebSocket-Key"]).endswith("==")
        assert spans(app)["Upgrade"] == b"Upgrade: websocket"
        assert "GET /chat" in line_with(app, "→ HTTP")
        await app.sees("request                         GET /chat?room=******** HTTP/1.1")
        assert "13" in line_with(app, "Sec-WebSocket-Version ")
        assert TOKEN not in app.text
        assert "secrets are replaced by ********" in app.text
        await again(app)
        said = await parts(app, "packet == http dir == in", "HTTP")
        assert said["status"] == "101 Switching Protocols"
        assert " ms" in line_with(app, "← HTTP", "101 Switching Protocols")


async def test_a_hostile_answer_is_only_text(tmp_path: Path) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 403 \x1b]0;STOLEN\x07[/]\r\nX-\x1b[31mOdd: v\x9b31m\x00\r\n fold\r\n\r\nbody")
        await writer.drain()

    async with talking(answer) as port:
        config = (
            f'schema = 1\n\n[connections.chat]\nurl = "ws://127.0.0.1:{port}/"\n'
            'protocol = "websocket"\nconnect = true\n'
        )
        async with live(tmp_path, config=config, filters=()) as app:
            await app.until(lambda: app.connections and app.connections[0].phase is Phase.FAILED, "refused")
            await opened(app)
            said = await parts(app, "packet == http dir == in", "HTTP")
            assert "STOLEN" in str(said["status"])
            await app.sees("STOLEN")
            await app.sees("X-")
            assert not any(character in app.text for character in "\x1b\x07\x9b\x00")
            assert "[/]" in app.text


async def test_frames_of_messages_and_control_frames(tmp_path: Path) -> None:
    async with raw_socket(tmp_path) as app:
        said = await parts(app, "packet == ping", "ping")
        wanted: dict[str, object] = {
            "fin": True,
            "extensions": "none",
            "opcode": "ping",
            "mask": False,
            "payload length": 6,
            "payload": b"there?",
        }
        assert said == wanted
        assert screen(app).taken_apart.raw == b"\x89\x06there?"
        flow = line_with(app, "ping", "pong", "on the wire")
        assert " ms pong" in flow
        await again(app)
        said = await parts(app, "packet == pong", "pong")
        assert (said["mask"], said["payload"]) == (True, b"there?")
        assert spans(app)["payload"] == b"there?"
        await again(app)
        await narrowed(app, "packet == text")
        await app.until(lambda: rows(app) == ["text", "text"], "messages")
        assert line_with(app, "← text", "plain")
        await app.until(lambda: "frames" in [one.name for one in screen(app).taken_apart.fields], "fragments")
        found = {name: rest for name, *rest in screen(app).taken_apart.fields}
        assert found == {
            "frames": [3, 0, 0],
            "frame 1": ["text, not the last, 3 bytes", 0, 3],
            "frame 2": ["continuation, not the last, 3 bytes", 3, 6],
            "frame 3": ["continuation, 0 bytes", 6, 6],
        }
        await app.press("up")
        await app.until(lambda: screen(app).taken_apart.raw == b"\x81\x05plain", "the plain one, rebuilt")
        assert screen(app).taken_apart.notes == ()


async def test_the_closing_handshake(tmp_path: Path) -> None:
    async with raw_socket(tmp_path) as app:
        engine, [connection] = app.app.workspace.engine, app.connections
        assert engine is not None
        await engine.publish(connection.id, Outgoing("", b"good bye"))
        await app.until(lambda: rows(app).count("close") == 2, "both close frames")
        await narrowed(app, "packet == close")
        await app.until(lambda: rows(app) == ["close", "close"], "both")
        assert "4242 private code · fin" in line_with(app, "← close")
        assert " ms" in line_with(app, "→ close")
        said = {field.name: field.value for field in screen(app).taken_apart.fields}
        assert (said["close code"], said["close reason"]) == (4242, b"fin")


@pytest.mark.parametrize("status", [403, 302])
async def test_refused_and_redirected_upgrades(tmp_path: Path, status: int) -> None:
    def process(connection: ServerConnection, request: Request) -> Response | None:
        if request.path == "/there":
            return None
        return Response(status, "So", Headers({"Location": "/there", "Content-Length": "0"}))

    async def stay(connection: ServerConnection) -> None:
        await connection.wait_closed()

    async with serving(stay, process_request=process) as server:
        config = (
            f'schema = 1\n\n[connections.chat]\nurl = "{server.url}"\n'
            'protocol = "websocket"\nconnect = true\n'
        )
        async with live(tmp_path, config=config, filters=()) as app:
            await app.until(lambda: app.connections and app.connections[0].phase != "connecting", "an answer")
            await opened(app)
            await narrowed(app, f"packet == http reason == {status}")
            await app.until(lambda: rows(app) == ["HTTP"], "the answer")
            assert f"{status} So · /there" in line_with(app, "← HTTP")
            await again(app)
            await app.until(lambda: rows(app).count("HTTP") == (2 if status == 403 else 4), "every hop")


async def test_mqtt_in_frames(tmp_path: Path) -> None:
    broker = Broker(ws_port=0)
    await broker.start()
    try:
        url = f"mqtt+ws://127.0.0.1:{broker.ws_port}/mqtt"
        async with live(tmp_path, url, filters=("t/#",)) as app:
            await app.connected()
            engine, [connection] = app.app.workspace.engine, app.connections
            assert engine is not None
            await engine.publish(connection.id, Outgoing("t/one", b"x" * 200, 0))
            await opened(app)
            await app.until(lambda: rows(app).count("PUBLISH") == 2, "it came back")
            said = await parts(app, "packet == publish dir == in", "PUBLISH")
            assert (said["topic"], said["frame opcode"], said["frame mask"]) == ("t/one", "binary", False)
            assert spans(app)["frame payload length"] == b"\x7e\x00\xd3"
            assert spans(app)["topic"] == b"\x00\x05t/one"
            await again(app)
            said = await parts(app, "packet == connect", "CONNECT")
            assert (said["frame fin"], said["frame mask"]) == (True, True)
            assert spans(app)["protocol name"] == b"\x00\x04MQTT"
    finally:
        await broker.stop()


async def test_the_frame_that_ended_the_connection(tmp_path: Path) -> None:
    async def speak(connection: ServerConnection) -> None:
        connection.transport.write(b"\xa1\x03abc")
        await connection.wait_closed()

    async with serving(speak, compression=None) as server:
        config = (
            f'schema = 1\n\n[connections.chat]\nurl = "{server.url}"\n'
            'protocol = "websocket"\nconnect = true\n'
        )
        async with live(tmp_path, config=config, filters=()) as app:
            await opened(app)
            await narrowed(app, "ended")
            await app.until(lambda: rows(app)[:1] == ["text"], "the frame")
            assert "the connection ended over it" in line_with(app, "← text")
            await app.until(lambda: screen(app).taken_apart.raw == b"\xa1\x03", "its head")
            said = {field.name: field.value for field in screen(app).taken_apart.fields}
            assert (said["extensions"], said["payload length"]) == ("RSV2", 3)
            assert screen(app).taken_apart.notes == ("its payload was not kept",)
