"""Topic names of one connection to ids, as sessions look them up: one dictionary for both sides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from mqttx_tui.capture.schema import FIRST_OTHER_TOPIC
from mqttx_tui.model.topics import EXCLUDED, check_filter, filter_matches

OTHERS_MOST = 8_192
"""Names past the limit that one connection remembers at most: names may come once and never again."""

EXCLUDED_MOST = 32_768
"""The same for excluded ones, about 4 MB: each is matched anew once it was forgotten."""


class Topics(Protocol):
    """Gives out ids."""

    def new_topic(self, connection: int, name: str) -> tuple[int, bool]:
        """An id, and whether the topic is past the limit."""

    def end_other_topics(self) -> None:
        """Ids past the limit that were given out so far will not be used any more: every connection's
        ``forget_others`` is called."""


class TopicIds:
    """``known`` maps topic bytes, as they stand on the wire, to ids, or to ``EXCLUDED``.

    A topic costs its bytes, a number and a place in the dictionary, about 130 B: a session looks into
    the same dictionary instead of keeping one of its own.
    """

    def __init__(self, topics: Topics, connection: int, ids: Mapping[str, int]) -> None:
        """``ids`` are those of an existing capture."""
        self._topics = topics
        self._connection = connection
        self.known: dict[bytes, int] = {_key(name): ident for name, ident in ids.items()}
        self._earlier: dict[bytes, int] = {}
        """Ids given out before the filters changed, until they are asked for again."""
        self._others: list[bytes] = []
        self._excluded: list[bytes] = []
        self._exclude: tuple[str, ...] = ()
        self.revision = 0

    def exclude(self, filters: Sequence[str]) -> None:
        """Replace the topic filters that are left out. Raises ``InputError`` for a bad one."""
        for topic_filter in filters:
            check_filter(topic_filter)
        self._exclude = tuple(filters)
        self._earlier |= {key: ident for key, ident in self.known.items() if ident != EXCLUDED}
        self.known = {}
        self._excluded = []
        self.revision += 1

    def topic(self, name: str) -> int | None:
        """The id of a topic, made when new; None when it is excluded."""
        key = _key(name)
        ident = self.known.get(key)
        if ident is None:
            ident = self._enter(key, name)
        return None if ident == EXCLUDED else ident

    def _enter(self, key: bytes, name: str) -> int:
        if self._exclude and _matches(self._exclude, name):
            if len(self._excluded) >= EXCLUDED_MOST:
                self._forget_excluded()
            self._excluded.append(key)
            ident = EXCLUDED
        elif key in self._earlier:
            ident = self._earlier.pop(key)
        else:
            ident, other = self._topics.new_topic(self._connection, name)
            if other:
                if len(self._others) >= OTHERS_MOST:
                    self._topics.end_other_topics()
                self._others.append(key)
        self.known[key] = ident
        return ident

    def forget_others(self) -> None:
        """Ask for new ids past the limit from now on."""
        for key in self._others:
            for ids in (self.known, self._earlier):
                if ids.get(key, 0) >= FIRST_OTHER_TOPIC:
                    del ids[key]
        self._others = []
        self.revision += 1

    def _forget_excluded(self) -> None:
        for key in self._excluded:
            if self.known.get(key) == EXCLUDED:
                del self.known[key]
        self._excluded = []
        self.revision += 1


def _matches(filters: Iterable[str], name: str) -> bool:
    return any(filter_matches(topic_filter, name) for topic_filter in filters)


def _key(name: str) -> bytes:
    return name.encode("utf-8", "surrogatepass")
