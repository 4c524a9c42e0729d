"""Working out what the topic tree shows, some at a time. No widgets."""

from __future__ import annotations

import time
from array import array

from mqttx_tui.ui.topic_model import TopicModel
from mqttx_tui.ui.topic_order import Steps

SHARE = 0.1
LITTLE_SECONDS = 0.004
"""A walk may take this share of the time where it takes longer than this."""


class TopicWalk:
    """One walk at a time; a new one takes the place of the one that is under way."""

    def __init__(self) -> None:
        self._steps: Steps[array[int]] | None = None
        self._page: Steps[array[int] | None] | None = None
        self._spent = 0.0
        self._rests_until = 0.0
        self.changes = 0
        """The changes of the model that the walk knows of."""
        self.asked = False
        """Whether somebody waits for it."""
        self.page_known = False
        """Whether the rows of the page on screen were answered and the others are still to come."""

    @property
    def working(self) -> bool:
        """Whether one is under way."""
        return self._steps is not None

    def settled(self, topics: TopicModel) -> bool:
        """Whether the page on screen is what it should be."""
        return not topics.stale or (self.page_known and self.changes == topics.changes)

    def due(self, topics: TopicModel) -> bool:
        """Whether one should begin by itself."""
        return not self.working and topics.stale and time.monotonic() >= self._rests_until

    def begin(self, topics: TopicModel, *, asked: bool, page: Steps[array[int] | None] | None = None) -> None:
        """Begin anew; with ``page`` there is an answer for the page on screen before the whole one."""
        self._steps, self.changes = topics.walk(), topics.changes
        self._page, self.page_known = page, False
        self.asked, self._spent = asked, 0.0

    def work(self, seconds: float) -> array[int] | None:
        """Go on for so long; the rows once they are known, or those of the page are (``page_known``)."""
        began, rows = time.thread_time(), None
        while self._steps is not None and rows is None and time.thread_time() - began < seconds:
            try:
                next(self._page or self._steps)
            except StopIteration as end:
                rows = end.value
                if self._page is None:
                    self._steps, self.page_known = None, False
                else:
                    self._page, self.page_known = None, rows is not None
        self._spent += time.thread_time() - began
        if rows is not None and self._steps is None:
            rest = self._spent / SHARE if self._spent > LITTLE_SECONDS else 0.0
            self._rests_until = time.monotonic() + rest
        return rows
