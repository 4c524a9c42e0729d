"""The filter of the topic tree, and the thread that keeps its answers up to date. No widgets.

The filter language is loaded when the first filter is typed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from mqttx_tui.ui.topic_model import TopicModel

if TYPE_CHECKING:
    from mqttx_tui.capture.filters import Filter
    from mqttx_tui.capture.filters.moments import Context
    from mqttx_tui.capture.filters.tree import TreeFilter

SLICE = 500


def _context_now() -> Context:
    from mqttx_tui.capture.filters.moments import context_now

    return context_now()


class TopicFilter:
    """What the tree is reduced to; the former answers stay until the first whole ones are there."""

    def __init__(self, ready: Callable[[], None] = lambda: None) -> None:
        self._ready = ready
        self._path = ""
        self._asked: TreeFilter | None = None
        self._shown: TreeFilter | None = None
        self._revision = -1
        self.wanted: Filter | None = None
        self.context: Callable[[], Context] = _context_now
        """What times refer to when a filter is put in force; asked in the thread of the caller."""
        self.clock: Callable[[], float] = time.time
        """What ages refer to, from then on."""

    @property
    def text(self) -> str:
        """The filter in force, as written."""
        return self.wanted.text if self.wanted is not None else ""

    @property
    def error(self) -> str:
        """Why the answers are not whole, or nothing."""
        found = self._asked or self._shown
        return found.error if found is not None else ""

    def read(self, path: str) -> None:
        """Ask about this capture from now on."""
        self._path = path
        self._start()

    def use(self, text: str) -> bool:
        """Put a filter in force; False when it cannot be read: the former one stays then."""
        from mqttx_tui.capture.filters import FilterError, parse

        try:
            wanted = parse(text)
        except FilterError:
            return False
        found = None if wanted.empty else wanted
        if found != self.wanted:
            self.wanted = found
            self._start()
        return True

    def _start(self) -> None:
        if self._asked is not None:
            self._asked.close()
            self._asked = None
        if self.wanted is None or not self._path:
            return
        from mqttx_tui.capture.filters.tree import TreeFilter
        from mqttx_tui.wire.properties import decode_properties

        then, clock = self.context(), self.clock
        self._asked = TreeFilter(
            self._path,
            self.wanted,
            context=lambda: replace(then, now=int(clock() * 1e9)),
            ready=self._ready,
            decode_properties=decode_properties,
        )

    def begin(self, model: TopicModel) -> bool:
        """Show another filter's answers, or everything, once that is possible; True when it began."""
        if self.wanted is None:
            if self._shown is None and not model.filtered:
                return False
            self.close()
            model.end_filter()
            return True
        if self._asked is None or not self._asked.whole:
            return False
        if self._shown is not None:
            self._shown.close()
        self._shown, self._asked = self._asked, None
        model.begin_filter()
        return True

    @property
    def waiting(self) -> bool:
        """Whether there are answers to take."""
        return self._shown is not None and self._shown.waiting > 0

    def take(self, model: TopicModel) -> None:
        """Take some answers over into the tree."""
        if self._shown is not None:
            for topic, matches in self._shown.take(SLICE):
                model.match(topic, matches)

    def poke(self, revision: int) -> None:
        """Topics changed, when ``revision`` did."""
        if revision != self._revision and (running := self._asked or self._shown) is not None:
            self._revision = revision
            running.poke()

    def close(self) -> None:
        """End the threads."""
        for running in (self._asked, self._shown):
            if running is not None:
                running.close()
        self._asked = self._shown = None
