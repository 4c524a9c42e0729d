"""History: every message of the topic, newest first."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from mqttx_tui.capture.reader import CaptureReader
from mqttx_tui.model.message import Message
from mqttx_tui.ui.copies import Copy
from mqttx_tui.ui.history_model import HistoryModel
from mqttx_tui.ui.history_row import HistoryColumns, heading
from mqttx_tui.ui.panes.pane import Hint
from mqttx_tui.ui.tabs.tab import Tab
from mqttx_tui.ui.widgets.history_list import VALUE_BYTES, HistoryList
from mqttx_tui.ui.widgets.piece_line import Bit, PieceLine

PAGE = 500
"""Ids of older messages that are looked for at once."""
COPIED_BYTES = 1_000_000
ALL = 100_000
"""The same on the way to the oldest one."""


class Found(NamedTuple):
    """What a look into the capture brought; ``older`` descending, ``newer`` ascending."""

    older: list[int]
    complete: bool
    newer: list[int]
    last: int
    floor: int


class HistoryTab(Tab):
    """Pages in as one scrolls; follows what arrives while the cursor is on the newest."""

    TAB_NAME = "History"
    TAB_HELP = (
        "History: the topic's messages, newest first, with the change to the one before. Enter shows one, "
        "Space marks one (◆) and d compares another one with it, y copies the payload under the cursor, "
        "g goes back to the newest and follows."
    )
    TAB_HINTS = (Hint("Enter", "show", "list_enter"), Hint("Space", "mark", "fold"))
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f,alt+f", "newest", "follow the newest message", show=False, id="history.follow"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.model = HistoryModel()
        self.listing = HistoryList(self.model, self._read, id="history-list")
        self.listing.on_entered = lambda ident: self.host.look_at(ident, "Payload")
        self.listing.on_toggled = self._mark
        self._heads = PieceLine()
        self._topic: int | None = None
        self._last = 0
        self._wanted: int | None = None
        self._looking = False

    def compose(self) -> ComposeResult:
        """Heads and rows."""
        yield self._heads
        yield self.listing

    def _read(self, ids: list[int]) -> list[Message]:
        reader = self.desk.reader
        return reader.by_ids(ids, payload=VALUE_BYTES) if reader is not None else []

    def show(self, message: Message, *, keep_position: bool) -> None:
        """The history of the message's topic, with the cursor on the message."""
        model = self.model
        if message.topic_id != self._topic:
            self._start_over(message.topic_id)
            self._wanted = message.id
        elif not keep_position and message.id != model.cursor_id:
            self._wanted = message.id
        self.listing.inspected = message.id
        self.listing.marked = self.host.marked
        self._go_on()

    def forget(self) -> None:
        """Nothing is known of another capture."""
        super().forget()
        self._start_over(None)

    def _start_over(self, topic: int | None) -> None:
        self._topic, self._last = topic, 0
        self._wanted = None
        self.model = HistoryModel()
        self.listing.start_over(self.model)

    def sync(self, now: float) -> bool:
        """Look for what came, and for older ones where the page comes to its end."""
        self._heads.show([Bit(heading(HistoryColumns.of(self.size.width)), "dim")])
        return self._go_on()

    def _go_on(self) -> bool:
        reader = self.desk.reader
        if reader is not None and self._topic is not None and not self._looking:
            bounds = reader.bounds()
            if self.model.ids and bounds.last < self.model.ids[-1]:
                self._start_over(self._topic)  # everything was cleared
            self._place_cursor()
            if bounds.last > self._last or self._wants_older():
                self._looking = True
                self.desk.run_task(self._look(self._topic, bounds.last), "history")
        return self.listing.repaint_changes() > 0

    def _place_cursor(self) -> None:
        """Put the cursor where it is wanted, as soon as that message is known."""
        model = self.model
        if self._wanted is not None and model.go_to(self._wanted, self.listing.page_rows):
            if model.newest_of(self.host.last_then) == self._wanted:
                model.home()
            self._wanted = None
        if self.listing.to_end:
            model.end(self.listing.page_rows)
            self.listing.to_end = not model.complete
        if model.complete or (self._wanted is not None and model.ids and model.ids[0] < self._wanted):
            self._wanted = None  # evicted meanwhile

    def _wants_older(self) -> bool:
        if self.model.complete:
            return False
        if self.listing.to_end or self._wanted is not None:
            return True
        return self.model.rows_below(self.listing.page_rows) < self.listing.page_rows

    async def _look(self, topic: int, last: int) -> None:
        model = self.model
        oldest, newest = (model.ids[0], model.ids[-1]) if model.ids else (None, 0)
        far = self.listing.to_end or (self._wanted is not None and oldest is not None)
        limit = (ALL if far else PAGE) if self._wants_older() else 0
        self._last = last
        try:
            found = await self.host.past.look(lambda reader: _find(reader, topic, oldest, newest, limit))
        except BaseException:
            model.complete = True  # what cannot be read is not asked for again and again
            raise
        finally:
            self._looking = False
        if found is None or topic != self._topic or model is not self.model:
            return
        if limit:
            model.add_older(found.older, complete=found.complete)
        model.add_newer(found.newer)
        model.trim(found.floor)
        self._last = found.last
        self._place_cursor()
        self.listing.repaint_changes()

    def on_line_list_moved(self) -> None:
        """The end of what is known may be near."""
        self._wanted = None
        self._go_on()

    def action_newest(self) -> None:
        """Back to the newest."""
        self.listing.action_row_home()

    def _mark(self, ident: int) -> None:
        self.host.marked = None if self.host.marked == ident else ident
        self.listing.marked = self.host.marked
        if self.host.marked is not None:
            self.desk.say("info", f"#{ident:,} is marked · d on another message compares the two")

    def pointed_at(self) -> int | None:
        """The message under the cursor."""
        return self.model.cursor_id or self.message_shown

    def copies(self) -> list[Copy]:
        """The payload under the cursor."""
        ident, reader = self.model.cursor_id, self.desk.reader
        if ident is None or reader is None:
            return []
        return [
            Copy(f"payload of #{ident:,}", reader.payload(ident, 0, COPIED_BYTES).decode("utf-8", "replace"))
        ]

    def title_right(self) -> list[Bit]:
        """How many, or how many came above the page."""
        if not self.model.follow:
            return [Bit(f" {self.model.newer:,} newer ‖", "busy")]
        more = "" if self.model.complete else "+"
        return [Bit(f" {len(self.model.ids):,}{more}", "dim"), Bit(" LIVE ▶", "good")]


def _find(reader: CaptureReader, topic: int, oldest: int | None, newest: int, limit: int) -> Found:
    """Up to ``limit`` ids before ``oldest``, and all after ``newest``, unless nothing is known yet."""
    bounds = reader.bounds()
    before = oldest if oldest is not None else bounds.last + 1
    older = reader.topic_ids(topic, before=before, limit=limit) if limit else []
    newer: list[int] = []
    if newest:
        end = bounds.last + 1
        while end > newest + 1:
            part = reader.topic_ids(topic, before=end, limit=PAGE)
            newer += [ident for ident in part if ident > newest]
            if len(part) < PAGE:
                break
            end = part[-1]
    return Found(older, len(older) < limit, newer[::-1], bounds.last, bounds.floor)
