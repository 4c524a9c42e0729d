"""A menu: one line for each key."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from mqttx_tui.ui import safe
from mqttx_tui.ui.screens.question import Answer, Answering
from mqttx_tui.ui.widgets.piece_line import Bit, PieceLine


class Menu(Answering):
    """Each answer has a line of its own."""

    DEFAULT_CSS = """
    Menu { align: center middle; }
    Menu > VerticalScroll {
        width: 44; max-width: 100%; height: auto; max-height: 100%;
        background: $surface; padding: 0 2; scrollbar-size: 1 1;
    }
    Menu Static { height: 1; }
    """

    def __init__(self, title: str, answers: tuple[Answer, ...]) -> None:
        super().__init__(answers)
        self._title_text = title

    def compose(self) -> ComposeResult:
        """Title and lines."""
        with VerticalScroll(can_focus=False):
            yield Static(safe.plain(self._title_text), markup=False)
            for _ in (*self._answers, None):
                yield PieceLine()

    def opened(self) -> None:
        """Put the answers on their lines."""
        answers = (*self._answers, Answer("Esc", "back"))
        for line, answer in zip(self.query(PieceLine), answers, strict=False):
            action = f"choose('{answer.key if answer.key != 'Esc' else ''}')"
            line.show([Bit(f"{answer.key:>3} ", "in", action), Bit(answer.label, "text", action)])
