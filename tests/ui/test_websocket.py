"""Raw WebSockets in the app, against real servers: what stands in for topics, and what is done by hand."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection
from websockets.typing import Subprotocol

from mqttx_tui.demo.broker import Broker
from mqttx_tui.model.state import Phase
from mqttx_tui.ui.screens.ask import SubscribeForm
from mqttx_tui.ui.screens.close_form import CloseForm
from mqttx_tui.ui.screens.handshake import HandshakeScreen
from mqttx_tui.ui.widgets.choice import Choice, Toggle
from mqttx_tui.ui.widgets.payload_area import PayloadArea
from tests.support.websockets import idle, serving
from tests.ui.live_app import Live, live


@asynccontextmanager
async def run_broker() -> AsyncIterator[int]:
    broker = Broker(port=0, ws_port=None)
    await broker.start()
    try:
        yield broker.port
    finally:
        await broker.stop()


TOKEN = "t0ken-that-nobody-may-see"


def config(url: object, more: str = "") -> str:
    return (
        f'schema = 1\n\n[connections.ticker]\nurl = "{url}"\nprotocol = "websocket"\nconnect = true\n{more}'
    )


async def at_the_list(app: Live) -> None:
    await app.connected()
    await app.press("1")
    await app.until(lambda: any(line.startswith("›") for line in app.lines), "a row under the cursor")


async def test_the_footer_says_what_there_is_instead_of_subscriptions(tmp_path: Path) -> None:
    async with serving(idle) as profile, live(tmp_path, config=config(profile.url), filters=()) as app:
        await at_the_list(app)
        await app.sees("x close  P ping  H handshake")
        footer = app.lines[-1]
        assert "subscribe" not in footer
        assert "p send" in footer
        await app.press("s")
        await app.sees("a raw WebSocket has no subscriptions")
        assert not isinstance(app.app.screen, SubscribeForm)
        await app.press("p")
        await app.until(lambda: app.active == "composer", "the composer")
        assert "QoS" not in app.text
        assert "retain" not in app.text
        assert "format ‹text›" in app.text
        assert "Enter sends one line" in app.lines[-1]
        await app.press("escape", "3")
        await app.until(lambda: app.active == "messages", "the stream")
        await app.until(lambda: "Space pause" in app.lines[-1], "its footer")
        assert "subscribe" not in app.lines[-1]


async def test_a_message_goes_in_as_many_frames_as_were_chosen(tmp_path: Path) -> None:
    received: list[list[str | bytes]] = []

    async def listen(connection: ServerConnection) -> None:
        received.append([part async for part in connection.recv_streaming()])
        await connection.wait_closed()

    async with serving(listen) as profile, live(tmp_path, config=config(profile.url), filters=()) as app:
        await app.connected()
        await app.press("p")
        await app.until(lambda: app.active == "composer", "the composer")
        await app.type("12345678")
        more = app.app.screen.query_one("#composer-more", Toggle)
        more.focus()
        await app.press("space")
        await app.sees("frames ‹1›")
        app.app.screen.query_one("#composer-fragments", Choice).focus()
        await app.press("right", "right", "right")
        await app.sees("frames ‹4›")
        await app.press("f5")
        await app.until(lambda: received, "the server's side")
    assert received == [["12", "34", "56", "78"]]


async def test_no_key_is_lost_when_the_target_has_no_topic(tmp_path: Path) -> None:
    async with serving(idle) as profile, run_broker() as port:
        text = config(profile.url)
        text += f'[connections.home]\nurl = "mqtt://127.0.0.1:{port}"\nconnect = true\n'
        async with live(tmp_path, config=text, filters=()) as app:
            await app.until(
                lambda: [each.phase for each in app.connections] == [Phase.CONNECTED] * 2, "both stand"
            )
            await app.press("p", "ctrl+t")
            await app.until(lambda: "→ B home" in app.text, "the broker")
            app.app.screen.query_one("#composer-topic").focus()
            await app.press("ctrl+t", *"hello")
            await app.until(lambda: "→ A ticker" in app.text, "the WebSocket")
            assert app.app.screen.query_one(PayloadArea).content == "hello"


async def test_text_with_a_nul_goes_as_text_and_is_reused_as_it_was(tmp_path: Path) -> None:
    """STOMP ends a frame with a NUL, which nobody can type into a text."""
    received: list[str | bytes] = []

    async def listen(connection: ServerConnection) -> None:
        async for message in connection:
            received.append(message)

    async with serving(listen) as profile, live(tmp_path, config=config(profile.url), filters=()) as app:
        await app.connected()
        await app.press("p")
        await app.until(lambda: app.active == "composer", "the composer")
        await app.type("41 43 4b 0a 0a 00")
        for name, value in (("format", "hex"), ("frame", "text")):
            app.app.screen.query_one(f"#composer-{name}", Choice).value = value
        await app.press("f5")
        await app.until(lambda: received == ["ACK\n\n\0"], "a text frame")
        await app.press("escape", "3", "end")
        await app.until(lambda: any("→tx" in line for line in app.lines), "its row")
        await app.press("r")
        await app.sees("as ‹text›")
        await app.press("f5")
        await app.until(lambda: received == ["ACK\n\n\0"] * 2, "the same once more")
        app.app.screen.query_one("#composer-frame", Choice).value = "binary"
        await app.press("f5")
        await app.until(lambda: received[2:] == [b"ACK\n\n\0"], "a binary frame")


async def test_ping_by_hand_tells_the_round_trip(tmp_path: Path) -> None:
    async with serving(idle) as profile, live(tmp_path, config=config(profile.url), filters=()) as app:
        await at_the_list(app)
        await app.press("P")
        await app.sees("A ticker: pong after ")
        assert app.lines[-2].split(" ms ")[0].rstrip().split()[-1].replace(".", "").isdigit()


async def test_ping_without_a_connection_is_refused(tmp_path: Path) -> None:
    async with live(tmp_path, config=config("ws://127.0.0.1:1/"), filters=()) as app:
        await app.until(lambda: app.connections and app.connections[0].phase is Phase.RETRYING, "refused")
        await app.press("1")
        await app.until(lambda: any(line.startswith("›") for line in app.lines), "a row under the cursor")
        await app.press("P")
        await app.sees("no ping was sent")


async def test_closing_asks_for_code_and_reason(tmp_path: Path) -> None:
    closes: list[tuple[int | None, str | None]] = []

    async def listen(connection: ServerConnection) -> None:
        await connection.wait_closed()
        closes.append((connection.close_code, connection.close_reason))

    async with serving(listen) as profile, live(tmp_path, config=config(profile.url), filters=()) as app:
        await at_the_list(app)
        await app.press("x")
        await app.until(lambda: isinstance(app.app.screen, CloseForm), "the question")
        await app.sees("normal closure")
        await app.press("end", "ctrl+u", *"1006", "enter")
        await app.sees("1006 (no close frame) may not be sent")
        assert isinstance(app.app.screen, CloseForm)
        await app.press("ctrl+u", *"4001", "down", *"auf Wiedersehen", "enter")
        await app.until(lambda: app.connections[0].phase is Phase.CLOSED, "closed")
        await app.until(lambda: closes, "the server's side")
    assert closes == [(4001, "auf Wiedersehen")]


async def test_closing_can_be_thought_better_of(tmp_path: Path) -> None:
    async with serving(idle) as profile, live(tmp_path, config=config(profile.url), filters=()) as app:
        await at_the_list(app)
        await app.press("x")
        await app.until(lambda: isinstance(app.app.screen, CloseForm), "the question")
        await app.press("escape")
        await app.until(lambda: app.app.screen is app.app.main_screen, "back")
        assert app.connections[0].phase is Phase.CONNECTED


async def test_enter_alone_closes_with_1000(tmp_path: Path) -> None:
    closes: list[int | None] = []

    async def listen(connection: ServerConnection) -> None:
        await connection.wait_closed()
        closes.append(connection.close_code)

    async with serving(listen) as profile, live(tmp_path, config=config(profile.url), filters=()) as app:
        await at_the_list(app)
        await app.press("x")
        await app.until(lambda: isinstance(app.app.screen, CloseForm), "the question")
        await app.press("enter")
        await app.until(lambda: closes, "the server's side")
    assert closes == [1000]


async def test_the_peers_code_and_reason_are_shown_with_their_names(tmp_path: Path) -> None:
    async def refuse(connection: ServerConnection) -> None:
        await connection.close(1008, "who are you")

    async with serving(refuse) as profile, live(tmp_path, config=config(profile.url), filters=()) as app:
        await app.sees("the server closed with 1008 policy violation (who are you)")
        await app.sees("Closed with 1008")


async def test_ping_and_close_are_commands_too(tmp_path: Path) -> None:
    async with serving(idle) as profile, live(tmp_path, config=config(profile.url), filters=()) as app:
        await app.connected()
        app.app.main_screen.action_ping_connection()
        await app.sees("A ticker: pong after ")
        app.app.main_screen.action_show_handshake()
        await app.until(lambda: isinstance(app.app.screen, HandshakeScreen), "the handshake")
        await app.press("escape")
        app.app.main_screen.action_close_connection()
        await app.until(lambda: isinstance(app.app.screen, CloseForm), "the question")


EVENTS = ("state_changed", "call_service")
HOME_ASSISTANT = """\
headers = { Authorization = "Bearer ${HA_TOKEN}" }
topic_from = ".event.event_type"
[[connections.ticker.messages]]
name = "login"
when = '.type == "auth_required"'
template = true
secret = true
payload = '{"type":"auth","access_token":"${HA_TOKEN}"}'
[[connections.ticker.messages]]
name = "all events"
when = '.type == "auth_ok"'
payload = '{"id":1,"type":"subscribe_events"}'
"""


async def test_home_assistant_logs_in_by_itself_and_its_events_are_topics(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HA_TOKEN", TOKEN)
    heard: list[object] = []

    async def house(connection: ServerConnection) -> None:
        assert connection.request is not None
        heard.append(connection.request.headers["Authorization"])
        await connection.send('{"type":"auth_required"}')
        heard.append(json.loads(await connection.recv()))
        await connection.send('{"type":"auth_ok"}')
        heard.append(json.loads(await connection.recv()))
        for kind in ("state_changed", "call_service", "state_changed"):
            await connection.send(json.dumps({"type": "event", "event": {"event_type": kind}}))
        await connection.wait_closed()

    async with serving(house) as profile:
        text = config(profile.url, HOME_ASSISTANT)
        async with live(tmp_path, config=text, filters=()) as app:

            def counts() -> dict[str, str]:
                """What the tree says of each topic."""
                words = [line[:38].split() for line in app.lines[3:]]
                return {word: line[-2] for line in words for word in line if word in EVENTS and len(line) > 2}

            await app.until(lambda: counts() == {"state_changed": "2", "call_service": "1"}, "the tree")
            kept = [message.payload for message in app.sent]
            assert len(kept) == 2
            assert kept[0].startswith(b"login")
            path = Path(app.app.capture_path)
            for file in path.parent.iterdir():
                assert not file.is_file() or TOKEN.encode() not in file.read_bytes()
    assert heard == [
        f"Bearer {TOKEN}",
        {"type": "auth", "access_token": TOKEN},
        {"id": 1, "type": "subscribe_events"},
    ]


SHELLY = """\
topic_from = ".method"
[[connections.ticker.messages]]
name = "status"
when = "connected"
payload = '{"id":1,"src":"mqttx-tui","method":"Shelly.GetStatus"}'
"""


async def test_a_shelly_is_asked_for_its_status_on_connecting(tmp_path: Path) -> None:
    heard: list[object] = []

    async def plug(connection: ServerConnection) -> None:
        heard.append(json.loads(await connection.recv()))
        await connection.send('{"src":"shelly","method":"NotifyStatus","params":{"temp":21.5}}')
        await connection.wait_closed()

    async with (
        serving(plug) as profile,
        live(tmp_path, config=config(profile.url, SHELLY), filters=()) as app,
    ):
        await app.until(
            lambda: any("NotifyStatus" in line[:38] for line in app.lines), "the topic in the tree"
        )
        assert any("Shelly.GetStatus" in line[:38] for line in app.lines)
    assert heard == [{"id": 1, "src": "mqttx-tui", "method": "Shelly.GetStatus"}]


async def test_what_is_said_in_a_subprotocol_is_decoded_in_the_inspector(tmp_path: Path) -> None:
    async def speak(connection: ServerConnection) -> None:
        await connection.send('{"type":"next","id":"7","payload":{"data":{"temp":21.4}}}')
        await connection.wait_closed()

    protocol = Subprotocol("graphql-transport-ws")
    async with serving(speak, subprotocols=[protocol]) as profile:
        more = f'subprotocols = ["{protocol}"]\n'
        async with live(tmp_path, config=config(profile.url, more), filters=()) as app:
            await app.connected()
            await app.press("3")
            await app.sees('"type":"next"')
            await app.press("enter")
            await app.sees('next  id "7"')
            await app.sees("graphql")


async def test_a_path_of_socket_io_tells_what_a_lone_digit_means(tmp_path: Path) -> None:
    async def speak(connection: ServerConnection) -> None:
        await connection.send("2")
        await connection.wait_closed()

    async with serving(speak) as profile:
        url = str(profile.url).replace("/chat?room=1", "/socket.io/?EIO=4")
        async with live(tmp_path, config=config(url), filters=()) as app:
            await app.connected()
            await app.press("3")
            await app.until(lambda: any("tx" in line for line in app.lines), "the frame")
            await app.press("enter")
            await app.sees("Engine.IO ping")
