"""What is known of the line to the terminal: how fast it takes bytes, and how many lie in its buffers.

A write returns when the kernel has taken the bytes, not when they are shown: some thousand bytes lie
between. A write that blocks says that those buffers are full, and a row of such writes how fast they
empty. From then on bytes are counted in and, at the rate that was seen, out again.
"""

from __future__ import annotations

import math

BLOCKED_SECONDS = 0.03
"""A write that takes longer has waited for the terminal."""
STALL_SECONDS = 1.0
"""A terminal that takes nothing for so long has been stopped: that says nothing about its rate."""
LEAST_BUFFER, MOST_BUFFER = 4096, 65_536
USED = 0.85
"""So much of the rate is relied on: the rest lets what was guessed wrong drain away."""
PATIENCE, MOST_PATIENCE = 5.0, 80.0
"""Seconds without a blocked write after which the line is taken to be faster; doubled when it was not."""
GROWTH = 0.3
"""Then its rate is raised so much a second."""
FAST = 2_000_000
LEAST_RATE = 300.0
QUIET_SECONDS = 0.25
NEXT_SECONDS = 0.01


class Link:
    """Times are monotonic seconds, sizes bytes. ``rate`` is infinite until a write has blocked."""

    def __init__(self) -> None:
        self.rate = math.inf
        self._backlog = 0.0
        self._at = 0.0
        self._buffer = float(LEAST_BUFFER)
        self._run = 0.0
        self._run_began = 0.0
        self._blocked_at = -math.inf
        self._in_series = False
        self._patience = PATIENCE
        self._raised = False

    def backlog(self, now: float) -> float:
        """Bytes that the kernel has taken and that are probably not shown yet."""
        if self.rate == math.inf:
            return 0.0
        return max(self._backlog - self.rate * USED * max(now - self._at, 0.0), 0.0)

    def room(self, now: float, seconds: float) -> float:
        """How much may be written so that it is shown within ``seconds``."""
        if self.rate == math.inf:
            return math.inf
        return max(self.rate * seconds - self.backlog(now), 0.0)

    def chunk(self, usual: int) -> int:
        """How much to write at once: little on a slow line, so that it can be measured."""
        return usual if self.rate == math.inf and not self._in_series else min(usual, 1024)

    def wrote(self, size: int, began: float, ended: float) -> None:
        """A write of ``size`` bytes took from ``began`` to ``ended``."""
        backlog = self.backlog(began)
        if began - self._at > QUIET_SECONDS or self._run == 0:
            self._run, self._run_began = backlog, began
        self._run += size
        took = ended - began
        if took < BLOCKED_SECONDS:
            self._in_series = False
            self._raise(began, max(began - self._at, 0.0))
            self._backlog, self._at = backlog + size, ended
            return
        if took < STALL_SECONDS:
            self._measure(size, took, began)
        self._in_series = True
        self._blocked_at = ended
        if self.rate != math.inf:
            filled = self._run - self.rate * (ended - self._run_began)
            self._buffer = min(max(filled, LEAST_BUFFER), MOST_BUFFER)
        self._backlog, self._at = self._buffer, ended

    def _measure(self, size: int, took: float, began: float) -> None:
        seen = max(size / took, LEAST_RATE)
        if self._in_series and began - self._at < NEXT_SECONDS and self.rate != math.inf:
            self.rate = (self.rate + seen) / 2
        else:
            self.rate = min(self.rate, seen)
        if self._raised:
            self._raised = False
            self._patience = min(self._patience * 2, MOST_PATIENCE)

    def _raise(self, now: float, since: float) -> None:
        """Nothing has blocked for long: perhaps the line is faster by now."""
        if self.rate == math.inf or now - self._blocked_at < self._patience:
            return
        self._raised = True
        self.rate *= 1 + GROWTH * min(since, 1.0)
        if self.rate > FAST:
            self.rate = math.inf
            self._patience = PATIENCE
