"""What differs between two payloads, line by line. Pure: bytes in, lines out."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from enum import Enum

from mqttx_tui.model.shown import size
from mqttx_tui.payload import hexdump
from mqttx_tui.payload.base import Context
from mqttx_tui.payload.registry import LIMIT, decode
from mqttx_tui.ui.diff_script import matches

AROUND = 3
"""Equal lines that are shown before and after a difference."""
_SCALAR = re.compile(r'(?P<key>\s*(?:"(?:[^"\\]|\\.)*":\s)?)(?P<number>-?[0-9][0-9.eE+-]*),?\Z')
_TEXTUAL = frozenset(("json", "text"))


class Kind(Enum):
    """What a line is."""

    EQUAL = " "
    GONE = "-"
    COME = "+"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the comparison. ``changed``: where it differs from its counterpart, (0, 0) for nowhere."""

    kind: Kind
    text: str
    changed: tuple[int, int] = (0, 0)
    change: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """All lines in order; what a reader should know; how many differ."""

    lines: tuple[Line, ...]
    notes: tuple[str, ...]
    gone: int
    come: int
    how: str
    """``json``, ``text``, ``hex`` or a decoder's name."""


@dataclass(frozen=True, slots=True)
class Payload:
    """One side: the first bytes (``LIMIT`` are looked at), how many there are, and what is known of them."""

    data: bytes
    size: int
    context: Context


def compare(old: Payload, new: Payload, columns: int = hexdump.WIDE_COLUMNS) -> Difference:
    """Compare as JSON laid out anew, as text, or as rows of a hex dump of ``columns`` columns.

    A comma at a line's end is no difference: it only says whether another field follows.
    """
    how, old_lines, new_lines = _texts(old, new, columns)
    notes = [_cut(side) for side in (old, new) if side.size > LIMIT][:1]
    if how == "json":
        pairs, sure = matches(
            [line.rstrip(",") for line in old_lines], [line.rstrip(",") for line in new_lines]
        )
    else:
        pairs, sure = matches(old_lines, new_lines)
    if not sure:
        notes.append("too different to be compared line by line: what is equal inside is not looked for")
    lines: list[Line] = []
    done_old = done_new = 0
    for at_old, at_new in (*pairs, (len(old_lines), len(new_lines))):
        gone_lines, come_lines = old_lines[done_old:at_old], new_lines[done_new:at_new]
        lines += _replaced(gone_lines, come_lines, beside=how != "text")
        if at_new < len(new_lines):
            lines.append(Line(Kind.EQUAL, new_lines[at_new]))
        done_old, done_new = at_old + 1, at_new + 1
    gone = sum(line.kind is Kind.GONE for line in lines)
    come = sum(line.kind is Kind.COME for line in lines)
    return Difference(tuple(lines), tuple(notes), gone, come, how)


def _texts(old: Payload, new: Payload, columns: int) -> tuple[str, list[str], list[str]]:
    sides = [side for side in (old, new) if side.data]
    names = {_decoder(side) for side in sides}
    how = names.pop() if len(names) == 1 else "text" if names <= _TEXTUAL else "hex"
    return how, _lines(old, how, columns), _lines(new, how, columns)


def _decoder(side: Payload) -> str:
    return decode(side.data[:LIMIT], _context(side)).decoder


def _lines(side: Payload, how: str, columns: int) -> list[str]:
    if not side.data:
        return []
    if how == "hex":
        return hexdump.lines(side.data[:LIMIT], 0, hexdump.per_line(columns))
    return decode(side.data[:LIMIT], _context(side), how).text.split("\n")


def _context(side: Payload) -> Context:
    return replace(side.context, complete=side.size <= LIMIT)


def _cut(side: Payload) -> str:
    return f"only the first {size(LIMIT)} of {size(side.size)} are compared; the rest is in the Hex tab"


def _replaced(gone: list[str], come: list[str], *, beside: bool) -> list[Line]:
    """Lines that stand for each other are marked where they differ, and with ``beside`` follow each other."""
    if len(gone) != len(come):
        return [*(Line(Kind.GONE, text) for text in gone), *(Line(Kind.COME, text) for text in come)]
    first, second = [], []
    for before, after in zip(gone, come, strict=True):
        start, end = _common(before, after)
        first.append(Line(Kind.GONE, before, (start, len(before) - end)))
        second.append(Line(Kind.COME, after, (start, len(after) - end), _change(before, after)))
    return [line for pair in zip(first, second, strict=True) for line in pair] if beside else first + second


def _common(one: str, other: str) -> tuple[int, int]:
    """Characters that two lines share at their beginning and at their end."""
    start, shorter = 0, min(len(one), len(other))
    while start < shorter and one[start] == other[start]:
        start += 1
    end = 0
    while end < shorter - start and one[-1 - end] == other[-1 - end]:
        end += 1
    return start, end


def _change(before: str, after: str) -> str:
    """``+0.6`` where both lines hold one number under the same key."""
    one, other = _SCALAR.match(before), _SCALAR.match(after)
    if one is None or other is None or one["key"] != other["key"]:
        return ""
    try:
        difference = Decimal(other["number"]) - Decimal(one["number"])
    except InvalidOperation:
        return ""
    return f"{difference:+f}" if difference and abs(difference.adjusted()) < 16 else ""


def folded(lines: tuple[Line, ...]) -> list[Line | int]:
    """The lines with long runs of equal ones replaced by their number."""
    shown: list[Line | int] = []
    at = 0
    while at < len(lines):
        end = at
        while end < len(lines) and lines[end].kind is Kind.EQUAL:
            end += 1
        before = AROUND if at else 0
        after = AROUND if end < len(lines) else 0
        if end - at > before + after + 1:
            shown += [*lines[at : at + before], end - at - before - after, *lines[end - after : end]]
        else:
            shown += lines[at:end]
        if end < len(lines):
            shown.append(lines[end])
        at = end + 1
    return shown
