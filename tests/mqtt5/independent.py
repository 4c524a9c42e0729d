"""Properties written and read by somebody else's code: paho's (MQTT 5.0 §2.2.2)."""

from __future__ import annotations

from typing import Any

from paho.mqtt import properties as paho
from paho.mqtt.packettypes import PacketTypes

from mqttx_tui.wire.packets import PacketType as P
from mqttx_tui.wire.properties import WILL

Properties: Any = paho.Properties  # untyped
_ODD = {"user": "UserProperty", "maximum_qos": "MaximumQoS"}
OURS = [  # MQTT 5.0 §2.2.2.2, in the order of the table
    *("payload_format_indicator", "message_expiry_interval", "content_type", "response_topic"),
    *("correlation_data", "subscription_identifier", "session_expiry_interval"),
    *("assigned_client_identifier", "server_keep_alive", "authentication_method", "authentication_data"),
    *("request_problem_information", "will_delay_interval", "request_response_information"),
    *("response_information", "server_reference", "reason_string", "receive_maximum"),
    *("topic_alias_maximum", "topic_alias", "maximum_qos", "retain_available", "user"),
    *("maximum_packet_size", "wildcard_subscription_available", "subscription_identifier_available"),
    "shared_subscription_available",
]


def theirs(name: str) -> str:
    """What paho calls a property."""
    return _ODD.get(name) or "".join(part.capitalize() for part in name.split("_"))


_NAMES = {theirs(name): name for name in OURS}


def _kind(packet: int) -> int:
    return PacketTypes.WILLMESSAGE if packet == WILL else int(P(packet))


def written(packet: int, found: dict[str, Any]) -> bytes:
    """The properties with their length, as paho writes them."""
    made = Properties(_kind(packet))
    for name, value in found.items():
        for single in value if name in ("user", "subscription_identifier") else (value,):
            setattr(made, theirs(name), single)
    return bytes(made.pack())


def read(packet: int, raw: bytes) -> dict[str, Any]:
    """What paho reads from ``raw``, which begins with the length of the properties."""
    made = Properties(_kind(packet))
    made.unpack(raw)
    found = {_NAMES[name]: getattr(made, name) for name in _NAMES if hasattr(made, name)}
    return {name: tuple(value) if isinstance(value, list) else value for name, value in found.items()}


def properties_of(packet: int, raw: bytes) -> dict[str, Any]:
    """The properties of a whole packet of ours (for ``WILL``: of the will in a CONNECT), read by paho."""
    at = 2
    while raw[at - 1] >= 0x80:
        at += 1
    kind, body = raw[0] >> 4, raw[at:]
    if kind in (P.CONNECT, WILL):
        start = 10
        if packet == WILL:
            assert body[7] & 4, "no will"
            start = _after_properties(body, start)
            start += 2 + int.from_bytes(body[start : start + 2], "big")
    elif kind == P.PUBLISH:
        start = 2 + int.from_bytes(body[:2], "big") + (2 if raw[0] & 6 else 0)
    elif kind in (P.SUBSCRIBE, P.UNSUBSCRIBE):
        start = 2
    else:
        start = 1 if kind in (P.DISCONNECT, P.AUTH) else 3
    return read(packet, body[start:]) if start < len(body) else {}


def _after_properties(body: bytes, start: int) -> int:
    made = Properties(PacketTypes.CONNECT)
    _, size = made.unpack(body[start:])
    return start + int(size)
