"""Whether a message matches, in plain Python: for one message at a time, and as the oracle of the tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mqttx_tui.capture.filters import moments, subject
from mqttx_tui.capture.filters.fields import PACKET_TYPES
from mqttx_tui.capture.filters.filter import Filter
from mqttx_tui.capture.filters.fold import contains
from mqttx_tui.capture.filters.nodes import (
    And,
    Anywhere,
    Comparison,
    Everything,
    Exists,
    Flag,
    Keyed,
    Literal,
    Named,
    Node,
    Not,
    Number,
    Octets,
    Or,
    Path,
    Topics,
    Word,
)
from mqttx_tui.model.message import (
    BINARY_FRAME,
    CHANGED,
    DUP,
    HTTP,
    NOT_UTF8,
    OUTGOING,
    RETAIN,
    WEBSOCKET,
    WS_FRAME,
    qos_of,
)
from mqttx_tui.model.topics import filter_matches

DecodeProperties = Callable[[bytes], Mapping[str, Any]]
"""Property bytes (without their length) to values; raises where they are malformed."""
REFUSED = 0x80
"""Reason codes from here on are refusals (MQTT 5.0 §2.4)."""
HTTP_REFUSED = 400


@dataclass(frozen=True, slots=True)
class PacketFact:
    """A control packet that belongs to a message: its type (1-15), packet identifier and reason."""

    type: int
    packet_id: int | None = None
    reason: int | None = None


@dataclass(frozen=True, slots=True)
class FilterMessage:
    """What a filter can ask about. ``at`` in ns, ``size`` in bytes on the wire, ``rate`` per second.

    ``connection`` is the connection's letter, ``connection_name`` its name.
    """

    at: int
    topic: str
    flags: int
    size: int
    payload: bytes
    properties: bytes | None = None
    connection: str = ""
    connection_name: str = ""
    packets: tuple[PacketFact, ...] = ()
    count: int = 0
    rate: float = 0.0


def matches(
    wanted: Filter,
    message: FilterMessage,
    *,
    context: moments.Context | None = None,
    decode_properties: DecodeProperties | None = None,
) -> bool:
    """Whether the message passes the filter. For many messages take a ``matcher``."""
    return matcher(wanted, context=context, decode_properties=decode_properties)(message)


def matcher(
    wanted: Filter,
    *,
    context: moments.Context | None = None,
    decode_properties: DecodeProperties | None = None,
) -> Callable[[FilterMessage], bool]:
    """A function that says whether a message passes; times are fixed now."""
    node = moments.resolve(wanted.node, context or moments.context_now())
    decode = decode_properties or (lambda data: {})
    return lambda message: _evaluate(node, message, decode)


def flag_holds(name: str, flags: int, payload: bytes, packets: tuple[PacketFact, ...]) -> bool:
    """Whether one of the flags of the language holds."""
    match name:
        case "empty":
            return not payload
        case "json":
            return subject.json_of(payload, flags) is not subject.MISSING
        case "received":
            return not flags & OUTGOING
        case "error":
            return any(map(_refused, packets))
    return bool(flags & FLAG_BITS[name])


def _refused(packet: PacketFact) -> bool:
    """Close codes of a WebSocket are no refusals, and those of HTTP begin elsewhere (RFC 9110 §15.5)."""
    least = HTTP_REFUSED if packet.type == HTTP else REFUSED
    return (packet.reason or 0) >= least and not packet.type & WS_FRAME


FLAG_BITS = {
    "retained": RETAIN,
    "dup": DUP,
    "sent": OUTGOING,
    "changed": CHANGED,
    "binary": NOT_UTF8 | BINARY_FRAME,
}


def property_values(properties: Mapping[str, Any], field: Keyed) -> list[Any]:
    """All values of an MQTT 5 property or of a user property."""
    if field.kind == "user":
        return [value for name, value in properties.get("user", ()) if name == field.key]
    if field.key not in properties:
        return []
    value = properties[field.key]
    values = list(value) if isinstance(value, list | tuple) else [value]
    return [int(item) if isinstance(item, bool) else item for item in values]


def property_test(properties: Mapping[str, Any], test: Comparison) -> bool:
    """A test of an MQTT 5 property."""
    assert isinstance(test.field, Keyed)
    values = property_values(properties, test.field)
    return subject.compare_all(values, test.op, test.values)


def decoded(data: bytes | None, decode: DecodeProperties) -> Mapping[str, Any]:
    """The properties; malformed ones and none are empty."""
    if not data:
        return {}
    try:
        return decode(data)
    except Exception:  # whatever the decoder says: a message without readable properties has none
        return {}


def _evaluate(node: Node, message: FilterMessage, decode: DecodeProperties) -> bool:
    match node:
        case Everything():
            return True
        case And(parts):
            return all(_evaluate(part, message, decode) for part in parts)
        case Or(parts):
            return any(_evaluate(part, message, decode) for part in parts)
        case Not(part):
            return not _evaluate(part, message, decode)
        case Flag(name):
            return flag_holds(name, message.flags, message.payload, message.packets)
        case Topics(topic_filter):
            return filter_matches(topic_filter, message.topic)
        case Anywhere(Octets(octets)):
            return octets in message.payload or octets in message.topic.encode()
        case Anywhere(Word(text)):
            folded = subject.folded(text)
            return contains(message.topic, folded) or contains(subject.text_of(message.payload), folded)
        case Exists(Path() as path):
            return subject.path_exists(message.payload, message.flags, path)
        case Exists(Keyed() as keyed):
            return bool(property_values(decoded(message.properties, decode), keyed))
    assert isinstance(node, Comparison)
    return _test(node, message, decode)


def _test(test: Comparison, message: FilterMessage, decode: DecodeProperties) -> bool:
    match test.field:
        case Path():
            return subject.path_test(message.payload, message.flags, test)
        case Keyed():
            return property_test(decoded(message.properties, decode), test)
        case Named(name):
            return _named(name, test, message, decode)


def _named(name: str, test: Comparison, message: FilterMessage, decode: DecodeProperties) -> bool:
    match name:
        case "payload":
            return subject.compare(message.payload, test.op, test.values)
        case "topic":
            return topic_test(message.topic, test)
        case "conn":
            return connection_test(message.connection, message.connection_name, test)
        case "sub":
            return _subscription(test, message, decode)
        case "packet" | "reason":
            return subject.compare_all(packet_values(name, message.packets, test), test.op, test.values)
    return subject.compare(_plain(name, message), test.op, test.values)


def _plain(name: str, message: FilterMessage) -> object:
    match name:
        case "size":
            return len(message.payload)
        case "wire":
            return message.size
        case "qos":
            return qos_of(message.flags)
        case "at":
            return message.at
        case "dir":
            return "out" if message.flags & OUTGOING else "in"
        case "kind":
            return kind_of(message.flags)
        case "count":
            return message.count
    return message.rate


def kind_of(flags: int) -> str:
    """``mqtt``, or what a WebSocket frame is: ``text`` or ``binary``."""
    if not flags & WEBSOCKET:
        return "mqtt"
    return "binary" if flags & BINARY_FRAME else "text"


def packet_values(name: str, packets: tuple[PacketFact, ...], test: Comparison) -> list[object]:
    """Reasons, packet identifiers or names of packet types, as the test's values ask for them."""
    if name == "reason":
        return [packet.reason for packet in packets if packet.reason is not None]
    names = {code: word for word, code in PACKET_TYPES.items()}
    by_name = any(isinstance(literal, Word) for literal in test.values)
    found: list[object] = [packet.packet_id for packet in packets if packet.packet_id is not None]
    if not by_name:
        return found
    named: list[object] = [names[packet.type] for packet in packets if packet.type in names]
    return named if all(isinstance(literal, Word) for literal in test.values) else found + named


