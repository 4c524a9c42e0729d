"""What must not move in the topic tree: the rows under cursor and mouse, whatever arrives."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from mqttx_tui.ui.panes.topics import TopicsPane
from mqttx_tui.ui.topic_model import Order
from mqttx_tui.ui.widgets.topic_tree import IDLE_SECONDS
from tests.ui.bench_app import Bench, bench

BATCHES = 8
ROWS = 500


class Still:
    """The tree with a clock of its own, and where things stand."""

    def __init__(self, app: Bench) -> None:
        self.app = app
        pane = app.app.main_screen.find_pane(TopicsPane)
        assert pane is not None
        self.pane = pane
        self.tree = pane.tree_widget
        self.now = 0.0
        self.tree.clock = lambda: self.now

    def line_of(self, node: int) -> int:
        """The screen line a node is painted at, by its text."""
        nodes = self.tree.visible_nodes()
        assert node in nodes, "it left the page"
        y = self.tree.region.y + nodes.index(node)
        assert f" {self.pane.topics.level(node)} " in self.app.lines[y]
        return y

    async def sort(self, order: Order) -> None:
        while self.pane.topics.order is not order:
            await self.app.press("t")

    async def hover(self, y: int) -> int:
        """Put the mouse on a line of the tree; the node there."""
        self.now += 0.1
        await self.app.pilot.hover(self.tree, offset=(5, y))
        await self.app.pilot.pause()
        return self.tree.visible_nodes()[y]


def start() -> list[tuple[str, bytes]]:
    return [(f"m/{number:03}/v", b"1") for number in range(100, 160)]


def flood() -> list[list[tuple[str, bytes]]]:
    """Batches of messages: known topics at very different rates, and new ones above, between and below."""
    chance = random.Random(7)
    new = [f"m/{number:03}/{leaf}" for number in range(0, 300, 3) for leaf in ("a", "v", "z")]
    chance.shuffle(new)
    batches = []
    for _ in range(BATCHES):
        batch = [(new.pop(), b"new") for _ in range(20)]
        known = [name for name, _ in start()]
        batch += [(known[min(int(chance.expovariate(0.2)), 59)], b"2") for _ in range(ROWS - 20)]
        chance.shuffle(batch)
        batches.append(batch)
    return batches


def known_after(batches: list[list[tuple[str, bytes]]]) -> int:
    return len({name for batch in [start(), *batches] for name, _ in batch})


@pytest.mark.parametrize("order", list(Order), ids=[order.value for order in Order])
async def test_a_flood_leaves_the_row_under_the_cursor_where_it_is(tmp_path: Path, order: Order) -> None:
    async with bench(tmp_path) as app:
        await app.feed(start())
        await app.topics(60)
        still = Still(app)
        await app.press("2")
        await still.sort(order)
        await app.press("E", *["down"] * 25, *["up"] * 4)
        node = still.tree.cursor_node
        y = still.line_of(node)
        for batch in flood():
            await app.feed(batch, step=1)
            assert still.line_of(node) == y

        def taken() -> bool:
            assert still.tree.cursor_node == node
            assert still.line_of(node) == y
            return still.pane.topics.topics >= known_after(flood())

        await app.until(taken, "every new topic is in the tree")


@pytest.mark.parametrize("order", [Order.RATE, Order.COUNT, Order.AGE], ids=["rate", "count", "age"])
async def test_a_new_order_waits_until_the_pane_is_left_alone_and_keeps_the_line(
    tmp_path: Path, order: Order
) -> None:
    async with bench(tmp_path) as app:
        await app.feed(start())
        await app.topics(60)
        still = Still(app)
        await app.press("2")
        await still.sort(order)
        await app.press("C", "home", "space", *["down"] * 22)
        node, rows = still.tree.cursor_node, list(still.pane.topics.rows)
        y = still.line_of(node)
        above = still.pane.topics.parent[node]
        for _ in range(3):
            await app.feed(
                [(f"m/{159 - number:03}/v", b"2") for number in range(60) for _ in range(number % 7)]
            )
        await app.until(lambda: still.pane.topics.count[0] > 500, "the counts are there")
        still.now = IDLE_SECONDS - 0.1
        await app.tick()
        assert list(still.pane.topics.rows) == rows, "not while the pane is in use"
        still.now = IDLE_SECONDS + 1
        await app.until(lambda: list(still.pane.topics.rows) != rows, "sorted anew")
        topics = still.pane.topics

        def value(child: int) -> float:
            if order is Order.RATE:
                return topics.rate[child]
            return topics.count[child] if order is Order.COUNT else topics.last_at[child]

        shown = [value(child) for child in topics.rows if topics.parent[child] == above]
        assert shown == sorted(shown, reverse=True)
        assert still.tree.cursor_node == node
        at = still.pane.topics.row_of(node)
        assert still.line_of(node) == min(y, still.tree.region.y + at), "as far down as there are rows above"


@pytest.mark.parametrize("order", list(Order), ids=[order.value for order in Order])
async def test_the_row_under_the_mouse_stays_and_so_does_the_cursors(tmp_path: Path, order: Order) -> None:
    async with bench(tmp_path) as app:
        await app.feed(start())
        await app.topics(60)
        still = Still(app)
        await app.press("2")
        await still.sort(order)
        await app.press("E", *["down"] * 20)
        cursor = still.tree.cursor_node
        under = await still.hover(3)
        places = still.line_of(cursor), still.line_of(under)
        assert cursor != under
        for batch in flood()[:4]:
            still.now += 0.2
            await app.feed(batch, step=1)
            assert (still.line_of(cursor), still.line_of(under)) == places
        still.now += IDLE_SECONDS
        await app.topics(known_after(flood()[:4]))
        await app.until(lambda: len(still.pane.topics.rows) > 135, "what waited is shown after a while")
        assert still.line_of(under) == places[1], "the mouse was used last"


async def test_new_topics_above_do_not_push_a_tree_that_fits_the_page(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed([("m/m", b"1"), ("z/z", b"1")])
        await app.topics(2)
        still = Still(app)
        await app.press("2", "down", "down")
        node = still.tree.cursor_node
        y = still.line_of(node)
        await app.feed([("a/a", b"1"), ("b/b", b"1"), ("n/n", b"1")])
        await app.topics(5)
        assert still.line_of(node) == y
        still.now += IDLE_SECONDS
        await app.tick()
        assert " ▾ a" in app.lines[still.tree.region.y], "nothing stays hidden above once it is left alone"


async def test_a_tree_that_nobody_touched_shows_its_top(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed(start())
        await app.topics(60)
        await app.feed([("a/first", b"1")])
        await app.topics(61)
        still = Still(app)
        assert " ▾ a" in app.lines[still.tree.region.y]
        await app.press("2")
        assert still.pane.topics.topic_name(still.tree.cursor_node) == "a"
        await app.feed([("A/earlier", b"1")])
        await app.topics(62)
        assert " ▾ A" in app.lines[still.tree.region.y], "the cursor was not moved yet"
        assert still.pane.topics.topic_name(still.tree.cursor_node) == "A"


async def test_the_cursor_stays_on_the_page_when_it_shrinks(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed(start())
        await app.topics(60)
        still = Still(app)
        await app.press("2", *["down"] * 18)
        node = still.tree.cursor_node
        await app.pilot.resize_terminal(100, 24)
        await app.tick()
        assert node in still.tree.visible_nodes()
        assert still.tree.cursor_node == node
