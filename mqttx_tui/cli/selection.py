"""Which messages a command wants: ``--where`` and ``-R``."""

from __future__ import annotations

from collections.abc import Callable

from mqttx_tui.cli.gate import Select, Topics
from mqttx_tui.model.message import CHANGED, NOT_UTF8, OUTGOING, RETAIN, Row

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
    from mqttx_tui.wire.properties import decode_properties

    passes = matcher(parse(where), decode_properties=decode_properties)
    latest: dict[int, int] = {}

    def test(row: Row) -> bool:
        at, topic, flags, size, payload, properties = row
        seen, before = hash(payload), latest.get(topic)
        if before != seen:
            flags |= CHANGED if before is not None else 0
            if len(latest) >= _REMEMBERED:
                latest.clear()
            latest[topic] = seen
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
            )
        )

    return test
