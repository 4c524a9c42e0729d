"""One connection's table changed in the text of a profile file, and nothing else.

Keys that stay as they are keep their lines byte for byte. Pure: text in, text out. Every result is
parsed again and compared with what was wanted before it is returned.
"""

from __future__ import annotations

import copy
import tomllib
from typing import Any

from mqttx_tui.model.errors import AppError
from mqttx_tui.profiles import toml
from mqttx_tui.profiles.scan import Entry, Header, Path, Value, scan
from mqttx_tui.profiles.splice import Overlap, Splice

Table = dict[str, Any]


def contents(text: str) -> Table:
    """What a profile file holds. Raises ``AppError`` where it is not valid TOML."""
    try:
        return tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        raise AppError(
            f"the profile file is not valid TOML: {error}", title="Not saved", hint="mend it by hand first"
        ) from None


def add(text: str, key: str, table: Table, *, after: str = "") -> str:
    """``text`` with a new connection at its end, or behind the connection ``after``."""
    wanted: Table = contents(text) if text else {"schema": 1}
    connections = wanted.setdefault("connections", {})
    connections[key] = table
    splice = Splice(scan(text))
    if (inline := splice.around(("connections", key))) is not None:
        splice.put(inline.value.start, inline.value.end, toml.value(_at(wanted, inline.path)))
        return _checked([splice], wanted)
    block = _block(key, table, splice.newline)
    if not text:
        splice.put_lines(0, ["schema = 1", "", *block])
        return _checked([splice], wanted)
    headers = [item for item in splice.below(("connections", after)) if isinstance(item, Header)]
    behind = Splice(scan(text))
    if headers and after:
        position = splice.block_end(headers[-1])
        touching = not _blank_before(text, position)
        behind.put_lines(position, [*([""] if touching else []), *block, ""])
    splice.put_lines(len(text), [*([] if _blank_before(text, len(text)) else [""]), *block])
    return _checked([behind, splice] if headers and after else [splice], wanted)


def delete(text: str, key: str) -> str:
    """``text`` without a connection."""
    wanted = contents(text)
    wanted["connections"].pop(key)
    splice = Splice(scan(text))
    inline = splice.around(("connections", key))
    if inline is not None and inline.path != ("connections", key):
        splice.put(inline.value.start, inline.value.end, toml.value(_at(wanted, inline.path)))
    else:
        splice.cut(("connections", key))
    return _checked([splice], wanted, may_lack_connections=True)


def replace(text: str, key: str, table: Table, *, new_key: str = "") -> str:
    """``text`` with another table for a connection, perhaps under another key."""
    before = contents(text)
    name = new_key or key
    connections = {
        (name if item == key else item): (table if item == key else found)
        for item, found in before["connections"].items()
    }
    wanted = {**before, "connections": connections}
    fine = _Rewriter(text, key, name)
    fine.run(before["connections"][key], table, wanted)
    coarse = Splice(scan(text))
    headers = [item for item in coarse.below(("connections", key)) if isinstance(item, Header)]
    position = headers[0].start if headers else len(text)
    coarse.put_lines(position, _block(name, table, coarse.newline))
    coarse.cut(("connections", key))
    return _checked([fine.splice, coarse], wanted)


