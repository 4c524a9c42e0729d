"""Bytes between a link, the reader and the private socket to which aiomqtt connects; no protocol logic.

What comes in is kept until the reader takes it, what paho writes is copied from the private socket.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import tempfile
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from mqttx_tui.model.errors import LinkError
from mqttx_tui.transport.base import Link

HIGH_WATER = 1024 * 1024
"""Bytes waiting for the reader at which the link is paused."""
LOW_WATER = 128 * 1024
FIRST_BYTES = 64
"""Kept of what the peer said first, to explain a peer that speaks no MQTT."""
PARTING_SECONDS = 0.5
"""How long a WebSocket's peer may take to answer our close frame."""
MAX_SOCKET_PATH = 100
"""Bytes: unix socket addresses hold 108, on some systems 104."""

Outbound = Callable[[bytes], None]


@dataclass(frozen=True, slots=True)
class Address:
    """Where aiomqtt connects to: ``transport`` is aiomqtt's word, ``port`` 1883 for unix."""

    transport: str
    host: str
    port: int


class PrivateListener:
    """Accepts one connection: a unix socket in a 0700 directory, or loopback where there is none.

    ``open`` and ``accept`` once for each connection.
    """

    def __init__(self) -> None:
        self._directory: str | None = None
        self._socket: socket.socket | None = None

    def open(self) -> Address:
        """Listen, and say where."""
        self.stop()
        if not hasattr(socket, "AF_UNIX"):
            listening = socket.create_server(("127.0.0.1", 0), backlog=1)
            address = Address("tcp", "127.0.0.1", int(listening.getsockname()[1]))
        else:
            self._directory = _private_directory()
            path = os.path.join(self._directory, "s")
            listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            listening.bind(path)
            listening.listen(1)
            address = Address("unix", path, 1883)
        listening.setblocking(False)
        self._socket = listening
        return address

    async def accept(self) -> socket.socket:
        """The one connection; nobody else gets in after it."""
        assert self._socket is not None
        connection, _ = await asyncio.get_running_loop().sock_accept(self._socket)
        self.stop()
        return connection

    def stop(self) -> None:
        """Listen no more, and leave nothing behind."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        if self._directory is not None:
            shutil.rmtree(self._directory, ignore_errors=True)
            self._directory = None


def _private_directory() -> str:
    for parent in (os.environ.get("XDG_RUNTIME_DIR"), tempfile.gettempdir(), "/tmp"):
        room = MAX_SOCKET_PATH - len("/mqttx-xxxxxxxx/s")
        if parent and len(os.fsencode(parent)) < room and os.access(parent, os.W_OK):
            return tempfile.mkdtemp(prefix="mqttx-", dir=parent)
    return tempfile.mkdtemp(prefix="mqttx-")


class Pump:
    """``LinkHandler`` on one side, the reader and the private socket on the other.

    ``on_lost`` hears of the link's end at once; bytes that arrived before it can still be taken, then
    the end of the stream. ``on_inbound`` hears that there is something to take, not before paho holds
    its socket. ``on_outbound`` sees what paho had handed to the link.
    """

    def __init__(
        self,
        on_lost: Callable[[LinkError | None], None],
        on_inbound: Callable[[], None],
        on_outbound: Outbound,
    ) -> None:
        self.alive = True
        self.first_bytes = b""
        self.last_byte = time.monotonic()
        self.last_sent = self.last_byte
        self._on_lost = on_lost
        self._on_inbound = on_inbound
        self._on_outbound = on_outbound
        self._link: Link | None = None
        self._gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._inner = _Inner(self)
        self._opened = False
        self._waiting: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._reasons: set[str] = set()
        self._held_at: float | None = None
        self._held_seconds = 0.0

    def attach(self, link: Link) -> None:
        """The link whose handler this is; it is paused until the private socket stands."""
        self._link = link
        self._pause("private socket")

    async def serve(self, connection: socket.socket) -> None:
        """Start to copy from the private socket."""
        await asyncio.get_running_loop().create_connection(lambda: self._inner, sock=connection)
        self._resume("private socket")
        if not self.alive:
            self._inner.end()
        self._tell()

    def opened(self) -> None:
        """paho holds its end of the private socket."""
        self._opened = True
        self._tell()

    def take(self) -> bytes | None:
        """What came next from the link: ``b""`` at the end of the stream, None while nothing is there."""
        if not self._waiting:
            return None if self.alive else b""
        data = self._waiting.popleft()
        self._waiting_bytes -= len(data)
        if self._waiting_bytes <= LOW_WATER:
            self._resume("reader")
        return data

    @property
    def more(self) -> bool:
        """Whether ``take`` gives bytes or the end."""
        return bool(self._waiting) or not self.alive

    def _tell(self) -> None:
        if self._opened and self._inner.open and self.more:
            self._on_inbound()

    async def closed(self) -> None:
        """Return once the private socket is closed and all it gave was handed on."""
        await asyncio.shield(self._inner.closed)

    async def part(self) -> None:
        """Leave a WebSocket as it wants to be left, with a close frame and its answer (RFC 6455 §7.1.2)."""
        if self.alive and self._link is not None and self._link.info.http_status is not None:
            self._link.close()
            await asyncio.wait([self._gone], timeout=PARTING_SECONDS)

    def drop(self) -> None:
        """Close the private socket at once, where nobody reads it any more."""
        self._inner.drop()

    # Back-pressure.

    @property
    def paused(self) -> bool:
        """Whether reading from the link is paused."""
        return bool(self._reasons)

    @property
    def held_seconds(self) -> float:
        """How long ``hold`` kept reading paused, so far."""
        running = time.monotonic() - self._held_at if self._held_at is not None else 0.0
        return self._held_seconds + running

    def hold(self) -> None:
        """Stop reading from the link because the capture is full; counted."""
        if self._held_at is None:
            self._held_at = time.monotonic()
        self._pause("capture")

    def release(self) -> None:
        """Undo ``hold``."""
        self._held_seconds, self._held_at = self.held_seconds, None
        self._resume("capture")

    def _pause(self, reason: str) -> None:
        if not self._reasons and self._link is not None:
            self._link.pause()
        self._reasons.add(reason)

    def _resume(self, reason: str) -> None:
        if reason in self._reasons:
            self._reasons.remove(reason)
            if not self._reasons and self._link is not None and self.alive:
                self._link.resume()

    # LinkHandler.

    def bytes_received(self, data: bytes) -> None:
        """Bytes for the reader."""
        self.last_byte = time.monotonic()
        if len(self.first_bytes) < FIRST_BYTES:
            self.first_bytes += data[:FIRST_BYTES]
        self._waiting.append(data)
        self._waiting_bytes += len(data)
        self._tell()
        if self._waiting_bytes > HIGH_WATER:
            self._pause("reader")

    def lost(self, error: LinkError | None) -> None:
        """The link ended: the reader takes what came and then sees the end."""
        if self.alive:
            self.alive = False
            self._gone.set_result(None)
            self._on_lost(error)
            self._inner.end()
            self._tell()

    def pause_writing(self) -> None:
        """The link is slow: let paho keep its bytes."""
        self._inner.pause()

    def resume_writing(self) -> None:
        """The link takes bytes again."""
        self._inner.resume()

    # The private socket's side.

    def outbound(self, data: bytes) -> None:
        """Bytes from paho: to the link, as long as it lives; then nobody hears of them."""
        if self.alive and self._link is not None:
            self.send(data)
            self._on_outbound(data)

    def send(self, data: bytes) -> None:
        """Bytes that do not come from paho; whole packets, and only between two of its packets."""
        if self.alive and self._link is not None:
            self.last_sent = time.monotonic()
            self._link.write(data)

    def outbound_ended(self) -> None:
        """paho closed its end: it sent DISCONNECT, or it saw the link's end."""
        if self.alive and self._link is not None:
            self._link.close()


class _Inner(asyncio.Protocol):
    """The pump's end of the private socket."""

    def __init__(self, pump: Pump) -> None:
        self._pump = pump
        self._transport: asyncio.Transport | None = None
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def open(self) -> bool:
        return self._transport is not None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._pump.outbound(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if not self.closed.done():
            self.closed.set_result(None)
        self._pump.outbound_ended()

    def end(self) -> None:
        """Read on until paho closes, however slow the link was."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def pause(self) -> None:
        if self._transport is not None:
            self._transport.pause_reading()

    def resume(self) -> None:
        if self._transport is not None:
            self._transport.resume_reading()

    def drop(self) -> None:
        if self._transport is not None:
            self._transport.abort()
        elif not self.closed.done():
            self.closed.set_result(None)
