"""The canvas: what is sent makes the same screen as Textual's own frames, in the order that helps most."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from mqttx_tui.ui.app import MqttxTui
from mqttx_tui.ui.canvas import Canvas
from tests.support.emulated import Screen
from tests.ui.bench_app import bench

CONSOLE = Console(force_terminal=True, color_system="truecolor", width=80)
ROW = re.compile(r"\x1b\[(\d+);(\d+)H")
BOLD = Style(bold=True)
KEYS = ["slash", "s", "escape", "escape", "2", "j", "z", "z", "3", "g", "j", "enter", "3", "p", "a"]


def page(*lines: str) -> LayoutUpdate:
    """A frame of whole rows, 20 cells wide."""
    strips = [[Strip([Segment(line.ljust(20), BOLD)], 20)] for line in lines]
    return LayoutUpdate(list(strips), Region(0, 0, 20, len(lines)))


def rows_in(text: str) -> list[int]:
    """The rows to which a text moves, in order."""
    return [int(row) - 1 for row, _ in ROW.findall(text)]


@pytest.fixture
def canvas() -> Canvas:
    """Ten rows, all of them sent."""
    canvas = Canvas()
    canvas.put_update(page(*(f"row {number}" for number in range(10))))
    canvas.take(1_000_000, (0, 0), CONSOLE)
    assert not canvas.waiting
    return canvas


def test_what_did_not_change_is_not_sent_and_what_changed_back_neither(canvas: Canvas) -> None:
    lines = [f"row {number}" for number in range(10)]
    canvas.put_update(page(*lines))
    assert canvas.take(1_000_000, (0, 0), CONSOLE) == ""
    canvas.put_update(page(*lines[:-1], "gone"))
    canvas.put_update(page(*lines))
    assert canvas.take(1_000_000, (0, 0), CONSOLE) == ""


def test_of_a_row_only_the_cells_that_differ_are_sent(canvas: Canvas) -> None:
    canvas.put_update(page(*(f"row {number}" for number in range(9)), "row 8"))
    sent = canvas.take(1_000_000, (0, 0), CONSOLE)
    assert "\x1b[10;5H" in sent
    assert "8" in sent
    assert "row" not in sent


def test_a_frame_is_cut_into_rows_the_nearest_first_and_none_starves(canvas: Canvas) -> None:
    seen: list[set[int]] = []
    for turn in range(12):
        canvas.put_update(page(*[chr(ord("a") + turn) * 20] * 10))
        seen.append(set(rows_in(canvas.take(150, (6, 6), CONSOLE))))
        assert 6 in seen[-1], "the row of the cursor goes first"
        assert 2 <= len(seen[-1]) <= 5, "the frame was cut"
    assert seen[0] <= {4, 5, 6, 7, 8}, "then the nearest"
    for start in range(len(seen) - 9):
        assert set.union(*seen[start : start + 9]) == set(range(10))


def test_what_waits_is_sent_in_its_newest_state(canvas: Canvas) -> None:
    canvas.put_update(page(*["old"] * 10))
    canvas.take(1, (0, 0), CONSOLE)
    canvas.put_update(page(*["new"] * 10))
    rest = canvas.take(1_000_000, (0, 0), CONSOLE)
    assert "old" not in rest
    assert sorted(rows_in(rest)) == list(range(10))


def test_the_answer_to_a_key_overtakes_the_traffic(canvas: Canvas) -> None:
    canvas.put_update(page(*["traffic"] * 9, "row 9"))
    canvas.put_update(page(*["traffic"] * 9, "field"), urgent=True)
    assert rows_in(canvas.take(1, (0, 0), CONSOLE)) == [9]
    assert not canvas.urgent


def test_after_forgetting_every_row_is_sent_whole(canvas: Canvas) -> None:
    canvas.forget()
    sent = canvas.take(1_000_000, (0, 0), CONSOLE)
    assert sorted(rows_in(sent)) == list(range(10))
    assert all(f"row {number}" in sent for number in range(10))


def test_another_size_is_another_canvas(canvas: Canvas) -> None:
    canvas.put_update(page("a", "b"))
    sent = canvas.take(1_000_000, (0, 0), CONSOLE)
    assert canvas.rows == 2
    assert sorted(set(rows_in(sent))) == [0, 1]


class Doubles:
    """Two screens: one gets Textual's text, the other what the canvas sends in random pieces."""

    def __init__(self) -> None:
        self.theirs, self.ours = Screen(120, 40), Screen(120, 40)
        self.canvas = Canvas()
        self.frames = 0
        self._chance = random.Random(3)

    def take(self, update: LayoutUpdate | ChopsUpdate, console: Console) -> None:
        self.frames += 1
        self.theirs.feed(update.render_segments(console).encode().replace(b"\n", b""))
        self.canvas.put_update(update, urgent=self._chance.random() < 0.3)
        if self._chance.random() < 0.7:
            self.send(console, self._chance.randint(1, 4000))

    def send(self, console: Console, room: int) -> None:
        near = self._chance.randrange(40)
        self.ours.feed(self.canvas.take(room, (near, 0), console).encode())


async def test_rows_make_the_same_screen_as_whole_frames(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    doubles = Doubles()

    def display(app: MqttxTui, screen: object, update: Any) -> None:
        if isinstance(update, (LayoutUpdate, ChopsUpdate)):
            doubles.take(update, app.console)

    monkeypatch.setattr(MqttxTui, "_display", display)
    async with bench(tmp_path) as app:
        for number in range(60):
            value = b'{"n": %d, "s": "\xe6\xb0\xb4"}'
            await app.feed([(f"site/{n % 13}/ünï", value % (number * n), 0) for n in range(9)])
            await app.press(KEYS[number % len(KEYS)])
            await app.tick()
        while doubles.canvas.waiting:
            doubles.send(app.app.console, 500)
        assert doubles.frames > 100
        assert doubles.ours.lines() == doubles.theirs.lines()
