"""The front end's state: connections, counters, notices, what is selected and narrowed. No widgets."""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from mqttx_tui.model.state import ConnectionSnapshot, EngineCounters, Phase

if TYPE_CHECKING:
    from mqttx_tui.engine.api import Engine
    from mqttx_tui.model.profile import Profile
    from mqttx_tui.profiles.problems import Problem
    from mqttx_tui.ui.profile_book import ProfileBook

NOTICES = 500
RATE_SAMPLES = 12
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
TEST_PREFIX = "test of a connection "
"""Keys of connections that are only tried out: they are in ``trials`` and nowhere else."""
LIVE = (Phase.CONNECTING, Phase.CONNECTED, Phase.RETRYING)


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that a person was told; ``at`` in seconds since 1970."""

    at: float
    level: str
    text: str


@dataclass(frozen=True, slots=True)
class Narrowing:
    """The subtree that the stream is narrowed to; connection 0 means all of them."""

    connection: int
    topic: str

    @property
    def label(self) -> str:
        """For the title."""
        return self.topic or "connection"


@dataclass(frozen=True, slots=True)
class Known:
    """A connection as the front end lists it: its profile, its snapshot, or both."""

    key: str
    profile: Profile | None
    snapshot: ConnectionSnapshot | None
    problems: tuple[Problem, ...] = ()
    """What is wrong with its profile in the file; the key is empty for the file as a whole."""

    @property
    def label(self) -> str:
        """What people call it."""
        if self.snapshot is not None:
            return self.snapshot.name or self.snapshot.key
        if not self.key and self.problems:
            return PurePath(self.problems[0].file).name
        return self.profile.label if self.profile is not None else self.key

    @property
    def line(self) -> float:
        """Where it stands in the file; infinite when it does not come from there."""
        lines = [self.profile.line if self.profile is not None else 0, *(p.line for p in self.problems)]
        return min((line for line in lines if line), default=0 if self.problems else math.inf)

    @property
    def id(self) -> int | None:
        """The connection's id in the capture; None while it was never started."""
        return self.snapshot.id if self.snapshot is not None else None

    @property
    def raw(self) -> bool:
        """Whether it is a raw WebSocket: frames instead of topics."""
        if self.snapshot is not None:
            return self.snapshot.protocol == "websocket"
        return self.profile is not None and self.profile.protocol == "websocket"

    @property
    def phase(self) -> Phase:
        """What it is doing."""
        return self.snapshot.phase if self.snapshot is not None else Phase.IDLE


