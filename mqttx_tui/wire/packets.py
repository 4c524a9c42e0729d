"""Every control packet of MQTT 3.1, 3.1.1 and 5 as a value (MQTT 5.0 §3, MQTT 3.1.1 §3).

Versions are the protocol levels: 3 (MQTT 3.1, "MQIsdp"), 4 (3.1.1), 5. ``properties`` hold what
``wire.properties`` names; they must be empty below version 5.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, ClassVar

PropertyValue = int | str | bytes | tuple[int, ...] | tuple[tuple[str, str], ...]
Properties = dict[str, Any]
"""Names of ``wire.properties`` to values of ``PropertyValue``."""

V31 = 3
V311 = 4
V5 = 5


class PacketType(IntEnum):
    """The high nibble of the first byte (MQTT 5.0 §2.1.2)."""

    CONNECT = 1
    CONNACK = 2
    PUBLISH = 3
    PUBACK = 4
    PUBREC = 5
    PUBREL = 6
    PUBCOMP = 7
    SUBSCRIBE = 8
    SUBACK = 9
    UNSUBSCRIBE = 10
    UNSUBACK = 11
    PINGREQ = 12
    PINGRESP = 13
    DISCONNECT = 14
    AUTH = 15


@dataclass(frozen=True, slots=True)
class Will:
    """The will inside CONNECT (MQTT 5.0 §3.1.3.2)."""

    topic: str
    payload: bytes = b""
    qos: int = 0
    retain: bool = False
    properties: Properties = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Connect:
    """CONNECT (MQTT 5.0 §3.1). ``keepalive`` in seconds; its ``version`` is its own."""

    type: ClassVar[PacketType] = PacketType.CONNECT
    client_id: str = ""
    version: int = V311
    clean_start: bool = True
    keepalive: int = 60
    username: str | None = None
    password: bytes | None = field(default=None, repr=False)
    will: Will | None = None
    properties: Properties = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Connack:
    """CONNACK (MQTT 5.0 §3.2). ``reason`` is the return code below version 5."""

    type: ClassVar[PacketType] = PacketType.CONNACK
    reason: int = 0
    session_present: bool = False
    properties: Properties = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Publish:
    """PUBLISH (MQTT 5.0 §3.3). ``packet_id`` is 0 for QoS 0."""

    type: ClassVar[PacketType] = PacketType.PUBLISH
    topic: str
    payload: bytes = b""
    qos: int = 0
    retain: bool = False
    dup: bool = False
    packet_id: int = 0
    properties: Properties = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Acknowledgement:
    packet_id: int
    reason: int = 0
    properties: Properties = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Puback(_Acknowledgement):
    """PUBACK (MQTT 5.0 §3.4)."""

    type: ClassVar[PacketType] = PacketType.PUBACK


@dataclass(frozen=True, slots=True)
class Pubrec(_Acknowledgement):
    """PUBREC (MQTT 5.0 §3.5)."""

    type: ClassVar[PacketType] = PacketType.PUBREC


@dataclass(frozen=True, slots=True)
class Pubrel(_Acknowledgement):
    """PUBREL (MQTT 5.0 §3.6)."""

    type: ClassVar[PacketType] = PacketType.PUBREL


@dataclass(frozen=True, slots=True)
class Pubcomp(_Acknowledgement):
    """PUBCOMP (MQTT 5.0 §3.7)."""

    type: ClassVar[PacketType] = PacketType.PUBCOMP


@dataclass(frozen=True, slots=True)
class Subscription:
    """One topic filter in SUBSCRIBE (MQTT 5.0 §3.8.3.1); all but ``qos`` need version 5."""

    filter: str
    qos: int = 0
    no_local: bool = False
    retain_as_published: bool = False
    retain_handling: int = 0


@dataclass(frozen=True, slots=True)
class Subscribe:
    """SUBSCRIBE (MQTT 5.0 §3.8)."""

    type: ClassVar[PacketType] = PacketType.SUBSCRIBE
    packet_id: int
    subscriptions: tuple[Subscription, ...]
    properties: Properties = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Suback:
    """SUBACK (MQTT 5.0 §3.9): one reason for each filter, in order."""

    type: ClassVar[PacketType] = PacketType.SUBACK
    packet_id: int
    reasons: tuple[int, ...]
    properties: Properties = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """UNSUBSCRIBE (MQTT 5.0 §3.10)."""

    type: ClassVar[PacketType] = PacketType.UNSUBSCRIBE
    packet_id: int
    filters: tuple[str, ...]
    properties: Properties = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unsuback:
    """UNSUBACK (MQTT 5.0 §3.11): ``reasons`` are empty below version 5."""

    type: ClassVar[PacketType] = PacketType.UNSUBACK
    packet_id: int
    reasons: tuple[int, ...] = ()
    properties: Properties = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pingreq:
    """PINGREQ (MQTT 5.0 §3.12)."""

    type: ClassVar[PacketType] = PacketType.PINGREQ


@dataclass(frozen=True, slots=True)
class Pingresp:
    """PINGRESP (MQTT 5.0 §3.13)."""

    type: ClassVar[PacketType] = PacketType.PINGRESP


@dataclass(frozen=True, slots=True)
class Disconnect:
    """DISCONNECT (MQTT 5.0 §3.14); no reason and only from the client below version 5."""

    type: ClassVar[PacketType] = PacketType.DISCONNECT
    reason: int = 0
    properties: Properties = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Auth:
    """AUTH (MQTT 5.0 §3.15)."""

    type: ClassVar[PacketType] = PacketType.AUTH
    reason: int = 0
    properties: Properties = field(default_factory=dict)


Acknowledgement = Puback | Pubrec | Pubrel | Pubcomp

Packet = (
    Connect
    | Connack
    | Publish
    | Acknowledgement
    | Subscribe
    | Suback
    | Unsubscribe
    | Unsuback
    | Pingreq
    | Pingresp
    | Disconnect
    | Auth
)
