"""One attached front end, as the engine sees it."""

from __future__ import annotations

import asyncio
from typing import Any

from mqttx_tui.engine.channel import VERSION, encode_frame

BACKLOG = 256 * 1024
"""Bytes that may wait for a front end before its events are merged."""
MERGED = 500
"""Events that wait for a front end that does not read: of each kind the newest."""
NOTICE = "notice:"
"""How keys of notices begin."""


class FrontEnd:
    """Replies always reach it; events are merged by key while it does not read (a stalled terminal).

    Of notices the oldest are let go when too many wait; how many is told in their place.
    """

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._waiting: dict[str, dict[str, Any]] = {}
        self._flusher: asyncio.Task[None] | None = None
        self._untold = 0
        self.linger = 0.0
        self.admitted = False
        self.welcomed = False
        writer.transport.set_write_buffer_limits(high=BACKLOG)

    def reply(self, header: dict[str, Any], body: bytes = b"") -> None:
        """Send the answer to a request."""
        if not self._writer.is_closing():
            self._writer.write(encode_frame(header, body))

    def event(self, key: str, header: dict[str, Any]) -> None:
        """Send an event; a later one of the same key may take its place when it has to wait."""
        if not self.welcomed or self._writer.is_closing():
            return
        if self._flusher is None and self._writer.transport.get_write_buffer_size() < BACKLOG:
            self._writer.write(encode_frame(header))
            return
        self._waiting.pop(key, None)
        self._waiting[key] = header
        if len(self._waiting) > MERGED:
            self._let_go()
        if self._flusher is None:
            self._flusher = asyncio.create_task(self._flush())

    def _let_go(self) -> None:
        """What a connection is or asks must arrive; of what was noticed the newest is worth most."""
        oldest = next((key for key in self._waiting if key.startswith(NOTICE)), None)
        if oldest is not None:
            del self._waiting[oldest]
            self._untold += 1

    def _missing(self) -> dict[str, Any]:
        text = f"{self._untold} older notices are missing here: this terminal stood still for too long"
        self._untold = 0
        return {"v": VERSION, "event": "notice", "level": "warning", "text": text}

    async def _flush(self) -> None:
        try:
            while self._waiting:
                await self._writer.drain()
                waiting, self._waiting = self._waiting, {}
                if self._untold:
                    self._writer.write(encode_frame(self._missing()))
                for header in waiting.values():
                    self._writer.write(encode_frame(header))
        except OSError:
            self._waiting.clear()
        finally:
            self._flusher = None

    async def drained(self) -> None:
        """Return once the bytes written so far are within the backlog."""
        await self._writer.drain()

    async def close(self) -> None:
        """Send what waits and hang up."""
        if self._flusher is not None:
            self._flusher.cancel()
        self._writer.close()
        try:
            await self._writer.wait_closed()
        except OSError:
            return
