"""The writer's thread side: one transaction a batch, retention in step with it."""

from __future__ import annotations

import os
import sqlite3
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from mqttx_tui import __version__
from mqttx_tui.capture.batch import Batch, OtherTopics
from mqttx_tui.capture.carried import Carried, is_full
from mqttx_tui.capture.inserts import ManyRows
from mqttx_tui.capture.ledger import Tally, to_json
from mqttx_tui.capture.limits import Limits
from mqttx_tui.capture.log import WriteAheadLog
from mqttx_tui.capture.packets import PacketRetention
from mqttx_tui.capture.reserve import MOST_BYTES, Reserve
from mqttx_tui.capture.resume import resume
from mqttx_tui.capture.retention import Evicted, Retention
from mqttx_tui.capture.schema import FIRST_OTHER_TOPIC, FORMAT
from mqttx_tui.capture.statistics import COLUMNS, TopicStatistics

FLUSH_ROWS = 5_000
FLUSH_SECONDS = 0.020
EVENTS_KEPT = 10_000

_MESSAGE = "INSERT INTO message(at, topic, flags, size, payload, properties)"
_FIRST_MESSAGE = "INSERT INTO message(at, topic, flags, size, payload, properties, id) VALUES (?,?,?,?,?,?,?)"
_TOPIC_CHANGED = (
    "INSERT INTO topic(id, connection, name, count, bytes, first_at, last_at, last_message, retained,"
    " rate, revision)"
)
_TOPIC_UPDATE = (
    "ON CONFLICT(id) DO UPDATE SET count = excluded.count, bytes = excluded.bytes,"
    " first_at = excluded.first_at, last_at = excluded.last_at, last_message = excluded.last_message,"
    " retained = excluded.retained, rate = excluded.rate, revision = excluded.revision"
)


@dataclass(frozen=True, slots=True)
class _Work:
    """A batch made ready: ``flat`` holds the columns of row after row."""

    batch: Batch
    flat: list[Any]
    first: int
    last: dict[int, int]
    retained: dict[int, int]


