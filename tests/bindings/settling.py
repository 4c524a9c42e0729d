"""What the keys of the settings do."""

from __future__ import annotations

from mqttx_tui.ui.screens.settings import SettingsScreen
from mqttx_tui.ui.screens.themes import ThemeScreen
from tests.bindings.composing import shows
from tests.bindings.dialogs import closes
from tests.bindings.links import editor, sees
from tests.bindings.main_screen import opens
from tests.bindings.registry import Press, effects_of
from tests.ui.bench_app import Bench

screen = effects_of("MainScreen")
settings = effects_of("SettingsScreen")
themes = effects_of("ThemeScreen")
palette = effects_of("palette")


async def opens_the_settings(app: Bench, press: Press) -> None:
    await opens(app, press, SettingsScreen)
    await sees(app, "settings.toml")


screen("settings")(opens_the_settings)
palette("Settings")(opens_the_settings)


async def opened(app: Bench) -> None:
    await app.press("comma")
    await shows(app, SettingsScreen)
    await sees(app, "theme")


def written(app: Bench) -> str:
    path = app.app.settings_file.path
    return path.read_text() if path.exists() else ""


@settings("settings.close")
async def closes_the_settings(app: Bench, press: Press) -> None:
    await opened(app)
    await closes(app, press)


@settings("settings.search")
async def looks_for_a_setting(app: Bench, press: Press) -> None:
    await opened(app)
    await press()
    await app.press(*"mouse")
    await app.until(lambda: not any("theme " in line for line in app.lines), "only what is looked for")
    await sees(app, "mouse")


@settings("settings.default")
async def back_to_the_default(app: Bench, press: Press) -> None:
    await opened(app)
    await app.press("/", *"mouse", "enter", "enter")
    await app.until(lambda: "mouse = false" in written(app), "it is changed")
    await press()
    await app.until(lambda: "mouse = false" not in written(app), "the default")


@settings("settings.edit", profiles=True)
async def edits_the_file(app: Bench, press: Press) -> None:
    await opened(app)
    with editor(app, "mouse = false\n"):
        await press()
        await app.until(lambda: app.app.settings.mouse is False, "what the editor wrote is in force")


@themes("theme.back")
async def keeps_the_theme(app: Bench, press: Press) -> None:
    before = app.app.theme
    await app.app.push_screen(ThemeScreen())
    await app.press("down", "down")
    await app.until(lambda: app.app.theme != before, "another is seen")
    await closes(app, press)
    assert app.app.theme == before
