"""Messages of a profile that are sent because of what arrives: ``when`` is a filter."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mqttx_tui.capture.schema import FIRST_OTHER_TOPIC
from mqttx_tui.model.message import NOT_UTF8, OUTGOING, WEBSOCKET, Row
from mqttx_tui.model.profile import Profile
from mqttx_tui.session.base import Sink
from mqttx_tui.session.saved import CONNECTED

if TYPE_CHECKING:
    from mqttx_tui.capture.filters import Filter

MOST_A_SECOND = 10
"""So often a second a message answers at most: one that answers itself would never end."""
TELL_AGAIN_SECONDS = 30.0
_MOST_OTHERS = 10_000
"""Names of topics past the capture's limit that are remembered at most."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Send the profile's message number ``index`` when a received message passes ``wanted``."""

    index: int
    wanted: Filter


def rules_of(profile: Profile) -> tuple[list[Rule], list[str]]:
    """The rules of a profile, and what is wrong with those left out; none where it is read-only."""
    rules: list[Rule] = []
    problems: list[str] = []
    for index, message in enumerate(() if profile.read_only else profile.messages):
        if message.when in ("", CONNECTED):
            continue
        from mqttx_tui.capture.filters import FilterError, parse  # few profiles answer anything

        try:
            rules.append(Rule(index, parse(message.when)))
        except FilterError as error:
            hint = f" ({error.hint})" if error.hint else ""
            problems.append(f"{message.name}: when = {message.when!r}: {error.message}{hint}")
    return rules, problems


class Cap:
    """Lets a message answer ``MOST_A_SECOND`` times a second."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._second = float("-inf")
        self._count = 0
        self._told = float("-inf")

    def passes(self) -> bool:
        """Whether one more may go out now."""
        now = self._clock()
        if now - self._second >= 1:
            self._second, self._count = now, 0
        self._count += 1
        return self._count <= MOST_A_SECOND

    def tells(self) -> bool:
        """Whether it is time to say that some did not."""
        now = self._clock()
        if now - self._told < TELL_AGAIN_SECONDS:
            return False
        self._told = now
        return True


class AnsweringSink:
    """Implements ``session.base.Sink`` over another one, and looks at what is received.

    ``answer`` is called with the number of the message to send, ``told`` with it and why it answers
    no more (a pattern takes too long); messages of excluded topics are not looked at.
    """

    def __init__(
        self,
        sink: Sink,
        rules: list[Rule],
        answer: Callable[[int], None],
        told: Callable[[int, str], None] = lambda index, why: None,
    ) -> None:
        from mqttx_tui.capture.filters.evaluate import FilterMessage
        from mqttx_tui.engine.answer_patterns import PatternRules, asked

        self._sink = sink
        self._answer = answer
        self._shape = FilterMessage
        self._rules = [(rule.index, *asked(rule.wanted)) for rule in rules]
        slow = [
            (rule.index, rule.wanted) for rule, (_, _, left) in zip(rules, self._rules, strict=True) if left
        ]
        self._patterns = PatternRules(slow, answer, told)
        self._names: dict[int, str] = {}
        self.excluded = sink.excluded
        self.packet = sink.packet
        self.event = sink.event
        self.cut_off = sink.cut_off
        self.too_large = sink.too_large
        self.now = sink.now
        self.drained = sink.drained

    @property
    def revision(self) -> int:
        """As the capture says."""
        return self._sink.revision

    @property
    def full(self) -> bool:
        """As the capture says."""
        return self._sink.full

    @property
    def known(self) -> dict[bytes, int]:
        """Nothing: each topic must be asked for once, so that its name is remembered."""
        return {}

    def topic(self, name: str) -> int | None:
        """As the capture says, and remembered."""
        ident = self._sink.topic(name)
        if ident is not None:
            if ident >= FIRST_OTHER_TOPIC and len(self._names) > _MOST_OTHERS:
                self._names = {
                    known: name for known, name in self._names.items() if known < FIRST_OTHER_TOPIC
                }
            self._names[ident] = name
        return ident

    def messages(self, rows: list[Row]) -> int:
        """Hand the rows on, and answer those that match."""
        first = self._sink.messages(rows)
        for row in rows:
            if not row[2] & OUTGOING:
                self._look(row)
        return first

    def _look(self, row: Row) -> None:
        at, topic, flags, size, payload, properties = row
        if not flags & WEBSOCKET and not _is_utf8(payload):
            flags |= NOT_UTF8
        message = self._shape(at, self._names.get(topic, ""), flags, size, payload, properties)
        for index, matches, slow in self._rules:
            if matches(message):
                if slow:
                    self._patterns.look(index, message)
                else:
                    self._answer(index)


def _is_utf8(payload: bytes) -> bool:
    if payload.isascii():
        return True
    try:
        payload.decode()
    except UnicodeDecodeError:
        return False
    return True
