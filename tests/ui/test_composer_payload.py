"""The composer's payload: checked, laid out anew, from a file, empty on purpose, edited outside."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path

import pytest

from mqttx_tui.ui.draft import REUSED_BYTES, Draft
from mqttx_tui.ui.panes.composer import ComposerPane
from mqttx_tui.ui.screens.ask import Confirm, TextPrompt
from mqttx_tui.ui.widgets.payload_area import PayloadArea
from tests.support.wait import eventually
from tests.ui.bench_app import Bench, bench, snapshot


def composer(app: Bench) -> ComposerPane:
    pane = app.app.main_screen.find_pane(ComposerPane)
    assert pane is not None
    return pane


def published(app: Bench) -> list[tuple[object, ...]]:
    return [call[2:] for call in app.engine.calls if call[0] == "publish"]


async def opened(app: Bench, draft: Draft) -> PayloadArea:
    await app.press("p")
    composer(app).open_draft(draft)
    composer(app).focus_payload()
    await app.pilot.pause()
    return composer(app).query_one(PayloadArea)


async def sees(app: Bench, text: str) -> None:
    await app.until(lambda: text in "\n".join(app.lines), f"{text!r} on screen")


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 20)])
async def test_a_mistake_is_placed_while_it_is_typed_and_ctrl_g_goes_there(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with bench(tmp_path, size=size) as app:
        area = await opened(app, Draft("t", '{\n "on": tru,\n "x": 1\n}', "json"))
        await sees(app, "✗ line 2, column 8: expected a value")
        await app.press("ctrl+g")
        assert area.cursor_location == (1, 7)
        await app.press("right", "right", "right", "e")
        await sees(app, "json, good")
        await app.press("ctrl+g")
        await sees(app, "nothing is wrong")


async def test_the_line_of_the_mistake_does_not_come_and_go(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await opened(app, Draft("t", "", "hex"))
        controls = next(i for i, line in enumerate(app.lines) if "format ‹" in line)
        for key in "0102g":
            await app.press(key)
            assert "format ‹" in app.lines[controls], f"after {key}"
        assert "column 5" in "\n".join(app.lines)


@pytest.mark.parametrize(
    ("format", "payload", "size"),
    [
        ("hex", "00" * 300_000, "300 kB"),
        ("base64", "AAAA" * 200_000, "600 kB"),
        ("json", " " * 300_000, "300 kB"),
    ],
)
async def test_the_length_of_a_long_payload_is_that_of_its_bytes(
    tmp_path: Path, format: str, payload: str, size: str
) -> None:
    async with bench(tmp_path) as app:
        await opened(app, Draft("t", payload, format))
        assert size in app.line("format ‹")


async def test_a_template_is_checked_by_its_placeholders(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        area = await opened(app, Draft("t", '{"n": {{ countr }}}', "json", template=True))
        await sees(app, "line 1, column 7: there is no placeholder {{ countr }}")
        await app.press("ctrl+g")
        assert area.cursor_location == (0, 6)
        area.put('{"n": {{ counter }}}')
        await sees(app, "a template")
        area.put("{{ counter }},")
        await sees(app, "Not JSON once it is filled in")


async def test_ctrl_f_lays_json_out_and_back(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await opened(app, Draft("t", '{"a":1,"b":[1.50]}', "json"))
        await app.press("ctrl+f")
        assert composer(app).draft.payload == '{\n  "a": 1,\n  "b": [\n    1.50\n  ]\n}'
        await app.press("ctrl+f")
        assert composer(app).draft.payload == '{"a":1,"b":[1.50]}'
        composer(app).open_draft(Draft("t", "{oops"))
        await app.press("ctrl+f")
        await sees(app, "Not JSON: line 1, column 2")
        assert composer(app).draft.payload == "{oops"


async def test_the_palette_indents_and_minifies(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await opened(app, Draft("t", "[1]"))
        await app.app.main_screen.run_action("composer('indent')")
        assert composer(app).draft.payload == "[\n  1\n]"
        await app.app.main_screen.run_action("composer('minify')")
        assert composer(app).draft.payload == "[1]"


# empty


async def test_an_empty_payload_needs_a_second_time(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await opened(app, Draft("door/state"))
        await app.press("f5")
        await sees(app, "once more sends it so")
        assert published(app) == []
        await app.press("f5")
        await app.until(lambda: published(app) == [("door/state", b"", False)], "sent")
        await app.press("escape", "3", "f5")
        await app.until(lambda: len(published(app)) == 2, "the same again needs no question")


async def test_what_changes_in_between_is_asked_about_again(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await opened(app, Draft("a"))
        await app.press("f5")
        composer(app).open_draft(Draft("b"))
        await app.press("f5")
        await sees(app, "once more sends it so")
        assert published(app) == []


async def test_an_empty_retained_message_asks_before_it_clears(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await opened(app, Draft("door/state", retain=True))
        await app.press("f5")
        await app.until(lambda: isinstance(app.app.screen, Confirm), "the question")
        await sees(app, "clears what greenhouse keeps of")
        await app.press("n")
        await app.until(lambda: not isinstance(app.app.screen, Confirm), "closed")
        assert published(app) == []
        await app.press("f5")
        await app.until(lambda: isinstance(app.app.screen, Confirm), "the question again")
        await app.press("y")
        await app.until(lambda: published(app) == [("door/state", b"", True)], "sent")
        await app.press("f5")
        await app.until(lambda: len(published(app)) == 2, "asked once")


# files


async def load(app: Bench, path: str) -> None:
    await app.press("ctrl+l")
    await app.until(lambda: isinstance(app.app.screen, TextPrompt), "the question")
    await app.press("ctrl+u", *path, "enter")
    await app.until(lambda: not isinstance(app.app.screen, TextPrompt), "answered")


async def test_a_small_file_is_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "a.json").write_text('{"a": 1}\n')
    (tmp_path / "b.bin").write_bytes(b"\x00\xff")
    async with bench(tmp_path) as app:
        await opened(app, Draft("t", "before", qos=1))
        await load(app, "~/a.json")
        await app.until(lambda: composer(app).draft.payload == '{"a": 1}\n', "loaded")
        assert (composer(app).draft.format, composer(app).draft.qos) == ("json", 1)
        await load(app, "~/b.bin")
        await app.until(lambda: composer(app).draft.payload == "00 ff", "the bytes")
        assert composer(app).draft.format == "hex"


async def test_a_large_file_is_sent_from_where_it_lies(tmp_path: Path) -> None:
    firmware = tmp_path / "fw.bin"
    firmware.write_bytes(b"\x7f" * (REUSED_BYTES + 1))
    async with bench(tmp_path, size=(60, 20)) as app:
        await opened(app, Draft("ota", "x"))
        await load(app, str(firmware))
        await app.until(lambda: composer(app).draft.file == str(firmware), "held")
        assert any("fw.bin" in line or "1.0 MB" in line for line in app.lines)
        firmware.write_bytes(b"\x01" * (REUSED_BYTES + 5))
        await app.press("f5")
        await app.until(lambda: len(published(app)) == 1, "sent")
        assert published(app)[0][1] == b"\x01" * (REUSED_BYTES + 5)
        await app.press("a")
        await sees(app, "Backspace clears it")
        await app.press("backspace")
        assert composer(app).draft.file == ""


async def test_a_file_that_is_not_there_loses_nothing(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await opened(app, Draft("t", "typed"))
        await load(app, "/nowhere/x")
        await sees(app, "/nowhere/x: No such file")
        assert composer(app).draft.payload == "typed"
        composer(app).open_draft(Draft("t", file="/nowhere/y"))
        await app.press("f5")
        await sees(app, "/nowhere/y: No such file")
        assert published(app) == []


# $EDITOR


@pytest.fixture
def editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A script that notes what it was given and its mode, and writes what ``answer`` holds."""
    script = tmp_path / "editor"
    script.write_text(
        f'#!/bin/sh\ncp "$2" {tmp_path}/given\nstat -c %a "$2" > {tmp_path}/mode\n'
        f'echo "$1 $2" > {tmp_path}/words\n'
        f'[ -e {tmp_path}/answer ] || exit 3\ncat {tmp_path}/answer > "$2"\n'
    )
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("VISUAL", f"{script} --wait")
    return script


