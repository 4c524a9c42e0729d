"""A broker that does what a test tells it, packet by packet, over plain TCP."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from typing import TypeVar

from mqttx_tui.wire.decode import decode
from mqttx_tui.wire.encode import encode
from mqttx_tui.wire.framing import Splitter
from mqttx_tui.wire.packets import (
    Connack,
    Connect,
    Packet,
    Pingreq,
    Pingresp,
    Puback,
    Pubcomp,
    Publish,
    Pubrec,
    Pubrel,
    Suback,
    Subscribe,
    Unsuback,
    Unsubscribe,
)

P = TypeVar("P", bound=Packet)


class PeerGoneError(Exception):
    """The client ended the connection."""


class Peer:
    """One client's connection, as the script sees it. ``seen`` holds every packet that came, ``raws``
    their bytes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.version = 4
        self.seen: list[Packet] = []
        self.raws: list[bytes] = []
        self.answers_pings = True
        self.gone = False
        self._reader = reader
        self._writer = writer
        self._splitter = Splitter()
        self._waiting: list[Packet] = []

    @property
    def port(self) -> int:
        """The client's end of the connection."""
        return int(self._writer.get_extra_info("peername")[1])

    async def next(self) -> Packet:
        """The next packet; PINGREQ is answered on the way. Raises ``PeerGoneError`` at the end."""
        while True:
            while self._waiting:
                packet = self._waiting.pop(0)
                if isinstance(packet, Pingreq) and self.answers_pings:
                    self.send(Pingresp())
                    continue
                return packet
            try:
                data = await self._reader.read(65_536)
            except OSError:
                data = b""
            if not data:
                self.gone = True
                raise PeerGoneError
            for raw in self._splitter.feed(data):
                self.raws.append(raw)
                packet = decode(raw, self.version)
                if isinstance(packet, Connect):
                    self.version = packet.version
                self.seen.append(packet)
                self._waiting.append(packet)

    async def expect(self, kind: type[P]) -> P:
        """The next packet of this kind; others are passed over."""
        while True:
            packet = await self.next()
            if isinstance(packet, kind):
                return packet

    def send(self, packet: Packet) -> None:
        """Send one packet."""
        self.send_raw(encode(packet, self.version))

    def send_raw(self, data: bytes) -> None:
        """Send bytes, right or wrong."""
        self._writer.write(data)

    async def accept(self, connack: Connack | None = None) -> Connect:
        """Take CONNECT and answer it (0 when not said otherwise)."""
        connect = await self.expect(Connect)
        self.send(connack or Connack())
        return connect

    async def serve(self) -> None:
        """Grant and acknowledge everything until the client goes."""
        try:
            while True:
                packet = await self.next()
                if isinstance(packet, Subscribe):
                    reasons = tuple(one.qos for one in packet.subscriptions)
                    self.send(Suback(packet.packet_id, reasons))
                elif isinstance(packet, Unsubscribe):
                    reasons = (0,) * len(packet.filters) if self.version >= 5 else ()
                    self.send(Unsuback(packet.packet_id, reasons))
                elif isinstance(packet, Publish) and packet.qos == 1:
                    self.send(Puback(packet.packet_id))
                elif isinstance(packet, Publish) and packet.qos == 2:
                    self.send(Pubrec(packet.packet_id))
                elif isinstance(packet, Pubrel):
                    self.send(Pubcomp(packet.packet_id))
        except PeerGoneError:
            pass

    def close(self) -> None:
        """End in order, after what was sent."""
        self._writer.close()

    def abort(self) -> None:
        """End at once, whether it has ended before or not."""
        self._writer.transport.abort()

    def reset(self) -> None:
        """End with RST; what was sent and not yet read may be lost with it."""
        connection: socket.socket = self._writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()


Script = Callable[[Peer], Awaitable[None]]


class ScriptedBroker:
    """Listens on a free port; the n-th connection runs the n-th script, the last one again after that."""

    def __init__(self, *scripts: Script) -> None:
        self.port = 0
        self.peers: list[Peer] = []
        self.errors: list[BaseException] = []
        self._scripts = scripts
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> ScriptedBroker:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for peer in self.peers:
            peer.abort()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        assert not self.errors, self.errors

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"mqtt://127.0.0.1:{self.port}"

    @property
    def peer(self) -> Peer:
        """The latest connection."""
        return self.peers[-1]

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = Peer(reader, writer)
        self.peers.append(peer)
        script = self._scripts[min(len(self.peers), len(self._scripts)) - 1]
        task = asyncio.create_task(self._run(script, peer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, script: Script, peer: Peer) -> None:
        try:
            await script(peer)
        except PeerGoneError:
            pass
        except Exception as error:
            self.errors.append(error)
