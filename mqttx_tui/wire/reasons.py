"""Reason codes (MQTT 5.0 §2.4) and CONNACK return codes (MQTT 3.1.1 §3.2.2.3) in words."""

from __future__ import annotations

_REASONS: dict[int, tuple[str, str]] = {
    0x00: ("Success", "It was done."),
    0x01: ("Granted QoS 1", "The subscription was granted with QoS 1 at most."),
    0x02: ("Granted QoS 2", "The subscription was granted with QoS 2 at most."),
    0x04: ("Disconnect with Will Message", "The client left and asks for its will to be published."),
    0x10: ("No matching subscribers", "The message was accepted, but nobody subscribes to its topic."),
    0x11: ("No subscription existed", "There was no such subscription to end."),
    0x18: ("Continue authentication", "The other side must go on with the authentication."),
    0x19: ("Re-authenticate", "The client starts the authentication anew."),
    0x80: ("Unspecified error", "It was refused without a reason that fits another code."),
    0x81: ("Malformed Packet", "The bytes received are not a packet that the standard knows."),
    0x82: ("Protocol Error", "The packet is well formed, but not allowed here."),
    0x83: ("Implementation specific error", "The packet is valid, but the receiver does not accept it."),
    0x84: ("Unsupported Protocol Version", "The broker does not speak this version of MQTT."),
    0x85: ("Client Identifier not valid", "The broker does not accept this client id."),
    0x86: ("Bad User Name or Password", "The broker does not accept this user name or password."),
    0x87: ("Not authorized", "This user may not do that."),
    0x88: ("Server unavailable", "The broker is not available."),
    0x89: ("Server busy", "The broker is busy; try again later."),
    0x8A: ("Banned", "The broker has banned this client."),
    0x8B: ("Server shutting down", "The broker is shutting down."),
    0x8C: ("Bad authentication method", "The authentication method is not supported or has changed."),
    0x8D: ("Keep Alive timeout", "Nothing came for one and a half times the keepalive interval."),
    0x8E: ("Session taken over", "Another client connected with the same client id."),
    0x8F: ("Topic Filter invalid", "The topic filter is well formed, but not accepted."),
    0x90: ("Topic Name invalid", "The topic name is well formed, but not accepted."),
    0x91: ("Packet Identifier in use", "The packet identifier is already in use."),
    0x92: ("Packet Identifier not found", "The packet identifier is not known."),
    0x93: ("Receive Maximum exceeded", "More messages were in flight than the receiver allows."),
    0x94: ("Topic Alias invalid", "The topic alias is 0 or larger than the receiver allows, or unknown."),
    0x95: ("Packet too large", "The packet is larger than the receiver allows."),
    0x96: ("Message rate too high", "Messages came faster than the receiver allows."),
    0x97: ("Quota exceeded", "A limit that the receiver sets is reached."),
    0x98: ("Administrative action", "An operator ended the connection."),
    0x99: ("Payload format invalid", "The payload is not of the format that its properties announce."),
    0x9A: ("Retain not supported", "The broker does not keep retained messages."),
    0x9B: ("QoS not supported", "The broker does not support this QoS."),
    0x9C: ("Use another server", "The client should use another server for now."),
    0x9D: ("Server moved", "The client should use another server for good."),
    0x9E: ("Shared Subscriptions not supported", "The broker does not support shared subscriptions."),
    0x9F: ("Connection rate exceeded", "Connections came faster than the broker allows."),
    0xA0: ("Maximum connect time", "The time allowed for this connection is over."),
    0xA1: (
        "Subscription Identifiers not supported",
        "The broker does not support subscription identifiers.",
    ),
    0xA2: ("Wildcard Subscriptions not supported", "The broker does not support wildcard subscriptions."),
}

_RETURN_CODES: dict[int, tuple[str, str]] = {
    0: ("Connection Accepted", "The broker accepted the connection."),
    1: ("Unacceptable protocol version", "The broker does not speak this version of MQTT."),
    2: ("Identifier rejected", "The broker does not accept this client id."),
    3: ("Server unavailable", "The broker is not available."),
    4: ("Bad user name or password", "The broker does not accept this user name or password."),
    5: ("Not authorized", "This user may not connect."),
}

_CONNACK = 2
_PUBACK, _PUBREC, _PUBREL, _PUBCOMP = 4, 5, 6, 7
_SUBACK = 9
_UNSUBACK = 11
_DISCONNECT = 14
_AUTH = 15

