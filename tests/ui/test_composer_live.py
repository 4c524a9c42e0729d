"""The composer and the profile's messages against a real broker and a real WebSocket server."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection

from mqttx_tui.ui.draft import Draft
from tests.support.mosquitto import Mosquitto, find
from tests.support.wait import until
from tests.support.websockets import serving
from tests.ui.live_app import Live, live


async def heard(broker: Mosquitto, topic: str, *arguments: str) -> asyncio.subprocess.Process:
    """mosquitto_sub, subscribed: it has shown the retained message that waits for it."""
    programs = [find("mosquitto_pub"), find("mosquitto_sub")]
    assert all(programs)
    marker = ("-p", str(broker.port), "-t", f"{topic}/ready", "-m", "ready", "-r")
    await (await asyncio.create_subprocess_exec(str(programs[0]), *marker)).wait()
    listener = await asyncio.create_subprocess_exec(
        str(programs[1]),
        *("-p", str(broker.port), "-t", f"{topic}/#", "-W", "30", *arguments),
        stdout=asyncio.subprocess.PIPE,
    )
    assert listener.stdout is not None
    assert b"ready" in await asyncio.wait_for(listener.stdout.readline(), 20)
    return listener


async def line_of(listener: asyncio.subprocess.Process) -> str:
    assert listener.stdout is not None
    return (await asyncio.wait_for(listener.stdout.readline(), 20)).decode().rstrip("\n")


async def end(listener: asyncio.subprocess.Process) -> None:
    listener.terminate()
    await listener.wait()


async def to_composer(app: Live, draft: Draft) -> None:
    await app.press("p")
    await app.until(lambda: app.active == "composer", "the composer")
    app.composer.open_draft(draft)
    app.composer.focus_payload()
    await app.pilot.pause()


@pytest.mark.mosquitto
async def test_mqtt_5_properties_reach_the_wire_by_keys(mosquitto: Mosquitto, tmp_path: Path) -> None:
    topic = f"props/{tmp_path.name}"
    url = f"mqtt://127.0.0.1:{mosquitto.port}"
    listener = await heard(mosquitto, topic, "-V", "5", "-F", "%p|%C|%R|%D|%E|%F|%P")
    async with live(tmp_path, url, filters=()) as app:
        await app.connected()
        await to_composer(app, Draft(f"{topic}/x", "hello"))
        await app.press("tab", "tab", "tab", "tab", "tab", "space", "tab")
        await app.type("text/plain")
        await app.press("tab")
        await app.type("90")
        await app.press("tab")
        await app.type("answers/7")
        await app.press("tab")
        await app.type("hex:41 42")
        await app.press("tab")
        await app.type("room=attic; unit=C")
        await app.press("tab", "U", "f5")
        line = await line_of(listener)
        payload, content, response, correlation, expiry, indicator, users = line.split("|")
        assert (payload, content, response, correlation) == ("hello", "text/plain", "answers/7", "AB")
        assert 80 <= int(expiry) <= 90
        assert (indicator, users) == ("1", "room:attic unit:C")
    await end(listener)


@pytest.mark.mosquitto
async def test_what_is_reused_keeps_its_properties(mosquitto: Mosquitto, tmp_path: Path) -> None:
    topic = f"again/{tmp_path.name}"
    async with live(tmp_path, f"mqtt://127.0.0.1:{mosquitto.port}", filters=(f"{topic}/#",)) as app:
        await app.connected()
        sent = {"user": "k=v", "content_type": "a/b"}
        await to_composer(app, Draft(f"{topic}/x", "hello", properties=sent))
        await app.press("f5")
        await app.until(lambda: any("←" in line and "hello" in line for line in app.lines), "it came back")
        app.composer.open_draft(Draft())
        await app.press("escape", "3", "end", "r")
        await app.until(lambda: app.composer.draft.topic == f"{topic}/x", "reused")
        assert app.composer.draft.properties == sent


@pytest.mark.mosquitto
async def test_under_3_1_1_nothing_of_it_is_sent(mosquitto: Mosquitto, tmp_path: Path) -> None:
    topic = f"old/{tmp_path.name}"
    config = f'schema = 1\n[connections.old]\nurl = "mqtt://127.0.0.1:{mosquitto.port}"\nmqtt = "3.1.1"\n'
    listener = await heard(mosquitto, topic, "-V", "5", "-F", "%p|%P")
    async with live(tmp_path, "old", config=config, filters=()) as app:
        await app.connected()
        await to_composer(app, Draft(f"{topic}/x", "hello", properties={"user": "k"}))
        await app.press("f5")
        assert await line_of(listener) == "hello|"
    await end(listener)


@pytest.mark.mosquitto
async def test_a_bad_property_is_said_and_nothing_is_sent(mosquitto: Mosquitto, tmp_path: Path) -> None:
    async with live(tmp_path, f"mqtt://127.0.0.1:{mosquitto.port}", filters=()) as app:
        await app.connected()
        await to_composer(app, Draft("a/x", "hello", properties={"user": "k"}))
        await app.press("f5")
        await app.sees("'k' has no =")
        assert app.sent == []
        assert app.composer.draft.properties == {"user": "k"}


@pytest.mark.mosquitto
async def test_messages_of_the_profile_go_out_by_themselves(mosquitto: Mosquitto, tmp_path: Path) -> None:
    topic = f"auto/{tmp_path.name}"
    config = f"""\
