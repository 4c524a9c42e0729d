"""Topics past the limit are captured; the tree says how many it does not list."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from mqttx_tui.capture.limits import Limits
from mqttx_tui.model.start import StartOptions
from mqttx_tui.ui.app import MqttxTui
from mqttx_tui.ui.backend import FileBackend
from mqttx_tui.ui.panes.topics import TopicsPane
from mqttx_tui.ui.topic_left_out import left_out_lines
from tests.capture.support import capturing, connect, put
from tests.support.wait import eventually
from tests.ui.bench_app import bench

LIMITS = Limits(messages=10_000, bytes=100_000_000, topics=3)


def said(more: int, limit: int = 100_000, cells: int = 38) -> str:
    return " ".join(piece[0].strip() for line in left_out_lines(more, limit, cells) for piece in line)


def test_the_line_is_there_only_when_there_is_something_to_say() -> None:
    assert left_out_lines(0, 100_000, 38) == []
    assert said(1).startswith("+ 1 more topic, captured")
    assert "+ up to 900,000 more topics, captured" in said(900_000)
    assert "the limit of 100,000 (setting retention.topics)" in said(900_000)
    for cells in (10, 20, 38, 120):
        lines = left_out_lines(900_000, 100_000, cells)
        assert all(len(line) == 1 and len(line[0][0]) <= max(cells, 21) for line in lines)


def listed(app: MqttxTui) -> int:
    pane = app.main_screen.find_pane(TopicsPane)
    return pane.topics.topics if pane is not None else 0


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_the_tree_ends_with_how_many_topics_it_does_not_list(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with bench(tmp_path, size=size, limits=LIMITS) as app:
        await app.feed([(f"t/{number}", b"1") for number in range(3)])
        await app.topics(3)
        await app.press("2")
        assert not any("more topic" in line for line in app.lines)
        await app.feed([(f"t/{number}", b"1") for number in range(3, 60)])
        await app.until(lambda: any("+ 57 more topics" in line for line in app.lines), "the line")
        assert any("retention.topics" in line for line in app.lines)
        assert app.writer.counters().kept == 60, "they are captured"
        await app.feed([("t/61", b"1")])
        await app.until(lambda: any("+ 58 more topics" in line for line in app.lines), "one more")


async def test_the_line_stands_below_the_last_row_of_a_long_tree(tmp_path: Path) -> None:
    limits = Limits(messages=10_000, bytes=100_000_000, topics=200)
    async with bench(tmp_path, limits=limits) as app:
        await app.feed([(f"t/{number}", b"1") for number in range(205)])
        await app.topics(200)
        await app.press("2")
        assert not any("more topics" in line for line in app.lines)
        await app.press("end")
        await app.until(lambda: any("+ 5 more topics" in line for line in app.lines), "at the end")
        assert any(" 199 " in line for line in app.lines)
        await app.press("home")
        await app.until(lambda: not any("more topics" in line for line in app.lines), "gone")


async def test_an_opened_capture_says_it_too_whatever_its_numbers_are(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    async with capturing(path, LIMITS) as writer:
        sink = connect(writer)
        for number in range(9):
            put(sink, f"t/{number}", b"x")
    for value, wanted in ((6, "+ 6 more topics"), ("[/]6", ""), (-7, "")):
        database = sqlite3.connect(path)
        database.execute("UPDATE meta SET value = ? WHERE key = 'other_topics'", (value,))
        database.commit()
        database.close()
        app = MqttxTui(StartOptions(open_path=str(path)), FileBackend(str(path)))
        async with app.run_test(size=(120, 40)):
            await app.opened.wait()

            await eventually(lambda: listed(app) == 3)  # noqa: B023
            pane = app.main_screen.find_pane(TopicsPane)
            assert pane is not None
            lines = pane.tree_widget.left_out(38)
            assert wanted in "".join(piece[0] for line in lines for piece in line)
            assert bool(lines) == bool(wanted)
