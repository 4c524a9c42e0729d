"""Draw the pictures of the docs from the running app: ``./dev pictures [DIRECTORY [NAME …]]``.

The app runs on the demo's broker, smart home and WebSocket server; each picture waits for what it
should show. The pictures are SVG files that load nothing from elsewhere.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mqttx_tui.cli.demo import PROFILES
from mqttx_tui.model.start import StartOptions
from mqttx_tui.ui.app import MqttxTui
from mqttx_tui.ui.backend import backend_for

ROOT = Path(__file__).resolve().parents[1]
A_READER = 0.15
"""Seconds between two keys."""
_COMMENT = re.compile(r"<!--.*?-->\s*", re.DOTALL)
_FONT_FACE = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


@dataclass(frozen=True)
class Scene:
    """One picture: terminal size, keys to press, what is on screen then, theme, messages to wait for."""

    name: str
    columns: int
    rows: int
    keys: tuple[str, ...] = ()
    shows: str = "Messages"
    theme: str = ""
    messages: int = 150


_TEMPERATURES = ("slash", *"home/+/Temperature", "enter")
_INSPECTED = (*_TEMPERATURES, "G", "enter", "down")

_TO_THE_CHAT = ("slash", *"conn == chat", "enter", "p", "ctrl+t", "ctrl+t")
_A_CALL = (*_TO_THE_CHAT, *'{"id":1,"method":"who"}', "enter", "escape", "3", "G", "enter", "]")
"""To the chat, which answers; then its answer in the inspector, with the request that it belongs to."""

SCENES = (
    Scene("main", 120, 40, ("2", *["down"] * 12, "3", "end")),
    Scene("wide", 180, 45, ("2", *["down"] * 12, "3", "end")),
    Scene("light", 120, 40, ("2", *["down"] * 12, "3", "end"), theme="mqttx-light"),
    Scene("small", 80, 24, ("3", "end")),
    Scene("tiny", 60, 20, ("3", "end"), "kept"),
    Scene("topics", 80, 24, ("2", *["down"] * 7), "count"),
    Scene("filter", 120, 40, ("slash", *"home/+/Temperature and .va"), ".value"),
    Scene("changes", 120, 40, _INSPECTED, "was"),
    Scene(
        "hex", 120, 40, ("slash", *"topic == home/meter/modbus", "enter", "G", "enter", "]", "]"), "varint"
    ),
    Scene("diff", 120, 40, (*_INSPECTED, "d"), "+1"),
    Scene("chart", 120, 40, (*_INSPECTED, "v"), "mean", messages=400),
    Scene("history", 120, 40, (*_INSPECTED, "["), "History", messages=250),
    Scene("publish", 120, 40, ("p", *"home/kitchen/HeaterControl", "tab", *"ON"), "2 B"),
    Scene("saved", 120, 40, ("p", "ctrl+o"), "heat the kitchen"),
    Scene(
        "trace",
        120,
        40,
        ("w", "slash", *"kind == mqtt packet != publish", "enter", *["up"] * 3, "tab", *["down"] * 6),
        "› ",
    ),
    Scene("connections", 80, 24, ("1",), "ticker"),
    Scene("doctor", 120, 40, ("1", "slash", *"smart", "enter", "T"), "all is well", messages=250),
    Scene("handshake", 120, 40, ("1", "slash", *"ticker", "enter", "H"), "on the wire"),
    Scene("websocket", 120, 40, _A_CALL, "answers #"),
    Scene("form", 120, 40, ("1", "A"), "Save and connect"),
    Scene("settings", 120, 40, (",",), "Settings"),
    Scene("help", 120, 40, ("question_mark",), "Here"),
)


async def draw(scene: Scene, config: Path, target: Path) -> None:
    """Run the app for one scene and save its picture."""
    options = StartOptions(config=config, theme=scene.theme, settings=config.with_name("settings.toml"))
    app = MqttxTui(options, backend_for(options))
    async with app.run_test(size=(scene.columns, scene.rows)) as pilot:
        counters = app.workspace
        await until(lambda: (counters.counters_now.kept if counters.counters_now else 0) >= scene.messages)
        for key in scene.keys:
            await pilot.press(key)
            await asyncio.sleep(A_READER)
        try:
            await until(lambda: scene.shows in on_screen(app), 20)
        except TimeoutError:
            raise SystemExit(f"{scene.name}: no {scene.shows!r} on\n{on_screen(app)}") from None
        await pilot.pause(A_READER)
        svg = app.export_screenshot(title="mqttx-tui")
        (target / f"{scene.name}.svg").write_text(clean(svg))
        app.leave()
        await until(lambda: not app.is_running)


def on_screen(app: MqttxTui) -> str:
    """What the terminal shows."""
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip) for strip in strips)


def clean(svg: str) -> str:
    """The picture without references to fonts and pages elsewhere."""
    svg = _COMMENT.sub("", svg)
    return _FONT_FACE.sub("", svg).replace("Fira Code", "DejaVu Sans Mono, Menlo, Consolas")


async def until(condition: Callable[[], bool], timeout: float = 60.0) -> None:
    """Wait for a condition while the app runs."""
    async with asyncio.timeout(timeout):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event of its own
            await asyncio.sleep(0.05)


async def main(target: Path, names: list[str]) -> None:
    """The scenes of these names, or all, one after the other, on one demo."""
    os.environ |= {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
    os.environ.pop("NO_COLOR", None)
    target.mkdir(parents=True, exist_ok=True)
    house = subprocess.Popen(
        [sys.executable, "-m", "mqttx_tui.demo"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert house.stdout is not None
    assert house.stdin is not None
    try:
        ports = json.loads(house.stdout.readline())
        with tempfile.TemporaryDirectory() as directory:
            config = Path(directory) / "connections.toml"
            config.write_text(PROFILES.format(**ports))
            for scene in SCENES:
                if names and scene.name not in names:
                    continue
                await draw(scene, config, target)
                print(target / f"{scene.name}.svg")
    finally:
        house.stdin.close()
        house.wait(5)


if __name__ == "__main__":
    place = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "pictures"
    asyncio.run(main(place, sys.argv[2:]))
