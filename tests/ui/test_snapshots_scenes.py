"""Pictures of the inspector's tabs, of themes and of states, over the capture of ``test_snapshots``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from mqttx_tui.ui.app import MqttxTui
from tests.support.wait import eventually
from tests.ui.test_snapshots import make, settle

INSPECTED = ("3", "slash", *"topic == site/7/temp", "enter", "G", "enter")
SCENES = {
    "payload": ((*INSPECTED, "down"), '"value"'),
    "hex": ((*INSPECTED, "right_square_bracket", "right_square_bracket"), "big endian"),
    "diff": ((*INSPECTED, "d"), "+1"),
    "chart": ((*INSPECTED, "v"), "mean"),
    "history": ((*INSPECTED, "left_square_bracket"), "History"),
    "offered": (("3", "slash", *"site/# .va"), ".value  "),
    "selected": (("3", "up", "up", "V", "up", "up"), "▌"),
    "nothing-matches": (("3", "slash", *"nothing-like-that", "enter"), "No message matches"),
    "sorted": (("2", "t", "t"), "by count"),
    "tree-filter": (("2", "slash", *"temp", "enter"), "of 7"),
}


def shown(app: MqttxTui) -> str:
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip) for strip in strips)


def opening(keys: tuple[str, ...], text: str) -> Callable[[Pilot[int]], object]:
    """Press the keys, each when the one before has been painted, and wait for the text."""

    async def open_it(pilot: Pilot[int]) -> None:
        app = pilot.app
        assert isinstance(app, MqttxTui)

        def painted() -> bool:
            app.main_screen.sync(app.workspace.clock())
            return not app.main_screen.messages.finding.looking

        await settle(pilot)
        for key in keys:
            await pilot.press(key)
            await eventually(painted, "the search is done")
            await pilot.pause()
        await eventually(lambda: painted() and text in shown(app), f"{text!r} is shown")
        await pilot.pause(0.3)
        painted()
        await pilot.pause()

    return open_it


@pytest.mark.parametrize("size", [(120, 40), (80, 24)], ids=["120x40", "80x24"])
@pytest.mark.parametrize("scene", list(SCENES))
def test_scene(snap_compare: Callable[..., bool], tmp_path: Path, scene: str, size: tuple[int, int]) -> None:
    keys, text = SCENES[scene]
    assert snap_compare(make(tmp_path, "dark"), terminal_size=size, run_before=opening(keys, text))


@pytest.mark.parametrize("theme", ["high-contrast", "ansi", "nord", "gruvbox", "solarized-light"])
def test_theme(snap_compare: Callable[..., bool], tmp_path: Path, theme: str) -> None:
    keys, text = SCENES["payload"]
    assert snap_compare(make(tmp_path, theme), terminal_size=(120, 40), run_before=opening(keys, text))
