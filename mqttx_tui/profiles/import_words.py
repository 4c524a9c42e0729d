"""A command line as it was typed into a shell, taken apart into options and words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath

from mqttx_tui.model.errors import InputError

_OPERATORS = "|&;<>"
_OPERATOR = re.compile(r"&?[<>]+&?|[|&;]+")
_DOUBLE = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ESCAPED = re.compile(r'\\([$`"\\])')
_PLAIN = re.compile(r"""[^\s'"\\|&;<>]+""")
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
_PREFIXES = frozenset(("sudo", "exec", "env", "time", "$", "#", "%", ">"))


@dataclass(frozen=True, slots=True)
class Given:
    """What stood on a command line.

    ``options`` are (our name, as it was written, values) in their order; ``left_out`` names what has no
    meaning here, without its values: a secret may be among them.
    """

    options: list[tuple[str, str, list[str]]] = field(default_factory=list, repr=False)
    words: list[str] = field(default_factory=list, repr=False)
    left_out: list[str] = field(default_factory=list)


Spec = Mapping[str, tuple[str, int]]
"""An option as it is written, to our name ("" for one without a meaning here) and its number of values."""


class Word(str):
    """A word of a shell line; ``literal`` when a shell would look for no variable in it."""

    literal: bool = False


def commands(text: str) -> list[list[str]]:
    """The words of each command of a shell line; redirections are left out.

    Raises ``InputError`` for a quote that is not closed.
    """
    found: list[list[str]] = [[]]
    redirected = False
    for word, operator in _tokens(text):
        if not operator:
            if not redirected:
                found[-1].append(word)
            redirected = False
        elif "<" in word or ">" in word:
            if found[-1] and len(found[-1][-1]) == 1 and found[-1][-1].isdigit():
                found[-1].pop()
            redirected = True
        else:
            found.append([])
            redirected = False
    return [command for command in map(_without_prefixes, found) if command]


def _tokens(text: str) -> Iterator[tuple[Word, bool]]:
    """(word, whether it is an operator), as a POSIX shell reads them (XCU 2.2, 2.3)."""
    at = 0
    while at < len(text):
        if text[at].isspace() or (text[at] == "\\" and not text[at + 1 : at + 2].strip()):
            at += 1  # a backslash alone: the line went on below, perhaps made one line by a field
            continue
        operator = _OPERATOR.match(text, at)
        if operator is not None:
            at = operator.end()
            yield Word(operator[0]), True
            continue
        parts: list[str] = []
        literal = True
        while at < len(text) and not text[at].isspace() and text[at] not in _OPERATORS:
            part, at, searched = _part(text, at)
            parts.append(part)
            literal = literal and not searched
        word = Word("".join(parts))
        word.literal = literal
        yield word, False


def _part(text: str, at: int) -> tuple[str, int, bool]:
    """A stretch of a word, its end, and whether a shell would look for variables in it."""
    if text[at] == "'":
        end = text.find("'", at + 1)
        if end < 0:
            raise _unclosed()
        return text[at + 1 : end], end + 1, False
    if text[at] == '"':
        quoted = _DOUBLE.match(text, at)
        if quoted is None:
            raise _unclosed()
        return _ESCAPED.sub(r"\1", quoted[1]), quoted.end(), True
    if text[at] == "\\":
        return text[at + 1 : at + 2].strip("\n"), at + 2, False
    plain = _PLAIN.match(text, at)
    assert plain is not None
    return plain[0], plain.end(), True


def _unclosed() -> InputError:
    return InputError("a quote is not closed", title="Not imported", hint="copy the whole line")


def _without_prefixes(words: list[str]) -> list[str]:
    while words and (words[0] in _PREFIXES or _ASSIGNMENT.match(words[0])):
        words = words[1:]
    return words


def name_of(word: str) -> str:
    """The name of a program, without its path."""
    return PurePath(word).name.removesuffix(".exe").lower()


def read_options(words: list[str], spec: Spec, *, several: frozenset[str] = frozenset()) -> Given:
    """Sort words into options and the rest.

    A value may follow as the next word or after ``=``. Options in ``several`` (our names) take all words
    up to the next option.
    """
    given = Given()
    index = 0
    while index < len(words):
        word = words[index]
        index += 1
        if not word.startswith("-") or word == "-":
            given.words.append(word)
            continue
        written, equals, value = word.partition("=")
        if written not in spec:
            given.left_out.append(written)
            continue
        name, count = spec[written]
        values = [value] if equals else []
        if name == "property" and words[index + 1 : index + 2] == ["user-property"]:
            count += 1
        while len(values) < count and index < len(words):
            values.append(words[index])
            index += 1
        if name in several:
            while index < len(words) and not words[index].startswith("-"):
                values.append(words[index])
                index += 1
        if not name or len(values) < count:
            given.left_out.append(written)
        else:
            given.options.append((name, written, values))
    return given
