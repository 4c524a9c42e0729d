"""How each pane and each screen of the app is given hostile text, by its name.

A feeder brings its pane or screen up with hostile text on it, waits until that is painted, and goes back
to the stream. The tests fail for a pane or screen that has no feeder.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable

from textual.screen import Screen

import mqttx_tui.ui
from mqttx_tui.model.visible import visible
from mqttx_tui.payload.registry import names
from mqttx_tui.ui.panes.registry import PLACES
from mqttx_tui.ui.tabs.registry import TABS
from tests.hostile.running import DELETE, ENTER, ESC, F5, HOME, Running
from tests.hostile.texts import NASTY, PAYLOADS, SEEN
from tests.support.wait import until

Feeder = Callable[[Running], None]
FEEDERS: dict[str, Feeder] = {}
CLEAR = b"\x15"
"""Ctrl+U: deletes to the beginning of a field."""
ALL_TOPICS = "all topics  / filter"
"""In the stream's title while nothing is left out."""
PAGE_DOWN = b"\x1b[6~"


def known_places() -> set[str]:
    """Every pane of the registry, and every screen class of the package."""
    for module in pkgutil.walk_packages(mqttx_tui.ui.__path__, "mqttx_tui.ui."):
        importlib.import_module(module.name)
    found = set(PLACES)
    waiting: list[type] = [Screen]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind.__module__.startswith("mqttx_tui.") and not kind.__subclasses__():
            found.add(kind.__name__)
    return found


def feeds(name: str) -> Callable[[Feeder], Feeder]:
    """Register a feeder under the name of its pane or screen class."""

    def register(feeder: Feeder) -> Feeder:
        FEEDERS[name] = feeder
        return feeder

    return register


def stream(app: Running) -> None:
    """Back to the stream, at its newest message."""
    app.press("3")
    app.see("Space pause")
    app.press("f")
    app.see("LIVE ▶")


def command(app: Running, name: str) -> None:
    """Run a command of the palette."""
    app.press_alone(":")
    app.see("Search for commands")
    app.press(name)
    app.see(f"{name}")
    app.press(ENTER)


def connection_list(app: Running) -> None:
    """The list of connections, at its first row: a connection of no group."""
    app.press("1", HOME)
    app.see("Enter connect")


def first_connection(app: Running) -> None:
    """Under the one that asks for a secret, the broken one with its problem, and the group's heading."""
    connection_list(app)
    app.press(*"jjjj")
    app.see("›  ▾ A ␛[31337m")


@feeds("MainScreen")
def _main(app: Running) -> None:
    stream(app)
    app.see(SEEN, visible(NASTY["action"]))
    for text in (visible(NASTY["action"]), SEEN):
        for offset in range(0, 16, 5):
            app.click(text, offset)
            stream(app)
    app.check()


@feeds("connections")
def _connections(app: Running) -> None:
    with app.alone("1", "Connections", "Enter connect"):
        first_connection(app)
        app.press("/")
        app.see("/ name, URL or group")
        app.paste(f"{NASTY['override']}\x9b31337m\x07")
        app.see("No connection matches \\u202eabc")
        app.press(ESC)
        app.see("›  ▾ A ␛[31337m")
        for _ in range(40):
            app.press("j", "l")
        app.press(HOME)
        errors = ["Not authorized", "Server moved", "Forbidden", "Closed with 4000", "Not an MQTT"]
        app.hunt([*errors, SEEN, "CONNACK 0x87", "HTTP 403"], PAGE_DOWN)
    stream(app)


@feeds("topics")
def _topics(app: Running) -> None:
    with app.alone("2", "Topics", "Enter narrow"):
        app.press(HOME)
        wanted = [visible(NASTY[name]) for name in ("clipboard", "colour", "cursor", "screen", "hidden")]
        app.hunt([*wanted, SEEN], PAGE_DOWN)
        for order in ("rate", "count", "age", "name"):
            app.press("t")
            app.see(f"by {order}")
    app.press("G", ENTER)
    app.lose(ALL_TOPICS)
    app.press(ESC)
    app.see(ALL_TOPICS)
    stream(app)


@feeds("messages")
def _messages(app: Running) -> None:
    with app.alone("3", "Messages", "Space pause"):
        app.press("g")
        app.hunt([visible(NASTY[name]) for name in ("title", "colour", "override", "isolate")], PAGE_DOWN)
        app.press("l", "l", "h", "h")
        app.press("/")
        app.see("every message; for example")
        app.paste(f"{NASTY['override']} > '\x9b31337m\x07")
        app.see("column ", "\\u202e")
        app.press(ESC)
        app.see(ALL_TOPICS)
        app.press("/")
        app.see("every message; for example")
        app.paste("\x9b31337m")
        app.press(ENTER)
        app.see("/ \\x9b31337m", " of ")
        app.press("/")
        app.see('contains "\\x9b31337m"')
        app.press(CLEAR)
        app.see("every message; for example")
        app.press(ENTER)
        app.see(ALL_TOPICS)
    stream(app)


@feeds("inspector")
def _inspector(app: Running) -> None:
    stream(app)
    app.press("g")
    app.see("#1 ")
    until(lambda: app.number() == "1", "the first message")
    messages = len(NASTY) + len(PAYLOADS) + 3
    for _ in range(messages - 1):
        before = app.number()
        app.press("j")
        until(lambda: app.number() not in ("", before), f"the message after {before}")  # noqa: B023
        _inspect(app)
    stream(app)


