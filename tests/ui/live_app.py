"""The app with its real engine in a child process, driven by a pilot."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from textual.pilot import Pilot

from mqttx_tui.model.message import Message
from mqttx_tui.model.start import StartOptions
from mqttx_tui.model.state import ConnectionSnapshot, Phase
from mqttx_tui.ui.app import MqttxTui
from mqttx_tui.ui.backend import backend_for
from mqttx_tui.ui.panes.composer import ComposerPane
from mqttx_tui.ui.panes.pane import Pane
from tests.support.wait import FACTOR

P = TypeVar("P", bound=Pane)


@dataclass
class Live:
    """The running app, and what a person sees and does."""

    app: MqttxTui
    pilot: Pilot[int]

    @property
    def lines(self) -> list[str]:
        """What is on screen, as text."""
        strips = self.app.screen._compositor.render_strips()
        return ["".join(segment.text for segment in strip) for strip in strips]

    @property
    def text(self) -> str:
        """All of the screen."""
        return "\n".join(self.lines)

    @property
    def active(self) -> str:
        """The pane that has the keys."""
        return self.app.main_screen.active

    def pane(self, kind: type[P]) -> P:
        """A pane by its class."""
        found = self.app.main_screen.find_pane(kind)
        assert found is not None
        return found

    @property
    def composer(self) -> ComposerPane:
        """Pane 5."""
        return self.pane(ComposerPane)

    @property
    def connections(self) -> list[ConnectionSnapshot]:
        """What the engine said about the connections."""
        return self.app.workspace.started

    @property
    def sent(self) -> list[Message]:
        """Every captured message that went out."""
        reader = self.app.reader
        assert reader is not None
        bounds = reader.bounds()
        found = reader.messages(bounds.floor, max(bounds.count, 1), payload=2_000_000)
        return [message for message in found if message.outgoing]

    async def until(self, condition: Callable[[], object], what: str) -> None:
        """Wait for a condition."""
        deadline = time.monotonic() + 10 * FACTOR
        while not condition():
            assert time.monotonic() < deadline, f"not in time: {what}\n{self.text}"
            await asyncio.sleep(0.01)
            await self.pilot.pause()

    async def sees(self, text: str) -> None:
        """Wait until it stands on the screen."""
        await self.until(lambda: text in self.text, f"{text!r} on screen")

    async def connected(self, count: int = 1) -> None:
        """Wait until so many connections stand, their subscriptions answered."""

        def standing() -> bool:
            found = [s for s in self.connections if s.phase is Phase.CONNECTED]
            answered = all(
                sub.granted is not None or sub.reason is not None for s in found for sub in s.subscriptions
            )
            return len(found) >= count and answered

        await self.until(standing, f"{count} connected")

    async def press(self, *keys: str) -> None:
        """Press keys, each after the one before was dealt with."""
        for key in keys:
            await self.pilot.press(key)
            await self.pilot.pause()

    async def type(self, text: str) -> None:
        """Type characters."""
        await self.press(*({" ": "space"}.get(character, character) for character in text))


@asynccontextmanager
async def live(
    directory: Path,
    *targets: str,
    filters: tuple[str, ...] = ("#",),
    config: str = "",
    size: tuple[int, int] = (120, 40),
    theme: str = "dark",
) -> AsyncIterator[Live]:
    """The app on ``targets`` (URLs or names of profiles); ``config`` is the profile file's text."""
    path = directory / "connections.toml"
    if config:
        path.write_text(config)
    options = StartOptions(targets=targets, filters=filters, config=path, theme=theme)
    app = MqttxTui(options, backend_for(options))
    async with app.run_test(size=size) as pilot:
        running = Live(app, pilot)
        await running.until(app.opened.is_set, "the app is open")
        yield running
