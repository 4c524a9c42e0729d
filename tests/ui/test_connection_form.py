"""The connection form in the running app: add, edit, copy, delete, test, conflicts, secrets."""

from __future__ import annotations

import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.events import Paste
from textual.widgets import Input

from mqttx_tui.demo.broker import Broker
from mqttx_tui.ui.screens.ask import Confirm, SecretPrompt
from mqttx_tui.ui.screens.connection_form import ConnectionForm
from mqttx_tui.ui.widgets.pair_rows import PairRows
from tests.support.certificates import Certificates
from tests.support.mosquitto import free_port
from tests.support.servers import http, server_context, silence, talking
from tests.ui.live_app import Live, live

NOTE = "# a note of mine that nothing may touch\n"


@asynccontextmanager
async def broker(port: int = 0, **options: Any) -> AsyncIterator[Broker]:
    running = Broker(port=port, **{"ws_port": None, **options})
    await running.start()
    try:
        yield running
    finally:
        await running.stop()


def config_of(directory: Path) -> dict[str, Any]:
    found = tomllib.loads((directory / "connections.toml").read_text())["connections"]
    assert isinstance(found, dict)
    return found


def home(port: int, more: str = "") -> str:
    return f'{NOTE}schema = 1\n\n[connections.home]\nurl = "mqtt://127.0.0.1:{port}"\n{more}'


async def put(app: Live, field: str, text: str) -> None:
    """Type into a field of the form."""
    widget = app.app.screen.query_one(f"#field-{field}", Input)
    widget.focus()
    await app.press("end", "ctrl+u")
    await app.type(text)
    assert widget.value == text


async def go_to_connections(app: Live) -> None:
    """1, and wait until the list is there."""
    await app.press("1")
    await app.until(lambda: any(line.startswith("›") for line in app.lines[:5]), "a row under the cursor")


async def open_form(app: Live, key: str) -> ConnectionForm:
    await go_to_connections(app)
    await app.press(key)
    await app.until(lambda: isinstance(app.app.screen, ConnectionForm), "the form")
    assert isinstance(app.app.screen, ConnectionForm)
    return app.app.screen


async def closed(app: Live) -> None:
    await app.until(lambda: app.app.screen is app.app.main_screen, "back on the main screen")


async def test_the_first_start_offers_a_broker_on_this_machine(tmp_path: Path) -> None:
    async with broker() as running, live(tmp_path, filters=()) as app:
        await app.until(lambda: isinstance(app.app.screen, ConnectionForm), "the form")
        assert app.app.screen.query_one("#field-url", Input).value == "mqtt://localhost:1883"
        await put(app, "url", f"mqtt://localhost:{running.port}")
        await app.press("ctrl+s")
        await app.connected()
        await closed(app)
        assert config_of(tmp_path)["localhost-" + str(running.port)]["subscriptions"] == ["#"]
        await app.press("p")
        await app.type("hello")
        await app.press("tab", "x", "enter")
        await app.until(lambda: any("←" in line and "hello" in line for line in app.lines), "it came back")


async def test_a_new_connection_joins_the_file(tmp_path: Path) -> None:
    async with broker() as running, live(tmp_path, config=home(1), filters=()) as app:
        await open_form(app, "A")
        await put(app, "name", "Bench Two")
        await put(app, "url", f"mqtt://127.0.0.1:{running.port}")
        await put(app, "subscriptions", "a/# b/+")
        await app.press("ctrl+s")
        await app.connected()
        written = (tmp_path / "connections.toml").read_text()
        assert written.startswith(home(1))
        assert config_of(tmp_path)["bench-two"] == {
            "name": "Bench Two",
            "url": f"mqtt://127.0.0.1:{running.port}",
            "subscriptions": ["a/#", "b/+"],
        }


