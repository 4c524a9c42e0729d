"""Sending with F5 and Ctrl+J, OSC 52, and a terminal that goes away, in real terminals."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.mosquitto import Mosquitto
from tests.support.terminal import pty
from tests.support.wait import until
from tests.terminal.test_keys import app, captured, command, publish

pytestmark = pytest.mark.mosquitto


@pytest.mark.parametrize(("columns", "rows"), [(120, 40), (60, 20)])
def test_f5_sends_and_sends_again_from_anywhere_as_does_ctrl_j(
    start_mosquitto: Callable[..., Mosquitto], tmp_path: Path, columns: int, rows: int
) -> None:
    broker = start_mosquitto()
    with app(broker, tmp_path, columns=columns, rows=rows) as terminal:
        terminal.keys("p")
        terminal.wait_for("Send F5")
        terminal.type("site/f5")
        terminal.keys("Tab")
        terminal.type("ON")
        terminal.wait_for(" payload  ON")
        terminal.keys("F5")
        until(lambda: len(captured(broker)) == 1, "F5 in the composer")
        terminal.keys("C-j")
        until(lambda: len(captured(broker)) == 2, "Ctrl+J in the composer")
        terminal.keys("Escape")
        terminal.wait_for("Space")
        terminal.keys("F5")
        until(lambda: len(captured(broker)) == 3, "F5 in the stream")
        terminal.keys("C-j")
        until(lambda: len(captured(broker)) == 4, "Ctrl+J in the stream")
        assert all("'site/f5'" in line for line in captured(broker))


def test_what_is_copied_goes_to_the_terminal_as_osc_52(
    start_mosquitto: Callable[..., Mosquitto], tmp_path: Path
) -> None:
    broker = start_mosquitto()
    with pty(command(broker, tmp_path), env={"TMUX": ""}) as terminal:
        terminal.wait_for("●".encode())
        publish(broker, "site/copy", "grüße")
        terminal.wait_for("grüße".encode())
        terminal.write(b"y")
        terminal.wait_for(b"\x1b]52;c;" + base64.b64encode("grüße".encode()))
