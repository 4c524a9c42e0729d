"""Time stamps that do not jump: monotonic time, anchored to the wall clock."""

from __future__ import annotations

import time
from collections.abc import Callable

STEP_NS = 1_000_000_000
"""A difference larger than this between wall clock and anchored time is a step."""


class Clock:
    """Nanoseconds since 1970 that follow the monotonic clock.

    The wall clock is read once; ``check`` compares the two and anchors anew after a step (a Pi
    has no clock chip and learns the time after start).
    """

    def __init__(
        self, wall: Callable[[], int] = time.time_ns, monotonic: Callable[[], int] = time.monotonic_ns
    ) -> None:
        self._wall = wall
        self._monotonic = monotonic
        self._offset = wall() - monotonic()

    def now(self) -> int:
        """Nanoseconds since 1970."""
        return self._monotonic() + self._offset

    def check(self) -> int:
        """The step in ns when the wall clock moved by over a second (anchored anew), else 0."""
        step = self._wall() - self.now()
        if abs(step) <= STEP_NS:
            return 0
        self._offset += step
        return step
