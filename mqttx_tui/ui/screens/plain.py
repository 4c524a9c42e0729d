"""Text at full width and without a border, for the terminal's own selection: the mouse is the terminal's."""

from __future__ import annotations

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.widgets import Static

from mqttx_tui.model.visible import visible_lines
from mqttx_tui.ui.driver import Terminal
from mqttx_tui.ui.screens.dialog import Dialog
from mqttx_tui.ui.widgets.piece_line import Bit, PieceLine

LONGEST = 200_000
"""Characters that are laid out."""


class PlainScreen(Dialog[None]):
    """Shows one of several texts; Tab shows the next."""

    DEFAULT_CSS = """
    PlainScreen { background: $background; layout: vertical; }
    PlainScreen VerticalScroll { height: 1fr; width: 100%; scrollbar-size: 0 0; padding: 0; }
    PlainScreen Static { width: 100%; height: auto; }
    PlainScreen PieceLine { dock: bottom; }
    """
    BINDINGS = [
        Binding("escape,q,enter,c,alt+c", "close", "close", id="plain.close"),
        Binding("tab", "other", "the other text", id="plain.other", priority=True),
    ]

    def __init__(self, texts: list[tuple[str, str]]) -> None:
        """``texts``: what each is called, and the text as it came."""
        super().__init__()
        self._texts = texts
        self._at = 0
        self._mouse_was = False

    def compose(self) -> ComposeResult:
        """The text, and one line that is none of it."""
        with VerticalScroll():
            yield Static(markup=False)
        yield PieceLine(ground="bar")

    def opened(self) -> None:
        """Leave the mouse to the terminal."""
        driver = self.app._driver
        if isinstance(driver, Terminal):
            self._mouse_was = driver._mouse
            driver.use_mouse(False)
        self._fill()
        self.query_one(VerticalScroll).focus()

    def _fill(self) -> None:
        name, text = self._texts[self._at]
        shown = "\n".join(visible_lines(text[:LONGEST]))
        self.query_one(Static).update(Text(shown, no_wrap=False, overflow="fold"))
        self.query_one(VerticalScroll).scroll_home(animate=False)
        bits = [Bit(f" {name} ", "busy"), Bit("select with the terminal's mouse  ", "dim")]
        if len(text) > LONGEST:
            bits.append(Bit(f"the first {LONGEST:,} characters  ", "busy"))
        if len(self._texts) > 1:
            bits += [Bit("Tab", "in", "other"), Bit(f" {self._texts[self._at - 1][0]}  ", "text")]
        bits += [Bit("Esc", "in", "close"), Bit(" back", "text")]
        self.query_one(PieceLine).show(bits)

    def action_other(self) -> None:
        """Tab: the next text."""
        self._at = (self._at + 1) % len(self._texts)
        self._fill()

    def action_close(self) -> None:
        """Take the mouse again."""
        driver = self.app._driver
        if isinstance(driver, Terminal) and self._mouse_was:
            driver.use_mouse(True)
        self.dismiss(None)
