"""The messages of one topic, newest first: a backward scan that remembers how far it came.

``message`` has no index by topic (it would cost four fifths of the write rate), so a look-back
reads slices of ids. What was found is kept for the topics asked for last, and the next call only
reads what is new.
"""

from __future__ import annotations

import sqlite3
from array import array
from bisect import bisect_left
from collections import OrderedDict

from mqttx_tui.capture.namesakes import Namesakes

SLICE_ROWS = 20_000
_TOPICS = 8
_IDS_KEPT = 100_000


class _Scanned:
    """Ids of one topic within ``low`` ≤ id < ``high``, ascending."""

    def __init__(self, high: int) -> None:
        self.low = self.high = high
        self.ids = array("q")


class History:
    """Look-back over one capture."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._namesakes = Namesakes(database)
        self._scanned: OrderedDict[int, _Scanned] = OrderedDict()

    def ids(self, topic: int, before: int, lowest: int, limit: int) -> list[int]:
        """At most ``limit`` ids under ``before``, descending; ``lowest`` is the first id there is."""
        scanned = self._scanned.get(topic)
        if scanned is None or scanned.high < lowest:
            scanned = self._scanned[topic] = _Scanned(before)
        self._scanned.move_to_end(topic)
        while len(self._scanned) > _TOPICS:
            self._scanned.popitem(last=False)
        if before > scanned.high:
            self._forward(topic, scanned, before)
        while True:
            end = bisect_left(scanned.ids, before)
            start = bisect_left(scanned.ids, lowest)
            if end - start >= limit or scanned.low <= lowest:
                chosen = scanned.ids[max(start, end - limit) : end].tolist()
                self._trim(scanned)
                return chosen[::-1]
            low = max(scanned.low - SLICE_ROWS, lowest)
            scanned.ids = self._read(topic, low, scanned.low) + scanned.ids
            scanned.low = low

    def near(self, topic: int, low: int, high: int) -> int | None:
        """The last id of the topic with ``low`` ≤ id < ``high``, a short way that is read each time."""
        found = self._read(topic, low, high)
        return max(found, default=None)

    def after(self, topic: int, lowest: int, end: int) -> int | None:
        """The first id of the topic with ``lowest`` ≤ id < ``end``."""
        scanned = self._scanned.get(topic)
        if scanned is not None and scanned.low <= lowest <= scanned.high:
            place = bisect_left(scanned.ids, lowest)
            if place < len(scanned.ids):
                return scanned.ids[place]
            lowest = scanned.high
        for low in range(lowest, end, SLICE_ROWS):
            if found := self._read(topic, low, min(low + SLICE_ROWS, end)):
                return found[0]
        return None

    def _forward(self, topic: int, scanned: _Scanned, before: int) -> None:
        while scanned.high < before:
            high = min(scanned.high + SLICE_ROWS, before)
            scanned.ids.extend(self._read(topic, scanned.high, high))
            scanned.high = high

    def _trim(self, scanned: _Scanned) -> None:
        surplus = len(scanned.ids) - _IDS_KEPT
        if surplus > 0:
            scanned.low = scanned.ids[surplus]
            del scanned.ids[:surplus]

    def _read(self, topic: int, low: int, high: int) -> array[int]:
        ids = self._namesakes.of(topic)
        marks = ",".join("?" * len(ids))
        rows = self._database.execute(
            f"SELECT id FROM message WHERE id >= ? AND id < ? AND topic IN ({marks})", (low, high, *ids)
        ).fetchall()
        return array("q", [row[0] for row in rows])
