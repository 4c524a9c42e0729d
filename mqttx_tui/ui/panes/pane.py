"""What a pane is: one class that declares title, number key, help, hints and bindings."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.widget import Widget

from mqttx_tui.ui.desk import Desk, desk
from mqttx_tui.ui.layouts import Kind
from mqttx_tui.ui.widgets.piece_line import Bit, PieceLine


def take_focus(widget: Widget) -> None:
    """Give a widget the keys now: the next key may already wait, and belongs to it."""
    widget.screen.set_focus(widget, scroll_visible=False)


class Hint(NamedTuple):
    """A key in the footer: what is pressed, what it does, and the action a tap runs."""

    key: str
    label: str
    action: str


class Pane(Widget):
    """A titled part of the screen. Subclasses set the declarations and ``compose_body``."""

    PANE_NAME: ClassVar[str] = ""
    PANE_NUMBER: ClassVar[int] = 0
    PANE_TITLE: ClassVar[str] = ""
    PANE_SHORT: ClassVar[str] = ""
    PANE_HELP: ClassVar[str] = ""
    PANE_HINTS: ClassVar[tuple[Hint, ...]] = ()

    DEFAULT_CSS = """
    Pane { layout: vertical; width: 1fr; height: 1fr; background: $background; }
    """

    def __init__(self) -> None:
        super().__init__(id=f"pane-{self.PANE_NAME}", markup=False)
        self.title_line = PieceLine(fill="─")
        self.frame_kind = Kind.TALL

    @property
    def desk(self) -> Desk:
        """The app, as panes see it."""
        return desk(self)

    def compose(self) -> ComposeResult:
        """Title and body."""
        yield self.title_line
        yield from self.compose_body()

    def compose_body(self) -> ComposeResult:
        """What stands under the title."""
        raise NotImplementedError

    def absorb(self) -> None:
        """Take over data that has to be kept up with off screen, too; called by the ticker."""

    def sync(self, now: float) -> bool:
        """Take over what changed; called by the ticker while on screen. True: repainted."""
        return self.sync_title()

    def sync_title(self) -> bool:
        """Repaint the title when it differs."""
        active = self.has_focus_within
        ink = "in plain" if active else "rule"
        name = Bit(self.PANE_TITLE, "in" if active else "strong")
        key = self.desk.keymap_now.shown(str(self.PANE_NUMBER), self.PANE_NAME)
        number = Bit(f"─ {key} ", "dim" if not active else "in plain")
        if self.frame_kind in (Kind.SMALL, Kind.TINY, Kind.BARE):
            left = [Bit("─ ", ink), *(self.title_left() or [name, Bit(" ")])]
        else:
            left = [number, name, Bit(" "), *self.title_left()]
        return self.title_line.show(
            left, [*self.title_right(), Bit(" " if self.title_right() else "─", ink)], fill_ink=ink
        )

    def title_left(self) -> list[Bit]:
        """After the name in the title."""
        return []

    def title_right(self) -> list[Bit]:
        """At the right end of the title."""
        return []

    def help_text(self) -> str:
        """What ``?`` says before the keys."""
        return self.PANE_HELP

    def step_back(self) -> bool:
        """Esc: one step back inside the pane (a field of its own closes); False when there is none."""
        return False

    def hints(self) -> list[Hint]:
        """The footer's keys while this pane has the focus."""
        return list(self.PANE_HINTS)

    def focus_inside(self) -> None:
        """Give the focus to the part of the pane that takes keys."""
        for child in self.query("*"):
            if child.focusable:
                take_focus(child)
                return

    def on_descendant_focus(self) -> None:
        """The title shows where the keys go."""
        self.sync_title()

    def on_descendant_blur(self) -> None:
        """The title shows where the keys go."""
        self.sync_title()
