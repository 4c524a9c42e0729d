"""What the keys of the composer and of its dialogs do."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from textual.widgets import Input

from mqttx_tui.ui.draft import Draft
from mqttx_tui.ui.panes.composer import ComposerPane
from mqttx_tui.ui.publish_history import FILE, Entry, PublishHistory
from mqttx_tui.ui.screens.ask import Confirm, TextPrompt
from mqttx_tui.ui.screens.publish_history import HistoryScreen
from mqttx_tui.ui.screens.saved_form import SavedForm
from mqttx_tui.ui.screens.saved_list import SavedScreen
from mqttx_tui.ui.widgets.payload_area import PayloadArea
from mqttx_tui.ui.widgets.pick_list import PickList
from tests.bindings.registry import Press, effects_of
from tests.ui.bench_app import NOON, Bench

composer = effects_of("ComposerPane")
history = effects_of("HistoryScreen")
saved = effects_of("SavedScreen")
form = effects_of("SavedForm")
palette = effects_of("palette")

MESSAGES: list[dict[str, Any]] = [
    {"name": "lamp on", "topic": "lamp/set", "payload": "ON"},
    {"name": "lamp off", "topic": "lamp/set", "payload": "OFF"},
]


def pane(app: Bench) -> ComposerPane:
    found = app.app.main_screen.find_pane(ComposerPane)
    assert found is not None
    return found


async def shows(app: Bench, kind: type[object]) -> None:
    await app.until(lambda: isinstance(app.app.screen, kind), kind.__name__)


async def composing(app: Bench, draft: Draft) -> None:
    await app.press("p")
    pane(app).open_draft(draft)
    pane(app).focus_payload()
    await app.pilot.pause()


async def published(app: Bench, *payloads: str) -> None:
    """Messages of an earlier run, the newest last."""
    book = PublishHistory()
    for number, payload in enumerate(payloads):
        book.write(Entry(NOON / 1e9 + number, "greenhouse", Draft("site/7", payload)))
    assert book.path.name == FILE
    await app.press("p")


async def holds(app: Bench, payload: str) -> None:
    await app.until(lambda: pane(app).draft.payload == payload, f"{payload!r} in the composer")


def kept(app: Bench) -> list[dict[str, Any]]:
    found = tomllib.loads(app.app.workspace.book.file.path.read_text())
    messages: list[dict[str, Any]] = found["connections"]["greenhouse"].get("messages", [])
    return messages


async def listed(app: Bench) -> PickList:
    """The list of saved messages, with two in it."""
    app.app.workspace.book.change_messages("greenhouse", lambda before: MESSAGES)
    await app.press("p", "ctrl+o")
    await shows(app, SavedScreen)
    await app.until(lambda: "lamp off" in "\n".join(app.lines), "the list")
    return app.app.screen.query_one(PickList)


# the pane


@composer("composer.history")
async def searches(app: Bench, press: Press) -> None:
    await published(app, "one", "two")
    await press()
    await shows(app, HistoryScreen)
    await app.until(lambda: "site/7" in app.line("two"), "what was published")


@composer("composer.saved", profiles=True)
async def lists_saved(app: Bench, press: Press) -> None:
    app.app.workspace.book.change_messages("greenhouse", lambda before: MESSAGES)
    await app.press("p")
    await press()
    await shows(app, SavedScreen)
    await app.until(lambda: "lamp/set" in app.line("lamp on"), "the messages")


@composer("composer.save", profiles=True)
async def saves(app: Bench, press: Press) -> None:
    await composing(app, Draft("site/7", "ON"))
    await press()
    await shows(app, TextPrompt)
    await app.press(*"mine", "enter")
    await app.until(lambda: kept(app) == [{"name": "mine", "topic": "site/7", "payload": "ON"}], "written")


@composer("composer.editor")
async def edits_outside(app: Bench, press: Press) -> None:
    await composing(app, Draft("site/7", "ON"))
    await press()
    await app.until(lambda: "cannot be handed over" in "\n".join(app.lines), "a test has no terminal")
    assert pane(app).draft.payload == "ON"


@composer("composer.file")
async def loads(app: Bench, press: Press) -> None:
    file = Path(app.engine.capture_path).with_name("payload.txt")
    file.write_text("from a file")
    await composing(app, Draft("site/7", "ON"))
    await press()
    await shows(app, TextPrompt)
    await app.press(*str(file), "enter")
    await holds(app, "from a file")


@composer("composer.layout")
async def lays_out(app: Bench, press: Press) -> None:
    await composing(app, Draft("site/7", '{"a":1}'))
    await press()
    await holds(app, '{\n  "a": 1\n}')


@composer("composer.problem")
async def goes_to_the_problem(app: Bench, press: Press) -> None:
    await composing(app, Draft("site/7", '{\n "a": oops}', "json"))
    await press()
    area = pane(app).query_one(PayloadArea)
    await app.until(lambda: area.cursor_location == (1, 6), "the place")


@composer("composer.older")
async def recalls(app: Bench, press: Press) -> None:
    await published(app, "one", "two")
    await press()
    await holds(app, "two")


@composer("composer.newer")
async def recalls_newer(app: Bench, press: Press) -> None:
    await published(app, "one", "two")
    for payload in ("two", "one"):
        pane(app).query_one("#composer-topic").focus()
        await app.press("up")
        await holds(app, payload)
    await press()
    await holds(app, "two")


# what was published


async def searching(app: Bench) -> PickList:
    await published(app, *(f"number {number}" for number in range(60)))
    await app.press("ctrl+r")
    await shows(app, HistoryScreen)
    await app.until(lambda: "number 59" in "\n".join(app.lines), "the list")
    return app.app.screen.query_one(PickList)


@history("history.cancel")
async def takes_none(app: Bench, press: Press) -> None:
    await searching(app)
    await press()
    await app.until(lambda: app.app.screen is app.app.main_screen, "closed")
    assert pane(app).draft.payload == ""


@history("history.up")
async def goes_up(app: Bench, press: Press) -> None:
    listing = await searching(app)
    await app.press("down", "down")
    await press()
    assert listing.place == 1


@history("history.down")
async def goes_down(app: Bench, press: Press) -> None:
    await searching(app)
    await press()
    await app.press("enter")
    await holds(app, "number 58")


@history("history.page_up")
async def pages_up(app: Bench, press: Press) -> None:
    listing = await searching(app)
    await app.press("pagedown", "pagedown")
    before = listing.place
    await press()
    assert 0 < listing.place < before - 5


@history("history.page_down")
async def pages_down(app: Bench, press: Press) -> None:
    listing = await searching(app)
    await press()
    assert listing.place > 5


# saved messages


@saved("saved.close", profiles=True)
async def closes_the_list(app: Bench, press: Press) -> None:
    await listed(app)
    await press()
    await app.until(lambda: app.app.screen is app.app.main_screen, "closed")
    assert pane(app).draft.payload == ""


@saved("saved.send", profiles=True)
async def sends_at_once(app: Bench, press: Press) -> None:
    await listed(app)
    await app.press("down")
    await press()
    sent = ("publish", 1, "lamp/set", b"OFF", False)
    await app.until(lambda: sent in app.engine.calls, "sent")


@saved("saved.edit", profiles=True)
async def edits_one(app: Bench, press: Press) -> None:
    await listed(app)
    await press()
    await shows(app, SavedForm)
    assert app.app.screen.query_one("#saved-name", Input).value == "lamp on"


@saved("saved.new", profiles=True)
async def makes_one(app: Bench, press: Press) -> None:
    await listed(app)
    await press()
    await shows(app, SavedForm)
    assert app.app.screen.query_one("#saved-name", Input).value == ""


@saved("saved.delete", profiles=True)
async def deletes_one(app: Bench, press: Press) -> None:
    await listed(app)
    await press()
    await shows(app, Confirm)
    await app.press("y")
    await app.until(lambda: kept(app) == MESSAGES[1:], "deleted")


async def editing(app: Bench) -> SavedForm:
    await listed(app)
    await app.press("e")
    await shows(app, SavedForm)
    screen = app.app.screen
    assert isinstance(screen, SavedForm)
    await app.until(lambda: screen.query_one("#saved-name", Input).has_focus, "its first field")
    return screen


@form("savedform.cancel", profiles=True)
async def changes_nothing(app: Bench, press: Press) -> None:
    await editing(app)
    await app.press(*"XY")
    await press()
    await shows(app, SavedScreen)
    assert kept(app) == MESSAGES


@form("savedform.save", profiles=True)
async def saves_the_form(app: Bench, press: Press) -> None:
    await editing(app)
    await app.press(*"XY")
    await press()
    await shows(app, SavedScreen)
    assert kept(app)[0]["name"] == "lamp onXY"


@form("savedform.next", profiles=True)
async def next_field(app: Bench, press: Press) -> None:
    screen = await editing(app)
    await press()
    await app.until(lambda: screen.query_one("#saved-topic", Input).has_focus, "the next field")


@form("savedform.previous", profiles=True)
async def previous_field(app: Bench, press: Press) -> None:
    screen = await editing(app)
    await app.press("down")
    await press()
    await app.until(lambda: screen.query_one("#saved-name", Input).has_focus, "the field before")


# the palette


@palette("Saved messages", profiles=True)
async def opens_saved(app: Bench, press: Press) -> None:
    await press()
    await shows(app, SavedScreen)


@palette("Save the message", profiles=True)
async def saves_by_name(app: Bench, press: Press) -> None:
    await composing(app, Draft("site/7", "ON"))
    await app.press("escape")
    await press()
    await shows(app, TextPrompt)


@palette("Published before")
async def opens_history(app: Bench, press: Press) -> None:
    await press()
    await shows(app, HistoryScreen)


@palette("Payload from a file")
async def asks_for_a_file(app: Bench, press: Press) -> None:
    await press()
    await shows(app, TextPrompt)


@palette("Indent the JSON payload")
async def indents(app: Bench, press: Press) -> None:
    await composing(app, Draft("site/7", "[1]"))
    await app.press("escape")
    await press()
    await holds(app, "[\n  1\n]")


@palette("Minify the JSON payload")
async def minifies(app: Bench, press: Press) -> None:
    await composing(app, Draft("site/7", "[\n  1\n]"))
    await app.press("escape")
    await press()
    await holds(app, "[1]")
