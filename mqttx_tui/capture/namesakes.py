"""The ids of a topic past the limit: it gets a new one whenever thousands of other names came between."""

from __future__ import annotations

import sqlite3
from collections import OrderedDict

from mqttx_tui.capture.schema import FIRST_OTHER_TOPIC

_TOPICS = 8
_MOST = 900
"""Ids that are looked for at most, the newest ones: thousands of names lie between two of them."""


class Namesakes:
    """All ids of one capture that have a topic's name; what was read once is not read again."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._known: OrderedDict[int, tuple[list[int], int]] = OrderedDict()

    def of(self, topic: int) -> list[int]:
        """The topic's ids, ascending; of a topic within the limit its own alone."""
        if topic < FIRST_OTHER_TOPIC:
            return [topic]
        ids, through = self._known.pop(topic, ([], FIRST_OTHER_TOPIC - 1))
        last = self._database.execute("SELECT max(id) FROM topic").fetchall()[0][0] or 0
        if last > through:
            rows = self._database.execute(
                "SELECT other.id FROM topic JOIN topic other ON other.name = topic.name"
                " AND other.connection = topic.connection AND other.id > ? AND other.id <= ?"
                " WHERE topic.id = ?",
                (through, last, topic),
            ).fetchall()
            ids = [*ids, *sorted(row[0] for row in rows)][-_MOST:]
        self._known[topic] = ids, last
        while len(self._known) > _TOPICS:
            self._known.popitem(last=False)
        return ids or [topic]
