"""Importing a connection in the app: the line, the question, the form, the file; and the form's test."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from textual import events
from textual.widgets import Input

from mqttx_tui.ui.screens.connection_form import ConnectionForm
from mqttx_tui.ui.screens.import_form import ImportForm
from mqttx_tui.ui.screens.question import Question
from mqttx_tui.ui.widgets.choice import Choice
from mqttx_tui.ui.widgets.pair_rows import PairRows
from tests.support.servers import silence, talking
from tests.ui.bench_app import Bench, bench
from tests.ui.live_app import live
from tests.ui.test_connection_form import closed, put

SECRET = "hunter2-of-mine"


async def paste(app: Bench, text: str) -> None:
    """I, and the line into its field."""
    await app.press("1", "I")
    await app.until(lambda: isinstance(app.app.screen, ImportForm), "the field")
    await app.until(lambda: bool(app.app.screen.query("#import-line")), "its parts")
    await app.until(lambda: isinstance(app.app.focused, Input), "the focus")
    app.app.post_message(events.Paste(text))
    await app.until(lambda: app.app.screen.query_one("#import-line", Input).value != "", "the paste")
    await app.press("enter")


def shown(app: Bench, field: str) -> str:
    return app.app.screen.query_one(f"#field-{field}", Input).value


async def form(app: Bench) -> None:
    await app.until(lambda: isinstance(app.app.screen, ConnectionForm), "the form")
    await app.until(lambda: bool(app.app.screen.query("#cancel")), "its parts")
    await app.pilot.pause()


def written(directory: Path) -> object:
    return tomllib.loads((directory / "none.toml").read_text())["connections"]


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 20)])
async def test_a_command_line_fills_the_form_in_and_names_what_is_missing(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with bench(tmp_path, snapshots=[], size=size) as app:
        line = f"mosquitto_sub -h broker.lab -p 8883 \\\n -u me -P {SECRET} \\\n -t 'site/#' -q 1 -C 5"
        await paste(app, line)
        await form(app)
        assert shown(app, "url") == "mqtts://broker.lab:8883"
        assert shown(app, "username") == "me"
        assert shown(app, "password") == SECRET
        assert shown(app, "subscriptions") == "site/#"
        app.line("not taken over: -C")
        assert SECRET not in "\n".join(app.lines)
        app.app.screen.query_one("#field-name", Input).value = "Lab"
        await app.pilot.pause()
        await app.press("ctrl+s")
        await app.until(lambda: app.engine.calls == [("connect", "lab")], "it is connected")
        assert written(tmp_path) == {
            "lab": {
                "name": "Lab",
                "url": "mqtts://broker.lab:8883",
                "username": "me",
                "password": SECRET,
                "subscriptions": [{"filter": "site/#", "qos": 1}],
            }
        }
        assert not any(SECRET in notice.text for notice in app.app.workspace.notices)


async def test_what_cannot_be_read_stays_in_the_field(tmp_path: Path) -> None:
    async with bench(tmp_path, snapshots=[]) as app:
        await paste(app, "curl https://x")
        await app.until(lambda: any("'curl' is no program known here" in line for line in app.lines), "why")
        assert app.app.screen.query_one("#import-line", Input).value == "curl https://x"
        await app.press("escape")
        await app.until(lambda: app.app.screen is app.app.main_screen, "back")


@pytest.mark.parametrize(
    ("answer", "protocol", "filters"), [("m", "mqtt", "#"), ("w", "websocket", ""), ("escape", "", "")]
)
async def test_a_websocket_url_asks_what_is_spoken(
    tmp_path: Path, answer: str, protocol: str, filters: str
) -> None:
    async with bench(tmp_path, snapshots=[]) as app:
        await paste(app, "https://me:pw@h.example/ws?token=1")
        await app.until(lambda: isinstance(app.app.screen, Question), "the question")
        await app.press(answer)
        if not protocol:
            await app.until(lambda: app.app.screen is app.app.main_screen, "back")
            return
        await form(app)
        assert shown(app, "url") == "wss://me:pw@h.example/ws"
        assert app.app.screen.query_one("#field-query", PairRows).value == "token\t1"
        assert app.app.screen.query_one("#field-protocol", Choice).value == protocol
        assert shown(app, "subscriptions") == filters
        app.line("https:// became wss://")


async def test_the_message_of_mosquitto_pub_is_saved_with_the_connection(tmp_path: Path) -> None:
    async with bench(tmp_path, snapshots=[]) as app:
        await paste(app, "mosquitto_pub -h broker.lab -t site/7/set -m ON -r")
        await form(app)
        await app.pilot.click("#save-only")
        await app.until((tmp_path / "none.toml").exists, "the file")
        assert written(tmp_path) == {
            "broker-lab": {
                "url": "mqtt://broker.lab",
                "messages": [{"name": "imported", "topic": "site/7/set", "payload": "ON", "retain": True}],
            }
        }


async def test_escape_ends_a_test_and_leaves_the_form(tmp_path: Path) -> None:
    async with talking(silence) as port, live(tmp_path, filters=()) as app:
        await app.until(lambda: isinstance(app.app.screen, ConnectionForm), "the form of a first start")
        await app.until(lambda: bool(app.app.screen.query("#cancel")), "its parts")
        await put(app, "url", f"mqtt://127.0.0.1:{port}")
        await app.press("f5")
        await app.until(lambda: any("◌ MQTT" in line for line in app.lines), "the stage that waits")
        assert "✓ TCP" in app.text
        await app.press("escape")
        await app.sees("the test was ended")
        assert isinstance(app.app.screen, ConnectionForm)
        await app.until(lambda: not app.app.workspace.trials, "its connection is gone")
        assert not app.connections
        await app.press("escape")
        await closed(app)
