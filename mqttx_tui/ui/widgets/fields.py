"""Text fields whose content may come from outside: what they paint is made visible first."""

from __future__ import annotations

from rich.segment import Segment
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
    """A one-line field. A newline in a paste is never lost silently: it becomes a blank."""

    def render_line(self, y: int) -> Strip:
        """Paint the line, made visible."""
        return safe_strip(super().render_line(y))
