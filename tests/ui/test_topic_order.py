"""What is visible in the topic tree is worked out a little at a time while topics come."""

from __future__ import annotations

from array import array
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mqttx_tui.capture.rows import TopicRow
from mqttx_tui.ui import topic_model, topic_order
from mqttx_tui.ui.topic_model import Order, TopicModel
from tests.ui.test_topic_names import row

NAMES = st.lists(st.sampled_from(["a", "b", "10", "9", "", "c", "x7"]), min_size=1, max_size=4).map("/".join)


def key(level: str) -> tuple[bool, int, str]:
    """Numbers as numbers, before words."""
    return (not level.isdigit(), int(level) if level.isdigit() else 0, level)


def walked(table: list[TopicRow], value: str) -> list[str]:
    """The names of all rows in order, branches before what is below them, from a plain dict."""
    sums: dict[str, int] = {}
    for line in table:
        levels = line.name.split("/")
        for end in range(1, len(levels) + 1):
            name = "/".join(levels[:end])
            sums[name] = sums.get(name, 0) + line.count

    def below(above: str | None) -> list[str]:
        prefix = "" if above is None else above + "/"
        names = [name for name in sums if name.startswith(prefix) and "/" not in name[len(prefix) :]]
        if above is not None or prefix == "":
            names = [name for name in names if name != above]
        names.sort(key=lambda name: key(name[len(prefix) :]))
        if value == "count":
            names.sort(key=lambda name: -sums[name])
        return [each for name in names for each in (name, *below(name))]

    return below(None)


@settings(deadline=None)
@given(
    st.lists(NAMES, unique=True, min_size=1, max_size=40),
    st.lists(st.sampled_from(["step", "step", "step", "topic", "anew", "idle"]), max_size=80),
    st.sampled_from([2, 5]),
)
def test_steps_between_which_topics_come_end_where_a_plain_walk_does(
    names: list[str], actions: list[str], at_once: int
) -> None:
    """Few children count as many here: all ways of sorting and merging are taken."""
    table = [row(number, name, count=number) for number, name in enumerate(names, 1)]
    few = patch.multiple(topic_order, LARGE=3, RUN=2, _NAMES_AT_ONCE=at_once, _NUMBERS_AT_ONCE=2)
    with few, patch.multiple(topic_model, RUN=2, OPEN_NODES=0):
        model = TopicModel()
        model.apply(table[:1])
        model.open_below(0, True)
        walk, changes, come = model.walk(), model.changes, 1
        for action in actions:
            if action == "topic" and come < len(table):
                model.apply([table[come]])
                model.open_below(0, True)
                come += 1
            elif action == "step":
                try:
                    next(walk)
                except StopIteration as end:
                    model.show(end.value, changes)
                    walk, changes = model.walk(), model.changes
            else:
                walk.close()
                if action == "idle":
                    model.put_in_order(2)
                walk, changes = model.walk(), model.changes
        walk.close()
        model.apply(table[come:])
        model.open_below(0, True)
        model.flatten()
        assert [model.topic_name(node) for node in model.rows] == walked(table, "name")
        model.sort_by(Order.COUNT)
        model.flatten()
        assert [model.topic_name(node) for node in model.rows] == walked(table, "count")


@pytest.mark.parametrize("order", [Order.NAME, Order.COUNT])
def test_a_branch_of_very_many_is_sorted_in_steps(order: Order) -> None:
    """No step handles more than a run, and a topic that comes meanwhile is in the next answer."""
    model = TopicModel()
    total = topic_order._NUMBERS_AT_ONCE + 1_000
    numbers = [number * 7919 % 1_000_003 for number in range(total)]
    model.apply([row(ident, f"t/{number}", count=number) for ident, number in enumerate(numbers, 1)])
    model.sort_by(order)
    walk, changes, steps = model.walk(), model.changes, 0
    rows = array("i")
    while not rows:
        try:
            next(walk)
            steps += 1
            if steps == 5:
                model.apply([row(total + 1, "t/500", count=0)])
        except StopIteration as end:
            rows = end.value
    assert steps > total // topic_order.RUN
    model.show(rows, changes)
    assert model.stale
    assert [model.topic_name(node) for node in rows[:1]] == ["t"]
    model.flatten()
    shown = [int(model.level(node)) for node in model.rows[1:]]
    wanted = sorted([*numbers, 500]) if order is Order.NAME else [*sorted(numbers, reverse=True), 500]
    assert shown == wanted
