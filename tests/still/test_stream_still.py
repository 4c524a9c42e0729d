"""The stream: the row under the cursor stays on its line, whatever arrives, goes or changes."""

from __future__ import annotations

from array import array
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

import pytest

from mqttx_tui.capture.filters.scan import Progress
from mqttx_tui.capture.limits import Limits
from tests.still.flood import Flood, stream_row, stream_rows, tree, tree_row
from tests.ui.bench_app import Bench, bench

BATCHES, BATCH = 12, 60


async def held(app: Bench) -> None:
    await app.press("up", "up", "up")


async def paused(app: Bench) -> None:
    await app.press("space", "up", "up")


def only_values(app: Bench) -> bool:
    rows = [row for row in stream_rows(app) if row.strip()]
    return bool(rows) and all('"value"' in row for row in rows)


async def filtered(app: Bench) -> None:
    await app.press("slash", *"value", "enter")
    await app.until(lambda: any(" of 300 " in line for line in app.lines), "the filter's count")
    await app.until(lambda: only_values(app), "matches only")
    await app.press("up", "up", "up")


async def narrowed(app: Bench) -> None:
    await app.topics(50)
    await app.press("2")
    await app.until(lambda: tree(app).cursor_node >= 0, "the tree")
    await app.press("home", "left")
    for _ in range(20):
        if tree_row(app).text == "site":
            break
        await app.press("down")
    await app.press("enter", "3")
    model = app.app.main_screen.messages.stream_model
    await app.until(lambda: model.picked is not None and len(model.picked) > 250, "the subtree")
    await app.until(lambda: all(row.strip() and "new-300" not in row for row in stream_rows(app)), "its page")
    await app.press("up", "up", "up")


STATES = [held, paused, filtered, narrowed]


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 20)], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("state", STATES)
async def test_the_row_under_the_cursor_stays_while_a_flood_is_played(
    tmp_path: Path, state: Callable[[Bench], Awaitable[None]], size: tuple[int, int]
) -> None:
    flood = Flood(seed=7)
    async with bench(tmp_path, size=size) as app:
        await app.feed(flood.messages(300), step=20)
        await state(app)
        before = stream_row(app)
        page = stream_rows(app)
        assert before.line > 0
        for step in (50, 2, 1, 0, 0, 10, 200) * 2:
            await app.feed(flood.messages(BATCH), step=step)
            assert stream_row(app) == before
            assert stream_rows(app) == page


@pytest.mark.parametrize("state", [held, paused])
async def test_the_row_stays_when_the_rows_above_it_and_it_itself_are_evicted(
    tmp_path: Path, state: Callable[[Bench], Awaitable[None]]
) -> None:
    flood = Flood(seed=8)
    async with bench(tmp_path, limits=Limits(messages=200, bytes=100_000_000)) as app:
        await app.feed(flood.messages(150), step=20)
        await state(app)
        before, times = stream_row(app), [row[1:13] for row in stream_rows(app)]
        for _ in range(BATCHES):
            await app.feed(flood.messages(BATCH), step=1)
            now = stream_row(app)
            assert (now.line, now.text[:13]) == (before.line, before.text[:13])
            assert [row[1:13] for row in stream_rows(app)] == times
        await app.until(lambda: "evicted" in stream_row(app).text, "the row is gone, and says so")
        assert stream_row(app).line == before.line


@pytest.mark.parametrize("state", STATES)
async def test_the_row_is_the_same_after_every_size(
    tmp_path: Path, state: Callable[[Bench], Awaitable[None]]
) -> None:
    flood = Flood(seed=9)
    async with bench(tmp_path) as app:
        await app.feed(flood.messages(300), step=20)
        await state(app)
        model = app.app.main_screen.messages.stream_model
        before, message = stream_row(app), model.cursor_id
        for size in ((180, 45), (80, 24), (60, 20), (45, 10), (25, 4), (80, 24), (120, 40)):
            await app.pilot.resize_terminal(*size)
            await app.feed(flood.messages(BATCH), step=1)
            assert model.cursor_id == message
            if size != (25, 4):
                await app.until(lambda: len([r for r in stream_rows(app) if r.startswith("›")]) == 1, "a row")
                await app.tick()
                assert model.cursor_id == message
        assert stream_row(app).text == before.text


async def test_columns_stay_where_they_are_whatever_arrives(tmp_path: Path) -> None:
    flood = Flood(seed=10)
    async with bench(tmp_path) as app:
        arrows: set[int] = set()
        for step in (100, 20, 5, 1, 0, 0, 5, 100):
            await app.feed(flood.messages(200), step=step)
            rows = [row for row in stream_rows(app) if row[1:2].isdigit()]
            assert rows
            arrows |= {row.index("←") for row in rows}
            assert all(row[row.index("←") + 3] == " " for row in rows)
        assert len(arrows) == 1


async def test_narrowing_and_filtering_keep_the_row_under_the_cursor(tmp_path: Path) -> None:
    flood = Flood(seed=11)
    async with bench(tmp_path) as app:
        await app.feed(flood.messages(300), step=20)
        await app.press("home", *["pagedown"] * 9, *["up"] * 5)
        model = app.app.main_screen.messages.stream_model
        for _ in range(40):
            if "value" in stream_row(app).text:
                break
            await app.press("up")
        chosen, before = model.cursor_id, stream_row(app)
        await app.press("slash", *"value", "enter")
        await app.until(lambda: only_values(app), "matches only")
        assert model.cursor_id == chosen
        assert stream_row(app) == before
        await app.press("slash", *["backspace"] * 5, "enter")
        await app.until(lambda: not only_values(app), "everything")
        assert model.cursor_id == chosen
        assert stream_row(app) == before


async def test_that_nothing_matches_is_said_only_once_it_is_known(tmp_path: Path) -> None:
    flood = Flood(seed=12)
    async with bench(tmp_path) as app:
        await app.feed(flood.messages(100), step=20)
        finding = app.app.main_screen.messages.finding
        unfinished = SimpleNamespace(
            revision=7,
            ids=lambda: array("q"),
            poke=lambda: None,
            cancel=lambda: None,
            progress=lambda: Progress(scanned=50, total=100, matched=0, done=False),
        )
        await app.press("slash", *"nowhere", "enter")
        await app.until(lambda: any("No message matches" in row for row in stream_rows(app)), "said")
        with patch.object(finding, "_scan", unfinished):
            await app.until(lambda: not any("matches" in row for row in stream_rows(app)), "not said")
        await app.until(lambda: any("No message matches" in row for row in stream_rows(app)), "said again")
