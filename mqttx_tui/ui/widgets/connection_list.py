"""The list of connections: rows for each, its stages until it first stood, and its subscriptions."""

from __future__ import annotations

import math
from dataclasses import dataclass

from textual.message import Message as TextualMessage
from textual.strip import Strip

from mqttx_tui.model.state import Phase, SubscriptionState
from mqttx_tui.ui.empty import Line, stage_lines
from mqttx_tui.ui.header import glyph, round_trip, scheme
from mqttx_tui.ui.safe import clip, fit, fit_right, line, width
from mqttx_tui.ui.widgets.lines import LineList
from mqttx_tui.ui.workspace import Known, Workspace, letter_ink

OPEN_CONNECTIONS = 2
"""Connections that are not up show their rows by themselves while there are no more than this."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line: a connection, or something under it. ``mark`` makes it unique within the connection."""

    known: Known
    mark: str = ""
    topic_filter: str = ""
    pieces: tuple[tuple[str, str], ...] = ()

    @property
    def identity(self) -> tuple[str, str]:
        """What the cursor is anchored to."""
        return self.known.key, self.mark


class ConnectionList(LineList):
    """Rows of ``Workspace.known``; the cursor stays on its connection or subscription."""

    class Entered(TextualMessage):
        """Enter on a row."""

        def __init__(self, row: Row) -> None:
            super().__init__()
            self.row = row

    class Switched(TextualMessage):
        """Space on a subscription."""

        def __init__(self, row: Row) -> None:
            super().__init__()
            self.row = row

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.workspace: Workspace | None = None
        self._listed: list[Row] = []
        self._place: tuple[str, str] | None = None
        self._top = 0
        self._unfolded: set[str] = set()
        self._folded: set[str] = set()
        self._now = 0.0

    @property
    def row_total(self) -> int:
        """All rows."""
        return len(self._listed)

    @property
    def current(self) -> Row | None:
        """The row under the cursor."""
        return self._listed[self._at()] if self._listed else None

    def sync(self, now: float) -> bool:
        """List anew and repaint the lines that differ."""
        self._now = now
        self._listed = self._list()
        self._clamp()
        return self.repaint_changes() > 0

    def _list(self) -> list[Row]:
        if self.workspace is None:
            return []
        rows = []
        for number, known in enumerate(self.workspace.known):
            opened = self._is_open(known)
            rows.append(Row(known, "", "", tuple(self._connection_line(known, number, opened))))
            if opened:
                rows += self._under(known)
        return rows

    def _is_open(self, known: Known) -> bool:
        assert self.workspace is not None
        if known.key in self._folded:
            return False
        if known.phase is Phase.CONNECTED or (
            known.snapshot is not None and len(self.workspace.known) <= OPEN_CONNECTIONS
        ):
            self._unfolded.add(known.key)
        return known.key in self._unfolded

    def _under(self, known: Known) -> list[Row]:
        rows: list[Row] = []
        cells = max(self.size.width, 20)
        snapshot = known.snapshot
        if snapshot is not None and snapshot.connected_at is None and snapshot.stages:
            for number, pieces in enumerate(stage_lines(snapshot, cells, indent=5)):
                rows.append(Row(known, f"stage {number}", "", tuple(pieces)))
        if snapshot is not None:
            subscriptions = list(snapshot.subscriptions)
        else:
            listed = known.profile.subscriptions if known.profile is not None else ()
            subscriptions = [SubscriptionState(s.filter, s.qos, s.on) for s in listed]
        live = snapshot is not None and snapshot.phase is Phase.CONNECTED
        for state in subscriptions:
            pieces = self._subscription_line(state, live, cells)
            rows.append(Row(known, f"filter {state.filter}", state.filter, tuple(pieces)))
        return rows

    def _connection_line(self, known: Known, number: int, opened: bool) -> Line:
        cells = max(self.size.width, 20)
        snapshot = known.snapshot
        letter = snapshot.letter if snapshot is not None else " "
        mark, ink = glyph(known.phase)
        has_rows = bool(snapshot.subscriptions if snapshot else known.profile and known.profile.subscriptions)
        fold = "▾" if opened and has_rows else "▸" if has_rows else " "
        right, right_ink = self._right_text(known)
        right = clip(right, max(cells // 2, 8))
        room = max(cells - 5 - 2 - width(right) - 3, 4)
        name = clip(line(known.label, 60), room)
        quiet = known.phase in (Phase.IDLE, Phase.CLOSED)
        head: Line = [
            (f" {fold} ", "dim"),
            (letter, letter_ink(letter) if letter.strip() else "dim"),
            (" ", "text"),
            (name, "text" if quiet else "strong"),
            (f" {mark}", ink),
        ]
        taken = sum(width(text) for text, _ in head)
        return [*head, (fit_right(right, max(cells - taken - 2, 0)), right_ink), ("  ", "text")]

    def _right_text(self, known: Known) -> tuple[str, str]:
        snapshot = known.snapshot
        if snapshot is None:
            return "", "dim"
        if snapshot.phase is Phase.CONNECTED:
            if snapshot.queued:
                return f"{snapshot.queued} queued", "busy"
            kind = "" if snapshot.protocol == "mqtt" else f"{scheme(snapshot)} "
            return f"{kind}{round_trip(snapshot)}".strip() or scheme(snapshot), "dim"
        title = line(snapshot.error.title if snapshot.error is not None else "", 40)
        if snapshot.phase is Phase.RETRYING:
            left = max(math.ceil((snapshot.retry_at or self._now) - self._now), 0)
            return f"{title} {left:>2}s", "busy"
        if snapshot.phase is Phase.FAILED:
            return title, "bad plain"
        return ("connecting", "busy") if snapshot.phase is Phase.CONNECTING else ("", "dim")

    @staticmethod
    def _subscription_line(state: SubscriptionState, live: bool, cells: int) -> Line:
        box = "☑" if state.on else "☐"
        if state.reason is not None and state.reason >= 0x80:
            right, ink = f"✗ 0x{state.reason:02x}", "bad plain"
        elif not state.on:
            right, ink = "off", "dim"
        elif state.granted is not None and live:
            right, ink = f"q{state.granted}", "dim"
        else:
            right, ink = ("…" if live else f"q{state.qos}"), "dim"
        room = max(cells - 7 - width(right) - 3, 1)
        return [
            (f"     {box} ", "dim"),
            (fit(line(state.filter, 200), room), "in plain" if state.on else "dim"),
            (f" {right}  ", ink),
        ]

    # cursor

    def _at(self) -> int:
        for index, row in enumerate(self._listed):
            if row.identity == self._place:
                return index
        if self._place is not None:
            for index, row in enumerate(self._listed):
                if row.known.key == self._place[0]:
                    return index
        return 0

    def _put(self, index: int) -> None:
        if not self._listed:
            return
        index = max(0, min(index, len(self._listed) - 1))
        self._place = self._listed[index].identity
        self._clamp()
        if index < self._top:
            self._top = index
        elif index >= self._top + self.page_rows:
            self._top = index - self.page_rows + 1

    def _clamp(self) -> None:
        self._top = max(0, min(self._top, len(self._listed) - self.page_rows))

    def move_rows(self, delta: int) -> None:
        """Cursor by rows."""
        self._put(self._at() + delta)

    def move_to_line(self, y: int) -> bool:
        """Cursor to a line."""
        if self._top + y >= len(self._listed):
            return False
        self._put(self._top + y)
        return True

    def move_home(self) -> None:
        """First."""
        self._put(0)

    def move_end(self) -> None:
        """Last."""
        self._put(len(self._listed) - 1)

    def go_to_connection(self, connection: int) -> None:
        """Cursor to a connection."""
        for index, row in enumerate(self._listed):
            if row.known.id == connection and not row.mark:
                self._put(index)

    def entered(self) -> None:
        """Enter."""
        if (row := self.current) is not None:
            self.post_message(self.Entered(row))

    def toggled(self) -> None:
        """Space: a subscription on or off, a connection folded."""
        row = self.current
        if row is None:
            return
        if row.topic_filter:
            self.post_message(self.Switched(row))
        else:
            self._fold(row.known.key, not self._is_open(row.known))

    def leftwards(self) -> None:
        """Fold."""
        if (row := self.current) is not None:
            self._fold(row.known.key, False)

    def rightwards(self) -> None:
        """Unfold."""
        if (row := self.current) is not None:
            self._fold(row.known.key, True)

    def _fold(self, key: str, opened: bool) -> None:
        if opened:
            self._folded.discard(key)
            self._unfolded.add(key)
        else:
            self._unfolded.discard(key)
            self._folded.add(key)
            self._place = (key, "")
        self._listed = self._list()
        self._clamp()

    # painting

    def line_at(self, y: int, cells: int) -> Strip:
        """One row."""
        index = self._top + y
        if index >= len(self._listed):
            return self.pieces_strip([], cells)
        row = self._listed[index]
        at_cursor = self.has_focus and index == self._at()
        pieces = list(row.pieces)
        if at_cursor:
            pieces = [("›" + pieces[0][0][1:], pieces[0][1]), *pieces[1:]]
        return self.pieces_strip(pieces, cells, "cursor" if at_cursor else "")

    def on_focus(self) -> None:
        """The cursor shows."""
        self.repaint_changes()

    def on_blur(self) -> None:
        """The cursor hides."""
        self.repaint_changes()
