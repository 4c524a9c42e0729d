"""What the stream shows: a window over the capture that stays where a person looks. No widgets.

A window is either all ids from the floor on, or an array of ids (a filter's matches). It is anchored
to message ids, never to row numbers: rows may come, or be evicted, without moving the view.
"""

from __future__ import annotations

import time
from array import array
from bisect import bisect_left
from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from mqttx_tui.capture.rows import Bounds, FateRow
from mqttx_tui.model.message import Message
from mqttx_tui.ui.marks import Mark, Marks
from mqttx_tui.ui.remembered import REMEMBERED
from mqttx_tui.ui.widgets.stream_row import Highlight

PAYLOAD_BYTES = 512
RATE_WINDOW = 2.0
ABSOLUTE, SINCE_PREVIOUS, SINCE_MARK = range(3)
"""What the column of times shows."""


class MessageSource(Protocol):
    """The part of ``capture.reader.CaptureReader`` that the stream reads."""

    def bounds(self) -> Bounds:
        """Floor and last id."""

    def messages(self, first_id: int, count: int, *, payload: int = 256) -> list[Message]:
        """Messages of an id range, ascending."""

    def by_ids(self, ids: Sequence[int], *, payload: int = 256) -> list[Message]:
        """Messages by id."""

    def fates(self, ids: Sequence[int]) -> dict[int, FateRow]:
        """What became of outgoing messages."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row: ``message`` is None when it was evicted before it could be shown.

    ``mark`` (ns since 1970): no message but a mark's line, after the message ``id``. ``since``: ns since
    the row before or the mark, where the column of times shows that and it is known.
    """

    id: int
    message: Message | None
    evicted: bool
    fate: FateRow | None = None
    mark: int | None = None
    since: int | None = None


def _open(message: Message, fate: FateRow | None) -> bool:
    return fate is None or fate.state == "queued" or (fate.state == "sent" and message.qos > 0)