def _inspect(app: Running) -> None:
    app.press(ENTER)
    for tab in TABS[1:]:
        app.press("]")
        app.see({"Props": "on the wire", "Hex": "00000000  ", "History": "size  value"}.get(tab, tab))
    app.press("]")
    for name in names():
        app.press("b")
        app.see(f"b: {name}")
        app.press("G", "l", HOME)
    app.press("b")
    app.lose("b: ")
    app.press("3")
    app.see("Space pause")


@feeds("composer")
def _composer(app: Running) -> None:
    stream(app)
    _filter(app, "qos == 1 received")
    app.see("1 of 5")
    app.press("G", "r")
    app.see("format ‹", SEEN)
    if "QoS ‹0›" in app.screen():
        app.click("QoS ‹", 1)
    app.press(F5)
    app.see("✗ 0x87 Not auth")
    app.click("payload  1b 5b", 10)
    app.paste(f"{NASTY['action']}\n{NASTY['override']}\x9b31337m\x07")
    app.see("\ufffd31337m")
    app.press(ESC)
    app.lose("^T to another")
    _filter(app, "")
    stream(app)


def _filter(app: Running, text: str) -> None:
    """Put a filter in force in place of the one before."""
    app.press("/")
    app.press(CLEAR)
    app.see("every message; for example")
    app.paste(text)
    app.press(ENTER)
    app.see(f"/ {text}" if text else ALL_TOPICS)


@feeds("HelpScreen")
def _help(app: Running) -> None:
    app.press("?")
    app.see("Every message, both ways")
    app.press(ESC)
    app.lose("Every message, both ways")


@feeds("LogScreen")
def _log(app: Running) -> None:
    _text(app)
    command(app, "Log")
    app.see("Esc closes", "/nowhere/\\u202eabc\\u202c\\x9b31337m")
    app.press(HOME)
    app.press(PAGE_DOWN)
    app.press(ESC)
    app.lose("Esc closes")


@feeds("TraceScreen")
def _trace(app: Running) -> None:
    app.press("3")
    app.press("w")
    app.see("Trace", "PUBLISH")
    app.press(HOME)
    app.press(PAGE_DOWN)
    app.press("\t")
    app.press(PAGE_DOWN)
    app.press_alone(ESC)
    app.press_alone(ESC)
    app.lose("Tab parts")


@feeds("Question")
def _question(app: Running) -> None:
    app.press_alone("q")
    app.see("q again quit")
    app.press(ESC)
    app.lose("q again quit")


@feeds("Palette")
def _palette(app: Running) -> None:
    stream(app)
    app.press_alone(":")
    app.see("Search for commands")
    app.paste(f"{NASTY['override']}\x9b31337m\x07")
    app.paste("zzz")
    app.see("zzz", "No matches found")
    app.press(ESC)
    app.lose("No matches found")


@feeds("Menu")
def _menu(app: Running) -> None:
    stream(app)
    app.press_alone("Y")
    app.see("Copy from", "JSON line")
    app.press(ESC)
    app.lose("JSON line")


@feeds("SettingsScreen")
def _settings(app: Running) -> None:
    app.press_alone(",")
    app.see("Enter change", "retention.messages")
    app.press("/")
    app.see("part of a name")
    app.paste(f"{NASTY['override']}\x9b31337m\x07")
    app.see("Nothing of that name")
    app.press(ESC)
    app.see("retention.messages")
    app.press(ESC)
    app.lose("Enter change")


@feeds("PressKey")
def _press_key(app: Running) -> None:
    app.press_alone(",")
    app.see("Enter change", "retention.messages")
    app.press("/")
    app.see("part of a name")
    app.press("z", "o", "o", "m")
    app.see("› zoom")
    app.press_alone(ENTER)
    app.see("Keys on the main screen")
    app.press_alone(ENTER)
    app.see("Press the new key")
    app.press("x")
    app.see("x is already")
    app.press(ESC, ESC)
    app.lose("Enter change")


@feeds("ThemeScreen")
def _theme(app: Running) -> None:
    command(app, "Change theme")
    app.see("Enter keep", "tokyo-night")
    app.press(HOME)
    app.press(ESC)
    app.lose("Enter keep")


@feeds("PlainScreen")
def _plain(app: Running) -> None:
    stream(app)
    app.press_alone("c")
    app.see("select with the terminal's mouse")
    app.press("\t")
    app.see("payload select with")
    app.press(ESC)
    app.lose("select with the terminal's mouse")


@feeds("Confirm")
def _confirm(app: Running) -> None:
    first_connection(app)
    app.press_alone(DELETE)
    app.see(f"Delete {SEEN}")
    app.press("n")
    app.lose("What was captured stays")
    stream(app)


@feeds("SubscribeForm")
def _subscribe(app: Running) -> None:
    first_connection(app)
    app.press("s")
    app.see("Subscribe on", SEEN)
    app.press("a")
    app.lose("topic filter: site")
    app.paste(f"#{NASTY['override']}\x9b31337m\x07")
    app.see("a#\ufffdabc\ufffd\ufffd31337m")
    app.press(ENTER)
    app.see("# must")
    app.press(ESC)
    app.lose("Subscribe on")
    stream(app)


@feeds("SecretPrompt")
def _secret(app: Running) -> None:
    connection_list(app)
    app.press(ENTER)
    app.see("it is not stored", SEEN)
    app.press(ESC)
    app.lose("it is not stored")
    stream(app)


@feeds("TextPrompt")
def _text(app: Running) -> None:
    command(app, "Save the capture")
    app.see("Save the capture to", "/capture-")
    app.press(CLEAR)
    app.lose("/capture-")
    app.paste(f"/nowhere/{NASTY['override']}\x9b31337m\x07")
    app.see("/nowhere/\ufffdabc\ufffd\ufffd31337m")
    app.press(ENTER)
    app.lose("Save the capture to")
    app.see("save: ")