class Store:
    """The capture's tables as the writer's thread changes them.

    Used by one thread at a time.
    """

    def __init__(
        self,
        path: str,
        database: sqlite3.Connection,
        limits: Limits,
        tallies: dict[int, Tally],
        now: Callable[[], int],
    ) -> None:
        self.database = database
        self.log = WriteAheadLog(database, path)
        self.tallies = tallies
        self.statistics = TopicStatistics()
        self.retention = Retention(database, self.statistics, limits)
        self.revision = 0
        self.next_id = 1
        """The first id that no message has had, as far as the file goes."""
        self.others = 0
        self._row_id = 0
        self._topics_through = 0
        self._carried = Carried(now)
        self._others: deque[OtherTopics] = deque()
        self._messages = ManyRows(_MESSAGE, COLUMNS)
        self._topics = ManyRows("INSERT OR IGNORE INTO topic(id, connection, name)", 3, largest=512)
        self._changed = ManyRows(_TOPIC_CHANGED, 11, _TOPIC_UPDATE, largest=512)
        self._packets = ManyRows(
            "INSERT INTO packet(at, connection, direction, type, message, packet_id, reason, count,"
            " redacted, size, raw, frame)",
            12,
            largest=512,
        )
        self._packet_retention = PacketRetention(database)
        self._events = ManyRows("INSERT INTO event(at, connection, kind, text, message)", 5, largest=64)
        self._meta = ManyRows(
            "INSERT INTO meta(key, value)",
            2,
            "ON CONFLICT(key) DO UPDATE SET value = excluded.value",
            largest=8,
        )
        self._resume()
        self._reserve = Reserve(os.path.dirname(path) or ".", min(limits.bytes // 8, MOST_BYTES))

    def _resume(self) -> None:
        """Take over what an existing capture holds, or write what a new one starts with."""
        found = resume(self.database, self.statistics)
        self.next_id = found.next_id
        self.revision = found.revision
        self.others = found.others
        self._row_id = found.newest
        if found.others:
            self._others.append(OtherTopics(FIRST_OTHER_TOPIC + found.others, found.next_id))
        self._topics_through = 0 if self.statistics.dirty else found.newest
        self.retention.load(found.floor, found.next_id - 1)
        self.tallies.update(found.tallies)
        self.database.execute("BEGIN IMMEDIATE")
        self._write_meta(("format", FORMAT, "application", f"mqttx-tui {__version__}"))
        self.database.execute("COMMIT")

    def write(self, batch: Batch) -> None:
        """Write a batch; oldest messages make room for it in the same transaction.

        A full disk costs the oldest messages; where even that does not help the batch is lost:
        counted, its ids used up, and the error raised. Topics, connections and events of a
        lost batch come with the next one.
        """
        self._carried.pass_on(batch)
        try:
            work = self._work(batch)
            try:
                self._commit(work)
            except sqlite3.Error as error:
                if not is_full(error):
                    raise
                self._yield_space(batch)
                self._commit(work)
        except Exception as error:
            self._lose(batch, str(error))
            raise
        self.statistics.point(work.last, work.retained)
        self._carried.written()
        if self._reserve.renew():
            self.retention.lift_ceiling()

    def _work(self, batch: Batch) -> _Work:
        """Count the batch in the statistics, once however often it is tried."""
        topics = [topic[0] for topic in batch.topics]
        self.statistics.reach(max((topic for topic in topics if topic < FIRST_OTHER_TOPIC), default=0))
        self.others = max(self.others, max(topics, default=0) - FIRST_OTHER_TOPIC + 1)
        self._others.extend(batch.others)
        if not batch.parts:
            return _Work(batch, [], self.next_id, {}, {})
        first = batch.parts[0].first
        flat: list[Any] = list(chain.from_iterable(chain.from_iterable(part.rows for part in batch.parts)))
        last, retained = self.statistics.take(flat, first)
        return _Work(batch, flat, first, last, retained)

    def _commit(self, work: _Work) -> None:
        batch = work.batch
        with self._transaction() as evicted:
            self._write_side(batch)
            self.retention.make_room(batch.rows, batch.size, evicted)
            if work.flat:
                self._write_messages(work.flat, work.first)
                self.retention.unpin(work.last, work.retained, evicted)
            for part in batch.parts:
                tally = self.tallies[part.connection]
                tally.stored += len(part.rows) - part.sent
                tally.stored_sent += part.sent

    def _yield_space(self, batch: Batch) -> None:
        """The disk is full: keep less from now on than it holds."""
        self._reserve.give_up()
        self.log.restart()
        self.retention.lower_ceiling(max(self.retention.used_bytes() // 10, 2 * batch.size))
        while self.evict():
            pass
        self.log.restart()

    def _lose(self, batch: Batch, reason: str) -> None:
        for part in batch.parts:
            self.tallies[part.connection].lost += len(part.rows) - part.sent
            self.retention.last = max(self.retention.last, part.first + len(part.rows) - 1)
        self._carried.lost(batch, reason)

    @contextmanager
    def _transaction(self) -> Iterator[Evicted]:
        """A transaction that counts what it evicts and brings ``meta`` up to date.

        Whatever goes wrong, everything is rolled back, here and in the file.
        """
        state, newest, row_id = self.retention.snapshot(), self.retention.last, self._row_id
        tallies = {ident: replace(tally) for ident, tally in self.tallies.items()}
        evicted = Evicted()
        try:
            self.database.execute("BEGIN IMMEDIATE")
            yield evicted
            for ident, count in evicted.inbound.items():
                self.tallies[ident].evicted += count
            self._drop_other_topics()
            self._finish()
        except BaseException:
            self._roll_back()
            self._packet_retention.forget()
            self.retention.restore(state)
            self.retention.last, self._row_id = newest, row_id
            for ident, before in tallies.items():
                tally = self.tallies[ident]
                tally.stored, tally.stored_sent = before.stored, before.stored_sent
                tally.evicted = before.evicted
            raise

    def _write_side(self, batch: Batch) -> None:
        if batch.connections:
            self.database.executemany(
                "INSERT OR REPLACE INTO connection(id, name, letter, url, protocol, color)"
                " VALUES (?,?,?,?,?,?)",
                batch.connections,
            )
        if batch.topics:
            self._topics.run(self.database, list(chain.from_iterable(batch.topics)))
        if batch.packets:
            self._packets.run(self.database, list(chain.from_iterable(batch.packets)))
            self._packet_retention.trim()
        if batch.events:
            self._events.run(self.database, list(chain.from_iterable(batch.events)))
            self.database.execute(
                "DELETE FROM event WHERE id <= (SELECT max(id) FROM event) - ?", (EVENTS_KEPT,)
            )

    def _write_messages(self, flat: list[Any], first: int) -> None:
        rows = len(flat) // COLUMNS
        start = 0
        if self._row_id != first - 1 or self.retention.state.floor > self._row_id:
            self.database.execute(_FIRST_MESSAGE, (*flat[:COLUMNS], first))
            start = COLUMNS
        # The rest takes the ids that follow: SQLite gives each row the highest id there is plus one.
        self._messages.run(self.database, flat[start:] if start else flat)
        self._row_id = self.retention.last = first + rows - 1

    def _finish(self) -> None:
        next_id = max(self.next_id, self.retention.last + 1)
        state, limits = self.retention.state, self.retention.limits
        self._write_meta(
            (
                *("next_id", next_id, "floor", state.floor, "pinned", state.pinned),
                *("limit_messages", limits.messages, "limit_bytes", limits.bytes),
                *("limit_topics", limits.topics, "other_topics", self.others),
                *("topics_through", self._topics_through),
                *("counters", to_json({ident: tally.written() for ident, tally in self.tallies.items()})),
            )
        )
        self.database.execute("COMMIT")
        self.next_id = next_id

    def _write_meta(self, flat: tuple[Any, ...]) -> None:
        self._meta.run(self.database, flat)

    def _roll_back(self) -> None:
        if self.database.in_transaction:  # a full disk may already have rolled it back
            self.database.execute("ROLLBACK")

    def _drop_other_topics(self) -> None:
        """Forget names past the limit once no message carries them: one generation later, since
        rows may still be on their way with ids of the one that ended."""
        while len(self._others) > 1 and self._others[1].message <= self.retention.state.floor:
            gone = self._others.popleft()
            self.database.execute(
                "DELETE FROM topic WHERE id >= ? AND id < ?", (FIRST_OTHER_TOPIC, gone.before)
            )

    def evict(self) -> bool:
        """Delete a slice of what is too much, in its own transaction; whether there is more."""
        if not self.retention.excess(0, 0):
            return False
        with self._transaction() as evicted:
            self.retention.make_room(0, 0, evicted)
        return bool(evicted.rows) and self.retention.excess(0, 0) > 0

    def set_limits(self, limits: Limits) -> None:
        """From the next eviction on."""
        self.retention.limits = limits
        with self._transaction():
            pass

    def clear(self) -> None:
        """Delete every message and start the statistics anew; ids go on."""
        with self._transaction():
            self.retention.clear()
            for tally in self.tallies.values():
                tally.evicted = tally.stored
        self.statistics.forget()

    def flush_topics(self) -> bool:
        """Write changed topic rows, the longest unwritten first; returns whether some are left.

        At most 5,000 rows and 20 ms.
        """
        statistics, started = self.statistics, time.monotonic()
        todo = statistics.dirty.oldest(FLUSH_ROWS)
        done = 0
        if todo:
            self.revision += 1
            try:
                self.database.execute("BEGIN IMMEDIATE")
                while done < len(todo) and time.monotonic() - started < FLUSH_SECONDS:
                    part = todo[done : done + 512]
                    rows = (statistics.row(topic, self.revision) for topic in part)
                    self._changed.run(self.database, list(chain.from_iterable(rows)))
                    done += len(part)
                self.database.execute("COMMIT")
            except sqlite3.Error:
                self._roll_back()
                raise
            statistics.dirty.written(done)
            if not statistics.dirty:
                self._topics_through = self.retention.last
        return bool(statistics.dirty)

    def flush_all_topics(self) -> None:
        """Write every changed topic row."""
        while self.flush_topics():
            pass

    def close(self) -> None:
        """Write topic rows and counters that wait, empty the log, close the file."""
        try:
            self.flush_all_topics()
            with self._transaction():
                pass
            self.log.empty()
        finally:
            self._reserve.close()
            self.database.close()
