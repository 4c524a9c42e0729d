"""Starting: an old capture, a bad target, an engine that does not start."""

from __future__ import annotations

import asyncio
from pathlib import Path

from mqttx_tui.engine.api import Ask, Engine, EngineListener
from mqttx_tui.model.errors import AppError
from mqttx_tui.model.start import StartOptions
from mqttx_tui.ui.app import MqttxTui
from mqttx_tui.ui.backend import Backend, FileBackend
from tests.support.wait import eventually
from tests.ui.bench_app import Asked, Behind, snapshot
from tests.ui.test_snapshots import write


async def test_an_old_capture_is_shown_without_an_engine(tmp_path: Path) -> None:
    path = tmp_path / "capture.db"
    await write(path)
    app = MqttxTui(StartOptions(open_path=str(path)), FileBackend(str(path)))
    async with app.run_test(size=(120, 40)) as pilot:
        await asyncio.wait_for(app.opened.wait(), 10)
        await eventually(lambda: app.main_screen.messages.stream_model.count == 64, "64 messages")
        await pilot.press("p")
        await pilot.pause()
        assert app.workspace.engine is None
        assert app.workspace.counters_now is not None
        assert app.workspace.counters_now.last_id == 64


async def test_an_old_capture_opens_with_a_filter_in_force(tmp_path: Path) -> None:
    path = tmp_path / "capture.db"
    await write(path)
    options = StartOptions(open_path=str(path), where="topic ~ temp$")
    app = MqttxTui(options, FileBackend(str(path)))
    async with app.run_test(size=(120, 40)) as pilot:
        await asyncio.wait_for(app.opened.wait(), 10)
        await eventually(lambda: " of 64" in app.main_screen.messages.finding.counts(), "the matches")
        await eventually(lambda: 0 < app.main_screen.messages.stream_model.count < 64, "only some")
        await pilot.press("slash", "down", "escape", "up")
        await eventually(lambda: app.main_screen.messages.filter_line.value == "topic ~ temp$", "recalled")


async def test_a_bad_target_is_told_and_the_others_are_connected(tmp_path: Path) -> None:
    path = tmp_path / "capture.db"
    await write(path)
    engine = Asked()
    options = StartOptions(targets=("nobody", "mqtt://127.0.0.1:9"), config=tmp_path / "none.toml")
    app = MqttxTui(options, Behind(path, engine, [snapshot()]))
    async with app.run_test(size=(120, 40)):
        await asyncio.wait_for(app.opened.wait(), 10)
        await eventually(lambda: ("connect", "mqtt://127.0.0.1:9") in engine.calls, "the good one")
        assert any("nobody" in notice.text for notice in app.workspace.notices)


class Broken(Backend):
    """A backend whose engine does not start."""

    capture_path = ""

    async def open(self, listener: EngineListener, ask: Ask) -> Engine:
        raise AppError("no room for a capture", title="No engine")

    async def close(self, *, keep: bool) -> None:
        return


async def test_an_engine_that_does_not_start_is_told(tmp_path: Path) -> None:
    app = MqttxTui(StartOptions(config=tmp_path / "none.toml"), Broken())
    async with app.run_test(size=(120, 40)):
        await eventually(
            lambda: any("no room" in notice.text for notice in app.workspace.notices), "the notice"
        )


async def test_an_engine_that_ended_is_started_again_with_the_same_connections(tmp_path: Path) -> None:
    path = tmp_path / "capture.db"
    await write(path)
    engine = Asked()
    options = StartOptions(targets=("mqtt://127.0.0.1:9",), config=tmp_path / "none.toml")
    app = MqttxTui(options, Behind(path, engine, [snapshot(key="mqtt://127.0.0.1:9")]))
    async with app.run_test(size=(120, 40)) as pilot:
        await asyncio.wait_for(app.opened.wait(), 10)
        await eventually(lambda: app.main_screen.messages.stream_model.count == 64, "64 messages")
        engine.calls.clear()
        app.workspace.engine_died("killed by signal 9")
        await pilot.pause()
        assert app.main_screen.messages.stream_model.count == 64
        assert "R restarts" in app.workspace.notices[-1].text
        await pilot.press("R")
        await eventually(lambda: ("connect", "mqtt://127.0.0.1:9") in engine.calls, "the connection")
        await eventually(lambda: app.main_screen.messages.stream_model.count == 64, "the capture again")
