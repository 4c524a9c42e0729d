"""The only writer of a capture: sinks on the event loop, one thread that owns the database."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

from mqttx_tui.capture.batch import Mailbox, OtherTopics, Part
from mqttx_tui.capture.ledger import Tally
from mqttx_tui.capture.limits import Limits
from mqttx_tui.capture.place import keep_out
from mqttx_tui.capture.save import save
from mqttx_tui.capture.schema import FIRST_OTHER_TOPIC, prepare
from mqttx_tui.capture.sink import ConnectionSink, Redact, Secrets
from mqttx_tui.capture.store import Store
from mqttx_tui.capture.thread import WriterThread
from mqttx_tui.model.clock import Clock
from mqttx_tui.model.errors import InputError
from mqttx_tui.model.message import Row
from mqttx_tui.model.state import EngineCounters

T = TypeVar("T")
Listener = Callable[[int, Sequence[Row]], None]

HURRY_ROWS, HURRY_BYTES = 16_384, 4_000_000
TICK_SECONDS = 1.0


class CaptureWriter:
    """Construct inside a running event loop; all methods are called there.

    Raises ``InputError`` where the file cannot be made or is no capture of a known format.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        limits: Limits,
        kept: bool,
        clock: Clock | None = None,
        redact: Redact | None = None,
    ) -> None:
        """``kept``: the file is meant to outlive the program (synced to disk at checkpoints)."""
        self.path = str(path)
        self._loop = asyncio.get_running_loop()
        self._clock = clock or Clock()
        self.now = self._clock.now
        self._redact = redact
        self._limits = limits
        self._tallies: dict[int, Tally] = {}
        self._store, self._lock = _open(self.path, limits, kept, self._tallies, self._clock.now)
        self._mailbox = Mailbox()
        self._thread = WriterThread(self._store, self.path, self._mailbox, self._report)
        self._next_id = self._store.next_id
        self._taken_rows = self._taken_bytes = 0
        self._sinks: dict[int, ConnectionSink] = {}
        self._listeners: list[Listener] = []
        self._waiting: list[asyncio.Future[None]] = []
        self._rate, self._rate_from = 0.0, (time.monotonic(), 0)
        self._known_connections, self._known_topics, highest = _known(self._store.database)
        self._next_topic = highest + 1
        self._next_other = FIRST_OTHER_TOPIC + self._store.others
        self._next_connection = max(self._known_connections.values(), default=0) + 1
        self._closing: asyncio.Future[None] | None = None
        self._ticker = self._loop.call_later(TICK_SECONDS, self._tick)
        self._thread.start()

    # connections

    def connection(self, *, name: str, letter: str, url: str, protocol: str, color: str = "") -> int:
        """Record a connection; returns its id. ``url`` holds no secret.

        In an existing capture the same name, url and protocol go on with the same id.
        """
        ident = self._known_connections.pop((name, url, protocol), None)
        if ident is None:
            ident, self._next_connection = self._next_connection, self._next_connection + 1
        self._tallies.setdefault(ident, Tally())
        texts = [_storable(text) for text in (name, letter, url, protocol, color)]
        with self._mailbox.lock:
            self._mailbox.filling.connections.append(
                (ident, texts[0], texts[1], texts[2], texts[3], texts[4])
            )
        self._mailbox.wake.set()
        return ident

    def sink(
        self, connection_id: int, *, exclude: Sequence[str] = (), secrets: Secrets = tuple
    ) -> ConnectionSink:
        """The connection's entry. Raises ``InputError`` for a bad topic filter in ``exclude``."""
        sink = ConnectionSink(
            self,
            connection_id,
            self._tallies[connection_id],
            self._known_topics.pop(connection_id, {}),
            exclude,
            secrets,
            self._redact,
        )
        self._sinks[connection_id] = sink
        return sink

    def set_exclude(self, connection: int, filters: Sequence[str]) -> None:
        """Replace what is left out. Raises ``InputError`` for a bad topic filter."""
        self._sinks[connection].exclude(filters)

    def listen(self, callback: Listener) -> None:
        """Have ``callback(first_id, rows)`` called on the event loop after each committed batch."""
        self._listeners.append(callback)

    # what sinks hand over

    def new_topic(self, connection: int, name: str) -> tuple[int, bool]:
        """An id, and whether the topic is past the limit (its id may then be given out anew)."""
        other = self._next_topic > self._limits.topics
        if other:
            ident, self._next_other = self._next_other, self._next_other + 1
        else:
            ident, self._next_topic = self._next_topic, self._next_topic + 1
        with self._mailbox.lock:
            self._mailbox.filling.topics.append((ident, connection, _storable(name)))
        return ident, other

    def end_other_topics(self) -> None:
        """Ids past the limit that were given out so far will not be used any more."""
        with self._mailbox.lock:
            self._mailbox.filling.others.append(OtherTopics(self._next_other, self._next_id))
        for sink in self._sinks.values():
            sink.forget_others()

    def take(self, rows: Sequence[Row], connection: int, sent: int, size: int) -> Part:
        """Queue rows under the ids that follow."""
        part = Part(self._next_id, connection, rows, sent, size)
        if not rows:
            return part
        self._next_id += len(rows)
        self._taken_rows += len(rows)
        self._taken_bytes += size
        queued_rows, queued_bytes = self._queued()
        if queued_rows > HURRY_ROWS or queued_bytes > HURRY_BYTES:
            self._mailbox.hurry.set()
        self._mailbox.add(part)
        return part

    def packet(self, row: tuple[object, ...]) -> None:
        """Queue a row of ``packet``."""
        with self._mailbox.lock:
            self._mailbox.filling.packets.append(row)
        self._mailbox.wake.set()

    def event(self, connection: int, kind: str, text: str) -> None:
        """Record an event; connection 0 is the capture itself."""
        row = (self.now(), connection, kind, _storable(text), self._next_id - 1)
        with self._mailbox.lock:
            self._mailbox.filling.events.append(row)
        self._mailbox.wake.set()

    # back-pressure

    def _queued(self) -> tuple[int, int]:
        return self._taken_rows - self._thread.done_rows, self._taken_bytes - self._thread.done_bytes

    @property
    def full(self) -> bool:
        """Whether the queue is over its high water mark."""
        rows, size = self._queued()
        return rows > self._limits.queue_rows or size > self._limits.queue_bytes

    async def drained(self) -> None:
        """Return once the queue is under its low water mark."""
        while True:
            # Waiting before looking: the thread may finish in between, and tells only who waits.
            future: asyncio.Future[None] = self._loop.create_future()
            self._waiting.append(future)
            rows, size = self._queued()
            if rows <= self._limits.queue_rows // 4 and size <= self._limits.queue_bytes // 4:
                self._waiting.remove(future)
                return
            await future

    def _report(self, parts: Sequence[Part]) -> None:
        """From the thread: a batch is done with; ``parts`` are those that were committed."""
        if self._waiting or (self._listeners and parts):
            self._later(lambda: self._done(parts))

    def _later(self, call: Callable[[], None]) -> None:
        try:
            self._loop.call_soon_threadsafe(call)
        except RuntimeError:  # the loop is closed: nobody waits any more
            pass

    def _done(self, parts: Sequence[Part]) -> None:
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():
                future.set_result(None)
        for part in parts:
            for listener in self._listeners:
                listener(part.first, part.rows)

    # counters, limits, whole-file operations

    def _tick(self) -> None:
        step = self._clock.check()
        if step:
            direction = "forward" if step > 0 else "back"
            self.event(0, "clock", f"the clock was set {direction} by {abs(step) / 1e9:.1f} s")
        now, received = time.monotonic(), sum(tally.received for tally in self._tallies.values())
        before, count = self._rate_from
        self._rate = (received - count) / max(now - before, 0.001)
        self._rate_from = now, received
        self._ticker = self._loop.call_later(TICK_SECONDS, self._tick)

    def counters(self) -> EngineCounters:
        """As of now; what waits to be written counts as kept."""
        connections = {ident: tally.counters() for ident, tally in self._tallies.items()}
        return EngineCounters(
            connections=connections,
            rate=self._rate,
            kept=sum(each.kept for each in connections.values()),
            evicted=sum(each.evicted for each in connections.values()),
            lost=sum(each.lost for each in connections.values()),
            received=sum(each.received for each in connections.values()),
            file_bytes=self._thread.file_bytes,
            last_id=self._next_id - 1,
            floor_id=self._store.retention.state.floor,
            topics=self._next_topic - 1,
            other_topics=self._next_other - FIRST_OTHER_TOPIC,
            paused_reading=bool(self._waiting),
            topics_waiting=len(self._store.statistics.dirty),
            disk_full=self._store.retention.squeezed,
            limit_messages=self._limits.messages,
            limit_bytes=self._limits.bytes,
            limit_topics=self._limits.topics,
            low_memory=self._limits.low_memory,
        )

    def set_limits(self, limits: Limits) -> None:
        """Change retention from the next batch on."""
        self._limits = limits
        self._mailbox.post(lambda: self._store.set_limits(limits))

    def clear(self) -> None:
        """Forget every message so far; ids go on. They count as evicted."""
        self._mailbox.post(self._store.clear)

    async def flushed(self) -> None:
        """Return once everything taken so far is in the file (or counted as lost)."""
        await self._in_thread(lambda: None)

    def _in_thread(self, call: Callable[[], T]) -> asyncio.Future[T]:
        future: asyncio.Future[T] = self._loop.create_future()

        def settle(result: T | None, error: Exception | None) -> None:
            if future.done():
                return
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(result)  # type: ignore[arg-type]

        def run() -> None:
            try:
                result = call()
            except Exception as error:
                problem = error
                self._later(lambda: settle(None, problem))
            else:
                self._later(lambda: settle(result, None))

        self._mailbox.post(run)
        return future

    async def save_to(self, path: str | Path) -> int:
        """Copy the capture to ``path`` while it goes on; returns the number of messages saved.

        The file appears whole, with mode 0600. Raises ``InputError`` where it cannot be written.
        """
        await self._in_thread(self._store.flush_all_topics)
        return await asyncio.to_thread(save, self.path, Path(path))

    async def close(self, delete: bool) -> None:
        """Write what waits, end the thread and close the file; ``delete`` removes it."""
        if self._closing is None:
            self._ticker.cancel()
            self._closing = self._loop.create_future()
            self._thread.stop()
            await asyncio.to_thread(self._thread.join)
            os.close(self._lock)
            self._done(())
            if delete:
                for suffix in ("", "-wal", "-shm"):
                    Path(self.path + suffix).unlink(missing_ok=True)
            self._closing.set_result(None)
        await asyncio.shield(self._closing)


