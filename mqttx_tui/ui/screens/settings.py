"""The settings and the keys: what they are, what they mean, changed in place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Input, Static

from mqttx_tui.model.errors import InputError
from mqttx_tui.profiles.settings import Setting
from mqttx_tui.ui import safe
from mqttx_tui.ui.key_names import key_name
from mqttx_tui.ui.keymap import Bound, settle
from mqttx_tui.ui.panes.pane import take_focus
from mqttx_tui.ui.screens.dialog import Dialog
from mqttx_tui.ui.settings_rows import (
    Line,
    all_lines,
    in_force,
    matching,
    parse,
    pieces,
    stepped,
    typed,
)
from mqttx_tui.ui.widgets.fields import SafeInput
from mqttx_tui.ui.widgets.lines import LineList
from mqttx_tui.ui.widgets.piece_line import Bit, PieceLine
from mqttx_tui.ui.widgets.rows import Rows

if TYPE_CHECKING:
    from mqttx_tui.ui.settled import Settled

WIDTH = 104
KEYS = (
    ("Enter", "change", "enter_row"),
    ("Del", "default", "to_default"),
    ("/", "search", "search"),
    ("e", "editor", "edit_settings"),
    ("Esc", "close", "close"),
)


class SettingsScreen(Dialog[None]):
    """Esc leaves the search first, then the screen. Every change is written and put in force at once."""

    DEFAULT_CSS = """
    SettingsScreen { align: center middle; }
    SettingsScreen > Vertical { width: 104; max-width: 100%; height: 96%; background: $surface; }
    SettingsScreen > Vertical { padding: 0 1; }
    SettingsScreen Rows { background: $surface; }
    SettingsScreen #settings-search {
        height: 1; border: none; padding: 0; background: $mq-field; display: none;
    }
    SettingsScreen #settings-meaning { height: 3; margin-top: 1; color: $mq-text; }
    """
    BINDINGS = [
        Binding("escape,q", "close", "close", id="settings.close"),
        Binding("delete", "to_default", "back to the default", id="settings.default"),
        Binding("/", "search", "search", id="settings.search"),
        Binding("e", "edit_settings", "edit the file", id="settings.edit"),
    ]

    def __init__(self, bindings: tuple[Bound, ...]) -> None:
        super().__init__()
        self._catalogue = bindings
        self._all = all_lines(bindings)
        self._found = self._all
        self._problem = ""

    @property
    def _settled(self) -> Settled:
        return cast("Settled", self.app)

    def compose(self) -> ComposeResult:
        """Title, list, meaning, keys."""
        with Vertical():
            yield PieceLine(id="settings-title")
            yield SafeInput(placeholder="part of a name or meaning", compact=True, id="settings-search")
            yield Rows(id="settings-rows")
            yield Static("", id="settings-meaning", markup=False)
            yield PieceLine(id="settings-keys")

    def opened(self) -> None:
        """Begin at the first setting."""
        room = max(min(self.app.size.width, WIDTH) - 14, 1)
        place = safe.fit_left(safe.line(str(self._settled.settings_file.path)), room).strip()
        self.query_one("#settings-title", PieceLine).show([Bit("Settings ", "strong")], [Bit(place, "dim")])
        bits = []
        for key, label, action in KEYS:
            bits += [Bit(key, "in", action), Bit(f" {label}  ", "dim", action)]
        self.query_one("#settings-keys", PieceLine).show(bits)
        self._list.focus()
        self.refresh_rows()

    @property
    def _list(self) -> Rows:
        return self.query_one("#settings-rows", Rows)

    @property
    def _here(self) -> Line | None:
        at = self._list.at
        return self._found[at] if at < len(self._found) and not self._found[at].heading else None

    def refresh_rows(self) -> None:
        """Paint every value anew."""
        settings, keymap = self._settled.settings, self._settled.keymap_now
        now = in_force(self._settled.workspace.counters_now)
        lines = [pieces(one, settings, keymap, now) for one in self._found]
        headings = frozenset(number for number, one in enumerate(self._found) if one.heading)
        self._list.show(lines, headings)
        self._say_meaning()

    def _say_meaning(self) -> None:
        here = self._here
        text = Text()
        if self._problem:
            text.append(safe.line(self._problem), "bold")
        elif here is not None:
            text.append(safe.line(here.meaning()))
        elif not self._found:
            text.append("Nothing of that name. Esc shows all.")
        self.query_one("#settings-meaning", Static).update(text)

    @on(LineList.Moved)
    def _moved(self) -> None:
        self._problem = ""
        self._say_meaning()

    # changes

    @on(Rows.Entered)
    def _entered(self, event: Rows.Entered) -> None:
        here = self._here
        if here is None:
            return
        if here.bound is not None:
            if event.step == 0:
                self._settled.run_task(self._press(here.bound), "keys")
        elif here.setting is not None:
            self._change(here.setting, event.step)

    def action_enter_row(self) -> None:
        """Enter, by a tap."""
        self._list.action_row_enter()

    def _change(self, setting: Setting, step: int) -> None:
        value = getattr(self._settled.settings, setting.name)
        if setting.kind in ("switch", "choice", "maybe"):
            self._settled.run_task(self._set(setting, stepped(setting, value, step)), "settings")
        elif setting.name == "theme":
            if step == 0:
                self._settled.run_task(self._theme(), "settings")
        elif step == 0:
            self._settled.run_task(self._type(setting, typed(setting, value)), "settings")

    async def _set(self, setting: Setting, value: Any) -> None:
        await self._settled.change_setting(setting, value)
        self._refresh_if_open()

    async def _theme(self) -> None:
        from mqttx_tui.ui.dialogs import ask_screen
        from mqttx_tui.ui.screens.themes import ThemeScreen

        await ask_screen(self.app, ThemeScreen())
        self._refresh_if_open()

    async def _type(self, setting: Setting, proposal: str) -> None:
        from mqttx_tui.ui.dialogs import ask_screen
        from mqttx_tui.ui.screens.ask import TextPrompt

        question = f"{setting.label}. {setting.meaning}"
        while (text := await ask_screen(self.app, TextPrompt(question, proposal))) is not None:
            try:
                value = parse(setting, text)
            except InputError as error:
                question, proposal = f"{setting.label} {error.message}", text
                continue
            await self._set(setting, value)
            return

    async def _press(self, bound: Bound) -> None:
        from mqttx_tui.ui.dialogs import ask_screen

        keys = "  ".join(map(key_name, self._settled.keymap_now.keys(bound.identity, bound.keys)))
        pressed = await ask_screen(self.app, PressKey(bound.description, keys))
        if not pressed:
            return
        wanted = {**self._settled.settings.keys, bound.identity: (pressed,)}
        refused = {one.identity: one.text for one in settle(wanted, self._catalogue)[1]}
        if bound.identity in refused:
            self._problem = f"{refused[bound.identity]}. Nothing was changed."
        else:
            await self._settled.change_keys(bound.identity, wanted[bound.identity])
        self._refresh_if_open()

    def action_to_default(self) -> None:
        """Del: take the line out of the file."""
        here = self._here
        if here is not None and here.setting is not None:
            self._settled.run_task(self._set(here.setting, None), "settings")
        elif here is not None and here.bound is not None:
            self._settled.run_task(self._usual(here.bound), "keys")

    async def _usual(self, bound: Bound) -> None:
        await self._settled.change_keys(bound.identity, None)
        self._refresh_if_open()

    def _refresh_if_open(self) -> None:
        if self.is_mounted and self.is_attached:
            self.refresh_rows()

    # searching, editing, closing

    def action_search(self) -> None:
        """/: type a part of a name or a meaning."""
        field = self.query_one("#settings-search", SafeInput)
        field.display = True
        take_focus(field)

    @on(Input.Changed, "#settings-search")
    def _searching(self, event: Input.Changed) -> None:
        self._found = matching(self._all, event.value) if event.value.strip() else self._all
        self._list.at = 0
        self.refresh_rows()

    @on(Input.Submitted, "#settings-search")
    def _searched(self) -> None:
        take_focus(self._list)

    def action_edit_settings(self) -> None:
        """e: the whole file in an editor."""
        self._settled.run_task(self._edit(), "settings")

    async def _edit(self) -> None:
        await self._settled.edit_settings()
        self._refresh_if_open()

    def action_close(self) -> None:
        """Esc: leave the search, then the screen."""
        field = self.query_one("#settings-search", SafeInput)
        if field.display:
            field.value = ""
            field.display = False
            take_focus(self._list)
            return
        self.dismiss(None)


class PressKey(Dialog[str]):
    """Dismisses with the next key that is pressed, as the file writes it; "" after Esc."""

    DEFAULT_CSS = """
    PressKey { align: center middle; }
    PressKey > Static { width: 60; max-width: 100%; height: auto; background: $mq-bar; padding: 1 2; }
    """

    def __init__(self, description: str, keys: str) -> None:
        super().__init__()
        self._text = f"{description} — now {keys}\n\nPress the new key. Esc leaves it as it is."

    def compose(self) -> ComposeResult:
        """The question."""
        yield Static(Text(self._text), markup=False)

    def on_key(self, event: events.Key) -> None:
        """Any key answers."""
        event.stop()
        event.prevent_default()
        typed = event.character if event.is_printable and event.character != " " else None
        self.dismiss("" if event.key == "escape" else typed or event.key)
