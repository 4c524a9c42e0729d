"""Heads of HTTP messages as named parts with their bytes (RFC 9112 §2.1): for the packet trace."""

from __future__ import annotations

from mqttx_tui.wire.cursor import Field

_END = b"\r\n"


def describe_http(head: bytes) -> list[Field]:
    """The first line and every header in order: (name, value, start, end), byte offsets in ``head``.

    Never raises. Names and values are decoded as Latin-1, and come from outside.
    """
    fields: list[Field] = []
    start = 0
    while start < len(head):
        end = head.find(_END, start)
        end = len(head) if end < 0 else end
        line = head[start:end].decode("latin-1")
        if not line:
            break
        if not fields:
            name = "status" if line.startswith("HTTP/") else "request" if " HTTP/" in line else "no HTTP"
            fields.append(Field(name, line.removeprefix("HTTP/1.1 "), start, end))
        else:
            name, _, value = line.partition(":")
            fields.append(Field(name.strip(), value.strip(), start, end))
        start = end + len(_END)
    return fields


def header(fields: list[Field], name: str) -> str:
    """The value of a header, by its name in small letters; empty where it is missing."""
    return next((str(field.value) for field in fields[1:] if field.name.lower() == name), "")
