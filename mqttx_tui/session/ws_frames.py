"""From WebSocket frames to rows of the capture, and back."""

from __future__ import annotations

from mqttx_tui.model.errors import InputError
from mqttx_tui.model.jsonpath import parse_path
from mqttx_tui.model.message import (
    BINARY_FRAME,
    NOT_UTF8,
    OUTGOING,
    WEBSOCKET,
    Outgoing,
    Row,
)
from mqttx_tui.model.topics import MAX_TOPIC_BYTES
from mqttx_tui.payload.fields import extract_text
from mqttx_tui.session.base import Sink
from mqttx_tui.session.ws_trace import IN, OUT, WireRows
from mqttx_tui.transport.base import Frame
from mqttx_tui.wire.publishes import TakenRow

TEXT, BINARY = 1, 2
TOPIC_FROM_LIMIT = 1_000_000
"""Longest payload in bytes that is parsed for its topic: parsing happens between two reads."""
MOST_FRAGMENTS = 10_000
"""Frames that a message may be divided into: more would only make the link wait."""
KNOWN_TOPICS = 20_000
"""Topic ids remembered here; a server chooses the topics, so the table is emptied when it is full."""


class FrameRows:
    """Makes rows; collects received ones so that the sink takes those of one turn at once.

    Raises ``InputError`` for a ``topic_from`` that cannot be read.
    """

    def __init__(self, sink: Sink, topic_from: str) -> None:
        if topic_from:
            parse_path(topic_from)
        self._sink = sink
        self._topic_from = topic_from
        self.wire = WireRows(sink, self.flush)
        self._rows: list[TakenRow] = []
        self._framed: list[tuple[int, Frame]] = []
        """Those of them whose frames cannot be told from the row, by its place."""
        self._excluded = 0
        self._told = False
        self._at = 0
        self._ids: dict[str, int | None] = {}
        self._revision = sink.revision

    def topic_of(self, payload: bytes) -> str:
        """What ``topic_from`` finds in a payload, else empty."""
        if not self._topic_from:
            return ""
        if len(payload) > TOPIC_FROM_LIMIT:
            self._unlooked()
            return ""
        found = extract_text(payload, self._topic_from) or ""
        return found[: MAX_TOPIC_BYTES // 4]

    def _unlooked(self) -> None:
        """Said once: the message itself is kept, under the empty topic."""
        if not self._told:
            self._told = True
            limit = f"{TOPIC_FROM_LIMIT:,} bytes"
            self._sink.event("topic_from", f"payloads of more than {limit} are not looked at for their topic")

    def received(self, frame: Frame, topic: str) -> None:
        """Keep a received message until ``flush``."""
        if not self._rows:
            self._at = self._sink.now()
        ident = self._id_of(topic)
        if ident is None:
            self._excluded += 1
            return
        flags = WEBSOCKET
        if frame.opcode == BINARY:
            flags |= BINARY_FRAME
        if not (frame.valid and (frame.opcode != BINARY or is_utf8(frame.payload))):
            flags |= NOT_UTF8
        if frame.heads:
            self._framed.append((len(self._rows), frame))
        self._rows.append((self._at, ident, flags, frame.size, frame.payload, None))

    def flush(self) -> None:
        """Hand over what was received."""
        if self._excluded:
            self._sink.excluded(self._excluded)
            self._excluded = 0
        if self._rows:
            rows, self._rows = self._rows, []
            first = self._sink.messages(rows)  # type: ignore[arg-type]
            framed, self._framed = self._framed, []
            for place, frame in framed:
                self.wire.message(self._at, IN, first + place, frame.opcode, frame.size, frame.heads)

    def sent(self, outgoing: Outgoing, size: int) -> int:
        """Record a sent message after everything received before it; its id, 0 when excluded."""
        self.flush()
        ident = self._id_of(self.topic_of(outgoing.payload))
        if ident is None:
            return 0
        flags = WEBSOCKET | OUTGOING
        if outgoing.binary:
            flags |= BINARY_FRAME
            if not is_utf8(outgoing.kept):
                flags |= NOT_UTF8
        at = self._sink.now()
        message = self._sink.messages([Row(at, ident, flags, size, outgoing.kept, None)])
        opcode = BINARY if outgoing.binary else TEXT
        self.wire.message(at, OUT, message, opcode, size, self.wire.sent)
        return message

    def _id_of(self, topic: str) -> int | None:
        if self._sink.revision != self._revision or len(self._ids) > KNOWN_TOPICS:
            self._revision = self._sink.revision
            self._ids.clear()
        if topic not in self._ids:
            self._ids[topic] = self._sink.topic(topic)
        return self._ids[topic]


def is_utf8(data: bytes) -> bool:
    """Whether ``data`` is valid UTF-8."""
    if data.isascii():
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def check_fragments(outgoing: Outgoing) -> None:
    """Raise ``InputError`` for a number of frames that no message is divided into (RFC 6455 §5.4)."""
    if not 1 <= outgoing.fragments <= MOST_FRAGMENTS:
        raise InputError(
            f"a message goes in 1 to {MOST_FRAGMENTS:,} frames, not in {outgoing.fragments:,}",
            title="Not sent",
        )


def check_text(outgoing: Outgoing) -> None:
    """Raise ``InputError`` for bytes that a text frame may not carry (RFC 6455 §5.6)."""
    if outgoing.binary:
        return
    try:
        outgoing.payload.decode()
    except UnicodeDecodeError as error:
        raise InputError(
            f"byte {error.start + 1}: a text frame must be UTF-8", title="Not UTF-8", hint="send it as binary"
        ) from None
