"""Numbers in payloads, for charts. Pure."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from mqttx_tui.model.jsonpath import Step, loads, path_text, walk

MOST_FIELDS = 200
_DEEPEST = 12
_SWITCHES = {
    name: number
    for number, names in ((0.0, "off false offline closed no"), (1.0, "on true online open yes"))
    for name in names.split()
}
_LONGEST = 40
_FIRST = ("value", "state")


class Field(NamedTuple):
    """A field of a payload that can be drawn."""

    path: str
    number: float
    shown: str


def number_of(value: Any) -> float | None:
    """A JSON value as a number: also text that is one as a whole, and ON, off, true … as 1 and 0."""
    if isinstance(value, str):
        text = value.strip()
        if len(text) > _LONGEST:
            return None
        if (switch := _SWITCHES.get(text.lower())) is not None:
            return switch
        if "_" in text:  # Python would take 1_000
            return None
        value = text
    elif not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def is_switch(value: Any) -> bool:
    """Whether it is one of two states rather than a measure."""
    return isinstance(value, bool) or (isinstance(value, str) and value.strip().lower() in _SWITCHES)


def content(data: bytes) -> Any:
    """The payload as a JSON value, else as text; None where it is neither."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    try:
        return loads(text)
    except ValueError:
        return text


def value_at(data: bytes, steps: tuple[Step, ...]) -> Any:
    """What stands at a path in a payload; None where there is nothing."""
    found = walk(content(data), steps)
    return found[0] if found else None


def fields(value: Any) -> list[Field]:
    """The fields that can be drawn, from the outside in; at most ``MOST_FIELDS``."""
    found: list[Field] = []
    level: list[tuple[tuple[Step, ...], Any]] = [((), value)]
    for _ in range(_DEEPEST):
        below: list[tuple[tuple[Step, ...], Any]] = []
        for steps, item in level:
            if isinstance(item, dict):
                # A path cannot be written where a key ends with a backslash.
                below += [((*steps, key), inner) for key, inner in item.items() if key[-1:] != "\\"]
            elif isinstance(item, list):
                below += [((*steps, index), inner) for index, inner in enumerate(item[:MOST_FIELDS])]
            elif (number := number_of(item)) is not None:
                shown = item if isinstance(item, str) else str(item).lower()
                found.append(Field(path_text(steps), number, shown))
        level = below[: MOST_FIELDS * 10]
        if len(found) >= MOST_FIELDS or not level:
            break
    return found[:MOST_FIELDS]


def obvious(found: list[Field]) -> Field | None:
    """The one that matters most likely: ``value``, ``state``, else the first measure, else the first."""
    for name in _FIRST:
        for field in found:
            if field.path == f".{name}":
                return field
    measures = [field for field in found if not is_switch(field.shown)]
    return next(iter(measures or found), None)