def _open(
    path: str, limits: Limits, kept: bool, tallies: dict[int, Tally], now: Callable[[], int]
) -> tuple[Store, int]:
    """The store, and a descriptor that keeps other writers out; it is closed after the store."""
    try:
        lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise _unusable(path, error) from error
    try:
        keep_out(lock, path)
        database = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5.0)
        try:
            prepare(database, kept=kept)
            return Store(path, database, limits, tallies, now), lock
        except BaseException:
            database.close()
            raise
    except BaseException as error:
        os.close(lock)
        if isinstance(error, OSError | sqlite3.Error):
            raise _unusable(path, error) from error
        raise


def _unusable(path: str, error: Exception) -> InputError:
    hint = "choose a place that can be written"
    return InputError(f"{path}: {error}", title="No capture file", hint=hint)


def _known(
    database: sqlite3.Connection,
) -> tuple[dict[tuple[str, str, str], int], dict[int, dict[str, int]], int]:
    """Connections and topics of an existing capture, and the highest topic id."""
    connections = {
        (name, url, protocol): ident
        for ident, name, url, protocol in database.execute("SELECT id, name, url, protocol FROM connection")
    }
    topics: dict[int, dict[str, int]] = {}
    highest = 0
    rows: Iterable[tuple[int, int, str]] = database.execute(
        "SELECT id, connection, name FROM topic WHERE id < ?", (FIRST_OTHER_TOPIC,)
    )
    for ident, connection, name in rows:
        topics.setdefault(connection, {})[name] = ident
        highest = max(highest, ident)
    return connections, topics, highest


def _storable(text: str) -> str:
    """SQLite takes no lone surrogates."""
    return text.encode("utf-8", "replace").decode()
