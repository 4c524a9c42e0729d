"""The batch reader: everything that comes from the broker, taken apart in whole reads.

PUBLISH and PUBREL are answered here, in one write for all and only after the capture took the
messages; every other packet goes to the conversation, one by one and in order.
"""

from __future__ import annotations

import asyncio
import time
from typing import Protocol

from mqttx_tui.session.base import Sink
from mqttx_tui.session.ws_trace import WireRows
from mqttx_tui.wire.errors import MalformedPacket
from mqttx_tui.wire.framing import Carry
from mqttx_tui.wire.publishes import Inbound, Other, Receipt, Taken, acknowledgements, take

WORK_SECONDS = 0.004
"""How long one callback may work before the event loop gets its turn."""

BATCH = 1024


class Conversation(Protocol):
    """What the reader tells; ``wire`` looks for the WebSocket frames of what was taken."""

    wire: WireRows

    @property
    def accepted(self) -> bool:
        """Whether CONNACK was seen: until then packets are taken one by one."""

    def take(self) -> bytes | None:
        """What came next: ``b""`` at the end of the stream, None while nothing is there."""

    @property
    def more(self) -> bool:
        """Whether ``take`` would give something."""

    def control(self, packet: Other, at: int) -> None:
        """A packet that is neither PUBLISH nor PUBREL; raises ``MalformedPacket``."""

    def answer(self, packets: bytes) -> None:
        """Send acknowledgements."""

    def answered(self, receipts: list[Receipt], first_id: int, at: int) -> None:
        """Acknowledgements were given to ``answer``; ``first_id`` is the batch's first row."""

    def malformed(self, error: MalformedPacket) -> None:
        """The stream cannot be followed any further."""

    def stream_ended(self) -> None:
        """Everything was read."""

    def hold(self) -> None:
        """The capture is full: stop reading from the link."""

    def release(self) -> None:
        """The capture has room again."""


class BatchReader:
    """Reads one stream until its end."""

    def __init__(self, sink: Sink, inbound: Inbound, conversation: Conversation) -> None:
        self._sink = sink
        self._inbound = inbound
        self._conversation = conversation
        self._carry = Carry(inbound.max_packet)
        self._revision = sink.revision
        inbound.topics = sink.known
        self._loop = asyncio.get_running_loop()
        self._rest: tuple[bytes, int] | None = None
        self._stream = 0
        """Bytes taken so far: where what is being worked on ends."""
        self._waiting: asyncio.Task[None] | None = None
        self._scheduled = False
        self._over = False

    def readable(self) -> None:
        """There is something to take: work on it, unless that is to come anyway."""
        if not self._scheduled and self._waiting is None:
            self._turn()

    def stop(self) -> None:
        """Read no more: paho has closed the socket."""
        self._over = True
        self._rest = None
        if self._waiting is not None:
            self._waiting.cancel()

    def _end(self) -> None:
        self._over = True
        if self._carry.unfinished:
            self._sink.cut_off()
        self._conversation.stream_ended()

    def _turn(self) -> None:
        """Work on what is left, or on one read; what follows has its turn after others had theirs."""
        self._scheduled = False
        if self._over:
            return
        if self._rest is not None:
            self._work(*self._rest)
        else:
            chunk = self._conversation.take()
            if chunk is None:
                return
            if not chunk:
                self._end()
                return
            self._stream += len(chunk)
            data = self._carry.join(chunk)
            if data:
                self._work(data, 0)
        if self._waiting is None and (self._rest is not None or (not self._over and self._conversation.more)):
            self._scheduled = True
            self._loop.call_soon(self._turn)

    def _work(self, data: bytes, start: int) -> None:
        sink = self._sink
        if sink.revision != self._revision:
            self._revision = sink.revision
            self._inbound.topics = sink.known
        at = sink.now()
        deadline = time.monotonic() + WORK_SECONDS
        self._rest = None
        try:
            while True:
                taken = take(self._inbound, data, start, at, BATCH if self._conversation.accepted else 1)
                self._deliver(taken, at, data, start)
                start = taken.end
                if self._over:
                    return
                if taken.error is not None:
                    raise taken.error
                if not taken.more:
                    self._carry.keep(data, start)
                    break
                if sink.full or time.monotonic() > deadline:
                    self._rest = (data, start)
                    break
        except MalformedPacket as error:
            self._over = True
            self._conversation.malformed(error)
            return
        if sink.full:
            self._pause()

    def _deliver(self, taken: Taken, at: int, data: bytes, start: int) -> None:
        first = self._sink.messages(taken.rows) if taken.rows else 0  # type: ignore[arg-type]
        self._conversation.wire.packets(data, start, self._stream - len(data) + start, taken, first)
        if taken.excluded:
            self._sink.excluded(taken.excluded)
        if taken.receipts:
            self._conversation.answer(acknowledgements(taken.receipts, self._inbound.version))
            self._conversation.answered(taken.receipts, first, at)
        for packet in taken.others:
            if not self._over:
                self._conversation.control(packet, at)

    def _pause(self) -> None:
        """Take nothing until the capture has room; the pump and the link wait with it."""
        if self._waiting is None:
            self._conversation.hold()
            self._waiting = self._loop.create_task(self._until_drained())

    async def _until_drained(self) -> None:
        await self._sink.drained()
        self._waiting = None
        self._conversation.release()
        self._turn()
