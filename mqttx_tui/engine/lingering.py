"""When an engine without a front end ends by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from mqttx_tui.model.state import ConnectionSnapshot, Phase

FIRST_ATTACH_SECONDS = 10.0
"""An engine to which nobody attaches ends after this long."""
IDLE_SECONDS = 10.0
"""The same for one that was left and has no connection."""
LIVE = (Phase.CONNECTING, Phase.CONNECTED, Phase.RETRYING)


class Lingering:
    """Calls ``end`` when the time that the last front end allowed is over, and earlier when there
    is nothing left to capture."""

    def __init__(self, end: Callable[[], None]) -> None:
        self._end = end
        self._limit: asyncio.TimerHandle | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._alone = False

    def started(self) -> None:
        """Nobody has attached yet."""
        self._limit = asyncio.get_running_loop().call_later(FIRST_ATTACH_SECONDS, self._end)

    def attended(self) -> None:
        """Somebody attached, or the end is near anyway."""
        self._alone = False
        for timer in (self._limit, self._idle):
            if timer is not None:
                timer.cancel()
        self._limit = self._idle = None

    def left(self, seconds: float, connections: Iterable[ConnectionSnapshot]) -> None:
        """The last front end is gone; the engine may go on for ``seconds``."""
        self.attended()
        self._alone = True
        self._limit = asyncio.get_running_loop().call_later(seconds, self._end)
        self.changed(connections)

    def changed(self, connections: Iterable[ConnectionSnapshot]) -> None:
        """A connection changed: without a live one there is nothing to stay for."""
        if not self._alone:
            return
        live = any(connection.phase in LIVE for connection in connections)
        if live and self._idle is not None:
            self._idle.cancel()
            self._idle = None
        elif not live and self._idle is None:
            self._idle = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._end)
