"""Choosing a theme: the one under the cursor is shown at once, and remembered with Enter."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical

from mqttx_tui.profiles.settings import AUTO, SETTINGS
from mqttx_tui.ui.safe import line
from mqttx_tui.ui.screens.dialog import Dialog
from mqttx_tui.ui.theme import PREFIX, all_themes
from mqttx_tui.ui.widgets.lines import LineList
from mqttx_tui.ui.widgets.piece_line import Bit, PieceLine
from mqttx_tui.ui.widgets.rows import Rows

if TYPE_CHECKING:
    from mqttx_tui.ui.settled import Settled

THEME = next(setting for setting in SETTINGS if setting.name == "theme")


class ThemeScreen(Dialog[None]):
    """Esc goes back to the theme before."""

    DEFAULT_CSS = """
    ThemeScreen { align: right middle; background: transparent; }
    ThemeScreen > Vertical { width: 34; height: auto; max-height: 90%; background: $surface; padding: 0 1; }
    ThemeScreen Rows { background: $surface; max-height: 100%; }
    """
    BINDINGS = [Binding("escape,q", "give_up", "as it was", id="theme.back")]

    def __init__(self) -> None:
        super().__init__()
        self._names: list[str] = []
        self._before = ""

    @property
    def _settled(self) -> Settled:
        return cast("Settled", self.app)

    def compose(self) -> ComposeResult:
        """Title, names, keys."""
        with Vertical():
            yield PieceLine(id="theme-title")
            yield Rows(id="theme-names")
            yield PieceLine(id="theme-keys")

    def opened(self) -> None:
        """Begin at the theme that is on."""
        found, _ = all_themes(self._settled.own_themes)
        names = (theme.name for theme in found)
        self._names = [AUTO, *sorted(names, key=lambda name: (not name.startswith(PREFIX), name))]
        self._before = self.app.theme
        self.query_one("#theme-title", PieceLine).show([Bit("Theme", "strong")])
        bits = [Bit("Enter", "in"), Bit(" keep  ", "dim"), Bit("Esc", "in", "give_up"), Bit(" back", "dim")]
        self.query_one("#theme-keys", PieceLine).show(bits)
        shown_names = self.query_one("#theme-names", Rows)
        shown_names.styles.height = len(self._names)
        shown_names.focus()
        shown_names.show([[(f" {line(name, 40)}", "text")] for name in self._names])
        at = self._names.index(self._before) if self._before in self._names else 0
        shown_names.go_to(at)

    @on(LineList.Moved)
    def _preview(self, event: LineList.Moved) -> None:
        self._settled.show_theme(self._names[self.query_one("#theme-names", Rows).at])

    @on(Rows.Entered)
    def _chosen(self, event: Rows.Entered) -> None:
        if event.step == 0:
            name = self._names[event.rows.at]
            self._settled.show_theme(name)
            self._settled.run_task(self._settled.change_setting(THEME, name), "theme")
            self.dismiss(None)

    def action_give_up(self) -> None:
        """Back to the theme before."""
        self._settled.show_theme(self._before)
        self.dismiss(None)
