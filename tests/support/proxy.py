"""A TCP proxy that cuts: links end while both sides live."""

from __future__ import annotations

import asyncio
import random


class CuttingProxy:
    """Forwards to ``port`` on 127.0.0.1; ``cut`` ends every link that passes through.

    ``crumble``: bytes go on in small pieces, so that cuts fall into packets, too.
    """

    def __init__(self, port: int, *, crumble: bool = False) -> None:
        self.target = port
        self.crumble = crumble
        self.port = 0
        self.cuts = 0
        self.refusing = False
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> CuttingProxy:
        """Listen on a free port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    @property
    def links(self) -> int:
        """How many links pass through now."""
        return len(self._writers) // 2

    def cut(self, *, reset: bool | None = None) -> None:
        """End every link: with RST, or in order; by chance when not said."""
        for writer in list(self._writers):
            if reset if reset is not None else random.random() < 0.5:
                writer.transport.abort()
            else:
                writer.close()
        self._writers.clear()
        self.cuts += 1

    async def stop(self) -> None:
        """End everything."""
        if self._server is not None:
            self._server.close()
        self.cut(reset=True)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.refusing:
            writer.transport.abort()
            return
        try:
            onward_reader, onward = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, onward}
        for source, sink in ((reader, onward), (onward_reader, writer)):
            task = asyncio.create_task(self._copy(source, sink))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _copy(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(random.randint(1, 300) if self.crumble else 65_536):
                sink.write(data)
                await sink.drain()
                if self.crumble:
                    await asyncio.sleep(0)
        except OSError:
            pass
        finally:
            self._writers.discard(sink)
            sink.close()
