"""The tree of a capture's topics in the app: when its rows are there, and how long keys take.

A key is measured until every row that can be seen is right and stays where it is. After a sort the
rows off the page are put in order later, between other keys: that is a figure of its own ("all rows"),
which no budget is for.
"""

from __future__ import annotations

import asyncio
import gc
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measured import pss

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from textual.pilot import Pilot

    from mqttx_tui.ui.panes.topics import TopicsPane

KEYS = (
    ("page down", "pagedown"),
    ("expand all", "E"),
    ("end", "end"),
    ("up", "up"),
    ("page up", "pageup"),
    ("sort", "t"),
    ("home", "home"),
    ("collapse all", "C"),
)
FILTER = ".value < 50"
"""Half of the topics match it."""


class Waits:
    """The longest time that the loop was busy with one thing, by the clock and of this thread alone."""

    def __init__(self) -> None:
        self.longest = self.longest_cpu = 0.0

    async def until(self, holds: Callable[[], bool]) -> None:
        """Look every millisecond whether it holds by now."""
        while not holds():
            clock, cpu = time.perf_counter(), time.thread_time()
            await asyncio.sleep(0.001)
            self.longest = max(self.longest, time.perf_counter() - clock - 0.001)
            self.longest_cpu = max(self.longest_cpu, time.thread_time() - cpu)


async def tree(path: Path, topics: int) -> dict[str, float]:
    """Open the capture in the app; seconds, and milliseconds of keys, until things are there."""
    from mqttx_tui.model.start import StartOptions
    from mqttx_tui.ui.app import MqttxTui
    from mqttx_tui.ui.backend import FileBackend
    from mqttx_tui.ui.panes.topics import TopicsPane

    found: dict[str, float] = {}
    app = MqttxTui(StartOptions(open_path=str(path)), FileBackend(str(path)))
    async with app.run_test(size=(120, 40)) as pilot:
        await app.opened.wait()
        opened, cpu = time.perf_counter(), time.process_time()
        waits = Waits()
        await waits.until(lambda: app.main_screen.find_pane(TopicsPane) is not None)
        pane = app.main_screen.find_pane(TopicsPane)
        assert pane is not None
        await waits.until(lambda: bool(pane.tree_widget.visible_nodes()))
        found["first"] = time.perf_counter() - opened
        await waits.until(lambda: pane.topics.topics == topics and not pane.topics.stale)
        found["whole"] = time.perf_counter() - opened
        found["cpu"] = time.process_time() - cpu
        found["wait"], found["wait cpu"] = waits.longest * 1000, waits.longest_cpu * 1000
        gc.collect()
        found["bytes"] = pss(os.getpid())
        await press(pilot, pane, found)
        await find(pane, found)
    return found


async def press(pilot: Pilot[Any], pane: TopicsPane, found: dict[str, float]) -> None:
    """Each key until its page is final on the screen: what the loop worked for it, and its longest turn.

    "all rows": until the order of the rows off the page is worked out, too, where that comes later.
    """
    await pilot.press("2")
    for name, key in KEYS:
        await press_one(pilot, pane, name, key, found)


async def press_one(
    pilot: Pilot[Any], pane: TopicsPane, name: str, key: str, found: dict[str, float]
) -> None:
    """Press a key; what was on the screen then must still be there at the end."""
    waits, tree, order = Waits(), pane.tree_widget, pane.topics.order
    cpu = time.thread_time()
    pressed = asyncio.ensure_future(pilot.press(key))

    def seen() -> bool:
        """Handled, and the page is final and painted; ``pressed`` also waits for the rows off it."""
        handled = pressed.done() or pane.topics.order is not order
        return handled and tree.settled and tree.repaint_changes() == 0

    await waits.until(seen)
    found[f"key {name}"] = (time.thread_time() - cpu) * 1000
    page, partly = tree.visible_nodes(), pane.topics.stale
    await waits.until(lambda: pressed.done() and not pane.topics.stale)
    found[f"longest key {name}"] = waits.longest * 1000
    assert tree.visible_nodes() == page, "what was on screen stays"
    if partly:
        found[f"all rows of {name}"] = (time.thread_time() - cpu) * 1000


async def find(pane: TopicsPane, found: dict[str, float]) -> None:
    """A filter that leaves half of the topics."""
    waits = Waits()
    clock = time.perf_counter()
    pane.filter.use(FILTER)
    half = pane.topics.topics // 2
    await waits.until(lambda: pane.topics.filtered and abs(pane.topics.matched - half) <= 50)
    found["find"] = time.perf_counter() - clock
    found["find wait"], found["find wait cpu"] = waits.longest * 1000, waits.longest_cpu * 1000
