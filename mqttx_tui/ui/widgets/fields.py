"""Text fields whose content may come from outside: what they paint is made visible first."""

from __future__ import annotations

from typing import Any

from rich.segment import Segment
from textual import events
from textual.strip import Strip
from textual.widgets import Input

from mqttx_tui.model.visible import visible


def safe_strip(strip: Strip) -> Strip:
    """The same strip, as long, with every control character shown as a symbol of one cell."""
    if all(segment.text.isprintable() for segment in strip):
        return strip
    segments = [
        Segment("".join(map(_one_cell, segment.text)), segment.style, segment.control) for segment in strip
    ]
    return Strip(segments).adjust_cell_length(strip.cell_length)


def _one_cell(character: str) -> str:
    if character.isprintable():
        return character
    shown = visible(character)
    return shown if len(shown) == 1 else "\ufffd"


class SafeInput(Input):
    """A one-line ``Input``. No line of a paste is lost: a newline becomes a blank."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.cursor_blink = False

    def on_paste(self, event: events.Paste) -> None:
        """Take all lines of a paste, where ``Input`` takes the first."""
        event.stop()
        event.prevent_default()
        self.replace(" ".join(event.text.strip("\r\n").splitlines()), *self.selection)

    def render_line(self, y: int) -> Strip:
        """Paint the line, made visible."""
        return safe_strip(super().render_line(y))
