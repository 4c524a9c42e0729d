"""Times of a filter made absolute: afterwards only comparisons of ``at`` in ns are left."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, tzinfo

from mqttx_tui.capture.filters.nodes import (
    And,
    Comparison,
    Literal,
    Moment,
    Named,
    Node,
    Not,
    Number,
    Or,
)

_NS = 1_000_000_000
_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
NOTHING = Or(())
"""Matches no message."""


@dataclass(frozen=True, slots=True)
class Context:
    """What times refer to. ``now``, ``newest`` (the newest message) and ``mark`` in ns since 1970.

    ``zone`` None is local time.
    """

    now: int
    newest: int
    mark: int | None = None
    zone: tzinfo | None = None


def context_now(newest: int | None = None, mark: int | None = None) -> Context:
    """The context of this moment in local time."""
    now = time.time_ns()
    return Context(now, now if newest is None else newest, mark)


def resolve(node: Node, context: Context) -> Node:
    """``node`` with every time as ns and every ``age`` as a comparison of ``at``.

    A test against a mark that was never set matches nothing.
    """
    match node:
        case And(parts):
            return And(tuple(resolve(part, context) for part in parts))
        case Or(parts):
            return Or(tuple(resolve(part, context) for part in parts))
        case Not(part):
            return Not(resolve(part, context))
        case Comparison(Named("at"), op, values):
            return _at(op, values, context)
        case Comparison(Named("age"), op, values):
            return _age(op, values, context)
    return node


def uses_time(node: Node) -> bool:
    """Whether the result depends on when the filter is applied."""
    match node:
        case And(parts) | Or(parts):
            return any(uses_time(part) for part in parts)
        case Not(part):
            return uses_time(part)
        case Comparison(Named("at" | "age"), _, _):
            return True
    return False


def _age(op: str, values: tuple[Literal, ...], context: Context) -> Node:
    ends = [context.now - round(value.value * _NS) for value in values if isinstance(value, Number)]
    if op == "within":
        return _between(ends[1], ends[0])
    if op == "in":
        return Or(tuple(_compare("==", end) for end in ends))
    return _compare(_FLIPPED[op], ends[0])


def _at(op: str, values: tuple[Literal, ...], context: Context) -> Node:
    moments = [value for value in values if isinstance(value, Moment)]
    if op == "within":
        return _range(moments[0], moments[1], context)
    if op == "in":
        return Or(tuple(_at("==", (moment,), context) for moment in moments))
    moment = moments[0]
    start = instant(moment, context)
    if start is None:
        return NOTHING
    if op in ("==", "!="):
        same = _between(start, start + max(round(moment.span * _NS), 1) - 1)
        return same if op == "==" else Not(same)
    return _compare(op, start)


def _range(low: Moment, high: Moment, context: Context) -> Node:
    start, end = instant(low, context), instant(high, context)
    if start is None or end is None:
        return NOTHING
    if high.day is None and high.ago is None and not high.mark and end < start:
        end = _first_after(high, start, context)
    if high.day is not None and high.span == 86_400.0:
        following = replace(high, day=high.day + timedelta(days=1))
        end = _absolute(following, high.day + timedelta(days=1), context.zone) - 1
    return _between(start, end)


def instant(moment: Moment, context: Context) -> int | None:
    """The time in ns since 1970; None for a mark that is not set.

    Without a date it is the latest such time that is not after the newest message.
    """
    if moment.mark:
        return context.mark
    if moment.ago is not None:
        return context.now - round(moment.ago * _NS)
    if moment.day is not None:
        return _absolute(moment, moment.day, context.zone)
    day = _day_of(context.newest, moment, context.zone) + timedelta(days=1)
    while True:
        found = _absolute(moment, day, context.zone)
        if found <= context.newest:
            return found
        day -= timedelta(days=1)


def _first_after(moment: Moment, start: int, context: Context) -> int:
    day = _day_of(start, moment, context.zone) - timedelta(days=1)
    while True:
        found = _absolute(moment, day, context.zone)
        if found >= start:
            return found
        day += timedelta(days=1)


def _day_of(at: int, moment: Moment, zone: tzinfo | None) -> date:
    return datetime.fromtimestamp(at // _NS, UTC).astimezone(moment.zone or zone).date()


def _absolute(moment: Moment, day: date, zone: tzinfo | None) -> int:
    local = datetime.combine(day, moment.clock, tzinfo=moment.zone or zone)
    return int(local.timestamp()) * _NS + moment.nanoseconds


def _compare(op: str, at: int) -> Comparison:
    return Comparison(Named("at"), op, (Number(at, str(at)),))


def _between(low: int, high: int) -> Comparison:
    return Comparison(Named("at"), "within", (Number(low, str(low)), Number(high, str(high))))
