"""Reading a capture while it is written, or afterwards."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from mqttx_tui.capture.fates import fates
from mqttx_tui.capture.history import History
from mqttx_tui.capture.ledger import from_json
from mqttx_tui.capture.log import file_bytes
from mqttx_tui.capture.moment import id_at
from mqttx_tui.capture.opening import open_readonly
from mqttx_tui.capture.rows import Bounds, ConnectionRow, EventRow, FateRow, TopicRow
from mqttx_tui.capture.schema import FIRST_OTHER_TOPIC
from mqttx_tui.capture.subscribing import Step, steps
from mqttx_tui.capture.trace import TraceReader
from mqttx_tui.model.message import OUTGOING, Message, PacketRow
from mqttx_tui.model.state import EngineCounters

TOPICS_A_CALL = 10_000
_WHOLE_ROW = 65_536
"""Payloads up to this size are read with their row; of larger ones only the part asked for."""

_MESSAGE = f"""
SELECT message.id, message.at, message.topic, coalesce(topic.connection, 0), coalesce(topic.name, ''),
    message.flags, message.size, length(message.payload), message.properties,
    CASE WHEN length(message.payload) <= {_WHOLE_ROW} THEN substr(message.payload, 1, ?) END
FROM message LEFT JOIN topic ON topic.id = message.topic
"""


class CaptureReader:
    """One reader per thread: all calls come from the thread that made it, except ``interrupt``.

    No call leaves a cursor open, and each reads a bounded part; a call that ``interrupt`` ends
    raises ``sqlite3.OperationalError``. Raises ``InputError`` for a file that cannot be read.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = str(path)
        self._remove_copy: Callable[[], None]
        self._database, self._remove_copy = open_readonly(path)
        self._history = History(self._database)
        self.trace = TraceReader(self._database)
        """The packets of the capture, in order with its messages."""

    def _all(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        return self._database.execute(sql, values).fetchall()

    def bounds(self) -> Bounds:
        """Floor, newest id and number of pinned messages under the floor."""
        floor, pinned, last = self._all(
            "SELECT (SELECT value FROM meta WHERE key = 'floor'),"
            " (SELECT value FROM meta WHERE key = 'pinned'), (SELECT max(id) FROM message)"
        )[0]
        floor = floor or 1
        return Bounds(floor, max(last or 0, floor - 1), pinned or 0)

    def messages(self, first_id: int, count: int, *, payload: int = 256) -> list[Message]:
        """The messages with ids from ``first_id`` to before ``first_id + count``, ascending.

        At most ``payload`` bytes of each payload; fewer messages where some were evicted or lost.
        """
        rows = self._all(
            _MESSAGE + "WHERE message.id >= ? AND message.id < ? ORDER BY message.id",
            (payload, first_id, first_id + count),
        )
        return [self._message(row, payload) for row in rows]

    def by_ids(self, ids: Sequence[int], *, payload: int = 256) -> list[Message]:
        """The messages with these ids that are still there, in the order asked for."""
        rows = self._all(
            _MESSAGE + "WHERE message.id IN (SELECT value FROM json_each(?))",
            (payload, json.dumps(list(ids))),
        )
        found = {row[0]: row for row in rows}
        return [self._message(found[ident], payload) for ident in ids if ident in found]

    def message(self, ident: int, *, payload: int = 65_536) -> Message | None:
        """One message, or None where it was evicted."""
        found = self.by_ids([ident], payload=payload)
        return found[0] if found else None

    def _message(self, row: Sequence[Any], payload: int) -> Message:
        ident, at, topic, connection, name, flags, size, length, properties, data = row
        if data is None:
            data = self.payload(ident, 0, payload) if payload else b""
        return Message(ident, at, topic, connection, name, flags, size, data, length, properties)

    def payload(self, ident: int, offset: int = 0, length: int | None = None) -> bytes:
        """A part of a payload; empty where there is none, or the message was evicted."""
        try:
            with self._database.blobopen("message", "payload", ident, readonly=True) as blob:
                left = max(len(blob) - offset, 0)
                wanted = left if length is None else min(length, left)
                if not wanted:
                    return b""
                blob.seek(offset)
                return blob.read(wanted)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname == "SQLITE_INTERRUPT":
                raise
            return b""

    def topics(self, since_revision: int) -> tuple[int, list[TopicRow]]:
        """Topics whose statistics changed after a revision, and the revision that this brings one to.

        About 10,000 rows a call: call again with the new revision until there are none. A topic
        whose ``count`` is 0 was forgotten by a clear. Topics past the limit are not among them.
        """
        rows = self._all(
            "SELECT id, connection, name, count, bytes, first_at, last_at, last_message, retained, rate,"
            " revision FROM topic INDEXED BY topic_revision WHERE revision > ? ORDER BY revision LIMIT ?",
            (since_revision, TOPICS_A_CALL),
        )
        if not rows:
            return since_revision, []
        last = rows[-1][10]
        if len(rows) == TOPICS_A_CALL and rows[0][10] != last:
            # The last revision may not be whole.
            rows = [row for row in rows if row[10] != last]
            last = rows[-1][10]
        return last, [TopicRow(*row) for row in rows]

    def topics_left_out(self) -> tuple[int, int]:
        """How many topics are past the limit, so that there are no rows of them, and the limit.

        A name that comes again after thousands of others that are past the limit counts anew.
        """
        found = self._all(
            "SELECT (SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'other_topics'),"
            " (SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'limit_topics')"
        )[0]
        return max(found[0] or 0, 0), max(found[1] or 0, 0)

    def connections(self) -> dict[int, ConnectionRow]:
        """All connections by id."""
        rows = self._all("SELECT id, name, letter, url, protocol, color FROM connection")
        return {row[0]: ConnectionRow(*row) for row in rows}

    def fates(self, ids: Sequence[int]) -> dict[int, FateRow]:
        """What became of each outgoing message among ``ids``."""
        return fates(self._database, ids)

    def history(
        self, topic_id: int, *, before: int | None = None, limit: int = 100, payload: int = 256
    ) -> list[Message]:
        """A topic's messages, newest first, from before an id; at most ``payload`` bytes of each payload.

        The first call for a rare topic reads the capture backwards (0.1 s per million messages);
        later ones only what came since.
        """
        return self.by_ids(self.topic_ids(topic_id, before=before, limit=limit), payload=payload)

    def topic_ids(self, topic_id: int, *, before: int | None = None, limit: int = 100) -> list[int]:
        """The ids of what ``history`` reads."""
        bounds = self.bounds()
        end = bounds.last + 1 if before is None else min(before, bounds.last + 1)
        ids = self._history.ids(topic_id, end, bounds.floor, limit)
        if len(ids) < limit and bounds.pinned:
            ids += self._pinned(topic_id, min(end, bounds.floor))[: limit - len(ids)]
        return ids

    def near(self, topic_id: int, before: int, rows: int) -> int | None:
        """The topic's newest message before an id, when it is among the last ``rows`` ids before it."""
        return self._history.near(topic_id, max(before - rows, self.bounds().floor), before)

    def carrying(
        self,
        parts: Sequence[bytes],
        first: int,
        last: int,
        *,
        connection: int,
        topic: str = "",
        limit: int = 20,
    ) -> list[Message]:
        """A connection's messages from id ``first`` to ``last`` whose properties hold all of ``parts``.

        Those on ``topic`` are given oldest first, those on any topic newest first. The bytes are found
        wherever they stand: what comes back is still to be decoded and compared.
        """
        tests = "".join("instr(message.properties, ?) AND " for _ in parts)
        tests += "topic.connection = ? AND "
        tests += "topic.name = ? ORDER BY message.id" if topic else "? = '' ORDER BY message.id DESC"
        rows = self._all(
            _MESSAGE + f"WHERE message.id >= ? AND message.id <= ? AND {tests} LIMIT ?",
            (0, first, last, *parts, connection, topic, limit),
        )
        return [self._message(row, 0) for row in rows]

    def identified(
        self,
        field: str,
        value: int | str,
        first: int,
        last: int,
        *,
        connection: int,
        newest_first: bool = False,
        outgoing: bool | None = None,
        most: int = _WHOLE_ROW,
        limit: int = 20,
    ) -> list[Message]:
        """A connection's messages from id ``first`` to ``last`` whose JSON holds ``value`` in ``field``.

        Oldest first unless ``newest_first``, of both directions unless ``outgoing`` says which; none has more
        than ``most`` bytes, and those of up to 64 KiB come with their payload. SQLite takes true for 1: what
        comes back is still to be compared.
        """
        directions = (0, OUTGOING) if outgoing is None else (OUTGOING if outgoing else 0,) * 2
        text = "CAST(message.payload AS TEXT)"
        rows = self._all(
            _MESSAGE + "WHERE message.id >= ? AND message.id <= ? AND topic.connection = ?"
            f" AND (message.flags & {OUTGOING}) IN (?, ?) AND length(message.payload) <= ?"
            f" AND CASE WHEN json_valid({text}) THEN json_extract({text}, ?) END = ?"
            f" ORDER BY message.id {'DESC' if newest_first else 'ASC'} LIMIT ?",
            (_WHOLE_ROW, first, last, connection, *directions, most, f'$."{field}"', value, limit),
        )
        return [self._message(row, _WHOLE_ROW) for row in rows]

    def beginning(
        self, heads: Sequence[bytes], first: int, last: int, *, connection: int, outgoing: bool, newest: bool
    ) -> Message | None:
        """The first (or the newest) message of a connection from id ``first`` to ``last`` that goes that way
        and whose payload begins with one of ``heads``, which have the first byte in common; without its
        payload."""
        same = " OR ".join("substr(message.payload, 1, ?) = ?" for _ in heads)
        rows = self._all(
            _MESSAGE + "WHERE message.id >= ? AND message.id <= ? AND topic.connection = ?"
            f" AND (message.flags & {OUTGOING}) = ? AND substr(message.payload, 1, 1) = ? AND ({same})"
            f" ORDER BY message.id {'DESC' if newest else 'ASC'} LIMIT 1",
            (
                *(0, first, last, connection, OUTGOING if outgoing else 0, heads[0][:1]),
                *(part for head in heads for part in (len(head), head)),
            ),
        )
        return self._message(rows[0], 0) if rows else None

    def after(self, topic_id: int, ident: int) -> int | None:
        """The next newer message of a topic; None where there is none yet."""
        bounds = self.bounds()
        if ident < bounds.floor and bounds.pinned:
            newer = [found for found in self._pinned(topic_id, bounds.floor) if found > ident]
            if newer:
                return newer[-1]
        return self._history.after(topic_id, max(ident + 1, bounds.floor), bounds.last + 1)

    def _pinned(self, topic: int, before: int) -> list[int]:
        found = self._all("SELECT last_message, retained FROM topic WHERE id = ?", (topic,))
        ids = {ident for row in found for ident in row if ident and ident < before}
        return sorted(ids, reverse=True)

    def id_at(self, at: int) -> int | None:
        """The first message at or after a time (ns since 1970), else the newest; None when empty."""
        bounds = self.bounds()
        return id_at(self._database, bounds, at) if bounds.count else None

    def events(self, after_id: int = 0, *, limit: int = 1_000) -> list[EventRow]:
        """Events after an event id, ascending."""
        rows = self._all(
            "SELECT id, at, connection, kind, text, message FROM event WHERE id > ? ORDER BY id LIMIT ?",
            (after_id, limit),
        )
        return [EventRow(*row) for row in rows]

    def packets(
        self,
        after_id: int = 0,
        *,
        connection: int | None = None,
        message: int | None = None,
        limit: int = 1_000,
    ) -> list[tuple[int, PacketRow]]:
        """Packets after a packet id with their ids, ascending; of one connection or message."""
        where, values = "id > ?", [after_id]
        for column, value in (("connection", connection), ("message", message)):
            if value is not None:
                where += f" AND {column} = ?"
                values.append(value)
        rows = self._all(
            "SELECT id, at, connection, direction, type, message, packet_id, reason, count, redacted, raw"
            f" FROM packet WHERE {where} ORDER BY id LIMIT ?",
            (*values, limit),
        )
        return [(row[0], _packet(row)) for row in rows]

    def counters(self) -> EngineCounters:
        """The counters as of the last committed batch; ``rate`` is not kept in the file."""
        meta = dict(self._all("SELECT key, value FROM meta"))
        connections = from_json(meta.get("counters", "{}"))
        bounds = self.bounds()
        topics = self._all("SELECT count(*) FROM topic WHERE id < ?", (FIRST_OTHER_TOPIC,))[0][0]
        return EngineCounters(
            connections=connections,
            kept=sum(each.kept for each in connections.values()),
            evicted=sum(each.evicted for each in connections.values()),
            lost=sum(each.lost for each in connections.values()),
            received=sum(each.received for each in connections.values()),
            file_bytes=file_bytes(self.path),
            last_id=bounds.last,
            floor_id=bounds.floor,
            topics=topics,
            other_topics=self.topics_left_out()[0],
            limit_messages=int(meta.get("limit_messages", 0)),
            limit_bytes=int(meta.get("limit_bytes", 0)),
            limit_topics=int(meta.get("limit_topics", 0)),
        )

    def subscribing(self, after_id: int) -> list[Step]:
        """The packets of subscribing after a packet id, ascending."""
        return steps(self._database, after_id)

    def interrupt(self) -> None:
        """End the call that runs in another thread; it raises ``sqlite3.OperationalError``."""
        self._database.interrupt()

    def close(self) -> None:
        """Close the file and remove a private copy."""
        self._database.close()
        self._remove_copy()


def _packet(row: Sequence[Any]) -> PacketRow:
    _, at, connection, direction, kind, message, packet_id, reason, count, redacted, raw = row
    return PacketRow(at, connection, direction, kind, message, packet_id, reason, count, bool(redacted), raw)
