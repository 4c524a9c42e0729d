"""From a profile to what CONNECT, the will and PUBLISH carry."""

from __future__ import annotations

import secrets
from typing import Any

from mqttx_tui.model.errors import InputError
from mqttx_tui.model.message import Outgoing
from mqttx_tui.model.profile import SCRAM_METHODS, Profile, Value
from mqttx_tui.model.topics import check_topic
from mqttx_tui.wire.framing import MAX_PACKET
from mqttx_tui.wire.packets import PacketType, Properties
from mqttx_tui.wire.properties import WILL, encode_properties
from mqttx_tui.wire.values import encode_binary, encode_text, encode_varint

VERSIONS = {"3.1": 3, "3.1.1": 4, "5": 5}
NAMES = {number: name for name, number in VERSIONS.items()}
MAX_PAYLOAD = 268_435_455
WITH_WILL = 0x04
"""Reason of a DISCONNECT after which the broker publishes the will."""
RANDOM_PLACE = "{random}"


def client_id_of(profile: Profile) -> str:
    """The client id for one session: as given, ``{random}`` filled in, or one of our own.

    Below MQTT 5 brokers may refuse more than 23 characters (MQTT 3.1.1 §3.1.3.1).
    """
    template = profile.client_id or f"mqttx-tui-{RANDOM_PLACE}"
    return template.replace(RANDOM_PLACE, secrets.token_hex(4))


def version_of(profile: Profile) -> int | None:
    """The protocol level; None where it is found out. An authentication method needs 5 (§4.12)."""
    if profile.mqtt == "auto" and profile.properties.authentication_method:
        return 5
    return VERSIONS.get(profile.mqtt)


def plain(value: Value | None) -> str | None:
    """A resolved value, None when it is not set."""
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise InputError("a secret was not fetched", title="Not resolved")
    return value


def credentials(profile: Profile) -> tuple[str | None, str | None]:
    """User name and password of CONNECT; SCRAM proves them instead of sending them.

    Below version 5 a password needs a user name (MQTT 3.1.1 §3.1.2.9).
    """
    if profile.properties.authentication_method in SCRAM_METHODS:
        return None, None
    username = plain(profile.username)
    password = None if profile.password is None else plain(profile.password) or ""
    if password is not None and username is None:
        username = ""
    return username, password


def keepalive_of(profile: Profile) -> int:
    """Whole seconds, 0 to 65,535; a fraction of a second becomes one."""
    if profile.keepalive <= 0:
        return 0
    return min(max(round(profile.keepalive), 1), 65_535)


def connect_properties(profile: Profile, authentication: bytes | None = None) -> bytes:
    """The properties of CONNECT (MQTT 5.0 §3.1.2.11), encoded; ``authentication`` are its data."""
    wanted = profile.properties
    found = asked(profile)
    if wanted.receive_maximum is not None:
        found["receive_maximum"] = wanted.receive_maximum
    largest = wanted.maximum_packet_size or (profile.max_packet if profile.max_packet < MAX_PAYLOAD else None)
    if largest is not None:
        found["maximum_packet_size"] = largest
    if wanted.topic_alias_maximum is not None:
        found["topic_alias_maximum"] = wanted.topic_alias_maximum
    if wanted.request_response_information is not None:
        found["request_response_information"] = wanted.request_response_information
    if wanted.request_problem_information is not None:
        found["request_problem_information"] = wanted.request_problem_information
    if wanted.authentication_method:
        found["authentication_method"] = wanted.authentication_method
    if authentication is not None:
        found["authentication_data"] = authentication
    if wanted.user:
        found["user"] = wanted.user
    return encode_properties(found, PacketType.CONNECT)


def asked(profile: Profile) -> Properties:
    """What of CONNECT's properties the broker may decide otherwise (MQTT 5.0 §3.2.2.3.2)."""
    if profile.session_expiry <= 0:
        return {}
    return {"session_expiry_interval": min(round(profile.session_expiry), 0xFFFFFFFF)}


