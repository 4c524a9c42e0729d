"""mosquitto with persistence is killed twenty times under QoS 1 traffic: our session loses nothing it owes.

What mosquitto promises: its database is written whole, aside, and renamed; nothing is handled while it is
written. So a message whose PUBACK the publisher had read before the file's modification time is in that
file, queued or in flight for our session, unless it was delivered before. Later ones may be lost with the
broker, and anything may come twice.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from mqttx_tui.capture.reader import CaptureReader
from mqttx_tui.engine.engine import LocalEngine
from mqttx_tui.model.profile import Profile, Subscription
from mqttx_tui.model.state import ConnectionSnapshot, Phase
from mqttx_tui.session import supervisor
from tests.engine.fakes import Told, no_answer
from tests.support.mosquitto import Mosquitto
from tests.support.wait import eventually
from tests.survival.publisher import Publisher

ROUNDS = 20
LIFE = (0.05, 1.3)
"""Seconds that a broker lives after our session stood again, at the least and at the most."""
TOPIC = "survival/number"
CONNACK = 2
TOLD = 0.2
"""Seconds from CONNACK until everybody was told, at the most."""
OPTIONS = [
    "allow_anonymous true",
    "persistence true",
    "autosave_interval 1",
    "max_queued_messages 0",
]


@dataclass
class Course:
    """One run: the broker, our engine on it, the publisher, and what they owe each other."""

    broker: Mosquitto
    publisher: Publisher
    told: Told
    reader: CaptureReader
    connection: int
    owed: set[int] = field(default_factory=set)
    """What was acknowledged before a database was written that a broker then died with."""
    died: float = 0.0
    """When a broker died last, seconds since 1970."""

    @property
    def state(self) -> ConnectionSnapshot | None:
        return self.told.newest(self.connection)

    @property
    def database(self) -> Path:
        return self.broker.directory / "mosquitto.db"

    def captured(self) -> dict[int, int]:
        """When each number came first, ns since 1970."""
        bounds = self.reader.bounds()
        found = self.reader.messages(bounds.floor, bounds.count + 1) if bounds.count else []
        first: dict[int, int] = {}
        for message in found:
            first.setdefault(int(message.payload), message.at)
        return first

    def accepted(self) -> list[int]:
        """When each CONNACK came, ns since 1970. What waited at the broker can come in the same read,
        before anybody was told that the session stands."""
        packets = self.reader.packets(limit=1_000_000)
        return [packet.at for _, packet in packets if packet.type == CONNACK]

    async def standing(self, since: float) -> None:
        """Until our session stands again, and its subscriptions are granted."""

        def stands() -> bool:
            state = self.state
            return (
                state is not None
                and state.phase is Phase.CONNECTED
                and (state.connected_at or 0) >= since
                and [(one.filter, one.granted) for one in state.subscriptions] == [("survival/#", 1)]
            )

        await eventually(stands, "our session stands, subscribed", 30)

    async def saved(self) -> None:
        """Until the broker wrote its database, because it was told to."""
        before = self.written()
        assert self.broker.process is not None
        self.broker.process.send_signal(signal.SIGUSR1)
        await eventually(lambda: self.written() > before, "the database is written")

    def written(self) -> int:
        """When the database was written, ns since 1970; 0 before the first time."""
        try:
            return self.database.stat().st_mtime_ns
        except FileNotFoundError:
            return 0

    async def die(self) -> None:
        """The broker is killed; what it had acknowledged before its last database is owed from now on.

        What the one before it had acknowledged is owed already, or was lost with it.
        """
        await asyncio.to_thread(self.broker.kill)
        await eventually(lambda: not self.publisher.open, "the publisher has read its last PUBACK")
        moment = self.written()
        before = int(self.died * 1e9)
        self.owed |= {number for number, at in self.publisher.acked.items() if before < at < moment}
        self.died = time.time()


@asynccontextmanager
async def course(broker: Mosquitto, directory: Path) -> AsyncIterator[Course]:
    told = Told()
    engine = LocalEngine(directory / "capture.db", listener=told, ask=no_answer)
    reader = CaptureReader(directory / "capture.db")
    publisher = Publisher(broker.port, TOPIC)
    profile = Profile(
        "lab",
        f"mqtt://127.0.0.1:{broker.port}",
        client_id="survivor",
        clean_start=False,
        session_expiry=3600,
        subscriptions=(Subscription("survival/#", 1),),
    )
    try:
        connection = await engine.connect(profile)
        yield Course(broker, publisher, told, reader, connection)
    finally:
        await publisher.stop()
        reader.close()
        await engine.shutdown()


@pytest.mark.mosquitto
@pytest.mark.slow
async def test_nothing_acknowledged_before_the_last_autosave_is_missing(
    start_mosquitto: Callable[..., Mosquitto], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "STABLE_SECONDS", 0.0)  # here a second is a long life for a broker
    seed = int(os.environ.get("MQTTX_TUI_TEST_SEED") or random.SystemRandom().randrange(1 << 32))
    print(f"MQTTX_TUI_TEST_SEED={seed}")
    chance = random.Random(seed)
    broker = start_mosquitto(options=OPTIONS)
    async with course(broker, tmp_path) as run:
        await run.standing(0.0)
        await run.saved()  # from here on the broker knows our session and what it subscribed to
        run.publisher.start()
        lives: list[tuple[float, set[int]]] = []
        for number in range(ROUNDS):
            if chance.random() < 0.5:  # and sometimes it writes at another moment than each second
                await asyncio.sleep(chance.uniform(0.0, LIFE[1] / 2))
                await run.saved()
            await asyncio.sleep(chance.uniform(*LIFE))
            await run.die()
            if chance.random() < 0.3:  # it comes and goes before we are back
                await asyncio.to_thread(broker.start)
                await asyncio.sleep(chance.uniform(0.0, 0.3))
                await run.saved()
                await run.die()
            await asyncio.to_thread(broker.start)
            await run.standing(run.died)
            state = run.state
            assert state is not None
            assert state.session_present, f"round {number}: the broker forgot our session"
            lives.append((state.connected_at or 0.0, set(run.owed)))
        run.publisher.enough()
        await eventually(lambda: run.publisher.idle, "everything is acknowledged", 30)
        owed = run.owed | {number for number, at in run.publisher.acked.items() if at > run.died * 1e9}
        await eventually(lambda: not owed - run.captured().keys(), f"{len(owed)} messages", 30)
        assert run.publisher.lives > ROUNDS
        stood = [(max(at for at in run.accepted() if at < (told + TOLD) * 1e9), owed) for told, owed in lives]
        assert came_late(run.captured(), stood), "no message ever waited in the database: nothing is proven"


def came_late(came: dict[int, int], lives: list[tuple[int, set[int]]]) -> int:
    """How many were owed when a broker died and came first after the next one had accepted us."""
    return sum(came[number] >= accepted for accepted, owed in lives for number in owed)
