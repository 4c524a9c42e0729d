"""What waits to be written to one client: batched, bounded, counted."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Protocol

from mqttx_tui.demo.broker.counters import Counters

_BATCH = 256 * 1024


class Pipe(Protocol):
    """A client's byte stream: TCP, TLS, or inside WebSocket frames."""

    peer: str

    def write(self, data: bytes) -> None:
        """Write now."""

    def close(self) -> None:
        """Write what was handed over, then close."""

    def abort(self) -> None:
        """Drop the link at once."""


class Outlet:
    """Collects packets of one loop iteration into one write; holds them while the client is slow.

    ``schedule`` is called when something waits and a flush should come soon.
    """

    __slots__ = (
        "_bytes",
        "_max_bytes",
        "_max_messages",
        "_paused",
        "_pipe",
        "_schedule",
        "_waiting",
        "counters",
    )

    def __init__(
        self,
        pipe: Pipe,
        schedule: Callable[[], None],
        counters: Counters,
        *,
        max_messages: int,
        max_bytes: int,
    ) -> None:
        self._pipe = pipe
        self._schedule = schedule
        self._max_messages = max_messages
        self._max_bytes = max_bytes
        self._waiting: deque[bytes] = deque()
        self._bytes = 0
        self._paused = False
        self.counters = counters

    @property
    def waiting(self) -> tuple[int, int]:
        """(packets, bytes) that wait."""
        return len(self._waiting), self._bytes

    def send(self, raw: bytes) -> None:
        """Send in any case."""
        if not self._waiting:
            self._schedule()
        self._waiting.append(raw)
        self._bytes += len(raw)

    def room(self, size: int) -> bool:
        """Whether a QoS 0 packet of ``size`` bytes may wait; counts it as dropped when not."""
        if self._full(size):
            self.flush()
            if self._full(size):
                self.counters.dropped += 1
                return False
        return True

    def _full(self, size: int) -> bool:
        if not self._waiting:
            return False
        return len(self._waiting) >= self._max_messages or self._bytes + size > self._max_bytes

    def flush(self) -> None:
        """Write as much as the client takes."""
        while self._waiting and not self._paused:
            batch = [self._waiting.popleft()]
            size = len(batch[0])
            while self._waiting and size + len(self._waiting[0]) <= _BATCH:
                batch.append(self._waiting.popleft())
                size += len(batch[-1])
            self._bytes -= size
            self._pipe.write(batch[0] if len(batch) == 1 else b"".join(batch))

    def pause(self) -> None:
        """The client takes bytes too slowly."""
        self._paused = True

    def resume(self) -> None:
        """The client caught up."""
        self._paused = False
        self.flush()

    def finish(self) -> None:
        """Hand everything over, slow client or not: the link is about to close."""
        if self._waiting:
            self._pipe.write(b"".join(self._waiting))
            self.clear()

    def clear(self) -> None:
        """Forget what waits."""
        self._waiting.clear()
        self._bytes = 0
