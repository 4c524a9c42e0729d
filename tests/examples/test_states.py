"""The states that a person meets (INTERFACE 3.4), each in words that say what to do next."""

from __future__ import annotations

from pathlib import Path

import pytest

from mqttx_tui.model.message import RETAIN
from mqttx_tui.model.state import ErrorInfo, Phase, StageReport, SubscriptionState
from tests.bindings.registry import alone
from tests.still.flood import Flood, stream_rows
from tests.ui.bench_app import NOON, Bench, bench, snapshot

SIZES = [(120, 40), (80, 24), (60, 20)]
NOT_AUTHORIZED = ErrorInfo("Not authorized", "CONNACK 0x87", "", "mqtt", 0x87, retry=False)
READ_ONLY = "production is read-only (read_only = true in connections.toml, line 88)"


def text(app: Bench) -> str:
    """All of the screen, its lines joined and its blanks made one."""
    return " ".join(" ".join(app.lines).split())


def sized(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"


@pytest.mark.parametrize("size", SIZES, ids=sized)
async def test_empty(tmp_path: Path, size: tuple[int, int]) -> None:
    everything = snapshot(subscriptions=(SubscriptionState("#", 0, True, 0),))
    async with bench(tmp_path, size=size, snapshots=[everything]) as app:
        app.clock[0] = NOON / 1e9 + 20
        await app.tick()
        shown = text(app)
        assert "Connected to mqtts://broker.lab:8883" in shown
        assert "(granted q0)" in shown
        assert "Nothing has arrived for 20 s. That can be right:" in shown
        assert "s subscribe $SYS/#" in shown
        assert "this user may not read" in shown
        assert "p publish" in shown


@pytest.mark.parametrize("size", SIZES, ids=sized)
async def test_connecting_gains_marks_and_moves_no_line(tmp_path: Path, size: tuple[int, int]) -> None:
    names = ("name", "tcp", "tls", "mqtt")

    def places(app: Bench) -> list[int]:
        wanted = ("name", "TCP", "TLS", "MQTT")
        rows = stream_rows(app)
        return [next(y for y, row in enumerate(rows) if row[:12].split()[1:2] == [name]) for name in wanted]

    down = snapshot(phase=Phase.CONNECTING, connected_at=None, attempt=1)
    async with bench(tmp_path, size=size, snapshots=[down]) as app:
        seen = []
        for done in range(len(names)):
            stages = tuple(
                StageReport(name, "ok" if at < done else "failed" if done == 3 else "running", "", 2.0)
                for at, name in enumerate(names[: done + 1])
            )
            error = ErrorInfo("refused", "TCP") if done == 3 else None
            phase = Phase.RETRYING if done == 3 else Phase.CONNECTING
            app.app.workspace.state(
                snapshot(phase=phase, connected_at=None, attempt=3, stages=stages, error=error)
            )
            await app.tick()
            seen.append(places(app))
            assert sum("✓" in row for row in stream_rows(app)) == done
        assert all(one == seen[0] for one in seen)
        assert "Enter retry now" in text(app)
        assert "x give up" in text(app)


@pytest.mark.parametrize("size", SIZES, ids=sized)
async def test_not_retried(tmp_path: Path, size: tuple[int, int]) -> None:
    refused = snapshot(phase=Phase.FAILED, connected_at=None, error=NOT_AUTHORIZED)
    async with bench(tmp_path, size=size, snapshots=[refused]) as app:
        shown = text(app)
        assert "CONNACK 0x87: Not authorized." in shown
        assert "Not retried: the same answer would come." in shown
        assert "e edit" in shown
        assert "Enter try again" in shown


async def test_a_filter_does_not_hide_why_nothing_can_come(tmp_path: Path) -> None:
    refused = snapshot(phase=Phase.FAILED, connected_at=None, error=NOT_AUTHORIZED)
    async with bench(tmp_path, snapshots=[refused]) as app:
        await app.press("slash", *".value", "enter")
        await app.until(lambda: "Enter try again" in text(app), "the reason")


async def test_a_filter_that_leaves_nothing_says_how_to_go_on(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed([("site/1", b"1", 0)])
        await app.press("slash", *"nothing", "enter")
        await app.until(lambda: "an empty one shows everything" in text(app), "what to do")
        await app.press("slash", "ctrl+u", "enter")
        await app.until(lambda: "site/1" in text(app), "everything")


@pytest.mark.parametrize("size", SIZES, ids=sized)
async def test_flood(tmp_path: Path, size: tuple[int, int]) -> None:
    async with bench(tmp_path, size=size) as app:
        for start in range(0, 6000, 500):
            noisy = [(f"site/noisy/{number % 40}", b"%d" % number, 0) for number in range(start, start + 500)]
            await app.feed(noisy, step=1)
        shown = text(app)
        assert "/s · showing " in shown
        assert " of every " in shown
        assert "noisiest: site/noisy/# 100 %" in shown
        assert "Space pause" in stream_rows(app)[-1]
        before = stream_rows(app)
        await app.feed([("site/noisy/1", b"x", 0)] * 20, step=1)
        assert stream_rows(app) == before, "not more than twice a second"
        await app.tick(0.6)
        await app.feed([("site/noisy/1", b"x", 0)] * 20, step=1)
        assert stream_rows(app) != before


@pytest.mark.parametrize("size", SIZES, ids=sized)
async def test_paused(tmp_path: Path, size: tuple[int, int]) -> None:
    flood = Flood(seed=40)
    async with bench(tmp_path, size=size) as app:
        await app.feed(flood.messages(100), step=10)
        await app.press("space")
        widths = set()
        for count in (1, 9, 90, 900):
            await app.feed(flood.messages(count), step=5)
            line = next(line for line in app.lines if " newer" in line)
            assert "PAUSED" in line
            widths.add((line.index("PAUSED"), line.index(" newer")))
        assert len(widths) == 1, "the count stands in its place"
        assert "1,000 newer" in text(app)


@pytest.mark.parametrize("size", SIZES, ids=sized)
async def test_read_only(tmp_path: Path, size: tuple[int, int]) -> None:
    watched = snapshot(name="production", read_only=True, read_only_text=READ_ONLY)
    async with bench(tmp_path, size=size, snapshots=[watched]) as app:
        await app.feed([("site/set", b"ON", RETAIN)])
        await app.topics(1)
        assert "READ ONLY" in app.lines[0]
        for keys in (("3", "p"), ("3", "f5"), ("2", "end", "delete")):
            app.app.workspace.notices.clear()
            await app.press(*keys[:-1])
            await alone(app)
            await app.press(keys[-1])
            await app.until(
                lambda: any(READ_ONLY in notice.text for notice in app.app.workspace.notices), f"{keys[-1]}"
            )
            if keys[-1] != "delete":
                await app.until(lambda: "production is read-only" in app.lines[-2], "it is told")
        assert app.engine.calls == []


async def test_too_small(tmp_path: Path) -> None:
    async with bench(tmp_path, size=(29, 5)) as app:
        assert "30×6" in app.lines[0]
        assert not any(line.strip() for line in app.lines[1:])
        await app.pilot.resize_terminal(49, 11)
        await app.feed([("site/7/temp", b"1", 0)])
        await app.until(lambda: "site/7/temp" in text(app), "list and status only")
        assert "greenhouse" not in app.lines[0]


async def test_help_names_the_setting_once_inside_tmux(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting = "set -sg escape-time 10"
    for inside, times in (("", 0), ("/tmp/tmux-0/default,1,0", 1)):
        monkeypatch.setenv("TMUX", inside)
        async with bench(tmp_path) as app:
            await app.press("question_mark")
            await app.press(*["pagedown"] * 4, "end")
            await app.tick()
            assert text(app).count(setting) == times
