"""What did not reach the capture is shown with its number, and grows live."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mqttx_tui.model.state import Counters, EngineCounters
from mqttx_tui.ui.screens.log import LogScreen
from mqttx_tui.ui.status import TOPICS_BEHIND
from mqttx_tui.ui.tabs import chart as chart_tab
from mqttx_tui.ui.workspace import NOTICES
from tests.ui.bench_app import bench, snapshot
from tests.ui.test_chart import chart, drawn, head

NOTHING = EngineCounters({1: Counters(received=7)})


async def test_excluded_messages_are_counted_at_the_connection_and_in_the_status(tmp_path: Path) -> None:
    async with bench(tmp_path, snapshots=[snapshot(subscriptions=())]) as app:
        app.app.workspace.counters(NOTHING)
        await app.tick()
        assert not any("excluded" in line for line in app.lines)
        for number, shown in ((999, "999"), (12_345, "12.3k")):
            app.app.workspace.counters(EngineCounters({1: Counters(received=20_000, excluded=number)}))
            await app.tick()
            row, status = [line for line in app.lines if "excluded" in line]
            assert row.split("│")[0].split() == ["excluded", shown]
            assert f"excluded {shown} " in status


async def test_what_was_lost_paused_or_refused_stands_at_its_connection(tmp_path: Path) -> None:
    one, other = snapshot(subscriptions=()), snapshot(id=2, key="lab", name="lab", letter="B")
    async with bench(tmp_path, snapshots=[one, other]) as app:
        each = Counters(received=9, lost=3, too_large=2, paused_seconds=61.25)
        app.app.workspace.counters(EngineCounters({1: Counters(received=9), 2: each}, lost=3))
        await app.tick()
        rows = [line.split("│")[0].split() for line in app.lines[1:]]
        at = next(number for number, row in enumerate(rows) if "lab" in row)
        below = rows[at + 1 : at + 8]
        for words in (["lost", "3"], ["reading", "paused", "61.2", "s"], ["over", "max_packet", "2"]):
            assert words in below
            assert words not in rows[:at]
        assert "lost 3*" in app.lines[-2]


async def test_a_list_of_topics_that_is_behind_says_how_far(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        for waiting in (TOPICS_BEHIND, TOPICS_BEHIND + 4_000):
            app.app.workspace.counters(replace(NOTHING, topics_waiting=waiting))
            await app.tick()
            assert ("topics behind 4.0k" in app.lines[-2]) is (waiting > TOPICS_BEHIND)


async def test_notices_that_the_log_has_let_go_are_counted(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        for number in range(NOTICES + 7):
            app.app.workspace.notice("info", f"notice {number}")
        await app.tick()
        assert f"log {app.app.workspace.noticed} " in app.lines[-2]
        app.app.main_screen.action_show_log()
        await app.until(lambda: any("older ones are gone" in line for line in app.lines), "the log")
        gone = app.app.workspace.noticed - NOTICES
        assert gone >= 7
        assert f"{gone} older ones are gone" in app.line("older ones")


async def test_enter_on_a_count_shows_a_topic_again_or_the_log(tmp_path: Path) -> None:
    async with bench(tmp_path, snapshots=[snapshot(subscriptions=())]) as app:
        app.app.workspace.exclude(1, "site/noisy/#")
        each = Counters(received=9, excluded=4, lost=3)
        app.app.workspace.counters(EngineCounters({1: each}, lost=3))
        await app.tick()
        await app.press("1", "end")
        await app.until(lambda: "Enter the log" in app.lines[-1], "the footer")
        await app.press("enter")
        await app.until(lambda: isinstance(app.app.screen, LogScreen), "the log")
        await app.press("escape", "up")
        await app.until(lambda: "Enter show again" in app.lines[-1], "the footer")
        await app.press("enter")
        await app.until(lambda: any("A site/noisy/#" in line for line in app.lines), "what is left out")
        await app.press("1")
        await app.until(lambda: ("exclude", 1, ()) in app.engine.calls, "it comes again")


async def test_a_stretch_of_time_with_too_many_messages_says_that_it_is_the_newest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chart_tab, "MOST", 300)
    async with bench(tmp_path) as app:
        await app.feed([("t", b"%d" % number, 0) for number in range(250)], step=1000)
        await app.press("v", "right", "right", "right")
        assert chart(app).span.seconds == 600
        await drawn(app, 250)
        for part in range(1, 5):
            await app.feed([("t", b"%d" % (part * 250 + n), 0) for n in range(250)], step=100)
        await app.until(lambda: " newest " in head(app), "that there were more")
        assert head(app).rstrip().endswith("only")
        await app.until(lambda: "max 1249" in head(app), "the last ones")
