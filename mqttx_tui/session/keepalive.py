"""When to ping and when a link is dead.

paho counts only PINGRESP and drops a good link whose answer waits behind other data; here every
byte counts, and while reading is paused for back-pressure the link counts as alive.
"""

from __future__ import annotations

import time
from typing import Protocol

PING_AFTER = 0.9
"""Of the interval: what is left covers the time between two looks (MQTT 5.0 §3.1.2.10)."""

DEAD_AFTER = 1.5
"""Intervals without a byte."""


class Pulse(Protocol):
    """What keepalive looks at."""

    @property
    def paused(self) -> bool:
        """Whether reading is paused."""

    @property
    def last_byte(self) -> float:
        """``time.monotonic`` of the last byte from the link."""


class Keepalive:
    """One connection's keepalive; ``interval`` in seconds, 0 switches it off."""

    def __init__(self, interval: int, pulse: Pulse) -> None:
        self.interval = interval
        self._pulse = pulse
        self._alive_at = time.monotonic()
        self._pinged_at = self._alive_at

    @property
    def pause(self) -> float:
        """Seconds between two looks."""
        return min(1.0, self.interval / 10) if self.interval else 1.0

    @property
    def silence(self) -> float:
        """Seconds without a byte while reading was not paused."""
        now = time.monotonic()
        if self._pulse.paused:
            self._alive_at = now
        self._alive_at = max(self._alive_at, self._pulse.last_byte)
        return now - self._alive_at

    @property
    def dead(self) -> bool:
        """Whether the link is to be given up."""
        return bool(self.interval) and self.silence >= DEAD_AFTER * self.interval

    def should_ping(self, since_sent: float) -> bool:
        """Whether PINGREQ is due; ``since_sent`` is seconds since we last sent anything."""
        if not self.interval:
            return False
        due = PING_AFTER * self.interval
        since_ping = time.monotonic() - self._pinged_at
        return since_sent >= due or (self.silence >= due and since_ping >= due)

    def pinged(self) -> None:
        """PINGREQ was sent."""
        self._pinged_at = time.monotonic()
