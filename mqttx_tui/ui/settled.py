"""The app as its settings make it: colours, keys, mouse, columns, budgets, limits."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.color import ColorSystem
from rich.segment import Segment
from textual.color import Color
from textual.driver import Driver
from textual.filter import LineFilter, Monochrome, NoColor

from mqttx_tui.model.shown import size
from mqttx_tui.model.start import StartOptions
from mqttx_tui.profiles.paths import config_path
from mqttx_tui.profiles.settings import AUTO, SETTINGS, Setting, Settings, settings_path
from mqttx_tui.profiles.settings_read import SettingsFile, load_settings
from mqttx_tui.ui.crash import PlainCrash
from mqttx_tui.ui.keymap import Keymap
from mqttx_tui.ui.pace import Pace, byte_budget
from mqttx_tui.ui.remembered import REMEMBERED
from mqttx_tui.ui.spelling import has_colors, has_true_color, speller
from mqttx_tui.ui.theme import DEFAULT_THEME, FOLDER, SIXTEEN_COLORS, fallback_variables, find_theme
from mqttx_tui.ui.ticker import Ticker

if TYPE_CHECKING:
    from mqttx_tui.ui.screens.main import MainScreen
    from mqttx_tui.ui.workspace import Workspace


def settings_for(options: StartOptions) -> SettingsFile:
    """The settings file of a start: as told, or beside the profile file."""
    profiles = config_path(str(options.config) if options.config else None)
    return load_settings(options.settings or settings_path(profiles))


class Colorless(LineFilter):
    """Takes every colour out; bold, reverse and the rest stay."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """One line."""
        return [Segment(text, style and style.without_color, control) for text, style, control in segments]


class Settled(PlainCrash, inherit_bindings=False):
    """What the settings change of the app; ``settings_file`` is what they were read from."""

    DEFAULT_CSS = """
    Settled:nocolor Choice:focus, Settled:nocolor Toggle:focus, Settled:nocolor TextButton:focus {
        text-style: bold reverse;
    }
    """

    main_screen: MainScreen
    ticker: Ticker

    def __init__(
        self, options: StartOptions, file: SettingsFile, *, driver_class: type[Driver] | None = None
    ) -> None:
        super().__init__(driver_class=driver_class)
        self.pace = Pace()
        self.options = options
        self.settings_file = file
        self._keymap_now = Keymap()
        self.spell = speller(file.settings.glyphs)
        self._colored = has_colors()
        self._settle_colors()
        self._use_theme(options.theme or file.settings.theme)

    @property
    def workspace(self) -> Workspace:
        """Connections, counters, notices, selection."""
        raise NotImplementedError

    def say(self, level: str, text: str) -> None:
        """Tell the person, in the reserved line."""
        raise NotImplementedError

    def run_task(self, work: Coroutine[Any, Any, object], what: str = "") -> None:
        """Run beside the loop; an ``AppError`` is told the person."""
        raise NotImplementedError

    @property
    def keymap_now(self) -> Keymap:
        """The keys that a person chose."""
        return self._keymap_now

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self.settings_file.settings

    @property
    def own_themes(self) -> Path:
        """The directory of the person's own themes."""
        return self.settings_file.path.with_name(FOLDER)

    # colours

    def _settle_colors(self) -> None:
        """Textual's own way without colours paints greys, also for an empty NO_COLOR."""
        kept = [one for one in self._filters if not isinstance(one, Monochrome | NoColor)]
        self._filters[:] = kept if self._colored else [*kept, Colorless()]
        self.no_color = not self._colored
        if self._colored:
            if has_true_color():
                self.console._color_system = ColorSystem.TRUECOLOR
            return
        self.console._color_system = ColorSystem.STANDARD
        if self.console.is_dumb_terminal:  # Rich takes every such terminal for one of 80 by 25
            self.console._environ = {**self.console._environ, "TERM": "vt100"}

    def _use_theme(self, wanted: str) -> None:
        """Before the first frame: one file is read. What is wrong with it is said later."""
        theme = find_theme(self._theme_for(wanted), self.own_themes) or find_theme(DEFAULT_THEME)
        assert theme is not None, "our own theme is there"
        self.register_theme(theme)
        self.theme = theme.name

    def _theme_for(self, wanted: str) -> str:
        few = self.console.color_system in (None, "standard")
        if not self._colored or (wanted == AUTO and few):
            return SIXTEEN_COLORS
        return DEFAULT_THEME if wanted == AUTO else wanted

    def show_theme(self, name: str) -> bool:
        """Change the colours now; False where there is no such theme."""
        found = find_theme(self._theme_for(name), self.own_themes)
        if found is None:
            return False
        self.register_theme(found)
        if self.theme == found.name:
            return True
        self.theme = found.name
        return True

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our meanings under themes that do not know them."""
        return fallback_variables()

    # beside the first frame

    def settle_looks(self) -> None:
        """What the first frame needs of the settings; the screen is composed."""
        settings = self.settings
        self.ticker.share = settings.core_share
        self.pace.budget = byte_budget(settings.bytes_per_second, settings.bytes_per_second_ssh)
        self._look()

    def _look(self) -> None:
        from mqttx_tui.ui.widgets.stream_row import Look

        settings = self.settings
        stream = self.main_screen.messages.stream
        stream.look = Look(settings.time, settings.columns, settings.topic_width)
        stream.repaint_changes()

    async def settle_rest(self) -> None:
        """Keys, and what is wrong in the settings and in the person's themes: after the first frame."""
        for problem in self.settings_file.problems:
            self.say("warning", str(problem))
        if self.settings.keys:
            await self.settle_keys()
        self._settle_memory()
        wanted = self.settings.theme
        from mqttx_tui.ui.theme import all_themes

        themes, broken = await asyncio.to_thread(all_themes, self.own_themes)
        for error in broken:
            self.say("warning", f"{error.title}: {error.message}")
        if wanted != AUTO and find_theme(wanted, self.own_themes) is None:
            known = ", ".join(sorted(theme.name for theme in themes))
            self.say("warning", f"{self.settings_file.path}: theme: there is no {wanted!r}: {known}")

    def _settle_memory(self) -> None:
        """Remember less where there is little memory, and say where that comes from."""
        from mqttx_tui.capture.limits import available_memory, is_little
        from mqttx_tui.ui.backend import wanted_low_memory

        wanted = wanted_low_memory(self.options, self.settings)
        memory = available_memory()
        low = is_little(memory) if wanted is None else wanted
        REMEMBERED.settle(low_memory=low)
        if low and wanted is None:
            text = f"{size(memory or 0)} of memory free: low_memory is on"
            self.say("info", f"{text} (settings: key ,)")

    async def settle_keys(self) -> None:
        """Put the chosen keys in force; each that cannot be used is named and its usual key stays."""
        from mqttx_tui.ui.keymap import catalogue, settle

        bindings = await asyncio.to_thread(catalogue)
        chosen, refused = settle(self.settings.keys, bindings)
        for one in refused:
            self.say("warning", f"{self._place_of(one.identity)}: {one.text}; its usual key stays")
        self._keymap_now = Keymap(chosen, bindings)
        self.set_keymap(self._keymap_now.for_textual())
        if self.main_screen.is_mounted:
            self.main_screen.sync_outline()

    def _place_of(self, identity: str) -> str:
        from mqttx_tui.profiles.scan import scan

        document = scan(self.settings_file.text)
        paths = (("keys", identity), ("keys", *identity.split(".")))
        line = next((document.lines[path] for path in paths if path in document.lines), 0)
        return f"{self.settings_file.path}:{line}: keys.{identity}"

    # changes

    def action_show_settings(self) -> None:
        """The settings screen."""
        self.run_task(self._show_settings(), "settings")

    async def _show_settings(self) -> None:
        from mqttx_tui.ui.keymap import catalogue

        bindings = await asyncio.to_thread(catalogue)
        from mqttx_tui.ui.screens.settings import SettingsScreen

        if not isinstance(self.screen, SettingsScreen):
            self.push_screen(SettingsScreen(bindings))

    def action_choose_theme(self) -> None:
        """The list of themes."""
        from mqttx_tui.ui.screens.themes import ThemeScreen

        if not isinstance(self.screen, ThemeScreen):
            self.push_screen(ThemeScreen())

    async def edit_settings(self) -> None:
        """The file in an editor; then everything in it is put in force. Raises ``AppError``."""
        from mqttx_tui.profiles.settings_write import create
        from mqttx_tui.ui.external_editor import edit_file

        path = self.settings_file.path
        await asyncio.to_thread(lambda: create(load_settings(path)))
        await edit_file(self, path)
        before = self.settings
        self.settings_file = await asyncio.to_thread(load_settings, path)
        for problem in self.settings_file.problems:
            self.say("warning", str(problem))
        for setting in SETTINGS:
            if getattr(before, setting.name) != getattr(self.settings, setting.name):
                await self._put_in_force(setting)
        if before.keys != self.settings.keys:
            await self.settle_keys()

    async def change_setting(self, setting: Setting, value: Any) -> None:
        """Write a setting (None: its default) and put it in force. Raises ``AppError``: nothing changed."""
        from mqttx_tui.profiles.settings_write import set_setting

        file = await asyncio.to_thread(load_settings, self.settings_file.path)
        self.settings_file = await asyncio.to_thread(set_setting, file, setting, value)
        await self._put_in_force(setting)

    async def change_keys(self, identity: str, keys: tuple[str, ...] | None) -> None:
        """Write the keys of an action (None: its usual ones) and put them in force. Raises ``AppError``."""
        from mqttx_tui.profiles.settings_write import set_keys

        file = await asyncio.to_thread(load_settings, self.settings_file.path)
        self.settings_file = await asyncio.to_thread(set_keys, file, identity, keys)
        await self.settle_keys()

    async def _put_in_force(self, setting: Setting) -> None:
        settings = self.settings
        if setting.name == "theme":
            self.show_theme(settings.theme)
        elif setting.name == "mouse":
            self.use_mouse(settings.mouse)
        elif setting.name in ("messages", "bytes"):
            engine = self.workspace.engine
            if engine is not None:
                await engine.limits(messages=settings.messages, size=settings.bytes or None)
        else:
            self.settle_looks()

    def use_mouse(self, on: bool) -> None:
        """Take the mouse, or leave it to the terminal."""
        from mqttx_tui.ui.driver import Terminal

        if isinstance(self._driver, Terminal):
            self._driver.use_mouse(on)
