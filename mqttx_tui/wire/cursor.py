"""Reading the standard's data types, with positions (MQTT 5.0 §1.5)."""

from __future__ import annotations

from typing import NamedTuple

from mqttx_tui.wire.errors import MALFORMED, PROTOCOL_ERROR, MalformedPacket

MAX_VARINT = 268_435_455


class Field(NamedTuple):
    """One decoded part of a packet: bytes ``start`` to ``end`` (exclusive) of it."""

    name: str
    value: object
    start: int
    end: int


class Cursor:
    """Reads ``data`` from ``pos`` to ``end``; each read names what it reads.

    With a ``fields`` list every part read is recorded there. Everything wrong raises
    ``MalformedPacket`` with the offset at which it stands, plus ``base`` where ``data`` is itself
    only a part of a packet.
    """

    __slots__ = ("base", "data", "end", "fields", "pos")

    def __init__(
        self, data: bytes, pos: int, end: int, fields: list[Field] | None = None, base: int = 0
    ) -> None:
        self.data = data
        self.pos = pos
        self.end = end
        self.fields = fields
        self.base = base

    def note(self, name: str, value: object, start: int, end: int | None = None) -> None:
        """Record a part; ``end`` is where reading stands when it is not given."""
        if self.fields is not None:
            self.fields.append(Field(name, value, start + self.base, (end or self.pos) + self.base))

    def fail(self, expected: str, at: int | None = None, reason: int = MALFORMED) -> MalformedPacket:
        """The error for position ``at`` (where reading stands when it is not given)."""
        return MalformedPacket((self.pos if at is None else at) + self.base, expected, reason=reason)

    def protocol_error(self, expected: str, at: int) -> MalformedPacket:
        """The error for something well formed that is not allowed."""
        return self.fail(expected, at, PROTOCOL_ERROR)

    @property
    def left(self) -> int:
        """How many bytes are left."""
        return self.end - self.pos

    def _need(self, count: int, name: str) -> int:
        start = self.pos
        if self.end - start < count:
            raise self.fail(f"{name} ({count} bytes), but the packet ends {self.end - start} bytes on")
        self.pos = start + count
        return start

    def byte(self, name: str) -> int:
        """One byte."""
        start = self._need(1, name)
        value = self.data[start]
        self.note(name, value, start)
        return value

    def short(self, name: str) -> int:
        """Two bytes, big endian."""
        return self._number(name, 2)

    def word(self, name: str) -> int:
        """Four bytes, big endian."""
        return self._number(name, 4)

    def _number(self, name: str, size: int) -> int:
        start = self._need(size, name)
        value = int.from_bytes(self.data[start : start + size], "big")
        self.note(name, value, start)
        return value

    def varint(self, name: str) -> int:
        """A variable byte integer in the fewest bytes (MQTT 5.0 §1.5.5)."""
        start = self.pos
        value = 0
        for shift in (0, 7, 14, 21):
            at = self._need(1, name)
            digit = self.data[at]
            value |= (digit & 0x7F) << shift
            if digit < 0x80:
                if digit == 0 and shift:
                    raise self.fail(f"{name} in the fewest bytes", start)
                self.note(name, value, start)
                return value
        raise self.fail(f"{name} in four bytes at most", start)

    def binary(self, name: str) -> bytes:
        """Two bytes of length and that many bytes."""
        start, begin, end = self._block(name)
        value = self.data[begin:end]
        self.note(name, value, start)
        return value

    def text(self, name: str) -> str:
        """A UTF-8 string without U+0000 (MQTT 5.0 §1.5.4)."""
        start, begin, end = self._block(name)
        value = check_text(self.data[begin:end], name, begin + self.base)
        self.note(name, value, start)
        return value

    def _block(self, name: str) -> tuple[int, int, int]:
        start = self._need(2, f"the length of {name}")
        length = self.data[start] << 8 | self.data[start + 1]
        begin = self._need(length, name)
        return start, begin, begin + length

    def rest(self, name: str) -> bytes:
        """Everything that is left."""
        start = self.pos
        self.pos = self.end
        value = self.data[start : self.end]
        if value:
            self.note(name, value, start)
        return value

    def packet_id(self) -> int:
        """A packet identifier, never 0 (MQTT 5.0 §2.2.1)."""
        value = self.short("packet id")
        if not value:
            raise self.protocol_error("a packet identifier other than 0", self.pos - 2)
        return value

    def done(self) -> None:
        """Raise when something is left."""
        if self.pos != self.end:
            raise self.fail(f"the end of the packet, but {self.left} bytes follow")


def check_text(data: bytes, name: str, position: int) -> str:
    """``data`` as text; invalid UTF-8 and U+0000 raise ``MalformedPacket`` (MQTT 5.0 §1.5.4)."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise MalformedPacket(position + error.start, f"valid UTF-8 in {name}") from None
    if "\0" in text:
        raise MalformedPacket(position + data.index(0), f"no U+0000 in {name}")
    return text
