"""Longer looks into the capture: one thread with a reader of its own, so that no key waits for them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from mqttx_tui.capture.reader import CaptureReader

T = TypeVar("T")


class Past:
    """``look`` runs one call after the other; the thread starts with the first one."""

    def __init__(self, capture_path: Callable[[], str]) -> None:
        self._capture_path = capture_path
        self._threads: ThreadPoolExecutor | None = None
        self._reader: CaptureReader | None = None
        self._closed = False

    async def look(self, call: Callable[[CaptureReader], T]) -> T | None:
        """What ``call`` returns in the thread; None without a capture, or when it was closed meanwhile.

        Raises ``InputError`` where the capture cannot be read.
        """
        path = self._capture_path()
        if self._closed or not path:
            return None
        if self._threads is None:
            self._threads = ThreadPoolExecutor(1, thread_name_prefix="past")
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._call, path, call)

    def _call(self, path: str, call: Callable[[CaptureReader], T]) -> T | None:
        from mqttx_tui.capture.reader import CaptureReader

        if self._closed:
            return None
        if self._reader is not None and self._reader.path != path:
            self._reader.close()
            self._reader = None
        if self._reader is None:
            self._reader = CaptureReader(path)
        try:
            return call(self._reader)
        except Exception:  # what ``close`` interrupts ends with an error of the database
            if self._closed:
                return None
            raise

    def close(self) -> None:
        """End what runs, and the thread."""
        self._closed = True
        if self._threads is None:
            return
        reader = self._reader
        if reader is not None:
            reader.interrupt()
        self._threads.submit(self._end)
        self._threads.shutdown(wait=True)

    def _end(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None
