"""A filter as an SQL condition over ``message m``.

Every part is 0 or 1, never NULL, so ``NOT`` turns each round. SQL is used where it says the same as
``subject``; where it would not (fact by fact below), a registered function asks ``subject`` itself.
"""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from mqttx_tui.capture.filters import moments, sql_json, subject
from mqttx_tui.capture.filters.evaluate import (
    FLAG_BITS,
    REFUSED,
    DecodeProperties,
    decoded,
    property_test,
    property_values,
)
from mqttx_tui.capture.filters.fields import PACKET_TYPES
from mqttx_tui.capture.filters.filter import Filter
from mqttx_tui.capture.filters.fold import contains, fold, longest_ascii
from mqttx_tui.capture.filters.nodes import (
    And,
    Anywhere,
    Comparison,
    Everything,
    Exists,
    Flag,
    Keyed,
    Literal,
    Named,
    Node,
    Not,
    Number,
    Octets,
    Or,
    Path,
    Word,
)
from mqttx_tui.capture.filters.parts import Part
from mqttx_tui.capture.filters.topicsets import (
    COLUMNS,
    Predicate,
    Subtree,
    TopicFacts,
    TopicFeed,
    TopicSet,
    about_topics,
    predicate,
    set_sql,
)
from mqttx_tui.model.message import BINARY_FRAME, OUTGOING, WEBSOCKET

Value = int | float | str | bytes
_names = itertools.count(1)
_SQL_OPERATORS = {"==": "=", "!=": "<>"}
_COLUMNS = {"size": "length(m.payload)", "wire": "m.size", "at": "m.at", "qos": "((m.flags >> 1) & 3)"}
_REPLACED = "\ufffd"


@dataclass(slots=True)
class Compiled:
    """``where`` is a condition over ``message m`` with named ``parameters``.

    Call ``refresh`` before the first statement and whenever topics may have come.
    """

    where: str = "1"
    parameters: dict[str, Value] = field(default_factory=dict)
    uses_packets: bool = False
    """Whether rows of ``packet`` that come later may change the answer."""
    sets: dict[str, TopicSet] = field(default_factory=dict)
    _feed: TopicFeed = field(default_factory=TopicFeed)

    def refresh(self, database: sqlite3.Connection) -> bool:
        """Judge topics that were not there before; False when more of them wait (call again)."""
        if not self.sets:
            return True
        new = self._feed.read(database)
        self.judge(new)
        return not new

    def judge_messages(self, database: sqlite3.Connection, low: int, high: int) -> None:
        """Judge the topics of the messages from ``low`` to ``high``."""
        if not self.sets:
            return
        rows = database.execute(
            f"SELECT {COLUMNS} FROM topic WHERE id IN "
            "(SELECT DISTINCT topic FROM message WHERE id BETWEEN ? AND ?)",
            (low, high),
        ).fetchall()
        self.judge(self._feed.facts(database, rows))

    def judge(self, topics: Sequence[tuple[int, TopicFacts]]) -> None:
        """Take in these topics, also such as were judged before."""
        if not topics:
            return
        for name, topic_set in self.sets.items():
            for identifier, topic in topics:
                topic_set.add(identifier, topic)
            self.parameters.update(topic_set.parameters(name))


def compile_filter(
    wanted: Filter,
    database: sqlite3.Connection,
    *,
    context: moments.Context | None = None,
    decode_properties: DecodeProperties | None = None,
    within: Subtree | None = None,
) -> Compiled:
    """Compile for this database connection, on which functions are registered.

    ``within`` narrows to a subtree. Times are fixed now (``context``).
    """
    if context is None:
        newest = database.execute("SELECT at FROM message ORDER BY id DESC LIMIT 1").fetchone()
        context = moments.context_now(newest[0] if newest else None)
    compiler = _Compiler(database, decode_properties or (lambda data: {}))
    node = moments.resolve(wanted.node, context)
    narrow = [] if within is None else [compiler.topic_set(within.holds)]
    part = compiler.all_of([node], narrow)
    compiler.compiled.where = part.sql
    for name, topic_set in compiler.compiled.sets.items():
        compiler.compiled.parameters.update(topic_set.parameters(name))
    return compiler.compiled