schema = 1
[connections.house]
url = "mqtt://127.0.0.1:{mosquitto.port}"
subscriptions = ["{topic}/ask"]
[[connections.house.messages]]
name = "beat"
topic = "{topic}/beat"
payload = "{{{{ counter }}}}"
template = true
every = 0.2
[[connections.house.messages]]
name = "answer"
topic = "{topic}/answer"
payload = "pong"
when = ". == ping"
"""
    listener = await heard(mosquitto, topic, "-v")
    async with live(tmp_path, "house", config=config, filters=()) as app:
        await app.connected()
        beats: list[int] = []
        while len(beats) < 3:
            name, _, payload = (await line_of(listener)).partition(" ")
            assert name == f"{topic}/beat"
            beats.append(int(payload))
        assert beats == [1, 2, 3]
        await to_composer(app, Draft(f"{topic}/ask", "ping"))
        await app.press("f5")
        found = ""
        while not found.endswith("/answer pong"):
            found = await line_of(listener)
    await end(listener)


async def test_a_login_over_a_websocket_and_no_byte_of_the_token_in_the_capture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HA_TOKEN", "tok-81723-xyz")
    said: list[str | bytes] = []

    async def house(connection: ServerConnection) -> None:
        await connection.send('{"type": "auth_required"}')
        said.append(await connection.recv())
        await connection.send('{"type": "auth_ok"}')
        said.append(await connection.recv())
        await connection.wait_closed()

    async with serving(house) as profile:
        config = f"""\
schema = 1
[connections.ha]
url = "{profile.url}"
protocol = "websocket"
topic_from = ".type"
[[connections.ha.messages]]
name = "login"
when = '.type == "auth_required"'
template = true
secret = true
payload = '{{"type":"auth","access_token":"${{HA_TOKEN}}"}}'
[[connections.ha.messages]]
name = "all events"
when = '.type == "auth_ok"'
payload = '{{"id":1,"type":"subscribe_events"}}'
"""
        async with live(tmp_path, "ha", config=config, filters=()) as app:
            await app.connected()
            await app.until(lambda: len(said) == 2, "the login flow")
            assert said[0] == '{"type":"auth","access_token":"tok-81723-xyz"}'
            await app.until(lambda: len(app.sent) == 2, "both captured")
            assert app.sent[0].payload == b"login, 46 B"
            path = Path(app.app.capture_path)
            kept = b"".join(
                one.read_bytes() for one in path.parent.iterdir() if one.name.startswith(path.name)
            )
            assert b"tok-81723-xyz" not in kept
            await app.sees("login, 46 B")


async def test_a_secret_sent_by_hand_stays_out_of_capture_and_history(
    tmp_path: Path, state_folder: Path
) -> None:
    said: list[str | bytes] = []

    async def listen(connection: ServerConnection) -> None:
        async for frame in connection:
            said.append(frame)

    async with serving(listen) as profile:
        config = f"""\
schema = 1
[connections.chat]
url = "{profile.url}"
protocol = "websocket"
[[connections.chat.messages]]
name = "login"
payload = "pin-556677"
secret = true
"""
        async with live(tmp_path, "chat", config=config, filters=()) as app:
            await app.connected()
            await app.press("p")
            await app.until(lambda: app.active == "composer", "the composer")
            await app.press("ctrl+o")
            await app.sees("Saved messages of chat")
            await app.press("f5")
            await app.until(lambda: said == ["pin-556677"], "sent")
            await app.until(lambda: len(app.sent) == 1, "captured")
            assert app.sent[0].payload == b"login, 10 B"
            path = Path(app.app.capture_path)
            for one in path.parent.iterdir():
                if one.is_file():
                    assert b"pin-556677" not in one.read_bytes(), one.name
        until(lambda: not list(state_folder.rglob("*.jsonl")), "nothing remembered")
