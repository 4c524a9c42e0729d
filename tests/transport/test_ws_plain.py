"""Plain frames taken apart at once give what the Sans-I/O protocol gives, however the bytes come."""

from __future__ import annotations

import random
from collections import Counter

from hypothesis import example, given, settings
from hypothesis import strategies as st
from websockets.frames import Frame as RawFrame
from websockets.frames import Opcode
from websockets.protocol import OPEN
from websockets.uri import parse_uri

from mqttx_tui.transport.base import Frame
from mqttx_tui.transport.ws_frames import Joiner, SizedProtocol, message
from mqttx_tui.transport.ws_plain import BATCH, SLICE, Incoming, head_at, plain_frames
from mqttx_tui.wire.frame_heads import FrameHead, head_of, heads_of

LARGEST = 70_000
Sent = tuple[int, bytes, bool, bool]
"""(opcode, payload, FIN, masked: which no server may do)."""

SIZES = st.sampled_from([0, 1, 125, 126, 200, 4096, 65_535, 65_536, LARGEST, LARGEST + 1])
FRAMES = st.one_of(
    st.tuples(st.sampled_from([1, 2]), SIZES.map(lambda size: b"x" * size), st.just(True), st.just(False)),
    st.tuples(st.sampled_from([9, 10]), st.just(b"ping"), st.just(True), st.just(False)),
    st.tuples(st.sampled_from([0, 1, 2]), st.just(b"part"), st.booleans(), st.just(False)),
    st.tuples(st.just(1), st.just(b"masked"), st.just(True), st.booleans()),
    st.tuples(st.just(1), st.just(b"caf\xe9"), st.just(True), st.just(False)),
    st.tuples(st.just(8), st.just(b"\x03\xe8"), st.just(True), st.just(False)),
)
PLAIN: Sent = (1, b"x" * 200, True, False)


def stream_of(frames: list[Sent]) -> bytes:
    """As they are on the wire."""
    raw = (RawFrame(Opcode(opcode), data, fin=fin) for opcode, data, fin, _ in frames)
    return b"".join(one.serialize(mask=masked) for one, (*_, masked) in zip(raw, frames, strict=True))


def heads(frames: list[Frame]) -> list[FrameHead]:
    """Those of the frames that brought these, where they are told of."""
    return [head for frame in frames for _, head in heads_of(frame.heads)]


def heads_in(stream: bytes) -> list[FrameHead]:
    """All of them, as they stand on the wire."""
    found, pos = [], 0
    while (head := head_of(stream, pos)) is not None:
        found.append(head)
        pos += head.size + head.length
    return found


class Taken:
    """A protocol without a network, and the messages that came of it."""

    def __init__(self) -> None:
        self.protocol = SizedProtocol(parse_uri("ws://localhost/"), state=OPEN, max_size=LARGEST)
        self.incoming = Incoming(LARGEST)
        self.frames: list[Frame] = []
        self.plain = 0
        self._joiner = Joiner()

    def feed(self, data: bytes) -> None:
        """Straight to the protocol."""
        self.protocol.receive_data(data)
        found = (self._joiner.take(*each) for each in self.protocol.frames_received())
        self.frames += [frame for frame in found if frame is not None]

    def work(self) -> None:
        """As a link does, until nothing is left."""
        while True:
            framed = self.protocol.state is OPEN
            frames = self.incoming.frames() if framed else []
            self.plain += len(frames)
            self.frames += [message(*frame, 1) for frame in frames]
            piece = b"" if frames else self.incoming.piece(framed=framed)
            assert len(piece) <= SLICE
            if piece:
                self.feed(piece)
            elif not frames:
                assert not self.incoming.more
                return


@settings(max_examples=200, deadline=None)
@given(st.lists(FRAMES, max_size=12), st.integers(0, 2**32), st.booleans())
@example(
    [PLAIN, (9, b"", True, False), PLAIN, (1, b"a", False, False), (0, b"b", True, False), PLAIN], 1, True
)
def test_it_gives_what_the_protocol_gives(frames: list[Sent], seed: int, at_once: bool) -> None:
    stream, chance = stream_of(frames), random.Random(seed)
    plainly, quickly = Taken(), Taken()
    plainly.feed(stream)
    start = 0
    while start < len(stream):
        end = start + chance.choice((1, 2, 3, 7, 50, 300, 6000, 100_000))
        quickly.incoming.add(stream[start:end])
        if at_once or chance.random() < 0.5:  # else it comes faster than it is worked on
            quickly.work()
        start = end
    quickly.work()
    assert quickly.frames == plainly.frames
    assert [frame.heads for frame in quickly.frames] == [frame.heads for frame in plainly.frames]
    assert not Counter(heads(plainly.frames)) - Counter(heads_in(stream))
    assert type(quickly.protocol.parser_exc) is type(plainly.protocol.parser_exc)
    assert quickly.protocol.state is plainly.protocol.state


def test_a_flood_goes_past_the_protocol() -> None:
    taken = Taken()
    stream = stream_of([PLAIN] * 3000 + [(9, b"", True, False)] + [PLAIN] * 3000)
    for start in range(0, len(stream), 10_000):
        taken.incoming.add(stream[start : start + 10_000])
        taken.work()
    assert (taken.plain, len(taken.frames)) == (6000, 6001)


def test_what_is_begun_is_known_until_it_is_whole() -> None:
    taken = Taken()
    for byte in stream_of([PLAIN]):
        taken.incoming.add(bytes((byte,)))
        assert not taken.frames
        taken.work()
        assert taken.incoming.begun is not bool(taken.frames)
    assert taken.frames == [Frame(1, b"x" * 200, 204)]


def test_a_call_is_bounded_and_a_frame_that_is_not_plain_ends_it() -> None:
    assert plain_frames(b"\x82\x00" * (BATCH + 1), 0, BATCH, 10) == (2 * BATCH, [(2, b"", 2)] * BATCH)
    for other in (
        b"\x01\x01a",
        b"\x89\x00",
        b"\x81\x81mask",
        b"\xc1\x01a",
        b"\x81\x7e\0\x01a",
        b"\x81\x0bhello world",
    ):
        assert plain_frames(b"\x81\x01a" + other, 0, BATCH, 10) == (3, [(1, b"a", 3)])
        head = head_at(b"\x81\x01a" + other, 3, 10)
        assert head is not None
        assert not head.plain


def test_a_length_in_more_bytes_than_it_needs_is_kept_as_it_came() -> None:
    taken = Taken()
    for byte in b"\x81\x01a\x82\x7e\0\x02bc\x81\x01d":
        taken.incoming.add(bytes((byte,)))
        taken.work()
    assert taken.frames == [Frame(1, b"a", 3), Frame(2, b"bc", 6), Frame(1, b"d", 3)]
    assert [frame.heads for frame in taken.frames] == [b"", b"\x82\x7e\0\x02", b""]
