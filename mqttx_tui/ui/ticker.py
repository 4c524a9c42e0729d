"""The one ticker: compares revisions and asks what is on screen to sync, at a pace it can afford."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable

from mqttx_tui.ui.driver import CountingWriter

FASTEST = 1 / 20
IDLE = 0.5
SLOWEST = 1.0
SHARE = 0.25
"""Painting may take this share of one core."""
BYTES_PER_SECOND = 600_000
BYTES_PER_SECOND_SSH = 48_000


def byte_budget(usual: int = BYTES_PER_SECOND, over_ssh: int = BYTES_PER_SECOND_SSH) -> int:
    """Bytes a second that traffic may paint: far less over ssh."""
    return over_ssh if os.environ.get("SSH_CONNECTION") else usual


class Ticker:
    """Calls ``sync`` again and again; ``tick`` can be called by hand.

    ``sync(now)`` returns True when something was painted. The pause after a tick is as long as
    keeps the loop's CPU time within ``share`` and the bytes within the budget.
    """

    def __init__(self, sync: Callable[[float], bool], writer: Callable[[], CountingWriter | None]) -> None:
        self._sync = sync
        self._writer = writer
        self._wake = asyncio.Event()
        self.share = SHARE
        self.budget = byte_budget()
        self._busy = 0
        self._cpu = 0.0
        self._bytes = 0
        self._debt = 0.0
        self._settled = 0.0
        self.hold = False
        """Set to tick by hand only."""

    async def run(self) -> None:
        """Tick until cancelled."""
        self._cpu = time.thread_time()
        self._settled = time.monotonic()
        while True:
            painted = not self.hold and self.tick()
            self._busy = 8 if painted else self._busy - 1
            await self._rest(painted)

    def wake(self) -> None:
        """Something changed: do not wait out an idle pause."""
        self._wake.set()

    @property
    def may_paint(self) -> bool:
        """Whether the terminal has taken everything and the byte budget is not used up."""
        writer = self._writer()
        return self._debt <= 0 and (writer is None or writer.outstanding == 0)

    def tick(self, now: float | None = None) -> bool:
        """Sync once, unless the terminal is behind; True when something was painted."""
        self._account(time.monotonic())
        if not self.may_paint:
            return False
        return self._sync(time.monotonic() if now is None else now)

    def _account(self, now: float) -> None:
        writer = self._writer()
        handed = writer.handed_over if writer is not None else 0
        self._debt += max(handed - self._bytes, 0) - self.budget * (now - self._settled)
        self._debt = max(self._debt, -self.budget / 10)
        self._bytes, self._settled = handed, now

    async def _rest(self, painted: bool) -> None:
        if self._busy > 0:
            await asyncio.sleep(FASTEST)
            spent = time.thread_time() - self._cpu
            if painted and spent / self.share > FASTEST:
                await asyncio.sleep(min(spent / self.share, SLOWEST) - FASTEST)
        else:
            self._wake.clear()
            try:
                await asyncio.wait_for(self._wake.wait(), IDLE)
            except TimeoutError:
                pass
        self._cpu = time.thread_time()
