"""A crash of the app: a plain traceback without local variables, and the terminal as it was."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.hostile.running import Running, environment
from tests.support.terminal import pty

SECRET = "hunter2-in-a-local"
PROGRAM = """
import os, sys
from pathlib import Path
from mqttx_tui.model.start import StartOptions
from mqttx_tui.ui.screens.main import MainScreen
from mqttx_tui.ui.start import run_app

def crash(self):
    password = os.environ["THE_SECRET"]
    nested = {"token": [password]}
    raise RuntimeError("broken by \\x1b]0;STOLEN\\x07 [/] [@click=app.quit]x[/] \\x9b31337m \\u202e")

async def work():
    crash(None)

def in_worker(self):
    self.run_worker(work())

def at_mount(self):
    crash(self)

how = {"action": ("action_pane_help", crash), "worker": ("action_pane_help", in_worker),
       "mount": ("on_mount", at_mount)}[sys.argv[2]]
setattr(MainScreen, *how)
sys.exit(run_app(StartOptions(config=Path(sys.argv[1]))))
"""


@pytest.mark.parametrize("where", ["action", "worker", "mount"])
def test_a_crash_shows_no_local_variable_and_restores_the_terminal(where: str, tmp_path: Path) -> None:
    config = tmp_path / "connections.toml"
    config.write_text('schema = 1\n[connections.x]\nurl = "mqtt://127.0.0.1:1"\n')
    command = [sys.executable, "-c", PROGRAM, str(config), where]
    env = {**environment(tmp_path), "THE_SECRET": SECRET}
    with pty(command, env=env) as terminal:
        app = Running(terminal, 120, 40)
        app.scanner.leaving = True
        if where != "mount":
            app.see("LIVE ▶")
            app.press("?")
        assert terminal.rest() != 0
        app.screen()
        assert SECRET.encode() not in terminal.output
        assert not app.scanner.offences, app.scanner.offences
        assert "in crash" in app.scanner.after
        assert "broken by ␛]0;STOLEN␇ [/] [@click=app.quit]x[/] \\x9b31337m \\u202e" in (
            app.scanner.after.replace("\r\n", "")
        )
        assert [app.scanner.modes[mode] for mode in ("1049", "25", "1000", "1003", "2004")] == [
            False, True, False, False, False,
        ]  # fmt: skip
        assert terminal.output.count(b"\x1b[<u") == 1
        assert terminal.echoes


def test_the_program_is_what_it_says() -> None:
    """The secret stands in the environment only, never in the program's text."""
    assert SECRET not in PROGRAM
    assert "THE_SECRET" not in os.environ
