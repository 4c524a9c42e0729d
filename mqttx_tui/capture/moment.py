"""From a time to a message: stamps only grow between two steps of the clock."""

from __future__ import annotations

import sqlite3

from mqttx_tui.capture.rows import Bounds


def id_at(database: sqlite3.Connection, bounds: Bounds, at: int) -> int:
    """The first id at or after ``at`` (ns since 1970), in the newest stretch that spans it.

    A stretch lies between two ``clock`` events. Where none spans the time: the first id of the
    oldest stretch that begins later, else the newest id.
    """
    steps = database.execute("SELECT message FROM event WHERE kind = 'clock' ORDER BY message").fetchall()
    starts = sorted({bounds.floor, *(row[0] + 1 for row in steps if bounds.floor <= row[0] < bounds.last)})
    stretches = list(zip(starts, [*(start - 1 for start in starts[1:]), bounds.last], strict=True))
    later: int | None = None
    for low, high in reversed(stretches):
        first = _stamp(database, low, high, "ASC")
        last = _stamp(database, low, high, "DESC")
        if first is None or last is None:
            continue
        if first[1] <= at <= last[1]:
            return _search(database, first[0], last[0], at)
        if first[1] > at:
            later = first[0]
    return bounds.last if later is None else later


def _search(database: sqlite3.Connection, low: int, high: int, at: int) -> int:
    """The lowest id of [low, high] whose stamp is at least ``at``; that of ``high`` is."""
    while low < high:
        middle = (low + high) // 2
        found = _stamp(database, middle, high, "ASC")
        if found is None or found[1] >= at:
            high = middle
        else:
            low = found[0] + 1
    found = _stamp(database, low, low, "ASC")
    return low if found is None else found[0]


def _stamp(database: sqlite3.Connection, low: int, high: int, order: str) -> tuple[int, int] | None:
    row: tuple[int, int] | None = database.execute(
        f"SELECT id, at FROM message WHERE id >= ? AND id <= ? ORDER BY id {order} LIMIT 1", (low, high)
    ).fetchone()
    return row
