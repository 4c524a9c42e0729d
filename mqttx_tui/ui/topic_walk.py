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
        self._spent = 0.0
        self._rests_until = 0.0
        self.changes = 0
        """The changes of the model that the walk knows of."""
        self.asked = False
        """Whether somebody waits for it."""

    @property
    def working(self) -> bool:
        """Whether one is under way."""
        return self._steps is not None

    def due(self, topics: TopicModel) -> bool:
        """Whether one should begin by itself."""
        return not self.working and topics.stale and time.monotonic() >= self._rests_until

    def begin(self, topics: TopicModel, *, asked: bool) -> None:
        """Begin anew."""
        self._steps, self.changes = topics.walk(), topics.changes
        self.asked, self._spent = asked, 0.0

    def work(self, seconds: float) -> array[int] | None:
        """Go on for so long; the rows once they are known."""
        began, rows, steps = time.thread_time(), None, self._steps
        while steps is not None and rows is None and time.thread_time() - began < seconds:
            try:
                next(steps)
            except StopIteration as end:
                rows = end.value
        self._spent += time.thread_time() - began
        if rows is not None:
            rest = self._spent / SHARE if self._spent > LITTLE_SECONDS else 0.0
            self._steps, self._rests_until = None, time.monotonic() + rest
        return rows
