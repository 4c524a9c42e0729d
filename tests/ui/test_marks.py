"""Marks, the column of times, jumping to a time."""

from __future__ import annotations

from pathlib import Path

from mqttx_tui.ui.marks import Marks
from mqttx_tui.ui.stream_model import StreamModel
from mqttx_tui.ui.widgets.stream_row import clock_text, since_text
from tests.ui.bench_app import MILLISECOND, NOON, Bench, bench
from tests.ui.test_stream import numbered


def rows(app: Bench) -> list[str]:
    stream = app.app.main_screen.messages.stream.region
    return [line[stream.x : stream.right].rstrip() for line in app.lines[stream.y : stream.bottom]]


def at_mark(app: Bench) -> int:
    return next(number for number, row in enumerate(rows(app)) if " mark ──" in row)


async def test_a_mark_stands_between_what_was_and_what_comes(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed(numbered(1, 5))
        await app.press("m")
        await app.tick()
        clock = clock_text(NOON + 50 * MILLISECOND, 12)[:8]
        assert rows(app)[5].startswith(f" ── {clock} mark ──")
        await app.feed(numbered(6, 8))
        assert at_mark(app) == 5
        assert rows(app)[4].endswith("number 5")
        assert rows(app)[6].endswith("number 6")


async def test_marks_take_lines_of_the_page_and_no_message_is_lost(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        for start in range(1, 31, 3):
            await app.feed(numbered(start, start + 2))
            await app.press("m")
        await app.tick()
        shown = [row for row in rows(app) if row]
        assert " mark ──" in shown[-1]
        assert shown[-2].endswith("number 30")
        seen: set[int] = set()
        for _ in range(40):
            await app.press("up")
            seen |= {int(row.rpartition(" ")[2]) for row in rows(app) if "number" in row}
            cursor = [row for row in rows(app) if row.startswith("›")]
            assert len(cursor) == 1, rows(app)
            assert all(rows(app)[:-1])
        assert seen == set(range(1, 31))
        await app.press(*["down"] * 29)
        assert any(row.startswith("›") and row.endswith("number 30") for row in rows(app))


async def test_a_held_page_is_marked_at_its_cursor(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed(numbered(1, 10))
        await app.press("up", "up", "m")
        assert rows(app)[at_mark(app) - 1].endswith("number 8")
        await app.press("slash", *"at > mark", "enter")
        await app.until(lambda: "2 of 10" in app.line("3 Messages"), "what came after the mark")
        await app.until(lambda: len([row for row in rows(app) if "number" in row]) == 2, "their rows")
        await app.press("down", "m")
        await app.until(lambda: "0 of 10" in app.line("3 Messages"), "the newer mark")


async def test_from_here_on_shows_only_what_comes(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed(numbered(1, 10))
        await app.app.main_screen.run_action("from_here")
        await app.feed(numbered(11, 12))
        await app.until(lambda: "2 of 12" in app.line("3 Messages"), "what came since")
        assert "/ at > mark" in app.line("3 Messages")


async def test_a_click_finds_its_row_around_a_mark(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed(numbered(1, 3))
        await app.press("m")
        await app.feed(numbered(4, 6))
        await app.pilot.click("#stream", offset=(30, 4))
        assert rows(app)[4].startswith("›")
        assert rows(app)[4].endswith("number 4")
        await app.pilot.click("#stream", offset=(30, 3))
        assert rows(app)[2].startswith("›")


async def test_the_column_of_times_counts_from_the_row_before_and_from_the_mark(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed(numbered(1, 2))
        await app.feed(numbered(3, 3), step=1500)
        await app.press("a")
        assert [row[1:13].strip() for row in rows(app)[:3]] == ["", "+0.010", "+1.500"]
        await app.press("a")
        assert rows(app)[0][1:13] == clock_text(NOON + 10 * MILLISECOND, 12)
        await app.press("up", "m", "a", "a")
        assert [row[1:13].strip() for row in rows(app) if "number" in row] == ["-0.010", "+0.000", "+1.500"]


async def test_jump_to_a_time(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed(numbered(1, 1000), step=100)

        async def jump(text: str) -> None:
            await app.app.main_screen.run_action("jump_to_time")
            await app.until(lambda: "Jump to" in "\n".join(app.lines), "the question")
            await app.press(*text, "enter")
            await app.until(lambda: app.app.screen is app.app.main_screen, "the answer")
            await app.tick()

        await jump(clock_text(NOON + 50_000 * MILLISECOND, 12))
        assert any(row.startswith("›") and row.endswith("number 500") for row in rows(app))
        await jump("nonsense")
        assert "No such time" in "\n".join(app.lines)
        assert any(row.startswith("›") and row.endswith("number 500") for row in rows(app))


async def test_a_time_of_day_lands_on_the_first_message_at_or_after_it(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed(numbered(1, 50), step=10_000)  # to 12:08:20
        await app.feed([("late/a", b"before the half hour", 0)], step=1_290_000)  # 12:29:50
        await app.feed([("late/b", b"after it", 0), ("late/a", b"much later", 0)], step=30_000)
        for text, payload in (
            ("12:30", "after it"),
            ("12:29:50", "before the half hour"),
            ("12:05", "number 30"),
            ("2026-11-21T12:30", "after it"),
        ):
            await app.app.main_screen.run_action("jump_to_time")
            await app.until(lambda: "Jump to" in "\n".join(app.lines), "the question")
            await app.press(*text, "enter")
            await app.until(
                lambda payload=payload: any(row.startswith("›") and payload in row for row in rows(app)),  # type: ignore[misc]
                f"{text}: {payload}",
            )
        await app.press("f", "slash", *"late/a", "enter")
        await app.until(lambda: "2 of 53" in app.line("3 Messages"), "the filter")
        await app.app.main_screen.run_action("jump_to_time")
        await app.until(lambda: "Jump to" in "\n".join(app.lines), "the question")
        await app.press(*"12:30", "enter")
        await app.until(
            lambda: any(row.startswith("›") and "much later" in row for row in rows(app)), "shown"
        )


def test_differences_fit_their_columns() -> None:
    second = 1_000_000_000
    amounts = (0, 17_000_000, 59.999, 60, 3599, 3600, 86_399, 86_400, 999 * 86_400)
    for amount in (*amounts, *(-each for each in amounts)):
        for cells in (7, 12):
            assert len(since_text(int(amount * second), cells)) == cells
    assert since_text(62_500_000_000, 12).strip() == "+1:02.500"
    assert since_text(-3_723 * second, 7).strip() == "-1h02"


def test_what_came_before_a_mark_but_was_captured_later_stands_above_it() -> None:
    from mqttx_tui.model.message import Message

    class Source:
        def messages(self, first_id: int, count: int, *, payload: int = 256) -> list[Message]:
            times = {11: 90, 12: 100, 13: 110}
            return [Message(n, at, 1, 1, "t", 0, 1, b"", 0) for n, at in times.items() if n >= first_id]

    marks = Marks()
    marks.put(100, 10, settled=False)
    marks.settle(Source(), 13)
    assert [mark.after for mark in marks.between(0, 99)] == [12]
    assert StreamModel().marks.newest is None
