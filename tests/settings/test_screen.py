"""The settings screen, the choice of a theme, and pressing a new key."""

from __future__ import annotations

import os
import sys
from functools import partial
from pathlib import Path

import pytest

from mqttx_tui.capture import limits
from mqttx_tui.model.state import EngineCounters
from mqttx_tui.ui.remembered import REMEMBERED, Remembered
from mqttx_tui.ui.screens.settings import PressKey, SettingsScreen
from mqttx_tui.ui.screens.themes import ThemeScreen
from mqttx_tui.ui.settings_rows import NAME_CELLS
from mqttx_tui.ui.widgets.rows import Rows
from tests.settings.test_app import notices, settled
from tests.ui.bench_app import Bench


def text(directory: Path) -> str:
    return (directory / "settings.toml").read_text()


def own_lines(directory: Path) -> list[str]:
    """What stands in the file and is no comment."""
    return [line for line in text(directory).splitlines() if line and not line.startswith(("#", "["))]


async def open_at(app: Bench, name: str) -> None:
    """The screen, with the cursor on a row."""
    if not isinstance(app.app.screen, SettingsScreen):
        await app.press("comma")
        await app.until(lambda: isinstance(app.app.screen, SettingsScreen), "the screen opens")
        await app.until(lambda: row(app) != "", "its rows stand there")
    await app.press("home")
    for _ in range(300):
        if row(app)[1:].split("  ")[0].strip() == name:
            return
        await app.press("down")
    raise AssertionError(f"no row {name}")


def row(app: Bench) -> str:
    """The row under the cursor; nothing while another screen is over it."""
    screen = app.app.screen
    if not isinstance(screen, SettingsScreen):
        return ""
    rows = screen.query_one(Rows)
    strips = (rows.line_at(y, rows.size.width).text for y in range(rows.size.height))
    return next((text.strip() for text in strips if text.startswith("›")), "")


def has(app: Bench, shown: str) -> bool:
    return value(app) == shown


