"""Going on with an existing capture, also one whose writer was killed."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from mqttx_tui.capture.ledger import Tally, from_json
from mqttx_tui.capture.schema import FIRST_OTHER_TOPIC
from mqttx_tui.capture.statistics import TopicStatistics
from mqttx_tui.model.message import RETAIN


@dataclass(frozen=True, slots=True)
class Resumed:
    """Where the earlier writer stopped; ``newest`` is the highest id of a row, 0 for none."""

    next_id: int
    newest: int
    floor: int
    revision: int
    others: int
    tallies: dict[int, Tally]


def resume(database: sqlite3.Connection, statistics: TopicStatistics) -> Resumed:
    """Read a capture's state and fill ``statistics``; a new file gives a fresh start."""
    meta = dict(database.execute("SELECT key, value FROM meta").fetchall())
    newest = database.execute("SELECT max(id) FROM message").fetchone()[0] or 0
    for row in database.execute(
        "SELECT topic.id, topic.count, topic.bytes, topic.first_at, topic.last_at, topic.last_message,"
        " topic.retained, topic.rate, message.payload FROM topic"
        " LEFT JOIN message ON message.id = topic.last_message WHERE topic.id < ?",
        (FIRST_OTHER_TOPIC,),
    ):
        statistics.load(row[:8], row[8])
    _catch_up(database, statistics, int(meta.get("topics_through", 0)))
    counters = from_json(meta.get("counters", "{}"))
    return Resumed(
        next_id=max(int(meta.get("next_id", 1)), newest + 1),
        newest=newest,
        floor=int(meta.get("floor", 1)),
        revision=database.execute("SELECT coalesce(max(revision), 0) FROM topic").fetchone()[0],
        others=int(meta.get("other_topics", 0)),
        tallies={ident: Tally.resumed(each) for ident, each in counters.items()},
    )


def _catch_up(database: sqlite3.Connection, statistics: TopicStatistics, through: int) -> None:
    """Count the messages that a killed writer had no time to count in ``topic``."""
    rows = database.execute(
        "SELECT message.topic, count(*), sum(message.size), min(message.at), max(message.at),"
        f" max(message.id), max(CASE WHEN message.flags & {RETAIN} THEN message.id END)"
        " FROM message JOIN topic ON topic.id = message.topic"
        " WHERE message.id > ? AND message.id > topic.last_message AND topic.id < ? GROUP BY message.topic",
        (through, FIRST_OTHER_TOPIC),
    ).fetchall()
    for topic, count, size, first_at, last_at, last, retained in rows:
        if not statistics.count[topic]:
            statistics.first_at[topic] = first_at
        statistics.count[topic] += count
        statistics.bytes[topic] += size
        statistics.last_at[topic] = last_at
        cleared = retained is not None and not _length(database, retained)
        pointers = {} if retained is None else {topic: 0 if cleared else retained}
        statistics.point({topic: last}, pointers)
        statistics.dirty.add((topic,))


def _length(database: sqlite3.Connection, message: int) -> int:
    return int(database.execute("SELECT length(payload) FROM message WHERE id = ?", (message,)).fetchone()[0])