class StreamModel:
    """Window, cursor, follow and pause."""

    def __init__(self, source: MessageSource | None = None) -> None:
        self.source = source
        self.bounds = Bounds(1, 0)
        self.follow = True
        self.paused_at: int | None = None
        self.paused_time = 0
        self.picked: array[int] | None = None
        self.cursor_id: int | None = None
        self._top_id: int | None = None
        self._line = 0  # of the page, where a person left the cursor
        self._height = 1
        self._cache: OrderedDict[int, Message] = OrderedDict()
        self._fates: dict[int, FateRow] = {}
        self._samples: deque[tuple[float, int]] = deque(maxlen=64)
        self.rate = 0.0
        self.marks = Marks()
        self.times = ABSOLUTE
        self.highlight: Highlight | None = None
        self._shown: list[Entry] = []

    # the window

    @property
    def last_id(self) -> int:
        """The newest id that this view may show."""
        return self.bounds.last if self.paused_at is None else min(self.paused_at, self.bounds.last)

    @property
    def first_id(self) -> int:
        """The first id of the unfiltered window; while anchored, no later than the page's first."""
        floor = self.bounds.floor
        return min(floor, self._top_id) if self._top_id is not None and not self.follow else floor

    @property
    def count(self) -> int:
        """Rows of the window."""
        if self.picked is not None:
            return (
                bisect_left(self.picked, self.last_id + 1) if self.paused_at is not None else len(self.picked)
            )
        return max(self.last_id - self.first_id + 1, 0)

    @property
    def newer(self) -> int:
        """Rows that came since the pause."""
        if self.paused_at is None:
            return 0
        if self.picked is not None:
            return len(self.picked) - self.count
        return max(self.bounds.last - self.paused_at, 0)

    def id_at(self, index: int) -> int:
        """The id of a row."""
        return self.picked[index] if self.picked is not None else self.first_id + index

    def index_of(self, message_id: int) -> int:
        """The row of an id, or the nearest row after it; clamped to the window."""
        if self.picked is not None:
            index = bisect_left(self.picked, message_id)
        else:
            index = message_id - self.first_id
        return max(0, min(index, self.count - 1))

    # following the capture

    def poll(self, now: float | None = None) -> None:
        """Read the capture's extent and what the rate of the shown rows is."""
        if self.source is None:
            return
        self.bounds = self.source.bounds()
        self.marks.settle(self.source, self.bounds.last)
        total = len(self.picked) if self.picked is not None else self.bounds.last
        self._measure(time.monotonic() if now is None else now, total)

    def _measure(self, now: float, total: int) -> None:
        samples = self._samples
        samples.append((now, total))
        while len(samples) > 2 and now - samples[1][0] >= RATE_WINDOW:
            samples.popleft()
        begun, first = samples[0]
        self.rate = max(total - first, 0) / (now - begun) if now - begun >= 0.4 else self.rate

    def show_picked(self, picked: array[int] | None) -> None:
        """Show these ids (ascending), or everything; the cursor's message stays where it can."""
        self.picked = picked
        self._samples.clear()
        self._keep_line()

    def forget(self) -> None:
        """Another capture: nothing that was read is valid any more."""
        self.resume()
        self.picked = None
        self.cursor_id = None
        self.bounds = Bounds(1, 0)
        self._cache.clear()
        self._fates.clear()
        self._samples.clear()
        self.marks.clear()
        self.times = ABSOLUTE if self.times == SINCE_MARK else self.times

    # the page

    def page(self, height: int) -> list[Entry]:
        """The rows on screen."""
        if self._height != (height := max(height, 1)):
            self._height = height
            self._keep_line()
        top = self.top_index
        ids = [self.id_at(index) for index in range(top, top + self.rows_from(top))]
        if self.follow:
            self.cursor_id = ids[-1] if ids else None
        before = [self.id_at(top - 1)] if top and self.times == SINCE_PREVIOUS else []
        self._fetch(before + ids)
        self._fetch_fates(ids)
        self._shown = self._lines(ids, before[0] if before else None)
        return self._shown

    def _lines(self, ids: list[int], before: int | None) -> list[Entry]:
        """Messages, and the marks that stand after them."""
        if not ids:
            return []
        after = self.index_of(ids[-1]) + 1
        beyond = self.id_at(after) if after < self.count else self.last_id + 1
        lines = []
        for message_id, following in zip(ids, [*ids[1:], beyond], strict=True):
            lines.append(self._entry(message_id, before))
            marks = self.marks.between(message_id, following - 1)
            lines += [Entry(message_id, None, False, mark=mark.at) for mark in marks]
            before = message_id
        return lines[: self._height]

    def rows_from(self, top: int) -> int:
        """How many messages fit on a page that begins with row ``top``, with the marks between them."""
        rows = max(min(self._height, self.count - top), 0)
        if self.marks:
            first = self.id_at(top) if rows else 0
            while rows > 1 and (
                rows + len(self.marks.between(first, self.id_at(top + rows - 1) - 1)) > self._height
            ):
                rows -= 1
        return rows

    @property
    def _furthest(self) -> int:
        """The top row of the last page, which has room for the marks at its end."""
        count, top = self.count, max(self.count - self._height, 0)
        if self.marks:
            last = self.last_id
            while top < count - 1 and (
                count - top + len(self.marks.between(self.id_at(top), last)) > self._height
            ):
                top += 1
        return top

    @property
    def top_index(self) -> int:
        """Row of the first line on screen."""
        furthest = self._furthest
        if self.follow or self._top_id is None:
            return furthest
        top = self.index_of(self._top_id)
        return top if self.picked is None else min(top, furthest)

    def _entry(self, message_id: int, before: int | None) -> Entry:
        message = self._cache.get(message_id)
        evicted = message_id < self.bounds.floor or message is None
        since = self._since(message, before) if message is not None else None
        return Entry(message_id, message, evicted, self._fates.get(message_id), since=since)

    def _since(self, message: Message, before: int | None) -> int | None:
        if self.times == SINCE_MARK and self.marks.newest is not None:
            return message.at - self.marks.newest.at
        former = self._cache.get(before) if before is not None else None
        return message.at - former.at if self.times == SINCE_PREVIOUS and former is not None else None

    def _fetch(self, ids: list[int]) -> None:
        cache = self._cache
        floor = self.bounds.floor
        missing = [message_id for message_id in ids if message_id not in cache and message_id >= floor]
        if not missing or self.source is None:
            return
        if missing[-1] - missing[0] < len(missing) * 2:
            found = self.source.messages(missing[0], missing[-1] - missing[0] + 1, payload=PAYLOAD_BYTES)
        else:
            found = self.source.by_ids(missing, payload=PAYLOAD_BYTES)
        for message in found:
            cache[message.id] = message
        while len(cache) > REMEMBERED.messages:
            cache.popitem(last=False)

    def _fetch_fates(self, ids: list[int]) -> None:
        open_ids = [
            message_id
            for message_id in ids
            if (message := self._cache.get(message_id)) is not None
            and message.outgoing
            and _open(message, self._fates.get(message_id))
        ]
        if open_ids and self.source is not None:
            self._fates.update(self.source.fates(open_ids))
            while len(self._fates) > REMEMBERED.messages:
                self._fates.pop(next(iter(self._fates)))

    # moving

    def _anchor(self, top: int) -> None:
        top = max(0, min(top, self._furthest))
        self._top_id = self.id_at(top) if self.count else None

    def _note_line(self) -> None:
        if self.cursor_id is not None:
            self._line = max(self.index_of(self.cursor_id) - self.top_index, 0)

    def _keep_line(self) -> None:
        """Other rows or another height: the cursor is on its line again, or on the last one there is."""
        if self.follow or self.cursor_id is None or not self.count:
            return
        index = self.index_of(self.cursor_id)
        self._anchor(index - min(self._line, self._height - 1))
        self._bring_in(index)

    def hold(self) -> None:
        """Stop following: the page stays."""
        if self.follow:
            top = self.top_index
            self.follow = False
            self._anchor(top)
            self._note_line()

    def resume(self) -> None:
        """Follow the newest row again, and end a pause."""
        self.follow = True
        self.paused_at = None
        self._top_id = None

    def pause(self) -> None:
        """Freeze what is shown; a second call follows again."""
        if self.paused_at is not None:
            self.resume()
            return
        self.hold()
        self.paused_at = self.bounds.last
        self.paused_time = time.time_ns()

    def move(self, delta: int) -> None:
        """Move the cursor by rows; the page follows it."""
        if not self.count:
            return
        self.hold()
        at = self.index_of(self.cursor_id) if self.cursor_id is not None else self.count - 1
        self._put_cursor(max(0, min(at + delta, self.count - 1)))

    def scroll(self, delta: int) -> None:
        """Move the page; the cursor stays inside it."""
        if not self.count:
            return
        self.hold()
        self._anchor(self.top_index + delta)
        top = self.top_index
        at = self.index_of(self.cursor_id) if self.cursor_id is not None else top
        self.cursor_id = self.id_at(max(top, min(at, top + self.rows_from(top) - 1)))
        self._note_line()

    def go_home(self) -> None:
        """The oldest row."""
        if self.count:
            self.hold()
            self._top_id = None if self.picked is not None else self.bounds.floor
            self._put_cursor(0)

    def go_end(self) -> None:
        """The newest row: follows, or stays paused there."""
        if self.paused_at is None:
            self.resume()
        elif self.count:
            self._put_cursor(self.count - 1)

    def go_to_line(self, y: int) -> bool:
        """Cursor to a line of the page; on a mark's line to the message before it."""
        if y >= len(self._shown):
            return False
        index = self.index_of(self._shown[y].id)
        self.hold()
        self._put_cursor(index)
        return True

    def go_to(self, message_id: int) -> None:
        """Cursor to a message, in the middle of the page when it is not on it."""
        if not self.count:
            return
        self.hold()
        index = self.index_of(message_id)
        if not self.top_index <= index < self.top_index + self.rows_from(self.top_index):
            self._anchor(index - self._height // 2)
        self._put_cursor(index)

    def _put_cursor(self, index: int) -> None:
        self.cursor_id = self.id_at(index)
        self._bring_in(index)
        self._note_line()

    def _bring_in(self, index: int) -> None:
        if index < (top := self.top_index):
            self._anchor(index)
        elif index >= top + self.rows_from(top):
            top = max(index - self._height + 1, 0)
            while self.rows_from(top) <= index - top:
                top += 1
            self._anchor(top)
        elif self._top_id is None:
            self._anchor(top)

    # marks and times

    def mark(self, now: int) -> Mark:
        """Set a mark: while following behind the newest message, else behind the one under the cursor.

        ``now`` in ns since 1970.
        """
        message = self._cache.get(self.cursor_id) if self.cursor_id is not None and not self.follow else None
        if message is None:
            return self.marks.put(now, self.bounds.last, settled=False)
        return self.marks.put(message.at, message.id, settled=True)

    def newest_at(self) -> int | None:
        """When the newest message came, in ns since 1970; None when there is none."""
        found = self.source.messages(self.bounds.last, 1, payload=0) if self.source is not None else []
        return found[0].at if found else None

    def next_times(self) -> int:
        """Another column of times: absolute, since the row before, since the mark where there is one."""
        self.times = (self.times + 1) % (3 if self.marks.newest is not None else 2)
        return self.times
