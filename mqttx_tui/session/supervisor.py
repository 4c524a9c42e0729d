"""The supervisor owns retries: it runs a session again and again until that is pointless."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import Protocol

from mqttx_tui.model.errors import AppError, LinkError
from mqttx_tui.model.profile import Resolved
from mqttx_tui.session.base import Session

FIRST_DELAY = 1.0
LONGEST_DELAY = 60.0
STABLE_SECONDS = 5.0
"""A connection that stood so long makes the next delay the first one again."""


class Progress(Protocol):
    """Who is told how connecting goes."""

    def attempt(self, number: int) -> None:
        """Another attempt starts; 1 is the first."""

    def failed(self, error: AppError, *, retry_at: float | None) -> None:
        """An attempt or a connection ended. ``retry_at``: wall-clock seconds; None: never again."""

    def closed(self) -> None:
        """The session was closed on request."""


class Supervisor:
    """Retries for ever, from ``first`` doubling to ``longest`` seconds with full jitter.

    ``retries``: how often it tries again in a row before it gives up; None: without end. A connection
    that stood for ``STABLE_SECONDS`` begins a new row.

    ``resolve`` fetches fresh secrets for every attempt. Errors that would come again end it, as does
    ``close``. Works for every ``Session``. ``spread`` gives a number between 0 and 1, ``clock`` the
    wall-clock time.
    """

    def __init__(
        self,
        session: Session,
        resolve: Callable[[], Awaitable[Resolved]],
        progress: Progress,
        *,
        first: float = FIRST_DELAY,
        longest: float = LONGEST_DELAY,
        retries: int | None = None,
        spread: Callable[[], float] = random.random,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.session = session
        self._resolve = resolve
        self._progress = progress
        self._first = first
        self._longest = longest
        self._retries = retries
        self._spread = spread
        self._clock = clock
        self._monotonic = monotonic
        self._now = asyncio.Event()
        self._closing = False

    async def run(self) -> None:
        """Live until ``close``, or until an error after which retrying is pointless."""
        failures = 0
        attempt = 0
        while not self._closing:
            attempt += 1
            self._progress.attempt(attempt)
            started = self._monotonic()
            error = await self._attempt()
            if error is None:
                break
            if isinstance(error, LinkError) and error.stage == "link":
                attempt = 0
                if self._monotonic() - started >= STABLE_SECONDS:
                    failures = 0
            if not (isinstance(error, LinkError) and error.retry):
                self._progress.failed(error, retry_at=None)
                return
            if self._retries is not None and failures >= self._retries:
                self._progress.failed(_given_up(error, self._retries), retry_at=None)
                return
            delay = self._delay(failures)
            failures += 1
            self._progress.failed(error, retry_at=self._clock() + delay)
            await self._wait(delay)
        self._progress.closed()

    def retry_now(self) -> None:
        """Do not wait for the next attempt."""
        self._now.set()

    async def close(self, code: int | None = None, reason: str = "") -> None:
        """Close the session in good order and stop retrying."""
        self._closing = True
        self._now.set()
        await self.session.close(code, reason)

    async def _attempt(self) -> AppError | None:
        try:
            await self.session.run(await self._resolve())
        except AppError as error:
            return error
        except Exception as error:
            text = f"internal error: {type(error).__name__}: {error}"
            self._progress.failed(AppError(text, title="Internal error"), retry_at=None)
            raise
        return None

    def _delay(self, failures: int) -> float:
        longest = min(self._first * float(1 << min(failures, 30)), self._longest)
        return longest * self._spread()

    async def _wait(self, seconds: float) -> None:
        self._now.clear()
        if self._closing:
            return
        try:
            async with asyncio.timeout(seconds):
                await self._now.wait()
        except TimeoutError:
            pass


def _given_up(error: LinkError, retries: int) -> LinkError:
    error.hint = "; ".join(part for part in (f"gave up: retries = {retries}", error.hint) if part)
    error.retry = False
    return error
