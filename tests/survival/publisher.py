"""A publisher of QoS 1 that keeps its own books: what was acknowledged, and when."""

from __future__ import annotations

import asyncio
import contextlib
import struct
import time

CONNECT = b"\x10\x11\x00\x04MQTT\x04\x02\x00\x3c\x00\x05books"
"""MQTT 3.1.1, clean session, keepalive 60 s: written by hand, so that it owes nothing to our codec."""
CONNACK = b"\x20\x02\x00\x00"
PUBLISH_QOS1, DUP, PUBACK = 0x32, 0x08, 0x40
WINDOW = 20
"""Messages sent and not yet acknowledged, at the most."""


class Publisher:
    """Publishes 1, 2, 3 … as text, again and again until each is acknowledged, through any outage.

    ``acked`` maps a number to the wall-clock time in ns at which its PUBACK had been read: never before
    the broker sent it.
    """

    def __init__(self, port: int, topic: str, *, pause: float = 0.004) -> None:
        self._port = port
        self._topic = topic.encode()
        self._pause = pause
        self._task: asyncio.Task[None] | None = None
        self._wanted = asyncio.Event()
        self._wanted.set()
        self._unacked: dict[int, int] = {}
        self._newest = 0
        self.acked: dict[int, int] = {}
        self.lives = 0
        """How often a connection stood."""
        self.open = False
        """Whether a PUBACK may still come on the present connection."""

    def start(self) -> None:
        """Publish from now on."""
        self._task = asyncio.ensure_future(self._run())

    @property
    def idle(self) -> bool:
        """Whether everything that was published is acknowledged, and nothing more is published."""
        return not self._wanted.is_set() and not self._unacked

    def enough(self) -> None:
        """Publish nothing new; what is not acknowledged is still retried."""
        self._wanted.clear()

    async def stop(self) -> None:
        """End, whatever is open."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                await self._live()
            await asyncio.sleep(0.02)  # the pace of its retries: nothing waits for this

    async def _live(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        self.open = True
        try:
            writer.write(CONNECT)
            if await reader.readexactly(4) != CONNACK:
                raise ConnectionError("no CONNACK")
            self.lives += 1
            for packet_id, number in self._unacked.items():
                writer.write(self._packet(packet_id, number, PUBLISH_QOS1 | DUP))
            async with asyncio.TaskGroup() as both:
                both.create_task(self._acknowledgements(reader))
                both.create_task(self._messages(writer))
        except* (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self.open = False
            writer.transport.abort()

    async def _messages(self, writer: asyncio.StreamWriter) -> None:
        while True:
            await self._wanted.wait()
            if len(self._unacked) < WINDOW:
                self._newest += 1
                packet_id = (self._newest - 1) % 0xFFFF + 1
                self._unacked[packet_id] = self._newest
                writer.write(self._packet(packet_id, self._newest, PUBLISH_QOS1))
                await writer.drain()
            await asyncio.sleep(self._pause)

    async def _acknowledgements(self, reader: asyncio.StreamReader) -> None:
        while True:
            kind, _, packet_id = struct.unpack("!BBH", await reader.readexactly(4))
            if kind != PUBACK:
                raise ConnectionError(f"packet {kind:#x}")
            number = self._unacked.pop(packet_id, None)
            if number is not None:
                self.acked[number] = time.time_ns()

    def _packet(self, packet_id: int, number: int, first: int) -> bytes:
        body = struct.pack("!H", len(self._topic)) + self._topic + struct.pack("!H", packet_id)
        body += b"%d" % number
        return bytes((first, len(body))) + body
