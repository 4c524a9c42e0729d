"""Which WebSocket frames brought which MQTT packet, however the one is cut into the other."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mqttx_tui.demo.broker.server import Broker
from mqttx_tui.model.message import HTTP, WS_FRAME, Outgoing
from mqttx_tui.model.profile import Subscription
from mqttx_tui.session import pump, ws_trace
from mqttx_tui.session.ws_trace import WireRows
from mqttx_tui.transport import websocket
from mqttx_tui.transport.base import Frame
from mqttx_tui.wire.encode import encode
from mqttx_tui.wire.frame_heads import plain_head
from mqttx_tui.wire.framing import Carry
from mqttx_tui.wire.packets import Packet, Pingresp, Puback, Publish, Pubrel, Suback
from mqttx_tui.wire.publishes import Inbound, Taken, take
from tests.session.conftest import Rig
from tests.support.sinks import MemorySink
from tests.support.wait import FACTOR, eventually

AT = 5_000_000_000
PACKETS: st.SearchStrategy[Packet] = st.sampled_from(
    [
        Pingresp(),
        Puback(3),
        Suback(1, (0,)),
        Pubrel(7),
        Publish("kept", b""),
        Publish("kept", b"x" * 200, 1, packet_id=5),
        Publish("left/out", b"y" * 20),
    ]
)


class Reading:
    """The bytes of frames on their way through the reader, in chunks as a link hands them over."""

    def __init__(self) -> None:
        self.sink = MemorySink(exclude=["left/#"])
        self.wire = WireRows(self.sink)
        self.found: list[tuple[bytes, bytes]] = []
        """(packet, heads) of what is no PUBLISH."""
        self._inbound = Inbound(5, {}, self.sink.topic)
        self._carry = Carry()
        self._came = 0

    def turn(self, frames: list[bytes]) -> None:
        """One turn of a link: these payloads came."""
        self.wire.carried(self._came, [plain_head(2, len(frame)) for frame in frames])
        chunk = b"".join(frames)
        self._came += len(chunk)
        data = self._carry.join(chunk)
        start, more = 0, bool(data)
        while more:
            taken = take(self._inbound, data, start, AT, 3)
            assert taken.error is None
            first = self.sink.messages(taken.rows) if taken.rows else 0  # type: ignore[arg-type]
            self.wire.packets(data, start, self._came - len(data) + start, taken, first)
            self._ask(taken)
            start, more = taken.end, taken.more
        if data:
            self._carry.keep(data, start)

    def _ask(self, taken: Taken) -> None:
        for receipt in taken.receipts:
            if receipt[0] == 0x70:
                raw = bytes((0x62, 2)) + receipt[1].to_bytes(2, "big")
                self.found.append((raw, self.wire.frame_of(raw[0], len(raw))))
        for other in taken.others:
            self.found.append((other.raw, self.wire.frame_of(other.raw[0], len(other.raw))))

    def frames(self) -> dict[int, bytes]:
        """Heads by message."""
        return {row.message or 0: row.frame for row in self.sink.packets}


@settings(max_examples=200, deadline=None)
@given(st.lists(PACKETS, max_size=15), st.integers(0, 2**32))
def test_every_packet_finds_its_frames(packets: list[Packet], seed: int) -> None:
    chance = random.Random(seed)
    stream = b"".join(encode(packet, 5) for packet in packets)
    frames, pos = [], 0
    while pos < len(stream):
        size = chance.choice((1, 2, 5, 60, 300))
        frames.append(stream[pos : pos + size])
        pos += size
    reading, waiting = Reading(), list(frames)
    while waiting:
        count = chance.randint(1, 6)
        reading.turn(waiting[:count])
        del waiting[:count]

    def heads(start: int, end: int) -> bytes:
        found, at = b"", 0
        for frame in frames:
            if at < end and at + len(frame) > start:
                found += plain_head(2, len(frame))
            at += len(frame)
        return found

    others, kept, at = [], [], 0
    for packet in packets:
        raw = encode(packet, 5)
        span = heads(at, at + len(raw))
        if not isinstance(packet, Publish):
            others.append((raw, span))
        elif packet.topic == "kept":
            kept.append(span)
        at += len(raw)
    assert sorted(reading.found) == sorted(others)
    assert reading.frames() == dict(enumerate(kept, 1))
    assert {row.type for row in reading.sink.packets} <= {WS_FRAME + 2}


def test_a_flood_costs_no_rows() -> None:
    reading = Reading()
    raw = encode(Publish("kept", b"x"), 5)
    taken = take(Inbound(5, {}, lambda _: 1), raw * 100, 0, AT, 1000)
    reading.wire.carried(0, [plain_head(2, len(raw) * 100)])
    reading.wire.packets(raw * 100, 0, 0, taken, 1)
    assert not reading.sink.packets


def test_after_a_thousand_messages_in_a_second_no_more_are_kept() -> None:
    reading = Reading()
    raw = encode(Publish("kept", b"x"), 5)
    for _ in range(ws_trace.MAX_FRAMES + 5):
        reading.turn([raw])
    assert len(reading.sink.packets) == ws_trace.MAX_FRAMES
    ping = encode(Pingresp(), 5)
    reading.turn([raw, ping])
    assert reading.found == [(ping, plain_head(2, 2))]


def test_a_flood_of_pings_becomes_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    sink = MemorySink()
    wire, now = WireRows(sink), [AT]
    monkeypatch.setattr(sink, "now", lambda: now[0])
    for _ in range(ws_trace.MAX_PINGS):
        wire.control(Frame(9, b"x", 3, heads=b"\x89\x01"), out=False)
        wire.control(Frame(10, b"x", 7, heads=b"\x8a\x81mask"), out=True)
    assert len(sink.packets) == ws_trace.MAX_PINGS
    now[0] += 1_000_000_000
    wire.control(Frame(9, b"y", 3, heads=b"\x89\x01"), out=False)
    wire.control(Frame(8, b"", 2, code=1005, heads=b"\x88\x00"), out=False)
    half = ws_trace.MAX_PINGS // 2
    assert [(row.type, row.direction, row.count) for row in sink.packets[ws_trace.MAX_PINGS :]] == [
        (WS_FRAME + 9, 0, half),
        (WS_FRAME + 10, 1, half),
        (WS_FRAME + 9, 0, 1),
        (WS_FRAME + 8, 0, 1),
    ]


async def test_mqtt_is_left_with_the_closing_handshake(
    rig: Callable[..., Rig], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pump, "PARTING_SECONDS", 10 * FACTOR)
    monkeypatch.setattr(websocket, "CLOSE_SECONDS", 10 * FACTOR)
    broker = Broker(ws_port=0)
    await broker.start()
    try:
        made = rig(f"mqtt+ws://127.0.0.1:{broker.ws_port}/mqtt", subscriptions=(Subscription("t/#", 1),))
        await made.connect()
        made.session.publish(Outgoing("t/1", bytes(300), 1))
        await eventually(lambda: len(made.sink.payloads()) == 1, "it came back")
        running = made.running
        assert running is not None
        await made.session.close()
        await running
    finally:
        await broker.stop()
    rows = made.sink.packets
    assert [(row.direction, row.reason) for row in rows if row.type == HTTP] == [(1, None), (0, 101)]
    assert [(row.direction, row.reason) for row in rows if row.type == WS_FRAME + 8] == [(1, 1000), (0, 1000)]
    assert all(row.frame for row in rows if row.type <= 15)
    [carrier] = [row for row in rows if row.type == WS_FRAME + 2]
    assert (carrier.message, carrier.direction) == (2, 0)
