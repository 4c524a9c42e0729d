"""Tables and values as TOML text, laid out as the example file is."""

from __future__ import annotations

import re
from typing import Any

import tomli_w

_BARE = re.compile(r"[A-Za-z0-9_-]+\Z")
_LITERAL = re.compile(r"[\t\x20-\x26\x28-\x7e\xa0-\ud7ff\ue000-\U0010ffff]*\Z")
WIDTH = 100
DOTTED = ("tls", "will", "properties", "packet_properties")
"""Tables that are written as dotted keys (an inline table may not span lines)."""


def key(name: str) -> str:
    """A key, quoted where TOML needs it."""
    return name if _BARE.match(name) else _scalar(name)


def dotted(names: tuple[str, ...]) -> str:
    """A dotted key."""
    return ".".join(key(name) for name in names)


def value(found: Any, newline: str = "\n") -> str:
    """A value; an array that would be too long for a line has one item per line."""
    if isinstance(found, dict):
        return _inline(found)
    if isinstance(found, list):
        items = [value(item) for item in found]
        line = f"[{', '.join(items)}]"
        if len(line) <= WIDTH or len(items) < 2:
            return line
        return "[" + newline + "".join(f"    {item},{newline}" for item in items) + "]"
    return _scalar(found)


def lines(table: dict[str, Any], newline: str = "\n", prefix: tuple[str, ...] = ()) -> list[str]:
    """``key = value`` lines of a table, without their line ends."""
    found = []
    for name, item in table.items():
        if name in DOTTED and isinstance(item, dict) and item and not prefix:
            found += lines(item, newline, (name,))
        else:
            found.append(f"{dotted((*prefix, name))} = {value(item, newline)}")
    return found


def connection(name: str, table: dict[str, Any], newline: str = "\n") -> str:
    """``[connections.NAME]`` with everything below it, ending with a line end."""
    messages = table["messages"] if has_blocks(table) else []
    own = {item: found for item, found in table.items() if not (messages and item == "messages")}
    blocks = [[f"[{dotted(('connections', name))}]", *lines(own, newline)]]
    blocks += [message(name, item, newline) for item in messages]
    return "".join(newline.join(block) + newline for block in blocks)


def has_blocks(table: dict[str, Any]) -> bool:
    """Whether the table's messages can be written as ``[[connections.NAME.messages]]``."""
    messages = table.get("messages")
    return isinstance(messages, list) and all(isinstance(item, dict) for item in messages) and bool(messages)


def message(name: str, table: dict[str, Any], newline: str = "\n") -> list[str]:
    """The lines of one ``[[connections.NAME.messages]]``."""
    return [f"[[{dotted(('connections', name, 'messages'))}]]", *lines(table, newline)]


def _inline(table: dict[str, Any]) -> str:
    if not table:
        return "{}"
    return "{ " + ", ".join(f"{key(name)} = {_in_one_line(item)}" for name, item in table.items()) + " }"


def _in_one_line(found: Any) -> str:
    if isinstance(found, list):
        return f"[{', '.join(_in_one_line(item) for item in found)}]"
    return value(found)


def _scalar(found: Any) -> str:
    if isinstance(found, str) and ('"' in found or "\\" in found) and _LITERAL.match(found):
        return f"'{found}'"
    return tomli_w.dumps({"k": found}).partition(" = ")[2].removesuffix("\n")
