"""The Payload and Hex tabs in the app: cursor, folds, changes, copying, filters."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest
from textual import events
from textual.widgets import Input

from mqttx_tui.ui.former import NEAR_ROWS
from mqttx_tui.ui.panes.inspector import InspectorPane
from mqttx_tui.ui.tabs.payload import PayloadTab
from mqttx_tui.ui.widgets.filter_line import TYPING_SECONDS
from tests.ui.bench_app import Bench, bench

OLD = b'{"value": 21.4, "unit": "C", "sensor": {"id": 7, "place": "roof"}, "old": 1}'
NEW = b'{"value": 22.0, "unit": "C", "sensor": {"id": 7, "place": "cellar"}, "a b": [1, 2]}'


async def opened(app: Bench, *payloads: bytes, topic: str = "site/7/temp") -> None:
    """Feed the payloads and give the inspector the keys, with the last one in it."""
    first = await app.feed([(topic, payload, 0) for payload in payloads])
    pane = app.app.main_screen.find_pane(InspectorPane)
    assert pane is not None
    await app.press("3", "end", "enter")
    wanted = first + len(payloads) - 1
    await app.until(lambda: pane.message_id == wanted and pane.has_focus_within, "the inspector")


def body(app: Bench) -> list[str]:
    """The inspector's lines below its head, from its left margin on."""
    pane = app.app.main_screen.find_pane(InspectorPane)
    assert pane is not None
    region = pane.tab.region
    return [line[region.x : region.right].rstrip() for line in app.lines[region.y : region.bottom]]


async def line_is(app: Bench, row: int, text: str, what: str = "") -> None:
    """Until a line of the body is this one."""
    await app.until(lambda: body(app)[row] == text, f"{what} {row}: {text!r}")


async def until_shown(app: Bench, text: str) -> None:
    await app.until(lambda: any(text in line for line in body(app)), text)


async def test_what_changed_stands_beside_the_values(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed([("site/7/temp", OLD, 0), ("other", b'{"value": 1}', 0)])
        await opened(app, NEW)
        await until_shown(app, "was 21.4  (+0.6)")
        lines = body(app)
        assert lines[1] == '   "value": 22.0,        was 21.4  (+0.6)'
        assert lines[2] == '   "unit": "C",'
        assert lines[5].endswith('was "roof"')
        assert {line.index("was") for line in lines if "was" in line} == {25}
        assert lines[7] == '   "a b": [              new'
        await app.press("G", "down")
        assert body(app)[-1].strip() == "gone: old" or " gone: old" in body(app)
        await app.press("3", "home", "enter")
        payload = app.app.main_screen.query_one(PayloadTab)
        await app.until(lambda: payload.message_shown == 1 and not payload.is_comparing, "the comparison")
        assert "was" not in "".join(body(app)), "the first message of its topic has no former one"


async def test_a_former_message_that_is_near_is_there_with_the_first_frame(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await opened(app, OLD, b"[1]", NEW)
        tab = app.app.main_screen.query_one(PayloadTab)
        await app.press("3", "home")
        await app.until(lambda: not tab.is_comparing, "there is none before the first one")
        for key, said in (("down", "was {…}"), ("down", "was […]"), ("up", "was {…}")):
            await app.press(key)
            assert said in body(app)[0]
            assert not tab.is_comparing


async def test_a_former_message_far_back_is_found_too(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed([("site/7/temp", OLD, 0), *[("noise", b"%d" % n, 0) for n in range(NEAR_ROWS + 5)]])
        await opened(app, NEW)
        await until_shown(app, "was 21.4  (+0.6)")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b"21.4", b"21.9", "was 21.4  (+0.5)"),
        (b"OFF", b"ON", "was OFF"),
        (b"21.4", b"unavailable", "was 21.4"),
        (b"unavailable", b"21.4", "was unavailable"),
        (b'{"a": 1}', b"3", "was {…}"),
    ],
)
async def test_a_scalar_payload_too(tmp_path: Path, old: bytes, new: bytes, said: str) -> None:
    async with bench(tmp_path, size=(80, 24)) as app:
        await opened(app, old, new)
        await until_shown(app, said)
        assert body(app)[0][1:] == f"{new.decode():<24}{said}"


