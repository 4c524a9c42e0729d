"""The packet trace of a capture: rows of ``packet`` and the received messages between them, in order.

A received PUBLISH has no row of its own in ``packet``: its message holds everything that was on the wire.
A ``Place`` lies between two entries; reading goes on from it in either direction, without counting.
"""

from __future__ import annotations

import sqlite3
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from mqttx_tui.capture.schema import columns
from mqttx_tui.model.message import BINARY_FRAME, HTTP, OUTGOING, WEBSOCKET, WS_FRAME

IN, OUT = 0, 1
PUBLISH = 3
CONNECT = 1
HEAD = 512
"""Bytes of a packet that an entry holds; ``raw`` reads all."""
PAIR_ROWS = 5_000
"""So many packets around one are looked through for the others of its flow."""
_CLOSE, _PING, _PONG = WS_FRAME + 8, WS_FRAME + 9, WS_FRAME + 10
_CARRIERS = f"(type IN ({WS_FRAME + 1}, {WS_FRAME + 2}) AND message IS NOT NULL)"
"""Rows about the frames of a message: no entries of their own."""
ANSWERS = {
    (2, IN): (1, OUT),
    (4, IN): (3, OUT),
    (5, IN): (3, OUT),
    (6, OUT): (5, IN),
    (7, IN): (6, OUT),
    (4, OUT): (3, IN),
    (5, OUT): (3, IN),
    (6, IN): (5, OUT),
    (7, OUT): (6, IN),
    (9, IN): (8, OUT),
    (11, IN): (10, OUT),
    (13, IN): (12, OUT),
    (HTTP, IN): (HTTP, OUT),
    (_PONG, IN): (_PING, OUT),
    (_PONG, OUT): (_PING, IN),
    (_CLOSE, IN): (_CLOSE, OUT),
    (_CLOSE, OUT): (_CLOSE, IN),
}
"""Type and direction of a packet → those of the one that it answers (MQTT 5.0 §3, §4.3; RFC 6455 §5.5)."""
_ANSWERED_BY = {
    request: [answer for answer, other in ANSWERS.items() if other == request] for request in ANSWERS.values()
}

_PACKET = (
    "SELECT id, at, connection, direction, type, message, packet_id, reason, count, redacted, size,"
    f" coalesce(substr(raw, 1, {HEAD}), x''), {{frame}} FROM packet "
)
_MESSAGE = (
    "SELECT message.id, message.at, coalesce(topic.connection, 0), message.flags, message.size,"
    f" coalesce(topic.name, ''), CASE WHEN message.flags & {WEBSOCKET} THEN substr(payload, 1, {HEAD})"
    " ELSE x'' END FROM message LEFT JOIN topic ON topic.id = message.topic "
)


