"""Tree, connections, header and notices: nothing moves that a person looks at."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest
from rich.cells import cell_len

from mqttx_tui.model.state import Counters, EngineCounters, ErrorInfo, Phase, StageReport
from mqttx_tui.ui.topic_model import Order
from mqttx_tui.ui.widgets.topic_tree import IDLE_SECONDS
from tests.still.flood import Flood, rows_of, stream_rows, tree, tree_row
from tests.ui.bench_app import NOON, Bench, bench, snapshot

STANDING = [
    snapshot(),
    snapshot(id=2, key="lab", name="lab", letter="B", subscriptions=()),
    snapshot(id=3, key="ticker", name="ticker", letter="C", subscriptions=()),
]


@pytest.mark.parametrize("order", list(Order))
@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 20)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_the_topic_under_the_cursor_stays_on_its_line_in_every_order(
    tmp_path: Path, order: Order, size: tuple[int, int]
) -> None:
    flood = Flood(seed=20)
    async with bench(tmp_path, size=size) as app:
        await app.feed(flood.messages(400), step=5)
        await app.topics(80)
        now = [1000.0]
        tree(app).clock = lambda: now[0]
        await app.press("2")
        for _ in range(list(Order).index(order)):
            await app.press("t")
        assert tree(app).topics.order is order
        await app.until(lambda: tree(app).cursor_node >= 0, "the tree")
        await app.press("down", "down", "down", "right", "down", "down")
        before = tree_row(app)
        for turn in range(14):
            await app.feed(flood.messages(100), step=2)
            now[0] += IDLE_SECONDS / 3
            await app.until(lambda: not tree(app).topics.stale, f"turn {turn}: the tree is up to date")
            assert tree_row(app) == before


async def test_columns_of_the_tree_stay_whatever_the_numbers(tmp_path: Path) -> None:
    flood = Flood(seed=21)
    async with bench(tmp_path) as app:
        ends: set[int] = set()
        heads: set[int] = set()
        for count in (1, 20, 400, 3000):
            await app.feed(flood.messages(count, fresh=0.02), step=1)
            await app.topics(1)
            await app.tick()
            title = app.line("2 Topics")
            heads.add(title.index("count"))
            rows = [row for row in rows_of(app, tree(app)) if row.strip()]
            ends |= {cell_len(row.rstrip()) for row in rows}
        assert len(ends) == 1, "counts end in one column"
        assert len(heads) == 1


def flapping(chance: random.Random, number: int) -> list[object]:
    """The three connections, in states that follow each other at a random pace."""
    states = []
    for one in STANDING:
        phase = chance.choice(list(Phase))
        down = phase is not Phase.CONNECTED
        error = ErrorInfo("broken pipe", "Link lost", stage="link") if down else None
        stages = (StageReport("name", "ok"), StageReport("tcp", "failed" if error else "ok"))
        states.append(
            replace(
                one,
                phase=phase,
                error=error,
                stages=stages,
                attempt=number,
                retry_at=NOON / 1e9 + chance.randrange(100) if phase is Phase.RETRYING else None,
                round_trip_ms=None if down else chance.choice([0.4, 12.0, 1234.0]),
            )
        )
    return list(states)


@pytest.mark.parametrize("size", [(120, 40), (80, 24)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_connections_that_flap_move_neither_header_nor_lists(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    chance, flood = random.Random(22), Flood(seed=22)
    async with bench(tmp_path, size=size, snapshots=STANDING) as app:
        await app.feed(flood.messages(200), step=20)
        await app.topics(50)
        await app.press("up", "up")

        def places() -> tuple[list[int], list[str], list[int]]:
            chips = [app.lines[0].index(f"{letter} ") for letter in "ABC"]
            titles = [y for y, line in enumerate(app.lines) if "─ " in line[:12] or "┐" in line]
            return chips, stream_rows(app), titles

        before = places()
        for number in range(40):
            for state in flapping(chance, number):
                app.app.workspace.state(state)  # type: ignore[arg-type]
            await app.tick(0.25)
            assert places() == before, "\n".join(app.lines)


async def test_the_rate_and_the_counters_keep_their_places(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        ends, width = set(), set()
        for rate in (0.0, 3.0, 42.0, 999.0, 1204.0, 9_999.0, 21_480.0):
            app.app.workspace.counters(EngineCounters({1: Counters(int(rate))}, rate=rate))
            await app.tick(1.0)
            ends.add(app.lines[0].index("/s"))
            width.add(len(app.lines[-1]))
        assert len(ends) == 1
        assert len(width) == 1


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 20)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_notices_have_one_line_and_cover_no_row(tmp_path: Path, size: tuple[int, int]) -> None:
    flood = Flood(seed=23)
    async with bench(tmp_path, size=size) as app:
        await app.feed(flood.messages(200), step=20)
        await app.topics(50)
        await app.press("up")
        await app.until(lambda: "HELD" in "".join(app.lines[:2]), "the page is held")
        before = lines_without_status(app)
        for number in range(12):
            app.app.say(
                ("info", "warning", "error")[number % 3], f"notice {number}: " + "words " * number * 3
            )
            await app.tick()
            assert any(f"notice {number}" in line for line in app.lines[-2:]), app.lines[-2:]
            assert lines_without_status(app) == before


def lines_without_status(app: Bench) -> list[str]:
    return [*app.lines[:-2], app.lines[-1]]
