"""docs/troubleshooting.md against what the app shows."""

from __future__ import annotations

import asyncio
import re
import time
from pathlib import Path

import pytest

from mqttx_tui.engine.api import Ask, Engine, EngineListener
from mqttx_tui.engine.engine import LocalEngine
from mqttx_tui.model.profile import Profile
from mqttx_tui.model.start import StartOptions
from mqttx_tui.ui.app import MqttxTui
from mqttx_tui.ui.backend import Backend
from tests.support.certificates import Certificates
from tests.support.failures import Expected, Place, load, table
from tests.support.wait import FACTOR

SCENARIOS = load()
EXPECTED = table()
LATE = {"client-certificate-missing", "client-certificate-refused"}
"""A TLS 1.3 server refuses a client's certificate after the handshake: that stage was done."""
AFTER_MESSAGES = {"not-utf8"}
"""The stream is shown then; the connection's row holds the title."""
MARKS = {
    "name": "✗ name",
    "tcp": "✗ TCP",
    "proxy": "✗ proxy",
    "tls": "✗ TLS",
    "upgrade": "✗ upgrade",
    "mqtt": "✗ MQTT",
}


class OneConnection(Backend):
    """``ui.backend.Backend`` over an engine in this process that connects one profile."""

    def __init__(self, path: Path, profile: Profile) -> None:
        self._path = path
        self._profile = profile
        self._engine: LocalEngine | None = None

    async def open(self, listener: EngineListener, ask: Ask) -> Engine:
        self._engine = LocalEngine(self._path, listener=listener, ask=ask)
        await self._engine.connect(self._profile)
        return self._engine

    @property
    def capture_path(self) -> str:
        return str(self._path)

    async def close(self, *, keep: bool) -> None:
        if self._engine is not None:
            await self._engine.shutdown(keep=keep)


def screen_text(app: MqttxTui) -> str:
    """What is on screen, its rows joined and blanks folded, so that wrapping does not matter."""
    strips = app.screen._compositor.render_strips()
    rows = ("".join(segment.text for segment in strip).strip(" │┃|") for strip in strips)
    return re.sub(r"\s+", " ", " ".join(rows))


def promised(expected: Expected) -> re.Pattern[str]:
    """Title, then hint, as the app words them."""
    if expected.name in AFTER_MESSAGES:
        return re.compile(re.escape(expected.title))
    hint = ".*".join(re.escape(part) for part in expected.hint.split("…"))
    return re.compile(f"{re.escape(expected.title)}: .*Try: {hint}")


@pytest.mark.parametrize("name", list(SCENARIOS))
async def test_the_app_shows(name: str, certificates: Certificates, tmp_path: Path) -> None:
    scenario, expected = SCENARIOS[name], EXPECTED[name]
    if scenario.unavailable:
        pytest.skip(scenario.unavailable)
    async with scenario.start(Place(certificates, tmp_path)) as profile:
        options = StartOptions(config=tmp_path / "none.toml")
        app = MqttxTui(options, OneConnection(tmp_path / "capture.db", profile))
        app.opens_form = False
        async with app.run_test(size=(200, 50)):
            deadline = time.monotonic() + 10 * FACTOR
            pattern = promised(expected)
            mark = "" if name in LATE else MARKS.get(expected.stage, "")
            while True:
                text = screen_text(app)
                if pattern.search(text) and mark in text:
                    break
                assert time.monotonic() < deadline, (pattern.pattern, mark, text)
                await asyncio.sleep(0.02)
            app.ticker.hold = True  # the pilot takes the screen apart beneath it
