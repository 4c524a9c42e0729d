"""CONNECT and CONNACK (MQTT 5.0 §3.1, §3.2; MQTT 3.1.1 §3.1, §3.2)."""

from __future__ import annotations

from mqttx_tui.wire.cursor import Cursor
from mqttx_tui.wire.decode_parts import flag_bits, properties, reason, wildcard_free
from mqttx_tui.wire.errors import UNSUPPORTED_VERSION
from mqttx_tui.wire.packets import V5, V31, V311, Connack, Connect, PacketType, Will
from mqttx_tui.wire.properties import WILL
from mqttx_tui.wire.reasons import KNOWN_REASONS, KNOWN_RETURN_CODES

_PROTOCOLS = {("MQIsdp", V31), ("MQTT", V311), ("MQTT", V5)}


def connect(cursor: Cursor, version: int) -> Connect:
    """The body of CONNECT; ``version`` is ignored, the packet names its own."""
    start = cursor.pos
    name = cursor.text("protocol name")
    version = cursor.byte("protocol level")
    if (name, version) not in _PROTOCOLS:
        raise cursor.fail("MQTT 3.1, 3.1.1 or 5", start, UNSUPPORTED_VERSION)
    at = cursor.pos
    flags = _flags(cursor, version)
    keepalive = cursor.short("keepalive")
    found = properties(cursor, PacketType.CONNECT) if version >= V5 else {}
    if "authentication_data" in found and "authentication_method" not in found:
        raise cursor.protocol_error("an authentication method with the data", at)
    client_id = cursor.text("client id")
    will = _will(cursor, flags, version) if flags & 4 else None
    username = cursor.text("user name") if flags & 0x80 else None
    password = cursor.binary("password") if flags & 0x40 else None
    return Connect(client_id, version, bool(flags & 2), keepalive, username, password, will, found)


def _flags(cursor: Cursor, version: int) -> int:
    at = cursor.pos
    flags = cursor.byte("connect flags")
    flag_bits(
        cursor,
        at,
        {
            "user name flag": bool(flags & 0x80),
            "password flag": bool(flags & 0x40),
            "will retain": bool(flags & 0x20),
            "will qos": flags >> 3 & 3,
            "will flag": bool(flags & 4),
            "clean start": bool(flags & 2),
        },
    )
    if flags & 1:
        raise cursor.fail("the reserved connect flag to be 0", at)
    if flags >> 3 & 3 == 3:
        raise cursor.fail("a will QoS of 0, 1 or 2", at)
    if not flags & 4 and flags & 0x38:
        raise cursor.fail("no will QoS and no will retain without a will", at)
    if version < V5 and flags & 0xC0 == 0x40:
        raise cursor.fail("no password without a user name", at)
    return flags


def _will(cursor: Cursor, flags: int, version: int) -> Will:
    found = properties(cursor, WILL) if version >= V5 else {}
    start = cursor.pos
    topic = wildcard_free(cursor, cursor.text("will topic"), start)
    if not topic:
        raise cursor.protocol_error("a will topic", start)
    payload = cursor.binary("will payload")
    return Will(topic, payload, flags >> 3 & 3, bool(flags & 0x20), found)


def connack(cursor: Cursor, version: int) -> Connack:
    """The body of CONNACK."""
    at = cursor.pos
    flags = cursor.byte("acknowledge flags")
    present = bool(flags & 1)
    flag_bits(cursor, at, {"session present": present})
    if flags & 0xFE and version > V31:
        raise cursor.fail("the reserved acknowledge flags to be 0", at)
    # A broker that does not speak version 5 refuses in the form of 3.1.1, with its codes.
    if version >= V5 and cursor.left == 1 and cursor.data[cursor.pos]:
        code = cursor.byte("reason")
        if code not in KNOWN_RETURN_CODES and code not in KNOWN_REASONS:
            raise cursor.protocol_error(f"a reason code, not 0x{code:02X}", at + 1)
        return Connack(code)
    code = reason(cursor, PacketType.CONNACK, version)
    if version < V5:
        if code not in KNOWN_RETURN_CODES:
            raise cursor.fail("a return code from 0 to 5", at + 1)
        return Connack(code, present and version > V31)
    if code and present:
        raise cursor.protocol_error("no session present with a refusal", at)
    return Connack(code, present, properties(cursor, PacketType.CONNACK))
