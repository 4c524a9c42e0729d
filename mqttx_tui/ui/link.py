"""What is known of the line to the terminal: how fast it takes bytes, and how many lie in its buffers.

A write returns when the kernel has taken the bytes, not when they are shown: some thousand bytes lie
between. When the kernel takes no more, those buffers are full. From two such moments the rate is known,
and from then on bytes are counted in and, at that rate, out again.
"""

from __future__ import annotations

import math

STALL_SECONDS = 1.0
"""A terminal that takes nothing for so long has been stopped: that says nothing about its rate."""
LEAST_BUFFER, MOST_BUFFER = 4096, 20_480
"""What ptys were seen to hold."""
USED = 0.85
"""So much of the rate is relied on: the rest lets what was guessed wrong drain away."""
PATIENCE, MOST_PATIENCE = 5.0, 80.0
"""Seconds without full buffers after which the line is taken to be faster; doubled when it was not."""
GROWTH = 0.3
"""Then its rate is raised so much a second."""
FAST = 2_000_000
LEAST_RATE = 300.0
IDLE_SECONDS, QUIET_SECONDS = 0.05, 0.25
"""After so long without a write the buffers of a line of unknown rate may be, and are, empty."""
SAMPLE_SECONDS, SAMPLE_BYTES = 0.1, 512
"""A shorter measurement says little."""
SMALL_CHUNK = 512


class Link:
    """Times are monotonic seconds, sizes bytes. ``rate`` is infinite until it was measured.

    Between two moments at which the buffers were full exactly as much was shown as was written; if they
    may have been empty meanwhile, at least as much.
    """

    def __init__(self) -> None:
        self._forget()

    def _forget(self) -> None:
        self.rate = math.inf
        self._measured = math.inf
        self._backlog = 0.0
        self._at = 0.0
        self._buffer = float(LEAST_BUFFER)
        self._level = 0.0  # the backlog at the measured rate, whatever the rate was raised to
        self._run, self._run_began = 0, 0.0
        self._full_at = -math.inf
        self._since_full = 0
        self._emptied = False
        self._patience = PATIENCE

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
        """How much to write at once: little on a line that was full, so that it can be measured."""
        return usual if self._full_at == -math.inf else min(usual, SMALL_CHUNK)

    def wrote(self, size: int, began: float, now: float) -> None:
        """The kernel took so many bytes, from ``began`` on, until ``now``."""
        if began - self._at > IDLE_SECONDS and not self.backlog(began):
            self._emptied = True
        since = max(now - self._at, 0.0)
        backlog = self.backlog(now)
        if self._measured == math.inf:
            if since > QUIET_SECONDS:
                self._run, self._run_began = 0, now
            self._run += size
        else:
            self._level = max(self._level - self._measured * since, 0.0) + size
        self._since_full += size
        self._raise(now, since)
        self._backlog, self._at = backlog + size, now

    def full(self, now: float) -> None:
        """The kernel takes no more: its buffers are full."""
        if self.rate > self._measured:
            self.rate = self._measured
            self._hold(self._level - self._measured * max(now - self._at, 0.0))
            self._patience = min(self._patience * 2, MOST_PATIENCE)
        if self._full_at == -math.inf:
            self._full_from(now)
        elapsed = now - self._full_at
        if elapsed >= SAMPLE_SECONDS and self._since_full >= SAMPLE_BYTES:
            self._measure(max(self._since_full / elapsed, LEAST_RATE), now)
            self._full_from(now)
        self._backlog, self._at, self._level = self._buffer, now, self._buffer

    def stalled(self, now: float) -> None:
        """The terminal stood still for long; it reads again."""
        self._full_from(now)
        self._at = now

    def _measure(self, seen: float, now: float) -> None:
        if self.rate == math.inf:
            self._hold(self._run - seen * (now - self._run_began))
            self.rate = seen
        elif not self._emptied:
            self.rate = (self.rate + seen) / 2
        else:
            self.rate = max(self.rate, seen)
        self._measured = self.rate

    def _hold(self, filled: float) -> None:
        self._buffer = min(max(filled, LEAST_BUFFER), MOST_BUFFER)

    def _full_from(self, now: float) -> None:
        self._full_at, self._since_full, self._emptied = now, 0, False

    def _raise(self, now: float, since: float) -> None:
        """The buffers have not been full for long: perhaps the line is faster by now."""
        if self.rate == math.inf or now - self._full_at < self._patience:
            return
        self.rate *= 1 + GROWTH * min(since, 1.0)
        if self.rate > FAST:
            self._forget()
