"""A flood from a seed, and where things stand on the screen while it is played."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any, NamedTuple

from textual.widget import Widget

from mqttx_tui.model.message import DUP, RETAIN
from mqttx_tui.ui.panes.topics import TopicsPane
from mqttx_tui.ui.widgets.topic_tree import TopicTree
from tests.ui.bench_app import Bench

SITES, DEVICES = 12, 9


class Flood:
    """Messages as a busy site sends them: values, sets, binary, retained, new topics all the time."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self.number = 0

    def values(self, count: int) -> list[tuple[Any, ...]]:
        """So many numbers of topics that are all known soon: a quiet kind of flood."""
        found = []
        for _ in range(count):
            self.number += 1
            topic = f"site/{self._chance.randrange(3)}/dev-{self._chance.randrange(4)}/temp"
            found.append((topic, b"%d" % (1000 + self.number % 9000), 0))
        return found

    def messages(self, count: int, *, fresh: float = 0.1) -> list[tuple[Any, ...]]:
        """So many more; ``fresh`` is the share of topics that nobody has seen."""
        return [self._message(fresh) for _ in range(count)]

    def _message(self, fresh: float) -> tuple[Any, ...]:
        chance = self._chance
        self.number += 1
        site = f"site/{chance.randrange(SITES)}/dev-{chance.randrange(DEVICES)}"
        topic = f"{site}/{chance.choice(['temp', 'state', 'set', 'log'])}"
        if chance.random() < fresh:
            topic = f"{chance.choice(['a', 'site/0', 'site/11', 'zz'])}/new-{self.number}"
        payload = chance.choice(
            [
                b'{"value": %d, "n": %d}' % (chance.randrange(100), self.number),
                b"%d" % self.number,
                b"x" * chance.randrange(300) + b" %d" % self.number,
                bytes((0xFF, self.number % 256)),
                "grüße 温度 %d".encode() % self.number,
                b"",
            ]
        )
        return topic, payload, chance.choice((0, 0, 0, RETAIN, DUP | 2, 2))


class Held(NamedTuple):
    """A row under a cursor: the line it stands on, and its text."""

    line: int
    text: str


def rows_of(app: Bench, widget: Widget) -> list[str]:
    """The lines of a widget, as they are on screen."""
    at = widget.region
    strips = app.app.screen._compositor.render_strips()[at.y : at.bottom]
    return [strip.crop(at.x, at.right).text for strip in strips]


def stream_rows(app: Bench) -> list[str]:
    """The rows of the stream."""
    return rows_of(app, app.app.main_screen.messages.stream)


def stream_row(app: Bench) -> Held:
    """The row under the cursor of the stream."""
    found = [Held(y, text.rstrip()) for y, text in enumerate(stream_rows(app)) if text.startswith("›")]
    assert len(found) == 1, "\n".join(app.lines)
    return found[0]


def tree(app: Bench) -> TopicTree:
    """The tree of topics."""
    pane = app.app.main_screen.find_pane(TopicsPane)
    assert pane is not None
    return pane.tree_widget


def tree_row(app: Bench) -> Held:
    """The line and the topic under the cursor of the tree."""
    widget = tree(app)
    node = widget.cursor_node
    line = widget.visible_nodes().index(node)
    label = widget.topics.level(node)
    assert label in rows_of(app, widget)[line], (label, rows_of(app, widget))
    return Held(line, widget.topics.topic_name(node))


def column(rows: Iterable[str], character: str) -> set[int]:
    """The places where a character stands."""
    return {at for row in rows for at, found in enumerate(row) if found == character}
