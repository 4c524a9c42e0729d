"""Which topics a filter keeps in the tree: it asks about each topic's last message, count, rate and age."""

from __future__ import annotations

import contextlib
import json
import logging
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from mqttx_tui.capture.filters.evaluate import DecodeProperties
from mqttx_tui.capture.filters.filter import Filter
from mqttx_tui.capture.filters.moments import Context, uses_time
from mqttx_tui.capture.filters.patterns import (
    TOO_LONG,
    PatternProcess,
    PatternTooLong,
    searching_elsewhere,
)
from mqttx_tui.capture.filters.sql import Compiled, compile_filter
from mqttx_tui.capture.filters.topicsets import COLUMNS, TopicFeed
from mqttx_tui.capture.opening import open_readonly
from mqttx_tui.model.errors import AppError

PAUSE_SECONDS = 0.25
"""Between two looks at what changed; a look that takes long is followed by a longer pause."""
SLIDE_SECONDS = 1.0
"""A filter that asks for ages is asked about all topics again this often at most."""
_SHARE = 0.1
_STEP = 1_000
_log = logging.getLogger(__name__)


class TopicJudge:
    """What a filter says about each topic, in one thread; ids only, a byte for each."""

    def __init__(
        self, database: sqlite3.Connection, wanted: Filter, decode_properties: DecodeProperties | None
    ) -> None:
        self._database, self._wanted, self._decode = database, wanted, decode_properties
        self._feed = TopicFeed()
        self._holds = bytearray()
        self._revision = 0
        self._compiled: Compiled | None = None

    def moves(self) -> bool:
        """Whether an answer can change without a message of its topic: ``age``, an acknowledgement."""
        asks_packets = self._compiled is not None and self._compiled.uses_packets
        return uses_time(self._wanted.node) or asks_packets

    def begin(self, context: Context) -> None:
        """Ask about all topics again; times refer to ``context``."""
        self._revision = 0
        self._compiled = compile_filter(
            self._wanted, self._database, context=context, decode_properties=self._decode
        )

    def step(self) -> list[tuple[int, bool]] | None:
        """Ask about the next 1,000 topics that changed; topics whose answer is another one now.

        None when there are none left. Raises ``sqlite3.Error``.
        """
        assert self._compiled is not None
        rows = self._database.execute(
            f"SELECT {COLUMNS}, revision FROM topic INDEXED BY topic_revision WHERE revision > ? "
            "ORDER BY revision LIMIT ?",
            (self._revision, _STEP),
        ).fetchall()
        if not rows:
            return None
        last = rows[-1][-1]
        if len(rows) == _STEP:
            # More topics may have this revision than fit.
            rows += self._database.execute(
                f"SELECT {COLUMNS}, revision FROM topic INDEXED BY topic_revision WHERE revision = ?", (last,)
            ).fetchall()
        self._compiled.judge(self._feed.facts(self._database, rows))
        ids = {row[0] for row in rows}
        matched = self._database.execute(
            "SELECT json_group_array(t.id) FROM topic t JOIN message m ON m.id = t.last_message "
            f"WHERE t.id IN (SELECT value FROM json_each(:ids)) AND {self._compiled.where}",
            {**self._compiled.parameters, "ids": json.dumps(list(ids))},
        ).fetchall()[0][0]
        self._revision = last
        return self._changed(ids, set(json.loads(matched)))

    def _changed(self, ids: set[int], matched: set[int]) -> list[tuple[int, bool]]:
        holds = self._holds
        more = max(ids) + 1 - len(holds)
        if more > 0:
            holds.extend(bytes(more))
        changed = [(ident, ident in matched) for ident in ids if holds[ident] != (ident in matched)]
        for ident, now in changed:
            holds[ident] = now
        return changed


class TreeFilter:
    """Asks about the topics of a capture while it grows, in a thread of its own. Starts at once.

    ``take``, ``whole`` and ``error`` may be asked from any thread; ``ready`` is called from this one
    when there is something to take.
    """

    def __init__(
        self,
        path: str | Path,
        wanted: Filter,
        *,
        context: Callable[[], Context],
        ready: Callable[[], None] = lambda: None,
        decode_properties: DecodeProperties | None = None,
    ) -> None:
        self._path, self._wanted = path, wanted
        self._context, self._ready, self._decode = context, ready, decode_properties
        self._changes: deque[tuple[int, bool]] = deque()
        self._news = threading.Event()
        self._stop = threading.Event()
        self._database: sqlite3.Connection | None = None
        self.whole = False
        """Whether every topic was asked about once."""
        self.error = ""
        self._thread = threading.Thread(target=self._run, name="tree-filter", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """Changes that were not taken yet."""
        return len(self._changes)

    def take(self, most: int) -> list[tuple[int, bool]]:
        """Topic ids and whether they match now; the first ones only such as do."""
        changes = self._changes
        return [changes.popleft() for _ in range(min(most, len(changes)))]

    def poke(self) -> None:
        """Topics changed."""
        self._news.set()

    def close(self, *, wait: bool = False) -> None:
        """End; with ``wait`` return when the thread has closed the file."""
        self._stop.set()
        self._news.set()
        database = self._database
        if database is not None:
            with contextlib.suppress(sqlite3.ProgrammingError):  # closed meanwhile
                database.interrupt()
        if wait:
            self._thread.join()

    def _run(self) -> None:
        patterns: PatternProcess | None = None
        try:
            self._database, remove_copy = open_readonly(self._path)
            try:
                with searching_elsewhere(self._wanted.node) as patterns:
                    self._look(TopicJudge(self._database, self._wanted, self._decode))
            finally:
                self._database.close()
                remove_copy()
        except (AppError, sqlite3.Error) as error:
            if not self._stop.is_set():
                self._fail(patterns.problem if patterns is not None and patterns.problem else str(error))
        except PatternTooLong:
            self._fail(TOO_LONG)
        except Exception as error:  # whoever looks at the tree must learn that it is not whole
            self._fail(f"the filter stopped: {error!r}")

    def _fail(self, text: str) -> None:
        self.error = text
        _log.exception("a filter of the tree stopped")
        self._ready()

    def _look(self, judge: TopicJudge) -> None:
        judge.begin(self._context())
        while not self._stop.is_set():
            began = time.monotonic()
            if self.whole and judge.moves():
                judge.begin(self._context())
            found = self.waiting
            while not self._stop.is_set() and (changed := judge.step()) is not None:
                self._changes.extend(changed)
            if not self.whole or self.waiting > found:
                self.whole = True
                self._ready()
            least = SLIDE_SECONDS if judge.moves() else PAUSE_SECONDS
            taken = time.monotonic() - began
            if not judge.moves():
                self._news.wait()
            self._stop.wait(max(least, taken / _SHARE))
            self._news.clear()
