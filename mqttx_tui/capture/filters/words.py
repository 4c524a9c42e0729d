"""A filter read back in words, so that a person sees what it was taken for."""

from __future__ import annotations

from mqttx_tui.capture.filters.fields import FIELDS, FLAGS
from mqttx_tui.capture.filters.nodes import (
    And,
    Anywhere,
    Comparison,
    Constant,
    Everything,
    Exists,
    Field,
    Flag,
    Keyed,
    Literal,
    Moment,
    Named,
    Node,
    Not,
    Number,
    Octets,
    Or,
    Path,
    Topics,
    Word,
)
from mqttx_tui.model.jsonpath import path_text

_OPERATORS = {
    "==": "equal to",
    "!=": "not equal to",
    "<": "below",
    "<=": "at most",
    ">": "above",
    ">=": "at least",
    "~": "matching",
    "!~": "not matching",
    "contains": "containing",
}
_TIMES = {**_OPERATORS, "==": "at", "!=": "not at", "<": "before", "<=": "up to", ">": "after", ">=": "from"}


def in_words(node: Node) -> str:
    """The filter as a sentence without a full stop."""
    match node:
        case Everything():
            return "everything"
        case And(parts):
            return " and ".join(_grouped(part, Or) for part in parts)
        case Or(parts):
            return " or ".join(_grouped(part, And) for part in parts)
        case Not(part):
            return _opposite(part)
        case Flag(name):
            return FLAGS[name]
        case Topics(topic_filter):
            return f"topic matches {topic_filter}"
        case Anywhere(what):
            return f"contains {_literal(what, quoted=True)}"
        case Exists(field):
            return f"{_field(field)} is present"
    assert isinstance(node, Comparison)
    return _test(node)


def _opposite(node: Node) -> str:
    match node:
        case Flag(name):
            return f"not {FLAGS[name]}"
        case Topics(topic_filter):
            return f"topic does not match {topic_filter}"
        case Anywhere(what):
            return f"does not contain {_literal(what, quoted=True)}"
        case Exists(field):
            return f"{_field(field)} is missing"
    return f"not ({in_words(node)})"


def _grouped(node: Node, other: type[And] | type[Or]) -> str:
    text = in_words(node)
    return f"({text})" if isinstance(node, other) else text


def _field(field: Field) -> str:
    match field:
        case Named(name):
            return FIELDS[name].words
        case Path(()):
            return "the whole payload"
        case Path(steps):
            return f"payload field {path_text(steps).removeprefix('.')}"
        case Keyed("user", key):
            return f"user property {key}"
        case Keyed(_, key):
            return f"property {key.replace('_', ' ')}"


def _test(test: Comparison) -> str:
    field = _field(test.field)
    if test.field == Named("topic") and test.op in ("==", "!=") and _has_wildcard(test.values[0]):
        verb = "matches" if test.op == "==" else "does not match"
        return f"topic {verb} {_literal(test.values[0])}"
    if test.op == "within":
        return f"{field} from {_literal(test.values[0])} to {_literal(test.values[1])}"
    if test.op == "in":
        return f"{field} one of {', '.join(_literal(value) for value in test.values)}"
    operators = _TIMES if test.field == Named("at") else _OPERATORS
    return f"{field} {operators[test.op]} {_literal(test.values[0])}"


def _has_wildcard(literal: Literal) -> bool:
    levels = literal.value.split("/") if isinstance(literal, Word) else []
    return "+" in levels or "#" in levels


def _literal(literal: Literal, *, quoted: bool = False) -> str:
    match literal:
        case Number(_, text):
            return text
        case Constant(value):
            return {True: "true", False: "false", None: "null"}[value]
        case Octets(value):
            return f"bytes {value.hex(' ')}"
        case Moment(text):
            return "the mark" if literal.mark else f"{text[1:]} ago" if literal.ago is not None else text
        case Word(text):
            needs = quoted or not text or text != text.strip() or " " in text
            return f'"{text}"' if needs else text
