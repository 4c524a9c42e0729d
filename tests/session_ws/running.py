"""A raw WebSocket session that runs, with a sink that remembers."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from mqttx_tui.model.errors import LinkError
from mqttx_tui.model.message import WS_FRAME
from mqttx_tui.model.profile import Profile, Resolved
from mqttx_tui.session.registry import make_session
from mqttx_tui.session.websocket import WebSocketSession
from tests.support.sinks import MemoryObserver, MemorySink
from tests.support.wait import FACTOR, eventually


class Running:
    """A session that runs, with everything it tells."""

    def __init__(self, profile: Profile, sink: MemorySink | None = None) -> None:
        self.sink = sink or MemorySink()
        self.observer = MemoryObserver()
        session = make_session(profile, self.sink, self.observer)
        assert isinstance(session, WebSocketSession)
        self.session = session
        self.task = asyncio.create_task(session.run(Resolved(profile)))

    async def connected(self) -> Running:
        await eventually(lambda: self.observer.connections or self.task.done())
        assert self.observer.connections, self.task.exception()
        return self

    async def failure(self) -> LinkError:
        with pytest.raises(LinkError) as caught:
            await asyncio.wait_for(self.task, 10 * FACTOR)
        return caught.value

    def controls(self) -> list[tuple[int, int, bytes, int | None]]:
        """(direction, opcode, payload, code) of what stands between the messages."""
        frames = [row for row in self.sink.packets if row.type & WS_FRAME and row.message is None]
        return [(row.direction, row.type - WS_FRAME, row.raw, row.reason) for row in frames]


@asynccontextmanager
async def running(profile: Profile, sink: MemorySink | None = None) -> AsyncIterator[Running]:
    run = await Running(profile, sink).connected()
    try:
        yield run
    finally:
        if not run.task.done():
            await run.session.close()
        with contextlib.suppress(LinkError):
            await run.task


def quiet(profile: Profile) -> Profile:
    """Without our own pings."""
    return replace(profile, keepalive=0.0)
