"""Saved messages in the app: taken, sent, saved, edited, deleted; the file keeps the rest as it is."""

from __future__ import annotations

import tomllib
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input

from mqttx_tui.ui.draft import Draft
from mqttx_tui.ui.panes.composer import ComposerPane
from mqttx_tui.ui.screens.ask import Confirm, TextPrompt
from mqttx_tui.ui.screens.saved_form import SavedForm
from mqttx_tui.ui.screens.saved_list import SavedScreen
from mqttx_tui.ui.widgets.choice import Toggle
from mqttx_tui.ui.widgets.payload_area import PayloadArea
from tests.ui.bench_app import Bench, bench, snapshot

BEFORE = """\
schema = 1   # ours

# the house
[connections.greenhouse]
url = "mqtt://127.0.0.1:1"     # nobody is there
"""
AFTER = """
[connections.attic]  # another
url = "mqtt://127.0.0.2:1"
"""
MESSAGES = """
[[connections.greenhouse.messages]]
name = "permit join"
topic = "bridge/permit_join"
payload = '{"time": 254}'

[[connections.greenhouse.messages]]
name = "beat"
topic = "beat"
payload = 'n {{ counter }}'
template = true
every = "5s"   # slow

[[connections.greenhouse.messages]]
name = "login"
topic = "login"
payload = 'token-5510'
secret = true
"""


@asynccontextmanager
async def house(
    tmp_path: Path, text: str = BEFORE + MESSAGES + AFTER, **options: Any
) -> AsyncIterator[Bench]:
    path = tmp_path / "connections.toml"
    path.write_text(text)
    async with bench(tmp_path, config=str(path), **options) as app:
        yield app


def messages(tmp_path: Path) -> list[dict[str, Any]]:
    found = tomllib.loads((tmp_path / "connections.toml").read_text())
    kept: list[dict[str, Any]] = found["connections"]["greenhouse"].get("messages", [])
    return kept


def composer(app: Bench) -> ComposerPane:
    pane = app.app.main_screen.find_pane(ComposerPane)
    assert pane is not None
    return pane


async def shows(app: Bench, kind: type[object]) -> None:
    await app.until(lambda: isinstance(app.app.screen, kind), kind.__name__)


async def sees(app: Bench, text: str) -> None:
    await app.until(lambda: text in "\n".join(app.lines), f"{text!r} on screen")


async def listed(app: Bench) -> None:
    await app.press("p", "ctrl+o")
    await shows(app, SavedScreen)


def sent(app: Bench) -> list[tuple[Any, ...]]:
    return [call[2:] for call in app.engine.calls if call[0] == "publish"]


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 20)])
async def test_enter_puts_a_message_into_the_composer(tmp_path: Path, size: tuple[int, int]) -> None:
    async with house(tmp_path, size=size) as app:
        await listed(app)
        await sees(app, "beat")
        assert '{"time": 254}' in app.line("permit join")
        assert "token-5510" not in "\n".join(app.lines)
        await app.press("down", "enter")
        await app.until(lambda: composer(app).draft.name == "beat", "taken")
        draft = composer(app).draft
        assert (draft.topic, draft.payload, draft.template) == ("beat", "n {{ counter }}", True)
        assert sent(app) == []


async def test_f5_sends_at_once_and_the_fields_stay(tmp_path: Path) -> None:
    async with house(tmp_path) as app:
        await app.press("p", *"mine")
        await listed(app)
        await app.press("down", "f5")
        await app.until(lambda: sent(app) == [("beat", b"n 1", False)], "sent")
        await app.press("ctrl+o")
        await shows(app, SavedScreen)
        await app.press("down", "f5")
        await app.until(lambda: len(sent(app)) == 2, "once more")
        assert sent(app)[1] == ("beat", b"n 2", False)
        assert composer(app).draft.topic.startswith("mine")


async def test_a_read_only_connection_sends_none(tmp_path: Path) -> None:
    text = "greenhouse is read-only (read_only = true in connections.toml, line 4)"
    async with house(tmp_path, snapshots=[snapshot(read_only=True, read_only_text=text)]) as app:
        app.app.main_screen.show_pane("composer")
        await app.press("ctrl+o")
        await shows(app, SavedScreen)
        await app.press("f5")
        await sees(app, "line 4")
        assert sent(app) == []


