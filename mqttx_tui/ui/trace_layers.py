"""What stands below control packets in the trace: WebSocket frames, the HTTP of an upgrade. No widgets."""

from __future__ import annotations

from dataclasses import dataclass

from mqttx_tui.capture.trace import IN, Entry, TraceReader
from mqttx_tui.model.close_codes import meaning
from mqttx_tui.model.message import DROPPED, SUMMARY
from mqttx_tui.model.visible import visible, visible_bytes
from mqttx_tui.wire.cursor import Field
from mqttx_tui.wire.frame_heads import FrameHead, describe_head, heads_of, opcode_name, plain_head
from mqttx_tui.wire.http_heads import describe_http, header

CLOSE = 8
MOST_PAYLOAD = 262_144
"""Bytes of a payload that are taken into a dump."""
_MOST_FRAMES = 300


@dataclass(frozen=True, slots=True)
class Opened:
    """A packet taken apart: its bytes, its parts with their spans, and notes about either."""

    raw: bytes
    fields: tuple[Field, ...]
    notes: tuple[str, ...]


def http_words(entry: Entry) -> str:
    """``GET /mqtt HTTP/1.1 · localhost:9001``, ``101 Switching Protocols · mqtt``."""
    fields = describe_http(entry.head)
    if not fields:
        return "(secret)" if entry.redacted else ""
    said = ("host",) if fields[0].name == "request" else ("location", "sec-websocket-protocol")
    return " · ".join(
        visible(word) for word in (str(fields[0].value), *(header(fields, n) for n in said)) if word
    )


def frame_words(entry: Entry) -> str:
    """``1000 normal closure · bye``, the payload of a ping, topic and payload of a message."""
    if entry.row and entry.count > 1:
        return f"{entry.count:,} more in this second, not one by one"
    if _broke(entry):
        return "the connection ended over it"
    if entry.type & 0xF == CLOSE:
        words = [] if entry.reason is None else [f"{entry.reason} {meaning(entry.reason)}".strip()]
        return " · ".join([*words, *([visible_bytes(entry.head[2:])] if len(entry.head) > 2 else [])])
    return " · ".join([*([visible(entry.topic)] if entry.topic else []), visible_bytes(entry.head)])


def _broke(entry: Entry) -> bool:
    """Whether it is the frame that the peer could not be forgiven: only its head is kept."""
    return bool(entry.row and entry.frame) and entry.size > len(entry.frame) and not entry.head


def open_http(raw: bytes, notes: tuple[str, ...]) -> Opened:
    """The head of an upgrade's request or answer, line by line."""
    fields = [field._replace(name=visible(field.name)) for field in describe_http(raw)]
    return Opened(raw, tuple(fields), notes if raw else (*notes, "its bytes were not kept"))


def open_frames(entry: Entry, trace: TraceReader, payload: bytes, notes: tuple[str, ...]) -> Opened:
    """A control frame, or the frames of a message, before its payload: unmasked, and inflated."""
    heads, count = trace.frames(entry)
    if not heads and not entry.row:
        heads = _rebuilt(entry, payload)
    found = heads_of(heads)
    if not found:
        return Opened(payload, (), (*notes, *([] if entry.count > 1 else [_not_kept(trace)])))
    if len(found) > 1 or count > 1:
        return _fragments(found, count, payload, notes)
    head = found[0][1]
    if _broke(entry):
        return Opened(heads, tuple(describe_head(heads)), (*notes, "its payload was not kept"))
    fields = [*describe_head(heads), *_payload_fields(entry, payload, len(heads))]
    if head.key:
        notes = (*notes, "the payload is shown unmasked")
    if not head.compressed and head.length != len(payload) < MOST_PAYLOAD:
        notes = (*notes, f"its payload had {head.length:,} bytes on the wire")
    if head.compressed:
        notes = (*notes, f"the payload is shown inflated: {head.length:,} bytes on the wire")
    return Opened(heads + payload, tuple(fields), notes)


