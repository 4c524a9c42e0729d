"""Heads of WebSocket frames without I/O: taken apart, made again, and named part by part (RFC 6455 §5.2)."""

from __future__ import annotations

from typing import NamedTuple

from mqttx_tui.wire.cursor import Field

OPCODES = {0: "continuation", 1: "text", 2: "binary", 8: "close", 9: "ping", 10: "pong"}
"""RFC 6455 §11.8."""
LONGEST = 14
"""Bytes of the longest head: 2, a length of 8, a key of 4."""
CONTROL = 8
"""Opcodes from here on are control frames (RFC 6455 §5.5)."""

_FIN, _MASK, _RSV1 = 0x80, 0x80, 4
_SHORT, _LONG = 126, 127


class FrameHead(NamedTuple):
    """``rsv`` holds the three reserved bits, RSV1 = 4; ``length`` is the payload's, in bytes, as it went
    over the wire; ``size`` that of the head itself; ``key`` is empty where nothing is masked."""

    fin: bool
    rsv: int
    opcode: int
    length: int
    size: int
    key: bytes

    @property
    def compressed(self) -> bool:
        """RSV1: permessage-deflate, the one extension that is asked for (RFC 7692 §6)."""
        return bool(self.rsv & _RSV1)


def head_of(data: bytes, pos: int = 0) -> FrameHead | None:
    """The head that begins at ``pos``; None while not all of it is there."""
    if len(data) < pos + 2:
        return None
    first, second = data[pos], data[pos + 1]
    length, end = second & 0x7F, pos + 2
    if length >= _SHORT:
        end += 2 if length == _SHORT else 8
        length = int.from_bytes(data[pos + 2 : end], "big")
    key_at = end
    end += 4 * bool(second & _MASK)
    if len(data) < end:
        return None
    return FrameHead(bool(first & _FIN), first >> 4 & 7, first & 15, length, end - pos, data[key_at:end])


def heads_of(data: bytes) -> list[tuple[int, FrameHead]]:
    """Heads that stand one behind the other, each with its place; what is less than a head is left out."""
    found: list[tuple[int, FrameHead]] = []
    pos = 0
    while (head := head_of(data, pos)) is not None:
        found.append((pos, head))
        pos += head.size
    return found


def plain_head(opcode: int, length: int) -> bytes:
    """The shortest head of a whole, final, unmasked frame without extensions."""
    first = bytes((_FIN | opcode,))
    if length < _SHORT:
        return first + bytes((length,))
    if length < 1 << 16:
        return first + bytes((_SHORT,)) + length.to_bytes(2, "big")
    return first + bytes((_LONG,)) + length.to_bytes(8, "big")


def unmasked(data: bytes, key: bytes) -> bytes:
    """``data`` with the mask taken off (RFC 6455 §5.3); for the few bytes of control frames."""
    return bytes(byte ^ key[place & 3] for place, byte in enumerate(data)) if key else data


def describe_head(data: bytes, pos: int = 0) -> list[Field]:
    """Every part of the head at ``pos``: (name, value, start, end), byte offsets in ``data``."""
    head = head_of(data, pos)
    if head is None:
        return []
    end = pos + head.size
    key_at = end - len(head.key)
    fields = [
        Field("fin", head.fin, pos, pos + 1),
        Field("extensions", _extensions(head), pos, pos + 1),
        Field("opcode", opcode_name(head.opcode), pos, pos + 1),
        Field("mask", bool(head.key), pos + 1, pos + 2),
        Field("payload length", head.length, pos + 1, key_at),
    ]
    if head.key:
        fields.append(Field("masking key", head.key.hex(" "), key_at, end))
    return fields


def opcode_name(opcode: int) -> str:
    """``binary`` for 2, and so on."""
    return OPCODES.get(opcode, f"opcode {opcode}")


def _extensions(head: FrameHead) -> str:
    """What the reserved bits say: only RSV1 has a meaning among what is asked for."""
    if not head.rsv:
        return "none"
    bits = [f"RSV{3 - bit}" for bit in (2, 1, 0) if head.rsv & 1 << bit]
    return " ".join([*bits, *(["permessage-deflate"] if head.compressed else [])])
