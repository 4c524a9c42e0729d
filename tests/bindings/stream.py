"""What the keys do that select, copy and leave out rows of the stream."""

from __future__ import annotations

from mqttx_tui.ui.screens.menu import Menu
from mqttx_tui.ui.screens.plain import PlainScreen
from tests.bindings.main_screen import numbered
from tests.bindings.registry import Press, effects_of
from tests.ui.bench_app import Bench

messages = effects_of("MessagesPane")
screen = effects_of("MainScreen")
plain = effects_of("PlainScreen")
palette = effects_of("palette")


def chosen(app: Bench) -> int:
    """How many rows the title says are selected."""
    words = app.line("3 Messages").split()
    return int(words[words.index("selected") - 1]) if "selected" in words else 0


@messages("stream.select")
async def selects(app: Bench, press: Press) -> None:
    await app.feed(numbered(60))
    await press()
    await app.press("up", "up")
    assert chosen(app) == 3
    await press()
    assert chosen(app) == 0


@messages("stream.select.up")
async def selects_upwards(app: Bench, press: Press) -> None:
    await app.feed(numbered(60))
    await press()
    await press()
    assert chosen(app) == 3


@messages("stream.select.down")
async def selects_downwards(app: Bench, press: Press) -> None:
    await app.feed(numbered(60))
    await app.press("home")
    await press()
    assert chosen(app) == 2


@screen("exclude.keep", profiles=True)
async def keeps_an_exclusion(app: Bench, press: Press) -> None:
    await app.feed([("site/noisy", b"1", 0)])
    await app.press("up")
    app.app.main_screen.action_exclude()
    await app.until(lambda: "left out: site/noisy" in str(list(app.app.workspace.notices)[-1:]), "left out")
    await press()
    await app.until(lambda: "stays excluded" in str(list(app.app.workspace.notices)[-1:]), "kept")
    assert 'exclude = ["site/noisy"]' in app.app.workspace.book.file.path.read_text()


@palette("Show excluded topics again")
async def shows_again(app: Bench, press: Press) -> None:
    await app.feed([("site/noisy", b"1", 0)])
    await app.press("up")
    app.app.main_screen.action_exclude()
    await app.until(lambda: app.engine.calls[-1:] == [("exclude", 1, ("site/noisy",))], "left out")
    await press()
    await app.until(lambda: isinstance(app.app.screen, Menu), "the menu")
    await app.press("1")
    await app.until(lambda: app.engine.calls[-1:] == [("exclude", 1, ())], "shown again")


@screen("plain")
async def shows_plain_text(app: Bench, press: Press) -> None:
    await app.feed([("site/a", b"21.4", 0)])
    await press()
    await app.until(lambda: app.lines[0].rstrip().endswith("←0 site/a  21.4"), "the page as text")


@plain("plain.other")
async def shows_the_other_text(app: Bench, press: Press) -> None:
    await app.feed([("site/a", b'{"v": 1}', 0)])
    await app.press("c")
    await app.until(lambda: "Tab payload" in app.lines[-1], "the page")
    await press()
    await app.until(lambda: app.lines[1].rstrip() == '  "v": 1', "the payload")


@plain("plain.close")
async def closes_the_text(app: Bench, press: Press) -> None:
    await app.feed([("site/a", b"21.4", 0)])
    await app.press("c")
    await app.until(lambda: isinstance(app.app.screen, PlainScreen), "the text")
    await press()
    await app.until(lambda: app.app.screen is app.app.main_screen, "the app")
