"""GraphQL over WebSocket: ``graphql-transport-ws``, and the older ``graphql-ws``."""

from __future__ import annotations

import json
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


class GraphQl:
    """The operation as a person writes it, with its variables; results and errors laid out."""

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
            message = _message(utf8(data, complete=True))
        except ValueError:
            return -1.0
        operation = message.get("type") in ("subscribe", "start") and "id" in message
        return 0.9 if operation and isinstance(_query(message), str) else -1.0

    def decode(self, data: bytes, context: Context) -> str:
        """The text; raises ``ValueError`` where it is no such message."""
        message = _message(utf8(data, complete=context.complete))
        kind = message.get("type")
        if kind not in TYPES:
            raise ValueError(f"{str(kind)[:40]!r} is no type of message of GraphQL over WebSocket")
        head = str(kind)
        if "id" in message:
            head += f"  id {json.dumps(message['id'], ensure_ascii=False)}"
        lines = [head]
        payload = message.get("payload")
        query = _query(message)
        if isinstance(query, str) and isinstance(payload, dict):
            lines += ["", query.strip()]
            payload = {name: value for name, value in payload.items() if name != "query"}
            payload = {name: value for name, value in payload.items() if value not in (None, {}, "")}
        if payload not in (None, {}):
            lines += ["", _laid_out(payload)]
        others = {name: value for name, value in message.items() if name not in ("type", "id", "payload")}
        if others:
            lines += ["", _laid_out(others)]
        return "\n".join(lines)


def _message(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except RecursionError:
        raise ValueError("nested too deep") from None
    if not isinstance(found, dict):
        raise ValueError("no JSON object")
    return found


def _query(message: dict[str, Any]) -> object:
    payload = message.get("payload")
    return payload.get("query") if isinstance(payload, dict) else None


def _laid_out(value: object) -> str:
    return jsontext.pretty(json.dumps(value, ensure_ascii=False))
