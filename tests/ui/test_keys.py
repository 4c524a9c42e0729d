"""Keys of the whole screen: panes, steps back, the guard against pastes, quitting."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from textual.binding import Binding
from textual.events import Key

from mqttx_tui.ui.keys import GUARD_SECONDS, MAIN_KEYS, KeyGuard
from mqttx_tui.ui.layouts import PANES
from mqttx_tui.ui.screens.log import LogScreen
from tests.ui.bench_app import Bench, bench


def active(app: Bench) -> str:
    return app.app.main_screen.active


async def test_numbers_and_tab_go_to_panes(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        for number, name in enumerate(PANES, 1):
            await app.press("escape")
            await app.press(str(number))
            assert active(app) == name
            pane = app.app.main_screen.panes[name]
            assert pane.has_focus_within, name
        await app.press("escape", "2", "tab")
        assert active(app) == "messages"
        await app.press("shift+tab", "shift+tab")
        assert active(app) == "connections"


async def test_a_quick_escape_and_digit_of_tmux_goes_to_the_pane(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        for character, name in zip("¡™¢", ("connections", "topics", "inspector"), strict=True):
            await app.press(character)
            assert active(app) == name


async def test_alt_and_a_letter_is_the_letter(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.press("alt+z")
        assert app.app.main_screen.zoomed
        await app.press("escape")
        assert not app.app.main_screen.zoomed


async def test_a_paste_that_arrives_as_keys_does_not_quit_or_exclude(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed([("site/set", b"1", 0)])
        for character in '{"q":1}xu':
            app.app.post_message(Key(character, character))
        await app.pilot.pause(0.1)
        assert app.engine.calls == []
        assert app.app.screen is app.app.main_screen


async def test_q_asks_and_a_second_q_quits(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.pilot.press("q")
        await app.pilot.pause(0.1)
        assert app.app.screen is not app.app.main_screen
        assert "q again quit" in "".join(app.lines[-1])
        await app.press("escape")
        assert app.app.screen is app.app.main_screen
        await app.pilot.press("q")
        await app.pilot.pause(0.1)
        await app.press("q")
        await app.pilot.pause(0.1)
        assert app.engine.closed == [False]


async def test_k_quits_and_keeps_the_capture(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.pilot.press("q")
        await app.pilot.pause(0.1)
        await app.press("k")
        await app.pilot.pause(0.1)
        assert app.engine.closed == [True]


async def test_ctrl_c_quits_when_pressed_twice(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.press("ctrl+c")
        assert app.engine.closed == []
        assert "again" in app.lines[-2]
        await app.press("ctrl+c")
        await app.pilot.pause(0.1)
        assert app.engine.closed == [False]


async def test_hints_can_be_clicked(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.pilot.click("#footer", offset=(app.lines[-1].index("zoom"), 0))
        await app.pilot.pause()
        assert app.app.main_screen.zoomed


async def test_tabs_can_be_clicked(tmp_path: Path) -> None:
    async with bench(tmp_path, size=(80, 24)) as app:
        await app.pilot.click("#tabs", offset=(app.lines[1].index("2 Topics") + 2, 0))
        await app.pilot.pause()
        assert active(app) == "topics"


async def test_keys_that_come_twice_at_once_close_a_dialog_once(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        for opener in ("?", "ctrl+p"):
            await app.press(opener)
            assert app.app.screen is not app.app.main_screen
            for _ in range(3):
                app.app.post_message(Key("escape", "\x1b"))
            await app.pilot.pause(0.05)
            assert app.app.screen is app.app.main_screen
        await app.press("ctrl+p", *"log")
        await app.pilot.pause(0.5)
        for _ in range(3):
            app.app.post_message(Key("enter", "\r"))
        await app.pilot.pause(0.2)
        assert app.app.is_running


@pytest.mark.parametrize("turns", [0, 1, 2])
@pytest.mark.parametrize("way", ["quit", "closed from outside"])
async def test_the_app_can_end_while_a_dialog_opens(tmp_path: Path, turns: int, way: str) -> None:
    async with bench(tmp_path) as app:
        app.app.push_screen(LogScreen([], 0))
        for _ in range(turns):
            await asyncio.sleep(0)
        if way == "quit":
            app.app.exit()
    assert not app.app.is_running


def test_every_key_has_an_id_and_a_description() -> None:
    bindings = [binding for binding in MAIN_KEYS if isinstance(binding, Binding)]
    assert len({binding.id for binding in bindings}) == len(MAIN_KEYS)
    assert all(binding.description for binding in bindings)


async def test_every_size_can_be_gone_through(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed([("site/7/temp", b'{"value": 1}', 0)] * 30)
        for size in ((180, 45), (80, 24), (60, 20), (40, 10), (25, 4), (120, 40)):
            await app.pilot.resize_terminal(*size)
            await app.tick()
            await app.tick()
            assert active(app) == "messages"
            assert app.app.main_screen.active_pane.has_focus_within or size == (25, 4)
            assert len(app.lines) == size[1]
            assert all(len(line) == size[0] for line in app.lines)
            if size != (25, 4):
                assert "site/7/temp" in "\n".join(app.lines)
            else:
                assert "30×6" in app.lines[0]


def test_a_paste_stays_one_however_late_its_keys_are_dealt_with() -> None:
    guard = KeyGuard()
    guard.pressed(10.0)
    assert guard.alone_so_far
    guard.pressed(10.0 + GUARD_SECONDS / 10)
    assert guard.strayed
    guard.pressed(10.0 + 2 * GUARD_SECONDS)
    assert guard.alone_so_far
