"""The list under a filter that is typed, and what the field's keys do with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual import events

from mqttx_tui.ui.widgets.filter_line import FilterLine
from tests.ui.bench_app import Bench, bench
from tests.ui.test_stream import numbered

TEMPERATURES = [("site/7/temp", b'{"value": %d, "unit": "C"}' % number, 0) for number in (19, 21, 23)]


def field(app: Bench) -> FilterLine:
    return app.app.main_screen.messages.filter_line


async def offered(app: Bench, *labels: str) -> None:
    """Until exactly these are in the list."""
    await app.until(lambda: field(app).offers.labels == list(labels), f"{labels} offered")


async def test_a_field_is_offered_once_a_payload_with_it_was_seen(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed(numbered(1, 3))
        await app.press("slash", *".va")
        await app.until(lambda: field(app)._seen is not None, "the topics were looked at")
        assert not field(app).offers.is_open
        await app.press("escape")
        await app.feed(TEMPERATURES)
        field(app)._learned_at = -10.0
        await app.press("slash", *".va")
        await offered(app, ".value")
        shown = app.line("›.value")
        assert "payload" in shown
        assert "Tab" in shown
        await app.press("tab")
        assert field(app).value == ".value"
        assert not field(app).offers.is_open
        await app.press(*" > 20", "enter")
        await app.until(lambda: "2 of 6" in app.line("3 Messages"), "the filter to be in force")


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 20)])
async def test_the_list_lies_over_the_rows_and_moves_none(tmp_path: Path, size: tuple[int, int]) -> None:
    async with bench(tmp_path, size=size) as app:
        await app.feed(numbered(1, 200))
        await app.topics(3)
        await app.press("up", "slash")
        before = app.lines
        await app.press("s")
        await app.until(lambda: field(app).offers.is_open, "the list")
        await app.tick()
        height = field(app).offers.size.height
        top = field(app).region.y + 1
        assert 0 < height <= 8

        def unmoved(first: int) -> bool:
            """Once the filter, which all messages pass, has found them."""
            return app.lines[first:-2] == before[first:-2]

        await app.until(lambda: unmoved(top + height), "the rows under the list")
        assert all(len(line) == size[0] for line in app.lines)
        assert not unmoved(top)
        await app.press("escape")
        assert field(app).is_open
        await app.until(lambda: unmoved(top), "all rows")


async def test_escape_closes_the_list_then_the_field(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed(numbered(1, 9))
        await app.press("slash", *"ret")
        await app.until(lambda: "retained" in field(app).offers.labels, "the list")
        await app.press("escape")
        assert not field(app).offers.is_open
        assert field(app).value == "ret"
        await app.press("escape")
        assert not field(app).is_open
        assert "/ filter" in app.line("3 Messages")


async def test_the_arrows_choose_and_recall(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed(numbered(1, 30))
        for text in ("site/1/+", "number 2"):
            await app.press("slash", *["backspace"] * 12, *text, "enter")
        await app.press("slash", *["backspace"] * 12, *"dir == ")
        await app.until(lambda: field(app).offers.labels == ["in", "out"], "the directions")
        await app.press("down", "down")
        assert "Enter" in app.line("›out")
        await app.press("enter")
        assert field(app).value == "dir == out"
        assert field(app).is_open, "the option was taken; another Enter applies"
        await app.press("up")
        assert field(app).value == "number 2"
        await app.press("up")
        assert field(app).value == "site/1/+"
        await app.press("down", "down")
        assert field(app).value == "number 2", "what was in force when the field was opened"
        await app.press("down")
        assert field(app).offers.is_open, "under the newest there is the list"
        await app.press("up")
        assert field(app).value == "number 2"
        assert not field(app).offers.is_open


async def test_enter_applies_what_is_written_while_the_list_only_offers(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed([("site/temp", b"1", 0), ("site/other", b"temp of 2", 0), ("x", b"3", 0)])
        await app.press("slash", *"tem")
        await app.until(lambda: "site/temp" in field(app).offers.labels, "the list")
        await app.press("enter")
        await app.until(lambda: "2 of 3" in app.line("3 Messages"), "the text as it was written")


async def test_tab_without_a_list_applies_and_goes_to_the_next_pane(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed(numbered(1, 9))
        await app.press("slash", *"site/1/+", "tab")
        await app.until(lambda: "3 of 9" in app.line("3 Messages"), "the filter")
        assert app.app.main_screen.active == "inspector"
        assert not field(app).is_open


async def test_a_cursor_that_moves_on_leaves_the_list_behind(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.press("slash", *"dir == ")
        await app.until(lambda: field(app).offers.is_open, "the list")
        await app.press("left", "left")
        assert not field(app).offers.is_open
        await app.press("end", "i")
        await app.until(lambda: field(app).offers.labels == ["in"], "for what is typed now")


async def test_a_click_takes_an_option(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.press("slash", *"dir == ")
        await app.until(lambda: field(app).offers.labels == ["in", "out"], "the directions")
        await app.tick()
        await app.pilot.click(field(app).offers, offset=(3, 1))
        await app.until(lambda: field(app).value == "dir == out", "the option")
        assert field(app).has_focus


async def test_what_follows_a_slash_in_one_go_is_typed_into_the_filter(tmp_path: Path) -> None:
    """Over a slow link the keys of some time arrive at once: none may go to the list."""
    async with bench(tmp_path) as app:
        await app.feed(numbered(1, 3))
        for key, character in (("slash", "/"), ("full_stop", "."), ("t", "t"), ("e", "e")):
            app.app.post_message(events.Key(key, character))
        await app.until(lambda: field(app).value == ".te", "all of it")
        await app.press("escape", "escape", "p", *"a/b")
        await app.until(lambda: ["topic", "a/b"] in [line.split() for line in app.lines], "its own /")
        assert not field(app).is_open
