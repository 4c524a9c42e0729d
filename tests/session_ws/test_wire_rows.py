"""What a raw WebSocket session keeps of HTTP and frames: heads as they were on the wire."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection
from websockets.datastructures import Headers
from websockets.frames import Frame as RawFrame
from websockets.frames import Opcode
from websockets.http11 import Request, Response

from mqttx_tui.engine.handshake import is_hidden
from mqttx_tui.model.message import HTTP, WS_FRAME, Outgoing, PacketRow
from mqttx_tui.model.profile import Profile
from mqttx_tui.session import ws_trace
from mqttx_tui.wire.frame_heads import head_of, heads_of
from tests.session_ws.running import Running, quiet, running
from tests.support.proxies import PASSWORD, USER, http_proxy
from tests.support.servers import talking
from tests.support.wait import FACTOR, eventually
from tests.support.websockets import idle, serving

TEXT, CLOSE, PING, PONG = WS_FRAME + 1, WS_FRAME + 8, WS_FRAME + 9, WS_FRAME + 10


def of(run: Running, *kinds: int) -> list[PacketRow]:
    return [row for row in run.sink.packets if row.type in kinds]


async def test_the_upgrade_both_ways_and_the_close_handshake() -> None:
    async with serving(idle, compression=None) as profile:
        run = await Running(quiet(replace(profile, subprotocols=()))).connected()
        await run.session.close(4242, "fin")
        await asyncio.wait_for(run.task, 5 * FACTOR)
    request, answer = of(run, HTTP)
    assert (request.direction, request.reason) == (1, None)
    assert request.raw.startswith(b"GET /chat?room=1 HTTP/1.1\r\n")
    assert request.raw.endswith(b"\r\n\r\n")
    assert (answer.direction, answer.reason) == (0, 101)
    assert answer.raw.startswith(b"HTTP/1.1 101 Switching Protocols\r\n")
    assert answer.raw.endswith(b"\r\n\r\n")
    ours, theirs = of(run, CLOSE)
    assert (ours.direction, ours.reason, ours.raw[2:]) == (1, 4242, b"fin")
    assert (theirs.direction, theirs.reason) == (0, 4242)
    head = head_of(ours.frame)
    assert head is not None
    assert (head.opcode, head.fin, head.length, len(head.key), ours.size) == (8, True, 5, 4, 11)
    assert theirs.frame == b"\x88\x05"


@pytest.mark.parametrize(("status", "redirected"), [(403, False), (401, False), (302, True)])
async def test_refused_and_redirected_upgrades(status: int, redirected: bool) -> None:
    def process(connection: ServerConnection, request: Request) -> Response | None:
        if request.path.startswith("/there"):
            return None
        headers = Headers({"Location": "/there", "X-Why": "because", "Content-Length": "4"})
        return Response(status, "No", headers, b"body")

    async with serving(idle, process_request=process) as profile:
        run = Running(quiet(profile))
        if redirected:
            await run.connected()
            await run.session.close()
            await run.task
        else:
            await run.failure()
    rows = of(run, HTTP)
    assert [(row.direction, row.reason) for row in rows] == [
        (1, None),
        (0, status),
        *([(1, None), (0, 101)] if redirected else []),
    ]
    assert b"\r\nX-Why: because\r\n" in rows[1].raw
    assert b"body" not in rows[1].raw
    if redirected:
        assert rows[2].raw.startswith(b"GET /there HTTP/1.1\r\n")


async def test_an_answer_that_is_no_http_is_kept() -> None:
    async def alert(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"\x15\x03\x01\x00\x02\x02\x28")
        await writer.drain()

    async with talking(alert) as port:
        run = Running(Profile("chat", f"ws://127.0.0.1:{port}/", protocol="websocket"))
        await run.failure()
    _, answer = of(run, HTTP)
    assert (answer.direction, answer.reason, answer.raw) == (0, None, b"\x15\x03\x01\x00\x02\x02\x28")


@pytest.mark.parametrize("known", [True, False])
async def test_what_is_said_to_a_proxy(known: bool) -> None:
    async with serving(idle) as profile, http_proxy(login=True) as proxy:
        login = f"{USER}:{PASSWORD}@" if known else ""
        run = Running(quiet(replace(profile, proxy=f"http://{login}127.0.0.1:{proxy.port}")))
        if known:
            await run.connected()
            await run.session.close()
            await run.task
        else:
            await run.failure()
    rows = of(run, HTTP)
    statuses = [(row.direction, row.reason) for row in rows]
    assert statuses == ([(1, None), (0, 200), (1, None), (0, 101)] if known else [(1, None), (0, 407)])
    assert rows[0].raw.startswith(b"CONNECT 127.0.0.1:")
    assert (b"\r\nProxy-Authorization: Basic " in rows[0].raw) is known
    assert is_hidden("Proxy-Authorization")
    assert not is_hidden("Proxy-Authenticate")


async def test_pings_both_ways() -> None:
    async def speak(connection: ServerConnection) -> None:
        await (await connection.ping(b"there?"))
        await connection.wait_closed()

    async with serving(speak, ping_interval=None) as profile, running(quiet(profile)) as run:
        await run.session.ping()
        await eventually(lambda: len(of(run, PING, PONG)) == 4, "both were answered")
        frames = {(row.direction, row.type): row for row in of(run, PING, PONG)}
    assert frames[0, PING].raw == frames[1, PONG].raw == b"there?"
    assert frames[1, PING].raw == frames[0, PONG].raw == b"mqttx-tui 1"
    assert frames[0, PING].frame == b"\x89\x06"
    assert frames[0, PONG].frame == b"\x8a\x0b"
    for kind, first in ((PING, 0x89), (PONG, 0x8A)):
        sent = frames[1, kind]
        assert (sent.frame[0], sent.frame[1], len(sent.frame)) == (first, 0x80 | len(sent.raw), 6)
        assert sent.size == 6 + len(sent.raw)


async def test_fragments_both_ways_are_kept_and_a_plain_frame_needs_nothing() -> None:
    async def speak(connection: ServerConnection) -> None:
        await connection.send("plain")
        for frame in (
            RawFrame(Opcode.TEXT, b"one ", fin=False),
            RawFrame(Opcode.PING, b"between"),
            RawFrame(Opcode.CONT, b"two", fin=False),
            RawFrame(Opcode.CONT, b""),
        ):
            connection.transport.write(frame.serialize(mask=False))
        await connection.wait_closed()

    async with serving(speak, compression=None) as profile, running(quiet(profile)) as run:
        await eventually(lambda: len(run.sink.rows) == 2)
        run.session.publish(Outgoing("", b"abcdef", fragments=3))
        run.session.publish(Outgoing("", b"whole"))
        came, three, whole = of(run, TEXT)
    assert (came.message, came.direction, came.count) == (2, 0, 3)
    assert came.frame == b"\x01\x04\x00\x03\x80\x00"
    assert came.size == 13
    assert (three.message, three.direction, three.count) == (3, 1, 3)
    heads = [head for _, head in heads_of(three.frame)]
    assert [(head.opcode, head.fin, head.length, len(head.key)) for head in heads] == [
        (1, False, 2, 4),
        (0, False, 2, 4),
        (0, True, 2, 4),
    ]
    assert (whole.message, whole.count, whole.frame[:2], whole.size) == (4, 1, b"\x81\x85", 11)


async def test_compressed_frames_are_kept_with_their_size_on_the_wire() -> None:
    async def speak(connection: ServerConnection) -> None:
        await connection.send("a" * 500)
        async for _ in connection:
            pass

    async with (
        serving(speak, compression="deflate") as profile,
        running(quiet(replace(profile, compression=True))) as run,
    ):
        await eventually(lambda: run.sink.rows)
        run.session.publish(Outgoing("", b"b" * 500))
        came, went = of(run, TEXT)
    for row in (came, went):
        head = head_of(row.frame)
        assert head is not None
        assert head.compressed
        assert head.size + head.length == row.size < 50


async def test_of_a_flood_only_the_first_thousand_frames_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ws_trace, "MAX_FRAMES", 3)
    monkeypatch.setattr("tests.support.sinks.time.time_ns", lambda: 5_000_000_000)

    async def speak(connection: ServerConnection) -> None:
        for _ in range(5):
            await connection.send(["a", "b"])
        await connection.wait_closed()

    async with serving(speak, compression=None) as profile, running(quiet(profile)) as run:
        await eventually(lambda: len(run.sink.rows) == 5)
        assert [row.message for row in of(run, TEXT)] == [1, 2, 3]


async def test_what_we_cannot_bear_is_closed_with_a_code_that_is_kept() -> None:
    async def speak(connection: ServerConnection) -> None:
        connection.transport.write(RawFrame(Opcode.TEXT, b"\xff").serialize(mask=False))
        await connection.wait_closed()

    options: dict[str, Any] = {"compression": None}
    async with serving(speak, **options) as profile:
        run = await Running(quiet(profile)).connected()
        await run.failure()
    ours = next(row for row in of(run, CLOSE) if row.direction)
    assert (ours.reason, ours.raw[:2]) == (1007, (1007).to_bytes(2, "big"))


@pytest.mark.parametrize(
    ("sent", "code", "opcode", "head"),
    [
        (b"\x81\x81mask" + b"x", 1002, 1, b"\x81\x81mask"),
        (b"\xa1\x01x", 1002, 1, b"\xa1\x01"),
        (b"\x83\x01x", 1002, 3, b"\x83\x01"),
        (b"\x80\x01x", 1002, 0, b"\x80\x01"),
        (b"\x88\x01x", 1002, 8, b"\x88\x01"),
        (b"\x82\x7f" + (1 << 20).to_bytes(8, "big") + b"x", 1009, 2, b"\x82\x7f\0\0\0\0\0\x10\0\0"),
    ],
    ids=["masked", "reserved bit", "opcode", "continuation", "close", "too big"],
)
async def test_the_frame_that_ended_it_is_kept(sent: bytes, code: int, opcode: int, head: bytes) -> None:
    async def speak(connection: ServerConnection) -> None:
        await connection.send("before")
        connection.transport.write(sent)
        await connection.wait_closed()

    async with serving(speak, compression=None) as profile:
        run = await Running(replace(quiet(profile), max_packet=1000)).connected()
        error = await run.failure()
    assert error.code == code
    [broken] = [row for row in of(run, WS_FRAME + opcode) if not row.direction]
    assert (broken.frame, broken.raw, broken.message) == (head, b"", None)
    assert broken.size == len(head) + (1 << 20 if code == 1009 else 1)
    [ours] = [row for row in of(run, CLOSE) if row.direction]
    assert ours.reason == code
    assert run.sink.payloads() == [b"before"]
