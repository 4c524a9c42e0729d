"""Plain frames taken apart in one go: whole, unfragmented, unmasked data frames without extensions.

That is what a flood consists of, and many times faster than frame by frame; everything else is left to
the Sans-I/O protocol (RFC 6455 §5.2).
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

BATCH = 256
"""Plain frames taken at once."""
SLICE = 4 * 1024
"""Bytes for the protocol at once: up to 2,000 frames, when they are empty."""
PLAIN = (0x81, 0x82)
"""First bytes: FIN with text or binary."""

_SHORT, _LONG = 126, 127
_FIN, _MASKED = 0x80, 0x80
_CONTROL = 8

PlainFrame = tuple[int, bytes, int]
"""(opcode, payload, size on the wire)."""


def plain_frames(data: bytes, pos: int, limit: int, largest: int) -> tuple[int, list[PlainFrame]]:
    """At most ``limit`` plain frames from ``pos`` on, and where what follows them begins.

    A frame that is not plain, not whole, has a payload over ``largest`` or over 65,535 bytes ends the list.
    """
    found: list[PlainFrame] = []
    add, total = found.append, len(data)
    while limit and pos + 2 <= total:
        first = data[pos]
        if first != 0x82 and first != 0x81:
            break
        body, length = pos + 2, data[pos + 1]
        if length >= _SHORT:
            if length != _SHORT or pos + 4 > total:
                break
            body, length = pos + 4, data[pos + 2] << 8 | data[pos + 3]
            if length < _SHORT:  # longer than it need be: its head could not be told from its size
                break
        end = body + length
        if end > total or length > largest:
            break
        add((first & 0x0F, data[body:end], end - pos))
        pos = end
        limit -= 1
    return pos, found


class Head(NamedTuple):
    """How a frame begins: ``size`` of it all on the wire."""

    first: int
    size: int
    plain: bool

    @property
    def opcode(self) -> int:
        """0 continuation, 1 text, 2 binary, 8 close, 9 ping, 10 pong."""
        return self.first & 0x0F

    @property
    def fin(self) -> bool:
        """Whether it ends its message."""
        return bool(self.first & _FIN)


def head_at(data: bytes, pos: int, largest: int) -> Head | None:
    """The frame that begins at ``pos``; None while not all of its head is there."""
    have = len(data) - pos
    if have < 2:
        return None
    first, length = data[pos], data[pos + 1] & 0x7F
    masked = bool(data[pos + 1] & _MASKED)
    extended = {_SHORT: 2, _LONG: 8}.get(length, 0)
    if have < 2 + extended:
        return None
    if extended:
        length = int.from_bytes(data[pos + 2 : pos + 2 + extended], "big")
    plain = first in PLAIN and not masked and extended < 8 and length <= largest
    plain = plain and not (extended and length < _SHORT)
    return Head(first, 2 + extended + 4 * masked + length, plain)


class Incoming:
    """The bytes of one connection: given out as plain frames, or in pieces for the protocol.

    ``largest`` is the largest payload in bytes. A plain frame that is not yet whole waits here.
    """

    def __init__(self, largest: int) -> None:
        self._largest = largest
        self._pending: deque[bytes] = deque()
        self._data = b""
        self._pos = 0
        self._left = 0
        """Bytes that the protocol still needs for the frame that it has begun."""
        self._fragments = False
        self._short = False
        """Whether what is there is less than a plain frame."""

    def add(self, data: bytes) -> None:
        """Bytes came."""
        if self._short:
            data, self._data, self._pos, self._short = self._data[self._pos :] + data, b"", 0, False
        self._pending.append(data)

    def clear(self) -> None:
        """Forget everything."""
        self._pending.clear()
        self._data, self._pos, self._short = b"", 0, False

    @property
    def more(self) -> bool:
        """Whether something can be given out."""
        return bool(self._pending) or (self._pos < len(self._data) and not self._short)

    @property
    def begun(self) -> bool:
        """Whether less than a frame is here, or the protocol was given less than one."""
        return self._short or bool(self._left)

    def frames(self) -> list[PlainFrame]:
        """The plain frames that come next; none where another kind does."""
        if self._left or self._fragments or not self._load():
            return []
        self._pos, found = plain_frames(self._data, self._pos, BATCH, self._largest)
        if not found and self._pending and (head := self._next()) is not None and head.plain:
            self._pos, found = plain_frames(self._data, self._pos, BATCH, self._largest)
        return found

    def piece(self, *, framed: bool) -> bytes:
        """The next bytes for the protocol. While it is ``framed`` (``frames`` may be asked again) they
        end with their frame; nothing where a plain frame is not yet whole."""
        if not self._load():
            return b""
        size = SLICE
        if framed:
            if not self._left and not self._begin():
                return b""
            size = min(SLICE, self._left)
        found = self._data[self._pos : self._pos + size]
        self._pos += len(found)
        self._left = max(self._left - len(found), 0)
        return found

    def _begin(self) -> bool:
        """Look at the frame that comes next; False while it must wait."""
        head = self._next()
        if head is None:
            self._short = True
            return False
        self._left = head.size
        if head.opcode < _CONTROL:
            self._fragments = not head.fin
        return True

    def _next(self) -> Head | None:
        """The head of the next frame, a plain one's when it is whole; None while it must wait."""
        while True:
            head = head_at(self._data, self._pos, self._largest)
            if head is not None:
                whole = self._pos + head.size <= len(self._data)
                if whole or not head.plain or self._fragments:
                    return head
            if not self._pending:
                return None
            self._data, self._pos = self._data[self._pos :] + self._pending.popleft(), 0

    def _load(self) -> bool:
        if self._pos < len(self._data):
            return not self._short
        if not self._pending:
            return False
        self._data, self._pos = self._pending.popleft(), 0
        return True
