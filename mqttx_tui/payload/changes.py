"""What changed from one JSON value to the next of the same topic, in a few words."""

from __future__ import annotations

import decimal
import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from mqttx_tui.model.jsonpath import Spelled, Step, loads_spelled, path_text

MISSING = object()
"""There was no such value."""
MOST_TEXT = 40
"""Characters of a former value that are shown."""
MOST_GONE = 8
"""Keys that are named when they are gone; the others are counted."""


def parsed(text: str) -> Any:
    """A JSON text as a value with numbers as they are spelled; ``MISSING`` where it is not JSON."""
    try:
        return loads_spelled(text)
    except ValueError:
        return MISSING


def at_path(value: Any, path: tuple[Step, ...]) -> Any:
    """The value that a path (without ``[*]``) leads to, or ``MISSING``."""
    for step in path:
        if not isinstance(value, dict | list):
            return MISSING
        try:
            value = value[step]  # type: ignore[index]
        except (LookupError, TypeError):
            return MISSING
    return value


def note(new: Any, old: Any) -> str:
    """``was 21.4  (+0.6)``, ``was "C"``, ``new``; empty where nothing changed or the change is inside."""
    if old is MISSING:
        return "new"
    if isinstance(new, Spelled) and isinstance(old, Spelled):
        return _number_note(new, old)
    if _same(new, old) or (isinstance(new, dict | list) and type(new) is type(old)):
        return ""
    return f"was {_short(old)}"


@dataclass(frozen=True, slots=True)
class Compared:
    """Two payloads of a topic, this one and the former, and what is ``gone`` in words."""

    new: Any
    old: Any
    gone: str

    def note(self, path: tuple[Step, ...], *, folded: bool = False) -> str:
        """What to say of the value at a path. Of what is new as a whole only the outermost says so."""
        new, old = at_path(self.new, path), at_path(self.old, path)
        if old is MISSING and type(at_path(self.new, path[:-1])) is not type(at_path(self.old, path[:-1])):
            return ""
        return folded_note(new, old) if folded else note(new, old)


def compared(text: str, former: str) -> Compared | None:
    """Compare a JSON text with the former payload, which may be any text; None where ``text`` is no JSON."""
    new, old = parsed(text), parsed(former)
    if old is MISSING:
        old = Spelled(former.strip())
    return None if new is MISSING else Compared(new, old, gone(new, old))


def text_note(new: str, old: str) -> str:
    """The same for payloads that are no JSON: ``was OFF``."""
    if new == old:
        return ""
    return f"was {_cut(old)}"


def folded_note(new: Any, old: Any) -> str:
    """For an object or array of which one line is shown: whether anything inside changed."""
    said = note(new, old)
    return said or ("" if _same(new, old) else "changed")


def _same(new: Any, old: Any) -> bool:
    try:
        return type(new) is type(old) and bool(new == old)
    except RecursionError:
        return False


def _number_note(new: Spelled, old: Spelled) -> str:
    if new == old:
        return ""
    try:
        difference = Decimal(new) - Decimal(old)
    except decimal.DecimalException:
        return f"was {_cut(old)}"
    if difference == 0:
        return ""
    return f"was {_cut(old)}  ({_signed(difference)})"


def _signed(difference: Decimal) -> str:
    text = f"{difference.normalize():+f}" if -12 < difference.adjusted() < 15 else ""
    return text if text and len(text) <= 18 else f"{float(difference):+.6g}"


def _short(value: Any) -> str:
    if isinstance(value, dict | list):
        empty, full = ("{}", "{…}") if isinstance(value, dict) else ("[]", "[…]")
        return full if value else empty
    return _cut(value if isinstance(value, Spelled) else json.dumps(value, ensure_ascii=False))


def _cut(text: str) -> str:
    if not text:
        return "empty"
    return text if len(text) <= MOST_TEXT else text[: MOST_TEXT - 1] + "…"


def gone(new: Any, old: Any) -> str:
    """``gone: unit, battery.level``: what the former value held and this one does not; empty for nothing."""
    found: list[tuple[Step, ...]] = []
    waiting: list[tuple[tuple[Step, ...], Any, Any]] = [((), new, old)]
    while waiting:
        path, after, before = waiting.pop()
        if isinstance(after, dict) and isinstance(before, dict):
            found += [(*path, key) for key in before if key not in after]
            pairs: list[tuple[Step, Any]] = [(key, item) for key, item in before.items() if key in after]
        elif isinstance(after, list) and isinstance(before, list):
            found += [(*path, index) for index in range(len(after), len(before))]
            pairs = list(enumerate(before[: len(after)]))
        else:
            continue
        waiting += [
            ((*path, step), at_path(after, (step,)), item)
            for step, item in reversed(pairs)
            if isinstance(item, dict | list)
        ]
    if not found:
        return ""
    names = [path_text(path).removeprefix(".") for path in found[:MOST_GONE]]
    more = len(found) - len(names)
    return "gone: " + ", ".join(names) + (f" and {more:,} more" if more else "")
