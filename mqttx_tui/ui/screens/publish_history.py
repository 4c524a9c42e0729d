"""Earlier messages: type to narrow, Enter takes one into the composer."""

from __future__ import annotations

import time

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Input

from mqttx_tui.ui import safe
from mqttx_tui.ui.draft import Draft
from mqttx_tui.ui.publish_history import Entry
from mqttx_tui.ui.screens.dialog import Dialog
from mqttx_tui.ui.widgets.fields import SafeInput
from mqttx_tui.ui.widgets.ink import Piece
from mqttx_tui.ui.widgets.pick_list import PickList
from mqttx_tui.ui.widgets.piece_line import Bit, PieceLine

SEARCHED_CHARACTERS = 2000
DAY_SECONDS = 86_400


def draft_pieces(draft: Draft, width: int) -> list[Piece]:
    """Topic, flags and the beginning of the payload; columns fit ``width``."""
    topic = min(max(width * 30 // 100, 12), 36)
    flags = f"q{draft.qos} {'R' if draft.retain else ' '} "
    if draft.file:
        payload, ink = f"file {draft.file}", "dim"
    elif draft.secret:
        payload, ink = "secret", "dim"
    else:
        payload, ink = draft.payload[:SEARCHED_CHARACTERS] or "empty", "text" if draft.payload else "dim"
    shown: Piece = (safe.payload_line(payload.encode("utf-8", "replace"), 400), ink)
    if not draft.topic:
        return [shown]
    return [(safe.fit_left(safe.line(draft.topic, 400), topic) + " ", "text"), (flags, "dim"), shown]


class HistoryScreen(Dialog[Draft | None]):
    """Dismisses with the draft that was chosen."""

    DEFAULT_CSS = """
    HistoryScreen { align: center middle; }
    HistoryScreen > Vertical {
        width: 110; max-width: 100%; height: 24; max-height: 90%; background: $surface; padding: 0 1;
    }
    HistoryScreen Input { width: 1fr; height: 1; border: none; padding: 0 1; background: $mq-field; }
    HistoryScreen PickList { height: 1fr; margin-top: 1; }
    """
    BINDINGS = [
        Binding("escape", "cancel", "cancel", id="history.cancel"),
        Binding("up", "move(-1)", "older", show=False, id="history.up"),
        Binding("down", "move(1)", "newer", show=False, id="history.down"),
        Binding("pageup", "page(-1)", show=False, id="history.page_up"),
        Binding("pagedown", "page(1)", show=False, id="history.page_down"),
    ]

    def __init__(self, entries: list[Entry], now: float) -> None:
        super().__init__()
        self._entries = entries
        self._found = entries
        self._now = now

    def compose(self) -> ComposeResult:
        """Title, search field, list."""
        with Vertical():
            yield PieceLine(id="history-title")
            yield SafeInput(placeholder="type to narrow: topic or payload", compact=True, id="history-search")
            yield PickList(id="history-list")

    def opened(self) -> None:
        """The newest first."""
        hints = [Bit("↑↓ choose  Enter takes it  Esc back", "dim")]
        self.query_one("#history-title", PieceLine).show([Bit("Published before", "strong")], hints)
        self.query_one("#history-list", PickList).can_focus = False
        self.query_one("#history-search").focus()
        self.call_after_refresh(self._narrow)

    @on(Input.Changed)
    def _narrow(self) -> None:
        words = self.query_one("#history-search", SafeInput).value.lower().split()
        self._found = [entry for entry in self._entries if _holds(entry, words)]
        listing = self.query_one("#history-list", PickList)
        note = "nothing was published yet" if not self._entries else "nothing like that was published"
        cells = listing.size.width or 80
        listing.put(
            [[*self._age(entry), *draft_pieces(entry.draft, cells)] for entry in self._found], note=note
        )

    def _age(self, entry: Entry) -> list[Piece]:
        shown = "%H:%M:%S " if self._now - entry.at < DAY_SECONDS else "%d %b   "
        return [(safe.fit(time.strftime(shown, time.localtime(entry.at)), 9), "dim")]

    def action_move(self, delta: int) -> None:
        """Another row."""
        self.query_one("#history-list", PickList).action_row_move(delta)

    def action_page(self, direction: int) -> None:
        """Another page."""
        self.query_one("#history-list", PickList).action_row_page(direction)

    @on(Input.Submitted)
    @on(PickList.Picked)
    def _take(self) -> None:
        place = self.query_one("#history-list", PickList).place
        if place < len(self._found):
            self.dismiss(self._found[place].draft)

    def action_cancel(self) -> None:
        """Take none."""
        self.dismiss(None)


def _holds(entry: Entry, words: list[str]) -> bool:
    draft = entry.draft
    text = f"{draft.topic} {draft.payload[:SEARCHED_CHARACTERS]} {draft.file}".lower()
    return all(word in text for word in words)
