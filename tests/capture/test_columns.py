"""Columns of statistics, as they grow."""

from __future__ import annotations

import mmap
import weakref

from mqttx_tui.capture.columns import floats, integers
from mqttx_tui.capture.statistics import TopicStatistics

PAYLOAD = b"1"


def test_a_column_keeps_what_it_holds_and_goes_on_with_zeros() -> None:
    whole = integers(3)
    whole[0], whole[2] = -(1 << 63), (1 << 63) - 1
    assert integers(5, whole).tolist() == [-(1 << 63), 0, (1 << 63) - 1, 0, 0]
    real = floats(2)
    real[1] = 0.1
    assert floats(3, real).tolist() == [0.0, 0.1, 0.0]
    assert integers(3, whole[:1]).tolist() == [-(1 << 63), 0, 0]


def _take(statistics: TopicStatistics, topic: int, message: int) -> None:
    statistics.reach(topic)
    statistics.point(*statistics.take([1_000 + message, topic, 0, 7, PAYLOAD, None], message))


def test_statistics_keep_their_topics_while_they_grow() -> None:
    statistics, topics = TopicStatistics(), 5_000
    for topic in range(1, topics + 1):
        _take(statistics, topic, topic)
    assert len(statistics) == topics
    for topic in range(1, topics + 1):
        _, _, _, count, size, first_at, last_at, last, retained, _, revision = statistics.row(topic, 9)
        assert (count, size, first_at, last_at, last, retained, revision) == (
            *(1, 7, 1_000 + topic, 1_000 + topic),
            *(topic, None, 9),
        )


def test_what_was_forgotten_begins_anew() -> None:
    statistics = TopicStatistics()
    _take(statistics, 600, 1)
    statistics.dirty.written(1)
    statistics.forget()
    assert len(statistics) == 600
    assert statistics.dirty.oldest(1_000) == list(range(1, 601))
    assert statistics.row(600, 2)[3:9] == (0, 0, 0, 0, 0, None)
    statistics.reach(2_000)
    assert not any(statistics.count)
    flat = [5, 600, 0, 7, PAYLOAD, None]
    statistics.take(flat, 2)
    assert flat[2] == 0, "the first payload after that is no change"


def test_a_column_that_was_grown_out_of_is_given_back() -> None:
    statistics = TopicStatistics()
    _take(statistics, 1, 1)
    mapping = weakref.ref(statistics.count.obj)
    assert isinstance(mapping(), mmap.mmap)
    statistics.reach(100_000)
    assert mapping() is None
    mapping = weakref.ref(statistics.count.obj)
    statistics.forget()
    assert mapping() is None
