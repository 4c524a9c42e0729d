"""Help of the pane that has the focus: what it is for, and every key that works there now."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass

from rich.style import Style
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding
from textual.color import Color
from textual.containers import Vertical, VerticalScroll
from textual.dom import DOMNode
from textual.widgets import Static

from mqttx_tui.ui.desk import desk
from mqttx_tui.ui.key_names import key_name
from mqttx_tui.ui.screens.dialog import Dialog

TMUX_HINT = "Inside tmux, Esc is held back for half a second: tmux set -sg escape-time 10"
OWN_KEYS = "You chose keys of your own: they stand in the list; the text above it names the usual ones."
_STANDS_IN = (
    "alt+",
    "super+",
    "inverted_exclamation_mark",
    "trade_mark_sign",
    "pound_sign",
    "cent_sign",
    "infinity",
)
"""Keys that only stand in for others where a terminal mangles them."""


@dataclass(frozen=True, slots=True)
class KeyRow:
    """Keys, what they do, whether they belong to the pane, and whether they only move about a list."""

    keys: str
    text: str
    of_pane: bool
    moves: bool = False


def key_rows(active: Iterable[ActiveBinding], pane: DOMNode | None) -> list[KeyRow]:
    """One row for each action that has a description, its keys joined."""
    rows: dict[tuple[str, bool, bool], list[str]] = {}
    for node, binding, enabled, _ in active:
        if not enabled or not binding.description or binding.key.startswith(_STANDS_IN):
            continue
        inside = pane is not None and (node is pane or pane in node.ancestors)
        moves = (binding.id or "").startswith("list.") and binding.id not in ("list.enter", "list.space")
        keys = rows.setdefault((binding.description, inside, moves), [])
        name = key_name(binding.key)
        if name not in keys:
            keys.append(name)
    return [KeyRow("  ".join(keys), text, inside, moves) for (text, inside, moves), keys in rows.items()]


def _flowing(text: str) -> str:
    """Paragraphs without their line ends: the screen folds them to its own width."""
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))


class HelpScreen(Dialog[None]):
    """Any key closes it."""

    DEFAULT_CSS = """
    HelpScreen { align: center middle; }
    HelpScreen > Vertical { width: 84; max-width: 100%; height: auto; max-height: 95%; background: $surface; }
    HelpScreen VerticalScroll { height: auto; max-height: 100%; padding: 1 2; scrollbar-size: 1 1; }
    HelpScreen Static { height: auto; }
    """
    BINDINGS = [Binding("escape,q,question_mark,enter", "close", "close", id="help.close")]

    def __init__(self, title: str, text: str, rows: list[KeyRow]) -> None:
        super().__init__()
        self._title_text = title
        self._text = text
        self._rows = rows

    def compose(self) -> ComposeResult:
        """One scrolling text."""
        with Vertical(), VerticalScroll():
            yield Static(self._content(), markup=False)

    def _content(self) -> Text:
        text = Text()
        keys = Style(color=Color.parse(self.app.theme_variables["mq-in"]).rich_color)
        text.append(f"{self._title_text}\n", "bold")
        text.append(_flowing(self._text) + "\n")
        for heading, of_pane in (("Here", True), ("Everywhere", False)):
            rows = [row for row in self._rows if row.of_pane is of_pane]
            if rows:
                text.append(f"\n{heading}\n", "bold")
            for row in sorted(rows, key=lambda row: row.moves):
                text.append(f"  {row.keys:<26} ", keys)
                text.append(f"{row.text}\n")
        if desk(self).keymap_now.chosen:
            text.append(f"\n{OWN_KEYS}\n", "italic")
        if os.environ.get("TMUX"):
            text.append(f"\n{TMUX_HINT}\n", "italic")
        text.append("\nEsc closes", "dim")
        return text

    def action_close(self) -> None:
        """Back to the app."""
        self.dismiss(None)