async def test_editing_changes_one_table(tmp_path: Path) -> None:
    more = 'subscriptions = [{ filter = "x/#", qos = 1 }]\n\n[connections.other]  # mine\nurl = "mqtt://127.0.0.1:2"\n'
    async with live(tmp_path, config=home(1, more), filters=()) as app:
        await open_form(app, "e")
        await put(app, "name", "My home")
        await app.pilot.click("#save-only")
        await closed(app)
        await app.sees("My home")
        text = (tmp_path / "connections.toml").read_text()
        assert text.startswith(NOTE)
        assert text.endswith('[connections.other]  # mine\nurl = "mqtt://127.0.0.1:2"\n')
        assert config_of(tmp_path)["home"] == {
            "url": "mqtt://127.0.0.1:1",
            "subscriptions": [{"filter": "x/#", "qos": 1}],
            "name": "My home",
        }


async def test_a_copy_is_another_connection(tmp_path: Path) -> None:
    async with live(tmp_path, config=home(1, "connect = false\n"), filters=()) as app:
        await go_to_connections(app)
        await app.press("D")
        await app.until(lambda: isinstance(app.app.screen, ConnectionForm), "the form")
        await app.pilot.click("#save-only")
        await closed(app)
        assert config_of(tmp_path)["home"]["url"] == config_of(tmp_path)["home-copy"]["url"]
        assert config_of(tmp_path)["home-copy"]["name"] == "home (copy)"


async def test_deleting_asks_and_only_yes_deletes(tmp_path: Path) -> None:
    async with live(tmp_path, config=home(1), filters=()) as app:
        for answer, left in (("enter", True), ("escape", True), ("y", False)):
            await go_to_connections(app)
            await app.pilot.pause(0.05)
            await app.press("delete")
            await app.until(lambda: isinstance(app.app.screen, Confirm), "the question")
            await app.press(answer)
            await closed(app)
            if not left:
                await app.until(lambda: "home" not in tomllib_text(tmp_path), "the table is gone")
            assert ("connections.home" in (tmp_path / "connections.toml").read_text()) is left
        assert (tmp_path / "connections.toml.bak").read_text() == home(1)
        assert (tmp_path / "connections.toml").read_text().startswith(NOTE)


def tomllib_text(directory: Path) -> dict[str, Any]:
    found = tomllib.loads((directory / "connections.toml").read_text()).get("connections", {})
    assert isinstance(found, dict)
    return found


async def test_a_test_that_succeeds_leaves_nothing_behind(tmp_path: Path) -> None:
    async with broker() as running, live(tmp_path, config=home(running.port), filters=()) as app:
        await open_form(app, "e")
        await app.press("f5")
        await app.sees("✓ MQTT")
        await app.sees("connected, MQTT 5")
        assert app.text.index("✓ name") < app.text.index("✓ TCP") < app.text.index("✓ MQTT")
        await app.press("escape")
        await closed(app)
        assert app.connections == []
        assert (tmp_path / "connections.toml").read_text() == home(running.port)


async def expect_failure(app: Live, url: str, *wanted: str) -> None:
    await put(app, "url", url)
    await app.press("f5")
    for text in wanted:
        await app.sees(text)


async def test_each_kind_of_failure_shows_its_stage_and_its_hint(
    tmp_path: Path, certificates: Certificates
) -> None:
    context = server_context(certificates.server_cert, certificates.server_key)
    async with (
        broker(users={"a": "b"}) as private,
        talking(silence, context) as tls,
        talking(http("404 Not Found")) as web,
        live(tmp_path, config=home(1), filters=()) as app,
    ):
        await open_form(app, "e")
        await expect_failure(
            app, f"mqtt://127.0.0.1:{free_port()}", "✓ name", "✗ TCP", "nothing listens", "Try:"
        )
        await expect_failure(app, "mqtt://no-such-name.invalid", "✗ name", "Try:")
        await expect_failure(app, f"mqtts://127.0.0.1:{tls}", "✓ TCP", "✗ TLS", "Try:")
        await expect_failure(app, f"mqtt+ws://127.0.0.1:{web}/mqtt", "✓ TCP", "✗ upgrade", "404", "Try:")
        await expect_failure(
            app, f"mqtt://127.0.0.1:{private.port}", "✓ TCP", "✗ MQTT", "Not retrying", "0x86"
        )
        assert app.app.screen.query_one("#field-url", Input).value.endswith(str(private.port))


