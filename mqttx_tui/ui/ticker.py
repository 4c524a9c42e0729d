"""The one ticker: compares revisions and asks what is on screen to sync, at a pace it can afford."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

from mqttx_tui.ui.pace import Pace

FASTEST = 1 / 20
IDLE, AT_REST = 0.5, 1.0
"""Pauses while nothing happens: at first, and after ``REST_TICKS`` of them."""
REST_TICKS = 6
FEW_TICKS, BUSY_TICKS = 2, 8
"""So often it looks at the fastest pace after something was painted once, and again and again."""
SLOWEST = 1.0
SHARE = 0.25
"""Painting may take this share of one core."""
RENEW_SECONDS = 0.5
"""Rows that still wait to be sent are brought up to date this often."""
KEY_FIRST_SECONDS = 0.05
"""After a key its answer is painted before anything else."""


class Screen(Protocol):
    """What the ticker knows of the terminal."""

    @property
    def waiting(self) -> bool:
        """Whether rows of the last frame were not sent yet."""

    @property
    def stalled(self) -> bool:
        """Whether the terminal has stopped reading."""


class Ticker:
    """Calls ``sync`` again and again; ``tick`` can be called by hand.

    ``sync(now)`` returns True when something was painted. The pause after a tick is as long as
    keeps the loop's CPU time within ``share``.
    """

    def __init__(
        self,
        sync: Callable[[float], bool],
        screen: Callable[[], Screen | None],
        pace: Pace | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sync = sync
        self._screen = screen
        self._pace = pace or Pace()
        self._clock = clock
        self._wake = asyncio.Event()
        self.share = SHARE
        self._busy = 0
        self._cpu = 0.0
        self._synced_at = -RENEW_SECONDS
        self.hold = False
        """Set to tick by hand only."""

    async def run(self) -> None:
        """Tick until cancelled."""
        self._cpu = time.thread_time()
        while True:
            painted = not self.hold and self.tick()
            if painted:  # once: an age that ticked; again at once: traffic
                self._busy = BUSY_TICKS if self._busy > 0 else FEW_TICKS
            else:
                self._busy -= 1
            await self._rest(painted)

    def wake(self) -> None:
        """Something changed: do not wait out an idle pause."""
        self._wake.set()

    @property
    def may_paint(self) -> bool:
        """Whether what was painted before has been sent, or is old; and no key waits for its answer."""
        screen = self._screen()
        late = self._clock() - self._synced_at >= RENEW_SECONDS
        if screen is not None and (screen.stalled or (screen.waiting and not late)):
            return False
        return late or self._pace.since_key() >= KEY_FIRST_SECONDS

    def tick(self, now: float | None = None) -> bool:
        """Sync once, unless the terminal is behind; True when something was painted."""
        if not self.may_paint:
            return False
        self._synced_at = self._clock()
        self._pace.traffic()
        return self._sync(self._synced_at if now is None else now)

    async def _rest(self, painted: bool) -> None:
        if self._busy > 0:
            await asyncio.sleep(FASTEST)
            spent = time.thread_time() - self._cpu
            if painted and spent / self.share > FASTEST:
                await asyncio.sleep(min(spent / self.share, SLOWEST) - FASTEST)
        else:
            self._wake.clear()
            try:
                await asyncio.wait_for(self._wake.wait(), IDLE if self._busy > -REST_TICKS else AT_REST)
            except TimeoutError:
                pass
        self._cpu = time.thread_time()
