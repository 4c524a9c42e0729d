"""Any bytes, over each kind of connection: the engine says what happened and works on."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.asyncio.server import ServerConnection, serve
from websockets.utils import accept_key

from mqttx_tui.model.profile import MqttVersion, Profile, Subscription
from mqttx_tui.wire.encode import encode
from mqttx_tui.wire.packets import Connack
from tests.mqtt5.engines import patient
from tests.support.servers import talking
from tests.support.wait import FACTOR
from tests.wire.strategies import packets

QUIET = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
VERSIONS: dict[int, MqttVersion] = {3: "3.1", 4: "3.1.1", 5: "5"}
Server = Callable[[bytes, bytes], AbstractAsyncContextManager[str]]


@asynccontextmanager
async def tcp(hello: bytes, sent: bytes) -> AsyncIterator[str]:
    """After the first bytes of a client: ``hello`` and ``sent``, then the end."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65_536)
        writer.write(hello + sent)
        await writer.drain()
        writer.write_eof()
        while await reader.read(65_536):
            pass

    async with talking(answer) as port:
        yield f"mqtt://127.0.0.1:{port}"


@asynccontextmanager
async def messages(hello: bytes, sent: bytes) -> AsyncIterator[str]:
    """The same in two binary messages of a real WebSocket server."""

    async def answer(connection: ServerConnection) -> None:
        await connection.recv()
        if hello:
            await connection.send(hello)
        await connection.send(sent)

    protocols = ["mqtt", "mqttv3.1"]
    async with serve(answer, "127.0.0.1", 0, subprotocols=protocols) as server:  # type: ignore[arg-type]
        port = next(iter(server.sockets)).getsockname()[1]
        yield f"mqtt+ws://127.0.0.1:{port}/mqtt"


def frame(payload: bytes) -> bytes:
    """A binary frame of a server (RFC 6455 §5.2)."""
    return bytes((0x82, len(payload))) + payload if payload else b""


@asynccontextmanager
async def below(hello: bytes, sent: bytes) -> AsyncIterator[str]:
    """``sent`` where frames should be; ``hello`` in a good one before it."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        found = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        writer.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n")
        writer.write(f"Sec-WebSocket-Accept: {accept_key(found['sec-websocket-key'])}\r\n".encode())
        if "sec-websocket-protocol" in found:
            chosen = found["sec-websocket-protocol"].split(",")[0].strip()
            writer.write(f"Sec-WebSocket-Protocol: {chosen}\r\n".encode())
        writer.write(b"\r\n" + frame(hello) + sent)
        await writer.drain()
        writer.write_eof()
        while await reader.read(65_536):
            pass

    async with talking(answer) as port:
        yield f"mqtt+ws://127.0.0.1:{port}/mqtt"


@st.composite
def streams(draw: st.DrawFn, version: int) -> bytes:
    """Packets, some of them damaged, and bytes that are none."""
    parts = []
    for _ in range(draw(st.integers(1, 4))):
        raw = bytearray(encode(draw(packets(version)), version))
        for _ in range(draw(st.integers(0, 3))):
            raw[draw(st.integers(0, len(raw) - 1))] = draw(st.integers(0, 255))
        parts.append(draw(st.sampled_from([bytes(raw), bytes(raw[:-1])])))
    return b"".join([*parts, draw(st.binary(max_size=20))])


async def through(server: Server, hello: bytes, sent: list[bytes], profile: Profile) -> None:
    """Each of ``sent`` ends one connection with words; then another connection works."""
    with tempfile.TemporaryDirectory() as directory:
        async with patient(Path(directory) / "c.db") as one:
            for data in sent:
                async with server(hello, data) as url:
                    if profile.protocol == "websocket":
                        url = url.replace("mqtt+ws", "ws")
                    state = await asyncio.wait_for(one.ends(replace(profile, url=url)), 20 * FACTOR)
                assert state.error is not None
                assert state.error.title
                assert state.error.message
            await one.still_works()


@pytest.mark.parametrize("accepted", [True, False], ids=["connected", "before CONNACK"])
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("server", [tcp, messages, below])
def test_mqtt(server: Server, version: int, accepted: bool) -> None:
    @QUIET
    @given(st.lists(streams(version), min_size=1, max_size=3))
    def run(sent: list[bytes]) -> None:
        hello = encode(Connack(), version) if accepted else b""
        profile = Profile("bad", "", mqtt=VERSIONS[version], subscriptions=(Subscription("a", 1),))
        asyncio.run(through(server, hello, sent, profile))

    run()


@st.composite
def frames(draw: st.DrawFn) -> bytes:
    """Frames of servers with any opcode, bits and lengths, some of them true."""
    parts = []
    for _ in range(draw(st.integers(1, 4))):
        payload = draw(st.binary(max_size=130))
        first = draw(st.sampled_from([0x81, 0x82, 0x89, 0x8A, 0x01, 0x80]) | st.integers(0, 255))
        length = draw(st.sampled_from([len(payload)]) | st.integers(0, 255))
        parts.append(bytes((first, min(length, 255))) + payload)
    return b"".join([*parts, draw(st.binary(max_size=20))])


@QUIET
@given(st.lists(frames() | st.binary(min_size=1, max_size=60), min_size=1, max_size=3))
def test_raw_websocket(sent: list[bytes]) -> None:
    asyncio.run(through(below, b"", sent, Profile("bad", "", "websocket")))