def topic_test(topic: str, test: Comparison) -> bool:
    """A test of the topic; a value with a wildcard is a topic filter."""
    if test.op not in ("==", "!=", "in"):
        return subject.compare(topic, test.op, test.values)
    found = any(_same_topic(topic, literal) for literal in test.values)
    return found != (test.op == "!=")


def _same_topic(topic: str, literal: Literal) -> bool:
    assert isinstance(literal, Word)
    levels = literal.value.split("/")
    if "+" in levels or levels[-1] == "#":
        return filter_matches(literal.value, topic)
    return topic == literal.value


def connection_test(letter: str, name: str, test: Comparison) -> bool:
    """A test of the connection: its letter or its name."""
    return subject.compare_all([letter, name], test.op, test.values)


def _subscription(test: Comparison, message: FilterMessage, decode: DecodeProperties) -> bool:
    identifiers = property_values(
        decoded(message.properties, decode), Keyed("prop", "subscription_identifier")
    )
    return subscription_test(identifiers, message.topic, test)


def subscription_test(identifiers: list[Any], topic: str, test: Comparison) -> bool:
    """A test of the subscription: a number is its identifier, a text its topic filter."""
    found = any(
        literal.value in identifiers
        if isinstance(literal, Number)
        else isinstance(literal, Word) and filter_matches(literal.value, topic)
        for literal in test.values
    )
    if test.op == "!=":
        return not found and (bool(identifiers) or not isinstance(test.values[0], Number))
    return found
