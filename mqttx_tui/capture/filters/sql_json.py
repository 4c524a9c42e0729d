"""Tests of fields of the JSON payload as SQL.

Where SQLite reads JSON differently from ``model.jsonpath.loads``, ``subject`` is asked instead:
keys and strings with a ``\\u`` escape (3.40 compares keys as written, and ends a text at U+0000),
payloads with a NUL byte (``{}`` and NUL is "valid"), numbers within a rounding error of the literal
(SQLite's decimal conversion is not exact on every machine), and strings under a numeric literal.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Protocol

from mqttx_tui.capture.filters import subject
from mqttx_tui.capture.filters.fold import fold
from mqttx_tui.capture.filters.nodes import NEGATIVE, Comparison, Constant, Number, Octets, Path, Word
from mqttx_tui.capture.filters.parts import Part
from mqttx_tui.model.jsonpath import EVERY, Step
from mqttx_tui.model.message import NOT_UTF8

TEXT = "CAST(m.payload AS TEXT)"
VALID = (
    f"(CASE WHEN (m.flags & {NOT_UTF8}) <> 0 THEN 0 WHEN instr(m.payload, x'00') > 0 THEN 0 "
    f"ELSE json_valid({TEXT}) END)"
)
_PLAIN_KEY = re.compile(r'[^"\\/\x00-\x1f\x7f]+')
_SQL_OPERATORS = {"==": "=", "!=": "<>"}
_NEAR = 1e-12
ELEMENTS = 6
"""Arrays of so many elements are looked through by SQLite itself."""


class Compiler(Protocol):
    """What is needed of the compiler of the whole filter."""

    def bind(self, value: int | float | str | bytes) -> str:
        """A parameter."""

    def function(self, ask: Callable[..., bool], *arguments: str) -> str:
        """A call of a Python function."""

    def payload_contains(self, what: Word | Octets) -> Part:
        """Whether the payload holds something."""

    def text_contains(self, text: str, folded: str, blob: str) -> Part:
        """Whether a text holds another one."""


def exists(compiler: Compiler, path: Path) -> Part:
    """Whether the payload has the field."""
    if not path.steps:
        return Part("1", 0)
    asked = compiler.function(
        lambda payload, flags: subject.path_exists(payload, flags, path), "m.payload", "m.flags"
    )
    if not _plain(path.steps):
        return Part(_guarded(compiler, path.steps, asked, asked), 80)
    kind = f"json_type({TEXT}, {compiler.bind(_path(path.steps))})"
    return Part(_guarded(compiler, path.steps, asked, f"({kind} IS NOT NULL)"), 12)


def test(compiler: Compiler, test: Comparison) -> Part:
    """A comparison of a field of the payload (one value, or two for ``within``)."""
    assert isinstance(test.field, Path)
    steps = test.field.steps
    if not steps and test.op == "contains":
        value = test.values[0]
        assert isinstance(value, Word | Octets)
        return compiler.payload_contains(value)
    asked = compiler.function(
        lambda payload, flags: subject.path_test(payload, flags, test), "m.payload", "m.flags"
    )
    if not steps and (test.op in ("~", "!~") or isinstance(test.values[0], Octets)):
        return Part(asked, 20)
    if (elements := _elements(compiler, test, asked)) is not None:
        return Part(_guarded(compiler, steps, asked, elements), 25)
    if not _plain(steps):
        return Part(_guarded(compiler, steps, asked, asked), 80)
    body = _body(compiler, test, _path(steps), asked)
    if steps:
        return Part(_guarded(compiler, steps, asked, body, test), 15)
    return _root(test, asked, body)


def _elements(compiler: Compiler, test: Comparison, asked: str) -> str | None:
    """With one ``[*]``: the elements of a short array by their numbers, ``asked`` for a longer one.

    None where that cannot be said, or where all elements must pass.
    """
    assert isinstance(test.field, Path)
    steps = test.field.steps
    if steps.count(EVERY) != 1 or test.op in NEGATIVE or isinstance(test.values[0], Octets):
        return None
    at = steps.index(EVERY)
    if not _plain(steps[:at] + steps[at + 1 :]):
        return None
    length = f"json_array_length({TEXT}, {compiler.bind(_path(steps[:at]))})"
    bodies = [
        _body(compiler, test, _path((*steps[:at], number, *steps[at + 1 :])), asked)
        for number in range(ELEMENTS)
    ]
    cases = [f"WHEN {count} THEN ({' OR '.join(bodies[:count])})" for count in range(1, ELEMENTS + 1)]
    return f"(CASE coalesce({length}, 0) WHEN 0 THEN 0 {' '.join(cases)} ELSE {asked} END)"


def _plain(steps: tuple[Step, ...]) -> bool:
    """Whether SQLite's path language can say it."""
    return all(
        _PLAIN_KEY.fullmatch(step) is not None if isinstance(step, str) else step != EVERY for step in steps
    )


