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

    @property
    def last_sent(self) -> float:
        """``time.monotonic`` of the last byte to the link."""


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

    @property
    def ping_due(self) -> bool:
        """Whether PINGREQ is due: nothing sent for long (paho does not keep that time), or nothing
        heard."""
        if not self.interval:
            return False
        now = time.monotonic()
        due = PING_AFTER * self.interval
        return now - self._pinged_at >= due and (now - self._pulse.last_sent >= due or self.silence >= due)

    def pinged(self) -> None:
        """PINGREQ was sent."""
        self._pinged_at = time.monotonic()
