"""The packets that subscribing is made of, for whoever asks what a connection had subscribed to."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

CONNECT, SUBSCRIBE, SUBACK, UNSUBSCRIBE = 1, 8, 9, 10


class Step(NamedTuple):
    """One of them. ``at`` in ns, ``type`` as in the capture, ``raw`` as it was on the wire (redacted)."""

    row: int
    at: int
    connection: int
    type: int
    raw: bytes


def steps(database: sqlite3.Connection, after: int) -> list[Step]:
    """CONNECT, SUBSCRIBE and UNSUBSCRIBE of ours, and SUBACK, after a packet id, ascending."""
    found = database.execute(
        "SELECT id, at, connection, type, raw FROM packet WHERE id > ?"
        f" AND (direction = 1 AND type IN ({CONNECT}, {SUBSCRIBE}, {UNSUBSCRIBE})"
        f" OR direction = 0 AND type = {SUBACK}) ORDER BY id",
        (after,),
    ).fetchall()
    return [Step(*row) for row in found]