def check_connect(profile: Profile, client_id: str) -> None:
    """Raise ``InputError`` for what CONNECT cannot carry (MQTT 5.0 §1.5.4, §3.1.3)."""
    username, password = credentials(profile)
    encode_text(client_id, "client_id")
    encode_text(username or "", "username")
    encode_binary((password or "").encode(), "password")
    if profile.will is not None:
        check_topic(profile.will.topic)
        if profile.will.response_topic:
            check_topic(profile.will.response_topic)
        encode_binary(profile.will.payload.encode(), "will.payload")


def check_leaving(code: int | None, version: str) -> None:
    """Raise ``InputError`` for a reason that a person may not leave with (MQTT 5.0 §3.14.2.1)."""
    if not code:
        return
    if code != WITH_WILL:
        raise InputError(f"a client leaves with 0x00 or 0x04, not 0x{code:02X}", title="Bad reason")
    if version in ("3.1", "3.1.1"):
        raise InputError(
            "below MQTT 5 the broker publishes the will only when the connection is lost",
            title="Needs MQTT 5",
            hint='set mqtt = "5"',
        )


def usual_leaving(profile: Profile) -> int:
    """The reason of a DISCONNECT for which nobody chose one."""
    return WITH_WILL if profile.will is not None and profile.will.on_leave else 0


def will_properties(profile: Profile) -> bytes:
    """The will's properties (MQTT 5.0 §3.1.3.2), encoded."""
    will = profile.will
    if will is None:
        return b""
    found: Properties = {}
    if will.delay > 0:
        found["will_delay_interval"] = min(round(will.delay), 0xFFFFFFFF)
    if will.payload_format_indicator is not None:
        found["payload_format_indicator"] = will.payload_format_indicator
    if will.message_expiry_interval is not None:
        found["message_expiry_interval"] = will.message_expiry_interval
    for name in ("content_type", "response_topic", "user"):
        if getattr(will, name):
            found[name] = getattr(will, name)
    if will.correlation_data:
        found["correlation_data"] = will.correlation_data.encode("utf-8", "surrogateescape")
    return encode_properties(found, WILL)


def largest_packet(profile: Profile) -> int:
    """Bytes of a whole inbound packet that we take."""
    if profile.max_packet >= MAX_PAYLOAD:
        return MAX_PACKET
    return max(profile.max_packet, 16)


def publish_properties(outgoing: Outgoing) -> bytes | None:
    """The properties of PUBLISH, encoded; None for none. Raises ``InputError``."""
    if not outgoing.properties:
        return None
    return encode_properties(_as_sent(outgoing.properties), PacketType.PUBLISH)


def _as_sent(properties: dict[str, Any]) -> Properties:
    """Values as people write them: a table of user properties, correlation data as text."""
    pairs, correlation = properties.get("user"), properties.get("correlation_data")
    if isinstance(pairs, dict):
        properties = {**properties, "user": tuple(pairs.items())}
    if isinstance(correlation, str):
        properties = {**properties, "correlation_data": correlation.encode("utf-8", "surrogateescape")}
    return properties


def check_outgoing(outgoing: Outgoing) -> None:
    """Raise ``InputError`` for what no broker may be sent."""
    check_topic(outgoing.topic)
    if outgoing.qos not in (0, 1, 2):
        raise InputError(f"QoS is 0, 1 or 2, not {outgoing.qos}", title="Bad QoS")
    if answers := outgoing.properties.get("response_topic"):
        check_topic(answers)  # MQTT 5.0 §3.3.2.3.5
    if outgoing.qos and "topic_alias" in outgoing.properties:
        raise InputError(
            "a topic alias needs QoS 0: a later connection, on which the message may be sent again, does not "
            "know it",
            title="No alias here",
        )
    if len(outgoing.payload) > MAX_PAYLOAD - 65_550:
        raise InputError("the payload is larger than MQTT allows (256 MB)", title="Too large")


def wire_size(outgoing: Outgoing, properties: bytes | None, version: int) -> int:
    """Bytes of the PUBLISH on the wire."""
    body = 2 + len(outgoing.topic.encode()) + (2 if outgoing.qos else 0) + len(outgoing.payload)
    if version >= 5:
        body += len(encode_varint(len(properties or b""))) + len(properties or b"")
    return 1 + len(encode_varint(body)) + body
