"""The payload in $EDITOR, in a real tmux: the terminal is handed over and comes back."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.mosquitto import Mosquitto
from tests.support.terminal import tmux
from tests.support.wait import until
from tests.terminal.test_keys import command

pytestmark = pytest.mark.mosquitto

EDITOR = """#!/bin/sh
echo "EDITING $(stat -c %a "$1")"
cat "$1"
read answer
[ "$answer" = fail ] && exit 3
printf '{"from": "%s"}\\n' "$answer" > "$1"
"""


def test_the_editor_has_the_terminal_and_gives_it_back(mosquitto: Mosquitto, tmp_path: Path) -> None:
    script = tmp_path / "editor.sh"
    script.write_text(EDITOR)
    script.chmod(0o700)
    folder = tmp_path / "payloads"
    folder.mkdir()
    env = {"EDITOR": str(script), "VISUAL": "", "TMPDIR": str(folder)}
    with tmux(command(mosquitto, tmp_path), columns=80, rows=24, env=env) as terminal:
        terminal.wait_for("●")
        terminal.keys("p")
        terminal.wait_for("topic, such as")
        terminal.type("site/edited")
        terminal.keys("Tab")
        terminal.type("typed")
        terminal.keys("C-e")
        terminal.wait_for("EDITING 600")
        assert "typed" in terminal.screen()
        assert "site/edited" not in terminal.screen()
        terminal.type("outside")
        terminal.keys("Enter")
        terminal.wait_for('{"from": "outside"}')
        terminal.wait_for("taken from the editor")
        assert "site/edited" in terminal.screen()
        terminal.keys("C-e")
        terminal.wait_for("EDITING")
        terminal.type("fail")
        terminal.keys("Enter")
        terminal.wait_for("ended with 3: the payload is as it was")
        assert '{"from": "outside"}' in terminal.screen()
        terminal.keys("F5")
        until(lambda: terminal.screen().count('{"from": "outside"}') >= 2, "it came back from the broker")
        assert not [path for path in folder.iterdir() if path.name.startswith("payload-")]
