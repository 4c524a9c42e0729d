"""Own pings on a WebSocket: the round trip, and whether the peer still lives."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from mqttx_tui.transport.base import FrameLink

DEAD_AFTER = 1.5
"""Keepalive intervals without a byte after which the peer counts as gone."""
UNANSWERED = 32
"""Pings remembered; a peer that never answers must not cost more."""


@dataclass(frozen=True, slots=True)
class Ping:
    """One that was sent; ``answered`` resolves with ms, or with None when the link ended before."""

    payload: bytes
    sent_at: float
    answered: asyncio.Future[float | None]


class Keepalive:
    """Pings every ``interval`` seconds; ``interval`` 0 switches it off."""

    def __init__(self, link: FrameLink, interval: float, round_trip: Callable[[float], None]) -> None:
        self._link = link
        self.interval = interval
        self._round_trip = round_trip
        self._number = 0
        self._waiting: deque[Ping] = deque(maxlen=UNANSWERED)
        self.reading = True
        """False while reading is paused on purpose: silence means nothing then."""

    def ping(self) -> Ping:
        """Send one now."""
        self._number += 1
        payload = f"mqttx-tui {self._number}".encode()
        ping = Ping(payload, time.perf_counter(), asyncio.get_running_loop().create_future())
        self._waiting.append(ping)
        self._link.ping(payload)
        return ping

    def pong(self, payload: bytes) -> None:
        """A pong came; for one of our pings it answers those before it too (RFC 6455 §5.5.3)."""
        if not any(ping.payload == payload for ping in self._waiting):
            return
        while True:
            ping = self._waiting.popleft()
            milliseconds = (time.perf_counter() - ping.sent_at) * 1000
            _settle(ping, milliseconds)
            if ping.payload == payload:
                self._round_trip(milliseconds)
                return

    def ended(self) -> None:
        """The link is gone: nothing will be answered."""
        while self._waiting:
            _settle(self._waiting.popleft(), None)

    async def run(self) -> None:
        """Ping until the peer is silent for too long; then return."""
        if self.interval <= 0:
            await asyncio.get_running_loop().create_future()
        step = self.interval / 2
        heard = self._link.bytes_in
        silent = 0.0
        while True:
            self.ping()
            for _ in range(2):
                await asyncio.sleep(step)
                silent = silent + step if self._link.bytes_in == heard and self.reading else 0.0
                heard = self._link.bytes_in
                if silent >= DEAD_AFTER * self.interval:
                    return


def _settle(ping: Ping, milliseconds: float | None) -> None:
    if not ping.answered.done():
        ping.answered.set_result(milliseconds)
