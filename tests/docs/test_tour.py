"""The README's five-minute tour: every key of it is pressed in a real tmux, in the order of its rows."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from tests.docs.test_readme import README, place, runtime
from tests.support.terminal import tmux
from tests.support.wait import until

__all__ = ["place", "runtime"]

KEYS = {
    "Enter": "Enter",
    "Tab": "Tab",
    "Esc": "Escape",
    "Space": "Space",
    "↓": "Down",
    "↑": "Up",
    "F5": "F5",
    "Ctrl+U": "C-u",
}
"""What the tour calls them, and tmux."""
DEMO = [sys.executable, "-m", "mqttx_tui", "demo"]


A_READER = 0.3
"""Seconds between keys of somebody who looks at the screen after each."""


def _kept(screen: str) -> int | None:
    found = re.search(r"(\d+) kept", screen)
    return int(found[1]) if found else None


def steps() -> list[tuple[list[str], list[str]]]:
    """For each row of the tour: the keys or texts of its first cell, and what the second says is shown."""
    part = README.split("## Five minutes")[1].split("\n## ")[0]
    rows = [line.split(" | ", 1) for line in part.splitlines() if line.startswith("| `")]
    return [(_ticked(keys), _ticked(shown)) for keys, shown in rows]


def _ticked(cell: str) -> list[str]:
    return [one for one in re.findall(r"`` (.+?) ``|`([^`]+)`", cell) for one in one if one]


def test_the_tour(place: dict[str, str], tmp_path: Path) -> None:
    rows = steps()
    assert len(rows) >= 10
    assert all(shown for _, shown in rows)
    environment = {**os.environ, **place}
    with tmux(DEMO, env=environment) as terminal:
        until(lambda: (_kept(terminal.screen()) or 0) > 100, "there is traffic", 60)
        terminal.pace = A_READER
        for keys, shown in rows:
            for key in keys:
                if key in KEYS or len(key) == 1:
                    terminal.keys(KEYS.get(key, key))
                else:
                    terminal.type(key)
            for text in shown:
                terminal.wait_for(text)
