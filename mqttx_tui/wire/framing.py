"""Whole packets out of a byte stream that arrives in arbitrary chunks (MQTT 5.0 §2.1)."""

from __future__ import annotations

from mqttx_tui.wire.errors import PACKET_TOO_LARGE, MalformedPacket

MAX_PACKET = 268_435_455 + 5
"""The largest packet that the fixed header can announce, itself included."""


def packet_size(data: bytes, start: int = 0) -> int:
    """The size of the packet at ``start``, fixed header included; 0 when its length is not yet there.

    A remaining length of more than four bytes raises ``MalformedPacket``. Padded lengths (``80 00``)
    are taken: devices with fixed header sizes send them, and MQTT 3.1.1 allows them.
    """
    length = 0
    end = min(len(data), start + 5)
    for index in range(start + 1, end):
        digit = data[index]
        length |= (digit & 0x7F) << 7 * (index - start - 1)
        if digit < 0x80:
            return length + index + 1 - start
    if end - start == 5:
        raise MalformedPacket(1, "a remaining length in four bytes at most")
    return 0


class Carry:
    """What was left over between two reads: less than one packet.

    A huge packet is collected as a list of chunks until the announced length is there, so nothing
    is copied more than once. ``max_packet`` bounds a packet with its fixed header, in bytes.
    """

    __slots__ = ("_chunks", "_held", "_wanted", "max_packet")

    def __init__(self, max_packet: int = MAX_PACKET) -> None:
        self.max_packet = max_packet
        self._chunks: list[bytes] = []
        self._held = 0
        self._wanted = 0

    @property
    def unfinished(self) -> bool:
        """Whether a packet was begun and is not complete ("cut off" when the link ends now)."""
        return self._held > 0

    def join(self, chunk: bytes) -> bytes:
        """The bytes to take apart: what was left and ``chunk``; empty while a packet is incomplete."""
        if not self._held:
            return chunk
        self._chunks.append(chunk)
        self._held += len(chunk)
        if self._held < self._wanted:
            return b""
        data = b"".join(self._chunks)
        self.clear()
        return data

    def keep(self, data: bytes, end: int) -> None:
        """Keep what follows ``end``, the start of an incomplete packet.

        Raises ``MalformedPacket`` with reason 0x95 when it announces more than ``max_packet``, and
        with 0x81 when its length is no length.
        """
        rest = data[end:]
        if not rest:
            return
        self._wanted = packet_size(rest)
        if self._wanted > self.max_packet:
            raise too_large(self._wanted, self.max_packet)
        self._chunks = [rest]
        self._held = len(rest)

    def clear(self) -> None:
        """Forget everything, as for a new connection."""
        self._chunks = []
        self._held = self._wanted = 0


def too_large(size: int, limit: int) -> MalformedPacket:
    """The error for a packet of ``size`` bytes where ``limit`` are allowed."""
    return MalformedPacket(1, f"at most {limit} bytes in a packet, not {size}", reason=PACKET_TOO_LARGE)


class Splitter:
    """Fed with chunks, gives whole raw packets (fixed header included).

    ``feed`` raises ``MalformedPacket`` for a length that is none and for a packet over
    ``max_packet`` bytes; the packets before it are then in ``error_packets``.
    """

    __slots__ = ("_carry", "error_packets")

    def __init__(self, max_packet: int = MAX_PACKET) -> None:
        self._carry = Carry(max_packet)
        self.error_packets: list[bytes] = []

    @property
    def unfinished(self) -> bool:
        """Whether a packet was begun and is not complete ("cut off" when the link ends now)."""
        return self._carry.unfinished

    @property
    def max_packet(self) -> int:
        """The largest packet taken, in bytes; may be set between feeds."""
        return self._carry.max_packet

    @max_packet.setter
    def max_packet(self, value: int) -> None:
        self._carry.max_packet = value

    def feed(self, chunk: bytes) -> list[bytes]:
        """The packets that ``chunk`` completes, in order."""
        data = self._carry.join(chunk)
        packets: list[bytes] = []
        if not data:
            return packets
        start, total, limit = 0, len(data), self._carry.max_packet
        try:
            while start + 1 < total:
                length = data[start + 1]
                size = length + 2 if length < 0x80 else packet_size(data, start)
                if size > limit:
                    raise too_large(size, limit)
                if not size or start + size > total:
                    break
                packets.append(data[start : start + size])
                start += size
            self._carry.keep(data, start)
        except MalformedPacket:
            self.error_packets = packets
            raise
        return packets
