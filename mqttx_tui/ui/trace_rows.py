"""One packet of the trace as a line, its parts, and its bytes. No widgets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from mqttx_tui.capture.trace import IN, Entry, TraceReader
from mqttx_tui.model.message import DROPPED, HTTP, PAYLOAD_CUT, SUMMARY, WS_FRAME, qos_of
from mqttx_tui.model.shown import milliseconds
from mqttx_tui.model.visible import visible, visible_bytes
from mqttx_tui.ui.safe import fit, fit_right
from mqttx_tui.ui.trace_layers import Opened, below, frame_words, http_words, open_frames, open_http
from mqttx_tui.ui.widgets.ink import Piece
from mqttx_tui.ui.widgets.stream_row import time_text
from mqttx_tui.wire.cursor import Field
from mqttx_tui.wire.describe import describe, packet_name
from mqttx_tui.wire.frame_heads import opcode_name
from mqttx_tui.wire.reasons import reason_name
from mqttx_tui.wire.rebuild import publish_bytes

TYPE_CELLS, SIZE_CELLS, ID_CELLS, LATENCY_CELLS = 11, 8, 6, 9
TIME_CELLS = 12
_REFUSED = 0x80
_HTTP_REFUSED = 400
_SHOWN_TEXT = 200
_LEFT_OUT = frozenset({"packet", "remaining length", "property length", "options", "connect flags"})


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry as it is shown: its name, one line of what it says, and how long it answered after (ms)."""

    entry: Entry
    name: str
    said: str
    bad: bool
    latency: float | None


def kind_name(kind: int) -> str:
    """``SUBACK``, ``ping``, ``HTTP``, ``acks``."""
    if kind == SUMMARY:
        return "acks"
    if kind == DROPPED:
        return "dropped"
    if kind == HTTP:
        return "HTTP"
    if kind & WS_FRAME:
        return opcode_name(kind & 0xF)
    return packet_name(kind)


def look_at(entry: Entry, trace: TraceReader) -> Shown:
    """What a line says of an entry."""
    before = trace.answered(entry)
    latency = None if before is None else max(entry.at - before.at, 0) / 1e6
    fields = describe(entry.head, trace.level(entry)) if entry.head and entry.type <= 15 else []
    refused = _HTTP_REFUSED if entry.type == HTTP else _REFUSED
    bad = (entry.reason or 0) >= refused and not entry.type & WS_FRAME
    return Shown(entry, kind_name(entry.type), _said(entry, fields), bad, latency)


def _said(entry: Entry, fields: Sequence[Field]) -> str:
    if entry.type == SUMMARY:
        return f"{entry.count:,} more in this second, not one by one"
    if entry.received_publish:
        return _publish_words(
            visible(entry.topic), qos_of(entry.flags), bool(entry.flags & 1), bool(entry.flags & 8)
        )
    if entry.type == HTTP:
        return http_words(entry)
    if entry.type & WS_FRAME:
        return frame_words(entry)
    if entry.type not in _SAID:
        return _reason_words(entry)
    return _SAID[entry.type](fields) if fields else "(secret)" if entry.redacted else ""


def _reason_words(entry: Entry) -> str:
    return "" if not entry.reason else f"0x{entry.reason:02X} {reason_name(entry.reason, entry.type)}"


def _values(fields: Sequence[Field], *names: str) -> list[Any]:
    return [field.value for field in fields if field.name in names]


def _publish_words(topic: str, qos: int, retain: bool, dup: bool) -> str:
    return f"{topic}  q{qos}" + (" retained" if retain else "") + (" dup" if dup else "")


def _publish(fields: Sequence[Field]) -> str:
    found = {field.name: field.value for field in fields}
    topic = visible(str(found.get("topic", "")))
    qos = found.get("qos", 0)
    return _publish_words(
        topic, qos if isinstance(qos, int) else 0, bool(found.get("retain")), bool(found.get("dup"))
    )


def _connect(fields: Sequence[Field]) -> str:
    found = {field.name: field.value for field in fields}
    level = {3: "3.1", 4: "3.1.1", 5: "5"}.get(found.get("protocol level", 0), "?")  # type: ignore[call-overload]
    words = [f"MQTT {level}", f"client {visible(str(found.get('client id', '')))}"]
    words += ["clean start"] if found.get("clean start") else ["resumes the session"]
    words += [f"keepalive {found.get('keepalive')} s"]
    words += [f"will {visible(str(found['will topic']))}"] if "will topic" in found else []
    return " · ".join(words)