async def test_a_file_that_somebody_else_changed_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "connections.toml"
    async with live(tmp_path, config=home(1), filters=()) as app:
        await open_form(app, "e")
        await put(app, "name", "Renamed")
        theirs = home(1) + '\n[connections.theirs]\nurl = "mqtt://127.0.0.1:9"\n'
        path.write_text(theirs)
        await app.pilot.click("#save-only")
        await app.sees("changed")
        assert isinstance(app.app.screen, ConnectionForm)
        assert path.read_text() == theirs
        assert app.app.screen.query_one("#field-name", Input).value == "Renamed"
        await app.pilot.click("#save-only")
        await closed(app)
        assert config_of(tmp_path)["home"]["name"] == "Renamed"
        assert config_of(tmp_path)["theirs"] == {"url": "mqtt://127.0.0.1:9"}


async def test_problems_stand_beside_their_fields_and_the_first_gets_the_focus(tmp_path: Path) -> None:
    async with live(tmp_path, config=home(1), filters=()) as app:
        form = await open_form(app, "A")
        await put(app, "name", "kept")
        await put(app, "url", "mqtt://")
        await put(app, "subscriptions", "a/#/b")
        await put(app, "keepalive", "soon")
        await app.press("ctrl+s")
        await app.pilot.pause()
        assert app.app.screen is form
        lines = app.lines
        for label in (" URL ", " subscribe to ", " keepalive "):
            at = next(y for y, line in enumerate(lines) if label in line)
            assert lines[at + 1][32:].strip(" │"), f"nothing below {label}: {app.text}"
        assert app.app.focused is form.query_one("#field-url")
        assert form.query_one("#field-name", Input).value == "kept"
        assert config_of(tmp_path).keys() == {"home"}


async def test_a_ws_url_shows_the_fields_that_it_needs(tmp_path: Path) -> None:
    async with live(tmp_path, config=home(1), filters=()) as app:
        await open_form(app, "A")
        assert "subprotocols" not in app.text
        await put(app, "url", "ws://127.0.0.1:1/x")
        await app.sees("speaks")
        assert "subprotocols" in app.text
        app.app.screen.query_one("#field-protocol").focus()
        await app.press("w")
        await app.sees("topic from")
        assert "subscribe to" not in app.text
        assert "user name" in app.text  # sent as Authorization: Basic


async def test_connect_once_writes_nothing(tmp_path: Path) -> None:
    async with broker() as running, live(tmp_path, config=home(1), filters=()) as app:
        await open_form(app, "A")
        await put(app, "url", f"mqtt://127.0.0.1:{running.port}")
        await app.pilot.click("#connect-once")
        await app.connected()
        assert (tmp_path / "connections.toml").read_text() == home(1)


@pytest.mark.parametrize("right", [True, False])
async def test_a_secret_is_asked_for_when_connecting(tmp_path: Path, right: bool) -> None:
    async with broker(users={"me": "hunter2"}) as running:
        more = 'username = "me"\npassword = { prompt = true }\n'
        async with live(tmp_path, "home", config=home(running.port, more), filters=("#",)) as app:
            await app.until(lambda: isinstance(app.app.screen, SecretPrompt), "the question")
            assert "home" in app.text
            await app.type("hunter2" if right else "wrong")
            assert "hunter2" not in app.text
            assert "wrong" not in app.text
            await app.press("enter")
            if right:
                await app.connected()
            else:
                await app.sees("0x86")
            assert "hunter2" not in (tmp_path / "connections.toml").read_text()


async def test_declining_a_secret_ends_the_attempt(tmp_path: Path) -> None:
    more = 'username = "me"\npassword = { prompt = true }\n'
    async with broker() as running, live(tmp_path, "home", config=home(running.port, more)) as app:
        await app.until(lambda: isinstance(app.app.screen, SecretPrompt), "the question")
        await app.press("escape")
        await closed(app)
        await app.until(lambda: any(s.error is not None for s in app.connections), "it says why")


SIZES = [(60, 20), (50, 12), (45, 10), (30, 6)]