class Workspace:
    """Implements ``engine.api.EngineListener``; every change bumps ``revision`` and wakes the ticker."""

    def __init__(self, *, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self.engine: Engine | None = None
        self.profiles: tuple[Profile, ...] = ()
        self.problems: tuple[Problem, ...] = ()
        """What is wrong in the profile file."""
        self.stale: dict[str, Profile] = {}
        """Profiles that connections run with, by key, where the file holds another one by now."""
        self._book: ProfileBook | None = None
        self.snapshots: dict[int, ConnectionSnapshot] = {}
        self.trials: dict[int, ConnectionSnapshot] = {}
        self.counters_now: EngineCounters | None = None
        self.notices: deque[Notice] = deque(maxlen=NOTICES)
        self.unread = 0
        self.noticed = 0
        """How many notices there were; ``notices`` are the newest of them."""
        self.excluded: dict[int, tuple[str, ...]] = {}
        self.narrowing: Narrowing | None = None
        self.selected_id: int | None = None
        self.hint: tuple[str, str] | None = None
        """A line for the status row while something is typed: (text, ink)."""
        self.keeps_capture = False
        self.opened_at = clock()
        self.replaying = False
        self.died = ""
        self.to_reconnect: tuple[str, ...] = ()
        """Keys of the connections that were live when the engine ended."""
        self.revision = 0
        self.rates: deque[float] = deque([0.0] * RATE_SAMPLES, maxlen=RATE_SAMPLES)
        self._rate_second = 0
        self.changed: Callable[[], None] = lambda: None
        self._waiting: list[asyncio.Future[None]] = []

    @property
    def book(self) -> ProfileBook:
        """The profile file. Loaded when asked for: the first frame does without it."""
        if self._book is None:
            from mqttx_tui.profiles.load import ProfileFile
            from mqttx_tui.ui.profile_book import ProfileBook

            self._book = ProfileBook(ProfileFile(Path()))
        return self._book

    def touch(self) -> None:
        """Something changed."""
        self.revision += 1
        for future in self._waiting:
            if not future.done():
                future.set_result(None)
        self._waiting.clear()
        self.changed()

    async def next_change(self) -> None:
        """Return after the next change."""
        future = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        await future

    # engine.api.EngineListener

    def state(self, snapshot: ConnectionSnapshot) -> None:
        """A connection changed."""
        home = self.trials if snapshot.key.startswith(TEST_PREFIX) else self.snapshots
        before = home.get(snapshot.id)
        home[snapshot.id] = snapshot
        if home is self.snapshots and before is not None and before.phase is Phase.CONNECTED:
            self._tell_loss(snapshot)
        self.touch()

    def _tell_loss(self, snapshot: ConnectionSnapshot) -> None:
        """A connection that stood was lost: say why, once."""
        if snapshot.phase in (Phase.RETRYING, Phase.FAILED) and snapshot.error is not None:
            again = " · trying again" if snapshot.phase is Phase.RETRYING else ""
            self.notice("warning", f"{snapshot.name or snapshot.key}: {snapshot.error.message}{again}")

    def take_profiles(self, profiles: tuple[Profile, ...], problems: tuple[Problem, ...]) -> None:
        """What the file holds now. Nothing is disconnected: what runs with another profile is marked."""
        before = {profile.key: profile for profile in self.profiles}
        for profile in profiles:
            snapshot = self.snapshot_of(profile.key)
            running = self.stale.get(profile.key) or before.get(profile.key)
            if running is None or snapshot is None or snapshot.phase not in LIVE:
                self.stale.pop(profile.key, None)
            elif _differs(running, profile):
                self.stale[profile.key] = running
            else:
                self.stale.pop(profile.key, None)
        self.profiles, self.problems = profiles, problems
        self.touch()

    def removed(self, connection: int) -> None:
        """A connection was taken out of the engine."""
        self.snapshots.pop(connection, None)
        self.trials.pop(connection, None)
        self.touch()

    def counters(self, counters: EngineCounters) -> None:
        """New counters."""
        self.counters_now = counters
        self.touch()

    def notice(self, level: str, text: str) -> None:
        """Something to tell the person."""
        self.notices.append(Notice(self.clock(), level, text))
        self.unread += 1
        self.noticed += 1
        self.touch()

    def engine_died(self, reason: str) -> None:
        """The engine is gone; what it captured stays."""
        self.died = reason or "it ended"
        self.engine = None
        self.to_reconnect = tuple(s.key for s in self.started if s.phase in LIVE)
        self.snapshots = {
            number: replace(snapshot, phase=Phase.CLOSED) for number, snapshot in self.snapshots.items()
        }
        self.notice("error", f"the engine ended ({self.died}); the capture stays open · R restarts it")

    def exclude(self, connection: int, topic: str) -> tuple[str, ...]:
        """Leave one more topic out; returns all filters that the connection leaves out."""
        filters = self.excluded.get(connection)
        if filters is None:
            snapshot = self.snapshots.get(connection)
            listed = [p.exclude for p in self.profiles if snapshot is not None and p.key == snapshot.key]
            filters = listed[0] if listed else ()
        self.excluded[connection] = filters = tuple(dict.fromkeys((*filters, topic)))
        return filters

    def restarted(self, engine: Engine | None) -> None:
        """There is an engine again; it knows nothing of the connections before."""
        self.engine = engine
        self.died = ""
        self.snapshots.clear()
        self.selected_id = None
        self.touch()

    # for panes

    def snapshot_of(self, key: str) -> ConnectionSnapshot | None:
        """The connection of a profile's key; None while it was never started."""
        return next((snapshot for snapshot in self.snapshots.values() if snapshot.key == key), None)

    @property
    def known(self) -> list[Known]:
        """Connections in a stable order: profiles as in the file, broken ones too, then the rest by id."""
        by_key = {snapshot.key: snapshot for snapshot in self.snapshots.values()}
        listed = [Known(profile.key, profile, by_key.pop(profile.key, None)) for profile in self.profiles]
        if self.problems:
            broken: dict[str, list[Problem]] = {}
            for problem in self.problems:
                broken.setdefault(problem.profile, []).append(problem)
            listed += [Known(key, None, by_key.pop(key, None), tuple(all_)) for key, all_ in broken.items()]
            listed.sort(key=lambda known: known.line)
        rest = sorted(by_key.values(), key=lambda snapshot: snapshot.id)
        return listed + [Known(snapshot.key, None, snapshot) for snapshot in rest]

    @property
    def down(self) -> Known | None:
        """The first connection that cannot be made: what an empty stream shows."""
        failing = (Phase.RETRYING, Phase.FAILED)
        return next((known for known in self.known if known.phase in failing), None)

    @property
    def started(self) -> list[ConnectionSnapshot]:
        """Snapshots in the order of their ids."""
        return [self.snapshots[number] for number in sorted(self.snapshots)]

    @property
    def letters_shown(self) -> bool:
        """Whether rows name their connection: only when more than one was live."""
        return len(self.snapshots) > 1

    def letter(self, connection: int) -> tuple[str, str]:
        """The letter of a connection and the name of its ink."""
        snapshot = self.snapshots.get(connection)
        letter = snapshot.letter if snapshot is not None and snapshot.letter else ""
        if not letter:
            letter = LETTERS[(connection - 1) % len(LETTERS)] if connection > 0 else " "
        return letter, letter_ink(letter)

    def connected_ids(self) -> list[int]:
        """Connections that stand."""
        return [s.id for s in self.started if s.phase is Phase.CONNECTED]

    def take_rate(self) -> None:
        """Once a second: one more sample for the sparkline."""
        second = int(self.clock())
        if second == self._rate_second:
            return
        idle = not any(self.rates)
        self._rate_second = second
        self.rates.append(self.counters_now.rate if self.counters_now is not None else 0.0)
        if not idle or any(self.rates):
            self.revision += 1

    def notices_read(self) -> None:
        """The person looked at the log."""
        self.unread = 0
        self.touch()


def _differs(running: Profile, wanted: Profile) -> bool:
    """Whether connecting again would make a difference: exclusions and messages are used as they are."""
    same = {
        name: getattr(running, name)
        for name in ("name", "group", "color", "connect", "line", "read_only_line", "exclude", "messages")
    }
    return replace(wanted, **same) != running


def letter_ink(letter: str) -> str:
    """The ink of a connection's letter."""
    return f"letter-{(ord(letter[0].upper()) - ord('A')) % 8}" if letter else "dim"
