"""The stream on the screen: columns, follow, hold, pause, eviction, filter, narrowing."""

from __future__ import annotations

from pathlib import Path

from mqttx_tui.capture.limits import Limits
from mqttx_tui.model.message import DUP, OUTGOING, RETAIN, WEBSOCKET
from tests.ui.bench_app import bench, snapshot

QOS1 = 0b010


def numbered(first: int, last: int) -> list[tuple[str, bytes, int]]:
    """Messages whose payload says their number."""
    return [(f"site/{number % 3}/temp", b"number %d" % number, 0) for number in range(first, last + 1)]


async def test_columns_stand_where_they_are_drawn(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed(
            [
                ("site/7/temp", b'{"value": 21.4}', QOS1),
                ("site/7/temp", b'{"value": 22.0}', QOS1 | RETAIN),
                ("site/7/set", b"OFF", OUTGOING | QOS1),
                ("site/7/raw", bytes([1, 3, 0, 0xC5, 0xFF]), 0),
                ("a/very/long/topic/of/greenhouse/bench-2/temp", b"1", DUP | QOS1),
                ("trade", b"{}", WEBSOCKET),
            ]
        )
        rows = [line[39:] for line in app.lines[2:8]]
        assert [row[14:18] for row in rows] == ["←1  ", "←1R ", "→1  ", "←0  ", "←1D ", "←tx "]
        assert rows[0][18:42] == "site/7/temp             "
        assert rows[0][42:].startswith('{"value": 21.4}')
        assert rows[3][42:].startswith("01 03 00 c5 ff   ·5 B")
        assert "…" in rows[4][18:20]
        assert rows[4][18:40].rstrip().endswith("greenhouse/bench-2/temp"[-21:])
        assert all(len(row) == 81 for row in rows)


async def test_the_letter_stands_there_only_when_there_are_several(tmp_path: Path) -> None:
    second = snapshot(id=2, key="lab", name="lab", letter="B")
    async with bench(tmp_path, snapshots=[snapshot(), second]) as app:
        await app.feed([("site/7/temp", b"1", 0)])
        assert "A←0  site/7/temp" in app.line("site/7/temp  ")


async def test_follow_shows_the_newest_and_a_move_holds_the_page(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed(numbered(1, 100))
        assert "number 100" in "\n".join(app.lines)
        assert "LIVE ▶" in app.line("3 Messages")
        await app.press("up")
        held = [line[39:] for line in app.lines[2:18]]
        assert "HELD" in app.line("3 Messages")
        await app.feed(numbered(101, 150))
        assert [line[39:] for line in app.lines[2:18]] == held
        await app.press("f")
        await app.tick()
        assert "number 150" in "\n".join(app.lines)


async def test_the_whole_capture_can_be_scrolled(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed(numbered(1, 5000), step=1)
        await app.press("g")
        assert app.lines[2].rstrip().endswith("number 1")
        await app.press("pagedown", "pagedown")
        assert "›" in app.line("number 33")
        await app.press("G")
        assert "number 5000" in "\n".join(app.lines)
        assert app.app.main_screen.messages.stream_model.follow


async def test_pause_freezes_even_what_is_evicted(tmp_path: Path) -> None:
    limits = Limits(messages=60, bytes=100_000_000)
    async with bench(tmp_path, limits=limits) as app:
        await app.feed(numbered(1, 50))
        await app.press("space")
        frozen = [line[39:52] for line in app.lines[2:18]]
        for start in range(51, 400, 50):
            await app.feed(numbered(start, start + 49))
        title = app.line("3 Messages")
        assert "PAUSED at" in title
        assert "newer" in title

        await app.feed(numbered(500, 549))
        await app.until(lambda: "evicted" in app.lines[3][39:], "the rows to be evicted")
        assert [line[39:52] for line in app.lines[2:18]] == frozen
        await app.press("space")
        await app.tick()
        assert "LIVE" in app.line("3 Messages")


async def test_rows_above_a_held_page_go_without_moving_it(tmp_path: Path) -> None:
    limits = Limits(messages=200, bytes=100_000_000)
    async with bench(tmp_path, limits=limits) as app:
        await app.feed(numbered(1, 180))
        await app.press("up", "up")
        held = [line[39:] for line in app.lines[2:18]]
        await app.feed(numbered(181, 300))
        await app.tick()
        assert app.app.main_screen.messages.stream_model.bounds.floor > 1
        assert [line[39:] for line in app.lines[2:18]] == held


async def test_left_and_right_scroll_the_payload(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed([("t", bytes(range(48, 58)) * 20, 0)])
        await app.press("right")
        assert app.lines[2][81:91] == "8901234567"
        await app.press("left")
        assert app.lines[2][81:91] == "0123456789"


async def test_a_filter_shows_its_matches_and_esc_restores(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed(numbered(1, 30))
        await app.press("slash", *"site/1/+", "enter")

        def narrowed() -> bool:
            rows = sum("site/1/temp" in line for line in app.lines[2:18])
            return rows == 10 and "10 of 30" in app.line("3 Messages")

        await app.until(narrowed, "the matches")
        assert "/ site/1/+" in app.line("3 Messages")
        assert all("site/1/temp" in line for line in app.lines[2:12])
        await app.press("slash", *"xyz", "escape")
        await app.until(narrowed, "the former filter")


async def test_a_bad_filter_says_why_and_the_former_one_stays(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed(numbered(1, 30))
        await app.press("slash", *"temp > 20")
        await app.tick()
        assert "column 1" in app.lines[-2]
        assert ">" not in app.app.main_screen.messages.finding.text, "at most what was valid on the way"
        await app.press("escape")
        await app.tick()
        assert "column 1" not in app.lines[-2]


async def test_enter_in_the_tree_narrows_and_esc_undoes_it(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed(numbered(1, 30))
        await app.topics(3)
        await app.press("2", "down", "enter")

        def narrowed() -> bool:
            return "10 of 30" in app.line("3 Messages")

        await app.until(narrowed, "the subtree")
        assert "site/0" in app.line("3 Messages")
        await app.press("escape")
        await app.tick()
        assert "all topics" in app.line("3 Messages")
        assert "30 kept" in app.line("3 Messages")


async def test_new_matches_are_added_to_a_filtered_stream(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed(numbered(1, 9))
        await app.press("slash", *"site/1/+", "enter")
        await app.feed([("site/1/temp", b"newest", 0)])

        def there() -> bool:
            return "newest" in "\n".join(app.lines)

        await app.until(there, "the new match")


async def test_a_flood_says_what_it_skips(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed(numbered(1, 10))
        for start in range(11, 5000, 1000):
            await app.feed(numbered(start, start + 999), step=1)
        title = app.line("3 Messages")
        assert "/s · showing 1" in title
        assert "of every" in title
