"""Small real proxies: HTTP CONNECT and SOCKS 5, with or without a login."""

from __future__ import annotations

import asyncio
import base64
import ipaddress
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.support.servers import talking

USER, PASSWORD = "porter", "pr0xy-geheim"


@dataclass
class Seen:
    """What a proxy was asked for: ``asked`` are hosts and ports as they were named."""

    port: int = 0
    asked: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=lambda: {"broker.lab": "127.0.0.1"})
    """Names that only the proxy knows."""


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    writer.close()


Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _tunnel(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, onward: Streams) -> None:
    try:
        await asyncio.gather(_copy(reader, onward[1]), _copy(onward[0], writer))
    finally:
        onward[1].transport.abort()


@asynccontextmanager
async def http_proxy(*, login: bool = False) -> AsyncIterator[Seen]:
    seen = Seen()
    wanted = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        method, target, _ = head.split("\r\n", 1)[0].split(" ")
        if login and f"Proxy-Authorization: {wanted}" not in head.split("\r\n"):
            writer.write(
                b'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="lab"\r\n\r\n'
            )
            return
        assert method == "CONNECT"
        seen.asked.append(target)
        host, _, port = target.rpartition(":")
        try:
            onward = await asyncio.open_connection(seen.names.get(host, host.strip("[]")), int(port))
        except OSError:
            writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 2\r\n\r\nno")
            return
        writer.write(b"HTTP/1.1 200 Connection established\r\nVia: a test\r\n\r\n")
        await _tunnel(reader, writer, onward)

    async with talking(serve) as port:
        seen.port = port
        yield seen


@asynccontextmanager
async def socks_proxy(*, login: bool = False, rules: bool = False) -> AsyncIterator[Seen]:
    """``rules``: it refuses every target."""
    seen = Seen()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, count = await reader.readexactly(2)
        methods = await reader.readexactly(count)
        method = 2 if login else 0
        if method not in methods:
            writer.write(b"\x05\xff")
            return
        writer.write(bytes([5, method]))
        if login and not await _knows(reader, writer):
            return
        kind = (await reader.readexactly(4))[3]
        host = await _host(reader, kind)
        port = int.from_bytes(await reader.readexactly(2), "big")
        seen.asked.append(f"{host}:{port}")
        reply = 2 if rules else 0
        if not rules:
            try:
                onward = await asyncio.open_connection(seen.names.get(host, host), port)
            except OSError:
                reply = 5
        writer.write(bytes([5, reply, 0, 3, 3]) + b"lab" + b"\0\0")
        if not reply:
            await _tunnel(reader, writer, onward)

    async with talking(serve) as port:
        seen.port = port
        yield seen


async def _knows(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    user = await reader.readexactly((await reader.readexactly(2))[1])
    password = await reader.readexactly((await reader.readexactly(1))[0])
    good = (user, password) == (USER.encode(), PASSWORD.encode())
    writer.write(bytes([1, 0 if good else 1]))
    return good


async def _host(reader: asyncio.StreamReader, kind: int) -> str:
    if kind == 3:
        return (await reader.readexactly((await reader.readexactly(1))[0])).decode()
    data = await reader.readexactly({1: 4, 4: 16}[kind])

    return str(ipaddress.ip_address(data))
