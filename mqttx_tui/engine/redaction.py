"""Secrets out of control packets on their way to the capture."""

from __future__ import annotations

from mqttx_tui.engine.handshake import is_hidden
from mqttx_tui.model.message import HTTP, WS_FRAME, PacketRow

CONNECT = 1


class Redaction:
    """``capture.sink.Redact`` for all connections: remembers which version each of them speaks."""

    def __init__(self) -> None:
        self._versions: dict[int, int] = {}

    def __call__(self, row: PacketRow, secrets: tuple[str, ...]) -> tuple[bytes, bool]:
        """The bytes to store, and whether something was made unreadable."""
        from mqttx_tui.wire.redact import redact, redact_headers, redact_http  # not before a connection

        if row.type == HTTP:
            head, hidden = redact_headers(row.raw, is_hidden)
            raw, changed = redact_http(head, secrets)
            return raw, hidden or changed
        if row.type >= WS_FRAME:
            return redact_http(row.raw, secrets)
        if row.type == CONNECT:
            self._versions[row.connection] = protocol_level(row.raw)
        return redact(row.raw, self._versions.get(row.connection, 5), secrets)


def protocol_level(connect: bytes) -> int:
    """The level in a CONNECT packet (MQTT 5.0 §3.1.2.2): 3, 4 or 5; 5 where it cannot be read."""
    start = 1
    while start < len(connect) and connect[start] & 0x80:
        start += 1
    name = start + 1
    level = name + 2 + int.from_bytes(connect[name : name + 2], "big")
    return connect[level] & 0x7F if level < len(connect) and connect[level] & 0x7F in (3, 4, 5) else 5
