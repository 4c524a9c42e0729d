"""Clients' byte streams on asyncio transports: plain or TLS, bare or inside WebSocket frames."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from websockets.exceptions import InvalidState, ProtocolError
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from mqttx_tui.demo.broker.conversation import Conversation
from mqttx_tui.demo.broker.core import Core

_HIGH_WATER = 1 << 20
_CLOSE_TIMEOUT = 2.0
_SUBPROTOCOLS: Sequence[Subprotocol] = (Subprotocol("mqtt"), Subprotocol("mqttv3.1"))
_UNSUPPORTED_DATA = 1003


class StreamPipe(asyncio.Protocol):
    """A client on TCP, TLS or a unix socket."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self.peer = ""
        self._transport: asyncio.Transport | None = None
        self._conversation: Conversation | None = None
        self._abort: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.set_write_buffer_limits(high=_HIGH_WATER)
        self.peer = str(transport.get_extra_info("peername") or "")
        self._conversation = Conversation(self.core, self)
        self.core.transports.add(transport)

    def data_received(self, data: bytes) -> None:
        if self._conversation is not None:
            self._conversation.feed(data)

    def pause_writing(self) -> None:
        if self._conversation is not None:
            self._conversation.outlet.pause()

    def resume_writing(self) -> None:
        if self._conversation is not None:
            self._conversation.outlet.resume()

    def connection_lost(self, error: Exception | None) -> None:
        if self._abort is not None:
            self._abort.cancel()
        if self._transport is not None:
            self.core.transports.discard(self._transport)
            if not self.core.transports:
                self.core.idle.set()
        if self._conversation is not None:
            self._conversation.lost()

    def write(self, data: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def close(self) -> None:
        """A client that does not take what is left is dropped after two seconds."""
        transport = self._transport
        if transport is None or self._abort is not None:
            return
        self._abort = asyncio.get_running_loop().call_later(_CLOSE_TIMEOUT, transport.abort)
        transport.close()

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()


class WebSocketPipe(StreamPipe):
    """A client that speaks MQTT inside binary WebSocket frames (MQTT 5.0 §6)."""

    def __init__(self, core: Core) -> None:
        super().__init__(core)
        self._frames = ServerProtocol(subprotocols=_SUBPROTOCOLS, max_size=core.limits.max_packet)

    def data_received(self, data: bytes) -> None:
        self._frames.receive_data(data)
        self._events()

    def eof_received(self) -> bool:
        self._frames.receive_eof()
        self._events()
        return False

    def _events(self) -> None:
        for event in self._frames.events_received():
            if isinstance(event, Request):
                # Bytes behind the request may already have ended the protocol.
                if not self._frames.close_expected():
                    self._frames.send_response(self._frames.accept(event))
            elif isinstance(event, Frame):
                self._frame(event)
        self._send_out()
        if self._frames.close_expected():
            super().close()

    def _frame(self, frame: Frame) -> None:
        if frame.opcode in (Opcode.BINARY, Opcode.CONT):
            if self._conversation is not None and frame.data:
                self._conversation.feed(bytes(frame.data))
        elif frame.opcode is Opcode.TEXT:
            self._frames.fail(_UNSUPPORTED_DATA, "MQTT needs binary frames")

    def _send_out(self) -> None:
        for data in self._frames.data_to_send():
            if data:
                super().write(data)

    def write(self, data: bytes) -> None:
        try:
            self._frames.send_binary(data)
        except (InvalidState, ProtocolError):
            return
        self._send_out()

    def close(self) -> None:
        try:
            self._frames.send_close(1000)
        except (InvalidState, ProtocolError):
            pass
        self._send_out()
        super().close()
