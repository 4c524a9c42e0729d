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

CACHED_MESSAGES = 4096
PAYLOAD_BYTES = 512
RATE_WINDOW = 2.0


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
    """One row: ``message`` is None when it was evicted before it could be shown."""

    id: int
    message: Message | None
    evicted: bool
    fate: FateRow | None = None


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
        self._height = 1
        self._cache: OrderedDict[int, Message] = OrderedDict()
        self._fates: dict[int, FateRow] = {}
        self._samples: deque[tuple[float, int]] = deque(maxlen=64)
        self.rate = 0.0

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
        if not self.follow and self._top_id is not None and self.count:
            self._anchor(self.index_of(self._top_id))

    def forget(self) -> None:
        """Another capture: nothing that was read is valid any more."""
        self.resume()
        self.picked = None
        self.cursor_id = None
        self.bounds = Bounds(1, 0)
        self._cache.clear()
        self._fates.clear()
        self._samples.clear()

    # the page

    def page(self, height: int) -> list[Entry]:
        """The rows on screen."""
        self._height = max(height, 1)
        top = self.top_index
        ids = [self.id_at(index) for index in range(top, min(top + self._height, self.count))]
        if self.follow:
            self.cursor_id = ids[-1] if ids else None
        self._fetch(ids)
        self._fetch_fates(ids)
        return [self._entry(message_id) for message_id in ids]

    @property
    def top_index(self) -> int:
        """Row of the first line on screen."""
        furthest = max(self.count - self._height, 0)
        if self.follow or self._top_id is None:
            return furthest
        return (
            min(self.index_of(self._top_id), furthest)
            if self.picked is not None
            else self.index_of(self._top_id)
        )

    def _entry(self, message_id: int) -> Entry:
        message = self._cache.get(message_id)
        evicted = message_id < self.bounds.floor or message is None
        return Entry(message_id, message, evicted, self._fates.get(message_id))

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
        while len(cache) > CACHED_MESSAGES:
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
            while len(self._fates) > CACHED_MESSAGES:
                self._fates.pop(next(iter(self._fates)))

    # moving

    def _anchor(self, top: int) -> None:
        top = max(0, min(top, self.count - self._height))
        self._top_id = self.id_at(top) if self.count else None

    def hold(self) -> None:
        """Stop following: the page stays."""
        if self.follow:
            top = self.top_index
            self.follow = False
            self._anchor(top)

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
        self.cursor_id = self.id_at(max(top, min(at, top + self._height - 1, self.count - 1)))

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
        """Cursor to a line of the page."""
        index = self.top_index + y
        if index >= self.count:
            return False
        self.hold()
        self._put_cursor(index)
        return True

    def go_to(self, message_id: int) -> None:
        """Cursor to a message, in the middle of the page when it is not on it."""
        if not self.count:
            return
        self.hold()
        index = self.index_of(message_id)
        if not self.top_index <= index < self.top_index + self._height:
            self._anchor(index - self._height // 2)
        self._put_cursor(index)

    def _put_cursor(self, index: int) -> None:
        self.cursor_id = self.id_at(index)
        top = self.top_index
        if index < top:
            self._anchor(index)
        elif index >= top + self._height:
            self._anchor(index - self._height + 1)
        elif self._top_id is None:
            self._anchor(top)
