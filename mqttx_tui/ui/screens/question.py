"""A question on one line, at the place of the footer: nothing else moves."""

from __future__ import annotations

from dataclasses import dataclass

from textual import events
from textual.app import ComposeResult

from mqttx_tui.ui.safe import line
from mqttx_tui.ui.screens.dialog import Dialog
from mqttx_tui.ui.widgets.piece_line import Bit, PieceLine


@dataclass(frozen=True, slots=True)
class Answer:
    """A key and what it means."""

    key: str
    label: str


class Answering(Dialog[str]):
    """Dismisses with the key of the chosen answer, or with "" after Esc or any other key."""

    def __init__(self, answers: tuple[Answer, ...]) -> None:
        super().__init__()
        self._answers = answers

    def on_key(self, event: events.Key) -> None:
        """A key chooses."""
        event.stop()
        event.prevent_default()
        keys = {answer.key for answer in self._answers}
        pressed = event.character if event.character in keys else event.key.removeprefix("alt+")
        self.action_choose(pressed if pressed in keys else "")

    def action_choose(self, key: str) -> None:
        """Choose."""
        self.dismiss(key)


class Question(Answering):
    """The answers stand behind the question."""

    DEFAULT_CSS = """
    Question { background: transparent; align: left bottom; }
    Question PieceLine { background: $mq-bar; dock: bottom; }
    """

    def __init__(self, text: str, answers: tuple[Answer, ...]) -> None:
        super().__init__(answers)
        self._text = text

    def compose(self) -> ComposeResult:
        """The line."""
        yield PieceLine(ground="bar")

    def opened(self) -> None:
        """Put the question on the line."""
        bits = [Bit(f" {line(self._text, 200)}  " if self._text else " ", "busy")]
        for answer in self._answers:
            bits += [Bit(answer.key, "in", f"choose('{answer.key}')"), Bit(f" {answer.label}  ", "text")]
        bits += [Bit("Esc", "in", "choose('')"), Bit(" back", "text")]
        self.query_one(PieceLine).show(bits)
