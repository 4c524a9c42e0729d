"""WebSocket frames from the Sans-I/O layer: their size on the wire, fragments joined."""

from __future__ import annotations

from websockets.client import ClientProtocol
from websockets.exceptions import PayloadTooBig
from websockets.frames import Close, Opcode
from websockets.frames import Frame as RawFrame

from mqttx_tui.transport.base import Frame

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
"""Opcodes (RFC 6455 §5.2)."""


class SizedProtocol(ClientProtocol):
    """``ClientProtocol`` that also knows how many bytes each received frame took on the wire."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        self._fed = 0
        self._taken = 0
        self.sizes: list[int] = []
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]

    def receive_data(self, data: bytes | bytearray) -> None:
        """Take bytes from the network."""
        self._fed += len(data)
        super().receive_data(data)

    def recv_frame(self, frame: RawFrame) -> None:
        """Called by the parser for each frame, right after its last byte was taken."""
        taken = self._fed - len(self.reader.buffer)
        self.sizes.append(taken - self._taken)
        self._taken = taken
        super().recv_frame(frame)

    def head_taken(self) -> None:
        """Count from here: what came so far was the response head."""
        self._taken = self._fed

    def frames_received(self) -> list[tuple[RawFrame, int]]:
        """The frames that became whole since the last call, with their sizes on the wire."""
        events = [event for event in self.events_received() if isinstance(event, RawFrame)]
        sizes, self.sizes = self.sizes, []
        return list(zip(events, sizes, strict=False))

    @property
    def too_big(self) -> bool:
        """Whether a message over ``max_size`` ended the conversation."""
        return isinstance(self.parser_exc, PayloadTooBig)


class Joiner:
    """Joins fragments (RFC 6455 §5.4) and takes close frames apart."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._opcode = 0
        self._size = 0

    @property
    def waiting(self) -> bool:
        """Whether the end of a fragmented message is still missing."""
        return bool(self._parts)

    def take(self, raw: RawFrame, size: int) -> Frame | None:
        """A whole message or control frame, or None while fragments are missing.

        A text message that is not UTF-8 comes with ``valid`` False.
        """
        data = bytes(raw.data)
        if raw.opcode is Opcode.CLOSE:
            close = Close.parse(data)
            return Frame(CLOSE, data, size, code=int(close.code), reason=close.reason)
        if raw.opcode in (Opcode.PING, Opcode.PONG):
            return Frame(int(raw.opcode), data, size)
        if raw.opcode is not Opcode.CONT:
            if raw.fin:
                return message(int(raw.opcode), data, size, 1)
            self._opcode = int(raw.opcode)
        self._parts.append(data)
        self._size += size
        if not raw.fin:
            return None
        whole = message(self._opcode, b"".join(self._parts), self._size, len(self._parts))
        self._parts, self._size = [], 0
        return whole


def message(opcode: int, data: bytes, size: int, fragments: int) -> Frame:
    """A whole text or binary message."""
    valid = True
    if opcode == TEXT and not data.isascii():
        try:
            data.decode()
        except UnicodeDecodeError:
            valid = False
    return Frame(opcode, data, size, fragments, valid=valid)