class _Compiler:
    def __init__(self, database: sqlite3.Connection, decode: DecodeProperties) -> None:
        self.database = database
        self.decode = decode
        self.compiled = Compiled()

    def bind(self, value: Value) -> str:
        """A parameter with this value."""
        name = f"p{len(self.compiled.parameters)}"
        self.compiled.parameters[name] = value
        return f":{name}"

    def function(self, ask: Callable[..., bool], *arguments: str) -> str:
        """A call of ``ask`` with SQL ``arguments``; blobs arrive as bytes."""
        name = f"mqttx_filter_{next(_names)}"
        self.database.create_function(
            name, len(arguments), lambda *values: int(ask(*values)), deterministic=True
        )
        return f"{name}({', '.join(arguments)})"

    def topic_set(self, holds: Predicate) -> Part:
        name = f"t{len(self.compiled.sets)}"
        self.compiled.sets[name] = TopicSet(holds)
        return Part(set_sql(name), 1)

    def node(self, node: Node) -> Part:
        if about_topics(node):
            return self.topic_set(predicate(node))
        match node:
            case Everything():
                return Part("1", 0)
            case And(parts):
                return self.all_of(list(parts), [])
            case Or(parts):
                return self.any_of(list(parts))
            case Not(part):
                inner = self.node(part)
                return Part(f"(NOT {inner.sql})", inner.cost)
            case Flag(name):
                return self.flag(name)
            case Anywhere(what):
                return self.anywhere(what)
            case Exists(Path() as path):
                return sql_json.exists(self, path)
            case Exists(Keyed() as keyed):
                return self.properties(lambda found: bool(property_values(found, keyed)))
        assert isinstance(node, Comparison)
        return self.test(node)

    def all_of(self, nodes: list[Node], parts: list[Part]) -> Part:
        return self._joined(nodes, parts, And, " AND ", "1")

    def any_of(self, nodes: list[Node]) -> Part:
        return self._joined(nodes, [], Or, " OR ", "0")

    def _joined(
        self, nodes: list[Node], parts: list[Part], kind: type[And] | type[Or], word: str, empty: str
    ) -> Part:
        topical = tuple(node for node in nodes if about_topics(node))
        parts = parts + [self.node(node) for node in nodes if not about_topics(node)]
        if topical:
            parts.append(self.topic_set(predicate(kind(topical))))
        parts.sort(key=lambda part: part.cost)
        if not parts:
            return Part(empty, 0)
        return Part(f"({word.join(part.sql for part in parts)})", sum(part.cost for part in parts))

    def flag(self, name: str) -> Part:
        match name:
            case "empty":
                return Part("(length(m.payload) = 0)", 1)
            case "received":
                return Part(f"((m.flags & {OUTGOING}) = 0)", 1)
            case "json":
                return Part(sql_json.VALID, 8)
            case "error":
                return self.packets(f"p.reason >= {REFUSED}")
        return Part(f"((m.flags & {FLAG_BITS[name]}) <> 0)", 1)

    def packets(self, condition: str) -> Part:
        self.compiled.uses_packets = True
        return Part(f"EXISTS(SELECT 1 FROM packet p WHERE p.message = m.id AND {condition})", 10)

    def properties(self, ask: Callable[..., bool]) -> Part:
        decode = self.decode
        call = self.function(lambda data: ask(decoded(data, decode)), "m.properties")
        return Part(f"(CASE WHEN m.properties IS NULL THEN 0 ELSE {call} END)", 40)

    def anywhere(self, what: Word | Octets) -> Part:
        if isinstance(what, Octets):
            octets = what.value
            topic = self.topic_set(lambda topic: octets in topic.name.encode())
        else:
            folded = fold(what.value)
            topic = self.topic_set(_name_contains(folded))
        payload = self.payload_contains(what)
        return Part(f"({topic.sql} OR {payload.sql})", topic.cost + payload.cost)

    def payload_contains(self, what: Word | Octets) -> Part:
        if isinstance(what, Octets):
            return Part(f"(instr(m.payload, {self.bind(what.value)}) > 0)", 3)
        return self.text_contains("CAST(m.payload AS TEXT)", fold(what.value), "m.payload")

    def text_contains(self, text: str, folded: str, blob: str) -> Part:
        """Whether the SQL ``text`` holds ``folded`` in any case; ``blob`` is the same as bytes.

        ``lower()`` and ``instr()`` are right for what is within ASCII (see ``fold``).
        """
        ascii_part = longest_ascii(folded)
        lowered = f"lower({text})" if ascii_part != ascii_part.upper() else text
        check = f"instr({lowered}, {self.bind(ascii_part)}) > 0"
        if folded.isascii():
            return Part(f"({check})", 4)
        call = self.function(lambda data: contains(subject.text_of(data), folded), blob)
        return Part(f"(CASE WHEN {check} THEN {call} ELSE 0 END)", 20)

    def test(self, test: Comparison) -> Part:
        if test.op == "in":
            return self.any_of([Comparison(test.field, "==", (value,)) for value in test.values])
        match test.field:
            case Path():
                return sql_json.test(self, test)
            case Keyed():
                return self.properties(lambda found: property_test(found, test))
            case Named("payload"):
                return self.payload(test)
            case Named("dir"):
                return self.direction(test)
            case Named("kind"):
                return self.kind(test)
            case Named("sub"):
                identifier = Comparison(Keyed("prop", "subscription_identifier"), test.op, test.values)
                return self.properties(lambda found: property_test(found, identifier))
            case Named("reason" | "packet" as name):
                return self.packet_test(name, test)
            case Named(name):
                return Part(self.numeric(_COLUMNS[name], test), 1)

    def numeric(self, column: str, test: Comparison) -> str:
        """A comparison of a column that always holds a number."""
        if test.op == "within":
            return f"({column} BETWEEN {self._number(test.values[0])} AND {self._number(test.values[1])})"
        return f"({column} {_SQL_OPERATORS.get(test.op, test.op)} {self._number(test.values[0])})"

    def _number(self, literal: Literal) -> str:
        assert isinstance(literal, Number)
        return self.bind(literal.value)

    def payload(self, test: Comparison) -> Part:
        value = test.values[0]
        if test.op == "contains":
            assert isinstance(value, Word | Octets)
            return self.payload_contains(value)
        if test.op in ("==", "!=") and isinstance(value, Octets):
            return self._same_bytes(test.op, value.value)
        if test.op in ("==", "!=") and isinstance(value, Word) and _REPLACED not in value.value:
            return self._same_bytes(test.op, value.value.encode())
        call = self.function(lambda data: subject.compare(data, test.op, test.values), "m.payload")
        if isinstance(value, Number):
            return Part(f"(CASE WHEN m.payload < x'3a' THEN {call} ELSE 0 END)", 15)
        return Part(call, 20)

    def _same_bytes(self, op: str, data: bytes) -> Part:
        return Part(f"(m.payload {_SQL_OPERATORS[op]} {self.bind(data)})", 1)

    def direction(self, test: Comparison) -> Part:
        out = (test.values[0] == Word("out")) == (test.op == "==")
        return Part(f"((m.flags & {OUTGOING}) {'<>' if out else '='} 0)", 1)

    def kind(self, test: Comparison) -> Part:
        mask = WEBSOCKET | BINARY_FRAME
        condition = {
            Word("mqtt"): f"(m.flags & {WEBSOCKET}) = 0",
            Word("text"): f"(m.flags & {mask}) = {WEBSOCKET}",
            Word("binary"): f"(m.flags & {mask}) = {mask}",
        }[test.values[0]]  # type: ignore[index]
        return Part(f"({condition})" if test.op == "==" else f"(NOT ({condition}))", 1)

    def packet_test(self, name: str, test: Comparison) -> Part:
        value = test.values[0]
        if isinstance(value, Word):
            column, there = "p.type", f"p.type IN ({', '.join(map(str, PACKET_TYPES.values()))})"
            test = Comparison(test.field, test.op, (Number(PACKET_TYPES[value.value], value.value),))
        else:
            column = "p.reason" if name == "reason" else "p.packet_id"
            there = f"{column} IS NOT NULL"
        if test.op != "!=":
            return self.packets(self.numeric(column, test))
        same = self.packets(self.numeric(column, Comparison(test.field, "==", test.values)))
        return Part(f"({self.packets(there).sql} AND NOT {same.sql})", 20)


def _name_contains(folded: str) -> Callable[[TopicFacts], bool]:
    return lambda topic: contains(topic.name, folded)
