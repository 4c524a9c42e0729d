"""The thread that owns the database: takes batches, commits them, retires what is too old."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence

from mqttx_tui.capture.batch import Batch, Mailbox, Part
from mqttx_tui.capture.log import file_bytes
from mqttx_tui.capture.store import Store

BATCH_SECONDS = 0.050
FLUSH_SECONDS = 0.250
IDLE_SECONDS = 1.0

_log = logging.getLogger(__name__)


class WriterThread(threading.Thread):
    """``done_rows`` and ``done_bytes`` count what left the queue, written or lost."""

    def __init__(
        self,
        store: Store,
        path: str,
        mailbox: Mailbox,
        report: Callable[[Sequence[Part]], None],
    ) -> None:
        super().__init__(name="capture-writer", daemon=True)
        self._store = store
        self._path = path
        self._mailbox = mailbox
        self._report = report
        self._stopping = False
        self._flushed_at = 0.0
        self._checked_at = 0.0
        self._topics_left = False
        self._evict_more = False
        self._tidied = True
        self.done_rows = 0
        self.done_bytes = 0
        self.file_bytes = file_bytes(self._path)

    def stop(self) -> None:
        """Write what waits and end; called on the event loop, followed by ``join``."""
        self._stopping = True
        self._mailbox.hurry.set()
        self._mailbox.wake.set()

    def run(self) -> None:
        """Until ``stop``; problems with the file cost messages, which are counted, never the thread."""
        try:
            while self._turn():
                pass
        finally:
            self._guarded(self._store.close)

    def _turn(self) -> bool:
        mailbox = self._mailbox
        stopping = self._stopping
        if not stopping:
            mailbox.wake.wait(self._timeout())
        mailbox.wake.clear()
        mailbox.hurry.clear()
        started = time.monotonic()
        busy = False
        for batch in mailbox.take():
            if not batch.empty:
                self._write(batch)
                busy = True
            self._guarded(self._evict)
            if batch.command is not None:
                self._guarded(batch.command)
        if busy:
            self._tidied = False
        elif not self._topics_left and not self._evict_more and not self._tidied:
            self._guarded(self._pause)
        self._guarded(self._tend)
        if stopping:
            return False
        rest = started + BATCH_SECONDS - time.monotonic()
        if rest > 0 and busy and not self._evict_more:
            mailbox.hurry.wait(rest)
        return True

    def _timeout(self) -> float | None:
        if self._evict_more:
            return 0.0
        if self._topics_left:
            return max(self._flushed_at + FLUSH_SECONDS - time.monotonic(), 0.0)
        return None if self._tidied else IDLE_SECONDS

    def _write(self, batch: Batch) -> None:
        written: Sequence[Part] = ()
        try:
            self._store.write(batch)
            written = batch.parts
        except Exception as error:
            _log.warning("capture: %d messages lost: %s", batch.rows, error, exc_info=_unforeseen(error))
        finally:
            self.done_rows += batch.rows
            self.done_bytes += batch.size
        self._report(written)

    def _evict(self) -> None:
        self._evict_more = False  # also where the file refuses
        self._evict_more = self._store.evict()

    def _pause(self) -> None:
        self._tidied = True  # also where the file refuses
        self._tidied = self._store.log.pause()

    def _tend(self) -> None:
        """What follows a batch: more eviction, topic rows, the write-ahead log."""
        store, started = self._store, time.monotonic()
        self._evict()
        self._topics_left = bool(store.statistics.dirty)
        if self._topics_left and started - self._flushed_at >= FLUSH_SECONDS:
            self._flushed_at = started
            self._topics_left = store.flush_topics()
        if started - self._checked_at >= IDLE_SECONDS:
            self._checked_at = started
            if not store.log.watch():
                _log.warning("capture: a reader keeps the write-ahead log from shrinking")
        self.file_bytes = file_bytes(self._path)

    def _guarded(self, call: Callable[[], object]) -> None:
        try:
            call()
        except Exception as error:
            _log.warning("capture: %s", error, exc_info=_unforeseen(error))


def _unforeseen(error: Exception) -> bool:
    return not isinstance(error, sqlite3.Error | OSError)
