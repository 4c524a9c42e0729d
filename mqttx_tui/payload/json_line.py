"""A message as one JSON object: what ``sub --json`` prints and what is copied as a JSON line."""

from __future__ import annotations

import base64
import json
import time
from functools import lru_cache
from typing import Any

from mqttx_tui.model.message import BINARY_FRAME, DUP, OUTGOING, RETAIN, WEBSOCKET, qos_of


def message_object(
    at: int, topic: str, flags: int, payload: bytes, connection: str, properties: dict[str, Any]
) -> dict[str, Any]:
    """The object's fields; ``payload_base64`` where the payload is not UTF-8.

    ``at`` in ns since 1970, ``flags`` as in the capture, ``properties`` decoded, by name.
    """
    fields: dict[str, Any] = {
        "time": iso_time(at),
        "connection": connection,
        "direction": "out" if flags & OUTGOING else "in",
        "topic": topic,
        "qos": qos_of(flags),
        "retain": bool(flags & RETAIN),
        "dup": bool(flags & DUP),
    }
    if flags & WEBSOCKET:
        fields["frame"] = "binary" if flags & BINARY_FRAME else "text"
    try:
        fields["payload"] = payload.decode()
    except UnicodeDecodeError:
        fields["payload_base64"] = base64.b64encode(payload).decode()
    fields["properties"] = json_properties(properties)
    return fields


def json_properties(properties: dict[str, Any]) -> dict[str, Any]:
    """MQTT 5 properties as JSON values; binary ones that are not UTF-8 become ``{"base64": …}``."""
    return {name: _json_value(value) for name, value in properties.items()}


def _json_value(value: Any) -> Any:
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return {"base64": base64.b64encode(value).decode()}
    return value


_as_it_is = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
_in_ascii = json.JSONEncoder(separators=(",", ":")).encode


def dump(fields: dict[str, Any], *, ascii_only: bool) -> bytes:
    """One line, without its end."""
    text = _in_ascii(fields) if ascii_only else _as_it_is(fields)
    return text.encode("utf-8", "backslashreplace")


@lru_cache(maxsize=8)
def _iso_second(second: int) -> tuple[str, str]:
    local = time.localtime(second)
    zone = time.strftime("%z", local)
    return time.strftime("%Y-%m-%dT%H:%M:%S", local), f"{zone[:3]}:{zone[3:]}"


def iso_time(at: int) -> str:
    """ISO 8601 in local time with microseconds and the offset."""
    second, rest = divmod(at, 1_000_000_000)
    day, zone = _iso_second(second)
    return f"{day}.{rest // 1000:06d}{zone}"
