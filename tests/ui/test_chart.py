"""Charts: numbers in payloads, the series, the dots, and the tab."""

from __future__ import annotations

import csv
import math
import sys
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mqttx_tui.model.jsonpath import parse_path
from mqttx_tui.ui.chart_picture import Frame, picture
from mqttx_tui.ui.chart_plot import Scale, columns, number_text, plot, rounded
from mqttx_tui.ui.chart_series import NOTHING, Point, Series, Stretch
from mqttx_tui.ui.chart_values import content, fields, is_switch, number_of, obvious, value_at
from mqttx_tui.ui.tabs.chart import SPANS, ChartTab
from tests.ui.bench_app import MILLISECOND, NOON, Bench, bench
from tests.ui.test_history import inspector

SECOND = 1_000_000_000

# numbers in payloads


def test_what_counts_as_a_number() -> None:
    for value, number in (
        (21.4, 21.4),
        ("21.4", 21.4),
        (" -3e2\n", -300.0),
        (True, 1.0),
        ("OFF", 0.0),
        ("online", 1.0),
        ("closed", 0.0),
        ("1_000", None),
        ("nan", None),
        ("inf", None),
        (10**400, None),
        ("9" * 400, None),
        ("unavailable", None),
        (None, None),
        ([1], None),
        ({}, None),
    ):
        assert number_of(value) == number, value
    assert [is_switch(value) for value in ("ON", False, 1, "21")] == [True, True, False, False]


def test_fields_that_can_be_drawn_and_the_obvious_one() -> None:
    found = fields(content(b'{"name":"x","on":true,"a":{"b":[1,{"c":"2.5"}]},"power":44.0}'))
    assert [(field.path, field.number) for field in found] == [
        (".on", 1.0), (".power", 44.0), (".a.b[0]", 1.0), (".a.b[1].c", 2.5)
    ]  # fmt: skip
    assert not fields({"\\": 1}), "no path leads there"
    for payload, path in (
        (b'{"unit":"C","n":1,"value":2}', ".value"),
        (b'{"name":"x","on":true,"power":44.0}', ".power"),
        (b'{"on":true}', ".on"),
        (b"21.4", "."),
        (b"ON", "."),
        (b"hello", None),
        (b'{"name":"x"}', None),
        (b"\xff\x00", None),
        (b"", None),
    ):
        chosen = obvious(fields(content(payload)))
        assert (chosen.path if chosen is not None else None) == path, payload


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20))  # fmt: skip  # noqa: E501
def test_every_field_leads_to_its_number(value: object) -> None:
    import json

    data = json.dumps(value).encode("utf-8", "surrogatepass")
    for field in fields(content(data)):
        assert number_of(value_at(data, parse_path(field.path))) == field.number


# the series


@given(
    st.lists(st.tuples(st.integers(0, 5), st.floats(-5, 5) | st.just(NOTHING)), max_size=30),
    st.integers(0, 30),
    st.integers(1, 40),
)
def test_in_whatever_order_the_messages_come(
    steps: list[tuple[int, float]], middle: int, wanted: int
) -> None:
    at, points = NOON, []
    for number, (pause, value) in enumerate(steps, 1):
        at += pause
        points.append(Point(number, at, value))
    series = Series()
    series.add_older(points[:middle][::-1][:3])
    series.add_newer(points[middle:])
    series.add_older(points[: max(min(middle, len(points)) - 3, 0)][::-1])
    assert len(series) == len(points)
    stretch = series.last(wanted)
    expected = [point for point in points[-wanted:] if not math.isnan(point.number)]
    assert list(stretch.number) == [point.number for point in expected]
    assert list(stretch.at) == [point.at for point in expected]
    for index in stretch.breaks:
        assert any(math.isnan(point.number) for point in points[: expected[index].id - 1])


