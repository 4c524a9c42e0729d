"""An engine with connections to servers that misbehave, and what a person is shown of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mqttx_tui.capture.reader import CaptureReader
from mqttx_tui.demo.broker import Broker
from mqttx_tui.engine.engine import LocalEngine
from mqttx_tui.model.message import Outgoing
from mqttx_tui.model.profile import Profile, Subscription
from mqttx_tui.model.state import ConnectionSnapshot, Phase
from tests.engine.fakes import Told, no_answer
from tests.support.wait import eventually

ENDED = (Phase.RETRYING, Phase.FAILED)


@dataclass
class Patient:
    """One engine. ``unheard`` is what the event loop heard of and nobody took."""

    engine: LocalEngine
    told: Told
    path: Path
    unheard: list[dict[str, Any]] = field(default_factory=list)

    async def ends(self, profile: Profile) -> ConnectionSnapshot:
        """Connect, and wait for the state after the link's first end."""
        connection = await self.engine.connect(profile)

        def over() -> ConnectionSnapshot | None:
            return next(
                (one for one in self.told.states if one.id == connection and one.phase in ENDED), None
            )

        found = await eventually(over, "the connection is retried or has failed")
        assert found is not None
        await self.engine.remove(connection)
        return found

    async def still_works(self) -> None:
        """A message goes there and back over another connection of the same engine."""
        broker = Broker(ws_port=None)
        await broker.start()
        url = f"mqtt://127.0.0.1:{broker.port}"
        connection = await self.engine.connect(Profile("good", url, subscriptions=(Subscription("good", 1),)))

        def granted() -> bool:
            state = self.told.newest(connection)
            return bool(state and state.subscriptions and state.subscriptions[0].granted is not None)

        await eventually(granted, "the good connection stands")
        await self.engine.publish(connection, Outgoing("good", b"still here", 1))
        with closing(CaptureReader(self.path)) as reader:

            def came() -> bool:
                found = reader.messages(reader.bounds().floor, 1000)
                return any(one.payload == b"still here" and not one.outgoing for one in found)

            await eventually(came, "the message came back")
        await self.engine.remove(connection)
        await broker.stop()

    async def events(self) -> list[str]:
        """What the capture says of the connections."""
        await self.engine.writer.flushed()
        with closing(CaptureReader(self.path)) as reader:
            return [one.text for one in reader.events()]


@asynccontextmanager
async def patient(path: Path) -> AsyncIterator[Patient]:
    """An engine whose capture is at ``path``; nothing may have gone unheard at its end."""
    told = Told()
    one = Patient(LocalEngine(path, listener=told, ask=no_answer), told, path)
    asyncio.get_running_loop().set_exception_handler(lambda _, context: one.unheard.append(context))
    try:
        yield one
    finally:
        await one.engine.shutdown()
    await asyncio.sleep(0)
    assert one.unheard == []
