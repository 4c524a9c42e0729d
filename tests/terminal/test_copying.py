"""Copying in a real tmux at its default settings: its own buffer, and the terminal's selection."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.mosquitto import Mosquitto
from tests.support.terminal import Tmux
from tests.support.wait import until
from tests.terminal.test_keys import app, publish

pytestmark = pytest.mark.mosquitto


def buffer(terminal: Tmux) -> str:
    """What tmux would paste."""
    try:
        return terminal._call("show-buffer")
    except Exception:  # there is no buffer yet
        return ""


def mouse(terminal: Tmux) -> str:
    """Whether the program in the pane takes the mouse: 1 or 0."""
    return terminal._call("display-message", "-p", "#{mouse_any_flag}").strip()


def test_what_is_copied_can_be_pasted_in_tmux(
    start_mosquitto: Callable[..., Mosquitto], tmp_path: Path
) -> None:
    broker = start_mosquitto()
    with app(broker, tmp_path, columns=80, rows=24) as terminal:
        for number in range(3):
            publish(broker, "site/copy", f"payload {number} ü")
        terminal.wait_for("payload 2")
        terminal.keys("3")
        terminal.keys("y")
        until(lambda: buffer(terminal) == "payload 2 ü", "one payload")
        terminal.keys("V")
        terminal.keys("Up")
        terminal.wait_for("2 selected")
        terminal.keys("y")
        until(lambda: buffer(terminal) == "payload 1 ü\npayload 2 ü", "the selected payloads")
        terminal.keys("Y")
        terminal.wait_for("JSON lines")
        terminal.keys("j")
        until(lambda: buffer(terminal).startswith("{"), "JSON lines")
        assert [json.loads(line)["topic"] for line in buffer(terminal).splitlines()] == ["site/copy"] * 2
        terminal.keys("Escape")
        terminal.wait_for("HELD")
        terminal.keys("S-Up")
        terminal.wait_for("2 selected")


def test_the_plain_view_leaves_the_mouse_to_the_terminal(
    start_mosquitto: Callable[..., Mosquitto], tmp_path: Path
) -> None:
    broker = start_mosquitto()
    with app(broker, tmp_path) as terminal:
        publish(broker, "site/plain", '{"on": true}')
        terminal.wait_for('{"on": true}')
        until(lambda: mouse(terminal) == "1", "the app takes the mouse")
        terminal.keys("c")
        screen = terminal.wait_for("select with the terminal's mouse")
        assert screen.splitlines()[0].endswith('←0 site/plain  {"on": true}')
        assert "│" not in screen
        until(lambda: mouse(terminal) == "0", "the terminal has the mouse")
        terminal.keys("Tab")
        assert terminal.wait_for("Tab page").splitlines()[:3] == ["{", '  "on": true', "}"]
        terminal.keys("Escape")
        terminal.wait_for("LIVE")
        until(lambda: mouse(terminal) == "1", "the app takes the mouse again")
