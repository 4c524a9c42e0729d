"""The trace keeps every upgrade, and no byte of the secrets that were said in it."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Literal

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from mqttx_tui.capture.save import save
from mqttx_tui.engine.engine import LocalEngine
from mqttx_tui.model.message import HTTP, WS_FRAME
from mqttx_tui.model.profile import Profile, TlsOptions
from mqttx_tui.model.state import Phase
from mqttx_tui.wire.encode import encode
from mqttx_tui.wire.packets import Connack
from tests.engine.fakes import Told, no_answer
from tests.support.certificates import Certificates
from tests.support.servers import server_context
from tests.support.wait import eventually

BEARER, KEY, COOKIE, QUERY = "bearer-90817", "api-key-5512", "cookie-33127", "query-71623"
SESSION, PLACE = "session-8811", "place-2207"
SECRETS = (BEARER, KEY, COOKIE, QUERY, SESSION, PLACE)
Row = tuple[int, int, int | None, bytes, bytes | None]


@asynccontextmanager
async def server(certificates: Certificates, *, secure: bool, mqtt: bool) -> AsyncIterator[str]:
    """Redirects once, sets a cookie, speaks MQTT where that is asked for, pings, and goes away."""

    def process(connection: ServerConnection, request: Request) -> Response | None:
        if request.path.startswith("/there"):
            return None
        place = f"/there?ticket={PLACE}"
        return Response(302, "Found", Headers({"Location": place, "Content-Length": "0"}))

    def cookie(connection: ServerConnection, request: Request, response: Response) -> None:
        response.headers["Set-Cookie"] = f"id={SESSION}; Secure"

    async def speak(connection: ServerConnection) -> None:
        if mqtt:
            await connection.recv()
            await connection.send(encode(Connack(), 4))
        await (await connection.ping(b"there?"))
        await connection.close(1001, "restarting")

    async with serve(
        speak,
        "127.0.0.1",
        0,
        ssl=server_context(certificates.server_cert, certificates.server_key) if secure else None,
        process_request=process,
        process_response=cookie,
        subprotocols=[Subprotocol("mqtt")] if mqtt else None,
        ping_interval=None,
    ) as serving:
        port = next(iter(serving.sockets)).getsockname()[1]
        yield f"{'wss' if secure else 'ws'}://localhost:{port}/here?token={QUERY}"


def read(path: Path) -> list[Row]:
    with closing(sqlite3.connect(path)) as database:
        return database.execute(
            "SELECT direction, type, reason, raw, frame FROM packet WHERE type >= 256 ORDER BY id"
        ).fetchall()


@pytest.mark.parametrize("secure", [False, True], ids=["ws", "wss"])
@pytest.mark.parametrize("protocol", ["websocket", "mqtt"])
async def test_every_hop_is_kept_and_no_secret(
    tmp_path: Path, certificates: Certificates, protocol: Literal["websocket", "mqtt"], secure: bool
) -> None:
    told, path = Told(), tmp_path / "capture.db"
    engine = LocalEngine(path, listener=told, ask=no_answer, kept=True)
    async with server(certificates, secure=secure, mqtt=protocol == "mqtt") as url:
        profile = Profile(
            "guarded",
            url,
            protocol=protocol,
            mqtt="3.1.1",
            bearer=BEARER,
            headers=(("X-Api-Key", KEY), ("Cookie", f"a={COOKIE}")),
            tls=TlsOptions(ca=str(certificates.ca)),
        )
        connection = await engine.connect(profile)

        await eventually(
            lambda: any(state.phase is Phase.RETRYING for state in told.states), "the server went away"
        )
        await engine.disconnect(connection)
        await engine.writer.flushed()
        kept = b"".join(file.read_bytes() for file in tmp_path.glob("capture.db*"))
        await asyncio.to_thread(save, path, tmp_path / "saved.db")
        await engine.shutdown(keep=True)
    rows = read(tmp_path / "saved.db")
    heads = [(direction, status) for direction, kind, status, *_ in rows if kind == HTTP]
    assert heads[:4] == [(1, None), (0, 302), (1, None), (0, 101)]
    ask, moved, _, answer = (raw for _, kind, _, raw, _ in rows[:4])
    assert ask.startswith(b"GET /here?token=******** HTTP/1.1\r\n")
    for line in (b"Authorization: ********", b"X-Api-Key: ********", b"Cookie: ********"):
        assert b"\r\n" + line + b"\r\n" in ask
    assert b"\r\nSec-WebSocket-Key: *" not in ask
    assert b"\r\nLocation: /there?ticket=********\r\n" in moved
    assert b"\r\nSet-Cookie: ********\r\n" in answer
    theirs = [row for row in rows[4:] if not row[3].startswith(b"mqttx-tui")]
    frames = [(direction, kind - WS_FRAME, code, raw) for direction, kind, code, raw, _ in theirs[:4]]
    goodbye = (1001).to_bytes(2, "big") + b"restarting"
    assert frames == [
        (0, 9, None, b"there?"),
        (1, 10, None, b"there?"),
        (0, 8, 1001, goodbye),
        (1, 8, 1001, goodbye),
    ]
    assert theirs[0][4] == b"\x89\x06"
    assert [secret for secret in SECRETS if secret.encode() in kept] == []
    saved = (tmp_path / "saved.db").read_bytes()
    assert [secret for secret in SECRETS if secret.encode() in saved] == []
