"""Peers for the embedded broker: our codec on a raw socket, and mosquitto's programs."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Iterable
from typing import Any, TypeVar

from mqttx_tui.demo.broker import Broker
from mqttx_tui.wire.decode import decode
from mqttx_tui.wire.encode import encode
from mqttx_tui.wire.framing import Splitter
from mqttx_tui.wire.packets import (
    Connack,
    Connect,
    Disconnect,
    Packet,
    Puback,
    Pubcomp,
    Publish,
    Pubrec,
    Pubrel,
    Suback,
    Subscribe,
    Subscription,
    Will,
)
from tests.support.mosquitto import find
from tests.support.wait import FACTOR

P = TypeVar("P")
TIMEOUT = 10.0 * FACTOR
_open: list[asyncio.StreamWriter] = []


async def close_all() -> None:
    """Drop every peer's link: for the end of a test."""
    while _open:
        writer = _open.pop()
        writer.transport.abort()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


class Peer:
    """A client that does only what it is told: nothing is acknowledged by itself."""

    def __init__(self, port: int, version: int = 5) -> None:
        self.port = port
        self.version = version
        self.connack = Connack()
        self._splitter = Splitter()
        self._packets: list[Packet] = []
        self._ids = itertools.count(1)
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def open(self) -> Peer:
        """TCP only."""
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self.port)
        _open.append(self._writer)
        return self

    async def connect(
        self,
        client_id: str = "",
        *,
        clean: bool = True,
        keepalive: int = 60,
        will: Will | None = None,
        properties: dict[str, Any] | None = None,
        username: str | None = None,
        password: bytes | None = None,
    ) -> Peer:
        """TCP and CONNECT; the CONNACK is in ``connack``."""
        await self.open()
        connect = Connect(
            client_id, self.version, clean, keepalive, username, password, will, properties or {}
        )
        self.send(connect)
        self.connack = await self.expect(Connack)
        return self

    def send(self, *packets: Packet) -> None:
        """Write packets."""
        self.write(b"".join(encode(packet, self.version) for packet in packets))

    def write(self, raw: bytes) -> None:
        """Write any bytes."""
        assert self._writer is not None
        self._writer.write(raw)

    async def receive(self) -> Packet | None:
        """The next packet; None when the broker closed the link."""
        assert self._reader is not None
        while not self._packets:
            try:
                data = await asyncio.wait_for(self._reader.read(1 << 18), TIMEOUT)
            except ConnectionResetError:
                return None
            if not data:
                return None
            self._packets = [decode(raw, self.version) for raw in self._splitter.feed(data)]
        return self._packets.pop(0)

    async def expect(self, kind: type[P]) -> P:
        """The next packet, which must be a ``kind``."""
        packet = await self.receive()
        assert isinstance(packet, kind), packet
        return packet

    async def closed(self) -> list[Packet]:
        """Everything that still comes until the broker closes the link."""
        found = []
        while (packet := await self.receive()) is not None:
            found.append(packet)
        return found

    async def subscribe(
        self, *filters: str | Subscription, qos: int = 0, identifier: int = 0
    ) -> tuple[int, ...]:
        """Returns the SUBACK's reasons."""
        asked = tuple(one if isinstance(one, Subscription) else Subscription(one, qos) for one in filters)
        properties = {"subscription_identifier": (identifier,)} if identifier else {}
        self.send(Subscribe(next(self._ids), asked, properties))
        return (await self.expect(Suback)).reasons

    async def publish(self, topic: str, payload: bytes = b"", qos: int = 0, **options: Any) -> int:
        """Publish and see it through; returns the broker's reason."""
        number = next(self._ids) if qos else 0
        self.send(Publish(topic, payload, qos, packet_id=number, **options))
        if qos == 1:
            return (await self.expect(Puback)).reason
        if qos == 2:
            reason = (await self.expect(Pubrec)).reason
            if reason < 0x80:
                self.send(Pubrel(number))
                await self.expect(Pubcomp)
            return reason
        return 0

    async def take(self, count: int) -> list[Publish]:
        """The next messages, each acknowledged."""
        found: list[Publish] = []
        unreleased = 0
        while len(found) < count or unreleased:
            packet = await self.receive()
            match packet:
                case Publish():
                    found.append(packet)
                    if packet.qos == 1:
                        self.send(Puback(packet.packet_id))
                    elif packet.qos == 2:
                        self.send(Pubrec(packet.packet_id))
                        unreleased += 1
                case Pubrel():
                    self.send(Pubcomp(packet.packet_id))
                    unreleased -= 1
                case _:
                    raise AssertionError(packet)
        return found

    async def nothing(self) -> None:
        """Nothing is on its way to this client: a message sent to itself arrives first."""
        topic = f"probe/{id(self)}"
        await self.subscribe(topic)
        self.send(Publish(topic))
        packet = await self.receive()
        assert isinstance(packet, Publish), packet
        assert packet.topic == topic, packet

    async def leave(self, reason: int = 0, **properties: int) -> None:
        """DISCONNECT, and wait for the end."""
        self.send(Disconnect(reason, dict(properties)))
        await self.closed()
        self.cut()

    def cut(self) -> None:
        """Drop the link without a word."""
        assert self._writer is not None
        self._writer.transport.abort()

    def stall(self) -> None:
        """Stop reading."""
        assert self._writer is not None
        transport = self._writer.transport
        assert isinstance(transport, asyncio.Transport)
        transport.pause_reading()

    def resume(self) -> None:
        """Read again."""
        assert self._writer is not None
        transport = self._writer.transport
        assert isinstance(transport, asyncio.Transport)
        transport.resume_reading()


class Program:
    """A running mosquitto_sub or mosquitto_pub."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    async def output(self) -> bytes:
        """What it printed, once it ended well."""
        out, err = await asyncio.wait_for(self.process.communicate(), TIMEOUT * 3)
        assert self.process.returncode == 0, (self.process.returncode, err)
        return out

    async def stop(self) -> None:
        """End it."""
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()


async def run(name: str, port: int, *arguments: str, standard_input: bool = False) -> Program:
    """Start mosquitto_sub or mosquitto_pub against the broker on ``port``."""
    program = find(name)
    assert program, f"{name} is not installed"
    process = await asyncio.create_subprocess_exec(
        program,
        "-h",
        "127.0.0.1",
        "-p",
        str(port),
        *arguments,
        stdin=asyncio.subprocess.PIPE if standard_input else asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    return Program(process)


async def publish(port: int, *arguments: str, payload: bytes | None = None) -> None:
    """mosquitto_pub, to its end; ``payload`` goes through its standard input."""
    if payload is None:
        await (await run("mosquitto_pub", port, *arguments)).output()
        return
    program = await run("mosquitto_pub", port, *arguments, "-s", standard_input=True)
    _out, error = await asyncio.wait_for(program.process.communicate(payload), TIMEOUT * 3)
    assert program.process.returncode == 0, error


def payloads(messages: Iterable[Publish]) -> list[bytes]:
    """Only the payloads."""
    return [message.payload for message in messages]


def subscribed(broker: Broker, count: int) -> bool:
    """Whether so many subscriptions stand."""
    return broker.core.tree.count == count
