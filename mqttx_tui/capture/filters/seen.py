"""What a capture has shown so far that a filter may ask for: topics, fields of payloads, properties.

Only the topics that changed last are looked at, and of each its last message: a bounded piece of work
for a thread, whatever the capture's size.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mqttx_tui.capture.filters.evaluate import DecodeProperties, decoded
from mqttx_tui.capture.opening import open_readonly
from mqttx_tui.model.errors import AppError
from mqttx_tui.model.jsonpath import EVERY, Step, path_text

MOST_TOPICS = 500
MOST_PATHS = 1_000
LONGEST_PAYLOAD = 16_384
"""Bytes; longer payloads are not looked into."""
MOST_BYTES = 2_000_000
_DEEPEST = 6
_ELEMENTS = 3
"""So many elements of an array are looked at."""
_FIELDS_A_PAYLOAD = 200


@dataclass(frozen=True, slots=True)
class Seen:
    """Each newest or most frequent first."""

    paths: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    connections: tuple[str, ...] = ()


NOTHING = Seen()


def seen_in(path: str | Path, decode_properties: DecodeProperties) -> Seen:
    """Look at a capture; call it in a thread. A file that cannot be read has shown nothing."""
    try:
        database, remove_copy = open_readonly(path)
    except (AppError, sqlite3.Error):
        return NOTHING
    try:
        return _look(database, decode_properties)
    except sqlite3.Error:
        return NOTHING
    finally:
        database.close()
        remove_copy()


def _look(database: sqlite3.Connection, decode: DecodeProperties) -> Seen:
    rows = database.execute(
        "SELECT t.name, m.properties, "
        "CASE WHEN length(m.payload) <= ? THEN m.payload END FROM "
        "(SELECT name, last_message, revision FROM topic INDEXED BY topic_revision WHERE count > 0 "
        "ORDER BY revision DESC LIMIT ?) t LEFT JOIN message m ON m.id = t.last_message "
        "ORDER BY t.revision DESC",
        (LONGEST_PAYLOAD, MOST_TOPICS),
    ).fetchall()
    connections = database.execute("SELECT letter, name FROM connection ORDER BY id").fetchall()
    paths: Counter[str] = Counter()
    users: Counter[str] = Counter()
    left = MOST_BYTES
    for _, properties, payload in rows:
        if payload is not None and left > 0:
            left -= len(payload)
            paths.update(set(fields_of(payload)))
        for key, _ in decoded(properties, decode).get("user", ()):
            users[key] += 1
    return Seen(
        paths=tuple(path for path, _ in paths.most_common(MOST_PATHS)),
        topics=tuple(dict.fromkeys(row[0] for row in rows if row[0])),
        users=tuple(key for key, _ in users.most_common()),
        connections=tuple(dict.fromkeys(word for row in connections for word in row if word)),
    )


def fields_of(payload: bytes) -> list[str]:
    """The paths of a JSON payload's fields, as they are written in a filter; [] for what is no JSON object.

    Elements of arrays are written ``[*]``.
    """
    if payload.lstrip()[:1] not in (b"{", b"["):
        return []
    try:
        value = json.loads(payload)
    except (ValueError, RecursionError):
        return []
    found: dict[tuple[Step, ...], None] = {}
    for steps in _walk(value, ()):
        found[steps] = None
        if len(found) >= _FIELDS_A_PAYLOAD:
            break
    return [path_text(steps) for steps in found]


def _walk(value: Any, steps: tuple[Step, ...]) -> Iterator[tuple[Step, ...]]:
    if len(steps) >= _DEEPEST:
        return
    if isinstance(value, dict):
        for key, inner in value.items():
            if "\\" in key:  # a key that ends in one cannot be written
                continue
            yield (*steps, key)
            yield from _walk(inner, (*steps, key))
    elif isinstance(value, list):
        for inner in value[:_ELEMENTS]:
            yield (*steps, EVERY)
            yield from _walk(inner, (*steps, EVERY))
