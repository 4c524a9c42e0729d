"""The app over a real capture file and an engine that only notes what it is asked."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from mqttx_tui.capture.limits import Limits
from mqttx_tui.capture.sink import ConnectionSink
from mqttx_tui.capture.writer import CaptureWriter
from mqttx_tui.engine.api import Ask, Engine, EngineListener
from mqttx_tui.model.handshake import Handshake
from mqttx_tui.model.message import NOT_UTF8, Outgoing, Row
from mqttx_tui.model.profile import Profile, Subscription
from mqttx_tui.model.start import StartOptions
from mqttx_tui.model.state import ConnectionSnapshot, EngineCounters, Phase, SubscriptionState
from mqttx_tui.ui.app import MqttxTui
from mqttx_tui.ui.backend import Backend
from mqttx_tui.ui.panes.topics import TopicsPane
from mqttx_tui.ui.workspace import Workspace
from tests.support.wait import FACTOR

NOON = 1_795_262_400_000_000_000
"""ns since 1970 of the first message."""
MILLISECOND = 1_000_000


def snapshot(**changes: Any) -> ConnectionSnapshot:
    """A connection that stands."""
    values: dict[str, Any] = {
        "id": 1,
        "key": "greenhouse",
        "name": "greenhouse",
        "letter": "A",
        "url": "mqtts://broker.lab:8883",
        "protocol": "mqtt",
        "transport": "tls",
        "phase": Phase.CONNECTED,
        "version": "5",
        "connected_at": NOON / 1e9,
        "round_trip_ms": 12.0,
        "subscriptions": (
            SubscriptionState("greenhouse/+/temperature", 1, True, 1),
            SubscriptionState("site/#", 0, True, 0),
            SubscriptionState("$SYS/#", 0, False),
        ),
    }
    return ConnectionSnapshot(**(values | changes))


@dataclass
class Asked:
    """An engine that answers at once and keeps every request."""

    capture_path: str = ""
    calls: list[tuple[Any, ...]] = field(default_factory=list)
    closed: list[bool] = field(default_factory=list)
    opened_with: Handshake = field(default_factory=lambda: Handshake("GET / HTTP/1.1", (), 101, ()))

    async def connect(self, profile: Profile) -> int:
        self.calls.append(("connect", profile.key))
        return 1

    async def disconnect(self, connection: int, *, code: int | None = None, reason: str = "") -> None:
        self.calls.append(("disconnect", connection, *([] if code is None else [code, reason])))

    async def remove(self, connection: int) -> None:
        self.calls.append(("remove", connection))

    async def subscribe(self, connection: int, subscription: Subscription) -> SubscriptionState:
        self.calls.append(("subscribe", connection, subscription.filter))
        return SubscriptionState(subscription.filter, subscription.qos, True, subscription.qos)

    async def unsubscribe(self, connection: int, topic_filter: str) -> None:
        self.calls.append(("unsubscribe", connection, topic_filter))

    async def publish(self, connection: int, outgoing: Outgoing) -> int:
        self.calls.append(("publish", connection, outgoing.topic, outgoing.payload, outgoing.retain))
        return 1

    async def authenticate(self, connection: int) -> float:
        self.calls.append(("authenticate", connection))
        return 2.0

    async def ping(self, connection: int) -> float:
        self.calls.append(("ping", connection))
        return 12.4

    async def handshake(self, connection: int) -> Handshake:
        self.calls.append(("handshake", connection))
        return self.opened_with

    async def drop_queued(self, connection: int) -> int:
        self.calls.append(("drop", connection))
        return 0

    async def exclude(self, connection: int, filters: tuple[str, ...]) -> None:
        self.calls.append(("exclude", connection, filters))

    async def limits(self, *, messages: int | None = None, size: int | None = None) -> None:
        self.calls.append(("limits", messages, size))

    async def save(self, path: str) -> int:
        self.calls.append(("save", path))
        return 0

    async def clear(self) -> None:
        self.calls.append(("clear",))

    async def shutdown(self, *, keep: bool = False) -> None:
        self.calls.append(("shutdown", keep))


class Behind(Backend):
    """``ui.backend.Backend`` over a writer in the same process."""

    def __init__(self, path: Path, engine: Asked, snapshots: Sequence[ConnectionSnapshot]) -> None:
        self._path = path
        self._engine = engine
        self._snapshots = snapshots

    async def open(self, listener: EngineListener, ask: Ask) -> Engine:
        for state in self._snapshots:
            listener.state(state)
        return self._engine

    @property
    def capture_path(self) -> str:
        return str(self._path)

    async def close(self, *, keep: bool) -> None:
        self._engine.closed.append(keep)


@dataclass
class Bench:
    """The running app and what feeds it."""

    app: MqttxTui
    pilot: Pilot[int]
    writer: CaptureWriter
    sink: ConnectionSink
    engine: Asked
    clock: list[float]
    _at: int = NOON

    async def feed(self, messages: Sequence[tuple[Any, ...]], step: int = 10) -> int:
        """Write messages (topic, payload, flags) ``step`` ms apart, and show them; returns the first id."""
        rows = []
        for topic, payload, *flags in messages:
            self._at += step * MILLISECOND
            number = self.sink.topic(topic)
            assert number is not None
            mark = (flags[0] if flags else 0) | (0 if _text(payload) else NOT_UTF8)
            rows.append(Row(self._at, number, mark, len(payload) + len(topic) + 4, payload, None))
        first = self.sink.messages(rows)
        await self.writer.flushed()
        self.clock[0] = self._at / 1e9
        await self.tick()
        return first

    async def tick(self, seconds: float = 0.0) -> None:
        """One turn of the ticker, by hand."""
        self.clock[0] += seconds
        await self.pilot.pause(0)
        self.app.main_screen.sync(self.app.workspace.clock())
        await self.pilot.pause(0)

    async def until(self, condition: Callable[[], bool], what: str) -> None:
        """Tick until ``condition`` holds."""
        deadline = time.monotonic() + 10 * FACTOR
        while not condition():
            assert time.monotonic() < deadline, f"{what}:\n" + "\n".join(self.lines)
            await asyncio.sleep(0.005)
            await self.tick()

    async def topics(self, number: int) -> None:
        """Until the tree knows so many topics."""
        pane = self.app.main_screen.find_pane(TopicsPane)
        assert pane is not None
        await self.until(lambda: pane.topics.topics >= number, "topics in the tree")
        await self.tick()

    @property
    def lines(self) -> list[str]:
        """What is on screen, as text."""
        strips = self.app.screen._compositor.render_strips()
        return ["".join(segment.text for segment in strip) for strip in strips]

    def line(self, needle: str) -> str:
        """The first line on screen that holds ``needle``."""
        for text in self.lines:
            if needle in text:
                return text
        raise AssertionError(f"{needle!r} is not on screen:\n" + "\n".join(self.lines))

    async def press(self, *keys: str) -> None:
        """Press keys, one after the other has been dealt with."""
        for key in keys:
            await self.pilot.press(key)
            await self.pilot.pause()


def _text(payload: bytes) -> bool:
    try:
        payload.decode()
    except UnicodeDecodeError:
        return False
    return True


@asynccontextmanager
async def bench(
    directory: Path,
    *,
    size: tuple[int, int] = (120, 40),
    snapshots: Sequence[ConnectionSnapshot] | None = None,
    limits: Limits | None = None,
    theme: str = "dark",
    config: str = "",
) -> AsyncIterator[Bench]:
    """The app at a fixed time of day, ticking only by hand."""
    path = directory / "capture.db"
    writer = CaptureWriter(path, limits=limits or Limits(messages=100_000, bytes=100_000_000), kept=False)
    connection = writer.connection(
        name="greenhouse", letter="A", url="mqtts://broker.lab:8883", protocol="mqtt"
    )
    engine = Asked(str(path))
    clock = [NOON / 1e9]
    workspace = Workspace(clock=lambda: clock[0])
    found = [snapshot()] if snapshots is None else list(snapshots)
    options = StartOptions(config=Path(config) if config else directory / "none.toml", theme=theme)
    app = MqttxTui(options, Behind(path, engine, found), workspace=workspace)
    app.ticker.hold = True
    app.opens_form = False
    try:
        async with app.run_test(size=size, notifications=True) as pilot:
            await asyncio.wait_for(app.opened.wait(), 10)
            await pilot.pause()
            workspace.counters(EngineCounters({}, rate=0.0))
            yield_to = Bench(app, pilot, writer, writer.sink(connection), engine, clock)
            await yield_to.tick()
            yield yield_to
    finally:
        await writer.close(delete=True)
