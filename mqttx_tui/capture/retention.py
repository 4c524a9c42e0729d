"""What a capture may keep: oldest messages go first, each topic's last ones stay.

From ``floor`` on ids are contiguous. Below it live only pinned messages, the last and the last
retained one of each topic, at most a tenth of either limit; past that the oldest pins go, and
``pin_floor`` says up to where. Everything here runs inside the writer's transaction.
"""

from __future__ import annotations

import json
import math
import sqlite3
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

from mqttx_tui.capture.limits import Limits
from mqttx_tui.capture.statistics import TopicStatistics
from mqttx_tui.model.message import OUTGOING

SLICE_ROWS = 20_000
SLICE_BYTES = 16_000_000
_WINDOW = 65_536
_PIN_SHARE = 10
_SMALLEST_CEILING = 1_000_000

_IN_LIST = "(SELECT value FROM json_each(?))"


@dataclass(slots=True)
class State:
    """What a rolled back transaction must restore."""

    floor: int = 1
    pin_floor: int = 1
    pinned: int = 0
    pinned_bytes: int = 0


@dataclass(slots=True)
class Evicted:
    """Rows deleted by one transaction: inbound ones by connection."""

    rows: int = 0
    inbound: dict[int, int] = field(default_factory=dict)


class Retention:
    """Keeps the message table within its limits."""

    def __init__(self, database: sqlite3.Connection, statistics: TopicStatistics, limits: Limits) -> None:
        self._database = database
        self._statistics = statistics
        self.limits = limits
        self.state = State()
        self.last = 0
        """The newest id in the file, or the last one given out before a clear or a loss."""
        self._ceiling: int | None = None
        self._page_size: int = database.execute("PRAGMA page_size").fetchone()[0]
        self._window: list[tuple[int, int]] = []
        self._window_end = 0

    def snapshot(self) -> State:
        """The state to restore after a rollback."""
        state = self.state
        return State(state.floor, state.pin_floor, state.pinned, state.pinned_bytes)

    def restore(self, state: State) -> None:
        """Undo: the transaction was rolled back."""
        self.state = state
        self._window_end = 0

    def load(self, floor: int, last: int) -> None:
        """Take over an existing capture's extent."""
        pinned, size = self._database.execute(
            "SELECT count(*), coalesce(sum(length(payload)), 0) FROM message WHERE id < ?", (floor,)
        ).fetchone()
        self.state = State(floor, 1, pinned, size)
        self.last = last

    @property
    def rows(self) -> int:
        """Messages in the file (a lost batch counts until the floor has passed it)."""
        return max(self.last - self.state.floor + 1, 0) + self.state.pinned

    def used_bytes(self) -> int:
        """Bytes of the file that hold something; the rest is reused before the file grows."""
        pages = self._database.execute("PRAGMA page_count").fetchone()[0]
        free = self._database.execute("PRAGMA freelist_count").fetchone()[0]
        return int((pages - free) * self._page_size)

    def lower_ceiling(self, by: int) -> None:
        """The disk holds less than the limit: keep ``by`` bytes less than now, at least half."""
        used = self.used_bytes()
        self._ceiling = max(used - by, used // 2, _SMALLEST_CEILING)

    @property
    def squeezed(self) -> bool:
        """Whether the disk holds less than the limit allows."""
        return self._ceiling is not None

    def lift_ceiling(self) -> None:
        """The disk has room again."""
        self._ceiling = None

    def excess(self, rows: int, size: int) -> int:
        """How many of the oldest messages must go so that ``rows`` of ``size`` bytes fit in."""
        used = self.used_bytes()
        limit = self.limits.bytes if self._ceiling is None else min(self.limits.bytes, self._ceiling)
        over = used + size - limit
        by_size = math.ceil(over / self._average(used)) if over > 0 else 0
        return max(self.rows + rows - self.limits.messages, by_size, 0)

    def _average(self, used: int) -> float:
        return max(used / max(self.rows, 1), 1.0)

    def make_room(self, rows: int, size: int, evicted: Evicted) -> None:
        """Delete one slice of what is too much.

        A slice keeps pace with the rows that come in, and is bounded beyond that.
        """
        state = self.state
        wanted = min(self.excess(rows, size), self.last + 1 - state.floor)
        if wanted <= 0:
            self._trim_pins(evicted)
            return
        bound = max(1, min(SLICE_ROWS, int(SLICE_BYTES / self._average(self.used_bytes()))))
        part = min(wanted, max(bound, 2 * rows))
        self._pass(state.floor + part, evicted)
        self._trim_pins(evicted)

    def _pass(self, floor: int, evicted: Evicted) -> None:
        """Raise the floor, deleting what it passes except for pins."""
        state = self.state
        pins = self._pins(state.floor, floor)
        most = self.limits.messages // _PIN_SHARE
        if len(pins) > most:
            # The oldest pins go first: more of them than fit need not be kept just to be deleted.
            pins = pins[len(pins) - most :]
            state.pin_floor = pins[0] if pins else floor
        listed = json.dumps(pins)
        where = "id >= ? AND id < ?"
        values: list[int | str] = [state.floor, floor]
        if pins:
            where += f" AND id NOT IN {_IN_LIST}"
            values.append(listed)
            size = self._database.execute(
                f"SELECT count(*), coalesce(sum(length(payload)), 0) FROM message WHERE id IN {_IN_LIST}",
                (listed,),
            ).fetchone()
            state.pinned += size[0]
            state.pinned_bytes += size[1]
        self._delete(where, values, evicted)
        state.floor = floor

    def _pins(self, low: int, high: int) -> list[int]:
        """Sorted ids of [low, high) that are some topic's last or last retained message.

        The arrays are searched once for a window of ids that are all in the file: what a topic points
        to only moves on to newer ids, so later slices of the window only check what was found.
        """
        last, retained = self._statistics.last_message, self._statistics.retained
        if high > self._window_end or not self._window_end:
            end = min(max(high, low + _WINDOW), self.last + 1)
            found = [(message, topic) for topic, message in enumerate(last) if low <= message < end]
            found += [(message, topic) for topic, message in enumerate(retained) if low <= message < end]
            self._window = sorted(set(found))
            self._window_end = end
        start = bisect_left(self._window, (low, 0))
        stop = bisect_left(self._window, (high, 0))
        return [
            message
            for message, topic in self._window[start:stop]
            if last[topic] == message or retained[topic] == message
        ]

    def unpin(self, last: dict[int, int], retained: dict[int, int], evicted: Evicted) -> None:
        """Delete pinned messages that newer ones replace; called before ``statistics.point``."""
        state, statistics = self.state, self._statistics
        if not state.pinned:
            return
        low, high = state.pin_floor, state.floor
        gone = []
        for topic in last:
            old_last, old_retained = statistics.last_message[topic], statistics.retained[topic]
            new_retained = retained.get(topic, old_retained)
            if low <= old_last < high and old_last != new_retained:
                gone.append(old_last)
            if low <= old_retained < high and old_retained not in (new_retained, old_last):
                gone.append(old_retained)
        if gone:
            self._delete_pins(f"id IN {_IN_LIST}", [json.dumps(gone)], evicted)

    def _trim_pins(self, evicted: Evicted) -> None:
        state = self.state
        most, most_bytes = self.limits.messages // _PIN_SHARE, self.limits.bytes // _PIN_SHARE
        while state.pinned > most or state.pinned_bytes > most_bytes:
            rows = self._database.execute(
                "SELECT id, length(payload) FROM message WHERE id < ? ORDER BY id LIMIT 512", (state.floor,)
            ).fetchall()
            if not rows:
                state.pinned = state.pinned_bytes = 0
                return
            count, size = state.pinned, state.pinned_bytes
            for message, length in rows:
                if count <= most and size <= most_bytes:
                    break
                count, size = count - 1, size - length
                state.pin_floor = message + 1
            self._delete_pins("id < ?", [state.pin_floor], evicted)

    def _delete_pins(self, where: str, values: Sequence[int | str], evicted: Evicted) -> None:
        count, size = self._database.execute(
            f"SELECT count(*), coalesce(sum(length(payload)), 0) FROM message WHERE {where}", values
        ).fetchone()
        self._delete(where, values, evicted)
        self.state.pinned -= count
        self.state.pinned_bytes -= size

    def clear(self) -> None:
        """Delete every message, pins too; who counts them does so without looking."""
        self._database.execute("DELETE FROM message")
        self.state = State(self.last + 1, self.last + 1)
        self._window_end = 0

    def _delete(self, where: str, values: Sequence[int | str], evicted: Evicted) -> None:
        counted = self._database.execute(
            "SELECT connection, count(*) FROM (SELECT message.topic AS topic FROM message"
            f" WHERE {where} AND message.flags & {OUTGOING} = 0) AS gone"
            " JOIN topic ON topic.id = gone.topic GROUP BY connection",
            values,
        ).fetchall()
        for connection, count in counted:
            evicted.inbound[connection] = evicted.inbound.get(connection, 0) + count
        evicted.rows += self._database.execute(f"DELETE FROM message WHERE {where}", values).rowcount