async def test_enter_on_a_fold_hides_its_lines_and_shows_their_number(tmp_path: Path) -> None:
    async with bench(tmp_path, size=(80, 24)) as app:
        await opened(app, NEW)
        await app.press("down", "down", "down")
        for key in ("enter", "space", "left", "h"):
            await app.press(key)
            await line_is(app, 3, '›  "sensor": { … 3 lines },', key)
            await line_is(app, 4, '   "a b": [')
            await app.press({"enter": "enter", "space": "space", "left": "right", "h": "l"}[key])
            assert body(app)[3:5] == ['›  "sensor": {', '     "id": 7,'], key
        await app.press("minus")
        assert body(app)[3:6] == ['›  "sensor": { … 3 lines },', '   "a b": [ … 3 lines ]', " }"]
        await app.press("plus", "right", "left")
        await line_is(app, 3, '›  "sensor": {', "left of a value is what is around it")


async def test_a_topic_that_is_followed_stays_folded_and_the_cursor_on_its_path(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await opened(app, OLD)
        await app.press("down", "down", "down", "enter", "down")
        assert any(line.startswith('›  "old"') for line in body(app))
        await app.press("3", "f")
        await app.feed([("elsewhere", b"[1]", 0), ("site/7/temp", OLD.replace(b"{", b'{"first": 0, ', 1), 0)])
        await app.press("up", "down", "4")
        lines = body(app)
        assert '   "sensor": { … 3 lines },' in lines
        assert any(line.startswith('›  "old"') for line in lines)


async def test_a_click_puts_the_cursor_and_a_double_click_folds(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await opened(app, OLD)
        pane = app.app.main_screen.find_pane(InspectorPane)
        assert pane is not None
        await app.pilot.click(pane.tab, offset=(5, 3))
        await app.until(lambda: body(app)[3].startswith('›  "sensor": {'), "the cursor")
        await app.pilot.click(pane.tab, offset=(5, 3), times=2)
        await app.until(lambda: "… 3 lines" in body(app)[3], "the fold")


async def test_numbers_equal_keys_and_order_stay_as_they_were_sent(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await opened(app, b'{"z":1.10,"a":1E5,"a":12345678901234567890123}')
        assert [line[1:] for line in body(app)[:5]] == [
            "{", '  "z": 1.10,', '  "a": 1E5,', '  "a": 12345678901234567890123', "}",
        ]  # fmt: skip
        await app.press("end", "up", "y")
        assert app.app.clipboard == "12345678901234567890123"


async def test_y_copies_the_value_under_the_cursor_and_the_menu_its_path(tmp_path: Path) -> None:
    payload = '{"text": "a\\n\\"b\\"", "list": [{"a b": 1.50}], "flag": true}'
    async with bench(tmp_path) as app:
        await opened(app, payload.encode())
        await app.press("y")
        assert app.app.clipboard == payload, "the whole payload, as it came"
        await app.press("down", "y")
        assert app.app.clipboard == 'a\n"b"'
        await app.press("down", "y")
        assert json.loads(app.app.clipboard) == [{"a b": 1.5}]
        await app.press("down", "down", "y")
        assert app.app.clipboard == "1.50"
        await app.press("Y")
        assert 'path .list[0]."a b"' in app.line("path")
        assert "JSON line" in "\n".join(app.lines)
        await app.press("2")
        await app.until(lambda: app.app.clipboard == '.list[0]."a b"', "the path")
        await app.press("3", "y")
        assert app.app.clipboard == payload, "elsewhere y copies the payload"


async def test_equals_asks_the_streams_filter_for_the_value(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await opened(app, OLD, b"[1]", NEW, topic='site/"7"')
        await app.press("down", "down", "=")
        field = app.app.main_screen.messages.filter_line
        await app.until(lambda: bool(field.display), "the filter's field")
        assert field.value == 'topic == "site/\\"7\\"" and .unit == "C"'
        assert field.cursor_position == len(field.value)
        finding = app.app.main_screen.messages.finding
        later: list[bool] = []
        app.app.set_timer(2 * TYPING_SECONDS, lambda: later.append(True))
        await app.until(lambda: bool(later), "longer than a filter that is typed waits")
        assert finding.text == "", "nothing is in force before Enter"
        await app.press("enter")
        model = app.app.main_screen.messages.stream_model
        await app.until(lambda: "2 of 3" in app.line("3 Messages") and model.count == 2, "both messages")
        await app.tick()
        await app.press("end", "enter")
        await app.until(lambda: body(app)[2].startswith('›  "unit"'), "the cursor where it was in this topic")
        await app.press("=")
        assert field.value.endswith('.unit == "C"')
        await app.press("escape")
        assert finding.text.endswith('.unit == "C"'), "Esc keeps what was in force"


async def test_for_a_number_the_operator_is_asked(tmp_path: Path) -> None:
    async with bench(tmp_path, size=(60, 20)) as app:
        await opened(app, OLD, NEW)
        await app.press("down")
        field = app.app.main_screen.messages.filter_line
        for key, test in (("=", "=="), (">", ">"), ("<", "<"), ("!", "!=")):
            await app.press("4", "=")
            await app.until(lambda: "above" in "\n".join(app.lines), "the question")
            await app.press(key)
            await app.until(lambda: bool(field.display), "the filter's field")
            assert field.value == f'topic == "site/7/temp" and .value {test} 22.0'
            await app.press("escape")
        await app.press("4", "=", "escape")
        assert not field.display


async def test_what_no_filter_can_ask_is_said(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        for payload, said in (
            (b'{"a": 1, "a": 2}', "equal key stands before it"),
            (b'{"a\\\\": 2}', "no filter can name"),
            (b"\x01\x03\xff", "payload contains x"),
            (b"[" + b"1," * 40_000 + b"1]", "64 KiB"),
        ):
            await opened(app, payload)
            await app.press("end", "up", "=")
            await app.until(lambda said=said: said in "\n".join(app.lines[-3:]), said)  # type: ignore[misc]
            assert not app.app.main_screen.query_one("#filter-line", Input).display


async def test_a_large_payload_is_shown_in_parts_and_says_so(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await opened(app, b'{"a": "' + b"x" * 70_000 + b'"}')
        assert "json, in parts" in app.line("4 Inspector")


async def test_the_cursor_of_the_hex_tab_goes_from_byte_to_byte(tmp_path: Path) -> None:
    payload = struct.pack("<hIf", -2, 1_795_262_400, 21.4) + bytes(range(30))
    async with bench(tmp_path) as app:
        await opened(app, payload)
        assert "hex" in app.line("4 Inspector"), "bytes that are no text are shown so by themselves"
        await app.press("right_square_bracket", "right_square_bracket")
        assert "0x00000000   0 of 40 B" in app.line("4 Inspector")
        assert any(line.startswith(" u16     65534 (-2) ") for line in body(app))
        await app.press("right", "l")
        assert "0x00000002   2 of 40 B" in app.line("4 Inspector")
        assert any(line.startswith(" u32     1795262400 ") for line in body(app))
        await app.press("right", "right", "right", "right")
        assert any(line.startswith(" f32     21.4 ") for line in body(app))
        await app.press("y")
        assert app.app.clipboard == f"{payload[6]:02x}"
        await app.press("Y")
        number = next(line.split()[0] for line in app.lines if "f32, little endian" in line).lstrip("│")
        await app.press(number)
        await app.until(lambda: app.app.clipboard == "21.4", "the meaning")
        await app.press("down", "left", "h")
        assert "20 of 40 B" in app.line("4 Inspector")
        await app.press("end", "right", "down")
        assert "39 of 40 B" in app.line("4 Inspector")
        await app.press("home", "up", "left")
        assert " 0 of 40 B" in app.line("4 Inspector")


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 20)])
async def test_the_byte_under_the_cursor_is_marked_in_both_columns(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with bench(tmp_path, size=size) as app:
        await opened(app, b"\x00\x01ABCDEFGHIJKLMNOP" * 20)
        await app.press("right_square_bracket", "right_square_bracket", "down", "right")
        marked = []
        for strip in app.app.screen._compositor.render_strips():
            marked += [s.text for s in strip if s.style is not None and s.style.reverse and len(s.text) <= 2]
        byte = int(marked[0], 16)
        assert marked[1] == chr(byte)
        assert any(line.startswith(" u16") for line in body(app))
        assert sum("|" in line for line in body(app)) >= 6


@pytest.mark.parametrize("size", [(120, 40), (60, 20)])
async def test_a_click_on_a_byte_puts_the_cursor_there(tmp_path: Path, size: tuple[int, int]) -> None:
    async with bench(tmp_path, size=size) as app:
        await opened(app, bytes(range(0x30, 0x5A)))
        await app.press("right_square_bracket", "right_square_bracket")
        pane = app.app.main_screen.find_pane(InspectorPane)
        assert pane is not None
        line = body(app)[1]
        per_line = 16 if size[0] == 120 else 8
        for column in (0, 5, 7, per_line - 1):
            byte = 0x30 + per_line + column
            for text in (f"{byte:02x}", chr(byte)):
                # The offset at the left looks like bytes, the hex digits like characters.
                at = line.index(text, line.index("|") if len(text) == 1 else 10)
                await app.press("home")
                await app.pilot.click(pane.tab, offset=(at, 1))
                place = f"0x{per_line + column:08x}"
                await app.until(lambda place=place: place in "\n".join(app.lines), place)  # type: ignore[misc]


async def test_an_evicted_payload_says_so(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await opened(app, b"\xff" * 5000)
        pane = app.app.main_screen.find_pane(InspectorPane)
        assert pane is not None
        await app.press("right_square_bracket", "right_square_bracket")
        pane.tabs["Hex"].query_one("#tab-hex-view").show(  # type: ignore[attr-defined]
            lambda offset, length: b"", 5000, keep_position=False
        )
        await app.tick()
        await line_is(app, 0, " evicted")


async def test_keys_that_come_before_the_tab_has_a_size_leave_the_page_whole(tmp_path: Path) -> None:
    async with bench(tmp_path, size=(80, 24)) as app:
        await opened(app, b"x" * 51)
        driver = app.app._driver
        assert driver is not None
        for name, character in (*[("right_square_bracket", "]")] * 2, *[("l", "l")] * 3, ("j", "j")):
            driver.process_message(events.Key(name, character))
        await app.until(lambda: " of 51 B" in app.line("Payload  Props"), "the hex tab")
        await app.until(lambda: body(app)[0].startswith(" 00000000  78 "), "the first line of the dump")


async def test_the_tree_follows_a_topic_and_what_was_folded_stays_folded(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await opened(app, OLD)
        await app.press("down", "down", "down", "space")
        await app.topics(1)
        await app.press("2", "end")
        for number in range(3):
            payload = OLD.replace(b"21.4", b"%d" % number).replace(b"roof", b"roof %d" % number)
            await app.feed([("noise", b"1", 0), ("site/7/temp", payload, 0)])
            await app.until(lambda number=number: f'"value": {number},' in body(app)[1], "the newest one")  # type: ignore[misc]
            assert "was" in body(app)[1]
            assert body(app)[3].startswith('   "sensor": { … 3 lines },')
            assert "changed" in body(app)[3]
