"""What waits to be written: filled on the event loop, emptied by the writer's thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from mqttx_tui.model.message import Row

FULL_ROWS, FULL_BYTES = 16_384, 4_000_000
"""A batch is closed with the call that brings it to one of these."""


class Part(NamedTuple):
    """Rows that one call handed over; their ids are contiguous from ``first`` on."""

    first: int
    connection: int
    rows: Sequence[Row]
    sent: int
    size: int


class OtherTopics(NamedTuple):
    """Topics past the limit with ids below ``before``: no message from id ``message`` on has them."""

    before: int
    message: int


@dataclass(slots=True)
class Batch:
    """In order of arrival; parts are contiguous from one to the next."""

    parts: list[Part] = field(default_factory=list)
    connections: list[tuple[int | str, ...]] = field(default_factory=list)
    topics: list[tuple[int, int, str]] = field(default_factory=list)
    others: list[OtherTopics] = field(default_factory=list)
    packets: list[tuple[Any, ...]] = field(default_factory=list)
    events: list[tuple[int, int, str, str, int]] = field(default_factory=list)
    rows: int = 0
    """Messages in the parts, and ``size`` their bytes on the wire."""
    size: int = 0
    command: Callable[[], None] | None = None
    """Run in the writer's thread after the rest of the batch was committed."""

    @property
    def empty(self) -> bool:
        """Whether there is nothing to write; a command may still be there."""
        return not (
            self.parts or self.connections or self.topics or self.others or self.packets or self.events
        )


class Mailbox:
    """Hands batches to the thread. ``lock`` guards ``filling``."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.filling = Batch()
        self._closed: list[Batch] = []
        self.wake = threading.Event()
        """Something is there."""
        self.hurry = threading.Event()
        """Do not wait for a batch to fill up."""

    def take(self) -> list[Batch]:
        """Everything that waits: batches of about a transaction each; a command ends its batch."""
        with self.lock:
            taken = [*self._closed, self.filling]
            self._closed, self.filling = [], Batch()
        return taken

    def add(self, part: Part) -> None:
        """Queue rows; a batch that is large enough for one transaction is closed."""
        with self.lock:
            batch = self.filling
            batch.parts.append(part)
            batch.rows += len(part.rows)
            batch.size += part.size
            if batch.rows >= FULL_ROWS or batch.size >= FULL_BYTES:
                self._closed.append(batch)
                self.filling = Batch()
        self.wake.set()

    def post(self, command: Callable[[], None]) -> None:
        """Have the thread run something after what waits now was written, and before what follows."""
        with self.lock:
            self.filling.command = command
            self._closed.append(self.filling)
            self.filling = Batch()
        self.hurry.set()
        self.wake.set()
