"""Packets out of chunks."""

from __future__ import annotations

import time

import pytest

from mqttx_tui.wire.encode import encode
from mqttx_tui.wire.errors import MalformedPacket
from mqttx_tui.wire.framing import Carry, Splitter
from mqttx_tui.wire.packets import Pingreq, Publish


def test_a_huge_packet_in_small_chunks_is_collected_in_linear_time() -> None:
    raw = encode(Publish("big", bytes(20_000_000)), 4)
    splitter = Splitter()
    started = time.perf_counter()
    got = []
    for at in range(0, len(raw), 1460):
        got += splitter.feed(raw[at : at + 1460])
    assert got == [raw]
    # 13,700 chunks: appending to one bytes object would copy 137 GB.
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize("step", [1, 2, 3, 7, 1000])
def test_small_steps(step: int) -> None:
    raws = [encode(Publish("a", bytes(size)), 4) for size in (0, 1, 124, 125, 126, 20_000)]
    data = b"".join(raws)
    splitter = Splitter()
    got = [raw for at in range(0, len(data), step) for raw in splitter.feed(data[at : at + step])]
    assert got == raws


def test_unfinished() -> None:
    splitter = Splitter()
    assert splitter.feed(b"\xc0\x00") == [b"\xc0\x00"]
    assert not splitter.unfinished
    splitter.feed(b"\x30")
    assert splitter.unfinished
    assert splitter.feed(b"\x03\x00\x01a") == [b"\x30\x03\x00\x01a"]
    assert not splitter.unfinished


def test_too_large_is_told_from_the_header_alone() -> None:
    ping = encode(Pingreq(), 4)
    splitter = Splitter(1000)
    assert len(splitter.feed(encode(Publish("a", bytes(994)), 4))) == 1
    with pytest.raises(MalformedPacket) as caught:
        splitter.feed(ping + encode(Publish("a", bytes(995)), 4)[:3])
    assert caught.value.reason == 0x95
    assert splitter.error_packets == [ping]


def test_a_short_packet_can_be_too_large() -> None:
    with pytest.raises(MalformedPacket) as caught:
        Splitter(10).feed(encode(Publish("a", bytes(20)), 4))
    assert caught.value.reason == 0x95


def test_an_endless_length_is_malformed() -> None:
    with pytest.raises(MalformedPacket) as caught:
        Splitter().feed(b"\x30\xff\xff\xff\xff")
    assert (caught.value.reason, caught.value.position) == (0x81, 1)


def test_carry_knows_what_it_waits_for() -> None:
    carry = Carry()
    raw = encode(Publish("a", bytes(1000)), 4)
    carry.keep(raw[:1], 0)
    data = carry.join(raw[1:10])
    carry.keep(data, 0)
    assert carry.unfinished
    assert carry.join(raw[10:500]) == b""
    assert carry.join(raw[500:] + b"\xc0") == raw + b"\xc0"
    assert not carry.unfinished
