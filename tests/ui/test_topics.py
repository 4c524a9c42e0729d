"""The tree of topics: its model, and how it stands on the screen."""

from __future__ import annotations

import time
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from mqttx_tui.capture.rows import TopicRow
from mqttx_tui.model.message import RETAIN
from mqttx_tui.ui.topic_model import Order, TopicModel
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


def test_a_hundred_thousand_topics_are_taken_and_sorted_in_time() -> None:
    model = TopicModel()
    rows = [row(n, f"plant/{n % 100}/machine-{n}/state") for n in range(1, 100_001)]
    started = time.process_time()
    for at in range(0, len(rows), 2000):
        model.apply(rows[at : at + 2000])
    model.sort_by(Order.COUNT)
    model.flatten()
    assert time.process_time() - started < 6
    assert model.topics == 100_000


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
