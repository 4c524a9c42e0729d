"""Which topics a filter keeps in the tree: it asks about each topic's last message, count, rate and age."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path

from mqttx_tui.capture.filters.evaluate import DecodeProperties
from mqttx_tui.capture.filters.filter import Filter
from mqttx_tui.capture.filters.moments import Context
from mqttx_tui.capture.filters.sql import Compiled, compile_filter
from mqttx_tui.capture.filters.topicsets import COLUMNS, TopicFeed
from mqttx_tui.capture.opening import open_readonly

_STEP = 1_000


@dataclass(slots=True)
class TopicMatches:
    """Topic ids that match and those that do not, among topics changed up to ``revision``."""

    revision: int = 0
    matched: set[int] = field(default_factory=set)
    others: set[int] = field(default_factory=set)


def matching_topics(
    path: str | Path,
    wanted: Filter,
    *,
    since: int = 0,
    context: Context | None = None,
    decode_properties: DecodeProperties | None = None,
) -> TopicMatches:
    """Ask about all topics that changed after the revision ``since``; call it in a thread.

    A filter that asks for ``age`` or ``at`` (``moments.uses_time``) changes its answer by itself: ask again
    with ``since`` 0. Raises ``InputError`` for a file that cannot be read, ``sqlite3.Error``.
    """
    database, remove_copy = open_readonly(path)
    try:
        compiled = compile_filter(wanted, database, context=context, decode_properties=decode_properties)
        found, feed = TopicMatches(since), TopicFeed()
        while _step(database, compiled, feed, found):
            pass
        return found
    finally:
        database.close()
        remove_copy()


def _step(database: sqlite3.Connection, compiled: Compiled, feed: TopicFeed, found: TopicMatches) -> bool:
    """Ask about the next topics; False when there are none."""
    rows = database.execute(
        f"SELECT {COLUMNS}, revision FROM topic INDEXED BY topic_revision WHERE revision > ? "
        "ORDER BY revision LIMIT ?",
        (found.revision, _STEP),
    ).fetchall()
    if not rows:
        return False
    last = rows[-1][-1]
    if len(rows) == _STEP:
        # More topics may have this revision than fit.
        rows += database.execute(
            f"SELECT {COLUMNS}, revision FROM topic INDEXED BY topic_revision WHERE revision = ?", (last,)
        ).fetchall()
    compiled.judge(feed.facts(database, rows))
    ids = {row[0] for row in rows}
    matched = database.execute(
        "SELECT json_group_array(t.id) FROM topic t JOIN message m ON m.id = t.last_message "
        f"WHERE t.id IN (SELECT value FROM json_each(:ids)) AND {compiled.where}",
        {**compiled.parameters, "ids": json.dumps(list(ids))},
    ).fetchall()[0][0]
    keep = set(json.loads(matched))
    found.matched = (found.matched - ids) | keep
    found.others = (found.others - keep) | (ids - keep)
    found.revision = last
    return True
