"""What a filter asks about one message: the plain meaning of every test, in Python.

The evaluator is made of these; the SQL back end calls them where SQL alone would say something else.
"""

from __future__ import annotations

import operator
import re
import threading
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from mqttx_tui.capture.filters import literals
from mqttx_tui.capture.filters.fold import contains, fold
from mqttx_tui.capture.filters.nodes import (
    NEGATIVE,
    Comparison,
    Constant,
    Literal,
    Number,
    Octets,
    Path,
    Word,
)
from mqttx_tui.model.jsonpath import loads, walk
from mqttx_tui.model.message import NOT_UTF8

MISSING = object()
_JSON_BLANKS = " \t\r\n"
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "in": operator.eq,
}


def text_of(payload: bytes) -> str:
    """The payload as text: UTF-8 with replacement."""
    return payload.decode("utf-8", "replace")


def json_of(payload: bytes, flags: int) -> Any:
    """The payload as JSON, or ``MISSING``."""
    if flags & NOT_UTF8:
        return MISSING
    try:
        return loads(text_of(payload))
    except ValueError:
        return MISSING


@lru_cache(maxsize=256)
def pattern(text: str) -> re.Pattern[str]:
    """A regular expression that ignores case, unless it says ``(?-i:…)``."""
    return re.compile(text, re.IGNORECASE)


@lru_cache(maxsize=256)
def folded(text: str) -> str:
    """``fold``, remembered."""
    return fold(text)


def number_of(value: object) -> int | float | None:
    """The number that a value is: a JSON number, or a text that is one as a whole; never a boolean."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return literals.clip(value)
    if isinstance(value, float):
        return value
    return literals.number_in(value) if isinstance(value, str) else None


def compare_all(values: list[Any], op: str, wanted: tuple[Literal, ...]) -> bool:
    """The test over the values of a field: all for ``!=`` and ``!~`` (and at least one), else any."""
    if op in NEGATIVE:
        return bool(values) and all(compare(value, op, wanted) for value in values)
    return any(compare(value, op, wanted) for value in values)


def compare(value: object, op: str, wanted: tuple[Literal, ...]) -> bool:
    """The test on one value; a value of another type than the literal's is false."""
    if op == "within":
        return compare(value, ">=", wanted[:1]) and compare(value, "<=", wanted[1:])
    return any(_compare_one(value, op, literal) for literal in wanted)


def _compare_one(value: object, op: str, literal: Literal) -> bool:
    if isinstance(value, bytes) and not isinstance(literal, Octets):
        value = text_of(value)
    match literal:
        case Number(wanted, _):
            number = number_of(value)
            return number is not None and _COMPARE[op](number, wanted)
        case Constant(None):
            return (value is None) == (op != "!=")
        case Constant(wanted_bool):
            return isinstance(value, bool) and _COMPARE[op](value, wanted_bool)
        case Word(text):
            return isinstance(value, str) and compare_text(value, op, text)
        case Octets(octets):
            data = value.encode() if isinstance(value, str) else value
            return isinstance(data, bytes) and _compare_bytes(data, op, octets)
    return False


class _Elsewhere(threading.local):
    search: Callable[[str, str], bool] | None = None


elsewhere = _Elsewhere()
"""Who searches the patterns of this thread; None: it does so itself (see ``patterns``)."""


def _found(wanted: str, text: str) -> bool:
    search = elsewhere.search
    return pattern(wanted).search(text) is not None if search is None else search(wanted, text)


def compare_text(value: str, op: str, wanted: str) -> bool:
    """The test of a text with a text."""
    match op:
        case "contains":
            return contains(value, folded(wanted))
        case "~":
            return _found(wanted, value)
        case "!~":
            return not _found(wanted, value)
    return _COMPARE[op](value, wanted)


def _compare_bytes(value: bytes, op: str, wanted: bytes) -> bool:
    return wanted in value if op == "contains" else _COMPARE[op](value, wanted)


def path_test(payload: bytes, flags: int, test: Comparison) -> bool:
    """A test of a field of the JSON payload (no steps: of the whole payload)."""
    assert isinstance(test.field, Path)
    if not test.field.steps:
        return _root_test(payload, flags, test)
    value = json_of(payload, flags)
    return value is not MISSING and compare_all(walk(value, test.field.steps), test.op, test.values)


def path_exists(payload: bytes, flags: int, path: Path) -> bool:
    """Whether the JSON payload has that field; the whole payload is always there."""
    if not path.steps:
        return True
    value = json_of(payload, flags)
    return value is not MISSING and bool(walk(value, path.steps))


def _root_test(payload: bytes, flags: int, test: Comparison) -> bool:
    if test.op in ("~", "!~", "contains"):
        return compare(payload, test.op, test.values)
    value = json_of(payload, flags)
    text = text_of(payload).strip(_JSON_BLANKS)
    if test.op == "within":
        low, high = (
            Comparison(test.field, op, (end,)) for op, end in zip((">=", "<="), test.values, strict=True)
        )
        return _root_test(payload, flags, low) and _root_test(payload, flags, high)
    for literal in test.values:
        if isinstance(literal, Octets):
            found = compare(payload, test.op, (literal,))
        elif value is MISSING:
            found = not isinstance(literal, Constant) and compare(text, test.op, (literal,))
        elif isinstance(literal, Word) and not isinstance(value, str | dict | list):
            found = compare(text, test.op, (literal,))
        else:
            found = compare(value, test.op, (literal,))
        if found:
            return True
    return False
