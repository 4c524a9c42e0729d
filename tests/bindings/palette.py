"""What the commands of the palette do that have no key."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import patch

from mqttx_tui.ui.screens.ask import Confirm, TextPrompt
from mqttx_tui.ui.screens.dialog import Palette
from mqttx_tui.ui.screens.log import LogScreen
from mqttx_tui.ui.screens.question import Question
from mqttx_tui.ui.screens.themes import ThemeScreen
from tests.bindings.main_screen import cursor_payload, numbered
from tests.bindings.registry import EFFECTS, Press, bench_options, effects_of
from tests.ui.bench_app import Bench, bench, snapshot

effect = effects_of("palette")


async def run(title: str, directory: Path) -> None:
    """The test of a command, with a ``press`` that finds it by its name and runs it."""
    one = EFFECTS["palette", title]
    async with bench(directory, **bench_options(one, directory)) as app:

        async def press() -> None:
            await app.press("ctrl+p")
            await app.until(lambda: isinstance(app.app.screen, Palette), "the palette")
            await app.press(*(("space" if letter == " " else letter) for letter in title))
            await app.until(lambda: first_hit(app).lower() == title.lower(), f"{title} is the first hit")
            await app.press("enter")
            await app.until(lambda: not isinstance(app.app.screen, Palette), "the palette is gone")

        await one.test(app, press)


def first_hit(app: Bench) -> str:
    """The first command that the palette offers."""
    from textual.command import CommandList

    screen = app.app.screen
    if not isinstance(screen, Palette):
        return ""
    hits = screen.query_one(CommandList)
    if not hits.option_count:
        return ""
    prompt = hits.get_option_at_index(0).prompt
    return str(prompt).splitlines()[0].strip()


@effect("Save the capture")
async def saves(app: Bench, press: Press) -> None:
    await press()
    await app.until(lambda: isinstance(app.app.screen, TextPrompt), "where to")
    await app.press("enter")
    await app.until(lambda: any(call[0] == "save" for call in app.engine.calls), "it is saved")


@effect("Jump to a time")
async def jumps(app: Bench, press: Press) -> None:
    await app.feed(numbered(10), step=1000)
    fifth = app.line("number 5 ").split("│")[-1].split()[0].lstrip("›")
    await press()
    await app.until(lambda: isinstance(app.app.screen, TextPrompt), "which time")
    await app.press(*fifth, "enter")
    await app.until(lambda: cursor_payload(app).endswith("number 5"), "the first message from then on")


@effect("From here on")
async def from_here(app: Bench, press: Press) -> None:
    await app.feed(numbered(2))
    await press()
    await app.until(lambda: "0 of 2" in app.line("3 Messages"), "nothing that came before")


@effect("Log")
async def log(app: Bench, press: Press) -> None:
    app.app.say("warning", "something of note")
    await press()
    await app.until(lambda: isinstance(app.app.screen, LogScreen), "the log")
    await app.until(lambda: any("something of note" in line for line in app.lines), "the notice")


@effect("Change theme")
async def theme(app: Bench, press: Press) -> None:
    before = app.app.theme
    await press()
    await app.until(lambda: isinstance(app.app.screen, ThemeScreen), "the themes")
    await app.until(lambda: any("dracula" in line for line in app.lines), "their names")
    await app.press("down")
    await app.until(lambda: app.app.theme != before, "another theme is seen")
    seen = app.app.theme
    await app.press("enter")
    await app.until(lambda: app.app.screen is app.app.main_screen, "it is chosen")
    assert app.app.theme == seen


@effect("Clear the capture")
async def clears(app: Bench, press: Press) -> None:
    await press()
    await app.until(lambda: isinstance(app.app.screen, Confirm), "the question")
    await app.press("y")
    await app.until(lambda: ("clear",) in app.engine.calls, "it is cleared")


@effect("Drop what is queued", snapshots=[snapshot(queued=3)])
async def drops(app: Bench, press: Press) -> None:
    await press()
    await app.until(lambda: ("drop", 1) in app.engine.calls, "it is dropped")


@effect("Quit")
async def quits(app: Bench, press: Press) -> None:
    await press()
    await app.until(lambda: isinstance(app.app.screen, Question), "the question")
    with patch.object(app.app, "leave") as leave:
        await app.press("q")
        await app.until(lambda: leave.called, "it ends")
