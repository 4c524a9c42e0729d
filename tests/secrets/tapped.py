"""A unix socket between front end and engine that keeps every frame of both directions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from mqttx_tui.engine.address import Address
from mqttx_tui.engine.channel import ControlFrame, FrameSplitter, encode_frame


@dataclass
class Tap:
    """Everything that went through."""

    frames: list[ControlFrame] = field(default_factory=list)

    def bytes_without_answers(self) -> bytes:
        """All frames; of the answers to prompts only the headers: they are what travels in a body."""
        return b"".join(
            encode_frame(frame.header, b"" if frame.header.get("op") == "answer" else frame.body)
            for frame in self.frames
        )


@asynccontextmanager
async def tapped(address: Address, directory: Path) -> AsyncIterator[tuple[Address, Tap]]:
    """An address that leads to ``address`` through a tap."""
    tap = Tap()
    pumps: set[asyncio.Task[None]] = set()
    writers: list[asyncio.StreamWriter] = []

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        splitter = FrameSplitter()
        while data := await reader.read(65_536):
            tap.frames += splitter.feed(data)
            writer.write(data)
            await writer.drain()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        engine_reader, engine_writer = await asyncio.open_unix_connection(address.path)
        writers.extend((writer, engine_writer))
        for way in (pump(reader, engine_writer), pump(engine_reader, writer)):
            task = asyncio.create_task(way)
            pumps.add(task)
            task.add_done_callback(pumps.discard)

    path = directory / "tap"
    server = await asyncio.start_unix_server(serve, path=path)
    try:
        yield replace(address, path=str(path)), tap
    finally:
        server.close()
        for task in list(pumps):
            task.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)
        for writer in writers:
            writer.close()
        await server.wait_closed()
