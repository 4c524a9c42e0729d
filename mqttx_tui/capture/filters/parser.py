"""The grammar of the filter language: text into a tree."""

from __future__ import annotations

import re
import warnings

from mqttx_tui.capture.filters import literals, suggest
from mqttx_tui.capture.filters.errors import FilterError
from mqttx_tui.capture.filters.fields import CHOICE_ALIASES, FIELDS, FLAGS, PACKET_TYPES, TEXTUAL
from mqttx_tui.capture.filters.nodes import (
    And,
    Anywhere,
    Comparison,
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
from mqttx_tui.capture.filters.scanner import Scanner
from mqttx_tui.model.errors import InputError
from mqttx_tui.model.jsonpath import PathSyntaxError, read_quoted
from mqttx_tui.model.topics import check_filter

_ORDERING = ("<", "<=", ">", ">=", "within")
_DEEPEST = 100
_KEYED = ("prop.", "user.")


def parse_node(text: str) -> Node:
    """The tree of a filter; raises ``FilterError``."""
    return _Parser(text).whole()


class _Parser:
    def __init__(self, text: str) -> None:
        self.scan = Scanner(text)
        self.depth = 0

    def whole(self) -> Node:
        if self.scan.at_end():
            return Everything()
        node = self.any_of()
        if not self.scan.at_end():
            raise FilterError(self.scan.column, suggest.for_symbol(self.scan.peek()))
        return node

    def any_of(self) -> Node:
        parts = [self.all_of()]
        while self.scan.take("||") or self.scan.take_keyword("or"):
            parts.append(self.all_of())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def all_of(self) -> Node:
        parts = [self.negation()]
        while True:
            if self.scan.take("&&") or self.scan.take_keyword("and") or self._another_follows():
                parts.append(self.negation())
            else:
                return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _another_follows(self) -> bool:
        return not (
            self.scan.at_end()
            or self.scan.peek() in (")", ",")
            or self.scan.peek_word() == "or"
            or self.scan.text.startswith("||", self.scan.position)
        )

    def negation(self) -> Node:
        if self.scan.take_keyword("not"):
            return Not(self.negated())
        if self.scan.peek() == "!" and self.scan.peek_operator() == "":
            self.scan.take("!")
            return Not(self.negated())
        return self.primary()

    def negated(self) -> Node:
        self._deeper()
        node = self.negation()
        self.depth -= 1
        return node

    def _deeper(self) -> None:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise FilterError(self.scan.column, f"more than {_DEEPEST} levels of brackets and not")

    def primary(self) -> Node:
        start = self.scan.column
        symbol = self.scan.peek()
        if not symbol:
            raise FilterError(start, "expected a word, a field or ( here, but the filter ends")
        if symbol == "(":
            return self.bracket(start)
        if symbol == ".":
            return self.tested(Path(self.scan.take_path()), start)
        octets = self.scan.take_octets()
        if octets is not None:
            return Anywhere(octets)
        string = self.scan.take_string()
        if string is not None:
            self._no_operator_after(start, string)
            return Anywhere(Word(string))
        if self.scan.peek_operator() in ("contains", "in"):
            operator = self.scan.peek_operator()
            raise FilterError(start, f'expected a field before {operator} (in quotes, "{operator}" is text)')
        word = self.scan.peek_word()
        if not word:
            raise FilterError(start, suggest.for_symbol(self.scan.peek_operator() or symbol))
        return self.word(word, start)

    def bracket(self, start: int) -> Node:
        self.scan.take("(")
        self._deeper()
        if self.scan.peek() == ")":
            raise FilterError(self.scan.column, "expected a filter between ( and )")
        node = self.any_of()
        self.depth -= 1
        if not self.scan.take(")"):
            raise FilterError(start, "expected a closing ) for this one")
        return node

    def word(self, word: str, start: int) -> Node:
        if word.startswith(_KEYED):
            return self.tested(self.keyed(), start)
        if word in ("and", "or"):
            raise FilterError(
                start, f'expected a word, a field or (, not {word} (in quotes, "{word}" is text)'
            )
        self.scan.take_word()
        if word in FIELDS:
            return self.tested(Named(word), start)
        operator = self.scan.peek_operator()
        if operator:
            raise FilterError(start, f"{word} {suggest.for_unknown_field(word, operator)}")
        if word in FLAGS:
            return Flag(word)
        levels = word.split("/")
        if "+" in levels or "#" in levels:
            try:
                check_filter(word)
            except InputError as error:
                raise FilterError(
                    start, f"{word} is not a topic filter: {error.message}", hint=error.hint
                ) from None
            return Topics(word)
        return Anywhere(Word(word))

    def keyed(self) -> Keyed:
        start = self.scan.skip()
        kind = self.scan.text[start : start + 4]
        self.scan.position = start + 5
        key_at, text = self.scan.position, self.scan.text
        if text[key_at : key_at + 1] in ("'", '"') and text[key_at : key_at + 1]:
            try:
                key, self.scan.position = read_quoted(text, key_at)
            except PathSyntaxError as error:
                raise FilterError(error.position + 1, f"expected {error.expected} for this one") from None
        else:
            match = re.compile(r"[\w\-$@]+").match(text, key_at)
            if match is None:
                raise FilterError(key_at + 1, f"expected the name of a property after {kind}.")
            key, self.scan.position = match[0], match.end()
        self.scan.check_end("an operator or a blank after the property")
        return Keyed(kind, key.replace("-", "_") if kind == "prop" else key)

    def _no_operator_after(self, start: int, string: str) -> None:
        operator = self.scan.peek_operator()
        if operator:
            raise FilterError(
                start, f'a text in quotes is not a field; did you mean ."{string}" {operator} …?'
            )

    def tested(self, field: Field, start: int) -> Node:
        at = self.scan.column
        if not self.scan.peek_operator():
            if isinstance(field, Named):
                raise FilterError(start, suggest.for_lonely_field(field.name))
            return Exists(field)
        operator = self.scan.take_operator()
        allowed = FIELDS[field.name].operators if isinstance(field, Named) else TEXTUAL
        if operator not in allowed:
            name = field.name if isinstance(field, Named) else ""
            raise FilterError(at, suggest.for_operator(name, operator, allowed))
        if operator == "in":
            return self.membership(field)
        return Comparison(field, operator, (self.value(field, operator),))

    def membership(self, field: Field) -> Comparison:
        if not self.scan.take("("):
            return self.range(field)
        values = [self.value(field, "in")]
        while self.scan.take(","):
            values.append(self.value(field, "in"))
        if not self.scan.take(")"):
            raise FilterError(self.scan.column, "expected , or ) in the list of values")
        return Comparison(field, "in", tuple(values))

    def range(self, field: Field) -> Comparison:
        start = self.scan.column
        if isinstance(field, Named) and FIELDS[field.name].kind in ("choice", "subscription", "packet"):
            raise FilterError(start, f"expected ( and a list of values for {field.name}")
        low = self.value(field, "within", until_dots=True)
        if not self.scan.take(".."):
            raise FilterError(
                self.scan.column, "expected .. and the other end, or a list in brackets", hint="in 1..5"
            )
        high = self.value(field, "within")
        if type(low) is not type(high):
            raise FilterError(start, "the two ends of a range must both be numbers or both be text")
        return Comparison(field, "within", (low, high))

    def value(self, field: Field, op: str, *, until_dots: bool = False) -> Literal:
        start = self.scan.column
        octets = self.scan.take_octets()
        if octets is not None:
            return self._octets(field, op, octets, start)
        string = self.scan.take_string()
        if string is not None:
            return self.literal(field, op, string, start, quoted=True)
        word = self.scan.peek_word()
        if until_dots and ".." in word:
            word = word[: word.index("..")]
        if not word:
            raise FilterError(start, "expected a value, such as 20 or on")
        self.scan.position += len(word)
        return self.literal(field, op, word, start, quoted=False)

    def _octets(self, field: Field, op: str, octets: Octets, start: int) -> Octets:
        whole = field in (Named("payload"), Path(())) or isinstance(field, Keyed)
        if not whole or op not in ("==", "!=", "in", "contains"):
            raise FilterError(start, "bytes can be compared (==, !=, contains) with payload only")
        return octets

    def literal(self, field: Field, op: str, text: str, start: int, *, quoted: bool) -> Literal:
        if op in ("~", "!~"):
            _check_pattern(text, start)
            return Word(text)
        if op == "contains":
            return Word(text)
        if isinstance(field, Named):
            return _named_literal(field.name, text, start, quoted)
        return _free_literal(text, op, start, quoted, constants=isinstance(field, Path))


def _check_pattern(text: str, start: int) -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(text, re.IGNORECASE)
    except (re.error, OverflowError, RecursionError) as error:
        raise FilterError(start, f"not a regular expression: {error}") from None


def _free_literal(text: str, op: str, start: int, quoted: bool, *, constants: bool) -> Literal:
    if quoted:
        return Word(text)
    plain = literals.number(text)
    if plain is not None:
        return Number(plain, text)
    if constants and text in literals.CONSTANTS:
        if op in _ORDERING:
            raise FilterError(start, f"{text} can only be compared with == or !=")
        return literals.CONSTANTS[text]
    if op in _ORDERING and literals.has_unit(text):
        raise FilterError(
            start,
            f"a unit ({text}) has no meaning for a field of the payload; write the number alone",
            hint="units are for size, wire, age, at and rate",
        )
    return Word(text)


def _named_literal(name: str, text: str, start: int, quoted: bool) -> Literal:
    row = FIELDS[name]
    match row.kind:
        case "text":
            return Word(text)
        case "free":
            return _free_literal(text, "==", start, quoted, constants=False)
        case "choice":
            return _choice(name, text, start)
        case "time":
            return _time(text, start)
        case "subscription":
            return literals.as_number(literals.number(text), text) or _topic_filter(text, start)
        case "packet":
            return literals.as_number(literals.number(text), text) or _packet(text, start)
    read = {"bytes": literals.size, "duration": literals.duration, "rate": literals.rate}
    number = literals.as_number(read.get(row.kind, literals.number)(text), text)
    if number is None:
        raise FilterError(start, f"{name} needs a number, not {text}; for example {row.example}")
    return number


def _choice(name: str, text: str, start: int) -> Word:
    value = CHOICE_ALIASES[name].get(text.lower(), text.lower())
    if value not in FIELDS[name].choices:
        raise FilterError(start, f"{name} is one of {', '.join(FIELDS[name].choices)}, not {text}")
    return Word(value)


def _packet(text: str, start: int) -> Word:
    if text.lower() not in PACKET_TYPES:
        raise FilterError(
            start, f"packet is a packet identifier or one of {', '.join(PACKET_TYPES).upper()}, not {text}"
        )
    return Word(text.lower())


def _topic_filter(text: str, start: int) -> Word:
    try:
        check_filter(text)
    except InputError as error:
        raise FilterError(start, f"{text} is not a topic filter: {error.message}", hint=error.hint) from None
    return Word(text)


def _time(text: str, start: int) -> Moment:
    try:
        found = literals.moment(text)
    except ValueError as error:
        raise FilterError(start, f"{text} is not a time: {error}") from None
    if found is None:
        raise FilterError(
            start, f"at needs a time, not {text}; for example 12:30, 2026-11-21T12:30, -5m or mark"
        )
    return found
