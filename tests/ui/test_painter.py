"""The painter hands rows over when the terminal has taken everything, and never anything old."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from textual.geometry import Offset, Size

from mqttx_tui.ui.pace import Pace
from mqttx_tui.ui.painter import Painter
from tests.ui.test_canvas import CONSOLE, page


class Terminal:
    """A terminal that takes what it is given when it is told to."""

    def __init__(self) -> None:
        app: Any = SimpleNamespace(
            console=CONSOLE,
            screen=SimpleNamespace(outer_size=Size(20, 10)),
            cursor_position=Offset(3, 4),
            _sync_available=True,
        )
        self.given: list[str] = []
        self.outstanding = 0
        self.pace = Pace(lambda: 5.0)
        self.painter = Painter(app, self.pace, self._write, lambda: self.outstanding)

    def _write(self, text: str) -> None:
        self.given.append(text)
        self.outstanding = len(text)

    def take(self) -> None:
        self.outstanding = 0
        self.painter.pump()


@pytest.fixture
def terminal() -> Terminal:
    return Terminal()


def test_a_frame_is_one_unit_with_its_marks_and_the_cursor(terminal: Terminal) -> None:
    terminal.painter.paint(page("hello"))
    (text,) = terminal.given
    assert text.startswith("\x1b[?2026h\x1b[1;1H")
    assert "hello" in text
    assert text.endswith("\x1b[5;4H\x1b[?2026l")


def test_while_the_terminal_reads_nothing_only_the_newest_state_waits(terminal: Terminal) -> None:
    terminal.painter.paint(page("first"))
    for number in range(1000):
        terminal.painter.paint(page(f"state {number:>4}"))
    assert len(terminal.given) == 1
    terminal.take()
    assert len(terminal.given) == 2
    assert "state  999" in terminal.given[1]
    terminal.take()
    assert len(terminal.given) == 2, "nothing changed"
    assert not terminal.painter.waiting


def test_somebody_else_has_the_terminal(terminal: Terminal) -> None:
    terminal.painter.held = True
    terminal.painter.paint(page("hidden"))
    assert terminal.given == []
    terminal.painter.held = False
    terminal.painter.forget()
    assert "hidden" in terminal.given[0]


async def test_keys_are_painted_though_traffic_has_used_the_budget_up(terminal: Terminal) -> None:
    terminal.painter.paint(page("row", "field"))
    terminal.take()
    terminal.pace.sent(10_000_000)
    terminal.painter.paint(page("traffic", "field"))
    assert len(terminal.given) == 1, "no budget"
    terminal.painter.pressed()
    terminal.painter.paint(page("traffic", "field x"))
    assert len(terminal.given) == 2
    assert "x" in terminal.given[1]
    assert "traffic" not in terminal.given[1].partition("x")[0]
