"""The fields and flags of the filter language: one row each."""

from __future__ import annotations

from typing import NamedTuple

from mqttx_tui.model.message import HTTP, WS_FRAME

COMPARE = ("==", "!=", "<", "<=", ">", ">=", "in")
EQUAL = ("==", "!=", "in")
TEXTUAL = (*COMPARE, "~", "!~", "contains")
OPERATORS = ("==", "=", "!=", "<=", ">=", "<", ">", "~", "!~", "contains", "in")


class FieldRow(NamedTuple):
    """``kind`` says what a value must be; ``example`` is a whole test."""

    name: str
    kind: str
    operators: tuple[str, ...]
    words: str
    example: str
    choices: tuple[str, ...] = ()


FIELDS: dict[str, FieldRow] = {
    row.name: row
    for row in (
        FieldRow("topic", "text", TEXTUAL, "topic", "topic == site/7/temp"),
        FieldRow("payload", "free", TEXTUAL, "payload", "payload contains error"),
        FieldRow("size", "bytes", COMPARE, "payload size", "size > 1kB"),
        FieldRow("wire", "bytes", COMPARE, "size on the wire", "wire > 4KiB"),
        FieldRow("qos", "number", COMPARE, "QoS", "qos > 0"),
        FieldRow("dir", "choice", EQUAL, "direction", "dir == out", ("in", "out")),
        FieldRow("conn", "text", (*EQUAL, "~", "!~", "contains"), "connection", "conn == A"),
        FieldRow("sub", "subscription", EQUAL, "subscription", "sub == site/#"),
        FieldRow("kind", "choice", EQUAL, "kind", "kind == text", ("mqtt", "text", "binary")),
        FieldRow("at", "time", COMPARE, "time", "at > 12:30"),
        FieldRow("age", "duration", COMPARE, "age", "age < 5m"),
        FieldRow("packet", "packet", EQUAL, "packet", "packet == PUBREC"),
        FieldRow("reason", "number", COMPARE, "reason", "reason >= 0x80"),
        FieldRow("count", "number", COMPARE, "messages of the topic", "count > 100"),
        FieldRow("rate", "rate", COMPARE, "rate of the topic", "rate > 10/s"),
    )
}

FLAGS: dict[str, str] = {
    "retained": "retained",
    "dup": "a duplicate",
    "empty": "empty",
    "binary": "binary",
    "json": "JSON",
    "changed": "different from the topic's message before",
    "sent": "sent",
    "received": "received",
    "error": "refused",
}

CHOICE_ALIASES = {
    "dir": {"received": "in", "rx": "in", "sent": "out", "tx": "out"},
    "kind": {"tx": "text", "bi": "binary"},
}

MESSAGE_FRAMES = 0x1000
"""Beside an opcode: the frames of a WebSocket message in the trace. No such type stands in a capture, whose
messages are told apart by ``kind``."""

PACKET_TYPES = {
    "publish": 3,
    "puback": 4,
    "pubrec": 5,
    "pubrel": 6,
    "pubcomp": 7,
    "connect": 1,
    "connack": 2,
    "subscribe": 8,
    "suback": 9,
    "unsubscribe": 10,
    "unsuback": 11,
    "pingreq": 12,
    "pingresp": 13,
    "disconnect": 14,
    "auth": 15,
    "close": WS_FRAME + 8,
    "ping": WS_FRAME + 9,
    "pong": WS_FRAME + 10,
    "text": MESSAGE_FRAMES + 1,
    "binary": MESSAGE_FRAMES + 2,
    "http": HTTP,
}
"""Control packets (MQTT 5.0 §2.1.2), frames (RFC 6455 §5.2) and the heads of an upgrade as
``packet`` names them; only the first five belong to messages, the others are found in the packet trace."""

PROPERTIES = (
    "payload_format_indicator",
    "message_expiry_interval",
    "content_type",
    "response_topic",
    "correlation_data",
    "subscription_identifier",
    "topic_alias",
)
"""The properties of a PUBLISH packet (MQTT 5.0 §3.3.2.3), as ``prop.`` names them."""
