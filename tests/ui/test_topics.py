"""The tree of topics: its model, and how it stands on the screen."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mqttx_tui.capture.rows import TopicRow
from mqttx_tui.model.message import RETAIN
from mqttx_tui.ui.topic_model import Order, TopicModel
from mqttx_tui.ui.topic_row import lead, share
from tests.ui.bench_app import bench, snapshot


def row(ident: int, name: str, count: int = 1, connection: int = 1, at: int = 1) -> TopicRow:
    return TopicRow(ident, connection, name, count, 10 * count, 1, at, ident, None, 0.0, 1)


def names(model: TopicModel) -> list[str]:
    model.flatten()
    return [model.topic_name(node) for node in model.rows]


def test_branches_sum_what_is_below_and_updates_are_differences() -> None:
    model = TopicModel()
    model.apply([row(1, "site/7/temp", 5), row(2, "site/7/set", 2), row(3, "site", 1)])
    model.apply([row(1, "site/7/temp", 8, at=9)])
    model.flatten()
    counts = {model.topic_name(node): model.count[node] for node in model.rows}
    assert counts == {"site": 11, "site/7": 10, "site/7/set": 2, "site/7/temp": 8}
    assert model.last_at[model.rows[0]] == 9


def test_numbers_are_sorted_as_numbers() -> None:
    model = TopicModel()
    model.apply([row(n, f"n/{n}") for n in (10, 9, 100, 1)])
    assert names(model) == ["n", "n/1", "n/9", "n/10", "n/100"]


def test_connections_are_rows_only_when_there_are_several() -> None:
    model = TopicModel()
    model.apply([row(1, "a")])
    assert names(model) == ["a"]
    model.apply([row(2, "a", connection=2)])
    assert names(model) == ["", "a", "", "a"]
    assert [model.depth(node) for node in model.rows] == [0, 1, 0, 1]
    assert model.connection_of(model.rows[3]) == 2


@settings(max_examples=50)
@given(
    st.lists(
        st.tuples(st.lists(st.sampled_from(["a", "b", "", "7"]), min_size=1, max_size=4), st.integers(1, 9)),
        max_size=30,
    )
)
def test_the_root_always_counts_every_message(topics: list[tuple[list[str], int]]) -> None:
    model = TopicModel()
    ids: dict[str, int] = {}
    totals: dict[str, int] = {}
    for levels, count in topics:
        name = "/".join(levels)
        ids.setdefault(name, len(ids) + 1)
        totals[name] = totals.get(name, 0) + count
        model.apply([row(ids[name], name, totals[name])])
    assert model.count[0] == sum(totals.values())
    assert model.topics == len(totals)
    for name, ident in ids.items():
        assert model.topic_name(model.node_for(ident)) == name


def test_connections_stand_in_the_order_of_their_ids_whoever_speaks_first() -> None:
    model = TopicModel()
    for connection in (3, 1, 2):
        model.apply([row(connection, "a", connection=connection)])
        model.flatten()
    assert [model.connection_of(node) for node in model.rows[::2]] == [1, 2, 3]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.lists(st.sampled_from(["a", "b", "10", "9", "", "c"]), min_size=1, max_size=3),
            st.integers(1, 50),
            st.floats(0, 100),
        ),
        min_size=1,
        max_size=40,
    ),
    st.sampled_from(list(Order)),
    st.lists(st.booleans(), max_size=40),
)
def test_rows_are_what_a_plain_walk_finds(
    topics: list[tuple[list[str], int, float]], order: Order, matching: list[bool]
) -> None:
    """After a sort the rows are all in order; with a filter, those that match and what is above them."""
    model = TopicModel()
    found: dict[str, tuple[int, float]] = {}
    for levels, count, rate in topics:
        found["/".join(levels)] = (count, round(rate, 1))
    table = [
        TopicRow(ident, 1, name, count, 0, 0, ident, ident, None, rate, 1)
        for ident, (name, (count, rate)) in enumerate(found.items(), 1)
    ]
    model.apply(table[: len(table) // 2])
    model.flatten()
    if matching:
        model.begin_filter()
        for ident, matches in enumerate(matching, 1):
            model.match(ident, matches)
    model.apply(table[len(table) // 2 :])
    model.open_below(0, True)
    model.sort_by(order)
    model.flatten()
    kept = {ident for ident, matches in enumerate(matching, 1) if matches} if matching else None
    names = [line.name for line in table if kept is None or line.id in kept]
    expected = {"/".join(name.split("/")[:end]) for name in names for end in range(1, name.count("/") + 2)}
    assert sorted(model.topic_name(node) for node in model.rows) == sorted(expected)
    assert model.matched == len(names)
    values = {Order.COUNT: model.count, Order.AGE: model.last_at}
    for parent in {model.parent[node] for node in model.rows}:
        siblings = [node for node in model.rows if model.parent[node] == parent]
        if order in values:
            column = [values[order][node] for node in siblings]
            assert column == sorted(column, reverse=True)
        elif order is Order.NAME:
            shown = [model.level(node) for node in siblings]
            assert shown == sorted(shown, key=lambda level: (not level.isdigit(), level.zfill(9)))


def test_rates_of_a_branch_are_the_sum_and_silent_topics_sort_last() -> None:
    model = TopicModel()
    second = 1_000_000_000
    model.apply(
        [
            TopicRow(1, 1, "s/fast", 9, 9, 0, 0, 1, None, 50.0, 1),
            TopicRow(2, 1, "s/slow", 9, 9, 0, 100 * second, 2, None, 1.0, 1),
        ]
    )
    assert model.rate[model.parent[model.node_for(1)]] == 51.0
    model.sort_by(Order.RATE)
    assert names(model) == ["s", "s/slow", "s/fast"]


@pytest.mark.parametrize(
    ("depth", "cells", "expected"),
    [
        (0, 32, " ▾ "),
        (2, 32, "     ▾ "),
        (3, 32, "       ▾ "),
        (4, 32, "        ▾ "),
        (5, 32, "         ▾ "),
        (6, 32, " 6       ▾ "),
        (12, 32, "12       ▾ "),
        (7, 74, " " * 15 + "▾ "),
    ],
)
def test_deep_levels_are_indented_less(depth: int, cells: int, expected: str) -> None:
    assert lead(depth, "▾", cells) == expected


@pytest.mark.parametrize(
    ("label", "value", "room", "expected"),
    [
        ("temp", "21.4", 20, ("temp", "21.4")),
        ("temperature", "21.4", 15, ("…perature"[-9:], "21.4")),
        ("temp", "a long text without an end", 16, ("temp", "a long te…")),
        ("temperature", "a long text", 16, ("…erature", "a lon…")),
        ("temperature", "a long text", 12, ("temperature", "")),
        ("temperature-of-it", "21.4", 9, ("…re-of-it", "")),
        ("temperature", "", 20, ("temperature", "")),
    ],
)
def test_label_and_value_share_the_room(label: str, value: str, room: int, expected: tuple[str, str]) -> None:
    assert share(label, value, room) == expected


@pytest.mark.parametrize("size", [(120, 40), (60, 20)])
async def test_a_value_deep_down_is_shown(tmp_path: Path, size: tuple[int, int]) -> None:
    async with bench(tmp_path, size=size) as app:
        await app.feed([("a/b/c/d/e/f/g/h/airpressure", b"21.4")])
        await app.topics(1)
        await app.press("2")
        cells = 38 if size[0] == 120 else 60

        def row() -> str:
            return next((text[:cells] for text in app.lines if "ssure" in text[:cells]), "")

        assert "21.4" in row(), "what came while the pane was off screen is there at once"
        await app.tick()
        assert "21.4" in row()
        assert row().rstrip().endswith("now")


async def test_values_marks_counts_and_ages_stand_in_columns(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed(
            [
                ("site/7/temp", b'{"value": 21.4, "unit": "C"}', RETAIN),
                ("site/7/set", b"ON", 0),
                ("site/7/raw", b"\x00\x01\xff", 0),
            ]
            + [("site/8/temp", b"1", 0)] * 1200
        )
        await app.topics(4)
        assert app.line(" temp  21.4")[:38] == "       temp  21.4        R     1  10s "
        assert app.line(" set  ON")[:38] == "       set  ON                 1  10s "
        assert app.line(" raw  3 B")[:38].rstrip().endswith("1  10s")
        assert app.line("▾ site")[:38] == " ▾ site                     1.2k  now "


async def test_the_cursor_stays_with_its_topic_when_others_arrive_above(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed([(f"m/{number}", b"1", 0) for number in range(40, 80)])
        await app.topics(40)
        await app.press("2", *["down"] * 10)
        place = next(y for y, text in enumerate(app.lines) if text.lstrip().startswith("›"))
        before = app.lines[place][:20]
        await app.feed([(f"m/{number}", b"1", 0) for number in range(1, 20)])
        await app.topics(59)
        assert app.lines[place][:20] == before


async def test_the_cursor_shows_the_last_message_and_changes_nothing_else(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed([("a/x", b"first of x", 0), ("a/y", b"only y", 0)])
        await app.topics(2)
        await app.press("2", "down")
        await app.tick()
        assert "first of x" in "\n".join(app.lines[20:])
        await app.feed([("a/x", b"second of x", 0)])

        for _ in range(50):
            await app.tick()
        assert "second of x" in "\n".join(app.lines[20:])
        assert "all topics" in app.line("3 Messages")


async def test_folding_by_space_left_and_right(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed([("a/x", b"1", 0), ("b/y", b"1", 0)])
        await app.topics(2)
        await app.press("2", "space")
        assert "▸ a" in app.line(" a  ")
        await app.press("right", "right")
        assert "› x" in app.line(" x  ")
        await app.press("left", "left")
        assert "▸ a" in app.line(" a  ")


async def test_two_connections_have_a_branch_each(tmp_path: Path) -> None:
    second = snapshot(id=2, key="lab", name="lab", letter="B")
    async with bench(tmp_path, snapshots=[snapshot(), second]) as app:
        other = app.writer.connection(name="lab", letter="B", url="mqtt://lab", protocol="mqtt")
        assert other == 2
        await app.feed([("t", b"1", 0)])
        app.sink = app.writer.sink(other)
        await app.feed([("t", b"1", 0)])
        await app.topics(2)
        assert "▾ A greenhouse" in app.line("▾ A greenhouse    ")
        assert "▾ B lab" in app.line("▾ B lab")


async def test_x_excludes_and_del_clears_what_is_retained(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed([("site/set", b"ON", RETAIN)])
        await app.topics(1)
        await app.press("2", "down")
        await app.pilot.press("x")
        await app.pilot.pause(0.1)
        assert ("exclude", 1, ("site/set",)) in app.engine.calls
        await app.pilot.press("delete")
        await app.pilot.pause(0.1)
        await app.press("y")
        await app.pilot.pause()
        assert ("publish", 1, "site/set", b"", True) in app.engine.calls