def _connack(fields: Sequence[Field]) -> str:
    words = [str(reason) for reason in _values(fields, "reason", "return code")]
    if any(_values(fields, "session present")):
        words.append("session present")
    return " · ".join([*words, *_properties(fields)])


def _subscribe(fields: Sequence[Field]) -> str:
    filters, levels = _values(fields, "topic filter"), _values(fields, "qos")
    words = [
        f"{visible(str(name))} q{level}"
        for name, level in zip(filters, [*levels, *["?"] * len(filters)], strict=False)
    ]
    return ", ".join(words)


def _plain(fields: Sequence[Field]) -> str:
    words = [visible(str(value)) for value in _values(fields, "reason", "return code", "topic filter")]
    return " · ".join([", ".join(words), *_properties(fields)] if words else _properties(fields))


def _properties(fields: Sequence[Field]) -> list[str]:
    skip = {
        *_LEFT_OUT,
        "reason",
        "return code",
        "session present",
        "acknowledge flags",
        "packet id",
        "topic filter",
    }
    return [f"{field.name} {value_text(field.value)}" for field in fields if field.name not in skip]


_SAID: dict[int, Callable[[Sequence[Field]], str]] = {
    1: _connect,
    2: _connack,
    3: _publish,
    4: _plain,
    5: _plain,
    6: _plain,
    7: _plain,
    8: _subscribe,
    9: _plain,
    10: _plain,
    11: _plain,
    14: _plain,
    15: _plain,
}


def value_text(value: object) -> str:
    """A decoded value as safe text."""
    if isinstance(value, bytes):
        return visible_bytes(value[:_SHOWN_TEXT])
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return " = ".join(visible(str(part)[:_SHOWN_TEXT]) for part in value)
    return visible(str(value)[:_SHOWN_TEXT])


def line_pieces(shown: Shown, letter: str, cells: int) -> list[Piece]:
    """Columns: time, letter, arrow, type, size, packet identifier, latency, and what it says."""
    entry = shown.entry
    wide = cells >= 90
    came = entry.direction == IN
    number = f"#{entry.packet_id}" if entry.packet_id else ""
    clock = time_text(entry.at, "ms" if wide else "short")
    pieces: list[Piece] = [
        (f"{clock} ", "dim"),
        (letter, "text"),
        ("← " if came else "→ ", "in" if came else "out"),
    ]
    pieces.append((fit(shown.name, TYPE_CELLS) + " ", "bad" if shown.bad else "strong"))
    pieces.append((fit_right(f"{entry.size:,}" if entry.size else "", SIZE_CELLS - 2) + "  ", "dim"))
    if wide:
        pieces.append((fit(number, ID_CELLS) + " ", "dim"))
    answered = "" if shown.latency is None else milliseconds(shown.latency)
    pieces.append((fit_right(answered, LATENCY_CELLS - 1) + "  ", "dim"))
    pieces.append((shown.said, "bad" if shown.bad else "text"))
    return pieces


def open_entry(
    entry: Entry, trace: TraceReader, payload: bytes, flags: int, properties: bytes | None
) -> Opened:
    """Take an entry apart; ``payload``, ``flags`` and ``properties`` are its message's, if it has one."""
    notes = ["secrets are replaced by ********"] if entry.redacted else []
    if entry.received_publish:
        level = trace.level(entry)
        packet_id = trace.packet_id_of(entry.message or 0)
        topic = entry.topic.encode("utf-8", "surrogatepass")
        raw, whole = publish_bytes(topic, entry.flags, packet_id, properties, payload, entry.size, level)
        if qos_of(entry.flags) and packet_id is None:
            notes.append(
                "its packet identifier was not kept: acknowledged with more than 1,000 others that second"
            )
        if not whole or flags & PAYLOAD_CUT:
            notes.append(f"{entry.size:,} bytes on the wire, of which these were kept")
        return below(entry, trace, Opened(raw, tuple(describe(raw, level)), tuple(notes)))
    raw = trace.raw(entry)
    if entry.type == HTTP:
        return open_http(raw, tuple(notes))
    if entry.type & WS_FRAME:
        return open_frames(entry, trace, raw or payload, tuple(notes))
    if not raw:
        return below(entry, trace, Opened(b"", (), (*notes, "its bytes were not kept")))
    if len(raw) < entry.size:
        notes.append(f"the first {len(raw):,} of {entry.size:,} bytes; the payload stands in its message")
    fields = describe(raw, trace.level(entry))
    if len(raw) < entry.size:
        fields = [field for field in fields if field.name != "malformed"]
    return below(entry, trace, Opened(raw, tuple(fields), tuple(notes)))
