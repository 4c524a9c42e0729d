"""The history of a topic: pages in, follows, and rows that are looked at stay."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from mqttx_tui.capture.limits import Limits
from mqttx_tui.model.message import CHANGED, Message
from mqttx_tui.ui.history_model import HistoryModel
from mqttx_tui.ui.history_row import HistoryColumns, change_text, heading, history_pieces
from mqttx_tui.ui.panes.inspector import InspectorPane
from mqttx_tui.ui.safe import width
from mqttx_tui.ui.tabs.history import HistoryTab
from tests.ui.bench_app import Bench, bench


def inspector(app: Bench) -> InspectorPane:
    pane = app.app.main_screen.find_pane(InspectorPane)
    assert pane is not None
    return pane


def history(app: Bench) -> HistoryTab:
    tab = inspector(app).tabs["History"]
    assert isinstance(tab, HistoryTab)
    return tab


async def open_history(app: Bench) -> HistoryTab:
    """The history of the topic under the cursor of the stream."""
    await app.press("enter")
    inspector(app).choose_tab("History")
    tab = history(app)
    await app.until(lambda: bool(tab.model.ids), "rows")
    await app.until(lambda: tab._wanted is None and not tab._looking, "everything looked for")
    return tab


def rows(app: Bench, tab: HistoryTab) -> list[str]:
    """The rows on screen, as text."""
    region = tab.listing.region
    return [line[region.x : region.right].rstrip() for line in app.lines[region.y : region.bottom]]


async def test_only_the_topic_newest_first_with_changes(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed(
            [
                ("t", b'{"value": 21.4}', 0),
                ("other", b"1", 0),
                ("t", b'{"value": 22.0}', 3),
                ("t", b'{"value": 22.0}', 0),
                ("t", b"\x00\x01", 0),
            ]
        )
        tab = await open_history(app)
        shown = [row.split() for row in rows(app, tab) if row]
        assert [row[-1] for row in shown] == ["changed", "=", "+0.6", "21.4"]
        assert "←1R" in rows(app, tab)[2]
        assert " 4 LIVE" in app.line("4 Inspector")


async def test_enter_shows_the_message_and_the_older_and_newer_keys_go_on_from_there(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        first = await app.feed([("t", b"%d" % number, 0) for number in range(5)] + [("u", b"x", 0)] * 2)
        await app.press("home", "enter")
        await open_history(app)
        assert inspector(app).message_id == first
        await app.press("up", "up", "enter")
        assert (inspector(app).tab_name, inspector(app).message_id) == ("Payload", first + 2)
        for keys, expected in (("<", first + 1), (">", first + 2), (">", first + 3), (">", first + 4)):
            await app.press(keys)
            await app.until(lambda: inspector(app).message_id == expected, f"{keys} to {expected}")  # noqa: B023
        await app.press(">")
        await app.until(lambda: "newest message of the topic" in app.lines[-2], "the end is told")
        await app.press(*"<<<<<<")
        await app.until(lambda: "oldest message of the topic" in app.lines[-2], "the beginning is told")
        assert inspector(app).message_id == first


async def test_it_follows_at_the_top_and_holds_still_elsewhere(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed([("t", b"%d" % number, 0) for number in range(40)])
        tab = await open_history(app)
        newest = (await app.feed([("t", b"40", 0), ("u", b"x", 0)])) + 0
        await app.until(lambda: tab.model.cursor_id == newest, "the cursor goes with the newest")
        await app.press("down", "down")
        before = rows(app, tab)
        held = tab.model.cursor_id
        await app.feed([("t", b"%d" % number, 0) for number in range(100, 130)])
        await app.until(lambda: "30 newer" in app.line("4 Inspector"), "newer ones are counted")
        assert rows(app, tab) == before
        assert tab.model.cursor_id == held
        await app.press("g")
        assert rows(app, tab)[0].split()[-2:] == ["129", "+1"]


async def test_older_ones_come_as_one_scrolls_and_end_is_the_oldest(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        first = await app.feed([("t", b"%d" % number, 0) for number in range(3000)])
        tab = await open_history(app)
        assert not tab.model.complete, "not everything is read at once"
        for _ in range(60):
            await app.press("pagedown")
        await app.until(lambda: len(tab.model.ids) > 600 and not tab._looking, "older ones")
        await app.press("G")
        await app.until(lambda: tab.model.cursor_id == first, "the oldest one")
        assert rows(app, tab)[-1].split()[-1] == "0"
        await app.until(lambda: " 2,9" in app.line("newer ‖"), "how many came above")
        await app.press("g")
        assert "3,000 LIVE" in app.line("4 Inspector")


async def test_another_capture_has_other_messages_under_the_same_ids(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        first = await app.feed([("t", b'{"value": %d}' % number, 0) for number in range(5)])
        tab = await open_history(app)
        await app.press("space", "v")
        pane = inspector(app)
        assert [pane.marked] != [None]
        pane.start_over()
        await app.tick()
        assert app.line("Nothing selected")
        assert [pane.marked, *(each.message_shown for each in pane.tabs.values())] == [None] * 7
        assert not tab.model.ids
        app.app.select_message(first)
        await app.until(lambda: "last 4" in "\n".join(app.lines), "the chart is made anew")


async def test_evicted_rows_say_so_at_their_place(tmp_path: Path) -> None:
    limits = Limits(messages=200, bytes=100_000_000)
    async with bench(tmp_path, limits=limits) as app:
        await app.feed([("t", b"%d" % number, 0) for number in range(100)])
        tab = await open_history(app)
        await app.press("down")
        held = tab.model.page(tab.listing.page_rows)
        for part in range(10):
            await app.feed([("t", b"%d" % number, 0) for number in range(part * 100, part * 100 + 100)])
        await app.until(lambda: " 1,000 newer" in app.line("newer ‖"), "newer ones")
        assert tab.model.page(tab.listing.page_rows) == held
        for _ in range(10):
            await app.press("pagedown")
        assert rows(app, tab)[-1].split()[-1] == "evicted"
        await app.press("f")
        await app.feed([("t", b"new", 0)])
        await app.until(lambda: len(tab.model.ids) <= 300, "what was evicted is forgotten")
        assert "LIVE" in app.line("4 Inspector")


async def test_y_copies_the_payload_under_the_cursor(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed([("t", b"%d" % number, 0) for number in range(5)])
        await open_history(app)
        await app.press("down", "down", "y")
        assert app.app.clipboard == "2"


async def test_another_topic_replaces_the_rows(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed([("t", b"one", 0), ("u", b"two", 0)])
        tab = await open_history(app)
        assert [row.split()[-1] for row in rows(app, tab) if row] == ["two"]
        await app.press("3", "up")
        await app.until(lambda: "one" in rows(app, tab)[0], "the other topic")
        assert not rows(app, tab)[1]


async def test_by_name_from_the_tree_and_by_taps(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        first = await app.feed([("t", b"%d" % number, 0) for number in range(9)])
        await app.topics(1)
        await app.press("2", "G")
        await app.app.main_screen.run_action("topic_history")
        tab = history(app)
        await app.until(lambda: bool(tab.model.complete), "rows")
        assert app.app.main_screen.active == "inspector"
        title = inspector(app).title_line
        for name in ("Diff", "Chart", "History"):
            at = app.line("4 Inspector").index(name) - title.region.x
            await app.pilot.click(title, offset=(at + 1, 0))
            assert inspector(app).tab_name == name
        await app.press("down", "down")
        at = app.lines[-1].index("Space mark")
        await app.pilot.click("#footer", offset=(at, 0))
        assert inspector(app).marked == first + 6
        await app.pilot.click("#footer", offset=(app.lines[-1].index("< > older"), 0))
        await app.until(lambda: inspector(app).message_id == first + 7, "the older one")


async def test_it_fits_the_small_sizes(tmp_path: Path) -> None:
    for size in ((80, 24), (60, 20)):
        directory = tmp_path / str(size[0])
        directory.mkdir()
        async with bench(directory, size=size) as app:
            await app.feed([("t", b'{"value": %d.5, "unit": "C"}' % number, 0) for number in range(30)])
            tab = await open_history(app)
            row = rows(app, tab)[0].split()
            assert row[-2:] == ["29.5", "+1.0"]
            assert rows(app, tab)[-1], "the whole height is used"


def message(payload: bytes, *, size: int | None = None, flags: int = 0) -> Message:
    return Message(1, 0, 1, 1, "t", flags, 10, payload, len(payload) if size is None else size)


def test_changes() -> None:
    for old, new, change in (
        (b"21.4", b"22.0", "+0.6"),
        (b"0.3", b"0.1", "-0.2"),
        (b"1e3", b"1001", "+1"),
        (b"1.0", b"1.00", "changed"),
        (b'{"value": 1, "seq": 1}', b'{"value": 1, "seq": 2}', "elsewhere"),
        (b"ON", b"OFF", "changed"),
        (b"x", b"x", "="),
        (b'{"value": 1}', b'{"value": 3}', "+2"),
        (b"nan", b"1", "changed"),
        (b"9" * 60, b"8", "changed"),
        (b"1e99", b"2", "-1.000E+99"),
    ):
        assert change_text(message(new), message(old)) == change
    assert change_text(message(b"x"), None) == ""
    cut = message(b"same", size=5000)
    assert change_text(cut, cut) == "="
    assert change_text(message(b"same", size=5000, flags=CHANGED), cut) == "changed"


@given(st.integers(40, 200), st.binary(max_size=40), st.binary(max_size=40))
def test_every_row_is_as_wide_as_the_list(cells: int, old: bytes, new: bytes) -> None:
    columns = HistoryColumns.of(cells)
    pieces = history_pieces(message(new), message(old), columns, ("›", "in"))
    assert sum(width(text) for text, _ in pieces) == cells == len(heading(columns))


@given(
    st.lists(st.tuples(st.sampled_from(("new", "old", "move", "scroll", "line", "end")), st.integers(-9, 9)))
)
def test_what_comes_never_moves_the_page_that_is_held(steps: list[tuple[str, int]]) -> None:
    model, height, low, high = HistoryModel(), 5, 500, 501
    for what, by in steps:
        before = model.page(height)
        if what == "new":
            model.add_newer(range(high, high + abs(by)))
            high += abs(by)
        elif what == "old":
            model.add_older(range(low - 1, low - 1 - abs(by), -1), complete=False)
            low -= abs(by)
        elif what == "move":
            model.move(by, height)
        elif what == "scroll":
            model.scroll(by, height)
        elif what == "line":
            model.to_line(by, height)
        else:
            model.end(height)
        page = model.page(height)
        if what in ("new", "old") and not model.follow:
            assert page[: len(before)] == before
        assert list(model.ids) == sorted(model.ids)
        if model.ids:
            assert model.cursor_id in page
            assert not model.follow or page[0] == model.ids[-1]
