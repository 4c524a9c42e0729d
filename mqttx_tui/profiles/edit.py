"""Changing the profile file: add, replace, duplicate, delete a connection, set a single key.

Each function takes the file as it was read, saves atomically, and returns the file as it is
afterwards. All raise ``AppError`` when the file was changed by somebody else meanwhile, is not valid
TOML, or cannot be written; then nothing was written. Tables are as in the file (see
``profiles.plain`` for making one from a profile).
"""

from __future__ import annotations

from typing import Any

from mqttx_tui.model.errors import InputError
from mqttx_tui.profiles import rewrite, store
from mqttx_tui.profiles.load import ProfileFile
from mqttx_tui.profiles.rewrite import Table


def table_of(file: ProfileFile, key: str) -> Table:
    """A connection's table as written (without the defaults). Raises ``InputError``."""
    table = rewrite.contents(file.text).get("connections", {}).get(key)
    if not isinstance(table, dict):
        raise InputError(f"{file.path} has no connection {key!r}", title="Unknown profile")
    return table


def add(file: ProfileFile, key: str, table: Table) -> ProfileFile:
    """Append a connection; makes the file when there is none."""
    _need_free(file, key)
    return store.save(file, rewrite.add(file.text, key, table))


def replace(file: ProfileFile, key: str, table: Table, *, new_key: str = "") -> ProfileFile:
    """Give a connection another table, and perhaps another key. What is equal keeps its bytes."""
    table_of(file, key)
    if new_key and new_key != key:
        _need_free(file, new_key)
    return store.save(file, rewrite.replace(file.text, key, table, new_key=new_key))


def duplicate(file: ProfileFile, key: str, new_key: str = "") -> ProfileFile:
    """Put a copy of a connection behind it, under ``new_key`` (default: ``free_key``).

    The copy does not connect by itself, and its name says that it is one.
    """
    table = table_of(file, key)
    table.pop("connect", None)
    if isinstance(table.get("name"), str):
        table["name"] += " (copy)"
    new_key = new_key or free_key(file, key)
    _need_free(file, new_key)
    return store.save(file, rewrite.add(file.text, new_key, table, after=key))


def delete(file: ProfileFile, key: str) -> ProfileFile:
    """Remove a connection with everything below it."""
    table_of(file, key)
    return store.save(file, rewrite.delete(file.text, key))


def set_value(file: ProfileFile, key: str, path: tuple[str, ...], value: Any) -> ProfileFile:
    """Set one key of a connection (``("tls", "verify")``), or remove it with ``None``."""
    table = table_of(file, key)
    below = table
    for part in path[:-1]:
        below = below.setdefault(part, {})
    if value is None:
        below.pop(path[-1], None)
    else:
        below[path[-1]] = value
    for length in range(len(path) - 1, 0, -1):
        parent = table
        for part in path[: length - 1]:
            parent = parent[part]
        if parent[path[length - 1]] == {}:
            del parent[path[length - 1]]
    return store.save(file, rewrite.replace(file.text, key, table))


def free_key(file: ProfileFile, key: str) -> str:
    """``key``, or ``key-2``, ``key-3`` … when it is taken."""
    taken = _keys(file)
    number, free = 2, key
    while free in taken:
        free, number = f"{key}-{number}", number + 1
    return free


def _keys(file: ProfileFile) -> set[str]:
    connections = rewrite.contents(file.text).get("connections", {})
    return set(connections) if isinstance(connections, dict) else set()


def _need_free(file: ProfileFile, key: str) -> None:
    if not key:
        raise InputError("a connection needs a name", title="Not saved")
    if key in _keys(file):
        raise InputError(
            f"{file.path} already has a connection {key!r}", title="Not saved", hint="choose another name"
        )
