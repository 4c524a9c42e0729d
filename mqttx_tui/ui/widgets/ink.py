"""Colours by meaning for widgets that paint their own lines."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from mqttx_tui.ui.safe import clip, width
from mqttx_tui.ui.theme import LETTER_COLORS, MEANINGS

_BOLD = frozenset(("strong", "in", "out", "bad"))
_GROUND = frozenset(("cursor", "bar", "field"))
_LETTERS = tuple(f"letter-{n}" for n in range(LETTER_COLORS))

Piece = tuple[str, str]
"""Text (already safe) and the name of its ink."""


def _rule(name: str) -> str:
    if name in _GROUND:
        return f"Inked .mq--{name} {{ background: $mq-{name}; }}"
    bold = " text-style: bold;" if name in _BOLD or name in _LETTERS else ""
    return f"Inked .mq--{name} {{ color: $mq-{name};{bold} }}"


class Inked(Widget):
    """A widget with one component class per meaning; ``ink`` is cheap to call per segment."""

    COMPONENT_CLASSES = {f"mq--{name}" for name in (*MEANINGS, *_LETTERS)}
    DEFAULT_CSS = "\n".join(_rule(name) for name in (*MEANINGS, *_LETTERS))

    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes, markup=False)
        self._inks: dict[tuple[str, str], Style] = {}
        self.ink_generation = 0

    def ink(self, name: str, ground: str = "") -> Style:
        """The style of a meaning, on the widget's background or that of another meaning.

        ``name`` may carry a suffix: ``text bold``, ``dim plain`` (never bold).
        """
        style = self._inks.get((name, ground))
        if style is None:
            style = self._make_ink(name, ground)
            self._inks[name, ground] = style
        return style

    def _make_ink(self, name: str, ground: str) -> Style:
        meaning, _, variant = name.partition(" ")
        base = self.visual_style.rich_style if not ground else Style.null()
        background = (
            self.get_component_rich_style(f"mq--{ground}", partial=True)
            if ground
            else Style(bgcolor=base.bgcolor)
        )
        style = background + self.get_component_rich_style(f"mq--{meaning}", partial=True)
        if variant == "bold":
            style += Style(bold=True)
        elif variant == "plain":
            style += Style(bold=False)
        return style

    def notify_style_update(self) -> None:
        """Forget the styles after a change of theme."""
        super().notify_style_update()
        self._inks.clear()
        self.ink_generation += 1

    def pieces_strip(self, pieces: list[Piece], cells: int, ground: str = "") -> Strip:
        """One line of exactly ``cells`` cells from pieces; what does not fit is cut.

        Blanks and pieces of the same ink join the piece before them: a style costs 40 bytes on the wire.
        """
        texts: list[str] = []
        names: list[str] = []
        left = cells
        for text, name in pieces:
            if left <= 0:
                break
            shown = clip(text, left)
            left -= width(shown)
            if names and (names[-1] == name or not shown.strip()) and name not in _GROUND:
                texts[-1] += shown
            else:
                texts.append(shown)
                names.append(name)
        if left > 0:
            blank = " " * left
            if texts:
                texts[-1] += blank
            else:
                texts, names = [blank], ["text"]
        segments = [Segment(text, self.ink(name, ground)) for text, name in zip(texts, names, strict=True)]
        return Strip(segments, cells)


def pieces_width(pieces: list[Piece]) -> int:
    """Cells that the pieces take."""
    return sum(width(text) for text, _ in pieces)
