"""The comparison of two payloads, and its tab."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mqttx_tui.payload.base import Context
from mqttx_tui.payload.registry import LIMIT
from mqttx_tui.ui.diff import Difference, Kind, Payload, compare, folded
from mqttx_tui.ui.diff_script import matches
from mqttx_tui.ui.tabs.diff import DiffTab
from tests.ui.bench_app import Bench, bench
from tests.ui.test_history import inspector, open_history


def payload(data: bytes, size: int | None = None) -> Payload:
    return Payload(data, len(data) if size is None else size, Context())


def shown(difference: Difference) -> list[str]:
    return [line.kind.value + line.text for line in difference.lines]


def longest_common(one: list[str], other: list[str]) -> int:
    row = [0] * (len(other) + 1)
    for a in one:
        before = list(row)
        for at, b in enumerate(other):
            row[at + 1] = before[at] + 1 if a == b else max(row[at], before[at + 1])
    return row[-1]


LINES = st.lists(st.sampled_from("abc"), max_size=12)


@given(LINES, LINES, st.integers(0, 30))
def test_pairs_are_equal_ascending_and_as_many_as_can_be(old: list[str], new: list[str], most: int) -> None:
    pairs, sure = matches(old, new, most)
    assert all(old[a] == new[b] for a, b in pairs)
    assert all(a < c and b < d for (a, b), (c, d) in itertools.pairwise(pairs))
    if sure:
        assert len(pairs) == longest_common(old, new)
    else:
        assert len(old) + len(new) > most


def test_the_work_is_bounded() -> None:
    old, new = [f"a{number}" for number in range(20_000)], [f"b{number}" for number in range(20_000)]
    assert matches(["x", *old, "y"], ["x", *new, "y"]) == ([(0, 0), (20_001, 20_001)], False)


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_both_sides_can_be_read_from_the_comparison(old: bytes, new: bytes) -> None:
    difference = compare(payload(old), payload(new))
    assert (difference.gone + difference.come == 0) == (
        [line.text for line in difference.lines if line.kind is not Kind.COME]
        == [line.text for line in difference.lines if line.kind is not Kind.GONE]
    )
    if difference.how == "text":
        back = "\n".join(line.text for line in difference.lines if line.kind is not Kind.GONE)
        assert back.encode() == new


@given(st.dictionaries(st.text("abc", max_size=2), st.integers(0, 3) | st.lists(st.booleans(), max_size=3)))
def test_json_with_another_layout_is_equal(value: dict[str, object]) -> None:
    tight, wide = json.dumps(value, separators=(",", ":")), json.dumps(value, indent=7)
    difference = compare(payload(tight.encode()), payload(wide.encode()))
    assert (difference.gone, difference.come, difference.how) == (0, 0, "json")


def test_json_is_compared_field_by_field() -> None:
    old, new = b'{"unit": "C", "value": 21.4}', b'{"unit":"C","value":22.0,"battery":87}'
    difference = compare(payload(old), payload(new))
    assert shown(difference) == [
        " {",
        '   "unit": "C",',
        '-  "value": 21.4',
        '+  "value": 22.0,',
        '+  "battery": 87',
        " }",
    ]


def test_a_changed_number_says_by_how_much_and_where() -> None:
    difference = compare(payload(b'{"value": 21.4, "on": true}'), payload(b'{"value": 22.0, "on": true}'))
    gone, come = difference.lines[1:3]
    assert (gone.text[slice(*gone.changed)], come.text[slice(*come.changed)]) == ("1.4", "2.0")
    assert come.change == "+0.6"


def test_fields_that_changed_stand_under_each_other_and_lines_of_text_together() -> None:
    changed = compare(payload(b'{"a": 1, "b": 2}'), payload(b'{"a": 3, "b": 4}'))
    assert shown(changed)[1:5] == ['-  "a": 1,', '+  "a": 3,', '-  "b": 2', '+  "b": 4']
    assert shown(compare(payload(b"a\nb"), payload(b"c\nd"))) == ["-a", "-b", "+c", "+d"]


def test_text_and_bytes_and_nothing() -> None:
    assert shown(compare(payload(b"a\nb\nc"), payload(b"a\nx\nc"))) == [" a", "-b", "+x", " c"]
    assert shown(compare(payload(b""), payload(b'{"a":1}'))) == ["+{", '+  "a": 1', "+}"]
    assert shown(compare(payload(b"ON"), payload(b'{"a":1}'))) == ["-ON", '+{"a":1}']
    binary = compare(payload(bytes(range(40))), payload(bytes(range(39)) + b"\xff"))
    assert (binary.how, binary.gone, binary.come) == ("hex", 1, 1)
    assert len(compare(payload(bytes(40)), payload(bytes(40)), 50).lines) == 5, "eight bytes a row"


def test_long_payloads_are_cut_and_it_is_said() -> None:
    difference = compare(payload(b"x" * LIMIT, 5_000_000), payload(b"x" * LIMIT, 5_000_000))
    assert "only the first 66 kB of 5.0 MB" in difference.notes[0]
    old, new = (payload("\n".join(f"{letter}{number}" for number in range(3000)).encode()) for letter in "xy")
    assert "too different" in compare(old, new).notes[0]


def test_equal_lines_far_from_a_change_are_folded() -> None:
    text = [str(number) for number in range(40)]
    changed = [*text[:20], "changed", *text[21:]]
    difference = compare(payload("\n".join(text).encode()), payload("\n".join(changed).encode()))
    rows = folded(difference.lines)
    assert [row if isinstance(row, int) else row.text for row in rows] == [
        17, "17", "18", "19", "20", "changed", "21", "22", "23", 16
    ]  # fmt: skip
    assert folded(difference.lines[:5]) == [5], "nothing differs"


# the tab


def tab_of(app: Bench) -> DiffTab:
    tab = inspector(app).tabs["Diff"]
    assert isinstance(tab, DiffTab)
    return tab


async def compared(app: Bench, other: int | None) -> list[str]:
    """The lines of the tab once the message is compared with another one."""
    tab = tab_of(app)

    def done() -> bool:
        found = tab._compared
        if found is None or tab._message is None:
            return False
        return (found.other.id if found.other is not None else None) == other

    await app.until(done, f"compared with {other}")
    await app.tick()
    return lines_of(app)


def lines_of(app: Bench) -> list[str]:
    """What the tab shows under its head."""
    region = tab_of(app).view.region
    return [text[region.x : region.right].strip() for text in app.lines[region.y : region.bottom]]


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 20)])
async def test_d_compares_with_the_one_before_of_the_same_topic(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with bench(tmp_path, size=size) as app:
        first = await app.feed(
            [("t", b'{"value": 21.4}', 0), ("u", b"9", 0), ("t", b'{"value": 22.0}', 0), ("u", b"10", 0)]
        )
        await app.press("up", "d")
        assert app.app.main_screen.active == "inspector"
        lines = await compared(app, first)
        assert lines[:4] == ["{", '-   "value": 21.4', '+   "value": 22.0  (+0.6)', "}"]
        assert "-1 +1 json" in app.line(f"#{first} ")
        await app.press("escape")
        assert app.app.main_screen.active == "messages"


async def test_d_in_the_tree_and_the_first_message_of_a_topic(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed([("t", b"1", 0)])
        await app.topics(1)
        await app.press("2", "G", "d")
        await app.until(lambda: "This is the topic's first message" in lines_of(app)[0], "said so")


async def test_older_and_newer_ones_can_be_compared_with(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        first = await app.feed([("t", b"%d" % number, 0) for number in range(4)])
        await app.press("d")
        await compared(app, first + 2)
        await app.press("<", "<")
        assert "+ 3  (+3)" in (await compared(app, first))[1]
        await app.press("<")
        await app.until(lambda: "no older message" in app.lines[-2], "the end is told")
        await app.press(">")
        await compared(app, first + 1)
        await app.press("o")
        await compared(app, first + 2)


async def test_any_two_messages_by_marking_one(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        first = await app.feed([("t", b"0", 0), ("u", b"5", 0), ("t", b"1", 0), ("u", b"7", 0)])
        await app.press("home", "d", "space", "3", "down", "down", "down", "d")
        lines = await compared(app, first)
        assert lines[:2] == ["- 0", "+ 7  (+7)"]
        assert "◆" in app.line(f"#{first} "), "the marked one"
        await app.press("o")
        assert (await compared(app, first + 1))[:2] == ["- 5", "+ 7  (+2)"]
        assert inspector(app).marked is None


async def test_a_row_of_the_history_is_marked_with_space(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        first = await app.feed([("t", b"%d" % number, 0) for number in range(6)])
        await open_history(app)
        await app.press("down", "down", "down", "space")
        assert "◆" in "\n".join(app.lines)
        await app.press("g", "d")
        assert (await compared(app, first + 2))[:2] == ["- 2", "+ 5  (+3)"]


async def test_enter_shows_the_equal_lines_too(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        fields = {f"f{number}": number for number in range(30)}
        await app.feed([("t", json.dumps(fields | {"f29": value}).encode(), 0) for value in (1, 2)])
        await app.press("d")
        await app.until(lambda: "equal lines (Enter" in "\n".join(app.lines), "folded")
        assert '"f2": 2,' not in lines_of(app)
        await app.press("enter")
        assert '"f2": 2,' in lines_of(app)


async def test_y_copies_the_difference(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        first = await app.feed([("t", b'{"a": 1}', 0), ("t", b'{"a": 2}', 0)])
        await app.press("d")
        await compared(app, first)
        await app.press("y")
        assert app.app.clipboard == '  {\n-   "a": 1\n+   "a": 2\n  }\n'


async def test_hostile_payloads_are_only_text(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        first = await app.feed([("t", b"[/]\x1b[31m", 0), ("t", b"[@click=app.quit]x[/]\xc2\x9b", 0)])
        await app.press("d")
        lines = await compared(app, first)
        assert lines[0] == "- [/]␛[31m"
        assert lines[1].startswith("+ [@click=app.quit]x[/]")
