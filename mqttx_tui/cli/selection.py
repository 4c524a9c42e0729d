"""Which messages a command wants: ``--where`` and ``-R``."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from mqttx_tui.capture.statistics import RATE_SECONDS
from mqttx_tui.cli.gate import Select, Topics
from mqttx_tui.cli.output import say
from mqttx_tui.model.errors import InputError
from mqttx_tui.model.message import CHANGED, NOT_UTF8, OUTGOING, RETAIN, Row

if TYPE_CHECKING:
    from mqttx_tui.capture.filters.nodes import Node

_REMEMBERED = 100_000
"""Topics whose last payload is remembered at most."""


def selection(
    where: str | None, *, no_retained: bool, topics: Topics, label: str = "", letter: str = "A"
) -> Select | None:
    """The rows that pass; None where all do. Raises ``InputError`` for a bad filter."""
    tests: list[Callable[[Row], bool]] = []
    if no_retained:
        tests.append(lambda row: not row[2] & RETAIN)
    if where:
        tests.append(_where(where, topics, label, letter))
    if not tests:
        return None

    def select(rows: list[Row]) -> list[Row]:
        return [row for row in rows if row[2] & OUTGOING or all(test(row) for test in tests)]

    return select


def _where(where: str, topics: Topics, label: str, letter: str) -> Callable[[Row], bool]:
    from mqttx_tui.capture.filters import parse  # only who filters pays for the language
    from mqttx_tui.capture.filters.evaluate import FilterMessage, matcher
    from mqttx_tui.capture.filters.nodes import has_pattern
    from mqttx_tui.cli.patience import patient
    from mqttx_tui.wire.properties import decode_properties

    wanted = parse(where)
    _refuse_packets(wanted.node)
    passes = matcher(wanted, decode_properties=decode_properties)
    if has_pattern(wanted.node):
        passes = patient(passes, Once("a message took the pattern too long and was left out"))
    latest: dict[int, int] = {}
    paces: dict[int, Pace] = {}
    anew = Once(f"more than {_REMEMBERED:,} topics: changed, count and rate begin anew for each of them")

    def test(row: Row) -> bool:
        at, topic, flags, size, payload, properties = row
        seen, before = hash(payload), latest.get(topic)
        if before != seen:
            flags |= CHANGED if before is not None else 0
            if len(latest) >= _REMEMBERED:
                anew()
                latest.clear()
            latest[topic] = seen
        if topic not in paces and len(paces) >= _REMEMBERED:
            paces.clear()
        pace = paces.setdefault(topic, Pace(at))
        pace.take(at)
        try:
            payload.decode()
        except UnicodeDecodeError:
            flags |= NOT_UTF8
        return passes(
            FilterMessage(
                at,
                topics.names.get(topic, ""),
                flags,
                size,
                payload,
                properties,
                connection=letter,
                connection_name=label,
                count=pace.count,
                rate=pace.rate,
            )
        )

    return test


class Once:
    """Says a text on stderr when it is called the first time."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __call__(self) -> None:
        """Say it, unless it was said."""
        text, self._text = self._text, ""
        if text:
            say(text)


class Pace:
    """How many messages a topic had so far, and how many a second, as the capture's statistics say it."""

    __slots__ = ("_decayed", "_first", "_last", "count")

    def __init__(self, at: int) -> None:
        self.count = 0
        self._first = self._last = at
        self._decayed = 0.0

    def take(self, at: int) -> None:
        """One more; ``at`` in ns."""
        self._decayed = self._decayed * math.exp((self._last - at) / 1e9 / RATE_SECONDS) + 1 / RATE_SECONDS
        self._last = max(at, self._last)
        self.count += 1

    @property
    def rate(self) -> float:
        """Messages a second."""
        age = max((self._last - self._first) / 1e9, 1.0)
        return self._decayed / (1.0 - math.exp(-age / RATE_SECONDS))


def _refuse_packets(node: Node) -> None:
    """Raise ``InputError`` where a filter asks what only the packets of a sent message answer."""
    from mqttx_tui.capture.filters.nodes import And, Comparison, Flag, Named, Not, Or

    match node:
        case And(parts) | Or(parts):
            for part in parts:
                _refuse_packets(part)
        case Not(part):
            _refuse_packets(part)
        case Flag("error" as name) | Comparison(Named("packet" | "reason" as name), _, _):
            raise InputError(
                f"{name} asks what a sent message was answered; here only received messages are filtered",
                title="Bad filter",
                hint="record without --where, then mqttx-tui open",
            )