def same(one: Any, other: Any) -> bool:
    """Equality that tells 1, 1.0 and true apart."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other) or (one != one and other != other)


def _at(table: Table, path: Path) -> Any:
    found: Any = table
    for part in path:
        found = found[part]
    return found


def _block(key: str, table: Table, newline: str) -> list[str]:
    return toml.connection(key, table, newline).removesuffix(newline).split(newline)


def _blank_before(text: str, position: int) -> bool:
    return text[:position].replace("\r\n", "\n").endswith(("\n\n", "\n\n\ufeff")) or not text[
        :position
    ].strip("\ufeff \t\r\n")


def _checked(attempts: list[Splice], wanted: Table, *, may_lack_connections: bool = False) -> str:
    """The first result that reads as wanted. Raises ``AppError`` when none does."""
    allowed = [wanted]
    if may_lack_connections and not wanted["connections"]:
        allowed.append({key: value for key, value in wanted.items() if key != "connections"})
    for splice in attempts:
        try:
            text = splice.result()
            found = tomllib.loads(text.removeprefix("\ufeff"))
        except (Overlap, tomllib.TOMLDecodeError):
            continue
        if any(same(found, table) for table in allowed):
            return text
    raise AppError(
        "this file is written in a way that cannot be changed safely; nothing was saved",
        title="Not saved",
        hint="change it in an editor",
    )


class _Rewriter:
    """Makes the table of one connection another one, key by key."""

    def __init__(self, text: str, key: str, name: str) -> None:
        self.splice = Splice(scan(text))
        self._key = key
        self._name = name
        self._root: Path = ("connections", key)

    def run(self, old: Table, new: Table, wanted: Table) -> None:
        """Collect the changes in ``splice``."""
        inline = self.splice.around(self._root)
        if inline is not None and (len(inline.path) == 1 or not same(old, new)):
            path = ("connections", self._name)[: len(inline.path)]
            self.splice.put(inline.value.start, inline.value.end, toml.value(_at(wanted, path)))
        elif inline is None:
            self._table(self._root, old, new)
        if self._name != self._key and (inline is None or len(inline.path) > 1):
            self._rename()

    def _rename(self) -> None:
        for item in self.splice.below(self._root):
            index = 1 - (len(item.header) if isinstance(item, Entry) else 0)
            if index >= 0 and not self.splice.is_cut(item.start):
                self.splice.put(*item.key_spans[index], toml.key(self._name))

    def _table(self, path: Path, old: Table, new: Table) -> None:
        for key in old:
            if key not in new:
                self.splice.cut((*path, key))
        for key, value in new.items():
            if key in old and not same(old[key], value):
                self._change((*path, key), old[key], value)
        added = {key: value for key, value in new.items() if key not in old}
        if added:
            self._insert(path, copy.copy(added))

    def _change(self, path: Path, old: Any, new: Any) -> None:
        entry = self.splice.entry(path)
        if entry is not None:
            items = entry.value.items
            if isinstance(old, list) and isinstance(new, list) and new and items:
                self._items(entry.value, old, new)
            else:
                self.splice.put(entry.value.start, entry.value.end, toml.value(new, self.splice.newline))
        elif isinstance(old, dict) and isinstance(new, dict) and new:
            self._table(path, old, new)
        elif isinstance(old, list) and isinstance(new, list) and all(isinstance(item, dict) for item in new):
            self._tables(path, old, new)
        else:
            self.splice.cut(path)
            self._insert(path[:-1], {str(path[-1]): new})

    def _items(self, array: Value, old: list[Any], new: list[Any]) -> None:
        """An array: equal items at both ends stay, those between are changed, cut or put."""
        first, behind = _common(old, new)
        old_end, new_end = len(old) - behind, len(new) - behind
        both = min(old_end, new_end)
        items = array.items or []
        for index in range(first, both):
            self.splice.put(items[index].start, items[index].end, toml.value(new[index]))
        if old_end > both:
            self.splice.cut_items(array, both, old_end)
        more = [toml.value(item) for item in new[both:new_end]]
        if more and both:
            self.splice.put_items(array, both - 1, more)
        elif more:
            start = items[0].start
            self.splice.put(start, start, "".join(f"{item}, " for item in more))

    def _tables(self, path: Path, old: list[Any], new: list[Any]) -> None:
        """``[[…]]`` blocks, likewise."""
        first, behind = _common(old, new)
        old_end, new_end = len(old) - behind, len(new) - behind
        both = min(old_end, new_end)
        for index in range(first, both):
            self._table((*path, index), old[index], new[index])
        for index in range(both, old_end):
            self.splice.cut((*path, index))
        if new[both:new_end]:
            before = (*path, both - 1) if both else self._root
            self._blocks(path, new[both:new_end], before)

    def _blocks(self, path: Path, tables: list[Table], before: Path) -> None:
        headers = [item for item in self.splice.below(before) if isinstance(item, Header)]
        if before == self._root:
            headers = [item for item in headers if item.path[: len(path)] != path] or headers
        lines: list[str] = []
        names = ("connections", self._name, *(str(part) for part in path[2:] if isinstance(part, str)))
        for table in tables:
            lines += [f"[[{toml.dotted(names)}]]", *toml.lines(table, self.splice.newline)]
        self.splice.put_lines(self.splice.last_line(headers[-1]), lines)

    def _insert(self, path: Path, added: Table) -> None:
        header = self.splice.header(path)
        if header is not None:
            messages = added.pop("messages", []) if path == self._root and toml.has_blocks(added) else []
            self.splice.put_lines(self.splice.last_line(header), toml.lines(added, self.splice.newline))
            if messages:
                self._blocks((*path, "messages"), messages, path)
            return
        entries = [item for item in self.splice.below(path) if isinstance(item, Entry)]
        beside = [item for item in entries if len(item.header) < len(path)]
        if beside:
            last = beside[-1]
            names = ("connections", self._name, *path[2:])[len(last.header) :]
            prefix = tuple(str(name) for name in names)
            lines = [
                f"{toml.dotted((*prefix, key))} = {toml.value(value, self.splice.newline)}"
                for key, value in added.items()
            ]
            self.splice.put_lines(last.end, lines)
            return
        self._head(path, added)

    def _head(self, path: Path, added: Table) -> None:
        """A table that so far is only implied by the tables below it gets a header of its own."""
        below = self.splice.below(path)
        names = ("connections", self._name, *(str(part) for part in path[2:]))
        lines = [f"[{toml.dotted(names)}]", *toml.lines(added, self.splice.newline)]
        self.splice.put_lines(below[0].start, lines)


def _common(old: list[Any], new: list[Any]) -> tuple[int, int]:
    """How many items are equal at the beginning and, of the rest, at the end."""
    short = min(len(old), len(new))
    first = 0
    while first < short and same(old[first], new[first]):
        first += 1
    behind = 0
    while behind < short - first and same(old[-1 - behind], new[-1 - behind]):
        behind += 1
    return first, behind
