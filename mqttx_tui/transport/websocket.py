"""WebSocket links: what all share, and those for raw messages; ``ws_bytes`` carries MQTT."""

from __future__ import annotations

import asyncio
import time

from websockets.exceptions import ProtocolError
from websockets.protocol import OPEN

from mqttx_tui.model.errors import InputError, LinkError
from mqttx_tui.transport.base import Frame, FrameHandler, LinkHandler, LinkInfo, Tap
from mqttx_tui.transport.close_codes import explain_close
from mqttx_tui.transport.failures import failure
from mqttx_tui.transport.stream import WRITE_HIGH, Explain, last_words
from mqttx_tui.transport.upgrade import UpgradeRequest
from mqttx_tui.transport.ws_frames import CLOSE, Joiner, message, tell_written
from mqttx_tui.transport.ws_plain import Incoming, PlainFrame
from mqttx_tui.transport.ws_upgrade import Upgrade
from mqttx_tui.wire.frame_heads import head_of

WORK_SECONDS = 0.004
"""Longest time spent on parsing before other callbacks get their turn."""
CLOSE_SECONDS = 1.0
"""How long the peer may take to answer our close frame."""
END_SECONDS = 0.4
"""How long the peer may take to end the connection after its own close frame, or after a failure."""
ORDERLY = (1000, 1001)


