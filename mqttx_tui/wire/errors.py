"""The error of bytes that the standard does not allow."""

from __future__ import annotations

from mqttx_tui.model.errors import AppError
from mqttx_tui.wire.reasons import reason_name

MALFORMED = 0x81
PROTOCOL_ERROR = 0x82
UNSUPPORTED_VERSION = 0x84
TOPIC_NAME_INVALID = 0x90
TOPIC_ALIAS_INVALID = 0x94
PACKET_TOO_LARGE = 0x95


class MalformedPacket(AppError):
    """A packet that the standard forbids (MQTT 5.0 §4.13).

    ``position`` is the byte offset in the packet at which it went wrong (0: the first byte of the
    fixed header), ``expected`` says what should have stood there, ``reason`` is the code for the
    DISCONNECT or CONNACK that answers it.
    """

    def __init__(self, position: int, expected: str, *, reason: int = MALFORMED) -> None:
        super().__init__(f"byte {position}: expected {expected}", title=reason_name(reason))
        self.position = position
        self.expected = expected
        self.reason = reason

    def __reduce__(self) -> tuple[object, ...]:
        return (_again, (self.position, self.expected, self.reason))


def _again(position: int, expected: str, reason: int) -> MalformedPacket:
    return MalformedPacket(position, expected, reason=reason)