_NAMES: dict[tuple[int, int], str] = {
    (_SUBACK, 0x00): "Granted QoS 0",
    (_DISCONNECT, 0x00): "Normal disconnection",
}
_SENTENCES: dict[tuple[int, int], str] = {
    (_CONNACK, 0x00): "The broker accepted the connection.",
    (_CONNACK, 0x81): "The broker could not take our CONNECT apart.",
    (_CONNACK, 0x82): "Something in our CONNECT is not allowed.",
    (_CONNACK, 0x83): "The CONNECT is valid, but this broker does not accept it.",
    (_CONNACK, 0x87): "This user may not connect.",
    (_CONNACK, 0x90): "The will's topic is well formed, but this broker does not accept it.",
    (_CONNACK, 0x95): "Our CONNECT is larger than the broker allows.",
    (_CONNACK, 0x99): "The will's payload is not of the format that its properties announce.",
    (_CONNACK, 0x9A): "The broker does not keep retained messages, and the will asks for it.",
    (_CONNACK, 0x9B): "The broker does not support the QoS of the will.",
    (_PUBACK, 0x00): "The message was accepted.",
    (_PUBACK, 0x83): "The message is valid, but the receiver does not accept it.",
    (_PUBACK, 0x87): "This user may not publish to this topic.",
    (_PUBACK, 0x91): "The packet identifier is in use: both sides know different things of the session.",
    (_PUBREC, 0x00): "The message was accepted; its flow goes on.",
    (_PUBREC, 0x83): "The message is valid, but the receiver does not accept it.",
    (_PUBREC, 0x87): "This user may not publish to this topic.",
    (_PUBREC, 0x91): "The packet identifier is in use: both sides know different things of the session.",
    (_PUBREL, 0x00): "The message is released to whoever subscribes to it.",
    (_PUBREL, 0x92): "The packet identifier is not known: after a lost connection no error, else both sides "
    "know different things of the session.",
    (_PUBCOMP, 0x00): "The flow of the message is complete.",
    (_PUBCOMP, 0x92): "The packet identifier is not known: after a lost connection no error, else both sides "
    "know different things of the session.",
    (_SUBACK, 0x00): "The subscription was granted with QoS 0.",
    (_SUBACK, 0x80): "The broker refused the subscription without a reason that fits another code.",
    (_SUBACK, 0x83): "The SUBSCRIBE is valid, but the broker does not accept it.",
    (_SUBACK, 0x87): "This user may not subscribe to this topic filter.",
    (_SUBACK, 0x8F): "The topic filter is well formed, but this user may not have it.",
    (_UNSUBACK, 0x00): "The subscription was ended.",
    (_UNSUBACK, 0x83): "The UNSUBSCRIBE is valid, but the broker does not accept it.",
    (_UNSUBACK, 0x87): "This user may not end this subscription.",
    (_DISCONNECT, 0x00): "The client or the broker left in good order.",
    (_DISCONNECT, 0x80): "The connection is ended for a reason that no other code fits.",
    (_DISCONNECT, 0x82): "A packet came that is not allowed, or not at that time.",
    (_DISCONNECT, 0x83): "A packet is valid, but the receiver cannot work on it.",
    (_DISCONNECT, 0x87): "Something that was asked for is not allowed to this user.",
    (_DISCONNECT, 0x89): "The broker is busy and cannot go on with this client.",
    (_DISCONNECT, 0x95): "A packet was larger than the receiver allows.",
    (_DISCONNECT, 0x9A): "A message was to be retained, and the broker does not keep retained messages.",
    (_DISCONNECT, 0x9B): "A message had a QoS that the broker does not support.",
    (_AUTH, 0x00): "The authentication succeeded.",
}
"""Packet type and code, where the packet gives the code a meaning of its own (MQTT 5.0 §3.2.2.2, §3.4.2.1,
§3.5.2.1, §3.6.2.1, §3.7.2.1, §3.9.3, §3.11.3, §3.14.2.1, §3.15.2.1)."""

_DONE: dict[int, frozenset[int]] = {
    _PUBACK: frozenset({0x00, 0x10}),
    _PUBREC: frozenset({0x00, 0x10}),
    _SUBACK: frozenset({0x00, 0x01, 0x02}),
    _UNSUBACK: frozenset({0x00, 0x11}),
    _DISCONNECT: frozenset({0x00, 0x04}),
    _AUTH: frozenset({0x00, 0x18, 0x19}),
}
"""Codes below 0x80 by packet type (MQTT 5.0 §2.4); packets that are missing here know 0 alone."""

KNOWN_REASONS = frozenset(_REASONS)
KNOWN_RETURN_CODES = frozenset(_RETURN_CODES)


def may_hold(packet_type: int, code: int) -> bool:
    """Whether a packet of MQTT 5 may carry this reason code (MQTT 5.0 §2.4, Table 2-6).

    What was done is told by the codes of that very packet. A refusal is taken wherever the standard
    has a refusal, also in a packet for which it does not list this one: mosquitto 2.0 answers a
    PUBLISH that is too large with PUBACK 0x95, and a person is to read that.
    """
    if code < 0x80 or packet_type == _AUTH:
        return code in _DONE.get(packet_type, (0,))
    return code in KNOWN_REASONS


def _entry(code: int, packet_type: int, version: int) -> tuple[str, str]:
    if version < 5 and packet_type == _CONNACK:
        return _RETURN_CODES.get(code, (f"Reserved code {code}", "The standard does not know this code."))
    if version < 5 and code == 0x80 and packet_type == _SUBACK:
        return "Failure", "The broker refused the subscription."
    unknown = (f"Unknown reason 0x{code:02X}", "The standard does not know this code.")
    name, sentence = _REASONS.get(code, unknown)
    key = packet_type, code
    return _NAMES.get(key, name), _SENTENCES.get(key, sentence)


def reason_name(code: int, packet_type: int = 0, version: int = 5) -> str:
    """The standard's name of a code; ``packet_type`` (1-15) and ``version`` where it depends on them.

    CONNACK codes of 3.1 and 3.1.1 need both: ``reason_name(5, 2, 4)``.
    """
    return _entry(code, packet_type, version)[0]


def reason_sentence(code: int, packet_type: int = 0, version: int = 5) -> str:
    """One plain sentence on what the code means."""
    return _entry(code, packet_type, version)[1]
