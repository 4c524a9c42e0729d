"""Requests and their answers in the capture (MQTT 5.0 §4.10): found anew from the messages alone.

A request names a response topic; its answer comes later on that topic of the same connection and carries
the same correlation data, if the request had any.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mqttx_tui.capture.reader import CaptureReader
from mqttx_tui.model.message import RETAIN, Message
from mqttx_tui.model.shown import milliseconds
from mqttx_tui.wire.errors import MalformedPacket
from mqttx_tui.wire.properties import decode_properties, encode_properties

NEAR = 5_000
"""Messages before or behind that may be looked through while a key waits (a few ms)."""
FAR = 500_000
"""The same in a thread."""
TIMEOUT_SECONDS = 10.0
"""After so long without an answer none is waited for; one that comes later still counts."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A request and what became of it. ``seconds`` is the latency, or how long it has waited so far."""

    request: int
    answer: int | None
    seconds: float

    @property
    def waiting(self) -> bool:
        """Whether an answer may still come."""
        return self.answer is None and self.seconds < TIMEOUT_SECONDS


@dataclass(frozen=True, slots=True)
class Pairs:
    """What stands below a message's properties. ``incomplete``: something may be further away."""

    rows: tuple[tuple[str, str], ...] = ()
    waiting: bool = False
    incomplete: bool = False


def properties_of(message: Message) -> dict[str, Any]:
    """The decoded MQTT 5 properties of a captured message; empty where they cannot be decoded."""
    try:
        return decode_properties(message.properties or b"")
    except MalformedPacket:
        return {}


def as_request(reader: CaptureReader, message: Message, now: int, *, within: int = NEAR) -> Pair | None:
    """The answer to ``message``, or how long it waits for one (``now`` in ns); None: it asks nothing."""
    asked = properties_of(message)
    topic = asked.get("response_topic")
    if not topic:
        return None
    correlation = asked.get("correlation_data")
    parts = [] if correlation is None else [encode_properties({"correlation_data": correlation})]
    first, last = message.id + 1, message.id + within
    found = [
        other
        for other in reader.carrying(parts, first, last, connection=message.connection, topic=topic)
        if properties_of(other).get("correlation_data") == correlation and not other.flags & RETAIN
    ]
    if not found:
        return Pair(message.id, None, max(now - message.at, 0) / 1e9)
    answer = min(found, key=lambda other: (other.outgoing == message.outgoing, other.id))
    return Pair(message.id, answer.id, max(answer.at - message.at, 0) / 1e9)


def as_answer(reader: CaptureReader, message: Message, *, within: int = NEAR) -> Pair | None:
    """The request that ``message`` answers; None where it answers none that is near enough."""
    correlation = properties_of(message).get("correlation_data")
    if correlation is None:
        return None
    named = {"response_topic": message.topic, "correlation_data": correlation}
    parts = [encode_properties({name: value}) for name, value in named.items()]
    first, last = message.id - within, message.id - 1
    found = [
        other
        for other in reader.carrying(parts, first, last, connection=message.connection)
        if all(properties_of(other).get(name) == value for name, value in named.items())
    ]
    if not found:
        return None
    request = max(found, key=lambda other: (other.outgoing != message.outgoing, other.id))
    return Pair(request.id, message.id, max(message.at - request.at, 0) / 1e9)


def answer_words(pair: Pair, *, numbered: bool = True) -> str:
    """What became of a request: ``answered after 14 ms by #1,234``, ``no answer yet, 3 s``."""
    if pair.answer is not None:
        by = f" by #{pair.answer:,}" if numbered else ""
        return f"answered after {milliseconds(pair.seconds * 1000)}{by}"
    if pair.waiting:
        return f"no answer yet, {pair.seconds:.0f} s"
    return f"no answer within {TIMEOUT_SECONDS:.0f} s"


def request_words(pair: Pair) -> str:
    """Of an answer: ``answers #1,230 after 14 ms``."""
    return f"answers #{pair.request:,} after {milliseconds(pair.seconds * 1000)}"


def pairs_of(reader: CaptureReader, message: Message, now: int, *, within: int = NEAR) -> Pairs:
    """Of a request its answer, of an answer its request; a message may be both."""
    rows: list[tuple[str, str]] = []
    asked = as_request(reader, message, now, within=within)
    if asked is not None:
        rows.append(("answer", answer_words(asked)))
    answered = as_answer(reader, message, within=within)
    if answered is not None:
        rows.append(("request", request_words(answered)))
    lacking = asked.answer is None if asked is not None else answered is None
    found = "correlation_data" in properties_of(message) or asked is not None
    return Pairs(tuple(rows), asked is not None and asked.waiting, found and lacking)
