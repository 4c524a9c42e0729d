"""The filter of the topic tree, and folding all of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from mqttx_tui.ui.panes.topics import TopicsPane
from tests.ui.bench_app import Bench, bench

HOUSE = [
    ("house/attic/temp", b'{"value": 17.5}'),
    ("house/attic/hum", b"44"),
    ("house/bath/temp", b'{"value": 24.0}'),
    ("house/bath/light", b"ON"),
    ("yard/gate", b"closed"),
]


def pane_of(app: Bench) -> TopicsPane:
    pane = app.app.main_screen.find_pane(TopicsPane)
    assert pane is not None
    return pane


def shown(app: Bench) -> list[str]:
    """The labels in the tree, top to bottom."""
    pane = pane_of(app)
    return [pane.topics.topic_name(node) for node in pane.tree_widget.visible_nodes()]


async def typed(app: Bench, text: str) -> None:
    names = {" ": "space", ".": "full_stop", ">": "greater_than_sign", "/": "slash", "<": "less_than_sign"}
    await app.press(*(names.get(character, character) for character in text))


async def filtered(app: Bench, text: str) -> None:
    """Type a filter into the tree and apply it."""
    await app.press("2", "/")
    await typed(app, text)
    await app.press("enter")


async def shows(app: Bench, *names: str) -> None:
    await app.until(lambda: shown(app) == list(names), f"the tree shows {names}")


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 20)])
async def test_a_filter_leaves_matching_topics_and_what_is_above_them(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with bench(tmp_path, size=size) as app:
        await app.feed(HOUSE)
        await app.topics(5)
        await app.press("2", "/")
        await typed(app, ".value > 20")
        assert "value" in app.lines[-2], "the reserved line reads the filter back"
        await shows(app, "house", "house/bath", "house/bath/temp")
        await app.press("enter")
        title = app.line("1 of 5")
        assert "/ .value > 20" in title
        assert pane_of(app).tree_widget.has_focus
        assert app.app.main_screen.messages.finding.text == "", "the stream is not filtered"


async def test_the_answers_follow_the_traffic(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed(HOUSE)
        await app.topics(5)
        await filtered(app, ". > 20 or .value > 20")
        await shows(app, "house", "house/attic", "house/attic/hum", "house/bath", "house/bath/temp")
        await app.feed([("house/attic/hum", b"3"), ("yard/well", b"99")])
        await shows(app, "house", "house/bath", "house/bath/temp", "yard", "yard/well")
        assert "2 of 6" in app.line("2 of 6")


async def test_count_and_age_are_asked_of_topics_and_ages_go_on(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed([*HOUSE, ("yard/gate", b"open")])
        await app.topics(5)
        await filtered(app, "count > 1")
        await shows(app, "yard", "yard/gate")
        await app.press("/", *["backspace"] * len("count > 1"))
        await typed(app, "age > 10m")
        await app.press("enter")
        await app.until(lambda: shown(app) == [], "no topic is that old")
        assert "No topic matches." in app.line("No topic matches")
        app.clock[0] += 601
        await app.until(lambda: len(shown(app)) == 9, "all of them are, eleven minutes later")


async def test_escape_restores_the_former_filter_and_never_clears_one(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed(HOUSE)
        await app.topics(5)
        await filtered(app, "yard/#")
        await shows(app, "yard", "yard/gate")
        await app.press("/", "end", "backspace", "backspace", "backspace", "x")
        await app.until(lambda: shown(app) == [], "the new filter is in force while it is typed")
        await app.press("escape")
        assert not pane_of(app).filter_line.is_open
        await shows(app, "yard", "yard/gate")
        await app.press("escape")
        await app.tick()
        assert pane_of(app).filter.text == "yard/#"


async def test_what_cannot_be_read_leaves_the_last_valid_one_in_force(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed(HOUSE)
        await app.topics(5)
        await filtered(app, "yard/#")
        await app.press("/")
        await app.press("left_parenthesis")
        await app.press("enter")
        assert pane_of(app).filter_line.is_open
        assert "column" in app.lines[-2]
        await shows(app, "yard", "yard/gate")


async def test_up_recalls_and_an_empty_filter_shows_all_again_folded_as_before(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed(HOUSE)
        await app.topics(5)
        await app.press("2", "home", "space")
        before = shown(app)
        assert before == ["house", "yard", "yard/gate"]
        await filtered(app, "temp")
        await shows(app, "house", "house/attic", "house/attic/temp", "house/bath", "house/bath/temp")
        await app.press("/", *["backspace"] * 4, "enter")
        await shows(app, *before)
        await app.press("/", "up")
        assert pane_of(app).filter_line.value == "temp"


async def test_the_streams_filter_is_another_one(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed(HOUSE)
        await app.topics(5)
        await filtered(app, "yard/#")
        await app.press("3", "/")
        assert app.app.main_screen.messages.filter_line.is_open
        assert not pane_of(app).filter_line.is_open
        assert app.app.main_screen.messages.filter_line.value == ""


async def test_all_is_expanded_and_collapsed_and_the_cursor_keeps_its_line(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed([*HOUSE, *((f"z/{n}/deep/er", b"1") for n in range(60))])
        await app.topics(65)
        await app.press("2", "C")
        assert shown(app) == ["house", "yard", "z"]
        await app.press("end")
        line = next(y for y, text in enumerate(app.lines) if text.startswith(" ▸ z"))
        await app.press("E")
        assert app.lines[line].startswith(" ▾ z")
        assert "deep" in app.lines[line + 2]
        await app.press("C")
        assert app.lines[line].startswith(" ▸ z")


async def test_the_cursor_goes_to_the_branch_that_hides_its_topic(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed(HOUSE)
        await app.topics(5)
        await app.press("2", "home", "down", "down")
        await app.press("C")
        pane = pane_of(app)
        assert pane.topics.topic_name(pane.tree_widget.cursor_node) == "house"


async def test_plus_and_minus_fold_below_the_cursor_alone(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed([("a/b/c/d", b"1"), ("k/l/m", b"1")])
        await app.topics(2)
        await app.press("2", "home", "minus")
        assert shown(app) == ["a", "k", "k/l", "k/l/m"]
        await app.press("right")
        assert shown(app) == ["a", "a/b", "k", "k/l", "k/l/m"]
        await app.press("plus")
        assert shown(app) == ["a", "a/b", "a/b/c", "a/b/c/d", "k", "k/l", "k/l/m"]
