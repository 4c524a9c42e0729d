"""A sink and an observer that remember everything, for sessions under test."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from mqttx_tui.model.message import OUTGOING, PacketRow, Row
from mqttx_tui.model.state import StageReport, SubscriptionState
from mqttx_tui.model.topics import filter_matches
from mqttx_tui.session.base import Connected


class MemorySink:
    """``session.base.Sink`` in memory. ``full`` is switched by hand."""

    def __init__(self, exclude: Iterable[str] = ()) -> None:
        self.revision = 0
        self.exclude = tuple(exclude)
        self.names: list[str] = [""]
        self.rows: list[Row] = []
        self.packets: list[PacketRow] = []
        self.events: list[tuple[str, str]] = []
        self.excluded_count = 0
        self.cut_off_count = 0
        self.too_large_count = 0
        self.full = False
        self._drained = asyncio.Event()
        self.on_rows: Callable[[list[Row]], None] | None = None

    @property
    def known(self) -> dict[bytes, int]:
        return {}

    def topic(self, name: str) -> int | None:
        if any(filter_matches(one, name) for one in self.exclude):
            return None
        if name not in self.names:
            self.names.append(name)
        return self.names.index(name)

    def messages(self, rows: list[Row]) -> int:
        first = len(self.rows) + 1
        self.rows += [Row(*row) for row in rows]
        if self.on_rows is not None:
            self.on_rows(rows)
        return first

    def excluded(self, count: int) -> None:
        self.excluded_count += count

    def packet(self, row: PacketRow) -> None:
        self.packets.append(row)

    def event(self, kind: str, text: str) -> None:
        self.events.append((kind, text))

    def cut_off(self) -> None:
        self.cut_off_count += 1

    def too_large(self) -> None:
        self.too_large_count += 1

    def now(self) -> int:
        return time.time_ns()

    async def drained(self) -> None:
        await self._drained.wait()

    def drain(self) -> None:
        """Have room again."""
        self.full = False
        self._drained.set()

    # What tests ask.

    def received(self) -> list[tuple[str, bytes]]:
        """(topic, payload) of what came in, in order."""
        return [(self.names[row.topic], row.payload) for row in self.rows if not row.flags & OUTGOING]

    def payloads(self) -> list[bytes]:
        """Payloads of what came in, in order."""
        return [row.payload for row in self.rows if not row.flags & OUTGOING]

    def types(self, direction: int) -> list[int]:
        """Packet types recorded in one direction, in order."""
        return [packet.type for packet in self.packets if packet.direction == direction]


@dataclass
class MemoryObserver:
    """``session.base.Observer`` and ``session.supervisor.Progress`` that remember."""

    stages: list[StageReport] = field(default_factory=list)
    connections: list[Connected] = field(default_factory=list)
    subscriptions: list[SubscriptionState] = field(default_factory=list)
    round_trips: list[float] = field(default_factory=list)
    queue: list[int] = field(default_factory=list)
    notices: list[tuple[str, str]] = field(default_factory=list)
    attempts: list[int] = field(default_factory=list)
    failures: list[Any] = field(default_factory=list)
    retries: list[float | None] = field(default_factory=list)
    closings: int = 0

    def stage(self, report: StageReport) -> None:
        self.stages.append(report)

    def connected(self, info: Connected) -> None:
        self.connections.append(info)

    def subscription(self, state: SubscriptionState) -> None:
        self.subscriptions.append(state)

    def round_trip(self, milliseconds: float) -> None:
        self.round_trips.append(milliseconds)

    def queued(self, count: int) -> None:
        self.queue.append(count)

    def notice(self, level: str, text: str) -> None:
        self.notices.append((level, text))

    def attempt(self, number: int) -> None:
        self.attempts.append(number)

    def failed(self, error: Any, *, retry_at: float | None) -> None:
        self.failures.append(error)
        self.retries.append(retry_at)

    def closed(self) -> None:
        self.closings += 1
