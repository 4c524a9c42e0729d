"""What the keys of the main screen and of the app do."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

from textual.screen import Screen

from mqttx_tui.model.message import RETAIN
from mqttx_tui.model.state import ErrorInfo, Phase
from mqttx_tui.ui.layouts import PANES
from mqttx_tui.ui.panes.composer import ComposerPane
from mqttx_tui.ui.panes.inspector import InspectorPane
from mqttx_tui.ui.screens.ask import Confirm, SubscribeForm
from mqttx_tui.ui.screens.connection_form import ConnectionForm
from mqttx_tui.ui.screens.dialog import Palette
from mqttx_tui.ui.screens.help import HelpScreen
from mqttx_tui.ui.screens.menu import Menu
from mqttx_tui.ui.screens.question import Question
from mqttx_tui.ui.stream_model import SINCE_PREVIOUS
from tests.bindings.registry import Press, effects_of
from tests.ui.bench_app import Bench, snapshot

effect = effects_of("MainScreen")
DOWN = snapshot(
    phase=Phase.FAILED,
    connected_at=None,
    error=ErrorInfo("Not authorized", "Refused", "", "mqtt", retry=False),
)


def numbered(count: int, topic: str = "site/7/temp") -> list[tuple[Any, ...]]:
    """So many messages of a topic."""
    return [(topic, f"number {number}".encode(), 0) for number in range(1, count + 1)]


async def opens(app: Bench, press: Press, kind: type[Screen[Any]]) -> None:
    """Nothing is open, the key is pressed, and a screen of this kind is."""
    assert app.app.screen is app.app.main_screen
    await press()
    await app.until(lambda: isinstance(app.app.screen, kind), f"a {kind.__name__}")


def asked(app: Bench, *call: Any) -> Callable[[], bool]:
    """Whether the engine was asked this."""
    return lambda: tuple(call) in app.engine.calls


def profiles(app: Bench) -> str:
    """The text of the profile file."""
    return app.app.workspace.book.file.path.read_text()


def active(app: Bench) -> str:
    return app.app.main_screen.active


def stream_rows(app: Bench) -> list[str]:
    """The rows of the stream."""
    stream = app.app.main_screen.messages.stream.region
    return [line[stream.x : stream.right].rstrip() for line in app.lines[stream.y : stream.bottom]]


def cursor_payload(app: Bench) -> str:
    """What stands in the row under the cursor of the stream."""
    return next((row.split("  ")[-1].strip() for row in stream_rows(app) if row.startswith("›")), "")


def pane_key(name: str) -> None:
    @effect(f"pane.{name}")
    async def goes_to_the_pane(app: Bench, press: Press) -> None:
        await app.press("2" if name != "topics" else "3")
        assert active(app) != name
        await press()
        await app.until(lambda: active(app) == name, f"the pane {name}")
        assert app.app.main_screen.panes[name].has_focus_within


for pane_name in PANES:
    pane_key(pane_name)


@effect("pane.next")
async def next_pane(app: Bench, press: Press) -> None:
    for name in ("inspector", "composer"):
        await press()
        await app.until(lambda name=name: active(app) == name, name)  # type: ignore[misc]


@effect("pane.previous")
async def previous_pane(app: Bench, press: Press) -> None:
    for name in ("topics", "connections"):
        await press()
        await app.until(lambda name=name: active(app) == name, name)  # type: ignore[misc]


@effect("step.back")
async def one_step_back(app: Bench, press: Press) -> None:
    await app.feed([*numbered(1), ("other", b"1", 0)])
    await app.topics(2)
    await app.press("2", "end", "enter")
    await app.press("3", "z", "slash", *"zz")
    screen, pane = app.app.main_screen, app.app.main_screen.messages
    await press()
    assert not pane.filter_line.is_open
    assert screen.zoomed
    await press()
    assert not screen.zoomed
    assert app.app.workspace.narrowing is not None
    await press()
    assert app.app.workspace.narrowing is None
    await press()
    assert app.app.is_running


@effect("back")
async def back(app: Bench, press: Press) -> None:
    await app.press("z")
    await press()
    await app.until(lambda: not app.app.main_screen.zoomed, "the zoom is undone")
    await opens(app, press, Question)
    await app.until(lambda: "q again quit" in app.lines[-1], "the question")


@effect("filter")
async def filters(app: Bench, press: Press) -> None:
    await app.feed([*numbered(1), ("other", b"1", 0)])
    await press()
    await app.press(*"other", "enter")
    await app.until(lambda: "1 of 2" in app.line("3 Messages"), "the filtered stream")
    await app.press("2")
    await press()
    await app.press(*"site", "enter")
    await app.until(lambda: "/ site" in app.line("2 Topics"), "the filtered tree")


@effect("match.next")
async def next_match(app: Bench, press: Press) -> None:
    await app.feed([("a", b"first", 0), ("b", b"other", 0), ("a", b"second", 0), ("b", b"last", 0)])
    await app.press("home", "asterisk")
    assert cursor_payload(app).endswith("first")
    await press()
    await app.until(lambda: cursor_payload(app).endswith("second"), "the next message of the topic")


@effect("match.previous")
async def previous_match(app: Bench, press: Press) -> None:
    await app.feed([("a", b"first", 0), ("b", b"other", 0), ("a", b"second", 0)])
    await app.press("up", "down", "asterisk")
    assert cursor_payload(app).endswith("second")
    await press()
    await app.until(lambda: cursor_payload(app).endswith("first"), "the message before")


@effect("mark.topic")
async def marks_the_topic(app: Bench, press: Press) -> None:
    await app.feed([("a", b"first", 0), ("b", b"other", 0)])
    await app.press("home")
    assert app.app.main_screen.messages.stream_model.highlight is None
    await press()
    await app.until(lambda: "n next" in app.lines[-2], "what n does now")
    assert app.app.main_screen.messages.stream_model.highlight is not None


@effect("follow")
async def follows(app: Bench, press: Press) -> None:
    await app.feed(numbered(60))
    await app.press("home")
    await app.press("2")
    assert not any("number 60" in row for row in stream_rows(app))
    await press()
    await app.until(lambda: any("number 60" in row for row in stream_rows(app)), "the newest message")


@effect("publish")
async def publishes(app: Bench, press: Press) -> None:
    await app.feed(numbered(1))
    await app.topics(1)
    await app.press("2", "end")
    await press()
    await app.until(lambda: active(app) == "composer", "the composer")
    assert "site/7/temp" in app.line(" topic ")


@effect("reuse")
async def reuses(app: Bench, press: Press) -> None:
    await app.feed([("site/set", b"ON", RETAIN), ("site/set", b"OFF", 0)])
    await app.press("home")
    await press()
    await app.until(lambda: active(app) == "composer", "the composer")
    pane = app.app.main_screen.find_pane(ComposerPane)
    assert pane is not None
    assert (pane.draft.topic, pane.draft.payload, pane.draft.retain) == ("site/set", "ON", True)


@effect("send")
async def sends(app: Bench, press: Press) -> None:
    await app.press("p", *"site/set", "tab", *"ON", "escape", "2")
    assert app.engine.calls == []
    await press()
    await app.until(asked(app, "publish", 1, "site/set", b"ON", False), "the message is published")


@effect("subscribe")
async def subscribes(app: Bench, press: Press) -> None:
    await opens(app, press, SubscribeForm)
    await app.press(*"a/#", "enter")
    await app.until(asked(app, "subscribe", 1, "a/#"), "the subscription")


@effect("unsubscribe")
async def unsubscribes(app: Bench, press: Press) -> None:
    await app.press("1", "home", "down")
    await press()
    await app.until(asked(app, "unsubscribe", 1, "greenhouse/+/temperature"), "it is switched off")


@effect("exclude")
async def excludes(app: Bench, press: Press) -> None:
    await app.feed(numbered(2))
    await app.press("home")
    await press()
    await app.until(asked(app, "exclude", 1, ("site/7/temp",)), "the exclusion")
    await app.press("1", "home")
    await press()
    await app.until(asked(app, "disconnect", 1), "on a connection it disconnects")


@effect("remove", profiles=True)
async def removes(app: Bench, press: Press) -> None:
    await app.feed([("site/set", b"ON", RETAIN)])
    await app.topics(1)
    await app.press("2", "end")
    await opens(app, press, Confirm)
    await app.press("y")
    await app.until(asked(app, "publish", 1, "site/set", b"", True), "the retained message is cleared")
    await app.press("1", "end")
    await opens(app, press, Confirm)
    await app.press("y")
    await app.until(
        lambda: "spare" not in app.app.workspace.book.file.path.read_text(), "the profile is gone"
    )


@effect("edit", profiles=True, snapshots=[DOWN])
async def edits(app: Bench, press: Press) -> None:
    await opens(app, press, ConnectionForm)
    assert "greenhouse" in "\n".join(app.lines)


@effect("copy")
async def copies(app: Bench, press: Press) -> None:
    await app.feed([("site/set", b"ON", 0)])
    await app.press("home")
    assert app.app.clipboard == ""
    await press()
    await app.until(lambda: app.app.clipboard == "ON", "the payload is copied")


@effect("copy.menu")
async def copy_menu(app: Bench, press: Press) -> None:
    await app.feed([("site/set", b"ON", 0)])
    await app.press("home")
    await opens(app, press, Menu)
    await app.press("t")
    await app.until(lambda: app.app.clipboard == "site/set", "the topic is copied")


@effect("mark")
async def marks(app: Bench, press: Press) -> None:
    await app.feed(numbered(2))
    assert not any(" mark ──" in line for line in app.lines)
    await press()
    await app.until(lambda: any(" mark ──" in line for line in app.lines), "the mark")


@effect("times")
async def times(app: Bench, press: Press) -> None:
    await app.feed(numbered(2), step=250)
    assert "0.250" not in app.line("number 2")
    await press()
    await app.until(lambda: "0.250" in app.line("number 2"), "the time since the row before")
    assert app.app.main_screen.messages.stream_model.times == SINCE_PREVIOUS


@effect("engine.restart")
async def restarts(app: Bench, press: Press) -> None:
    before = app.app.workspace.revision
    app.app.workspace.engine_died("it was killed")
    await app.until(lambda: "R" in app.lines[-1] or "R" in app.lines[-2], "that R helps")
    await press()
    await app.until(lambda: not app.app.workspace.died and app.app.workspace.engine is not None, "an engine")
    assert app.app.workspace.revision > before


@effect("zoom")
async def zooms(app: Bench, press: Press) -> None:
    assert any("2 Topics" in line for line in app.lines)
    await press()
    await app.until(lambda: not any("2 Topics" in line for line in app.lines), "only the stream")
    await press()
    await app.until(lambda: any("2 Topics" in line for line in app.lines), "all panes")


def inspected(app: Bench) -> list[str]:
    """What the inspector shows, without its title."""
    at = app.app.main_screen.panes["inspector"].region
    return [line[at.x : at.right].rstrip() for line in app.lines[at.y + 1 : at.bottom]]


async def tab_moves(app: Bench, press: Press, *, back: bool, focus: str = "3") -> None:
    """The inspector shows the next tab, or the one before."""
    await app.feed([("site/set", b"ON", 0)])
    await app.press("home", focus)
    pane = app.app.main_screen.find_pane(InspectorPane)
    assert pane is not None
    names, body = list(pane.tabs), inspected(app)
    assert pane.tab_name == names[0]
    await press()
    await app.until(lambda: pane.tab_name == names[-1 if back else 1], "the other tab")
    await app.until(lambda: inspected(app) != body, "what it shows")


@effect("inspector.previous")
async def previous_tab(app: Bench, press: Press) -> None:
    await tab_moves(app, press, back=True)


@effect("inspector.next")
async def next_tab(app: Bench, press: Press) -> None:
    await tab_moves(app, press, back=False)


@effect("help")
async def helps(app: Bench, press: Press) -> None:
    await opens(app, press, HelpScreen)
    assert any(app.app.main_screen.messages.PANE_HELP[:30] in line for line in app.lines)


@effect("commands")
async def commands(app: Bench, press: Press) -> None:
    await opens(app, press, Palette)


of_app = effects_of("MqttxTui")


@of_app("interrupt")
async def interrupts(app: Bench, press: Press) -> None:
    await press()
    assert "Ctrl+C again" in app.lines[-2]
    assert app.engine.closed == []
    await press()
    await app.until(lambda: app.engine.closed == [False], "the app ends")


@of_app("suspend")
async def suspends(app: Bench, press: Press) -> None:
    driver = app.app._driver
    assert driver is not None
    with patch.object(type(driver), "can_suspend", True), patch("os.kill") as kill:
        await press()
        await app.until(lambda: kill.called, "the signal")
    kill.assert_called_once_with(os.getpid(), signal.SIGTSTP)


@of_app("palette")
async def opens_the_palette(app: Bench, press: Press) -> None:
    await opens(app, press, Palette)
