"""A received PUBLISH as it stood on the wire, from what the capture keeps of its message."""

from __future__ import annotations

from mqttx_tui.wire.packets import V5
from mqttx_tui.wire.values import encode_varint

_PUBLISH = 0x30
_HEADER_BITS = 0x0F
_QOS_BITS = 0x06
_LONGEST_LENGTH = 4


def publish_bytes(
    topic: bytes,
    flags: int,
    packet_id: int | None,
    properties: bytes | None,
    payload: bytes,
    size: int,
    version: int,
) -> tuple[bytes, bool]:
    """The packet (MQTT 5.0 §3.3), and whether it is ``size`` bytes long as the one on the wire was.

    ``flags`` hold the header's low nibble; ``packet_id`` None stands as 0. Where the topic would make it
    too long it came by its alias, and stood there empty (MQTT 5.0 §3.3.2.3.4).
    """
    head = bytes((_PUBLISH | flags & _HEADER_BITS,))
    rest = (packet_id or 0).to_bytes(2, "big") if flags & _QOS_BITS else b""
    if version == V5:
        rest += encode_varint(len(properties or b"")) + (properties or b"")
    rest += payload
    for name in (topic, b"") if version == V5 else (topic,):
        body = len(name).to_bytes(2, "big") + name + rest
        length = encode_varint(len(body))
        missing = size - len(head) - len(body) - len(length)
        if 0 <= missing <= _LONGEST_LENGTH - len(length):
            return head + _padded(length, missing) + body, True
    body = len(topic).to_bytes(2, "big") + topic + rest
    return head + encode_varint(len(body)) + body, False


def _padded(length: bytes, by: int) -> bytes:
    """The same number in more bytes: devices with headers of a fixed size send such."""
    if not by:
        return length
    return length[:-1] + bytes((length[-1] | 0x80,)) + b"\x80" * (by - 1) + b"\x00"