def test_a_clock_that_was_set_back_does_not_draw_backwards() -> None:
    series = Series()
    series.add_newer([Point(5, NOON, 1.0), Point(6, NOON - SECOND, 2.0), Point(7, NOON + 1, 3.0)])
    series.add_older([Point(4, NOON + 9, 0.0), Point(3, NOON - 7, 0.0)])
    assert list(series.last(9).at) == [NOON - 7, NOON, NOON, NOON, NOON + 1]


def test_the_mean_of_the_largest_numbers_there_are() -> None:
    largest = sys.float_info.max
    for numbers in ([largest] * 3, [-largest] * 3, [largest, -largest]):
        summary = Stretch(range(len(numbers)), numbers, frozenset()).summary()
        assert summary is not None
        assert summary.lowest <= summary.mean <= summary.highest


def test_only_so_many_are_kept() -> None:
    series = Series()
    for first in range(1, 1000, 10):
        series.add_newer([Point(ident, ident, float(ident)) for ident in range(first, first + 10)])
        series.trim(100)
        assert len(series) <= 125
    assert series.last(3).number[-1] == 1000.0


# the dots


def stretch(*numbers: float, pause: int = SECOND, breaks: tuple[int, ...] = ()) -> Stretch:
    return Stretch([index * pause for index in range(len(numbers))], numbers, frozenset(breaks))


def test_a_line_as_dots() -> None:
    scale = Scale(0, 3 * SECOND, 0.0, 3.0)
    found = columns(stretch(0, 1, 2, 3), scale, 4)
    assert plot(found, scale, 2, 1) == ["⡠⠊"]


def test_a_switch_is_drawn_in_steps() -> None:
    scale = Scale(0, 4 * SECOND, 0.0, 1.0)
    rows = plot(columns(stretch(0, 0, 1, 1, 0), scale, 6), scale, 3, 1, stepped=True)
    assert rows == ["⣀⣸⢹"]


def test_gaps_stay_gaps() -> None:
    times = [*range(10), *range(50, 60)]
    pieces = Stretch([at * SECOND for at in times], [1.0] * 20, frozenset())
    scale = Scale(0, 60 * SECOND, 0.0, 2.0)
    row = plot(columns(pieces, scale, 60), scale, 30, 1)[0]
    assert row[:5].strip()
    assert row[25:].strip()
    assert row[6:24] == " " * 18, "nothing came: nothing is drawn"
    joined = columns(stretch(1, 1, 1, 1, breaks=(2,)), Scale(0, 3 * SECOND, 0, 2), 8)
    assert [column.joined for column in joined] == [False, True, False, True]


def test_bursts_are_one_line() -> None:
    at = [burst * 20 * MILLISECOND for burst in range(20) for _ in range(50)]
    numbers = [float(index) for index in range(len(at))]
    found = columns(Stretch(at, numbers, frozenset()), Scale(at[0], at[-1], 0, 1000), 140)
    assert [column.joined for column in found] == [False] + [True] * 19


def test_highest_and_lowest_of_a_column_are_kept() -> None:
    numbers = [0.0] * 10_000
    numbers[5000], numbers[5001] = 9.0, -9.0
    found = columns(stretch(*numbers, pause=MILLISECOND), Scale(0, 10 * SECOND, -10, 10), 100)
    assert (max(column.highest for column in found), min(column.lowest for column in found)) == (9.0, -9.0)
    assert len(found) == 100


FINITE = st.floats(allow_nan=False, allow_infinity=False)


@given(FINITE, FINITE)
def test_the_scale_holds_both_ends(one: float, other: float) -> None:
    low, high = rounded(min(one, other), max(one, other))
    assert low <= min(one, other)
    assert low < high
    assert high >= max(one, other)
    assert len(number_text(low)) <= 12