class WebSocketLink(asyncio.Protocol):
    """What both kinds share: upgrade, slicing, back-pressure, closing.

    Nothing is delivered before ``start``. Bytes are counted inside TLS, frame headers included.
    """

    def __init__(
        self,
        info: LinkInfo,
        handler: LinkHandler | FrameHandler,
        explain: Explain,
        request: UpgradeRequest,
        tap: Tap,
    ) -> None:
        self.info = info
        self.bytes_in = 0
        self.bytes_out = 0
        self._observer = handler
        self._explain = explain
        self._request = request
        self._tap = tap
        self._protocol = request.protocol
        self._upgrade: Upgrade | None = Upgrade(request, info, tap)
        self._transport: asyncio.Transport | None = None
        self._incoming = Incoming(request.max_message)
        self._paused = True
        self._scheduled = False
        self._holding = False
        self._ended = False
        self._cause: Exception | None = None
        self._failure: LinkError | None = None
        self._closing_here = False
        self._broken = False
        self._over = False
        self._close_timer: asyncio.TimerHandle | None = None

    async def upgrade(self) -> None:
        """Send the request and wait for the 101.

        Raises ``LinkError`` at stage ``upgrade``, and ``Redirected``.
        """
        assert self._upgrade is not None
        self._protocol.send_request(self._request.http)
        self._write(self._protocol.data_to_send())
        self._tap.http(self._request.http.serialize(), out=True)
        if self._transport is not None:
            self._transport.resume_reading()
        rest = await self._upgrade.answered
        self._upgrade = None
        if rest:
            self._incoming.add(rest)

    def start(self) -> None:
        """Begin to deliver, from the next turn of the loop on."""
        self._paused = False
        self._schedule()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Part of ``asyncio.Protocol``."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.set_write_buffer_limits(high=WRITE_HIGH)
        transport.pause_reading()

    def data_received(self, data: bytes) -> None:
        """Part of ``asyncio.Protocol``."""
        self.bytes_in += len(data)
        if self._upgrade is not None and not self._upgrade.answered.done():
            self._upgrade.feed(data)
            if self._upgrade.answered.done():
                self._hold()
            return
        self._incoming.add(data)
        if not self._scheduled:
            self._work()

    def connection_lost(self, exc: Exception | None) -> None:
        """Part of ``asyncio.Protocol``."""
        transport, self._transport = self._transport, None
        if exc is not None:
            rest, exc = last_words(transport, exc)
            if rest:
                self.data_received(rest)
        self._ended = True
        self._cause = exc
        if self._upgrade is not None:
            self._upgrade.lost(self._explain(exc) if exc is not None else None)
        elif not self._scheduled:
            self._work()

    def pause_writing(self) -> None:
        """Part of ``asyncio.Protocol``."""
        if self._upgrade is None:
            self._observer.pause_writing()

    def resume_writing(self) -> None:
        """Part of ``asyncio.Protocol``."""
        if self._upgrade is None:
            self._observer.resume_writing()

    # Link and FrameLink

    def pause(self) -> None:
        """Stop reading from the peer."""
        if not self._closing_here:
            self._paused = True
            self._hold()

    def resume(self) -> None:
        """Read again."""
        if self._paused and self._upgrade is None:
            self._paused = False
            self._schedule()

    def abort(self) -> None:
        """Drop the link at once."""
        self._closing_here = True
        self._incoming.clear()
        if self._transport is not None:
            self._transport.abort()

    def _start_closing(self, code: int, reason: str) -> None:
        if self._protocol.state is not OPEN or self._transport is None:
            return
        try:
            self._protocol.send_close(code, reason)
        except ProtocolError as error:
            raise InputError(f"close with {code}: {error}", title="Bad close code") from None
        self._closing_here = True
        self._expect_end(CLOSE_SECONDS)
        self._flush()
        self._paused = False
        self._schedule()

    # Reading

    def _schedule(self) -> None:
        if not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._work)

    def _hold(self) -> None:
        if not self._holding and self._transport is not None:
            self._holding = True
            self._transport.pause_reading()

    def _work(self) -> None:
        self._scheduled = False
        deadline = time.perf_counter() + WORK_SECONDS
        while not self._paused and self._step():
            if time.perf_counter() > deadline:
                break
        self._hand_over()
        self._flush()
        if self._incoming.more:
            self._hold()
            if not self._paused:
                self._schedule()
            return
        if self._ended:
            self._finish()
        elif self._holding and not self._paused and self._transport is not None:
            self._holding = False
            self._transport.resume_reading()

    def _step(self) -> bool:
        """Take a few frames: plain ones here, all else through the protocol. False when nothing is left."""
        framed = self._protocol.state is OPEN and not self._protocol.extensions
        frames = self._incoming.frames() if framed else []
        if frames:
            self._take_plain(frames)
            return True
        piece = self._incoming.piece(framed=framed)
        if piece:
            self._protocol.receive_data(piece)
            self._take_frames()
            self._tell_broken()
        return bool(piece)

    def _tell_broken(self) -> None:
        """Tell once of the frame that the peer may not send, or that is too big."""
        start = b"" if self._broken else self._protocol.broken
        if (head := head_of(start)) is not None:
            self._broken = True
            size = head.size + head.length
            self._tap.control(Frame(head.opcode, b"", size, heads=start[: head.size]), out=False)

    def _take_plain(self, frames: list[PlainFrame]) -> None:
        """Take whole messages."""
        raise NotImplementedError

    def _take_frames(self) -> None:
        """Take what the protocol has parsed."""
        raise NotImplementedError

    def _hand_over(self) -> None:
        """One turn's work is done: deliver what was collected."""

    def _fail(self, error: LinkError, code: int) -> None:
        self._failure = error
        self._protocol.fail(code, error.title)

    # Writing and the end

    def _flush(self) -> int:
        parts = self._protocol.data_to_send()
        size = self._write(parts)
        if size:
            tell_written(parts, self._tap)
        if self._protocol.close_expected():
            self._expect_end(END_SECONDS)
        return size

    def _write(self, parts: list[bytes]) -> int:
        """Hand it to the transport; returns how many bytes went out."""
        data = b"".join(parts)
        if not data or self._transport is None or self._transport.is_closing():
            return 0
        self.bytes_out += len(data)
        self._transport.write(data)
        return len(data)

    def _expect_end(self, seconds: float) -> None:
        if self._close_timer is None and self._transport is not None:
            self._close_timer = asyncio.get_running_loop().call_later(seconds, self._give_up)

    def _give_up(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _finish(self) -> None:
        if self._over:
            return
        self._over = True
        if self._close_timer is not None:
            self._close_timer.cancel()
        self._observer.lost(None if self._closing_here else self._why())

    def _why(self) -> LinkError | None:
        protocol = self._protocol
        if self._failure is not None:
            return self._failure
        if protocol.too_big:
            return failure("ws.too_big", limit=f"{self._request.max_message:,}", code=1009)
        if protocol.close_rcvd is not None and protocol.parser_exc is None:
            return explain_close(int(protocol.close_rcvd.code), protocol.close_rcvd.reason)
        if protocol.parser_exc is not None:
            return failure("ws.protocol", reason=protocol.parser_exc, code=1002)
        if self._cause is not None:
            return self._explain(self._cause)
        return failure("ws.cut", peer=self.info.peer, code=1006)


class FrameWebSocket(WebSocketLink):
    """``base.FrameLink``: messages and control frames."""

    def __init__(
        self, info: LinkInfo, handler: FrameHandler, explain: Explain, request: UpgradeRequest, tap: Tap
    ) -> None:
        super().__init__(info, handler, explain, request, tap)
        self._handler = handler
        self._joiner = Joiner()
        self._tally = info.tally

    def send(self, payload: bytes, *, binary: bool, fragments: int = 1) -> int:
        """Send one message; returns its size on the wire, 0 after the link was lost.

        In ``fragments`` frames of about the same length, some of them empty where there are fewer bytes
        (RFC 6455 §5.4); a character of a text may be divided between two of them.
        """
        if self._protocol.state is not OPEN or self._transport is None:
            return 0
        start = self._protocol.send_binary if binary else self._protocol.send_text
        ends = [len(payload) * number // fragments for number in range(1, fragments + 1)]
        start(payload[: ends[0]], fin=fragments == 1)
        for number in range(1, fragments):
            part = payload[ends[number - 1] : ends[number]]
            self._protocol.send_continuation(part, fin=number == fragments - 1)
        size = self._flush()
        self._tally.payload_out += len(payload)
        self._tally.wire_out += size
        return size

    def ping(self, payload: bytes = b"") -> None:
        """Send a ping of at most 125 bytes."""
        if self._protocol.state is OPEN and self._transport is not None:
            self._protocol.send_ping(payload)
            self._flush()

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Start the closing handshake. Raises ``InputError`` for a code or reason that may not be sent."""
        self._start_closing(code, reason)

    @property
    def unfinished(self) -> bool:
        """Whether a message was begun and not finished."""
        return self._joiner.waiting or self._incoming.begun or bool(self._protocol.reader.buffer)

    def _take_plain(self, frames: list[PlainFrame]) -> None:
        for opcode, data, size in frames:
            if not self._take(message(opcode, data, size, 1)):
                break

    def _take_frames(self) -> None:
        for raw, size, head in self._protocol.frames_received():
            frame = self._joiner.take(raw, size, head)
            if frame is not None and not self._take(frame):
                break

    def _take(self, frame: Frame) -> bool:
        """Deliver it; False when the conversation must end because of it."""
        if frame.opcode < CLOSE:
            self._tally.payload_in += len(frame.payload)
            self._tally.wire_in += frame.size
        else:
            self._tap.control(frame, out=False)
        if not frame.valid:
            self._fail(failure("ws.not_utf8", reason=_utf8_problem(frame), code=1007), 1007)
        self._handler.frame_received(frame)
        return frame.valid


def _utf8_problem(frame: Frame) -> str:
    try:
        frame.payload.decode()
    except UnicodeDecodeError as error:
        return f"{error.reason} at byte {error.start}"
    return ""
