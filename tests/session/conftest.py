"""A session with everything that it needs, remembered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest

from mqttx_tui.model.errors import LinkError
from mqttx_tui.model.profile import Profile, Resolved
from mqttx_tui.session.mqtt import MqttSession
from tests.support.sinks import MemoryObserver, MemorySink
from tests.support.wait import eventually


@dataclass
class Rig:
    """A session under test. ``start`` runs one connection in the background."""

    profile: Profile
    sink: MemorySink
    observer: MemoryObserver
    session: MqttSession
    running: asyncio.Task[None] | None = None
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def start(self) -> asyncio.Task[None]:
        """Run one connection."""
        self.running = asyncio.create_task(self.session.run(Resolved(self.profile)))
        self.tasks.append(self.running)
        return self.running

    async def connect(self, connections: int = 1) -> None:
        """Run one connection and wait until it stands and is subscribed."""
        granted = len(self.observer.subscriptions)
        running = self.start()
        await eventually(lambda: len(self.observer.connections) >= connections or running.done())
        if running.done():
            await running
        wanted = [one for one in self.profile.subscriptions if one.on]
        await eventually(lambda: len(self.observer.subscriptions) >= granted + len(wanted) and self.publishes)

    @property
    def publishes(self) -> bool:
        """Whether messages can go out."""
        return self.session._outbox.is_open

    async def failure(self) -> LinkError:
        """Run one connection to its end, which must be an error."""
        running = self.running if self.running is not None and not self.running.done() else self.start()
        with pytest.raises(LinkError) as caught:
            await asyncio.wait_for(running, 15)
        return caught.value


@pytest.fixture
async def rig() -> AsyncIterator[Callable[..., Rig]]:
    """``rig(url, exclude=(), **profile)``: sessions that are closed with the test; no loop errors."""
    rigs: list[Rig] = []
    errors: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: errors.append(context))

    def make(url: str, *, exclude: Iterable[str] = (), mqtt: str = "5", **options: Any) -> Rig:
        profile = Profile("test", url, mqtt=mqtt, **options)  # type: ignore[arg-type]
        sink, observer = MemorySink(exclude), MemoryObserver()
        made = Rig(profile, sink, observer, MqttSession(profile, sink, observer))
        rigs.append(made)
        return made

    yield make
    for one in rigs:
        await one.session.close()
        await asyncio.gather(*one.tasks, return_exceptions=True)
    assert errors == []