async def test_ctrl_s_asks_for_a_name_and_writes_only_that_table(tmp_path: Path) -> None:
    async with house(tmp_path, BEFORE + AFTER) as app:
        await app.press("p")
        composer(app).open_draft(Draft("site/7/set", '{"on":true}', "json", 1, True, {"user": "k=v"}))
        await app.press("ctrl+s")
        await shows(app, TextPrompt)
        await app.press(*"lamp", "space", *"on", "enter")
        await sees(app, "saved lamp on in greenhouse")
        await app.press("ctrl+s")
        await shows(app, TextPrompt)
        assert app.app.screen.query_one(Input).value == "lamp on"
        await app.press("escape")
    assert messages(tmp_path) == [
        {
            "name": "lamp on",
            "topic": "site/7/set",
            "payload": '{"on":true}',
            "format": "json",
            "qos": 1,
            "retain": True,
            "properties": {"user": {"k": "v"}},
        }
    ]
    text = (tmp_path / "connections.toml").read_text()
    for line in (BEFORE + AFTER).splitlines():
        assert line in text.splitlines()


async def test_saving_under_its_own_name_replaces_and_keeps_what_it_does_by_itself(tmp_path: Path) -> None:
    async with house(tmp_path) as app:
        await listed(app)
        await app.press("down", "enter")
        await app.until(lambda: composer(app).draft.name == "beat", "taken")
        composer(app).query_one(PayloadArea).put("m {{ counter }}")
        await app.press("ctrl+s")
        await shows(app, TextPrompt)
        assert app.app.screen.query_one(Input).value == "beat"
        await app.press("enter")
        await sees(app, "begins at the next connect")
    kept = messages(tmp_path)
    assert [one["name"] for one in kept] == ["permit join", "beat", "login"]
    assert (kept[1]["payload"], kept[1]["every"]) == ("m {{ counter }}", "5s")


async def test_another_message_of_that_name_is_replaced_only_when_told(tmp_path: Path) -> None:
    async with house(tmp_path) as app:
        await app.press("p")
        composer(app).open_draft(Draft("x", "new"))
        for answer, payload in (("n", '{"time": 254}'), ("y", "new")):
            await app.press("ctrl+s")
            await shows(app, TextPrompt)
            await app.press(*"permit", "space", *"join", "enter")
            await shows(app, Confirm)
            await app.press(answer)
            await app.until(lambda: not isinstance(app.app.screen, Confirm), "answered")
            await app.until(lambda: messages(tmp_path)[0]["payload"] == payload, "as told")  # noqa: B023


async def test_e_edits_every_field(tmp_path: Path) -> None:
    async with house(tmp_path) as app:
        await listed(app)
        await app.press("e")
        await shows(app, SavedForm)
        form = app.app.screen
        form.query_one("#saved-when", Input).value = '.type == "auth_required"'
        form.query_one("#saved-every", Input).value = "2m"
        form.query_one("#saved-on_connect", Toggle).value = True
        form.query_one("#saved-properties-user", Input).value = "k=v"
        form.query_one(PayloadArea).put('{\n  "time": 1\n}')
        await app.press("ctrl+s")
        await shows(app, SavedScreen)
        await sees(app, "permit join")
        await app.press("escape")
    assert messages(tmp_path)[0] == {
        "name": "permit join",
        "topic": "bridge/permit_join",
        "payload": '{\n  "time": 1\n}',
        "on_connect": True,
        "every": "2m",
        "when": '.type == "auth_required"',
        "properties": {"user": {"k": "v"}},
    }
    assert 'every = "5s"   # slow' in (tmp_path / "connections.toml").read_text()


