"""The standard's table of properties (MQTT 5.0 §2.2.2.2), and what of it goes which way."""

from __future__ import annotations

from typing import Any, NamedTuple

from mqttx_tui.wire.packets import PacketType as P
from mqttx_tui.wire.properties import WILL

# Copied from the standard: name, and the packets that it is for. "all" is every packet with properties.
_TABLE = """
payload_format_indicator           PUBLISH WILL
message_expiry_interval            PUBLISH WILL
content_type                       PUBLISH WILL
response_topic                     PUBLISH WILL
correlation_data                   PUBLISH WILL
subscription_identifier            PUBLISH SUBSCRIBE
session_expiry_interval            CONNECT CONNACK DISCONNECT
assigned_client_identifier         CONNACK
server_keep_alive                  CONNACK
authentication_method              CONNECT CONNACK AUTH
authentication_data                CONNECT CONNACK AUTH
request_problem_information        CONNECT
will_delay_interval                WILL
request_response_information       CONNECT
response_information               CONNACK
server_reference                   CONNACK DISCONNECT
reason_string                      CONNACK PUBACK PUBREC PUBREL PUBCOMP SUBACK UNSUBACK DISCONNECT AUTH
receive_maximum                    CONNECT CONNACK
topic_alias_maximum                CONNECT CONNACK
topic_alias                        PUBLISH
maximum_qos                        CONNACK
retain_available                   CONNACK
user                               all
maximum_packet_size                CONNECT CONNACK
wildcard_subscription_available    CONNACK
subscription_identifier_available  CONNACK
shared_subscription_available      CONNACK
"""
_ALL = "CONNECT WILL CONNACK PUBLISH PUBACK PUBREC PUBREL PUBCOMP SUBSCRIBE SUBACK UNSUBSCRIBE UNSUBACK"
_CLIENT = "CONNECT WILL PUBLISH PUBACK PUBREC PUBREL PUBCOMP SUBSCRIBE UNSUBSCRIBE DISCONNECT AUTH"
_BROKER = "CONNACK PUBLISH PUBACK PUBREC PUBREL PUBCOMP SUBACK UNSUBACK DISCONNECT AUTH"

VALUES: dict[str, Any] = {
    "payload_format_indicator": 1,
    "message_expiry_interval": 500,
    "content_type": "text/ä",
    "response_topic": "re/ply",
    "correlation_data": b"c-1",
    "subscription_identifier": (268_435_455,),
    "session_expiry_interval": 60,
    "assigned_client_identifier": "auto-7",
    "server_keep_alive": 33,
    "authentication_method": "TOKEN",
    "authentication_data": b"data-4471",
    "request_problem_information": 0,
    "will_delay_interval": 30,
    "request_response_information": 1,
    "response_information": "answers/me",
    "server_reference": "other.lab:1884",
    "reason_string": "because",
    "receive_maximum": 7,
    "topic_alias_maximum": 9,
    "topic_alias": 3,
    "maximum_qos": 1,
    "retain_available": 0,
    "user": (("b", "1"), ("a", "2"), ("b", "3")),
    "maximum_packet_size": 100_000,
    "wildcard_subscription_available": 0,
    "subscription_identifier_available": 0,
    "shared_subscription_available": 0,
}
"""A value of each property that is not the standard's usual one."""


class Cell(NamedTuple):
    """A packet type (or ``WILL``) and a property that it may hold."""

    packet: int
    name: str

    def __str__(self) -> str:
        return f"{packet_name(self.packet)}-{self.name}"


def packet_name(packet: int) -> str:
    """``CONNECT`` and so on, ``WILL`` for the will's properties."""
    return "WILL" if packet == WILL else P(packet).name


def packet_named(name: str) -> int:
    """The other way round."""
    return WILL if name == "WILL" else P[name]


def _table() -> dict[str, frozenset[int]]:
    rows = {}
    for line in _TABLE.strip().splitlines():
        name, *packets = line.split()
        words = [*_ALL.split(), "DISCONNECT", "AUTH"] if packets == ["all"] else packets
        rows[name] = frozenset(packet_named(word) for word in words)
    return rows


TABLE = _table()
FORBIDDEN_TO_CLIENTS = {
    Cell(P.PUBLISH, "subscription_identifier"),  # §3.3.4
    Cell(P.DISCONNECT, "server_reference"),  # §3.14.2.2.5: the server's word
}
FORBIDDEN_TO_BROKERS = {Cell(P.DISCONNECT, "session_expiry_interval")}  # §3.14.2.2.2


def _cells(packets: str, forbidden: set[Cell]) -> list[Cell]:
    kinds = [packet_named(name) for name in packets.split()]
    found = [Cell(kind, name) for kind in kinds for name in TABLE if kind in TABLE[name]]
    return [cell for cell in found if cell not in forbidden]


CLIENTS = _cells(_CLIENT, FORBIDDEN_TO_CLIENTS)
"""What a client may send."""

BROKERS = _cells(_BROKER, FORBIDDEN_TO_BROKERS)
"""What a broker may send."""
