"""MQTT 5 properties: names, types, and which packets hold which (MQTT 5.0 §2.2.2)."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

from mqttx_tui.model.errors import InputError
from mqttx_tui.wire.cursor import MAX_VARINT, Cursor, Field
from mqttx_tui.wire.errors import PROTOCOL_ERROR, TOPIC_ALIAS_INVALID
from mqttx_tui.wire.packets import PacketType as P
from mqttx_tui.wire.packets import Properties, PropertyValue
from mqttx_tui.wire.values import encode_binary, encode_number, encode_text, encode_varint

WILL = 0
"""Stands for the will's properties where a packet type is asked for."""


class Kind(Enum):
    """How a property's value is written."""

    FLAG = "flag"
    BIT = "bit"
    SHORT = "short"
    WORD = "word"
    VARINT = "varint"
    TEXT = "text"
    BINARY = "binary"
    PAIR = "pair"


class Property(NamedTuple):
    """One row of the standard's table. ``packets`` holds packet types and ``WILL``."""

    code: int
    name: str
    kind: Kind
    packets: frozenset[int]
    nonzero: bool = False


_ACKS = (P.PUBACK, P.PUBREC, P.PUBREL, P.PUBCOMP, P.SUBACK, P.UNSUBACK)
_EVERY = (WILL, *(kind for kind in P if kind not in (P.PINGREQ, P.PINGRESP)))


def _row(code: int, name: str, kind: Kind, *packets: int, nonzero: bool = False) -> Property:
    return Property(code, name, kind, frozenset(int(packet) for packet in packets), nonzero)


PROPERTIES: tuple[Property, ...] = (
    _row(0x01, "payload_format_indicator", Kind.BIT, P.PUBLISH, WILL),
    _row(0x02, "message_expiry_interval", Kind.WORD, P.PUBLISH, WILL),
    _row(0x03, "content_type", Kind.TEXT, P.PUBLISH, WILL),
    _row(0x08, "response_topic", Kind.TEXT, P.PUBLISH, WILL),
    _row(0x09, "correlation_data", Kind.BINARY, P.PUBLISH, WILL),
    _row(0x0B, "subscription_identifier", Kind.VARINT, P.PUBLISH, P.SUBSCRIBE, nonzero=True),
    _row(0x11, "session_expiry_interval", Kind.WORD, P.CONNECT, P.CONNACK, P.DISCONNECT),
    _row(0x12, "assigned_client_identifier", Kind.TEXT, P.CONNACK),
    _row(0x13, "server_keep_alive", Kind.SHORT, P.CONNACK),
    _row(0x15, "authentication_method", Kind.TEXT, P.CONNECT, P.CONNACK, P.AUTH),
    _row(0x16, "authentication_data", Kind.BINARY, P.CONNECT, P.CONNACK, P.AUTH),
    _row(0x17, "request_problem_information", Kind.FLAG, P.CONNECT),
    _row(0x18, "will_delay_interval", Kind.WORD, WILL),
    _row(0x19, "request_response_information", Kind.FLAG, P.CONNECT),
    _row(0x1A, "response_information", Kind.TEXT, P.CONNACK),
    _row(0x1C, "server_reference", Kind.TEXT, P.CONNACK, P.DISCONNECT),
    _row(0x1F, "reason_string", Kind.TEXT, P.CONNACK, *_ACKS, P.DISCONNECT, P.AUTH),
    _row(0x21, "receive_maximum", Kind.SHORT, P.CONNECT, P.CONNACK, nonzero=True),
    _row(0x22, "topic_alias_maximum", Kind.SHORT, P.CONNECT, P.CONNACK),
    _row(0x23, "topic_alias", Kind.SHORT, P.PUBLISH, nonzero=True),
    _row(0x24, "maximum_qos", Kind.BIT, P.CONNACK),
    _row(0x25, "retain_available", Kind.FLAG, P.CONNACK),
    _row(0x26, "user", Kind.PAIR, *_EVERY),
    _row(0x27, "maximum_packet_size", Kind.WORD, P.CONNECT, P.CONNACK, nonzero=True),
    _row(0x28, "wildcard_subscription_available", Kind.FLAG, P.CONNACK),
    _row(0x29, "subscription_identifier_available", Kind.FLAG, P.CONNACK),
    _row(0x2A, "shared_subscription_available", Kind.FLAG, P.CONNACK),
)
BY_CODE = {row.code: row for row in PROPERTIES}
BY_NAME = {row.name: row for row in PROPERTIES}


def encode_properties(properties: Properties, packet: int | None = None) -> bytes:
    """The property bytes without their length, in the order of ``properties``.

    ``user`` takes pairs of strings, ``subscription_identifier`` one number or several. ``packet``
    (a packet type or ``WILL``) checks that the packet may hold each. Raises ``InputError`` for an
    unknown name, a name that is not allowed there, and a value that does not fit.
    """
    out = bytearray()
    for name, value in properties.items():
        row = BY_NAME.get(name)
        if row is None:
            raise InputError(f"{name} is not an MQTT 5 property", title="Unknown property")
        if packet is not None and packet not in row.packets:
            where = "the will" if packet == WILL else P(packet).name
            raise InputError(f"{name} does not belong to {where}", title="Property not allowed")
        for single in _singles(row, value):
            out.append(row.code)
            out += _encode_value(row, single)
    return bytes(out)


