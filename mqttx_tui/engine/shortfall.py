"""What the engine could not do in full, said while it lasts and once it is over.

Everything here is counted anyway; this tells people, and the capture's ``event`` table, that a count
has begun to grow and what it came to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from mqttx_tui.model.state import EngineCounters

QUIET_SECONDS = 3.0
"""A count that did not grow for so long has come to its end."""
AGAIN_SECONDS = 60.0
"""So often it is said again how far a count has come that goes on growing."""
LONG_PAUSE_SECONDS = 1.0
"""Reading is often paused for a moment: said at once only when it lasts."""
MANY_TOPICS = 20_000
"""Topics with changed counts that the file may wait for: about a second's worth."""

Say = Callable[[int, str], None]
"""Told the connection (0: the capture itself) and the text."""
Key = tuple[int, str]


@dataclass(slots=True)
class _Stretch:
    """A count that grows: from ``before`` at ``began`` to ``value`` at ``grew``."""

    before: float
    began: float
    value: float
    grew: float
    said_at: float | None = None


class Shortfall:
    """Looks at one set of counters after the other."""

    def __init__(self, say: Say, counters: EngineCounters) -> None:
        """``counters`` as they stand: what an earlier run came to is no news."""
        self._say = say
        self._known: dict[Key, float] = dict(_growing(counters))
        self._stretches: dict[Key, _Stretch] = {}
        self._full = False
        self._others = False
        self._behind = False

    def look(self, counters: EngineCounters, names: Mapping[int, str], now: float) -> None:
        """Compare with what was there before; ``now`` is monotonic, in seconds."""
        for key, value in _growing(counters):
            before = self._known.get(key, 0)
            self._known[key] = value
            if value > before:
                self._grown(key, before, value, names, now)
        for key in [key for key, one in self._stretches.items() if now - one.grew >= QUIET_SECONDS]:
            self._over(key, self._stretches.pop(key), names)
        self._states(counters)

    def _grown(self, key: Key, before: float, value: float, names: Mapping[int, str], now: float) -> None:
        stretch = self._stretches.get(key)
        if stretch is None:
            stretch = self._stretches[key] = _Stretch(before, now, value, now)
        stretch.value, stretch.grew = value, now
        if stretch.said_at is not None and now - stretch.said_at < AGAIN_SECONDS:
            return
        if key[1] == "paused" and value - stretch.before < LONG_PAUSE_SECONDS:
            return
        stretch.said_at = now
        self._say(key[0], _going_on(key, value - stretch.before, _name(key[0], names)))

    def _over(self, key: Key, stretch: _Stretch, names: Mapping[int, str]) -> None:
        seconds = max(stretch.grew - stretch.began, 0.1)
        self._say(key[0], _in_all(key, stretch.value - stretch.before, seconds, _name(key[0], names)))

    def _states(self, counters: EngineCounters) -> None:
        if counters.disk_full != self._full:
            self._full = counters.disk_full
            self._say(
                0,
                f"the disk is full: the oldest messages make room for new ones, {counters.evicted:,} are gone"
                if self._full
                else f"the disk has room again; {counters.evicted:,} messages have made room",
            )
        if counters.other_topics and not self._others:
            self._others = True
            self._say(
                0,
                f"there are more than {counters.limit_topics:,} topics: messages of further ones are"
                " captured, and counted together as other topics",
            )
        if counters.topics_waiting > MANY_TOPICS and not self._behind:
            self._behind = True
            self._say(
                0,
                f"{counters.topics_waiting:,} topics change faster than their counts are written: the"
                " list of topics is some seconds behind, the messages are not",
            )
        elif counters.topics_waiting == 0:
            self._behind = False


def _growing(counters: EngineCounters) -> Iterator[tuple[Key, float]]:
    for ident, each in counters.connections.items():
        yield (ident, "lost"), each.lost
        yield (ident, "paused"), each.paused_seconds


def _name(connection: int, names: Mapping[int, str]) -> str:
    return names.get(connection, f"connection {connection}")


def _going_on(key: Key, more: float, name: str) -> str:
    if key[1] == "lost":
        return (
            f"{name}: {more:,.0f} messages were received and could not be written: is the disk full,"
            " or the file gone?"
        )
    return (
        f"{name}: more comes than can be taken: reading is paused, so far for {more:.1f} s; a broker"
        " may drop QoS 0 messages meanwhile"
    )


def _in_all(key: Key, more: float, seconds: float, name: str) -> str:
    if key[1] == "lost":
        return f"{name}: {more:,.0f} messages were lost within {seconds:.1f} s; now they are written again"
    return (
        f"{name}: reading was paused for {max(more, 0.1):.1f} s in all, within {seconds:.1f} s; a broker"
        " may have dropped QoS 0 messages"
    )
