"""What the keys of dialogs do."""

from __future__ import annotations

from textual.widgets import Input

from mqttx_tui.model.message import RETAIN
from mqttx_tui.ui.screens.ask import Confirm, SecretPrompt, SubscribeForm, TextPrompt
from mqttx_tui.ui.screens.connection_form import ConnectionForm
from mqttx_tui.ui.screens.help import HelpScreen
from mqttx_tui.ui.screens.log import LogScreen
from tests.bindings.main_screen import profiles
from tests.bindings.registry import Press, effects_of
from tests.ui.bench_app import Bench


async def closes(app: Bench, press: Press) -> None:
    """A dialog is open, the key is pressed, and the main screen is back."""
    assert app.app.screen is not app.app.main_screen
    await press()
    await app.until(lambda: app.app.screen is app.app.main_screen, "the main screen")


@effects_of("LogScreen")("log.close")
async def closes_the_log(app: Bench, press: Press) -> None:
    await app.app.push_screen(LogScreen([], 0))
    await closes(app, press)


@effects_of("HelpScreen")("help.close")
async def closes_help(app: Bench, press: Press) -> None:
    await app.press("question_mark")
    assert isinstance(app.app.screen, HelpScreen)
    await closes(app, press)


async def asks_to_clear(app: Bench) -> None:
    await app.feed([("site/set", b"ON", RETAIN)])
    await app.topics(1)
    await app.press("2", "end")
    await app.press("delete")
    await app.until(lambda: isinstance(app.app.screen, Confirm), "the question")


confirm = effects_of("Confirm")


@confirm("confirm.yes")
async def says_yes(app: Bench, press: Press) -> None:
    await asks_to_clear(app)
    await closes(app, press)
    cleared = ("publish", 1, "site/set", b"", True)
    await app.until(lambda: cleared in app.engine.calls, "it is done")


@confirm("confirm.no")
async def says_no(app: Bench, press: Press) -> None:
    await asks_to_clear(app)
    await closes(app, press)
    assert app.engine.calls == []


@effects_of("SubscribeForm")("subscribe.cancel")
async def does_not_subscribe(app: Bench, press: Press) -> None:
    await app.press("s")
    await app.until(lambda: isinstance(app.app.screen, SubscribeForm), "the form")
    await app.press(*"a/#")
    await closes(app, press)
    assert app.engine.calls == []


@effects_of("SecretPrompt")("secret.cancel")
async def gives_no_secret(app: Bench, press: Press) -> None:
    answers: list[str | None] = ["unanswered"]
    await app.app.push_screen(SecretPrompt("lab", "password?"), answers.append)
    await app.press(*"hunter2")
    await closes(app, press)
    assert answers == ["unanswered", None]


@effects_of("TextPrompt")("prompt.cancel")
async def gives_no_text(app: Bench, press: Press) -> None:
    answers: list[str | None] = ["unanswered"]
    await app.app.push_screen(TextPrompt("file?", "/tmp/x"), answers.append)
    await closes(app, press)
    assert answers == ["unanswered", None]


form = effects_of("ConnectionForm")


async def opened_form(app: Bench) -> ConnectionForm:
    await app.press("1", "end", "e")
    await app.until(lambda: isinstance(app.app.screen, ConnectionForm), "the form")
    screen = app.app.screen
    assert isinstance(screen, ConnectionForm)
    await app.until(lambda: screen.query_one("#field-name", Input).has_focus, "its first field")
    return screen


@form("form.cancel", profiles=True)
async def changes_nothing(app: Bench, press: Press) -> None:
    before = profiles(app)
    await opened_form(app)
    await app.press(*"XY")
    await closes(app, press)
    assert profiles(app) == before


@form("form.save", profiles=True)
async def saves_and_connects(app: Bench, press: Press) -> None:
    await opened_form(app)
    await app.press(*"XY")
    await closes(app, press)
    assert 'name = "Spare brokerXY"' in profiles(app)
    await app.until(lambda: ("connect", "spare") in app.engine.calls, "it connects")


@form("form.test", profiles=True)
async def tries_it_out(app: Bench, press: Press) -> None:
    await opened_form(app)
    await press()
    await app.until(lambda: any(call[0] == "connect" for call in app.engine.calls), "a trial")
    assert isinstance(app.app.screen, ConnectionForm)


@form("form.next", profiles=True)
async def goes_down(app: Bench, press: Press) -> None:
    screen = await opened_form(app)
    await press()
    await app.until(lambda: screen.query_one("#field-url", Input).has_focus, "the next field")


@form("form.previous", profiles=True)
async def goes_up(app: Bench, press: Press) -> None:
    screen = await opened_form(app)
    await app.press("down")
    await press()
    await app.until(lambda: screen.query_one("#field-name", Input).has_focus, "the field before")
