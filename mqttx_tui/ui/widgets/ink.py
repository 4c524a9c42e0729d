"""Colours by meaning for widgets that paint their own lines."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.strip import Strip
from textual.widget import Widget

from mqttx_tui.ui.safe import clip, width
from mqttx_tui.ui.theme import LETTER_COLORS

_BOLD = frozenset(("strong", "in", "out", "bad", *(f"letter-{n}" for n in range(LETTER_COLORS))))

MARKED = " marked"
"""Suffix of an ink: reversed, so that it is seen without colours."""

Piece = tuple[str, str]
"""Text (already safe) and the name of its ink."""


class Inked(Widget):
    """A widget that paints in the theme's meanings; ``ink`` is cheap to call per segment.

    The colours are variables of the theme rather than component classes: one style sheet rule for each
    meaning and widget made the first frame take a third longer.
    """

    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes, markup=False)
        self._inks: dict[tuple[str, str], Style] = {}
        self.ink_generation = 0

    def ink(self, name: str, ground: str = "") -> Style:
        """The style of a meaning, on the widget's background or that of another meaning.

        ``name`` may carry a suffix: ``text bold``, ``dim plain`` (never bold), ``text marked`` (reversed).
        """
        style = self._inks.get((name, ground))
        if style is None:
            style = self._make_ink(name, ground)
            self._inks[name, ground] = style
        return style

    def _make_ink(self, name: str, ground: str) -> Style:
        meaning, _, variant = name.partition(" ")
        variables = self.app.theme_variables
        color = Color.parse(variables[f"mq-{meaning}"]).rich_color
        own = self.visual_style.rich_style.bgcolor
        background = Color.parse(variables[f"mq-{ground}"]).rich_color if ground else own
        style = Style(color=color, bgcolor=background, bold=meaning in _BOLD)
        if ground == "cursor" and self.app.current_theme.ansi:
            # No one colour of sixteen lets all others be read on it.
            style = Style(reverse=True, bold=meaning in _BOLD, underline=variant == MARKED.strip())
        if variant == "bold":
            style += Style(bold=True)
        elif variant == "plain":
            style += Style(bold=False)
        elif variant == MARKED.strip():
            style += Style(reverse=True)
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
            blank = not shown.strip()
            if names and (names[-1] == name or (blank and not names[-1].endswith(MARKED))):
                texts[-1] += shown
            else:
                texts.append(shown)
                names.append(name)
        if left > 0:
            rest = " " * left
            if texts:
                texts[-1] += rest
            else:
                texts, names = [rest], ["text"]
        segments = [Segment(text, self.ink(name, ground)) for text, name in zip(texts, names, strict=True)]
        return Strip(segments, cells)


def pieces_width(pieces: list[Piece]) -> int:
    """Cells that the pieces take."""
    return sum(width(text) for text, _ in pieces)
