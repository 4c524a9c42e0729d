"""The queue of topics to write, against an ordered dictionary that does the same."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mqttx_tui.capture.dirty import DirtyTopics

TOPICS = st.lists(st.integers(1, 30), max_size=12)


@given(st.lists(st.one_of(TOPICS, st.integers(0, 40)), max_size=60))
def test_it_is_a_queue_without_repetition(steps: list[list[int] | int]) -> None:
    dirty, model = DirtyTopics(), dict[int, None]()
    dirty.reach(30)
    for step in steps:
        if isinstance(step, int):
            todo = dirty.oldest(step)
            assert todo == list(model)[:step]
            dirty.written(len(todo))
            for topic in todo:
                del model[topic]
        else:
            dirty.add(step)
            model |= dict.fromkeys(step)
        assert len(dirty) == len(model)
    assert dirty.oldest(1_000) == list(model)


def test_what_was_written_takes_no_room() -> None:
    dirty = DirtyTopics()
    dirty.reach(100)
    for _ in range(1_000):
        dirty.add(range(1, 101))
        while dirty:
            dirty.written(len(dirty.oldest(30)))
    assert len(dirty._queue) <= 200
