"""From a captured message to the documents that the inspector shows. No widgets."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from mqttx_tui.capture.rows import ConnectionRow, FateRow
from mqttx_tui.model import shown
from mqttx_tui.model.message import (
    BINARY_FRAME,
    DUP,
    NOT_UTF8,
    OUTGOING,
    PAYLOAD_CUT,
    QUEUED,
    REPLAYED,
    WEBSOCKET,
    Message,
)
from mqttx_tui.model.state import ConnectionSnapshot
from mqttx_tui.model.visible import visible
from mqttx_tui.payload.base import Context
from mqttx_tui.ui.widgets.document import Document, LinesDocument, ReadBytes
from mqttx_tui.wire.describe import describe_properties
from mqttx_tui.wire.reasons import reason_name


def properties_document(
    message: Message,
    connection: ConnectionRow | None,
    fate: FateRow | None,
    decoder: str,
    more: Sequence[tuple[str, str]] = (),
) -> Document:
    """Everything around the payload: times, sizes, flags, properties, acknowledgement; ``more`` stands
    first, below the topic."""
    topic, *others = _rows(message, connection, fate, decoder)
    rows = [topic, *more, *others]
    width = max(len(name) for name, _ in rows)
    return LinesDocument([[(f"{name:<{width}}  ", "key"), (value, "text")] for name, value in rows])


def _rows(
    message: Message, connection: ConnectionRow | None, fate: FateRow | None, decoder: str
) -> list[tuple[str, str]]:
    seconds, rest = divmod(message.at, 1_000_000_000)
    clock = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))
    rows = [
        ("topic", visible(message.topic) if message.topic else "(none)"),
        ("connection", visible(f"{connection.letter} {connection.name}") if connection else "?"),
        ("url", visible(connection.url) if connection else "?"),
        ("direction", "sent" if message.outgoing else "received"),
        ("time", f"{clock}.{rest // 1000:06d}"),
        ("number", f"#{message.id:,}"),
        ("payload", f"{message.payload_size:,} bytes, {decoder}"),
        ("on the wire", f"{message.size:,} bytes"),
    ]
    if message.flags & WEBSOCKET:
        rows.append(("frame", "binary" if message.flags & BINARY_FRAME else "text"))
    else:
        rows.append(("QoS", str(message.qos)))
        rows.append(("flags", _flag_words(message.flags) or "none"))
    rows += [("note", text) for bit, text in _NOTES if message.flags & bit]
    if fate is not None:
        rows.append(("fate", fate_words(fate)))
    for field in describe_properties(message.properties or b""):
        rows.append((field.name.replace("_", " "), visible(_property_text(field.value), 500)))
    return rows


def _property_text(value: object) -> str:
    """Bytes as the text that they are, else in hexadecimal; a user property as ``name: value``."""
    if isinstance(value, tuple):
        return ": ".join(map(str, value))
    if not isinstance(value, bytes):
        return str(value)
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return value.hex(" ")
    return text if text.isprintable() else value.hex(" ")


_NOTES = (
    (PAYLOAD_CUT, "the payload was cut when it was captured"),
    (NOT_UTF8, "the payload is not UTF-8"),
    (REPLAYED, "replayed from a capture"),
)


def _flag_words(flags: int) -> str:
    words = ["retained"] if flags & 1 else []
    words += ["duplicate"] if flags & DUP else []
    words += ["queued when written"] if flags & QUEUED and flags & OUTGOING else []
    return ", ".join(words)


def fate_words(fate: FateRow) -> str:
    """What became of an outgoing message: ``✓ 14 ms``, ``✗ 0x87 Not authorized``, ``queued``."""
    if fate.state == "refused":
        if fate.reason is None:
            return "✗ refused"
        return f"✗ 0x{fate.reason:02X} {reason_name(fate.reason)}"
    if fate.state == "acknowledged":
        took = f" {shown.milliseconds(fate.milliseconds)}" if fate.milliseconds is not None else ""
        return f"✓{took}, 0x{fate.reason:02X} {reason_name(fate.reason)}" if fate.reason else f"✓{took}"
    return fate.state


def summary(message: Message) -> str:
    """``q1 retained · 28 B · 12:00:01.140 · #1,204,331``."""
    seconds, rest = divmod(message.at, 1_000_000_000)
    clock = time.strftime("%H:%M:%S", time.localtime(seconds)) + f".{rest // 1_000_000:03d}"
    if message.flags & WEBSOCKET:
        kind = "binary frame" if message.flags & BINARY_FRAME else "text frame"
    else:
        kind = " ".join(
            [f"q{message.qos}", *([_flag_words(message.flags)] if message.flags & (1 | DUP) else [])]
        )
    return f"{kind} · {shown.size(message.payload_size)} · {clock} · #{message.id:,}"


def subprotocol_of(message: Message, snapshot: ConnectionSnapshot | None, url: str) -> str:
    """What the message of a raw WebSocket was said in, as far as that is known."""
    if not message.flags & WEBSOCKET:
        return ""
    if snapshot is not None and snapshot.subprotocol:
        return snapshot.subprotocol
    return "socket.io" if "/socket.io/" in url else ""


def context_of(message: Message, subprotocol: str = "") -> Context:
    """What the message's flags and properties tell a decoder."""
    properties = {field.name: field.value for field in describe_properties(message.properties or b"")}
    indicator = properties.get("payload_format_indicator")
    return Context(
        topic=message.topic,
        content_type=str(properties.get("content_type", "")),
        format_indicator=int(indicator) if isinstance(indicator, int) else None,
        frame=bool(message.flags & WEBSOCKET),
        subprotocol=subprotocol,
        binary_frame=bool(message.flags & BINARY_FRAME),
    )


def reader_of(payload: Callable[[int, int, int | None], bytes], message: int) -> ReadBytes:
    """``read(offset, length)`` of one message's payload, from ``CaptureReader.payload``."""

    def read(offset: int, length: int) -> bytes:
        return payload(message, offset, length)

    return read