def value(app: Bench) -> str:
    return row(app)[NAME_CELLS + 2 :].strip()


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 20)], ids=str)
async def test_a_switch_and_a_choice_change_with_enter_and_go_back_with_del(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with settled(tmp_path, "# mine\n", size=size) as app:
        await open_at(app, "mouse")
        assert value(app) == "yes"
        await app.press("enter")
        await app.until(lambda: value(app) == "no", "the value changed")
        assert own_lines(tmp_path) == ["mouse = false"]
        await open_at(app, "time")
        await app.press("left")
        await app.until(lambda: value(app).startswith("s "), "one step back")
        await app.press("delete")
        await app.until(lambda: value(app).startswith("ms "), "the default")
        assert text(tmp_path) == "# mine\nmouse = false\n"
        assert "Format of the time column" in "\n".join(app.lines)
        await app.press("escape")
        assert app.app.screen is app.app.main_screen


async def test_what_is_typed_is_checked_and_stays_until_it_can_be_used(tmp_path: Path) -> None:
    async with settled(tmp_path, "") as app:
        await open_at(app, "retention.messages")
        await app.press("enter")
        await app.until(lambda: "How many messages" in "\n".join(app.lines), "the question")
        await app.press("ctrl+u", *"12", "enter")
        await app.until(lambda: "lies between 100 and" in "\n".join(app.lines), "what is wrong")
        assert "12" in "\n".join(app.lines)
        assert text(tmp_path) == ""
        await app.press(*"000", "enter")
        await app.until(lambda: value(app) == "12,000", "the value changed")
        assert own_lines(tmp_path) == ["messages = 12000"]
        assert ("limits", 12000, None) in app.engine.calls


async def test_a_size_and_columns_are_typed_as_people_write_them(tmp_path: Path) -> None:
    async with settled(tmp_path, "") as app:
        for name, typed, shown in (
            ("retention.bytes", "64 MB", "64 MB"),
            ("columns.shown", "topic, time", "time, topic"),
            ("paint.core_share", "0.1", "0.1"),
        ):
            await open_at(app, name)
            await app.press("enter")
            await app.until(lambda: app.app.screen.__class__.__name__ == "TextPrompt", "the field")
            await app.press("end", *["backspace"] * 60)
            await app.press(*["space" if key == " " else key for key in typed], "enter")
            await app.until(partial(has, app, shown), f"{name} changed")
        assert own_lines(tmp_path) == ['bytes = "64 MB"', 'shown = ["time", "topic"]', "core_share = 0.1"]
        assert app.app.ticker.share == 0.1


async def test_a_new_key_is_pressed_and_works(tmp_path: Path) -> None:
    async with settled(tmp_path, "") as app:
        await open_at(app, "zoom")
        await app.press("enter")
        await app.until(lambda: isinstance(app.app.screen, PressKey), "it asks for a key")
        await app.press("O")
        await app.until(lambda: value(app).startswith("O "), "the key changed")
        assert own_lines(tmp_path) == ['zoom = "O"']
        await app.press("escape", "O")
        assert app.app.main_screen.zoomed
        await app.press("O")
        await open_at(app, "zoom")
        await app.press("delete")
        await app.until(lambda: value(app).startswith("z "), "the usual key")
        assert own_lines(tmp_path) == []
        await app.press("escape", "O")
        assert not app.app.main_screen.zoomed


async def test_a_key_that_clashes_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    async with settled(tmp_path, "") as app:
        await open_at(app, "zoom")
        await app.press("enter")
        await app.until(lambda: isinstance(app.app.screen, PressKey), "it asks for a key")
        await app.press("x")
        await app.until(lambda: "x is already exclude" in "\n".join(app.lines), "the clash is named")
        assert value(app).startswith("z ")
        assert text(tmp_path) == ""
        await app.press("enter", "escape")
        assert text(tmp_path) == ""


async def test_searching_for_a_setting_or_a_key(tmp_path: Path) -> None:
    async with settled(tmp_path, "") as app:
        await open_at(app, "theme")
        await app.press("slash", *"zoom", "enter")
        await app.until(lambda: row(app).startswith("› zoom"), "the one that matches")
        assert "retention" not in "\n".join(app.lines)
        await app.press("slash", *"qqq")
        assert "Nothing of that name" in "\n".join(app.lines)
        await app.press("escape")
        assert "retention.messages" in "\n".join(app.lines)
        await app.press("escape")
        assert app.app.screen is app.app.main_screen


async def test_a_broken_file_is_left_alone_and_said(tmp_path: Path) -> None:
    async with settled(tmp_path, "theme = nord\n") as app:
        await open_at(app, "mouse")
        await app.press("enter")
        await app.until(lambda: "mend it by hand" in notices(app), "it is said")
        assert text(tmp_path) == "theme = nord\n"
        assert value(app) == "yes"


async def test_a_theme_is_seen_under_the_cursor_and_kept_with_enter(tmp_path: Path) -> None:
    async with settled(tmp_path, 'theme = "mqttx-light"\n', theme="") as app:
        app.app.action_choose_theme()
        await app.until(lambda: "Enter keep" in "\n".join(app.lines), "the list")
        await app.press("end")
        await app.until(lambda: app.app.theme == "tokyo-night", "it is seen")
        assert app.app.theme_variables["mq-field"] == "#16161e"
        await app.press("escape")
        assert app.app.theme == "mqttx-light"
        assert text(tmp_path) == 'theme = "mqttx-light"\n'
        app.app.action_choose_theme()
        await app.until(lambda: isinstance(app.app.screen, ThemeScreen), "the list again")
        await app.until(lambda: "› mqttx-light" in "\n".join(app.lines), "at the one that is on")
        await app.press("end", "up", "enter")
        await app.until(lambda: "solarized-light" in text(tmp_path), "it is kept")
        assert app.app.theme == "solarized-light"


async def test_the_palette_knows_both(tmp_path: Path) -> None:
    async with settled(tmp_path, "") as app:
        commands = {
            command.title: command.callback for command in app.app.get_system_commands(app.app.screen)
        }
        assert {"Settings", "Change theme"} <= set(commands)


async def test_editing_the_file_writes_the_documented_one_first_and_applies_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "editor.py"
    script.write_text(
        "import sys, pathlib\n"
        "p = pathlib.Path(sys.argv[1]); t = p.read_text()\n"
        "assert '# mouse = true' in t\n"
        "t = t.replace('# time = \"ms\"', 'time = \"utc\"')\n"
        "t = t.replace('[keys]', '[keys]\\nzoom = \"O\"\\nnosuch = \"b\"')\n"
        "p.write_text(t)\n"
    )
    monkeypatch.setenv("VISUAL", f"{sys.executable} {script}")
    async with settled(tmp_path, "") as app:
        os.unlink(tmp_path / "settings.toml")
        monkeypatch.setattr(type(app.app), "suspend", lambda self: _nothing())
        await app.app.edit_settings()
        assert app.app.settings.time == "utc"
        assert app.app.keymap_now.chosen == {"zoom": ("O",)}
        assert "keys.nosuch: no action has this id" in notices(app)


def _nothing() -> object:
    import contextlib

    return contextlib.nullcontext()


async def test_low_memory_goes_from_auto_to_yes_and_no(tmp_path: Path) -> None:
    async with settled(tmp_path, "") as app:
        counters = EngineCounters({}, limit_bytes=50_000_000, limit_topics=20_000, low_memory=True)
        app.app.workspace.counters(counters)
        await open_at(app, "low_memory")
        assert value(app) == "auto: yes"
        for shown, written in (("yes", "low_memory = true"), ("no", "low_memory = false")):
            await app.press("enter")
            await app.until(partial(has, app, shown), "the value changed")
            assert own_lines(tmp_path) == [written]
        await app.press("enter")
        await app.until(lambda: value(app) == "auto: yes", "round again")
        await open_at(app, "retention.bytes")
        assert value(app) == "automatic: 50 MB"


@pytest.mark.parametrize(("text", "strips"), [("low_memory = true", 256), ("low_memory = false", 1024)])
async def test_with_little_memory_less_is_remembered(tmp_path: Path, text: str, strips: int) -> None:
    async with settled(tmp_path, text) as app:
        assert REMEMBERED.strips == strips
        assert not any("of memory free" in notice.text for notice in app.app.workspace.notices)


async def test_memory_that_is_found_to_be_little_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "available_memory", lambda: 198_000_000)
    async with settled(tmp_path, "") as app:
        assert Remembered(256, 1024, 512, 125) == REMEMBERED
        (text,) = [one.text for one in app.app.workspace.notices if "memory" in one.text]
        assert text.startswith("198 MB of memory free: low_memory is on")
    monkeypatch.undo()
    async with settled(tmp_path, "") as app:
        assert Remembered() == REMEMBERED
