"""GraphQL over WebSocket: ``graphql-transport-ws``, and the older ``graphql-ws``."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from mqttx_tui.payload import jsontext
from mqttx_tui.payload.base import Context
from mqttx_tui.payload.decoders import utf8

SUBPROTOCOLS = ("graphql-transport-ws", "graphql-ws")
TYPES = (
    *("connection_init", "connection_ack", "ping", "pong", "subscribe", "next", "error", "complete"),
    *("start", "stop", "data", "ka", "connection_error", "connection_terminate"),
)
"""Of the newer subprotocol, and below it what only the older one has."""


_DECODER = json.JSONDecoder()
_BLANKS = re.compile(r"[ \t\r\n]*")


@dataclass(frozen=True, slots=True)
class _Member:
    """A member of a JSON object: ``text`` is the value as it is spelled there."""

    name: str
    text: str
    value: Any


class GraphQl:
    """The operation as a person writes it, with its variables; results and errors laid out, as spelled."""

    name = "graphql"
    syntax = "text"

    def priority(self, data: bytes, context: Context) -> float:
        """Sure by the subprotocol, and by an operation: a type, an id and a query."""
        if not context.frame:
            return -1.0
        if context.subprotocol in SUBPROTOCOLS:
            return 0.97
        if not (context.complete and data[:1] == b"{" and b'"query"' in data):
            return -1.0
        try:
            found = {member.name: member for member in _members(utf8(data, complete=True))}
        except ValueError:
            return -1.0
        operation = "id" in found and "type" in found and found["type"].value in ("subscribe", "start")
        return 0.9 if operation and "payload" in found and _query(found["payload"]) is not None else -1.0

    def decode(self, data: bytes, context: Context) -> str:
        """The text; raises ``ValueError`` where it is no such message."""
        members = _members(utf8(data, complete=context.complete))
        found = {member.name: member for member in members}
        kind = found["type"].value if "type" in found else None
        if kind not in TYPES:
            raise ValueError(f"{str(kind)[:40]!r} is no type of message of GraphQL over WebSocket")
        lines = [f"{kind}  id {found['id'].text}" if "id" in found else str(kind)]
        payload = found.get("payload")
        query = _query(payload) if payload is not None else None
        if payload is not None and query is not None:
            rest = [one for one in _members(payload.text) if one.name != "query"]
            lines += ["", query.strip()]
            lines += _object([one for one in rest if one.value not in (None, {}, "")])
        elif payload is not None and payload.value not in (None, {}):
            lines += ["", jsontext.pretty(payload.text)]
        lines += _object([one for one in members if one.name not in ("type", "id", "payload")])
        return "\n".join(lines)


def _members(text: str) -> list[_Member]:
    """The members of a JSON object in their order. Raises ``ValueError``."""
    try:
        found, end = _parsed(text)
    except RecursionError:
        raise ValueError("nested too deep") from None
    if end != len(text):
        raise ValueError("something follows the JSON object")
    return found


def _parsed(text: str) -> tuple[list[_Member], int]:
    """The members, and where the object ends with the blanks behind it."""
    found: list[_Member] = []
    mark, at = _mark(text, 0)
    if mark != "{":
        raise ValueError("no JSON object")
    if text[at : at + 1] == "}":
        return found, _mark(text, at)[1]
    while mark != "}":
        name, at = _DECODER.raw_decode(text, at)
        colon, start = _mark(text, at)
        if not isinstance(name, str) or colon != ":":
            raise ValueError("a member is a name, a colon and a value")
        value, end = _DECODER.raw_decode(text, start)
        found.append(_Member(name, text[start:end], value))
        mark, at = _mark(text, end)
        if mark not in (",", "}"):
            raise ValueError("a comma or } follows a value")
    return found, at


def _mark(text: str, at: int) -> tuple[str, int]:
    """The next character that is no blank, and where the one after it stands."""
    at = _skip(text, at)
    return text[at : at + 1], _skip(text, at + 1)


def _skip(text: str, at: int) -> int:
    found = _BLANKS.match(text, at)
    return found.end() if found else at


def _query(payload: _Member) -> str | None:
    query = payload.value.get("query") if isinstance(payload.value, dict) else None
    return query if isinstance(query, str) else None


def _object(members: list[_Member]) -> list[str]:
    """An empty line and the members as an object; nothing where there are none."""
    if not members:
        return []
    text = ",".join(f"{json.dumps(one.name, ensure_ascii=False)}:{one.text}" for one in members)
    return ["", jsontext.pretty(f"{{{text}}}")]