def _singles(row: Property, value: object) -> Sequence[object]:
    """The values one by one: pairs and subscription identifiers may be several."""
    if isinstance(value, list | tuple):
        if row.kind in (Kind.PAIR, Kind.VARINT):
            return value
    elif row.kind is not Kind.PAIR:
        return (value,)
    raise InputError(f"{row.name} cannot be a {type(value).__name__}", title="Bad property")


def _encode_value(row: Property, value: object) -> bytes:
    name = row.name
    if row.kind is Kind.PAIR:
        if not isinstance(value, list | tuple) or len(value) != 2:
            raise InputError(f"{name} takes pairs of strings", title="Bad property")
        return encode_text(value[0], name) + encode_text(value[1], name)
    if row.kind is Kind.TEXT:
        return encode_text(value, name)
    if row.kind is Kind.BINARY:
        return encode_binary(value, name)
    if not isinstance(value, int) or (row.nonzero and not value):
        raise InputError(f"{name} cannot be {value!r}", title="Bad property")
    if row.kind is Kind.VARINT:
        return encode_varint(value, name)
    if row.kind in (Kind.FLAG, Kind.BIT):
        if value not in (0, 1):
            raise InputError(f"{name} is 0 or 1, not {value}", title="Bad property")
        return encode_number(value, 1, name)
    return encode_number(value, 2 if row.kind is Kind.SHORT else 4, name)


def decode_properties(
    data: bytes, packet: int | None = None, *, base: int = 0, fields: list[Field] | None = None
) -> Properties:
    """Property bytes (without their length) as a dict.

    ``user`` becomes a tuple of pairs, ``subscription_identifier`` a tuple of numbers, flags become
    bool. Raises ``MalformedPacket`` (positions count from ``base``) for anything unknown, repeated,
    not allowed in ``packet``, or cut.
    """
    cursor = Cursor(data, 0, len(data), fields, base)
    found: Properties = {}
    while cursor.left:
        start = cursor.pos
        code = cursor.data[start]
        cursor.pos = start + 1
        row = BY_CODE.get(code)
        if row is None:
            raise cursor.fail(f"a property, but 0x{code:02X} is none", start)
        if packet is not None and packet not in row.packets:
            raise cursor.protocol_error(f"no {row.name} here", start)
        value = _decode_value(cursor, row, start)
        _store(found, row, value, cursor, start, packet)
    return found


def _store(
    found: Properties, row: Property, value: PropertyValue, cursor: Cursor, start: int, packet: int | None
) -> None:
    before = found.get(row.name)
    if row.kind is Kind.PAIR:
        found[row.name] = (*(before or ()), value)
    elif row.kind is Kind.VARINT:
        if before is not None and packet == P.SUBSCRIBE:
            raise cursor.protocol_error(f"{row.name} once", start)
        found[row.name] = (*(before or ()), value)
    elif before is not None:
        raise cursor.protocol_error(f"{row.name} once", start)
    else:
        found[row.name] = value


def _decode_value(cursor: Cursor, row: Property, start: int) -> PropertyValue:
    mark = None
    if cursor.fields is not None:
        mark, cursor.fields = cursor.fields, None
    value = _read(cursor, row)
    if mark is not None:
        cursor.fields = mark
        cursor.note(row.name, value, start)
    if row.kind in (Kind.FLAG, Kind.BIT) and value not in (0, 1):
        raise cursor.protocol_error(f"{row.name} of 0 or 1", start + 1)
    if row.nonzero and not value:
        reason = TOPIC_ALIAS_INVALID if row.name == "topic_alias" else PROTOCOL_ERROR
        raise cursor.fail(f"{row.name} other than 0", start + 1, reason)
    return value


def _read(cursor: Cursor, row: Property) -> PropertyValue:
    name = row.name
    match row.kind:
        case Kind.FLAG:
            number = cursor.byte(name)
            return bool(number) if number < 2 else number
        case Kind.BIT:
            return cursor.byte(name)
        case Kind.SHORT:
            return cursor.short(name)
        case Kind.WORD:
            return cursor.word(name)
        case Kind.VARINT:
            return cursor.varint(name)
        case Kind.TEXT:
            return cursor.text(name)
        case Kind.BINARY:
            return cursor.binary(name)
        case Kind.PAIR:
            return (cursor.text(name), cursor.text(name))  # type: ignore[return-value]


__all__ = ["BY_CODE", "BY_NAME", "MAX_VARINT", "PROPERTIES", "WILL", "decode_properties", "encode_properties"]
