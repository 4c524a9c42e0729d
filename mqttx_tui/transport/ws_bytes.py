"""A WebSocket link that carries MQTT: a byte stream in binary frames."""

from __future__ import annotations

from websockets.protocol import OPEN

from mqttx_tui.model.errors import LinkError
from mqttx_tui.transport.base import LinkHandler, LinkInfo, Tap
from mqttx_tui.transport.failures import failure
from mqttx_tui.transport.stream import Explain
from mqttx_tui.transport.upgrade import UpgradeRequest
from mqttx_tui.transport.websocket import ORDERLY, WebSocketLink
from mqttx_tui.transport.ws_frames import CLOSE, TEXT, control
from mqttx_tui.transport.ws_plain import PlainFrame
from mqttx_tui.wire.frame_heads import plain_head

TOLD = 32
"""More frames in one turn are a flood."""


class ByteWebSocket(WebSocketLink):
    """``base.Link``: a byte stream in binary frames (MQTT 5.0 §6)."""

    def __init__(
        self, info: LinkInfo, handler: LinkHandler, explain: Explain, request: UpgradeRequest, tap: Tap
    ) -> None:
        super().__init__(info, handler, explain, request, tap)
        self._handler = handler
        self._collected: list[bytes] = []
        self._heads: list[bytes] = []
        """Those of the frames collected; fewer in a flood, and then nobody is told of them."""
        self._taken = 0
        """Bytes of the stream that were handed over."""

    def write(self, data: bytes) -> None:
        """Send one binary frame; ignored after the link was lost or closed."""
        if self._protocol.state is OPEN and self._transport is not None:
            self._protocol.send_binary(data)
            self._flush()

    def close(self) -> None:
        """Send what is queued, then close with 1000."""
        self._start_closing(1000, "")

    def _take_plain(self, frames: list[PlainFrame]) -> None:
        for opcode, data, _ in frames:
            if opcode == TEXT:
                self._refuse_text()
                break
            if data:
                self._collected.append(data)
        if len(frames) <= TOLD and len(self._heads) <= TOLD:
            self._heads += [plain_head(opcode, len(data)) for opcode, data, _ in frames if data]

    def _refuse_text(self) -> None:
        self._fail(failure("ws.text", code=1003), 1003)

    def _take_frames(self) -> None:
        for frame, size, head in self._protocol.frames_received():
            if frame.opcode == TEXT:
                self._refuse_text()
                break
            if frame.opcode >= CLOSE:
                self._tap.control(control(int(frame.opcode), bytes(frame.data), size, head), out=False)
            elif frame.data:
                self._collected.append(bytes(frame.data))
                self._heads.append(head)

    def _hand_over(self) -> None:
        if self._collected:
            if len(self._heads) == len(self._collected):
                self._tap.carried(self._taken, self._heads)
            data, self._collected, self._heads = b"".join(self._collected), [], []
            self._taken += len(data)
            self._handler.bytes_received(data)

    def _why(self) -> LinkError | None:
        error = super()._why()
        if error is not None and self._failure is None and error.code in (*ORDERLY, 1006):
            return None
        return error
