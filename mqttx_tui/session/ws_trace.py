"""What passes below the messages of a WebSocket, as rows of the capture: ``transport.base.Tap``.

HTTP heads and close frames always; pings and pongs while there are fewer than a thousand a second, else
one row of each kind a second with their number; the frames that carried messages while there are fewer
than a thousand of those: a flood must not cost a second row for each of its messages.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from typing import NamedTuple

from mqttx_tui.model.message import HTTP, WS_FRAME, PacketRow
from mqttx_tui.session.base import Sink
from mqttx_tui.transport.base import Frame
from mqttx_tui.wire.frame_heads import head_of, heads_of
from mqttx_tui.wire.framing import packet_size
from mqttx_tui.wire.publishes import Taken, TakenRow

IN, OUT = 0, 1
MAX_FRAMES = 1000
"""Rows a second that tell of the frames of messages."""
MAX_PINGS = 1000
"""Rows a second of pings and pongs."""
HEADS_REMEMBERED = 256
"""Frames that wait for somebody to ask which packet they brought."""
MOST_ROWS = 64
"""More messages in one batch are a flood."""
_PUBLISH = 3
_CLOSE = 8
_SECOND = 1_000_000_000


class _Carrier(NamedTuple):
    """A frame that brought the bytes ``start`` to ``end`` of an MQTT stream."""

    start: int
    end: int
    head: bytes


class WireRows:
    """``before`` is called before a row, to hand over the messages that came earlier."""

    def __init__(self, sink: Sink, before: Callable[[], None] = lambda: None) -> None:
        self._sink = sink
        self._before = before
        self.sent = b""
        """Heads of the data frames that were written last."""
        self._carriers: deque[_Carrier] = deque(maxlen=HEADS_REMEMBERED)
        self._found: list[tuple[int, int, bytes]] = []
        """(first byte, size, heads of frames) of the packets taken last that are no PUBLISH."""
        self._second = 0
        self._rows = 0
        self._ping_second = 0
        self._pings = 0
        self._more: Counter[tuple[int, int]] = Counter()
        """Pings and pongs of this second that have no row, by direction and opcode."""

    # transport.base.Tap

    def http(self, head: bytes, *, out: bool, status: int | None = None) -> None:
        """See ``Tap``."""
        self._before()
        at = self._sink.now()
        self._tell_more(at)
        self._sink.packet(PacketRow(at, 0, int(out), HTTP, reason=status, raw=head))

    def control(self, frame: Frame, *, out: bool) -> None:
        """See ``Tap``."""
        self._before()
        at = self._sink.now()
        if frame.opcode == _CLOSE or at // _SECOND != self._ping_second:
            self._tell_more(at)
        if frame.opcode != _CLOSE:
            self._pings += 1
            if self._pings > MAX_PINGS:
                self._more[int(out), frame.opcode] += 1
                return
        self._sink.packet(
            PacketRow(
                *(at, 0, int(out), WS_FRAME + frame.opcode),
                reason=frame.code,
                raw=frame.payload,
                size=frame.size,
                frame=frame.heads,
            )
        )

    def _tell_more(self, at: int) -> None:
        """Tell of what was only counted so far, and count from here where another second has begun."""
        for (direction, opcode), count in self._more.items():
            self._sink.packet(PacketRow(at, 0, direction, WS_FRAME + opcode, count=count))
        self._more.clear()
        if at // _SECOND != self._ping_second:
            self._ping_second, self._pings = at // _SECOND, 0

    def written(self, heads: bytes) -> None:
        """See ``Tap``."""
        self.sent = heads

    def carried(self, start: int, heads: list[bytes]) -> None:
        """See ``Tap``."""
        for raw in heads:
            head = head_of(raw)
            if head is not None:
                self._carriers.append(_Carrier(start, start + head.length, raw))
                start += head.length

    # The frames of messages.

    def message(self, at: int, direction: int, ident: int, opcode: int, size: int, heads: bytes) -> None:
        """Message ``ident`` went in frames with these heads; ``size`` bytes, heads included."""
        if at // _SECOND != self._second:
            self._second, self._rows = at // _SECOND, 0
        if self._rows < MAX_FRAMES:
            self._rows += 1
            count = len(heads_of(heads))
            self._sink.packet(
                PacketRow(*(at, 0, direction, WS_FRAME + opcode, ident), count=count, size=size, frame=heads)
            )

    # MQTT in frames.

    def packets(self, data: bytes, start: int, place: int, taken: Taken, first: int) -> None:
        """Packets were taken from ``data`` at ``start``, which is byte ``place`` of the stream; ``first`` is
        the id of the first row. Costs nothing where no frames are remembered."""
        carriers = self._carriers
        while carriers and carriers[0].end <= place:
            carriers.popleft()
        self._found = []
        if not carriers or self._flooded(taken):
            return
        row = 0
        while carriers and start < taken.end and carriers[0].start < place + taken.end - start:
            size = packet_size(data, start)
            heads = self._heads(place, size)
            if data[start] >> 4 != _PUBLISH:
                self._found.append((data[start], size, heads))
            elif row < len(taken.rows) and _same(taken.rows[row], data, start, size):
                if heads:
                    self._publish(taken.rows[row], first + row, heads)
                row += 1
            start, place = start + size, place + size

    def _flooded(self, taken: Taken) -> bool:
        """Whether looking for the frames of these packets would cost too much, or for nothing."""
        rows = taken.rows
        spent = bool(rows) and rows[0][0] // _SECOND == self._second and self._rows >= MAX_FRAMES
        return len(rows) > MOST_ROWS or (spent and not taken.others)

    def _heads(self, start: int, size: int) -> bytes:
        """Those of the frames that brought these bytes of the stream; empty where one is not known."""
        found = [one for one in self._carriers if one.start < start + size and one.end > start]
        if not found or found[0].start > start or found[-1].end < start + size:
            return b""
        return b"".join(one.head for one in found)

    def _publish(self, row: TakenRow, ident: int, heads: bytes) -> None:
        carried = heads_of(heads)
        opcode = carried[0][1].opcode or 2
        size = sum(head.size + head.length for _, head in carried)
        self.message(row[0], IN, ident, opcode, size, heads)

    def frame_of(self, first: int, size: int) -> bytes:
        """Heads of the frames that brought a packet with this first byte and size, in order of asking."""
        for place, (byte, length, heads) in enumerate(self._found):
            if (byte, length) == (first, size):
                del self._found[place]
                return heads
        return b""


def _same(row: TakenRow, data: bytes, start: int, size: int) -> bool:
    """Whether the PUBLISH at ``start`` is what a row holds: those of excluded topics have none."""
    return row[3] == size and data.endswith(row[4], start, start + size)
