"""The list under a field: what may be put in where the cursor is."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual import events
from textual.strip import Strip

from mqttx_tui.ui.safe import clip, fit_right, line, width
from mqttx_tui.ui.widgets.ink import Inked, Piece

if TYPE_CHECKING:
    from mqttx_tui.capture.filters.complete import Completion, Option

MOST_ROWS = 8
WIDEST = 56
_ABOUT = 24
_KEYS = 6


class Offers(Inked):
    """Lies over what is under the field and moves nothing; ``taken`` gets a text that is clicked."""

    DEFAULT_CSS = """
    Offers {
        overlay: screen; constrain: inside inside; display: none; width: auto; height: auto;
        background: $mq-bar;
    }
    """

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.taken: Callable[[str], None] = lambda text: None
        self._found: Completion | None = None
        self._at = 0
        self._top = 0
        self.is_chosen = False
        """Whether a line was gone to with the arrows."""

    @property
    def is_open(self) -> bool:
        """Whether the list is on screen."""
        return self._found is not None

    @property
    def current(self) -> Option | None:
        """The option that the list points at."""
        return self._found.options[self._at] if self._found is not None else None

    @property
    def replaces(self) -> tuple[int, int]:
        """The characters of the field that an option stands for."""
        return (self._found.start, self._found.end) if self._found is not None else (0, 0)

    @property
    def labels(self) -> list[str]:
        """The texts of the options, all of them."""
        return [option.text for option in self._found.options] if self._found is not None else []

    def show(self, found: Completion) -> None:
        """Open the list, or change what it holds."""
        self._found = found
        self._at = self._top = 0
        self.is_chosen = False
        room = max(self.screen.size.width - 2, 10)
        widest = max(min(width(line(option.text, WIDEST)), WIDEST) for option in found.options)
        about = max(min(width(option.about), _ABOUT) for option in found.options)
        self.styles.width = min(1 + widest + 2 + about + 1 + _KEYS, room)
        self.styles.height = min(len(found.options), MOST_ROWS)
        self.styles.offset = (found.start, 0)
        self.display = True
        self.refresh()

    def shut(self) -> bool:
        """Close the list; False when it was not open."""
        if self._found is None:
            return False
        self._found = None
        self.is_chosen = False
        self.display = False
        return True

    def move(self, step: int) -> None:
        """Point at the next or former option; the first step down stays at the first."""
        if self._found is None:
            return
        if not self.is_chosen:
            self.is_chosen = True
        elif step < 0 and self._at == 0:
            self.is_chosen = False
        else:
            self._at = max(0, min(self._at + step, len(self._found.options) - 1))
        self._top = max(min(self._top, self._at), self._at - MOST_ROWS + 1)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One option: its text, a few words, and the key that takes it."""
        cells, at = self.size.width, self._top + y
        options = self._found.options if self._found is not None else []
        if at >= len(options):
            return self.pieces_strip([], cells, "bar")
        option, pointed = options[at], at == self._at
        keys = ("Enter" if self.is_chosen else "Tab") if pointed else ""
        more = len(options) - self._top - MOST_ROWS
        if not pointed and y == MOST_ROWS - 1 and more > 0:
            keys = f"↓ {more}"
        room = max(cells - _KEYS - 2, 4)
        text = clip(line(option.text, 400), room)
        about = clip(line(option.about, _ABOUT), max(room - width(text) - 2, 0))
        pieces: list[Piece] = [
            ("›" if pointed else " ", "in"),
            (text, "strong" if pointed else "text"),
            (fit_right(about, room - width(text)), "dim"),
            (fit_right(keys, _KEYS) + " ", "in plain" if pointed else "dim"),
        ]
        return self.pieces_strip(pieces, cells, "cursor" if pointed else "bar")

    def on_click(self, event: events.Click) -> None:
        """A click takes an option."""
        event.stop()
        at = self._top + event.y
        if self._found is not None and at < len(self._found.options):
            self.taken(self._found.options[at].text)
