"""What may stand where the cursor is: for the list under a filter that is being typed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from mqttx_tui.capture.filters.fields import FIELDS, FLAGS, PACKET_TYPES, PROPERTIES

MOST = 50
_TOKEN = re.compile(r"""(?:[^\s()"',=!<>~&|]|"(?:[^"\\]|\\.)*"?)*\Z""")
_COMPARED = re.compile(
    r"""(?P<field>[\w.\-$@"\[\]*]+)\s*(?:==|!=|<=|>=|!~|[=<>~]|\b(?:contains|in)\b)\s*(?:\([^()]*)?\Z"""
)
_TIMES = ("mark", "-5m", "-1h")


class Option(NamedTuple):
    """A text to put in, and a few words about it."""

    text: str
    about: str


class Completion(NamedTuple):
    """``options`` for the characters from ``start`` to ``end`` of the filter.

    ``wanted``: a word was begun, or a value has to follow; else they are what could stand there, too.
    """

    start: int
    end: int
    options: list[Option]
    wanted: bool = True


def complete(
    text: str,
    cursor: int,
    *,
    paths: Iterable[str] = (),
    topics: Iterable[str] = (),
    users: Iterable[str] = (),
    connections: Iterable[str] = (),
) -> Completion:
    """What fits at ``cursor``, best first, at most ``MOST``.

    ``paths`` (``.value``), ``topics``, ``users`` (keys of user properties) and ``connections`` (letters or
    names) are those seen so far.
    """
    match = _TOKEN.search(text, 0, cursor)
    start = match.start() if match else cursor
    token = text[start:cursor]
    compared = _COMPARED.search(text[:start])
    if compared:
        options = _values(compared["field"], topics, connections)
    elif token.startswith("."):
        options = [Option(path, "payload") for path in paths]
    elif token.startswith("user."):
        options = [Option(f"user.{key}", "user property") for key in users]
    elif token.startswith("prop."):
        options = [Option(f"prop.{name}", "property") for name in PROPERTIES]
    else:
        options = _beginnings(text[:start], topics)
    return Completion(start, cursor, _fitting(options, token), wanted=bool(token or compared))


def _values(field: str, topics: Iterable[str], connections: Iterable[str]) -> list[Option]:
    if field in ("topic", "sub"):
        return [Option(_quoted(topic), "topic") for topic in topics]
    if field == "conn":
        return [Option(_quoted(name), "connection") for name in connections]
    if field == "packet":
        return [Option(name.upper(), "packet") for name in PACKET_TYPES]
    if field in ("at",):
        return [Option(moment, "time") for moment in _TIMES]
    if field in FIELDS:
        return [Option(choice, FIELDS[field].words) for choice in FIELDS[field].choices]
    return [Option(constant, "JSON") for constant in ("true", "false", "null")] if field[:1] == "." else []


def _beginnings(before: str, topics: Iterable[str]) -> list[Option]:
    options = [Option(row.name, row.example) for row in FIELDS.values()]
    options += [Option(flag, words) for flag, words in FLAGS.items()]
    options += [
        Option("not", "the opposite"),
        Option("prop.", "MQTT 5 property"),
        Option("user.", "user property"),
    ]
    if before.strip() and not before.rstrip().endswith(("(", "!", "&", "|")):
        options += [Option("and", "both"), Option("or", "one of them")]
    return options + [Option(_quoted(topic), "topic") for topic in topics]


def _fitting(options: Sequence[Option], token: str) -> list[Option]:
    wanted = token.lower().lstrip('"')
    first = [option for option in options if option.text.lower().lstrip('"').startswith(wanted)]
    later = [option for option in options if wanted in option.text.lower() and option not in first]
    return [option for option in first + later if option.text != token][:MOST]


def _quoted(text: str) -> str:
    """``text`` as a value: in quotes where a word would end."""
    if text and not re.search(r"""[\s()"',=!<>~&|]""", text):
        return text
    return '"' + text.replace('"', '\\"') + '"'
