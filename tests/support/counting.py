"""A TCP proxy that counts: what a program says goes through its socket can be checked against it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tests.support.servers import talking


@dataclass
class Seen:
    """Bytes that went through, seen from the client; ``links`` are the connections that stand."""

    port: int = 0
    sent: int = 0
    received: int = 0
    links: int = 0


@asynccontextmanager
async def counting_proxy(target: int) -> AsyncIterator[Seen]:
    """Forwards to ``target`` on 127.0.0.1; ends of both sides are passed on one by one."""
    seen = Seen()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        broker_reader, broker_writer = await asyncio.open_connection("127.0.0.1", target)
        seen.links += 1

        async def copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter, way: str) -> None:
            while data := await source.read(65_536):
                setattr(seen, way, getattr(seen, way) + len(data))
                sink.write(data)
            if sink.can_write_eof():
                sink.write_eof()

        try:
            await asyncio.gather(
                copy(reader, broker_writer, "sent"),
                copy(broker_reader, writer, "received"),
                return_exceptions=True,
            )
        finally:
            broker_writer.transport.abort()
            seen.links -= 1

    async with talking(serve) as seen.port:
        yield seen