def _not_kept(trace: TraceReader) -> str:
    if not trace.keeps_frames:
        return "its WebSocket frame was not kept: the capture is of an earlier version"
    return "its WebSocket frame was not kept: a flood, more than 1,000 messages a second or many at once"


def _rebuilt(entry: Entry, payload: bytes) -> bytes:
    """The head of a received message's frame where its size leaves no doubt: whole, without extensions."""
    whole = len(payload) < MOST_PAYLOAD
    for size in (2, 4, 10):
        length = entry.size - size
        head = plain_head(entry.type & 0xF, max(length, 0))
        if entry.direction == IN and len(head) == size and (not whole or length == len(payload)):
            return head
    return b""


def _payload_fields(entry: Entry, payload: bytes, at: int) -> list[Field]:
    end = at + len(payload)
    if entry.type & 0xF != CLOSE:
        return [Field("payload", payload, at, end)] if payload else []
    fields = [] if len(payload) < 2 else [Field("close code", entry.reason, at, at + 2)]
    return fields + ([Field("close reason", payload[2:], at + 2, end)] if len(payload) > 2 else [])


def _fragments(
    found: list[tuple[int, FrameHead]], count: int, payload: bytes, notes: tuple[str, ...]
) -> Opened:
    """Each frame with what it held of the payload; where they are compressed that cannot be told."""
    fields = [Field("frames", count, 0, 0)]
    at = 0
    plain = not any(head.compressed for _, head in found)
    for number, (_, head) in enumerate(found[:_MOST_FRAMES], 1):
        span = (at, min(at + head.length, len(payload))) if plain else (0, 0)
        fields.append(Field(f"frame {number}", _summary(head), *span))
        at += head.length
    if count > len(found[:_MOST_FRAMES]):
        notes = (*notes, f"the first {len(found[:_MOST_FRAMES]):,} of {count:,} frames")
    return Opened(payload, tuple(fields), notes)


def _summary(head: FrameHead) -> str:
    """``binary, not the last, masked, deflated, 30 bytes``."""
    words = [
        opcode_name(head.opcode),
        *([] if head.fin else ["not the last"]),
        *(["masked"] if head.key else []),
    ]
    return ", ".join([*words, *(["deflated"] if head.compressed else []), f"{head.length:,} bytes"])


def below(entry: Entry, trace: TraceReader, opened: Opened) -> Opened:
    """An MQTT packet, and the frame that carried it below its own parts."""
    if entry.type in (SUMMARY, DROPPED) or not (entry.frame or trace.over_websocket(entry)):
        return opened
    heads, _ = trace.frames(entry)
    found = heads_of(heads)
    if not found:
        return Opened(opened.raw, opened.fields, (*opened.notes, _not_kept(trace)))
    if len(found) > 1:
        fields = [
            Field(f"frame {number}", _summary(head), 0, 0)
            for number, (_, head) in enumerate(found[:_MOST_FRAMES], 1)
        ]
        return Opened(opened.raw, (*opened.fields, *fields), opened.notes)
    head, notes = found[0][1], opened.notes
    if head.key:
        notes = (*notes, "the frame's payload is shown unmasked")
    if head.length == entry.size:
        at = len(heads)
        moved = [field._replace(start=field.start + at, end=field.end + at) for field in opened.fields]
        return Opened(heads + opened.raw, (*moved, *_below(describe_head(heads))), notes)
    loose = [field._replace(start=0, end=0) for field in _below(describe_head(heads))]
    shared = f"its frame carried {head.length:,} bytes: other packets came in it, too"
    return Opened(opened.raw, (*opened.fields, *loose), (*notes, shared))


def _below(fields: list[Field]) -> list[Field]:
    """Their names say that they are the frame's, not the packet's."""
    return [field._replace(name=f"frame {field.name}") for field in fields]
