"""Tables of a profile file to profiles, collecting every problem on the way."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from mqttx_tui.model.profile import (
    ConnectProperties,
    PacketProperties,
    Profile,
    SavedMessage,
    Subscription,
    TlsOptions,
    Will,
)
from mqttx_tui.profiles import coherence, keys
from mqttx_tui.profiles.problems import Problem, suggestion
from mqttx_tui.profiles.scan import Document, Path
from mqttx_tui.profiles.values import Bad, Check, kind_of

Table = dict[str, Any]
_BARE = re.compile(r"[A-Za-z0-9_-]+\Z")


@dataclass(slots=True)
class Collector:
    """Where the problems of one file gather. ``root`` is the path of the table being read."""

    file: str
    document: Document
    root: Path = ()
    problems: list[Problem] = field(default_factory=list)

    def problem(self, path: Path, text: str, hint: str = "") -> None:
        """Note a problem at ``path`` (from the file's root)."""
        table, key = self.root, path[len(self.root) :]
        if path[: len(self.root)] != self.root:
            table, key = path[:-1], path[-1:]
        profile = str(self.root[1]) if len(self.root) > 1 else ""
        line = self.document.line_of(path)
        self.problems.append(Problem(self.file, line, dotted(table), dotted(key), text, hint, profile))

    def bad(self, path: Path, error: Bad) -> None:
        """Note what a check found."""
        self.problem(path + error.below, error.text, error.hint)


def dotted(path: Path) -> str:
    """A path as written in TOML; indexes count from 1, in brackets."""
    shown = ""
    for part in path:
        if isinstance(part, int):
            shown += f"[{part + 1}]"
            continue
        quoted = part if _BARE.match(part) else f'"{part}"'
        shown += f".{quoted}" if shown else quoted
    return shown


def read_connection(key: str, own: Table, defaults: Table, collector: Collector) -> Profile | None:
    """The profile of one table, or None when it has problems (they are in ``collector``)."""
    before = len(collector.problems)
    collector.root = ("connections", key)
    reader = _Reader(collector)
    merged = merge(defaults, own)
    values = reader.connection(merged)
    coherence.check(own, merged, values, collector.problem, collector.root)
    if len(collector.problems) > before:
        return None
    document = collector.document
    line = document.line_of(collector.root)
    read_only_line = document.lines.get((*collector.root, "read_only"), 0) or document.lines.get(
        ("defaults", "read_only"), 0
    )
    return Profile(key=key, line=line, read_only_line=read_only_line, **values)


def read_defaults(table: Table, collector: Collector) -> Table:
    """``[defaults]`` without the keys that have problems.

    A ``read_only`` that cannot be read counts as true: a typing error must not unlock a broker.
    """
    collector.root = ("defaults",)
    good: Table = {}
    for key, value in table.items():
        before = len(collector.problems)
        if key in keys.NOT_IN_DEFAULTS:
            collector.problem(("defaults", key), "every connection needs its own", "move it to a connection")
        else:
            _Reader(collector).connection({key: value})
        if len(collector.problems) == before:
            good[key] = value
        elif key == "read_only":
            good[key] = True
    return good


def merge(defaults: Table, own: Table) -> Table:
    """``own`` over ``defaults``; sub-tables merge key by key."""
    merged = dict(defaults)
    for key, value in own.items():
        below = merged.get(key)
        if key in keys.MERGED and isinstance(below, dict) and isinstance(value, dict):
            merged[key] = {**below, **value}
        else:
            merged[key] = value
    return merged


class _Reader:
    """Reads the tables of one connection."""

    def __init__(self, collector: Collector) -> None:
        self._collector = collector
        self._root = collector.root

    def connection(self, table: Table) -> Table:
        """Field values of ``Profile``; keys with problems are left out."""
        below: dict[str, Callable[[Any, Path], Any]] = {
            "tls": self._tls,
            "will": self._will,
            "properties": self._properties,
            "packet_properties": self._packet_properties,
            "headers": self._headers,
            "subscriptions": self._subscriptions,
            "messages": self._messages,
        }
        values: Table = {}
        for key, value in table.items():
            path = (*self._root, key)
            if key in keys.CONNECTION:
                self._take(values, keys.CONNECTION[key], value, path)
            elif key in below:
                found = below[key](value, path)
                if found is not None:
                    values[key] = found
            else:
                self._unknown_in_connection(key, table, path)
        return values

    def _take(self, values: Table, check: Check, value: Any, path: Path) -> None:
        try:
            values[str(path[-1])] = check(value)
        except Bad as error:
            self._collector.bad(path, error)

    def _unknown_in_connection(self, key: str, table: Table, path: Path) -> None:
        value = table[key]
        nested = keys.nested_connection(value)
        if nested is not None:
            name = ".".join((*(str(part) for part in path[1:]), *nested))
            self._collector.problem(
                path,
                f"{key!r} is a table inside the connection {path[1]!r}",
                f'a dot separates tables; quote the name: [connections."{name}"]',
            )
            return
        text, hint = keys.unknown_connection_key(key, table)
        self._collector.problem(path, text, hint)

    def _fields(self, value: Any, path: Path, kind: keys.Kind) -> Table | None:
        """The checked keys of a sub-table, None when it is no table."""
        if not isinstance(value, dict):
            text, hint = f"needs a table, not {kind_of(value)}", kind.hint
            self._collector.problem(path, text, hint)
            return None
        values: Table = {}
        for key, item in value.items():
            if key in kind.checks:
                self._take(values, kind.checks[key], item, (*path, key))
            elif key in keys.CONNECTION_KEYS and key not in kind.peers:
                self._misplaced(key, (*path, key))
            else:
                hint = suggestion(key, kind.checks, kind.peers)
                self._collector.problem((*path, key), f"unknown key in {kind.name}", hint)
        for needed in kind.needed:
            if needed not in value:
                self._collector.problem(path, f"{kind.name} needs {needed}", kind.hint)
                return None
        return values

    def _misplaced(self, key: str, path: Path) -> None:
        connection = dotted(self._root)
        first = self._collector.document.first_table_below(self._root)
        above = f"; move it above line {first}" if first else ""
        self._collector.problem(path, f"{key} belongs to [{connection}]{above}", _WHY_MISPLACED)

    def _tls(self, value: Any, path: Path) -> TlsOptions | None:
        if isinstance(value, bool):
            word = "mqtts:// or wss://" if value else "mqtt:// or ws://"
            self._collector.problem(path, "needs a table", f"the url says whether TLS is used: {word}")
            return None
        found = self._fields(value, path, keys.TLS)
        return None if found is None else TlsOptions(**found)

    def _will(self, value: Any, path: Path) -> Will | None:
        found = self._fields(value, path, keys.WILL)
        return Will(**found) if found is not None and "topic" in found else None

    def _properties(self, value: Any, path: Path) -> ConnectProperties | None:
        found = self._fields(value, path, keys.PROPERTIES)
        return None if found is None else ConnectProperties(**found)

    def _packet_properties(self, value: Any, path: Path) -> PacketProperties | None:
        if not isinstance(value, dict):
            hint = keys.PACKETS["disconnect"].hint
            self._collector.problem(path, f"needs a table, not {kind_of(value)}", hint)
            return None
        found: Table = {}
        for name, item in value.items():
            if name not in keys.PACKETS:
                hint = suggestion(name, keys.PACKETS, {})
                self._collector.problem((*path, name), "unknown key in packet_properties", hint)
            elif (fields := self._fields(item, (*path, name), keys.PACKETS[name])) is not None:
                found[name] = fields
        return PacketProperties(**found)

    def _headers(self, value: Any, path: Path) -> tuple[tuple[str, Any], ...] | None:
        if not isinstance(value, dict):
            self._collector.problem(path, f"needs a table, not {kind_of(value)}", keys.HEADERS_HINT)
            return None
        pairs = []
        for name, item in value.items():
            try:
                pairs.append((keys.header_token(name), keys.header_value(item)))
            except Bad as error:
                self._collector.bad((*path, name), error)
        return tuple(pairs)

    def _subscriptions(self, value: Any, path: Path) -> tuple[Subscription, ...]:
        found: dict[str, Subscription] = {}
        for index, item in enumerate(self._items(value, path, keys.SUBSCRIPTION.hint)):
            place = (*path, index)
            values = self._fields(
                {"filter": item} if isinstance(item, str) else item, place, keys.SUBSCRIPTION
            )
            if values is None or "filter" not in values:
                continue
            subscription = Subscription(**values)
            if subscription.filter in found:
                self._collector.problem(place, f"{subscription.filter!r} is already subscribed to above")
            if subscription.no_local and subscription.filter.startswith("$share/"):
                self._collector.problem(place, "a shared subscription may not have no_local")
            found[subscription.filter] = subscription
        return tuple(found.values())

    def _messages(self, value: Any, path: Path) -> tuple[SavedMessage, ...]:
        found: dict[str, SavedMessage] = {}
        for index, item in enumerate(self._items(value, path, keys.MESSAGE.hint)):
            place = (*path, index)
            values = self._fields(item, place, keys.MESSAGE)
            if values is None or "name" not in values:
                continue
            payloads = [key for key in keys.PAYLOADS if key in values]
            if len(payloads) > 1:
                self._collector.problem(place, f"has both {' and '.join(payloads)}", "keep one of them")
            if values["name"] in found:
                self._collector.problem(place, f"a message called {values['name']!r} stands above already")
            properties = item.get("properties")
            if properties is not None and isinstance(properties, dict):
                values["properties"] = self._fields(
                    properties, (*place, "properties"), keys.MESSAGE_PROPERTIES
                )
            found[values["name"]] = SavedMessage(**values)
        return tuple(found.values())

    def _items(self, value: Any, path: Path, hint: str) -> list[Any]:
        if isinstance(value, list):
            return value
        self._collector.problem(path, f"needs an array, not {kind_of(value)}", hint)
        return []


_WHY_MISPLACED = "in TOML everything below a table's header belongs to that table"