class Place(NamedTuple):
    """Before it lie packets with ids below ``packet`` and messages with ids below ``message``."""

    packet: int
    message: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One packet or WebSocket frame. ``at`` in ns, ``direction`` 0 in, 1 out, ``size`` on the wire in bytes.

    ``row`` is its id in ``packet``, 0 for a message; ``head`` its first bytes, or those of a WebSocket
    message's payload, empty for a received PUBLISH. ``place`` lies before it. ``frame`` are the heads of
    the WebSocket frames that carried it, as far as they are kept.
    """

    at: int
    connection: int
    direction: int
    type: int
    message: int | None
    packet_id: int | None
    reason: int | None
    count: int
    redacted: bool
    size: int
    row: int
    head: bytes
    flags: int
    topic: str
    place: Place
    frame: bytes = b""

    @property
    def key(self) -> tuple[int, int]:
        """Tells entries apart."""
        return self.row, self.message or 0

    @property
    def received_publish(self) -> bool:
        """Whether it is a message that came in a PUBLISH."""
        return not self.row and self.type == PUBLISH


class TraceReader:
    """Reads the trace; every call reads a bounded part and leaves no cursor open."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._connects: dict[int, list[tuple[int, int]]] = {}
        self._connects_until = 0
        kept = "frame" in columns(database, "packet")
        self.keeps_frames = kept
        """Whether the capture was written by a version that keeps frames."""
        self._packet = _PACKET.format(frame="coalesce(frame, x'')" if kept else "x''")

    def _all(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        return self._database.execute(sql, values).fetchall()

    def end(self) -> Place:
        """After everything that is there now."""
        packet, message = self._all(
            "SELECT coalesce((SELECT max(id) FROM packet), 0), coalesce((SELECT max(id) FROM message), 0)"
        )[0]
        return Place(packet + 1, message + 1)

    def before(self, place: Place, limit: int, *, messages: bool = True) -> tuple[list[Entry], Place]:
        """At most ``limit`` entries before a place, ascending, and the place before them.

        Nothing lies before that place when it is the one that was given.
        """
        packets = self._all(
            f"{self._packet}WHERE id < ? AND NOT {_CARRIERS} ORDER BY id DESC LIMIT ?", (place.packet, limit)
        )
        rows = []
        if messages:
            rows = self._all(
                _MESSAGE + "WHERE message.id < ? ORDER BY message.id DESC LIMIT ?", (place.message, limit)
            )
        taken: list[Entry] = []
        packet, message = place
        for is_message, row in _in_turn(packets, rows, limit, newest_first=True):
            if len(taken) == limit:
                break
            if is_message:
                message = row[0]
                if _stands_alone(row):
                    taken.append(_of_message(row, Place(packet, message)))
            else:
                packet = row[0]
                taken.append(_of_packet(row, Place(packet, message)))
        return taken[::-1], Place(packet, message)

    def after(self, place: Place, limit: int, *, messages: bool = True) -> tuple[list[Entry], Place]:
        """At most ``limit`` entries from a place on, ascending, and the place after them."""
        packets = self._all(
            f"{self._packet}WHERE id >= ? AND NOT {_CARRIERS} ORDER BY id LIMIT ?", (place.packet, limit)
        )
        rows = []
        if messages:
            rows = self._all(
                _MESSAGE + "WHERE message.id >= ? ORDER BY message.id LIMIT ?", (place.message, limit)
            )
        taken: list[Entry] = []
        packet, message = place
        for is_message, row in _in_turn(packets, rows, limit, newest_first=False):
            if len(taken) == limit:
                break
            if is_message:
                if _stands_alone(row):
                    taken.append(_of_message(row, Place(packet, row[0])))
                message = row[0] + 1
            else:
                taken.append(_of_packet(row, Place(row[0], message)))
                packet = row[0] + 1
        return taken, Place(packet, message)

    def flow(self, entry: Entry) -> list[Entry]:
        """The packets that belong with this one, in their order: PUBLISH, PUBREC, PUBREL, PUBCOMP."""
        chain = [entry]
        while (before := self.answered(chain[0])) is not None:
            chain.insert(0, before)
        while (after := self._answer(chain[-1])) is not None:
            chain.append(after)
        return chain

    def answered(self, entry: Entry) -> Entry | None:
        """What a packet answers."""
        request = ANSWERS.get((entry.type, entry.direction))
        if request is None:
            return None
        if entry.type & WS_FRAME and not entry.frame:
            return None  # of a version that kept no upgrades: which connection was it?
        if request == (PUBLISH, IN):
            return None if entry.message is None else self._message(entry.message, entry.place)
        low, high = entry.row - PAIR_ROWS, entry.row
        if entry.type & WS_FRAME:
            low = max(low, self._upgrade(entry, low, high, "max"))
        return self._partner(entry, [request], low, high, "DESC")

    def _answer(self, entry: Entry) -> Entry | None:
        wanted = _ANSWERED_BY.get((entry.type, entry.direction))
        if wanted is None or (entry.type & WS_FRAME and not entry.frame):
            return None
        if entry.received_publish:
            rows = self._all(
                f"{self._packet}WHERE message = ? AND NOT {_CARRIERS} ORDER BY id LIMIT 1", (entry.message,)
            )
            return _of_packet(rows[0], Place(rows[0][0], entry.place.message)) if rows else None
        low, high = entry.row + 1, entry.row + PAIR_ROWS
        if entry.type & WS_FRAME:
            high = min(high, self._upgrade(entry, low, high, "min") or high)
        return self._partner(entry, wanted, low, high, "ASC")

    def _upgrade(self, entry: Entry, low: int, high: int, which: str) -> int:
        """The last or first upgrade of its connection between two rows, 0 for none: payloads of pings
        repeat in the next one, and every one has its own close frames."""
        values = (entry.connection, HTTP, low, high)
        where = "connection = ? AND type = ? AND id >= ? AND id < ?"
        return int(self._all(f"SELECT coalesce({which}(id), 0) FROM packet WHERE {where}", values)[0][0])

    def _partner(
        self, entry: Entry, wanted: list[tuple[int, int]], low: int, high: int, order: str
    ) -> Entry | None:
        kinds = " OR ".join(f"type = {kind} AND direction = {direction}" for kind, direction in wanted)
        where = f"WHERE connection = ? AND id >= ? AND id < ? AND ({kinds})"
        values: list[int | bytes] = [entry.connection, low, high]
        if entry.packet_id is not None:
            where, values = where + " AND packet_id = ?", [*values, entry.packet_id]
        if entry.type in (_PING, _PONG):
            where, values = where + " AND raw = ?", [*values, entry.head]
        rows = self._all(f"{self._packet}{where} ORDER BY id {order} LIMIT 1", values)
        return _of_packet(rows[0], Place(rows[0][0], entry.place.message)) if rows else None

    def _message(self, ident: int, near: Place) -> Entry | None:
        rows = self._all(_MESSAGE + "WHERE message.id = ?", (ident,))
        return _of_message(rows[0], Place(near.packet, ident)) if rows else None

    def raw(self, entry: Entry) -> bytes:
        """All bytes that are kept of a packet; empty for one whose bytes its message holds."""
        if not entry.row:
            return b""
        found = self._all("SELECT raw FROM packet WHERE id = ?", (entry.row,))
        return bytes(found[0][0]) if found else b""

    def frames(self, entry: Entry) -> tuple[bytes, int]:
        """Heads of the WebSocket frames of a packet or message, and how many frames there were; none where
        they were not kept."""
        if entry.frame or not entry.message or entry.row or not self.keeps_frames:
            return entry.frame, 1
        found = self._all(
            f"SELECT frame, count FROM packet WHERE message = ? AND {_CARRIERS} LIMIT 1", (entry.message,)
        )
        return (bytes(found[0][0] or b""), found[0][1]) if found else (b"", 0)

    def over_websocket(self, entry: Entry) -> bool:
        """Whether its connection is a WebSocket, below MQTT or by itself."""
        found = self._all("SELECT url FROM connection WHERE id = ?", (entry.connection,))
        return bool(found) and str(found[0][0]).partition("://")[0].endswith(("ws", "wss"))

    def level(self, entry: Entry) -> int:
        """The protocol level (3, 4, 5) that the connection spoke then; 4 where its CONNECT is gone."""
        row = entry.row or entry.place.packet
        if row > self._connects_until:
            self._look_for_connects()
        known = self._connects.get(entry.connection, [])
        place = bisect_right(known, (row, 9))
        return known[place - 1][1] if place else 4

    def _look_for_connects(self) -> None:
        found = self._all(
            "SELECT id, connection, raw FROM packet WHERE id > ? AND type = ? AND direction = ? ORDER BY id",
            (self._connects_until, CONNECT, OUT),
        )
        for row, connection, raw in found:
            self._connects.setdefault(connection, []).append((row, _level(bytes(raw))))
        self._connects_until = max(self._connects_until, self.end().packet - 1)

    def place_of_message(self, ident: int) -> Place | None:
        """Before the packet that brought a message, or took it away."""
        packets = self._all("SELECT id FROM packet WHERE message = ? ORDER BY id LIMIT 1", (ident,))
        messages = self._all("SELECT at FROM message WHERE id = ?", (ident,))
        if packets:
            return Place(packets[0][0], ident)
        if not messages:
            return None
        later = self._all("SELECT id FROM packet WHERE at >= ? ORDER BY id LIMIT 1", (messages[0][0],))
        return Place(later[0][0] if later else self.end().packet, ident)

    def packet_id_of(self, message: int) -> int | None:
        """The packet identifier of a received message, from its acknowledgement."""
        found = self._all(
            "SELECT packet_id FROM packet WHERE message = ? AND packet_id IS NOT NULL LIMIT 1", (message,)
        )
        return found[0][0] if found else None


def _in_turn(
    packets: Sequence[Sequence[Any]], messages: Sequence[Sequence[Any]], limit: int, *, newest_first: bool
) -> Iterator[tuple[bool, Sequence[Any]]]:
    """Rows of both as they follow each other, with whether each is a message.

    When ``limit`` rows of one kind are used up, what follows of it was not read: there it ends.
    """
    packet, message = 0, 0
    while packet < len(packets) or message < len(messages):
        if (message == len(messages) == limit) or (packet == len(packets) == limit):
            return
        if packet == len(packets) or (
            message < len(messages) and _is_later(messages[message], packets[packet]) == newest_first
        ):
            yield True, messages[message]
            message += 1
        else:
            yield False, packets[packet]
            packet += 1


def _is_later(message: Sequence[Any], packet: Sequence[Any]) -> bool:
    """Whether a message stands after a packet; at the same time it stands before, as before its PUBACK."""
    return bool(message[1] > packet[1])


def _stands_alone(message: Sequence[Any]) -> bool:
    """Whether a message is an entry by itself: our own PUBLISH packets have rows in ``packet``."""
    return bool(message[3] & (OUTGOING | WEBSOCKET) != OUTGOING)


def _of_packet(row: Sequence[Any], place: Place) -> Entry:
    ident, at, connection, direction, kind, message, packet_id, reason, count, redacted, size, head, frame = (
        row
    )
    return Entry(
        at, connection, direction, kind, message, packet_id, reason, count, bool(redacted), size, ident,
        bytes(head), 0, "", place, bytes(frame),
    )  # fmt: skip


def _of_message(row: Sequence[Any], place: Place) -> Entry:
    ident, at, connection, flags, size, topic, head = row
    kind, direction = PUBLISH, IN
    if flags & WEBSOCKET:
        kind = WS_FRAME + (2 if flags & BINARY_FRAME else 1)
        direction = OUT if flags & OUTGOING else IN
    return Entry(
        at,
        connection,
        direction,
        kind,
        ident,
        None,
        None,
        1,
        False,
        size,
        0,
        bytes(head),
        flags,
        topic,
        place,
    )


def _level(raw: bytes) -> int:
    """The protocol level in a CONNECT (MQTT 5.0 §3.1.2.2)."""
    at = 1
    while at < len(raw) and raw[at] >= 0x80:
        at += 1
    at += 1
    name = int.from_bytes(raw[at : at + 2], "big")
    return raw[at + 2 + name] & 0x7F if at + 2 + name < len(raw) else 4
