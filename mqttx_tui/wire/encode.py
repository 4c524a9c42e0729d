"""Values to raw packets (MQTT 5.0 §3, MQTT 3.1.1 §3, MQTT 3.1)."""

from __future__ import annotations

from functools import singledispatch

from mqttx_tui.model.errors import InputError
from mqttx_tui.wire.packets import (
    V5,
    V31,
    Auth,
    Connack,
    Connect,
    Disconnect,
    Packet,
    PacketType,
    Pingreq,
    Pingresp,
    Properties,
    Puback,
    Pubcomp,
    Publish,
    Pubrec,
    Pubrel,
    Suback,
    Subscribe,
    Subscription,
    Unsuback,
    Unsubscribe,
    Will,
)
from mqttx_tui.wire.properties import WILL, encode_properties
from mqttx_tui.wire.values import encode_binary, encode_number, encode_text, encode_varint


def encode(packet: Packet, version: int) -> bytes:
    """``packet`` on the wire, fixed header included; CONNECT is written in its own version.

    Raises ``InputError`` for what the standard cannot express: a string over 65,535 bytes,
    properties below version 5, a packet identifier of 0.
    """
    flags, body = _body(packet, version)
    return header(packet.type << 4 | flags, len(body)) + body


def header(first: int, length: int) -> bytes:
    """The fixed header: the first byte and the remaining length."""
    return bytes((first,)) + encode_varint(length, "the packet's length")


def property_block(properties: Properties, packet: int, version: int) -> bytes:
    """Properties with their length; nothing below version 5, where there may be none."""
    if version < V5:
        if properties:
            raise InputError(
                f"{next(iter(properties))} needs MQTT 5", title="Needs MQTT 5", hint='set mqtt = "5"'
            )
        return b""
    if not properties:
        return b"\0"
    block = encode_properties(properties, packet)
    return encode_varint(len(block)) + block


def _packet_id(number: int) -> bytes:
    if not number:
        raise InputError("a packet identifier of 0 cannot be sent", title="Cannot be sent")
    return encode_number(number, 2, "the packet identifier")


def _qos(qos: int) -> int:
    if qos not in (0, 1, 2):
        raise InputError(f"QoS is 0, 1 or 2, not {qos}", title="Bad QoS")
    return qos


@singledispatch
def _body(packet: Packet, version: int) -> tuple[int, bytes]:
    raise TypeError(f"{packet!r} is not a packet")


@_body.register
def _(packet: Connect, version: int) -> tuple[int, bytes]:
    level = packet.version
    name = "MQIsdp" if level == V31 else "MQTT"
    flags = 2 if packet.clean_start else 0
    tail = b""
    if packet.will is not None:
        flags |= 4 | _qos(packet.will.qos) << 3 | packet.will.retain << 5
        tail += _will(packet.will, level)
    if packet.username is not None:
        flags |= 0x80
        tail += encode_text(packet.username, "the user name")
    if packet.password is not None:
        if packet.username is None and level < V5:
            raise InputError("a password needs a user name before MQTT 5", title="No user name")
        flags |= 0x40
        tail += encode_binary(packet.password, "the password")
    return 0, b"".join(
        (
            encode_text(name, "the protocol name"),
            bytes((level, flags)),
            encode_number(packet.keepalive, 2, "keepalive"),
            property_block(packet.properties, PacketType.CONNECT, level),
            encode_text(packet.client_id, "the client id"),
            tail,
        )
    )


def _will(will: Will, level: int) -> bytes:
    return (
        property_block(will.properties, WILL, level)
        + encode_text(will.topic, "the will's topic")
        + encode_binary(will.payload, "the will's payload")
    )


@_body.register
def _(packet: Connack, version: int) -> tuple[int, bytes]:
    start = bytes((packet.session_present, packet.reason))
    return 0, start + property_block(packet.properties, PacketType.CONNACK, version)


@_body.register
def _(packet: Publish, version: int) -> tuple[int, bytes]:
    flags = packet.dup << 3 | _qos(packet.qos) << 1 | packet.retain
    return flags, b"".join(
        (
            encode_text(packet.topic, "the topic"),
            _packet_id(packet.packet_id) if packet.qos else b"",
            property_block(packet.properties, PacketType.PUBLISH, version),
            packet.payload,
        )
    )


@_body.register(Puback)
@_body.register(Pubrec)
@_body.register(Pubrel)
@_body.register(Pubcomp)
def _(packet: Puback | Pubrec | Pubrel | Pubcomp, version: int) -> tuple[int, bytes]:
    flags = 2 if packet.type is PacketType.PUBREL else 0
    return flags, _packet_id(packet.packet_id) + _tail(packet, version)


def _tail(packet: Puback | Pubrec | Pubrel | Pubcomp | Disconnect | Auth, version: int) -> bytes:
    """Reason and properties, left out where they say nothing (MQTT 5.0 §3.4.2.1)."""
    if version < V5:
        if packet.reason:
            raise InputError("a reason code needs MQTT 5", title="Needs MQTT 5")
        return property_block(packet.properties, packet.type, version)
    if packet.properties:
        return bytes((packet.reason,)) + property_block(packet.properties, packet.type, version)
    return bytes((packet.reason,)) if packet.reason else b""


@_body.register
def _(packet: Subscribe, version: int) -> tuple[int, bytes]:
    if not packet.subscriptions:
        raise InputError("SUBSCRIBE needs a topic filter", title="No topic filter")
    start = _packet_id(packet.packet_id) + property_block(packet.properties, packet.type, version)
    return 2, start + b"".join(_subscription(asked, version) for asked in packet.subscriptions)


def _subscription(asked: Subscription, version: int) -> bytes:
    options = _qos(asked.qos)
    more = asked.no_local << 2 | asked.retain_as_published << 3 | asked.retain_handling << 4
    if more and version < V5:
        raise InputError("subscription options need MQTT 5", title="Needs MQTT 5")
    if asked.retain_handling not in (0, 1, 2):
        raise InputError(f"retain handling is 0, 1 or 2, not {asked.retain_handling}", title="Bad option")
    return encode_text(asked.filter, "the topic filter") + bytes((options | more,))


@_body.register(Suback)
@_body.register(Unsuback)
def _(packet: Suback | Unsuback, version: int) -> tuple[int, bytes]:
    start = _packet_id(packet.packet_id) + property_block(packet.properties, packet.type, version)
    return 0, start + bytes(packet.reasons)


@_body.register
def _(packet: Unsubscribe, version: int) -> tuple[int, bytes]:
    if not packet.filters:
        raise InputError("UNSUBSCRIBE needs a topic filter", title="No topic filter")
    start = _packet_id(packet.packet_id) + property_block(packet.properties, packet.type, version)
    return 2, start + b"".join(encode_text(name, "the topic filter") for name in packet.filters)


@_body.register(Pingreq)
@_body.register(Pingresp)
def _(packet: Pingreq | Pingresp, version: int) -> tuple[int, bytes]:
    return 0, b""


@_body.register(Disconnect)
@_body.register(Auth)
def _(packet: Disconnect | Auth, version: int) -> tuple[int, bytes]:
    if packet.type is PacketType.AUTH and version < V5:
        raise InputError("AUTH needs MQTT 5", title="Needs MQTT 5")
    return 0, _tail(packet, version)
