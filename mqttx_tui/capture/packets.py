"""How many rows of ``packet`` stay: acknowledgements of inbound messages, which may be many, and the
frames that carried messages go first.

What tells of connections and of the fate of our own messages must outlive them.
"""

from __future__ import annotations

import sqlite3

from mqttx_tui.model.message import SUMMARY, WS_FRAME

NEWEST = 100_000
"""Rows that stay whatever they are."""
OLDER = 200_000
"""Rows before them that stay, none of them about an inbound message."""

_ACKNOWLEDGES = (
    "(type IN (4, 5, 7) AND direction = 1 OR type = 6 AND direction = 0"
    f" OR type IN ({SUMMARY}, {WS_FRAME + 1}, {WS_FRAME + 2}))"
)
"""PUBACK, PUBREC and PUBCOMP that we sent, the PUBREL before PUBCOMP, what stands for many, and frames
that carried messages."""


class PacketRetention:
    """Trims the table inside the writer's transactions; each row is looked at once."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._passed: int | None = None
        self._older = 0

    def forget(self) -> None:
        """The transaction was rolled back: look anew."""
        self._passed = None

    def trim(self) -> None:
        """Delete what is too much."""
        end = (self._one("SELECT max(id) FROM packet") or 0) - NEWEST
        if end <= (self._passed or 0):
            return
        start = self._passed or 0
        if self._passed is None:
            self._older = self._one("SELECT count(*) FROM packet WHERE id <= ?", end)
        else:
            self._older += end - start
        deleted = self._database.execute(
            f"DELETE FROM packet WHERE id > ? AND id <= ? AND {_ACKNOWLEDGES}", (start, end)
        ).rowcount
        self._passed = end
        self._older -= deleted
        if self._older > OLDER:
            self._older -= self._database.execute(
                "DELETE FROM packet WHERE id IN (SELECT id FROM packet ORDER BY id LIMIT ?)",
                (self._older - OLDER,),
            ).rowcount

    def _one(self, sql: str, *values: int) -> int:
        return int(self._database.execute(sql, values).fetchone()[0] or 0)
