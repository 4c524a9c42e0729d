"""Requests and answers by their id: JSON-RPC 2.0, and other protocols of JSON messages that number theirs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeGuard

from mqttx_tui.payload.fields import json_value

FIELDS = ("id", "request_id", "requestId", "msg_id")
"""Fields that hold an id, the first one that is there counts."""
LIMIT = 65_536
"""Longest payload in bytes that is looked at while a screen waits."""


@dataclass(frozen=True, slots=True)
class Call:
    """The id of a message. ``asks`` and ``answers`` tell what it says it is; both False: nothing does.

    A number and a text are different ids, though they look alike.
    """

    field: str
    value: int | str
    asks: bool = False
    answers: bool = False

    def same(self, other: Call | None) -> bool:
        """Whether both carry the same id."""
        return (
            other is not None
            and (other.field, other.value) == (self.field, self.value)
            and isinstance(other.value, str) == isinstance(self.value, str)
        )


def call_of(data: bytes, limit: int = LIMIT) -> Call | None:
    """The id that a payload carries (JSON-RPC 2.0 §4, §5); None for every other payload, and for one of
    more than ``limit`` bytes."""
    if len(data) > limit or data.lstrip(b" \t\r\n")[:1] != b"{":
        return None
    try:
        found = json_value(data)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    for field in FIELDS:
        value = found.get(field)
        if _is_id(value):
            asks = isinstance(found.get("method"), str)
            return Call(field, value, asks, not asks and _answers(found))
    return None


def _answers(found: dict[str, object]) -> bool:
    """Whether nothing is to be answered any more: a result or an error of JSON-RPC, an end in GraphQL."""
    return "result" in found or "error" in found or found.get("type") == "complete"


def _is_id(value: object) -> TypeGuard[int | str]:
    """Whether it may be an id that the capture can be asked for."""
    if isinstance(value, str):
        return 0 < len(value) <= 200 and value.isprintable()
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 63