@pytest.mark.parametrize("size", SIZES)
async def test_every_field_and_button_is_reachable_on_small_screens(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with live(tmp_path, config=home(1), filters=(), size=size) as app:
        form = await open_form(app, "A")
        seen = set()
        for _ in range(60):
            focused = app.app.focused
            assert focused is not None
            name = focused.id or f"part {id(focused)}"  # of rows of pairs
            if name in seen:
                break
            seen.add(name)
            visible = form.find_widget(focused).visible_region
            assert visible.height == 1, f"{focused.id} is hidden\n{app.text}"
            await app.press("tab")
        assert {"field-url", "field-will-retain", "save-connect", "test", "cancel"} <= seen
        assert {"field-will-delay", "field-properties-authentication_method"} <= seen
        form.query_one("#field-url").focus()
        await app.press("f5")
        await app.until(lambda: "refused" in app.text or "nothing" in app.text, "the outcome")
        await app.press("escape")
        await closed(app)


@pytest.mark.parametrize("size", SIZES)
async def test_a_question_can_be_read_and_answered_on_small_screens(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with live(tmp_path, config=home(1), filters=(), size=size) as app:
        await go_to_connections(app)
        await app.pilot.pause(0.05)
        await app.press("delete")
        await app.until(lambda: isinstance(app.app.screen, Confirm), "the question")
        await app.sees("[ No")
        await app.press("tab")
        await app.sees("[ Delete")
        await app.press("enter")
        await app.until(lambda: "home" not in tomllib_text(tmp_path), "deleted")


async def test_rows_of_headers_and_query_grow_hide_secrets_and_are_written(tmp_path: Path) -> None:
    config = 'schema = 1\n\n[connections.chat]\nurl = "ws://127.0.0.1:1/chat?token=t0psecret"\n'
    async with live(tmp_path, config=config + 'protocol = "websocket"\n', filters=()) as app:
        form = await open_form(app, "e")
        rows = form.query_one("#field-headers", PairRows)
        rows.focus()
        await app.type("X-Api-Key")
        await app.press("tab")
        await app.type("k-4711")
        value = rows.query(".pair-value").first(Input)
        assert not value.password
        await app.press("tab")
        await app.until(lambda: value.password, "the key is hidden")
        assert len(rows.query(".pair-name")) == 2
        query = form.query_one("#field-query", PairRows).query(".pair-value").first(Input)
        assert query.value == "t0psecret"
        assert query.password
        assert not any("t0psecret" in line or "k-4711" in line for line in app.lines)
        await app.press("ctrl+s")
        await closed(app)
        assert config_of(tmp_path)["chat"]["headers"] == {"X-Api-Key": "k-4711"}
        assert config_of(tmp_path)["chat"]["url"] == "ws://127.0.0.1:1/chat?token=t0psecret"


async def test_headers_as_they_are_written_elsewhere_become_rows(tmp_path: Path) -> None:
    config = 'schema = 1\n\n[connections.chat]\nurl = "ws://127.0.0.1:1/chat?a=1"\n'
    more = 'protocol = "websocket"\nheaders = { X-First = "1", X-Last = "9" }\n'
    async with live(tmp_path, config=config + more, filters=()) as app:
        form = await open_form(app, "e")
        headers, query = (form.query_one(f"#field-{name}", PairRows) for name in ("headers", "query"))
        names = list(headers.query(".pair-name").results(Input))
        names[1].focus()
        await app.press("end", "ctrl+u")
        app.app.post_message(Paste("X-Two: 2: two\r\nCookie: a=b\n"))
        await app.until(lambda: len(headers.query(".pair-name")) == 4, "two rows for one")
        assert headers.value.split("\n") == ["X-First\t1", "X-Two\t2: two", "Cookie\ta=b"]
        names[-1].focus()
        await app.type("X-Typed:5")
        assert headers.value.endswith("\nX-Typed\t5")
        list(query.query(".pair-name").results(Input))[-1].focus()
        await app.type("room=a=b")
        assert query.value == "a\t1\nroom\ta=b"
        app.app.post_message(Paste("more"))
        await app.until(lambda: query.value == "a\t1\nroom\ta=bmore", "a paste into a value")
        await app.press("ctrl+s")
        await closed(app)
        found = config_of(tmp_path)["chat"]
        assert found["headers"] == {"X-First": "1", "X-Two": "2: two", "Cookie": "a=b", "X-Typed": "5"}
        assert found["url"] == "ws://127.0.0.1:1/chat?a=1&room=a%3Dbmore"
