"""A capture filled as fast as its writer takes rows, without a network: what the writer alone can do."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from mqttx_tui.capture.limits import Limits
from mqttx_tui.capture.log import wal_bytes
from mqttx_tui.capture.reader import CaptureReader
from mqttx_tui.capture.retention import Evicted
from mqttx_tui.capture.sink import ConnectionSink
from mqttx_tui.capture.writer import CaptureWriter
from mqttx_tui.model.message import RETAIN, Row
from mqttx_tui.model.state import EngineCounters

READ = 500
"""Messages in one read."""

QUIET = 100
"""Topics that send one retained and one other message, and nothing more during the flood."""


@dataclass
class Filled:
    """What filling took. ``file`` and ``log`` are the highest of all batches, in MB; ``delete`` the
    longest eviction in ms of the thread's CPU time (``delete_wall``: with what it waited)."""

    count: int
    rate: float
    cpu: float
    """µs of CPU for each message, of which the making of its row here is a part."""
    file: float
    log: float
    batch: int
    """The most rows of one transaction."""
    delete: float
    delete_wall: float
    counters: EngineCounters
    unlike: int
    """How far the messages in the file are from what the counters say."""


async def fill(
    path: Path, limits: Limits, count: int, *, size: int = 200, topics: int = 1_000, quiet: bool = False
) -> Filled:
    """Write ``count`` messages; with ``quiet`` those of the quiet topics come first.

    An existing capture goes on; the file stays.
    """
    writer = CaptureWriter(path, limits=limits, kept=True)
    watch = _Watch(writer)
    sink = writer.sink(writer.connection(name="a", letter="A", url="mqtt://a", protocol="mqtt"))
    if quiet:
        _quiet(sink)
    idents = [sink.topic(f"blast/{number}") or 0 for number in range(topics)]
    filler = b"x" * (size - 8)
    started, cpu = time.perf_counter(), time.process_time()
    for start in range(0, count, READ):
        at = sink.now()
        end = min(start + READ, count)
        sink.messages(
            [
                Row(at, idents[number % topics], 0, size + 20, b"%08d" % number + filler, None)
                for number in range(start, end)
            ]
        )
        if sink.full:
            await sink.drained()
        else:
            await asyncio.sleep(0)
    await writer.flushed()
    elapsed, cpu = time.perf_counter() - started, time.process_time() - cpu
    await writer.close(delete=False)
    watch.look()
    with closing(CaptureReader(path)) as reader:
        counters = reader.counters()
    with closing(sqlite3.connect(path)) as database:
        rows = database.execute("SELECT count(*) FROM message").fetchone()[0]
    return Filled(
        count=count,
        rate=count / elapsed,
        cpu=cpu / count * 1e6,
        file=watch.file,
        log=watch.log,
        batch=watch.batch,
        delete=watch.delete * 1e3,
        delete_wall=watch.delete_wall * 1e3,
        counters=counters,
        unlike=abs(rows - counters.kept),
    )


def _quiet(sink: ConnectionSink) -> None:
    for number in range(QUIET):
        topic = sink.topic(f"quiet/{number}")
        assert topic
        at = sink.now()
        sink.messages([Row(at, topic, RETAIN, 60, b"retained", None), Row(at, topic, 0, 60, b"last", None)])


class _Watch:
    """Looks at the file after each batch, and at the clock around each eviction."""

    def __init__(self, writer: CaptureWriter) -> None:
        self._path = writer.path
        self.file = self.log = self.delete = self.delete_wall = 0.0
        self.batch = 0
        retention = writer._store.retention
        make_room = retention.make_room

        def timed(rows: int, size: int, evicted: Evicted) -> None:
            wall, began = time.perf_counter(), time.thread_time()
            make_room(rows, size, evicted)
            self.delete = max(self.delete, time.thread_time() - began)
            self.delete_wall = max(self.delete_wall, time.perf_counter() - wall)
            self.batch = max(self.batch, rows)

        retention.make_room = timed  # type: ignore[method-assign]
        writer.listen(self._committed)

    def _committed(self, first: int, rows: Sequence[Row]) -> None:
        self.look()

    def look(self) -> None:
        """Take the sizes of this moment into the highest ones."""
        self.file = max(self.file, os.path.getsize(self._path) / 1e6)
        self.log = max(self.log, wal_bytes(self._path) / 1e6)
