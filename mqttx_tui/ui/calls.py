"""Requests over a raw WebSocket and their answers: messages of opposite directions with the same id."""

from __future__ import annotations

from mqttx_tui.capture.reader import CaptureReader
from mqttx_tui.model.message import WEBSOCKET, Message
from mqttx_tui.payload.calls import LIMIT, Call, call_of
from mqttx_tui.payload.socketio import partners_of
from mqttx_tui.ui import pairing
from mqttx_tui.ui.pairing import NEAR, Pair, Pairs, answer_words, request_words

LARGE = 8_000_000
"""Bytes of a payload that is looked at in a thread; while a key waits, ``payload.calls.LIMIT``."""


def call_in(reader: CaptureReader, message: Message, within: int = NEAR) -> Call | None:
    """The id that a captured message carries, as far as so large a payload is looked at."""
    most = _most(within)
    return call_of(reader.payload(message.id), most) if message.payload_size <= most else None


def _most(within: int) -> int:
    return LIMIT if within <= NEAR else LARGE


def as_request(reader: CaptureReader, message: Message, call: Call, now: int, *, within: int) -> Pair | None:
    """The first answer to ``message``, or how long it waits for one (``now`` in ns); None: it asks nothing.

    What we send asks, unless JSON-RPC says that it answers; what the server sends only when JSON-RPC says
    so. An answer that came after the id was used again belongs to the later request.
    """
    if call.answers or not (message.outgoing or call.asks):
        return None
    first, last = message.id + 1, message.id + within
    asked = reader.identified(
        *(call.field, call.value, first, last), connection=message.connection, most=_most(within)
    )
    for other in asked:
        found = call_in(reader, other, within)
        if not call.same(found) or found is None:
            continue
        if other.outgoing == message.outgoing:
            if not found.answers:
                break
        elif not found.asks:
            return Pair(message.id, other.id, max(other.at - message.at, 0) / 1e9)
    return Pair(message.id, None, max(now - message.at, 0) / 1e9)


def request_pair(reader: CaptureReader, message: Message, now: int, *, within: int = NEAR) -> Pair | None:
    """What became of ``message`` as a request: by its id over a raw WebSocket, else as MQTT 5 has it."""
    if not message.flags & WEBSOCKET:
        return pairing.as_request(reader, message, now, within=within)
    call = call_in(reader, message, within)
    if call is None:
        event, _ = _acknowledged(reader, message, now, within)
        return event
    return as_request(reader, message, call, now, within=within)


def as_answer(reader: CaptureReader, message: Message, call: Call, *, within: int) -> Pair | None:
    """The request that ``message`` answers; None where it answers none that is near enough."""
    if call.asks or (message.outgoing and not call.answers):
        return None
    found = reader.identified(
        call.field,
        call.value,
        message.id - within,
        message.id - 1,
        connection=message.connection,
        newest_first=True,
        outgoing=not message.outgoing,  # hundreds of events may answer one request
        most=_most(within),
    )
    for other in found:
        asked = call_in(reader, other, within)
        if asked and call.same(asked) and (asked.asks or (other.outgoing and not asked.answers)):
            return Pair(other.id, message.id, max(message.at - other.at, 0) / 1e9)
    return None


def _acknowledged(
    reader: CaptureReader, message: Message, now: int, within: int
) -> tuple[Pair | None, Pair | None]:
    """An event of Socket.IO with an id and its acknowledgement: what became of ``message``, or what it
    acknowledges."""
    partners = partners_of(reader.payload(message.id, 0, 1024))
    if partners is None:
        return None, None
    asks, heads = partners
    first, last = (message.id + 1, message.id + within) if asks else (message.id - within, message.id - 1)
    found = reader.beginning(
        heads,
        first,
        last,
        connection=message.connection,
        outgoing=not message.outgoing,
        newest=not asks,
    )
    if found is None:
        return (Pair(message.id, None, max(now - message.at, 0) / 1e9), None) if asks else (None, None)
    seconds = abs(found.at - message.at) / 1e9
    return (
        (Pair(message.id, found.id, seconds), None) if asks else (None, Pair(found.id, message.id, seconds))
    )


def pairs_of(reader: CaptureReader, message: Message, now: int, *, within: int = NEAR) -> Pairs:
    """Of a request its answer, of an answer its request: by the id over a raw WebSocket, else as MQTT 5 has
    it."""
    if not message.flags & WEBSOCKET:
        return pairing.pairs_of(reader, message, now, within=within)
    call = call_in(reader, message, within)
    if call is None:
        asked, answered = _acknowledged(reader, message, now, within)
        if asked is None and answered is None:
            return Pairs(incomplete=message.payload_size > LIMIT and within <= NEAR)
    else:
        asked = as_request(reader, message, call, now, within=within)
        answered = as_answer(reader, message, call, within=within)
    rows = [("answer", answer_words(asked))] if asked is not None else []
    rows += [("request", request_words(answered))] if answered is not None else []
    lacking = asked.answer is None if asked is not None else answered is None
    return Pairs(tuple(rows), asked is not None and asked.waiting, lacking)
