"""WebSocket frames from the Sans-I/O layer: their size on the wire, fragments joined."""

from __future__ import annotations

from websockets.client import ClientProtocol
from websockets.exceptions import PayloadTooBig, ProtocolError
from websockets.frames import Close, Opcode
from websockets.frames import Frame as RawFrame

from mqttx_tui.transport.base import Frame, Tap
from mqttx_tui.wire.frame_heads import CONTROL, LONGEST, head_of, plain_head, unmasked

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
"""Opcodes (RFC 6455 §5.2)."""


class SizedProtocol(ClientProtocol):
    """``ClientProtocol`` that also knows how many bytes each received frame took on the wire, and how it
    began."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        self._fed = 0
        self._taken = 0
        self._data = b""
        """What was fed last, and ``_data_at`` where it stands in the stream."""
        self._data_at = 0
        self._begun = b""
        """How the frame begins whose end is still missing."""
        self._wire: list[tuple[int, bytes]] = []
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]

    def receive_data(self, data: bytes | bytearray) -> None:
        """Take bytes from the network."""
        self._data, self._data_at = bytes(data), self._fed
        self._fed += len(data)
        super().receive_data(data)
        self._begun = self._start()

    def _start(self) -> bytes:
        """The first bytes of the frame that begins after all that was taken, as far as they are here."""
        at = self._taken - self._data_at
        return (self._begun + self._data[:LONGEST])[:LONGEST] if at < 0 else self._data[at : at + LONGEST]

    def recv_frame(self, frame: RawFrame) -> None:
        """Called by the parser for each frame, right after its last byte was taken."""
        taken = self._fed - len(self.reader.buffer)
        start = self._start()
        head = head_of(start)
        self._wire.append((taken - self._taken, start[: head.size] if head is not None else b""))
        self._taken = taken
        super().recv_frame(frame)

    def head_taken(self) -> None:
        """Count from here: what came so far was the response head."""
        self._taken = self._fed
        self._begun = b""

    def frames_received(self) -> list[tuple[RawFrame, int, bytes]]:
        """The frames that became whole since the last call, with their sizes on the wire and heads."""
        events = [event for event in self.events_received() if isinstance(event, RawFrame)]
        wire, self._wire = self._wire, []
        if len(wire) > len(events):
            self._begun = wire[len(events)][1]  # it came whole, and is not what may come
        return [(event, *each) for event, each in zip(events, wire, strict=False)]

    @property
    def broken(self) -> bytes:
        """The head of the frame that ended the conversation, as far as it came; empty while none did."""
        ended = isinstance(self.parser_exc, ProtocolError | PayloadTooBig | UnicodeDecodeError)
        return self._begun if ended else b""

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
        self._heads = b""

    @property
    def waiting(self) -> bool:
        """Whether the end of a fragmented message is still missing."""
        return bool(self._parts)

    def take(self, raw: RawFrame, size: int, head: bytes) -> Frame | None:
        """A whole message or control frame, or None while fragments are missing.

        A text message that is not UTF-8 comes with ``valid`` False.
        """
        data = bytes(raw.data)
        if raw.opcode >= CONTROL:
            return control(int(raw.opcode), data, size, head)
        if raw.opcode is not Opcode.CONT:
            if raw.fin:
                heads = b"" if head == plain_head(raw.opcode, len(data)) else head
                return message(int(raw.opcode), data, size, 1, heads)
            self._opcode = int(raw.opcode)
        self._parts.append(data)
        self._size += size
        self._heads += head
        if not raw.fin:
            return None
        whole = message(self._opcode, b"".join(self._parts), self._size, len(self._parts), self._heads)
        self._parts, self._size, self._heads = [], 0, b""
        return whole


def control(opcode: int, data: bytes, size: int, head: bytes) -> Frame:
    """A control frame; ``code`` and ``reason`` of a close frame are taken apart, 1005 for none.

    Raises ``websockets.exceptions.ProtocolError`` for a close frame that is too short.
    """
    if opcode != CLOSE:
        return Frame(opcode, data, size, heads=head)
    close = Close.parse(data)
    return Frame(CLOSE, data, size, code=int(close.code), reason=close.reason, heads=head)


def tell_written(parts: list[bytes], tap: Tap) -> None:
    """Tell of frames that went out; each of ``parts`` is one, or empty."""
    heads = b""
    for part in parts:
        head = head_of(part)
        if head is None:
            continue
        if head.opcode >= CONTROL:
            data = unmasked(part[head.size :], head.key)
            tap.control(control(head.opcode, data, len(part), part[: head.size]), out=True)
        else:
            heads += part[: head.size]
    if heads:
        tap.written(heads)


def message(opcode: int, data: bytes, size: int, fragments: int, heads: bytes = b"") -> Frame:
    """A whole text or binary message."""
    valid = True
    if opcode == TEXT and not data.isascii():
        try:
            data.decode()
        except UnicodeDecodeError:
            valid = False
    return Frame(opcode, data, size, fragments, valid=valid, heads=heads)