def stand_aside(app: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The headless driver has no terminal to hand over."""
    driver = app.app._driver
    assert driver is not None
    monkeypatch.setattr(type(driver), "can_suspend", True)


async def test_the_payload_goes_through_the_editor(
    tmp_path: Path, editor: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bench(tmp_path) as app:
        stand_aside(app, monkeypatch)
        await opened(app, Draft("t", '{"a": 1}', "json"))
        (tmp_path / "answer").write_text('{"a": 2}\n')
        await app.press("ctrl+e")
        await app.until(lambda: composer(app).draft.payload == '{"a": 2}', "back")
        assert (tmp_path / "given").read_text() == '{"a": 1}'
        assert (tmp_path / "mode").read_text() == "600\n"
        flag, path = (tmp_path / "words").read_text().split()
        assert flag == "--wait"
        assert path.endswith(".json")
        assert not Path(path).exists()
        assert isinstance(app.app.focused, PayloadArea)
        assert published(app) == []


async def test_e_in_a_list_edits_the_payload_too(
    tmp_path: Path, editor: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bench(tmp_path) as app:
        stand_aside(app, monkeypatch)
        await app.feed([("a", b"x")])
        (tmp_path / "answer").write_bytes(b"one\r\ntwo\r\n")
        await app.press("3", "e")
        await app.until(lambda: app.app.main_screen.active == "composer", "the composer")
        assert composer(app).draft.payload == "one\r\ntwo"


async def test_an_editor_that_fails_changes_nothing(
    tmp_path: Path, editor: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bench(tmp_path) as app:
        stand_aside(app, monkeypatch)
        await opened(app, Draft("t", "typed"))
        await app.press("ctrl+e")
        await sees(app, "ended with 3: the payload is as it was")
        assert composer(app).draft.payload == "typed"
        monkeypatch.setenv("VISUAL", "/nowhere/editor")
        await app.press("ctrl+e")
        await sees(app, "editor cannot be started")
        assert composer(app).draft.payload == "typed"


async def test_a_terminal_that_cannot_be_handed_over_is_said(tmp_path: Path, editor: Path) -> None:
    async with bench(tmp_path) as app:
        await opened(app, Draft("t", "typed"))
        await app.press("ctrl+e")
        await sees(app, "cannot be handed over")
        assert composer(app).draft.payload == "typed"


async def test_the_loop_goes_on_while_the_editor_is_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "slow"
    script.write_text(
        f"#!/bin/sh\ntouch {tmp_path}/open\nwhile [ ! -e {tmp_path}/go ]; do sleep 0.05; done\n"
    )
    script.chmod(0o700)
    monkeypatch.setenv("VISUAL", str(script))
    async with bench(tmp_path) as app:
        stand_aside(app, monkeypatch)
        await opened(app, Draft("t", "typed"))
        await app.press("ctrl+e")
        await eventually((tmp_path / "open").exists, "the editor")
        turns = 0
        for _ in range(5):
            await asyncio.sleep(0)
            turns += 1
        (tmp_path / "go").touch()
        await sees(app, "the editor changed nothing")
        assert turns == 5


# what the target has


@pytest.mark.parametrize(
    ("changes", "shown", "hidden"),
    [
        ({}, ("reply to", "marked as", "template"), ()),
        ({"version": "3.1.1"}, ("template",), ("reply to", "marked as")),
        (
            {"protocol": "websocket", "version": "websocket", "subscriptions": ()},
            ("template",),
            ("reply to",),
        ),
    ],
)
async def test_more_shows_what_the_target_has(
    tmp_path: Path, changes: dict[str, object], shown: tuple[str, ...], hidden: tuple[str, ...]
) -> None:
    async with bench(tmp_path, snapshots=[snapshot(**changes)]) as app:
        await app.press("p")
        composer(app).query_one("#composer-more").focus()
        below = "\n".join(app.lines[-13:])
        assert "reply to" not in below
        await app.press("space")
        await sees(app, "template: fill in")
        below = "\n".join(app.lines[-13:])
        for text in shown:
            assert text in below
        for text in hidden:
            assert text not in below


@pytest.mark.parametrize("size", [(80, 24), (60, 20)])
async def test_every_field_can_be_reached_and_is_on_screen(tmp_path: Path, size: tuple[int, int]) -> None:
    async with bench(tmp_path, size=size) as app:
        await app.press("p")
        pane = composer(app)
        pane.query_one("#composer-topic").focus()
        pane.query_one("#composer-more").focus()
        await app.press("space", "shift+tab", "shift+tab", "shift+tab", "shift+tab", "shift+tab", "shift+tab")
        seen = []
        while app.app.main_screen.active == "composer":
            focused = app.app.focused
            assert focused is not None
            seen.append(str(focused.id).removeprefix("composer-"))
            region = focused.region.intersection(pane.region)
            assert region.height > 0, f"{focused.id} is out of sight"
            await app.press("tab")
            assert len(seen) < 20
        assert seen[:7] == ["topic", "payload", "format", "qos", "retain", "send", "more"]
        assert set(seen[7:]) == {
            *("content_type", "message_expiry_interval", "response_topic", "correlation_data"),
            *("user", "indicator", "template"),
        }
