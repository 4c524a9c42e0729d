"""The layout at the sizes that it is drawn for. Evidence of layout only: behaviour has its own tests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from mqttx_tui.capture.limits import Limits
from mqttx_tui.capture.writer import CaptureWriter
from mqttx_tui.model.message import DUP, NOT_UTF8, OUTGOING, RETAIN, WEBSOCKET, Row
from mqttx_tui.model.start import StartOptions
from mqttx_tui.model.state import (
    ConnectionSnapshot,
    Counters,
    EngineCounters,
    ErrorInfo,
    Phase,
    StageReport,
)
from mqttx_tui.ui.app import MqttxTui
from mqttx_tui.ui.workspace import Workspace
from tests.ui.bench_app import MILLISECOND, NOON, Asked, Behind, snapshot

CONNECTIONS = [
    snapshot(),
    snapshot(
        id=2,
        key="lab",
        name="lab",
        letter="B",
        phase=Phase.RETRYING,
        connected_at=None,
        retry_at=NOON / 1e9 + 9,
        error=ErrorInfo("the password is wrong", "bad password"),
        subscriptions=(),
    ),
    snapshot(
        id=3,
        key="ticker",
        name="ticker",
        letter="C",
        url="wss://ticker.example/ws",
        protocol="websocket",
        transport="wss",
        version="",
        subscriptions=(),
    ),
]
MESSAGES: list[tuple[int, str, bytes, int]] = [
    (1, "site/7/temp", b'{"value": 21.4, "unit": "C"}', 2),
    (1, "site/7/temp", b'{"value": 22.0, "unit": "C"}', 2 | RETAIN),
    (1, "site/7/set", b"ON", 4 | OUTGOING),
    (1, "site/7/raw", bytes.fromhex("010300000000ffc5"), NOT_UTF8),
    (3, "trade", b'{"type":"trade","px":64210}', WEBSOCKET),
    (1, "greenhouse/bench-2/temp", b'{"value": 22.1, "unit": "C"}', 2 | DUP),
    (1, "site/8/temp", b'{"value": 19.8, "unit": "C"}', 0),
    (3, "heartbeat", b'{"type":"heartbeat"}', WEBSOCKET),
]


async def write(path: Path) -> None:
    """A capture of 64 messages."""
    writer = CaptureWriter(path, limits=Limits(messages=1000, bytes=10_000_000), kept=True)
    sinks = {}
    for state in CONNECTIONS:
        number = writer.connection(
            name=state.name, letter=state.letter, url=state.url, protocol=state.protocol
        )
        sinks[number] = writer.sink(number)
    for step in range(64):
        connection, topic, payload, flags = MESSAGES[step % len(MESSAGES)]
        ident = sinks[connection].topic(topic)
        assert ident is not None
        at = NOON + step * 137 * MILLISECOND
        sinks[connection].messages([Row(at, ident, flags, len(payload) + 20, payload, None)])
    await writer.flushed()
    await writer.close(delete=False)


def make(directory: Path, theme: str) -> MqttxTui:
    """The app over that capture, at a fixed time."""
    path = directory / "capture.db"
    asyncio.run(write(path))
    workspace = Workspace(clock=lambda: NOON / 1e9 + 10)
    app = MqttxTui(
        StartOptions(config=directory / "none.toml", theme=theme),
        Behind(path, Asked(), CONNECTIONS),
        workspace=workspace,
    )
    app.ticker.hold = True
    app.opens_form = False
    return app


async def settle(pilot: Pilot[int]) -> None:
    """Everything on screen, nothing moving."""
    app = pilot.app
    assert isinstance(app, MqttxTui)
    await asyncio.wait_for(app.opened.wait(), 10)
    counters = EngineCounters(
        {1: Counters()}, rate=1204.0, kept=64, received=1_204_331, evicted=204_331, file_bytes=214_000_000
    )
    app.workspace.counters(counters)
    app.workspace.rates.extend([300, 500, 800, 1204, 1000, 800, 400])
    app.workspace.take_rate()
    for _ in range(500):
        app.main_screen.sync(app.workspace.clock())
        await pilot.pause()
        pane: Any = app.main_screen.panes["topics"]
        if pane.topics.topics == 7:
            break
    await pilot.press("up", "up", "up")
    for _ in range(3):
        app.main_screen.sync(app.workspace.clock())
        await pilot.pause()


@pytest.mark.parametrize(
    ("size", "theme"),
    [
        ((180, 45), "dark"),
        ((120, 40), "dark"),
        ((120, 40), "light"),
        ((80, 24), "dark"),
        ((60, 20), "dark"),
    ],
    ids=["180x45", "120x40", "120x40-light", "80x24", "60x20"],
)
def test_layout(snap_compare: Callable[..., bool], tmp_path: Path, size: tuple[int, int], theme: str) -> None:
    assert snap_compare(make(tmp_path, theme), terminal_size=size, run_before=settle)


REFUSED = snapshot(
    phase=Phase.FAILED,
    connected_at=None,
    attempt=1,
    stages=(
        StageReport("name", "ok", "broker.lab → 10.0.0.9", 2.0),
        StageReport("tcp", "ok", "10.0.0.9:8883", 4.0),
        StageReport("tls", "ok", "TLSv1.3", 9.0),
        StageReport("mqtt", "failed", "CONNACK 0x87 Not authorized", 3.0),
    ),
    error=ErrorInfo("0x87 Not authorized", "Refused", "check username and password", "mqtt", retry=False),
    subscriptions=(),
)


def make_empty(directory: Path, *connections: ConnectionSnapshot) -> MqttxTui:
    """The app over a capture without messages, twelve seconds after the start."""
    path = directory / "empty.db"

    async def write_nothing() -> None:
        writer = CaptureWriter(path, limits=Limits(messages=10, bytes=1_000_000), kept=True)
        await writer.close(delete=False)

    asyncio.run(write_nothing())
    app = MqttxTui(
        StartOptions(config=directory / "none.toml"),
        Behind(path, Asked(), connections),
        workspace=Workspace(clock=lambda: NOON / 1e9 + 12),
    )
    app.ticker.hold = True
    app.opens_form = False
    return app


async def settle_empty(pilot: Pilot[int]) -> None:
    """Painted twice: nothing arrives."""
    app = pilot.app
    assert isinstance(app, MqttxTui)
    await asyncio.wait_for(app.opened.wait(), 10)
    app.workspace.counters(EngineCounters({1: Counters()}, file_bytes=90_000))
    for _ in range(2):
        app.main_screen.sync(app.workspace.clock())
        await pilot.pause()


@pytest.mark.parametrize("size", [(120, 40), (80, 24)], ids=["120x40", "80x24"])
@pytest.mark.parametrize("state", [snapshot(), REFUSED], ids=["empty", "refused"])
def test_nothing_arrived(
    snap_compare: Callable[..., bool], tmp_path: Path, state: ConnectionSnapshot, size: tuple[int, int]
) -> None:
    assert snap_compare(make_empty(tmp_path, state), terminal_size=size, run_before=settle_empty)


KEYS = {
    "help": ("3", "?"),
    "composer": ("p", *"site/7/set", "tab", *"ON"),
    "form": ("1", "A"),
    "subscribe": ("s",),
}


@pytest.mark.parametrize("screen", list(KEYS))
@pytest.mark.parametrize(
    ("size", "theme"),
    [((120, 40), "light"), ((60, 20), "dark")],
    ids=["120x40-light", "60x20"],
)
def test_screen(
    snap_compare: Callable[..., bool],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    screen: str,
    size: tuple[int, int],
    theme: str,
) -> None:
    monkeypatch.delenv("TMUX", raising=False)

    async def open_it(pilot: Pilot[int]) -> None:
        await settle(pilot)
        for key in KEYS[screen]:
            await pilot.press(key)
            await pilot.pause()
        await pilot.pause(0.1)
        app = pilot.app
        assert isinstance(app, MqttxTui)
        app.main_screen.sync(app.workspace.clock())
        await pilot.pause()

    assert snap_compare(make(tmp_path, theme), terminal_size=size, run_before=open_it)
