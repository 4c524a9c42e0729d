"""Selecting several rows of the stream and copying them."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from mqttx_tui.capture.limits import Limits
from mqttx_tui.capture.rows import Bounds
from mqttx_tui.ui.selection import RowSelection
from mqttx_tui.ui.stream_model import StreamModel
from tests.ui.bench_app import Bench, bench
from tests.ui.test_stream import numbered

NOTHING = "nothing copied yet"


def chosen(app: Bench) -> list[str]:
    """The payloads of the rows that are shown as selected, by their sign and not by colour."""
    region = app.app.main_screen.messages.stream.region
    rows = [line[region.x :].rstrip() for line in app.lines[region.y : region.bottom]]
    return [row.split("  ")[-1].strip() for row in rows if row[:1] in ("›", "▌")]


async def copied(app: Bench, *keys: str) -> str:
    app.app.copy_to_clipboard(NOTHING)
    await app.press(*keys)
    await app.until(lambda: app.app.clipboard != NOTHING, "the clipboard")
    return app.app.clipboard


async def test_shift_and_arrows_select_and_y_copies_one_payload_a_line(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed(numbered(1, 100))
        await app.press("shift+up", "shift+up")
        assert chosen(app) == ["number 98", "number 99", "number 100"]
        assert " 3 selected " in app.line("3 Messages")
        assert await copied(app, "y") == "number 98\nnumber 99\nnumber 100"
        await app.until(lambda: "copied 3 payloads, 30 characters" in app.lines[-2], "the notice")
        await app.press("shift+down")
        assert chosen(app) == ["number 99", "number 100"]
        await app.press("up")
        assert chosen(app) == ["number 98"], "a plain move ends it"
        assert "selected" not in app.line("3 Messages")


async def test_v_selects_what_the_cursor_passes_and_esc_is_one_step(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed(numbered(1, 100))
        await app.press("z", "V", "k", "k", "k")
        assert " 4 selected " in "\n".join(app.lines)
        await app.press("escape")
        assert "selected" not in "\n".join(app.lines)
        assert app.app.main_screen.zoomed, "one step"
        await app.press("escape")
        assert not app.app.main_screen.zoomed
        await app.press("V", "g")
        assert " 97 selected " in app.line("3 Messages")
        await app.press("V")
        assert "selected" not in app.line("3 Messages")
        await app.press("V", "up", "f")
        await app.tick()
        assert "selected" not in app.line("3 Messages"), "following ends it"


async def test_a_selection_keeps_its_messages_while_more_arrive(tmp_path: Path) -> None:
    async with bench(tmp_path, limits=Limits(messages=200, bytes=100_000_000)) as app:
        await app.feed(numbered(1, 100))
        await app.press("V", "up")
        for start in range(101, 401, 50):
            await app.feed(numbered(start, start + 49))
        await app.until(lambda: "evicted" in app.line("▌"), "the rows to be evicted")
        assert " 2 selected " in app.line("3 Messages")
        await app.press("f", "V", "up", "up", "f")
        await app.feed(numbered(401, 402))
        await app.press("V", "up")
        assert await copied(app, "y") == "number 401\nnumber 402"


async def test_only_what_the_filter_shows_is_copied(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed(numbered(1, 30))
        await app.press("slash", *"site/1/+", "enter")
        await app.until(lambda: "10 of 30" in app.line("3 Messages"), "the matches")
        await app.until(lambda: "number 28" in "\n".join(app.lines), "the rows")
        await app.press("V", "up", "up")
        assert await copied(app, "y") == "number 22\nnumber 25\nnumber 28"


async def test_the_menu_copies_rows_in_several_forms(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed([("a/b", b"1", 1), ("a/c", b"two\n\twords\\", 0), ("a/b", b"\xff", 0)])
        await app.press("V", "g")
        assert await copied(app, "Y", "t") == "a/b\na/c"
        await app.until(lambda: "copied 2 topics of 3 messages" in app.lines[-2], "the notice")
        objects = [json.loads(text) for text in (await copied(app, "Y", "j")).split("\n")]
        assert [found["topic"] for found in objects] == ["a/b", "a/c", "a/b"]
        assert objects[2]["payload_base64"] == "/w=="
        assert {found["connection"] for found in objects} == {"greenhouse"}
        head, *rows = [text.split("\t") for text in (await copied(app, "Y", "r")).split("\n")]
        assert head == ["time", "connection", "direction", "qos", "flags", "topic", "payload"]
        assert [row[4:] for row in rows[:2]] == [["R", "a/b", "1"], ["", "a/c", "two\\n\\twords\\\\"]]
        target = tmp_path / "rows.jsonl"
        await app.press("Y", "f")
        await app.until(lambda: "Write the messages to" in "\n".join(app.lines), "the question")
        await app.press("ctrl+u", *str(target), "enter")
        await app.until(lambda: "wrote 3 messages" in app.lines[-2], "the file")
        assert [json.loads(text)["topic"] for text in target.read_text().splitlines()] == [
            "a/b",
            "a/c",
            "a/b",
        ]


async def test_too_many_rows_are_refused_with_the_way_out(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed(numbered(1, 10_001), step=1)
        await app.press("V", "g", "y")
        await app.until(lambda: "10,001 messages are too many" in app.lines[-2], "the refusal")
        assert "Y f: to a file" in app.lines[-2]


async def test_dragging_selects_and_a_click_ends_it(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed(numbered(1, 100))
        stream = app.app.main_screen.messages.stream
        await app.pilot.mouse_down(stream, offset=(20, 5))
        await app.pilot.hover(stream, offset=(20, 6))
        from textual import events

        for y in (7, 8):
            stream.post_message(
                events.MouseMove(stream, 20, y, 0, 1, 1, False, False, False, screen_x=60, screen_y=y + 2)
            )
        await app.pilot.pause()
        await app.pilot.mouse_up(stream, offset=(20, 8))
        await app.tick()
        first = 100 - stream.page_rows + 6
        assert chosen(app) == [f"number {number}" for number in range(first, first + 4)]
        await app.pilot.click(stream, offset=(20, 2))
        await app.tick()
        assert "selected" not in app.line("3 Messages")
        assert len(chosen(app)) == 1


@given(st.integers(1, 50), st.lists(st.integers(-60, 60), max_size=8), st.integers(1, 40))
def test_what_is_selected_lies_between_where_it_began_and_the_cursor(
    start: int, moves: list[int], most: int
) -> None:
    model = StreamModel()
    model.bounds = Bounds(1, 50)
    model.hold()
    model.go_to(start)
    selection = RowSelection(model)
    selection.begin(sticky=True)
    for step in moves:
        model.move(step)
        selection.moved()
    assert model.cursor_id is not None
    low, high = sorted((start, model.cursor_id))
    assert selection.count == high - low + 1
    assert selection.ids(most) == list(range(low, high + 1))[:most]
    assert all(selection.holds(ident) == (low <= ident <= high) for ident in range(1, 51))
