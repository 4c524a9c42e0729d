"""Who subscribes to what: a tree of topic levels (MQTT 5.0 §4.7, §4.8)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, Protocol, TypeVar

_CACHED_TOPICS = 10_000


class Subscriber(Protocol):
    """What the tree must know of a session."""

    client_id: str

    @property
    def online(self) -> bool:
        """Whether a client is connected."""


S = TypeVar("S", bound=Subscriber)


@dataclass(frozen=True, slots=True)
class Entry:
    """One subscription's options (MQTT 5.0 §3.8.3.1)."""

    qos: int
    no_local: bool = False
    retain_as_published: bool = False
    identifier: int = 0


class Target(NamedTuple, Generic[S]):
    """A session that gets a message once, whatever number of its subscriptions match.

    ``local`` is the same without the No Local subscriptions (None: nothing is left): what the
    message's own sender gets.
    """

    session: S
    qos: int
    retain_as_published: bool
    identifiers: tuple[int, ...]
    local: Target[S] | None


@dataclass(slots=True)
class Group(Generic[S]):
    """The members of one shared subscription, and whose turn it is."""

    members: dict[S, Entry] = field(default_factory=dict)
    turn: int = 0

    def next(self) -> Target[S] | None:
        """The member whose turn it is; one that is connected when there is any."""
        members = list(self.members.items())
        for skip in (True, False):
            for _ in members:
                self.turn = (self.turn + 1) % len(members)
                session, entry = members[self.turn]
                if session.online or not skip:
                    return _merged(session, [entry])
        return None


@dataclass(slots=True)
class _Node(Generic[S]):
    children: dict[str, _Node[S]] = field(default_factory=dict)
    entries: dict[S, Entry] = field(default_factory=dict)
    groups: dict[str, Group[S]] = field(default_factory=dict)


class Matches(NamedTuple, Generic[S]):
    """Who gets a message of one topic."""

    targets: tuple[Target[S], ...]
    groups: tuple[Group[S], ...]


def _merged(session: S, entries: list[Entry]) -> Target[S]:
    remote = [entry for entry in entries if not entry.no_local]
    local: Target[S] | None = None
    if remote:
        local = _target(session, remote, None)
    return _target(session, entries, local)


def _target(session: S, entries: list[Entry], local: Target[S] | None) -> Target[S]:
    return Target(
        session,
        max(entry.qos for entry in entries),
        any(entry.retain_as_published for entry in entries),
        tuple(entry.identifier for entry in entries if entry.identifier),
        local,
    )


class Tree(Generic[S]):
    """All subscriptions of all sessions."""

    def __init__(self) -> None:
        self._root: _Node[S] = _Node()
        self._cache: dict[str, Matches[S]] = {}
        self.count = 0

    def add(self, topic_filter: str, session: S, entry: Entry) -> bool:
        """Add or replace; returns whether it is new."""
        group, levels = split_share(topic_filter)
        node = self._root
        for level in levels:
            node = node.children.setdefault(level, _Node())
        entries = node.entries if group is None else node.groups.setdefault(group, Group()).members
        new = session not in entries
        entries[session] = entry
        self.count += new
        self._cache.clear()
        return new

    def remove(self, topic_filter: str, session: S) -> bool:
        """Returns whether there was one."""
        group, levels = split_share(topic_filter)
        path = [self._root]
        for level in levels:
            child = path[-1].children.get(level)
            if child is None:
                return False
            path.append(child)
        node = path[-1]
        found = node.groups.get(group) if group is not None else None
        entries = node.entries if group is None else (found.members if found else {})
        if entries.pop(session, None) is None:
            return False
        if group is not None and not entries:
            node.groups.pop(group, None)
        for parent, level in zip(reversed(path[:-1]), reversed(levels), strict=True):
            child = parent.children[level]
            if child.children or child.entries or child.groups:
                break
            del parent.children[level]
        self.count -= 1
        self._cache.clear()
        return True

    def match(self, topic: str) -> Matches[S]:
        """Who gets messages of ``topic``; remembered until a subscription changes."""
        found = self._cache.get(topic)
        if found is None:
            found = self._match(topic)
            if len(self._cache) >= _CACHED_TOPICS:
                self._cache.clear()
            self._cache[topic] = found
        return found

    def _match(self, topic: str) -> Matches[S]:
        by_session: dict[S, list[Entry]] = {}
        groups: list[Group[S]] = []
        for node in _nodes(self._root, topic.split("/"), 0, topic.startswith("$")):
            for session, entry in node.entries.items():
                by_session.setdefault(session, []).append(entry)
            groups.extend(node.groups.values())
        targets = tuple(_merged(session, entries) for session, entries in by_session.items())
        return Matches(targets, tuple(groups))


def _nodes(node: _Node[S], levels: list[str], depth: int, dollar: bool) -> Iterator[_Node[S]]:
    """The nodes that match; a wildcard in the first level does not match ``$`` topics."""
    wild = not (dollar and depth == 0)
    if wild and (rest := node.children.get("#")):
        yield rest
    if depth == len(levels):
        yield node
        return
    if child := node.children.get(levels[depth]):
        yield from _nodes(child, levels, depth + 1, dollar)
    if wild and (child := node.children.get("+")):
        yield from _nodes(child, levels, depth + 1, dollar)


def split_share(topic_filter: str) -> tuple[str | None, list[str]]:
    """(share name or None, levels) of a filter (MQTT 5.0 §4.8.2)."""
    levels = topic_filter.split("/")
    if levels[0] == "$share" and len(levels) > 2:
        return levels[1], levels[2:]
    return None, levels
