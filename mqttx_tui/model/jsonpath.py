"""Paths into JSON values: ``.a.b[0]``, ``."a key"``, ``.rows[*].rssi``; ``.`` is the whole value.

``path = "." , [ step , { "." , key | index } ]``, where a key is a run of letters, digits and ``_-$@``,
or a string in quotes, and an index is ``[N]`` or ``[*]`` (every element).
"""

from __future__ import annotations

import json
import re
from typing import Any

from mqttx_tui.model.errors import InputError

EVERY = -1
"""The step ``[*]``."""

Step = str | int
_KEY = re.compile(r"[\w\-$@]+")
_PLAIN_KEY = re.compile(r"[\w\-$@]+\Z")
_INDEX = re.compile(r"\[(\d+|\*)\]")


class PathSyntaxError(Exception):
    """What was expected in a path, and where (0-based position in the text)."""

    def __init__(self, position: int, expected: str) -> None:
        super().__init__(f"column {position + 1}: expected {expected}")
        self.position = position
        self.expected = expected


def read_path(text: str, start: int = 0) -> tuple[tuple[Step, ...], int]:
    """The steps of the path that begins at ``start`` and where it ends. Raises ``PathSyntaxError``."""
    if start >= len(text) or text[start] != ".":
        raise PathSyntaxError(start, "a path that starts with a dot, such as .value")
    position, steps = start + 1, list[Step]()
    step = _read_step(text, position)
    while step is not None:
        steps.append(step[0])
        position = step[1]
        if position < len(text) and text[position] == ".":
            step = _read_key(text, position + 1)
            if step is None:
                raise PathSyntaxError(position + 1, "a key after the dot")
        else:
            step = _read_index(text, position)
    return tuple(steps), position


def parse_path(text: str) -> tuple[Step, ...]:
    """The steps of a path that is the whole ``text``. Raises ``InputError`` with the column."""
    try:
        steps, end = read_path(text)
        if end != len(text):
            raise PathSyntaxError(end, 'a dot and a key, [N] or [*] (put unusual keys in quotes: ."a key")')
    except PathSyntaxError as error:
        raise InputError(str(error), title="Bad path", hint="for example .a.b[0]") from None
    return steps


def path_text(steps: tuple[Step, ...]) -> str:
    """The path as it is written; the inverse of ``parse_path``."""
    parts = []
    for step in steps:
        if isinstance(step, int):
            parts.append("[*]" if step == EVERY else f"[{step}]")
        elif _PLAIN_KEY.match(step):
            parts.append("." + step)
        else:
            parts.append('."' + step.replace('"', '\\"') + '"')
    text = "".join(parts)
    return text if text.startswith(".") else "." + text


def walk(value: Any, steps: tuple[Step, ...]) -> list[Any]:
    """Every value that the path leads to: none, one, or with ``[*]`` several."""
    found = [value]
    for step in steps:
        if isinstance(step, str):
            found = [item[step] for item in found if isinstance(item, dict) and step in item]
        elif step == EVERY:
            found = [element for item in found if isinstance(item, list) for element in item]
        else:
            found = [item[step] for item in found if isinstance(item, list) and step < len(item)]
    return found


def loads(text: str) -> Any:
    """Strict JSON (RFC 8259): no NaN or Infinity, the first of equal keys counts.

    An integer of more digits than ``int`` takes becomes a float. Raises ``ValueError``.
    """
    try:
        try:
            return _DECODER.decode(text)
        except json.JSONDecodeError:
            raise
        except ValueError:
            return _ENDLESS_INTEGERS.decode(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None


class Spelled(str):
    """A JSON number as it is written: ``21.40`` stays ``21.40``."""


def loads_spelled(text: str) -> Any:
    """Like ``loads``, with every number a ``Spelled``."""
    try:
        return _SPELLED.decode(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _first_wins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        made = {}
        for key, value in pairs:
            made.setdefault(key, value)
    return made


def _refuse(constant: str) -> Any:
    raise json.JSONDecodeError(f"{constant} is not JSON", constant, 0)


_DECODER = json.JSONDecoder(object_pairs_hook=_first_wins, parse_constant=_refuse)
_ENDLESS_INTEGERS = json.JSONDecoder(object_pairs_hook=_first_wins, parse_constant=_refuse, parse_int=float)
_SPELLED = json.JSONDecoder(
    object_pairs_hook=_first_wins, parse_constant=_refuse, parse_int=Spelled, parse_float=Spelled
)


def _read_step(text: str, position: int) -> tuple[Step, int] | None:
    return _read_index(text, position) or _read_key(text, position)


def _read_index(text: str, position: int) -> tuple[Step, int] | None:
    if position >= len(text) or text[position] != "[":
        return None
    match = _INDEX.match(text, position)
    if match is None:
        raise PathSyntaxError(position, "an index such as [0] or [*]")
    return (EVERY if match[1] == "*" else int(match[1])), match.end()


def _read_key(text: str, position: int) -> tuple[Step, int] | None:
    if position < len(text) and text[position] in "\"'":
        return read_quoted(text, position)
    match = _KEY.match(text, position)
    return None if match is None else (match[0], match.end())


def read_quoted(text: str, start: int) -> tuple[str, int]:
    """The string in quotes that begins at ``start``; only an escaped quote is an escape."""
    quote = text[start]
    parts: list[str] = []
    position = start + 1
    while position < len(text):
        character = text[position]
        if character == quote:
            return "".join(parts), position + 1
        if character == "\\" and text[position + 1 : position + 2] == quote:
            character, position = quote, position + 1
        parts.append(character)
        position += 1
    raise PathSyntaxError(start, f"a closing {quote}")