@given(
    st.lists(st.tuples(st.integers(0, 10 * SECOND), FINITE), min_size=1, max_size=60),
    st.integers(20, 130),
    st.integers(1, 40),
    st.booleans(),
)
def test_a_picture_fills_its_lines(
    steps: list[tuple[int, float]], cells: int, height: int, stepped: bool
) -> None:
    at, series = NOON, Series()
    for ident, (pause, number) in enumerate(steps, 1):
        at += pause
        series.add_newer([Point(ident, at, number)])
    found = series.last(100)
    frame = Frame(found.at[0], found.at[-1], stepped, at)
    lines = picture(found, frame, cells, height)
    assert len(lines) == height
    if height >= 4:
        widths = [sum(len(text) for text, _ in line) for line in lines]
        assert set(widths[:-1]) == {cells}
        assert widths[-1] <= cells


# the tab


def chart(app: Bench) -> ChartTab:
    tab = inspector(app).tabs["Chart"]
    assert isinstance(tab, ChartTab)
    return tab


def head(app: Bench) -> str:
    """The line of numbers over the chart."""
    region = chart(app).region
    return app.lines[region.y][region.x : region.right]


async def drawn(app: Bench, count: int) -> str:
    """The line of numbers once so many messages are drawn."""
    await app.until(lambda: head(app).rstrip().endswith(f" {count:,}"), f"{count} numbers")
    return " ".join(head(app).split())


def dots_in(app: Bench) -> int:
    region = chart(app).view.region
    text = "".join(line[region.x : region.right] for line in app.lines[region.y : region.bottom])
    return sum(0x2800 < ord(character) < 0x2900 for character in text)


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 20), (180, 45)])
async def test_v_draws_the_obvious_number_live(tmp_path: Path, size: tuple[int, int]) -> None:
    async with bench(tmp_path, size=size) as app:
        for value in (20.0, 21.5, 24.4):
            await app.feed([("t", b'{"value": %.1f, "unit": "C"}' % value, 0), ("u", b"1", 0)])
        await app.press("up", "v")
        assert app.app.main_screen.active == "inspector"
        assert await drawn(app, 3) == ".value last 24.4 min 20.0 mean 21.97 max 24.4 3"
        assert dots_in(app) > 10
        await app.feed([("t", b'{"value": 30}', 0)])
        assert await drawn(app, 4) == ".value last 30 min 20 mean 24.0 max 30 4"
        assert app.line("30 ┤")
        await app.press("escape")
        assert app.app.main_screen.active == "messages"


