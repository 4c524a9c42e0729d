"""The framing of the control channel."""

from __future__ import annotations

import asyncio
import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mqttx_tui.engine.channel import (
    BODY_LIMIT,
    HEADER_LIMIT,
    ChannelError,
    ControlFrame,
    FrameSplitter,
    encode_frame,
    frames,
)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
headers = st.dictionaries(st.text(max_size=8), json_values, max_size=5)


@settings(max_examples=150)
@given(st.lists(st.tuples(headers, st.binary(max_size=300)), max_size=5), st.data())
def test_any_chunking_gives_the_same_frames(messages: list[tuple[dict[str, Any], bytes]], data: Any) -> None:
    stream = b"".join(encode_frame(header, body) for header, body in messages)
    splitter, seen, position = FrameSplitter(), [], 0
    while position < len(stream):
        length = data.draw(st.integers(1, len(stream) - position))
        seen += splitter.feed(stream[position : position + length])
        position += length
    assert [(frame.header, frame.body) for frame in seen] == messages
    assert not splitter.partial


def test_every_byte_on_its_own() -> None:
    stream = encode_frame({"op": "publish"}, b"\0\xff\n{") + encode_frame({"op": "clear"})
    splitter = FrameSplitter()
    seen = [frame for byte in stream for frame in splitter.feed(bytes([byte]))]
    assert seen == [ControlFrame({"op": "publish"}, b"\0\xff\n{"), ControlFrame({"op": "clear"}, b"")]


@pytest.mark.parametrize(
    "stream",
    [
        struct.pack("!I", HEADER_LIMIT + 1),
        struct.pack("!I", 2) + b"{}" + struct.pack("!I", BODY_LIMIT + 1),
        struct.pack("!I", 2) + b"[]" + struct.pack("!I", 0),
        struct.pack("!I", 3) + b"{a}" + struct.pack("!I", 0),
        struct.pack("!I", 4) + b"{}\xff\xff" + struct.pack("!I", 0),
        struct.pack("!I", 200_000) + b"[" * 200_000 + struct.pack("!I", 0),
    ],
)
def test_a_broken_frame_is_refused(stream: bytes) -> None:
    with pytest.raises(ChannelError):
        FrameSplitter().feed(stream)


def test_a_header_and_a_body_over_the_limit_are_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mqttx_tui.engine.channel.HEADER_LIMIT", 10)
    monkeypatch.setattr("mqttx_tui.engine.channel.BODY_LIMIT", 10)
    with pytest.raises(ChannelError):
        encode_frame({"long": "x" * 10})
    with pytest.raises(ChannelError):
        encode_frame({}, b"x" * 11)
    assert encode_frame({}, b"x" * 10)


async def test_a_large_body_arrives_whole() -> None:
    body = bytes(range(256)) * 4096 * 20
    reader = asyncio.StreamReader()
    reader.feed_data(encode_frame({"op": "publish"}, body))
    reader.feed_eof()
    assert [frame.body == body async for frame in frames(reader)] == [True]
