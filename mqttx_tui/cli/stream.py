"""stdout of a command that prints messages: written by a thread, so that a slow reader stops
nothing but the reading of new messages."""

from __future__ import annotations

import asyncio
import os
import select
import stat
import threading
from collections.abc import Callable

HIGH_BYTES, LOW_BYTES = 4_000_000, 1_000_000
STEP_BYTES = 65_536
"""Written at once: what a reader did not take is known that exactly."""
LAST_WRITE_SECONDS = 5.0
"""How long the end of a command waits for its reader to take the rest."""


class Stream:
    """Bytes on their way to ``descriptor``; ``closed`` is called once when nobody reads any more.

    Make it inside a running event loop.
    """

    def __init__(self, descriptor: int, closed: Callable[[], None]) -> None:
        self._descriptor = descriptor
        self._closed = closed
        self._loop = asyncio.get_running_loop()
        self._waiting: list[bytes] = []
        self._backlog = 0
        self._ready = threading.Condition()
        self._drained: list[asyncio.Future[None]] = []
        self._broken = False
        self._ending = False
        self._watched = _is_pipe(descriptor) and self._watch()
        self._thread = threading.Thread(target=self._write_all, name="stdout", daemon=True)
        self._thread.start()

    def _watch(self) -> bool:
        """A pipe's writing end becomes readable when its reader is gone."""
        try:
            self._loop.add_reader(self._descriptor, self._gone)
        except (OSError, NotImplementedError):
            return False
        return True

    def _unwatch(self) -> None:
        if self._watched:
            self._watched = False
            self._loop.remove_reader(self._descriptor)

    def _gone(self) -> None:
        self._unwatch()
        if not self._broken:
            self._broken = True
            self._release()
            self._closed()

    @property
    def full(self) -> bool:
        """Whether so much waits that nothing more should be read."""
        return self._backlog > HIGH_BYTES

    def put(self, data: bytes) -> None:
        """Have ``data`` written after what was put before; forgotten when nobody reads."""
        if not data or self._broken:
            return
        with self._ready:
            self._waiting.append(data)
            self._backlog += len(data)
            self._ready.notify()

    async def drained(self) -> None:
        """Return once little waits, or nobody reads any more."""
        while True:
            # Waiting before looking: the thread may finish in between, and tells only who waits.
            future: asyncio.Future[None] = self._loop.create_future()
            self._drained.append(future)
            if self._backlog <= LOW_BYTES or self._broken:
                self._drained.remove(future)
                return
            await future

    def _release(self) -> None:
        waiting, self._drained = self._drained, []
        for future in waiting:
            if not future.done():
                future.set_result(None)

    def _write_all(self) -> None:
        while True:
            with self._ready:
                while not self._waiting and not self._ending:
                    self._ready.wait()
                chunks, self._waiting = self._waiting, []
            if not chunks:
                return
            try:
                self._write(b"".join(chunks))
            except OSError:
                self._later(self._gone)
                return
            if self._drained:
                self._later(self._release)

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            try:
                done = os.write(self._descriptor, view[:STEP_BYTES])
            except BlockingIOError:  # somebody else made the descriptor so
                select.select((), (self._descriptor,), ())
                continue
            view = view[done:]
            with self._ready:
                self._backlog -= done

    def _later(self, call: Callable[[], None]) -> None:
        try:
            self._loop.call_soon_threadsafe(call)
        except RuntimeError:  # the loop is closed: nobody waits any more
            return

    async def finish(self, seconds: float = LAST_WRITE_SECONDS) -> int:
        """Write what waits, for so long at most; returns how many bytes a reader did not take by then."""
        self._unwatch()
        with self._ready:
            self._ending = True
            self._ready.notify()
        await asyncio.to_thread(self._thread.join, seconds)
        return self._backlog if self._thread.is_alive() and not self._broken else 0


def _is_pipe(descriptor: int) -> bool:
    return stat.S_ISFIFO(os.fstat(descriptor).st_mode)
