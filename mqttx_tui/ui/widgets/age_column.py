"""The column of ages beside the topic tree."""

from __future__ import annotations

import time
from collections.abc import Callable

from rich.segment import Segment
from textual.geometry import Region
from textual.strip import Strip

from mqttx_tui.model.shown import age
from mqttx_tui.ui.widgets.ink import Inked
from mqttx_tui.ui.widgets.topic_tree import TopicTree

AGE_WIDTH = 6
AGES_WHILE_IDLE = 1
"""While nothing arrives, so many ages at most are repainted per call (the idle byte budget)."""


class AgeColumn(Inked):
    """Ages of the nodes that the tree shows: a widget of its own, so that a tick costs few bytes."""

    DEFAULT_CSS = f"AgeColumn {{ width: {AGE_WIDTH}; height: 1fr; }}"

    def __init__(self, tree_widget: TopicTree) -> None:
        super().__init__()
        self._tree_widget = tree_widget
        self._shown: list[tuple[str, bool, bool]] = []
        self._next = 0
        self.now_ns: Callable[[], int] = time.time_ns

    def render_line(self, y: int) -> Strip:
        """One age."""
        nodes = self._tree_widget.visible_nodes()
        cell = self._cell(nodes[y], self.now_ns()) if y < len(nodes) else ("", False, False)
        while len(self._shown) <= y:
            self._shown.append(cell)
        self._shown[y] = cell
        text, old, at_cursor = cell
        ground = "cursor" if at_cursor else ""
        style = self.ink("dim" if old else "text", ground)
        return Strip([Segment(f"{text:>{AGE_WIDTH - 1}} ", style)], AGE_WIDTH)

    def _cell(self, node: int, now: int) -> tuple[str, bool, bool]:
        topics = self._tree_widget.topics
        last = topics.last_at[node]
        seconds = max((now - last) / 1e9, 0.0) if last else None
        rate = topics.rate[node]
        old = seconds is None or seconds > max(10 / rate if rate > 0 else 60.0, 10.0)
        tree = self._tree_widget
        at_cursor = node == tree.cursor_node and tree.ground_shown
        return age(seconds), old, at_cursor

    def sync(self, *, idle: bool) -> bool:
        """Repaint the ages that differ; while idle only a few of them a time."""
        now = self.now_ns()
        nodes = self._tree_widget.visible_nodes()
        height = self.size.height
        shown = self._shown
        changed: list[int] = []
        for step in range(height):
            y = (self._next + step) % height
            cell = self._cell(nodes[y], now) if y < len(nodes) else ("", False, False)
            if y >= len(shown) or shown[y] != cell:
                only_age = y < len(shown) and shown[y][2] == cell[2]
                if idle and only_age and len(changed) >= AGES_WHILE_IDLE:
                    continue
                changed.append(y)
        if changed:
            self._next = (changed[-1] + 1) % height
            self.refresh(*[Region(0, y, AGE_WIDTH, 1) for y in changed])
        return bool(changed)
