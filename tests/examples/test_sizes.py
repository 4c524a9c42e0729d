"""60×20 and 80×24: every action can be reached, no label is cut, and there is room for what matters."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.binding import Binding

from mqttx_tui.ui.layouts import PANES
from mqttx_tui.ui.screens.dialog import Palette
from mqttx_tui.ui.screens.main import MainScreen
from tests.bindings.registry import CONFIG, keys_of
from tests.examples.screens import OPENERS, cut_words
from tests.still.flood import stream_rows
from tests.ui.bench_app import Bench, bench, snapshot

SIZES = [(60, 20), (80, 24)]
MESSAGES = [
    ("site/7/temp", b'{"value": 21.4, "unit": "C"}', 0),
    ("site/7/set", b"ON", 1),
    ("site/7/raw", b"\x01\x03\x00\x00\x00\x0a", 0),
] * 12


def config(directory: Path) -> str:
    path = directory / "connections.toml"
    path.write_text(CONFIG)
    return str(path)


def sized(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"


@pytest.mark.parametrize("size", SIZES, ids=sized)
@pytest.mark.parametrize("pane", PANES)
async def test_every_key_of_the_list_works_or_stands_in_the_palette(
    tmp_path: Path, pane: str, size: tuple[int, int]
) -> None:
    async with bench(tmp_path, size=size, config=config(tmp_path)) as app:
        await app.feed(MESSAGES)
        app.app.main_screen.show_pane(pane)
        await app.until(lambda: app.app.main_screen.active_pane.has_focus_within, pane)
        active = app.app.screen.active_bindings
        offered = {command.title for command in app.app.get_system_commands(app.app.screen)}
        bindings = [*MainScreen.BINDINGS, *app.app.main_screen.active_pane.BINDINGS]
        for binding in bindings:
            assert isinstance(binding, Binding)
            if pane == "composer" and (binding.id or "").startswith("pane."):
                continue  # a digit is typed there: Esc first
            keys = [key for one in keys_of(binding) for key in (one, *Binding.make_bindings([binding]))]
            works = any(str(getattr(key, "key", key)) in active for key in keys)
            assert works or binding.description.capitalize() in offered, binding


@pytest.mark.parametrize("size", SIZES, ids=sized)
@pytest.mark.parametrize("name", OPENERS)
async def test_no_label_is_cut(tmp_path: Path, name: str, size: tuple[int, int]) -> None:
    async with bench(tmp_path, size=size, config=config(tmp_path)) as app:
        await app.feed(MESSAGES)
        await app.topics(3)
        await OPENERS[name](app)
        if name[0].isupper():
            await app.until(lambda: type(app.app.screen).__name__ == name, name)
        await app.tick()
        assert cut_words(app) == [], "\n".join(app.lines)


@pytest.mark.parametrize("size", SIZES, ids=sized)
@pytest.mark.parametrize("name", [name for name in OPENERS if name.endswith("Form")])
async def test_every_field_of_a_form_can_be_scrolled_to(
    tmp_path: Path, name: str, size: tuple[int, int]
) -> None:
    async with bench(tmp_path, size=size, config=config(tmp_path)) as app:
        await OPENERS[name](app)
        await app.until(lambda: type(app.app.screen).__name__ == name, name)
        screen = app.app.screen
        for _ in range(len(screen.focus_chain)):
            await app.press("tab")
            focused = screen.focused
            assert focused is not None
            await app.until(lambda w=focused: on_screen(app, w), f"{focused!r} is on screen")  # type: ignore[misc]


def on_screen(app: Bench, widget: object) -> bool:
    from textual.widget import Widget

    assert isinstance(widget, Widget)
    visible = app.app.screen.find_widget(widget).visible_region
    return visible.height >= 1 and visible.width == widget.region.width


async def test_80x24_has_twelve_rows_and_forty_columns_of_payload(tmp_path: Path) -> None:
    async with bench(tmp_path, size=(80, 24)) as app:
        await app.feed([("site/7/temp", b"0123456789" * 10, 0)] * 40)
        rows = [row for row in stream_rows(app) if "0123456789" in row]
        assert len(rows) >= 12
        assert len(rows[3].partition("0123456789")[2].rstrip()) + 10 >= 40


@pytest.mark.parametrize("size", SIZES, ids=sized)
async def test_three_connections_stand_in_the_header_whole(tmp_path: Path, size: tuple[int, int]) -> None:
    three = [
        snapshot(),
        snapshot(id=2, key="lab", name="lab", letter="B"),
        snapshot(id=3, key="ticker", name="ticker", letter="C"),
    ]
    async with bench(tmp_path, size=size, snapshots=three) as app:
        await app.feed(MESSAGES)
        header = app.lines[0]
        assert all(f"{letter} " in header for letter in "ABC")
        assert cut_words(app) == []


@pytest.mark.parametrize("size", SIZES, ids=sized)
async def test_the_palette_runs_what_the_footer_has_no_room_for(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with bench(tmp_path, size=size) as app:
        await app.feed(MESSAGES)
        assert "mark" not in app.lines[-1]
        await app.press("ctrl+p")
        await app.until(lambda: isinstance(app.app.screen, Palette), "the palette")
        await app.press(*"mark this moment")
        await app.until(lambda: any("Mark this moment" in line for line in app.lines), "it is found")
        await app.press("enter")
        await app.until(lambda: any(" mark ──" in line for line in app.lines), "it is done")
