"""A capture in the making, and what is in its file."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

from mqttx_tui.capture.limits import Limits
from mqttx_tui.capture.sink import ConnectionSink, Redact
from mqttx_tui.capture.writer import CaptureWriter
from mqttx_tui.model.clock import Clock
from mqttx_tui.model.message import Row

GENEROUS = Limits(messages=1_000_000, bytes=1_000_000_000, topics=100_000)


@asynccontextmanager
async def capturing(
    path: Path,
    limits: Limits = GENEROUS,
    *,
    kept: bool = False,
    clock: Clock | None = None,
    redact: Redact | None = None,
) -> AsyncIterator[CaptureWriter]:
    """A writer that is closed with the block; the file stays."""
    writer = CaptureWriter(path, limits=limits, kept=kept, clock=clock, redact=redact)
    try:
        yield writer
    finally:
        await writer.close(delete=False)


def connect(writer: CaptureWriter, name: str = "plant", **options: Any) -> ConnectionSink:
    """A connection's sink."""
    ident = writer.connection(name=name, letter=name[0], url=f"mqtt://{name}", protocol="mqtt")
    return writer.sink(ident, **options)


def put(sink: ConnectionSink, topic: str, *payloads: bytes, flags: int = 0) -> int:
    """One message for each payload, in one call; returns the first id."""
    ident = sink.topic(topic)
    assert ident is not None
    at = sink.now()
    return sink.messages([Row(at, ident, flags, len(payload) + 10, payload, None) for payload in payloads])


def query(path: Path, sql: str, values: Sequence[Any] = ()) -> list[Any]:
    """Ask the file with plain SQLite."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        return database.execute(sql, values).fetchall()


async def settled(writer: CaptureWriter) -> None:
    """Everything written and evicted: the floor stands still, topic rows are flushed."""
    before = -1
    while (
        writer._thread._evict_more or writer._store.statistics.dirty or before != writer.counters().floor_id
    ):
        before = writer.counters().floor_id
        await writer._in_thread(writer._store.flush_all_topics)
        await writer.flushed()