async def test_bare_numbers_from_the_tree_and_the_inspector(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed([("t", payload, 0) for payload in (b"1", b"unavailable", b"3")])
        await app.topics(1)
        await app.press("2", "G", "v")
        assert (await drawn(app, 2)).startswith(". last 3 min 1 mean 2.0 max 3")
        await app.press("left_square_bracket", "left_square_bracket", "v")
        assert inspector(app).tab_name == "Chart"


async def test_switches_are_drawn_between_0_and_1(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed([("t", payload, 0) for payload in (b"ON", b"OFF", b"ON", b"ON")], step=1000)
        await app.press("v")
        await drawn(app, 4)
        assert chart(app).series.stepped
        assert app.line("1 ┤")
        assert app.line("0 ┤")


async def test_another_field_by_the_arrows_the_list_and_the_payloads_cursor(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        payload = b'{"temperature": 20, "humidity": %d, "name": "x", "deep": {"list": [7]}}'
        await app.feed([("t", payload % value, 0) for value in (50, 60)])
        await app.press("v")
        assert (await drawn(app, 2)).startswith(".temperature 1/3 last 20")
        await app.press("down")
        await app.until(lambda: "last 60 min 50" in head(app), "the next field")
        await app.press("up", "up")
        await app.until(lambda: ".deep.list[0]" in head(app), "the last one")
        await app.press("enter", "up")
        assert "› .humidity" in app.line("› .humidity")
        await app.press("enter")
        await app.until(lambda: ".humidity 2/3  last 60" in head(app), "the chosen one")
        await app.press("3", "up", "v")
        assert ".humidity" in head(app), "it is remembered for the topic"
        inspector(app).choose_tab("Payload")
        await app.press("g", "j", "v")
        await app.until(lambda: ".temperature" in head(app), "the field under the payload's cursor")


async def test_how_much_is_shown(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed([("t", b"%d" % number, 0) for number in range(1500)], step=100)
        await app.press("v")
        await drawn(app, 1000)
        await app.press("left")
        assert "min 1400" in head(app)
        await drawn(app, 100)
        await app.press("right", "right")
        await drawn(app, 1500)
        await app.press("right")
        await app.until(lambda: "1 minute" in app.line("4 Inspector"), "the range is told")
        await app.until(lambda: "min 899" in head(app), "the last minute")
        await app.tick(30)
        await app.until(lambda: "min 1199" in head(app), "time goes on")
        await app.press("right", "right", "right")
        await drawn(app, 1500)
        assert chart(app).span is SPANS[-1]


async def test_ten_thousand_messages_come_in_slices(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        for part in range(6):
            await app.feed([("t", b"%d" % number, 0) for number in range(part * 2000, part * 2000 + 2000)])
        await app.press("v", "right")
        assert "min 2000" in await drawn(app, 10_000)


async def test_long_payloads_are_drawn_and_too_long_ones_left_out(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        filling = b"x" * 6000
        await app.feed([("t", b'{"n": %d, "text": "%s"}' % (number, filling), 0) for number in range(60)])
        await app.feed([("t", b'{"n": 99, "text": "%s"}' % (filling * 12), 0), ("t", b'{"n": 7}', 0)])
        await app.press("v")
        assert "last 7 min 0 mean 29.1 max 59" in await drawn(app, 61)
        await app.press("<", "<")
        await app.until(lambda: inspector(app).message_id == 60, "a long one is shown")
        await app.feed([("t", b'{"n": 100, "text": "%s"}' % filling, 0)] * 30)
        assert "max 100" in await drawn(app, 91)


async def test_a_payload_without_numbers_says_which_fields_there_are(tmp_path: Path) -> None:
    async with bench(tmp_path, size=(60, 20)) as app:
        await app.feed([("t", b'{"name": "x", "\\u001b]0;evil": "y"}', 0)])
        await app.press("v")
        await app.until(lambda: "No number in this payload" in "\n".join(app.lines), "said so")
        assert ".name" in app.line("The fields are:")
        assert "\x1b" not in "".join(app.lines)


async def test_another_topic_is_another_chart(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed([("t", b"1", 0), ("u", b"5", 0), ("t", b"2", 0)])
        await app.press("v")
        assert "max 2" in await drawn(app, 2)
        await app.press("3", "up")
        assert "max 5" in await drawn(app, 1)


async def test_the_message_that_is_shown_is_marked(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed([("t", b"%d" % number, 0) for number in range(20)], step=1000)
        await app.press("v")
        await drawn(app, 20)
        before = app.line("▲").rindex("▲")
        await app.press(*"<<<<<<<<<")
        await app.until(lambda: app.line("▲").rindex("▲") < before - 10, "the mark goes back")


async def test_y_copies_the_numbers_as_csv(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed([("t", b'{"a, b": %d.5}' % number, 0) for number in range(3)])
        await app.press("v")
        await drawn(app, 3)
        await app.press("y")
        heads, *rows = csv.reader(app.app.clipboard.splitlines())
        assert heads == ["time", '."a, b"']
        assert [number for _, number in rows] == ["0.5", "1.5", "2.5"]
        times = [datetime.fromisoformat(at).timestamp() for at, _ in rows]
        assert times == pytest.approx([NOON / 1e9 + step / 100 for step in (1, 2, 3)], abs=1e-6)


async def test_cleared_captures_clear_the_chart(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed([("t", b"1", 0), ("t", b"2", 0)])
        await app.press("v")
        await drawn(app, 2)
        app.writer.clear()
        await app.until(lambda: not len(chart(app).series), "nothing is left")
