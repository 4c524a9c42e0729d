"""Rules with regular expressions, asked beside the event loop.

Python holds the interpreter lock while a pattern backtracks: on the loop, one payload could stop all
capturing. So a thread asks, and a process that can be ended searches (``capture.filters.patterns``).
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Sequence

from mqttx_tui.capture.filters import Filter
from mqttx_tui.capture.filters.evaluate import FilterMessage, matcher
from mqttx_tui.capture.filters.nodes import And, has_pattern
from mqttx_tui.capture.filters.patterns import TOO_LONG, PatternTooLong, searching_elsewhere
from mqttx_tui.wire.properties import decode_properties

MOST_WAITING = 2_000
"""Messages that wait to be looked at; what comes then is not, and that is told."""
IDLE_SECONDS = 10.0
"""After this long without a message thread and process end."""

Told = Callable[[int, str], None]


def asked(wanted: Filter) -> tuple[Callable[[FilterMessage], bool], bool]:
    """What is asked of each message at once, and whether patterns are left to ask."""
    if not has_pattern(wanted.node):
        return matcher(wanted, decode_properties=decode_properties), False
    parts = wanted.node.parts if isinstance(wanted.node, And) else ()
    quick = tuple(part for part in parts if not has_pattern(part))
    if not quick:
        return lambda message: True, True
    return matcher(Filter(wanted.text, And(quick)), decode_properties=decode_properties), True


class PatternRules:
    """``look`` is called on the event loop; so are ``answer(index)`` and ``told(index, why)``.

    A rule whose pattern takes too long over a message is not asked any more.
    """

    def __init__(
        self, rules: Sequence[tuple[int, Filter]], answer: Callable[[int], None], told: Told
    ) -> None:
        self._rules = {index: matcher(wanted, decode_properties=decode_properties) for index, wanted in rules}
        self._nodes = {index: wanted.node for index, wanted in rules}
        self._answer, self._told = answer, told
        self._waiting: deque[tuple[int, FilterMessage]] = deque()
        self._changed = threading.Condition()
        self._running = False
        self._skipping = False

    def look(self, index: int, message: FilterMessage) -> None:
        """Ask rule ``index`` about a message, soon."""
        if index not in self._rules:
            return
        if len(self._waiting) >= MOST_WAITING:
            if not self._skipping:
                self._skipping = True
                self._told(index, "messages come faster than the pattern is searched: some are not looked at")
            return
        with self._changed:
            self._waiting.append((index, message))
            if not self._running:
                self._running, loop = True, asyncio.get_running_loop()
                threading.Thread(target=self._run, args=(loop,), name="answers", daemon=True).start()
            self._changed.notify()

    def _next(self) -> tuple[int, FilterMessage] | None:
        with self._changed:
            if not self._waiting:
                self._skipping = False
                self._changed.wait(IDLE_SECONDS)
            self._running = bool(self._waiting)
            return self._waiting.popleft() if self._running else None

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        with searching_elsewhere(And(tuple(self._nodes.values()))):
            while (found := self._next()) is not None:
                index, message = found
                matches = self._rules.get(index)
                if matches is None:
                    continue
                try:
                    if matches(message):
                        _call(loop, self._answer, index)
                except (PatternTooLong, OSError) as error:
                    why = TOO_LONG if isinstance(error, PatternTooLong) else str(error)
                    del self._rules[index]
                    _call(loop, self._told, index, f"{why}: it answers no more on this connection")


def _call(loop: asyncio.AbstractEventLoop, call: Callable[..., None], *arguments: object) -> None:
    try:
        loop.call_soon_threadsafe(call, *arguments)
    except RuntimeError:  # the loop is closed: nobody waits for an answer
        pass
