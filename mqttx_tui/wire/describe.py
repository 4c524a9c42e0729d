"""A raw packet as named parts with their bytes: for the packet trace and the inspector."""

from __future__ import annotations

from mqttx_tui.wire.cursor import Field
from mqttx_tui.wire.decode import decode
from mqttx_tui.wire.errors import MalformedPacket
from mqttx_tui.wire.packets import PacketType
from mqttx_tui.wire.properties import decode_properties
from mqttx_tui.wire.reasons import reason_name

__all__ = ["Field", "describe", "describe_properties", "packet_name"]


def packet_name(kind: int) -> str:
    """``PUBLISH`` for 3, and so on."""
    return PacketType(kind).name if 1 <= kind <= 15 else f"type {kind}"


def describe(raw: bytes, version: int) -> list[Field]:
    """Every part of ``raw`` in order: (name, value, start, end), byte offsets in ``raw``.

    Never raises: where decoding fails, the last part is called ``malformed`` and says what was
    expected there. Names of properties are those of ``wire.properties``.
    """
    fields: list[Field] = []
    try:
        decode(raw, version, fields=fields)
    except MalformedPacket as problem:
        fields.append(Field("malformed", problem.message, min(problem.position, len(raw)), len(raw)))
    kind = raw[0] >> 4 if raw else 0
    return [_worded(field, kind, version) for field in fields]


def describe_properties(raw: bytes) -> list[Field]:
    """The MQTT 5 properties of a captured message (without their length), as stored; never raises."""
    fields: list[Field] = []
    try:
        decode_properties(raw, fields=fields)
    except MalformedPacket as problem:
        fields.append(Field("malformed", problem.message, min(problem.position, len(raw)), len(raw)))
    return fields


def _worded(field: Field, kind: int, version: int) -> Field:
    if field.name == "packet type and flags":
        return field._replace(name="packet", value=packet_name(kind))
    if field.name == "reason" and isinstance(field.value, int):
        name = reason_name(field.value, kind, version)
        return field._replace(value=f"0x{field.value:02X} {name}")
    return field
