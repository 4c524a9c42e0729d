"""What the bodies of several packets share."""

from __future__ import annotations

from collections.abc import Mapping

from mqttx_tui.wire.cursor import Cursor
from mqttx_tui.wire.errors import TOPIC_NAME_INVALID
from mqttx_tui.wire.packets import V5, PacketType, Properties
from mqttx_tui.wire.properties import decode_properties
from mqttx_tui.wire.reasons import may_hold


def properties(cursor: Cursor, packet: int) -> Properties:
    """The length and the properties of ``packet`` (a packet type or ``properties.WILL``)."""
    length = cursor.varint("property length")
    start = cursor.pos
    if length > cursor.left:
        raise cursor.fail(f"{length} bytes of properties, but {cursor.left} are left", start)
    cursor.pos = start + length
    raw = cursor.data[start : cursor.pos]
    return decode_properties(raw, packet, base=start + cursor.base, fields=cursor.fields)


def reason(cursor: Cursor, packet: int, version: int = V5) -> int:
    """A reason code that the standard allows in ``packet`` (a packet type)."""
    code = cursor.byte("reason")
    if version >= V5 and not may_hold(packet, code):
        raise cursor.protocol_error(
            f"a reason code of {PacketType(packet).name}, not 0x{code:02X}", cursor.pos - 1
        )
    return code


def wildcard_free(cursor: Cursor, topic: str, start: int) -> str:
    """``topic``, read from ``start`` on, unless it holds a wildcard (MQTT 5.0 §3.3.2.1)."""
    for wildcard in "+#":
        if wildcard in topic:
            at = start + 2 + len(topic[: topic.index(wildcard)].encode())
            raise cursor.fail("a topic name without wildcards", at, TOPIC_NAME_INVALID)
    return topic


def flag_bits(cursor: Cursor, at: int, values: Mapping[str, object]) -> None:
    """Record the parts of the byte at ``at``."""
    for name, value in values.items():
        cursor.note(name, value, at, at + 1)
