"""The engine in this process, with a capture to look into: what tests drive as a front end would."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from mqttx_tui.capture.limits import Limits
from mqttx_tui.capture.reader import CaptureReader
from mqttx_tui.engine.engine import LocalEngine
from mqttx_tui.model.message import Message
from mqttx_tui.model.profile import Profile
from mqttx_tui.model.state import ConnectionSnapshot, EngineCounters, Phase
from tests.support.wait import eventually


class Told:
    """A listener that remembers."""

    def __init__(self) -> None:
        self.snapshots: dict[int, ConnectionSnapshot] = {}
        self.history: list[ConnectionSnapshot] = []
        self.notices: list[tuple[str, str]] = []

    def state(self, snapshot: ConnectionSnapshot) -> None:
        self.snapshots[snapshot.id] = snapshot
        self.history.append(snapshot)

    def removed(self, connection: int) -> None:
        self.snapshots.pop(connection, None)

    def counters(self, counters: EngineCounters) -> None:
        pass

    def notice(self, level: str, text: str) -> None:
        self.notices.append((level, text))

    def engine_died(self, reason: str) -> None:
        raise AssertionError(reason)


async def nobody(label: str, question: str) -> str | None:
    """Nobody is there to be asked."""
    return None


class Explorer:
    """An engine and a reader of its capture."""

    def __init__(self, engine: LocalEngine, told: Told) -> None:
        self.engine = engine
        self.told = told
        self._reader: CaptureReader | None = None

    @property
    def reader(self) -> CaptureReader:
        """A reader of the capture."""
        if self._reader is None:
            self._reader = CaptureReader(self.engine.capture_path)
        return self._reader

    async def connect(self, profile: Profile, timeout: float = 10.0) -> int:
        """Connect, and wait until every subscription that is on was answered."""
        connection = await self.engine.connect(profile)
        await eventually(lambda: self._settled(connection), f"connected to {profile.url}", timeout)
        return connection

    def _settled(self, connection: int) -> bool:
        snapshot = self.told.snapshots.get(connection)
        assert snapshot is None or snapshot.phase is not Phase.FAILED, snapshot.error
        return (
            snapshot is not None
            and snapshot.phase is Phase.CONNECTED
            and all(s.granted is not None or s.reason is not None for s in snapshot.subscriptions if s.on)
        )

    def captured(self, *, outgoing: bool = False) -> list[Message]:
        """Every captured message of one direction, whole."""
        bounds = self.reader.bounds()
        found = self.reader.messages(bounds.floor, max(bounds.count, 1), payload=100_000_000)
        return [message for message in found if message.outgoing is outgoing]

    async def received(self, count: int, timeout: float = 20.0) -> list[Message]:
        """The received messages, as soon as there are ``count``."""
        await eventually(lambda: len(self.captured()) >= count, f"{count} messages captured", timeout)
        return self.captured()

    def close(self) -> None:
        """Close the reader."""
        if self._reader is not None:
            self._reader.close()


@asynccontextmanager
async def explorer(directory: Path, limits: Limits | None = None) -> AsyncIterator[Explorer]:
    """An engine for the length of a ``with``."""
    told = Told()
    engine = LocalEngine(directory / "capture.db", listener=told, ask=nobody, limits=limits)
    running = Explorer(engine, told)
    try:
        yield running
    finally:
        running.close()
        await engine.shutdown()