def _path(steps: tuple[Step, ...]) -> str:
    return "$" + "".join(f'."{step}"' if isinstance(step, str) else f"[{step}]" for step in steps)


def _guarded(
    compiler: Compiler, steps: tuple[Step, ...], asked: str, body: str, test: Comparison | None = None
) -> str:
    """``body`` for valid JSON that SQLite reads as we do, ``asked`` where it may not, else 0.

    A key without escapes stands in the payload as it is: the last one is looked for first. So does a
    string that a field must be equal to, unless the payload has escapes.
    """
    keys = [step for step in steps if isinstance(step, str) and _PLAIN_KEY.fullmatch(step)]
    missing = f"WHEN instr({TEXT}, {compiler.bind(chr(34) + keys[-1] + chr(34))}) = 0 THEN 0 " if keys else ""
    if test is not None and test.op == "==" and isinstance(literal := test.values[0], Word) and literal.value:
        text = f"instr({TEXT}, {compiler.bind(literal.value)})"
        missing = f"WHEN {text} = 0 AND instr({TEXT}, '\\') = 0 THEN 0 " + missing
    escaped = "" if body == asked and not keys else f"WHEN instr({TEXT}, '\\u') > 0 THEN {asked} "
    return (
        f"(CASE WHEN (m.flags & {NOT_UTF8}) <> 0 THEN 0 {escaped}{missing}"
        f"WHEN instr(m.payload, x'00') > 0 THEN 0 WHEN json_valid({TEXT}) THEN {body} ELSE 0 END)"
    )


def _body(compiler: Compiler, test: Comparison, path: str, asked: str) -> str:
    place = compiler.bind(path)
    kind, value = f"json_type({TEXT}, {place})", f"json_extract({TEXT}, {place})"
    literal = test.values[0]
    match literal:
        case Number():
            return _number(compiler, test, kind, value, asked)
        case Constant(None):
            return f"coalesce({kind} {_SQL_OPERATORS[test.op]} 'null', 0)"
        case Constant(wanted):
            name = "true" if wanted else "false"
            if test.op == "!=":
                name = "false" if wanted else "true"
            return f"coalesce({kind} = '{name}', 0)"
    return f"(CASE {kind} WHEN 'text' THEN {_text(compiler, test, value)} ELSE 0 END)"


def _text(compiler: Compiler, test: Comparison, value: str) -> str:
    """A test of the SQL ``value``, which is a text."""
    if test.op == "within":
        low, high = (compiler.bind(end.value) for end in test.values if isinstance(end, Word))
        return f"({value} BETWEEN {low} AND {high})"
    literal = test.values[0]
    assert isinstance(literal, Word)
    if test.op == "contains":
        return compiler.text_contains(value, fold(literal.value), f"CAST({value} AS BLOB)").sql
    if test.op in ("~", "!~"):
        wanted = literal.value
        return compiler.function(
            lambda data: subject.compare_text(subject.text_of(data), test.op, wanted),
            f"CAST({value} AS BLOB)",
        )
    return f"({value} {_SQL_OPERATORS.get(test.op, test.op)} {compiler.bind(literal.value)})"


def _number(compiler: Compiler, test: Comparison, kind: str, value: str, asked: str) -> str:
    ends = [literal.value for literal in test.values if isinstance(literal, Number)]
    operators = (">=", "<=") if test.op == "within" else (_SQL_OPERATORS.get(test.op, test.op),)
    bound = [compiler.bind(end) for end in ends]
    condition = " AND ".join(
        f"{value} {operator} {end}" for operator, end in zip(operators, bound, strict=True)
    )
    near = " OR ".join(
        f"abs({value} - {name}) <= {compiler.bind(max(abs(float(end)) * _NEAR, 1e-300))}"
        for name, end in zip(bound, ends, strict=True)
    )
    return (
        f"(CASE {kind} WHEN 'integer' THEN CASE WHEN typeof({value}) = 'integer' THEN {condition} "
        f"ELSE {asked} END WHEN 'real' THEN CASE WHEN {near} THEN {asked} ELSE {condition} END "
        f"WHEN 'text' THEN CASE WHEN {value} < ':' THEN {asked} ELSE 0 END ELSE 0 END)"
    )


def _root(test: Comparison, asked: str, body: str) -> Part:
    """The whole payload: JSON, or else text."""
    literal = test.values[0]
    if isinstance(literal, Constant):
        return Part(f"(CASE WHEN {VALID} THEN {body} ELSE 0 END)", 10)
    if isinstance(literal, Number):
        number = f"(CASE WHEN {VALID} AND instr({TEXT}, '\\u') = 0 THEN {body} ELSE {asked} END)"
        # A payload that is a number, alone or in quotes, begins with a sign, digit, dot, quote or blank.
        return Part(f"(CASE WHEN m.payload < x'3a' THEN {number} ELSE 0 END)", 12)
    return Part(asked, 25)
