"""Under a flood no row changes its looks more than twice a second."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from textual.widget import Widget

from tests.still.flood import Flood, tree
from tests.ui.bench_app import Bench, bench

TICKS = 20
"""Paints a second that the ticker may ask for."""
SECONDS = 6
MOST = 2


def looks(app: Bench, widget: Widget) -> list[tuple[str, ...]]:
    """The styles of each line of a widget, from left to right, whatever the lengths of their texts."""
    at = widget.region
    strips = app.app.screen._compositor.render_strips()[at.y : at.bottom]
    found = []
    for strip in strips:
        styles = [str(segment.style) for segment in strip.crop(at.x, at.right) if segment.text.strip()]
        found.append(tuple(one for one, after in pairwise([*styles, ""]) if one != after))
    return found


def most_changes(seen: list[tuple[str, ...]]) -> int:
    """The highest number of changes within any second."""
    changes = [int(one != after) for one, after in pairwise(seen)]
    return max(sum(changes[start : start + TICKS]) for start in range(len(changes) - TICKS + 1))


@pytest.mark.timeout(300)
@pytest.mark.parametrize("rate", [400, 2000])
async def test_a_row_of_the_stream_changes_its_style_at_most_twice_a_second(
    tmp_path: Path, rate: int
) -> None:
    flood = Flood(seed=30)
    async with bench(tmp_path) as app:
        await play(app, flood.messages, rate, 2 * TICKS)
        stream = app.app.main_screen.messages.stream
        assert stream.flooded
        seen = []
        for _ in range(TICKS * SECONDS):
            await play(app, flood.messages, rate, 1)
            seen.append(looks(app, stream))
        changes = [most_changes([page[y] for page in seen]) for y in range(len(seen[0]))]
        assert max(changes) <= MOST, changes
        assert max(changes) > 0, "the flood is painted"


@pytest.mark.timeout(300)
@pytest.mark.parametrize("rate", [100, 2000])
async def test_a_row_of_the_tree_changes_its_style_at_most_twice_a_second(tmp_path: Path, rate: int) -> None:
    flood = Flood(seed=31)
    async with bench(tmp_path) as app:
        await play(app, flood.values, rate, 2 * TICKS)
        await app.topics(12)
        seen = []
        for _ in range(TICKS * SECONDS):
            await play(app, flood.values, rate, 1)
            seen.append(looks(app, tree(app)))
        rows = min(len(page) for page in seen)
        changes = [most_changes([page[y] for page in seen]) for y in range(rows)]
        assert max(changes) <= MOST, changes


async def play(app: Bench, more: Callable[[int], list[tuple[Any, ...]]], rate: int, ticks: int) -> None:
    """So many ticks of a flood."""
    for _ in range(ticks):
        count = rate // TICKS
        step = 1000 // rate
        await app.feed(more(count), step=step)
        missing = 1 / TICKS - count * step / 1000
        app._at += int(missing * 1e9)
        await app.tick(missing)
