"""Frames of the control channel: ``uint32 header length, header, uint32 body length, body``.

Lengths are big-endian. The header is a JSON object in UTF-8, the body raw bytes: payloads and
answers to prompts travel only there. Without I/O; both ends use it.
"""

from __future__ import annotations

import json
import struct
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from mqttx_tui.model.errors import AppError

VERSION = 1
HEADER_LIMIT = 8 * 1024 * 1024
BODY_LIMIT = 268_435_455 + 65_536
READ_SIZE = 256 * 1024
_LENGTH = struct.Struct("!I")


class ChannelError(AppError):
    """The peer broke the framing: nothing after it can be read."""


@dataclass(frozen=True, slots=True)
class ControlFrame:
    """One request, reply or event."""

    header: dict[str, Any]
    body: bytes = field(default=b"", repr=False)


class ByteReader(Protocol):
    """What ``frames`` reads from: an ``asyncio.StreamReader``."""

    async def read(self, n: int) -> bytes:
        """Up to ``n`` bytes; empty at the end."""


def encode_frame(header: dict[str, Any], body: bytes = b"") -> bytes:
    """The bytes of one frame. Raises ``ChannelError`` when a part is over its limit."""
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")
    if len(text) > HEADER_LIMIT:
        raise ChannelError(f"a control header of {len(text)} bytes is over {HEADER_LIMIT}")
    if len(body) > BODY_LIMIT:
        raise ChannelError(
            f"{len(body)} bytes are more than a message may hold ({BODY_LIMIT})", title="Message too large"
        )
    return b"".join((_LENGTH.pack(len(text)), text, _LENGTH.pack(len(body)), body))


class FrameSplitter:
    """Cuts a byte stream into frames, whatever its chunks are."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._header_length = -1
        self._body_length = -1

    @property
    def partial(self) -> bool:
        """Whether the stream stands in the middle of a frame."""
        return bool(self._buffer)

    def feed(self, data: bytes) -> list[ControlFrame]:
        """Take bytes; returns the frames that they complete.

        Raises ``ChannelError`` for a length over its limit and for a header that is no JSON object.
        """
        self._buffer += data
        frames = []
        while (frame := self._next()) is not None:
            frames.append(frame)
        return frames

    def _next(self) -> ControlFrame | None:
        if self._header_length < 0:
            if len(self._buffer) < 4:
                return None
            self._header_length = self._length(0, HEADER_LIMIT, "header")
        head = 4 + self._header_length
        if self._body_length < 0:
            if len(self._buffer) < head + 4:
                return None
            self._body_length = self._length(head, BODY_LIMIT, "body")
        end = head + 4 + self._body_length
        if len(self._buffer) < end:
            return None
        view = memoryview(self._buffer)
        text, body = bytes(view[4:head]), bytes(view[head + 4 : end])
        view.release()
        del self._buffer[:end]
        self._header_length = self._body_length = -1
        return ControlFrame(_header(text), body)

    def _length(self, position: int, limit: int, what: str) -> int:
        length = int(_LENGTH.unpack_from(self._buffer, position)[0])
        if length > limit:
            raise ChannelError(f"a control {what} of {length} bytes is over {limit}")
        return length


def _header(text: bytes) -> dict[str, Any]:
    try:
        header = json.loads(text.decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError) as error:
        raise ChannelError(f"a control header is not JSON: {error}") from None
    if not isinstance(header, dict):
        raise ChannelError("a control header is not a JSON object")
    return header


async def frames(reader: ByteReader) -> AsyncIterator[ControlFrame]:
    """The frames of a stream until it ends; raises ``ChannelError`` when the framing is broken."""
    splitter = FrameSplitter()
    while data := await reader.read(READ_SIZE):
        for frame in splitter.feed(data):
            yield frame
