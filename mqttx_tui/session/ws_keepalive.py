"""Own pings on a WebSocket: the round trip, and whether the peer still lives."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from mqttx_tui.transport.base import FrameLink

DEAD_AFTER = 1.5
"""Keepalive intervals without a byte after which the peer counts as gone."""


class Keepalive:
    """Pings every ``interval`` seconds; ``interval`` 0 switches it off."""

    def __init__(self, link: FrameLink, interval: float, round_trip: Callable[[float], None]) -> None:
        self._link = link
        self.interval = interval
        self._round_trip = round_trip
        self._number = 0
        self._sent_at = 0.0
        self._waiting = b""
        self.pinged: Callable[[bytes], None] = lambda payload: None
        self.reading = True
        """False while reading is paused on purpose: silence means nothing then."""

    def pong(self, payload: bytes) -> None:
        """A pong came; one for the last ping tells the round trip."""
        if self._waiting and payload == self._waiting:
            self._waiting = b""
            self._round_trip((time.perf_counter() - self._sent_at) * 1000)

    async def run(self) -> None:
        """Ping until the peer is silent for too long; then return."""
        if self.interval <= 0:
            await asyncio.get_running_loop().create_future()
        step = self.interval / 2
        heard = self._link.bytes_in
        silent = 0.0
        while True:
            self._ping()
            for _ in range(2):
                await asyncio.sleep(step)
                silent = silent + step if self._link.bytes_in == heard and self.reading else 0.0
                heard = self._link.bytes_in
                if silent >= DEAD_AFTER * self.interval:
                    return

    def _ping(self) -> None:
        self._number += 1
        self._waiting = f"mqttx-tui {self._number}".encode()
        self._sent_at = time.perf_counter()
        self._link.ping(self._waiting)
        self.pinged(self._waiting)
