"""Values inside a JSON payload, for the topic of a frame, rules and the tree's last value."""

from __future__ import annotations

import json
from typing import Any

from mqttx_tui.model.jsonpath import EVERY, Step, loads, parse_path, path_text, walk


def json_value(data: bytes) -> Any:
    """The payload as a JSON value (strict; the first of equal keys counts). Raises ``ValueError``."""
    return loads(data.decode())


def extract(data: bytes, path: str, default: Any = None) -> Any:
    """The first value that ``path`` (``.a.b[0]``) leads to, else ``default``.

    Raises ``InputError`` for a path that cannot be read; a payload that is not JSON has no values.
    """
    steps = parse_path(path)
    try:
        found = walk(json_value(data), steps)
    except ValueError:
        return default
    return found[0] if found else default


def extract_text(data: bytes, path: str) -> str | None:
    """Like ``extract``, as text: strings as they are, everything else as compact JSON; None when missing."""
    missing = object()
    value = extract(data, path, missing)
    if value is missing:
        return None
    return value if isinstance(value, str) else compact(value)


def compact(value: Any) -> str:
    """A JSON value on one line, without blanks that it does not need."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def paths(data: bytes, limit: int = 200) -> list[str]:
    """The paths of all fields of a JSON payload, ``[*]`` for the elements of an array; at most ``limit``."""
    try:
        value = json_value(data)
    except ValueError:
        return []
    found: dict[str, None] = {}
    waiting: list[tuple[tuple[Step, ...], Any]] = [((), value)]
    while waiting and len(found) < limit:
        steps, item = waiting.pop(0)
        if steps:
            found[path_text(steps)] = None
        if isinstance(item, dict):
            waiting += [((*steps, key), inner) for key, inner in item.items()]
        elif isinstance(item, list):
            waiting += [((*steps, EVERY), inner) for inner in item[:limit]]
    return list(found)
