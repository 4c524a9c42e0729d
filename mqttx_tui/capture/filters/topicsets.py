"""Questions about the topic alone, answered once per topic instead of once per message."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from mqttx_tui.capture.filters import subject
from mqttx_tui.capture.filters.evaluate import connection_test, subscription_test, topic_test
from mqttx_tui.capture.filters.nodes import And, Comparison, Named, Node, Not, Or, Topics, Word
from mqttx_tui.capture.schema import FIRST_OTHER_TOPIC

CHUNK = 5_000
"""Topics looked at in one step."""
COLUMNS = "id, name, connection, count, rate"
"""The columns of ``topic`` that ``TopicFeed.facts`` takes."""
_TOPIC_FIELDS = ("topic", "conn", "count", "rate")


class TopicFacts(NamedTuple):
    """A topic and its connection, as far as filters ask about them."""

    name: str
    letter: str
    connection_name: str
    connection: int
    messages: int
    rate: float


Predicate = Callable[[TopicFacts], bool]


@dataclass(frozen=True, slots=True)
class Subtree:
    """What the stream is narrowed to: a connection (None: all) and a topic with all below it.

    ``prefix`` None is every topic of the connection; ``exact`` leaves out what is below.
    """

    connection: int | None = None
    prefix: str | None = None
    exact: bool = False

    def holds(self, topic: TopicFacts) -> bool:
        """Whether the topic lies in it."""
        if self.connection is not None and topic.connection != self.connection:
            return False
        if self.prefix is None or topic.name == self.prefix:
            return True
        return not self.exact and topic.name.startswith(self.prefix + "/")


def about_topics(node: Node) -> bool:
    """Whether the answer is the same for every message of a topic."""
    match node:
        case And(parts) | Or(parts):
            return all(about_topics(part) for part in parts)
        case Not(part):
            return about_topics(part)
        case Topics():
            return True
        case Comparison(Named("sub"), _, values):
            return all(isinstance(value, Word) for value in values)
        case Comparison(Named(name), _, _):
            return name in _TOPIC_FIELDS
    return False


def predicate(node: Node) -> Predicate:
    """The node as a function of a topic; only for nodes that are ``about_topics``."""
    match node:
        case And(parts):
            every = [predicate(part) for part in parts]
            return lambda topic: all(part(topic) for part in every)
        case Or(parts):
            some = [predicate(part) for part in parts]
            return lambda topic: any(part(topic) for part in some)
        case Not(part):
            inner = predicate(part)
            return lambda topic: not inner(topic)
        case Topics(topic_filter):
            match_name = re.compile(topic_pattern(topic_filter)).match
            return lambda topic: match_name(topic.name) is not None
    assert isinstance(node, Comparison)
    assert isinstance(node.field, Named)
    return _test(node, node.field.name)


def _test(test: Comparison, name: str) -> Predicate:
    match name:
        case "topic":
            return lambda topic: topic_test(topic.name, test)
        case "conn":
            return lambda topic: connection_test(topic.letter, topic.connection_name, test)
        case "sub":
            return lambda topic: subscription_test([], topic.name, test)
        case "count":
            return lambda topic: subject.compare(topic.messages, test.op, test.values)
    return lambda topic: subject.compare(topic.rate, test.op, test.values)


def topic_pattern(topic_filter: str) -> str:
    """A regular expression (for ``match``) that says what ``model.topics.filter_matches`` says."""
    levels = topic_filter.split("/")
    if levels[0] == "$share":
        levels = levels[2:]
    start = r"(?!\$)" if levels and levels[0] in ("+", "#") else ""
    out = ""
    for number, level in enumerate(levels):
        if level == "#":
            return rf"(?s:{start}{out}" + (r"(?:/.*)?)\Z" if number else r".*)\Z")
        out += ("/" if number else "") + (r"[^/]*" if level == "+" else re.escape(level))
    return rf"(?s:{start}{out})\Z"


class TopicSet:
    """The topics for which a predicate holds, as bytes by topic id (1: holds)."""

    def __init__(self, holds: Predicate) -> None:
        self._holds = holds
        self._low = bytearray(1)
        self._other = bytearray(1)

    def parameters(self, name: str) -> dict[str, bytes]:
        """The bytes for the statement in which ``sql(name)`` stands."""
        return {name: bytes(self._low), f"{name}_other": bytes(self._other)}

    def add(self, identifier: int, topic: TopicFacts) -> None:
        """Judge one more topic."""
        if identifier < FIRST_OTHER_TOPIC:
            bits, index = self._low, identifier
        else:
            bits, index = self._other, identifier - FIRST_OTHER_TOPIC
        if index >= len(bits):
            bits.extend(bytes(index + 1 - len(bits)))
        bits[index] = self._holds(topic)


def set_sql(name: str) -> str:
    """Whether the message's topic is in the set whose parameters are called ``name``; 0 or 1."""
    return (
        f"(CASE WHEN m.topic < {FIRST_OTHER_TOPIC} THEN substr(:{name}, m.topic + 1, 1) "
        f"ELSE substr(:{name}_other, m.topic - {FIRST_OTHER_TOPIC - 1}, 1) END = x'01')"
    )


class TopicFeed:
    """Reads topics that were not there before, in steps."""

    def __init__(self) -> None:
        self._last = 0
        self._last_other = FIRST_OTHER_TOPIC - 1
        self._connections: dict[int, tuple[str, str]] = {}

    def read(self, database: sqlite3.Connection) -> list[tuple[int, TopicFacts]]:
        """The next topics, at most ``CHUNK`` of each kind; empty when there are none."""
        low = self._range(database, self._last, FIRST_OTHER_TOPIC)
        other = self._range(database, self._last_other, (1 << 63) - 1)
        if low:
            self._last = low[-1][0]
        if other:
            self._last_other = other[-1][0]
        return low + other

    def _range(self, database: sqlite3.Connection, after: int, before: int) -> list[tuple[int, TopicFacts]]:
        rows = database.execute(
            f"SELECT {COLUMNS} FROM topic WHERE id > ? AND id < ? ORDER BY id LIMIT ?", (after, before, CHUNK)
        ).fetchall()
        return self.facts(database, rows)

    def facts(
        self, database: sqlite3.Connection, rows: Sequence[Sequence[Any]]
    ) -> list[tuple[int, TopicFacts]]:
        """Rows of ``COLUMNS`` with what is known of their connections."""
        if any(row[2] not in self._connections for row in rows):
            found = database.execute("SELECT id, letter, name FROM connection").fetchall()
            self._connections = {row[0]: (row[1], row[2]) for row in found}
        return [
            (row[0], TopicFacts(row[1], *self._connections.get(row[2], ("", "")), row[2], row[3], row[4]))
            for row in rows
        ]
