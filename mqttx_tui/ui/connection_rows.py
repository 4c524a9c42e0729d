"""The rows of the list of connections: groups, connections, and what stands under each. No widgets."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from mqttx_tui.model.shown import count
from mqttx_tui.model.state import Phase, SubscriptionState
from mqttx_tui.ui.empty import Line, stage_lines
from mqttx_tui.ui.header import glyph, round_trip, scheme
from mqttx_tui.ui.safe import clip, fit, fit_right, line, width
from mqttx_tui.ui.workspace import LIVE, Known, Workspace, letter_ink

OPEN_CONNECTIONS = 2
"""Connections that are not up show their rows by themselves while there are no more than this."""
PROBLEMS_SHOWN = 3
LEAST_CELLS = 20
COUNT = "count "
"""How the marks of rows begin that count what is not in the capture."""
EXCLUDED = f"{COUNT}excluded"


@dataclass(frozen=True, slots=True)
class Row:
    """A line: a group's heading, a connection, or something under it.

    ``known`` is None for a heading, whose ``group`` is its name. ``mark`` makes a row unique within
    its connection.
    """

    known: Known | None
    mark: str = ""
    topic_filter: str = ""
    group: str = ""
    pieces: tuple[tuple[str, str], ...] = ()

    @property
    def identity(self) -> tuple[str, str]:
        """What the cursor is anchored to."""
        return (self.known.key if self.known is not None else "", self.mark)


def matches(known: Known, search: str) -> bool:
    """Whether every word of ``search`` stands in the name, key, group or URL, in any case."""
    if not search:
        return True
    profile = known.profile
    url = known.snapshot.url if known.snapshot is not None else ""
    if not url and profile is not None and isinstance(profile.url, str):
        url = profile.url.partition("?")[0].rpartition("@")[2]
    group = profile.group if profile is not None else ""
    text = "\n".join((known.label, known.key, group, url)).casefold()
    return all(word in text for word in search.casefold().split())


class Rows:
    """Makes the rows, and remembers what is folded."""

    def __init__(self) -> None:
        self.search = ""
        self._unfolded: set[str] = set()
        self._folded: set[str] = set()
        self._closed_groups: set[str] = set()

    def build(self, workspace: Workspace, cells: int, now: float) -> list[Row]:
        """All rows, for a list ``cells`` wide."""
        cells = max(cells, LEAST_CELLS)
        listed = workspace.known
        few = len(listed) <= OPEN_CONNECTIONS
        found = [known for known in listed if matches(known, self.search)]
        groups: dict[str, list[Known]] = {"": []}
        for known in found:
            groups.setdefault(known.profile.group if known.profile is not None else "", []).append(known)
        rows: list[Row] = []
        for group, members in groups.items():
            opened = group not in self._closed_groups or bool(self.search)
            if group:
                pieces = _heading(group, members, opened, cells)
                rows.append(Row(None, f"group {group}", group=group, pieces=tuple(pieces)))
            for known in members if opened else ():
                rows += self._connection(known, workspace, few, cells, now, indent=2 if group else 0)
        return rows

    def is_open(self, row: Row, few: bool) -> bool:
        """Whether the rows below a heading or a connection are shown."""
        if row.known is None:
            return row.group not in self._closed_groups
        return self._is_open(row.known, few)

    def fold(self, row: Row, opened: bool) -> None:
        """Show or hide what is below a heading or a connection."""
        if row.known is None:
            (self._closed_groups.discard if opened else self._closed_groups.add)(row.group)
        elif opened:
            self._folded.discard(row.known.key)
            self._unfolded.add(row.known.key)
        else:
            self._unfolded.discard(row.known.key)
            self._folded.add(row.known.key)

    def reveal(self, known: Known) -> None:
        """Open the group of a connection."""
        if known.profile is not None:
            self._closed_groups.discard(known.profile.group)

    def _is_open(self, known: Known, few: bool) -> bool:
        if known.key in self._folded:
            return False
        if known.problems or known.phase is Phase.CONNECTED or (known.snapshot is not None and few):
            self._unfolded.add(known.key)
        return known.key in self._unfolded

    def _connection(
        self, known: Known, workspace: Workspace, few: bool, cells: int, now: float, indent: int
    ) -> Iterable[Row]:
        opened = self._is_open(known, few)
        below = [*_problem_rows(known, cells), *_under(known, cells), *_count_rows(known, workspace, cells)]
        stale = known.key in workspace.stale
        pieces = _connection_line(known, opened, bool(below), cells, now, indent, stale=stale)
        yield Row(known, pieces=tuple(pieces))
        if opened:
            yield from below


def _heading(group: str, members: list[Known], opened: bool, cells: int) -> Line:
    up = sum(known.phase is Phase.CONNECTED for known in members)
    failing = any(known.phase is Phase.FAILED or known.problems for known in members)
    right = f"{up}/{len(members)}"
    ink = "bad plain" if failing else "good" if up == len(members) else "dim"
    name = clip(line(group, 60), max(cells - 3 - width(right) - 3, 1))
    rest = max(cells - 3 - width(name) - 2, 0)
    return [
        (f" {'▾' if opened else '▸'} ", "dim"),
        (name, "strong plain"),
        (fit_right(right, rest), ink),
        ("  ", "text"),
    ]


def _problem_rows(known: Known, cells: int) -> Iterable[Row]:
    for number, problem in enumerate(known.problems[:PROBLEMS_SHOWN]):
        where = f"line {problem.line}: " if problem.line else ""
        place = f"{problem.key}: " if problem.key else ""
        text = clip(line(f"{where}{place}{problem.text}", 300), max(cells - 8, 1))
        yield Row(known, f"problem {number}", pieces=(("     ✗ ", "bad"), (text, "bad plain")))
    more = len(known.problems) - PROBLEMS_SHOWN
    if more > 0:
        yield Row(known, "problem more", pieces=((f"       and {more} more: Enter shows them", "dim"),))


def _under(known: Known, cells: int) -> Iterable[Row]:
    snapshot = known.snapshot
    if snapshot is not None and snapshot.connected_at is None and snapshot.stages:
        for number, pieces in enumerate(stage_lines(snapshot, cells, indent=5)):
            yield Row(known, f"stage {number}", pieces=tuple(pieces))
    if snapshot is not None:
        subscriptions = list(snapshot.subscriptions)
    else:
        listed = known.profile.subscriptions if known.profile is not None else ()
        subscriptions = [SubscriptionState(s.filter, s.qos, s.on) for s in listed]
    live = snapshot is not None and snapshot.phase is Phase.CONNECTED
    for state in subscriptions:
        pieces = _subscription_line(state, live, cells)
        yield Row(known, f"filter {state.filter}", state.filter, pieces=tuple(pieces))


def _count_rows(known: Known, workspace: Workspace, cells: int) -> Iterable[Row]:
    """What came and is not in the capture, each with its number; nothing while there is none."""
    counters = workspace.counters_now
    each = counters.connections.get(known.id) if counters is not None and known.id is not None else None
    if each is None:
        return
    for name, number, ink in (
        (EXCLUDED.removeprefix(COUNT), count(each.excluded) if each.excluded else "", "dim"),
        ("lost", count(each.lost) if each.lost else "", "bad plain"),
        ("reading paused", f"{each.paused_seconds:,.1f} s" if each.paused_seconds else "", "busy"),
        ("over max_packet", count(each.too_large) if each.too_large else "", "busy"),
    ):
        if number:
            room = max(cells - 7 - width(number) - 2, 1)
            pieces = (("       ", "dim"), (fit(name, room), ink), (f"{number}  ", ink))
            yield Row(known, COUNT + name, pieces=pieces)


def _connection_line(
    known: Known, opened: bool, has_rows: bool, cells: int, now: float, indent: int, *, stale: bool
) -> Line:
    snapshot = known.snapshot
    letter = snapshot.letter if snapshot is not None else " "
    mark, ink = glyph(known.phase)
    if known.problems and known.phase not in LIVE:
        mark, ink = "✗", "bad"
    fold = "▾" if opened and has_rows else "▸" if has_rows else " "
    label = line(known.label, 60)
    room = max(cells - indent - 5 - min(width(label), cells // 2) - 5, 8)
    right, right_ink = ("changed: Enter", "busy") if stale else _right_text(known, now, room)
    name = clip(label, max(cells - indent - 5 - 2 - width(right) - 3, 4))
    quiet = known.phase in (Phase.IDLE, Phase.CLOSED)
    head: Line = [
        (f"{' ' * indent} {fold} ", "dim"),
        (letter, letter_ink(letter) if letter.strip() else "dim"),
        (" ", "text"),
        (name, "text" if quiet else "strong"),
        (f" {mark}", ink),
    ]
    taken = sum(width(text) for text, _ in head)
    return [*head, (fit_right(right, max(cells - taken - 2, 0)), right_ink), ("  ", "text")]


def _right_text(known: Known, now: float, cells: int) -> tuple[str, str]:
    """In ``cells`` at most; of a failure the seconds until the next attempt are never cut."""
    snapshot = known.snapshot
    if snapshot is None:
        return "", "dim"
    if snapshot.phase is Phase.CONNECTED:
        if snapshot.queued:
            return clip(f"{snapshot.queued} queued", cells), "busy"
        kind = "" if snapshot.protocol == "mqtt" else f"{scheme(snapshot)} "
        return clip(f"{kind}{round_trip(snapshot)}".strip() or scheme(snapshot), cells), "dim"
    title = line(snapshot.error.title if snapshot.error is not None else "", 40)
    if snapshot.phase is Phase.RETRYING:
        left = max(math.ceil((snapshot.retry_at or now) - now), 0)
        return f"{clip(title, max(cells - 4, 1))} {left:>2}s", "busy"
    if snapshot.phase is Phase.FAILED:
        return clip(title, cells), "bad plain"
    return ("connecting", "busy") if snapshot.phase is Phase.CONNECTING else ("", "dim")


def _subscription_line(state: SubscriptionState, live: bool, cells: int) -> Line:
    box = "☑" if state.on else "☐"
    if state.reason is not None and state.reason >= 0x80:
        right, ink = f"✗ 0x{state.reason:02x}", "bad plain"
    elif not state.on:
        right, ink = "off", "dim"
    elif state.granted is not None and live:
        right, ink = f"q{state.granted}", "dim"
    else:
        right, ink = ("…" if live else f"q{state.qos}"), "dim"
    room = max(cells - 7 - width(right) - 3, 1)
    return [
        (f"     {box} ", "dim"),
        (fit(line(state.filter, 200), room), "in plain" if state.on else "dim"),
        (f" {right}  ", ink),
    ]


def nothing_listed(workspace: Workspace, search: str) -> list[Line]:
    """What a list without rows says: what to do next."""
    if search:
        nothing = f"  No connection matches {line(search, 60)}."
        return [[(nothing, "text")], _key("/", "changes the search")]
    if workspace.replaying:
        return [[("  A capture from a file:", "text")], [("  nothing is connected.", "text")]]
    return [
        [("  No connection yet.", "strong")],
        _key("A", "adds one: an address is enough"),
        _key("I", "imports a URL or command line"),
        [("  or try ", "dim"), ("mqttx-tui demo", "text")],
    ]


def _key(key: str, what: str) -> Line:
    return [("  ", "dim"), (key, "in"), (f" {what}", "dim")]
