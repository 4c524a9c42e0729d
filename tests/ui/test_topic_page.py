"""After a sort the page on screen is final before the rows off it are in order."""

from __future__ import annotations

import random
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mqttx_tui.capture.rows import TopicRow
from mqttx_tui.ui import topic_order, topic_page
from mqttx_tui.ui.panes.topics import TopicsPane
from mqttx_tui.ui.topic_model import NONE, Order, TopicModel
from mqttx_tui.ui.topic_order import at_once
from mqttx_tui.ui.topic_page import page_first
from mqttx_tui.ui.widgets import topic_tree
from tests.ui.bench_app import bench
from tests.ui.test_topic_names import row

NAMES = st.lists(st.sampled_from(["a", "b", "10", "9", "", "c", "x7"]), min_size=1, max_size=5).map("/".join)


def topic(number: int, name: str, connection: int, chance: random.Random) -> TopicRow:
    """A topic with figures of its own."""
    count, at, rate = chance.randrange(9), chance.randrange(9) * 10**10, float(chance.randrange(4))
    return TopicRow(number, connection, name, count, 0, 0, at, number, None, rate, 1)


@settings(deadline=None, max_examples=200)
@given(
    st.lists(NAMES, unique=True, min_size=1, max_size=60),
    st.sampled_from([(former, order) for former in Order for order in Order]),
    st.randoms(use_true_random=False),
    st.sampled_from([1, 2]),
    st.booleans(),
)
def test_the_page_is_the_one_of_the_whole_order(
    names: list[str],
    orders: tuple[Order, Order],
    chance: random.Random,
    connections: int,
    filtered: bool,
) -> None:
    """Whatever is folded or filtered, wherever the page is: and no row is missing or there twice."""
    few = patch.multiple(topic_order, LARGE=3, RUN=2, _NAMES_AT_ONCE=2, _NUMBERS_AT_ONCE=2)
    with few, patch.object(topic_page, "RUN", 2):
        model = TopicModel()
        model.apply(
            topic(number, name, number % connections + 1, chance) for number, name in enumerate(names, 1)
        )
        model.open_below(0, True)
        for node in range(1, len(model.parent)):
            model.set_open(node, chance.random() < 0.9)
        if filtered:
            model.begin_filter()
            for number in range(1, len(names) + 1):
                model.match(number, chance.random() < 0.7)
        model.sort_by(orders[0])
        model.flatten()
        before = list(model.rows)
        anchor = chance.choice([NONE, *before])
        height = chance.randrange(1, 12)
        line = chance.randrange(height) if anchor != NONE else -chance.randrange(len(before) + 1)
        last_top = len(before) - height
        model.sort_by(orders[1])
        found = at_once(page_first(model, anchor, line, last_top, height))
        assert found is not None
        assert sorted(found) == sorted(before)
        model.flatten()
        whole = model.rows
        if anchor != NONE:
            assert found.index(anchor) == whole.index(anchor)
        first = max(0, min((whole.index(anchor) if anchor != NONE else 0) - line, last_top))
        assert found[first : first + height] == whole[first : first + height]


def test_a_page_very_deep_down_waits_for_the_whole_order() -> None:
    model = TopicModel()
    above = "/".join("a" * 2 * topic_page.DEEPEST)
    model.apply([row(1, above + "/x"), row(2, above + "/y")])
    model.open_below(0, True)
    model.flatten()
    model.sort_by(Order.COUNT)
    assert at_once(page_first(model, model.rows[-1], 0, len(model.rows), 5)) is None


@pytest.mark.parametrize("keys", [["end", "up"], ["home"], ["end", *["pageup"] * 4, "up"]])
async def test_what_a_sort_shows_at_once_stays(tmp_path: Path, keys: list[str]) -> None:
    """The first picture comes while the order off the page is not yet known, and the last is the same."""
    chance = random.Random(3)
    names = [f"m/{number % 9}/{number}/{leaf}" for number in range(150) for leaf in "ab"]
    async with bench(tmp_path, size=(120, 40)) as app:
        await app.feed([(name, b"1") for name in names for _ in range(chance.randrange(1, 5))], step=1)
        await app.topics(len(names))
        pane = app.app.main_screen.find_pane(TopicsPane)
        assert pane is not None
        tree = pane.tree_widget
        await app.press("2", "t", "E", *keys)
        await app.until(lambda: not pane.topics.stale and not tree.working, "all is expanded, by rate")
        node, former = tree.cursor_node, tree.visible_nodes()
        line = former.index(node)
        with patch.object(topic_tree, "ASKED_SECONDS", 0.0):
            pane.action_sort_topics()  # by count
        assert not tree.settled
        while not tree.settled:
            tree.work(0.0001)
        assert pane.topics.stale, "the rest is still to come"
        assert tree.working
        page = tree.visible_nodes()
        row = list(pane.topics.rows).index(node)
        assert page.index(node) == min(line, row)
        shown = list(pane.topics.rows)
        await app.until(lambda: not pane.topics.stale, "the whole order")
        assert tree.visible_nodes() == page
        assert list(pane.topics.rows) != shown, "there was more to be put in order"
        assert tree.cursor_node == node