async def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(tmp_path: Path) -> None:
    async with house(tmp_path) as app:
        before = (tmp_path / "connections.toml").read_bytes()
        await listed(app)
        await app.press("e")
        await shows(app, SavedForm)
        form = app.app.screen
        form.query_one("#saved-every", Input).value = "soon"
        form.query_one("#saved-topic", Input).value = "a/#"
        await app.press("ctrl+s")
        await sees(app, "may not hold #")
        assert app.app.focused is form.query_one("#saved-topic")
        form.query_one("#saved-topic", Input).value = "a"
        form.query_one("#saved-when", Input).value = ". >"
        form.query_one("#saved-every", Input).value = "5s"
        await app.press("ctrl+s")
        await app.until(lambda: app.app.focused is form.query_one("#saved-when"), "the next mistake")
        form.query_one("#saved-name", Input).value = "beat"
        form.query_one("#saved-when", Input).value = ""
        await app.press("ctrl+s")
        await app.until(
            lambda: "stands there already" in str(form.query_one("#problem-saved").render()), "twice"
        )
        assert (tmp_path / "connections.toml").read_bytes() == before
        await app.press("escape")
        await shows(app, SavedScreen)


async def test_a_secret_is_not_shown_while_it_is_edited_and_stays(tmp_path: Path) -> None:
    async with house(tmp_path) as app:
        await listed(app)
        await app.press("end", "e")
        await shows(app, SavedForm)
        assert "token-5510" not in "\n".join(app.lines)
        app.app.screen.query_one("#saved-topic", Input).value = "auth"
        await app.press("ctrl+s")
        await shows(app, SavedScreen)
    assert messages(tmp_path)[2]["payload"] == "token-5510"
    assert messages(tmp_path)[2]["topic"] == "auth"


async def test_n_makes_a_new_one_of_what_the_composer_holds(tmp_path: Path) -> None:
    async with house(tmp_path, BEFORE) as app:
        await app.press("p")
        composer(app).open_draft(Draft("door", "open"))
        await app.press("ctrl+o")
        await shows(app, SavedScreen)
        await sees(app, "none yet")
        await app.press("enter", "f5")
        await app.press("n")
        await shows(app, SavedForm)
        await app.press(*"door", "ctrl+s")
        await shows(app, SavedScreen)
        await sees(app, "open")
    assert messages(tmp_path) == [{"name": "door", "topic": "door", "payload": "open"}]


async def test_del_deletes_after_a_question(tmp_path: Path) -> None:
    async with house(tmp_path) as app:
        await listed(app)
        for answer, left in (("n", 3), ("y", 2)):
            await app.press("delete")
            await shows(app, Confirm)
            await app.press(answer)
            await shows(app, SavedScreen)
            await app.until(lambda: len(messages(tmp_path)) == left, "as told")  # noqa: B023
        assert [one["name"] for one in messages(tmp_path)] == ["beat", "login"]


async def test_a_connection_that_is_in_no_file_says_so(tmp_path: Path) -> None:
    async with house(tmp_path, "schema = 1\n" + AFTER) as app:
        await app.press("p", "ctrl+o")
        await sees(app, "is in no profile file")
        assert not isinstance(app.app.screen, SavedScreen)


async def test_the_palette_knows_the_saved_messages(tmp_path: Path) -> None:
    async with house(tmp_path) as app:
        found = {command.title for command in app.app.get_system_commands(app.app.screen)}
        assert {"Saved messages", "Save the message", "Published before", "Payload from a file"} <= found
        await app.app.main_screen.run_action("composer('saved_messages')")
        await shows(app, SavedScreen)


@pytest.mark.parametrize("pane", ["3", "p"])
async def test_the_palette_opens_them_from_any_pane(tmp_path: Path, pane: str) -> None:
    async with house(tmp_path) as app:
        await app.press(pane)
        found = {command.title: command for command in app.app.get_system_commands(app.app.screen)}
        ran = found["Saved messages"].callback()
        assert isinstance(ran, Awaitable)
        await ran
        await shows(app, SavedScreen)


async def test_what_somebody_else_wrote_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    async with house(tmp_path) as app:
        await listed(app)
        await app.press("e")
        await shows(app, SavedForm)
        path = tmp_path / "connections.toml"
        path.write_text(path.read_text() + "# by hand\n")
        app.app.screen.query_one("#saved-topic", Input).value = "mine"
        await app.press("ctrl+s")
        await sees(app, "changed by somebody else")
        await app.press("ctrl+s")
        await shows(app, SavedScreen)
        assert "# by hand" in path.read_text()
        assert messages(tmp_path)[0]["topic"] == "mine"
