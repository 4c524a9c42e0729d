"""Messages that a profile sends by itself: a real broker, a real WebSocket server."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from websockets.asyncio.server import ServerConnection

from mqttx_tui.capture.reader import CaptureReader
from mqttx_tui.engine.answers import MOST_A_SECOND, Cap
from mqttx_tui.engine.engine import LocalEngine
from mqttx_tui.model.message import Message, Outgoing
from mqttx_tui.model.profile import Profile, SavedMessage, Subscription
from mqttx_tui.model.state import Phase
from mqttx_tui.session.saved import outgoing_of
from tests.engine.fakes import Told, no_answer
from tests.support.mosquitto import Mosquitto, find
from tests.support.wait import eventually
from tests.support.websockets import serving


class Bench:
    """An engine that told and captured."""

    def __init__(self, directory: Path) -> None:
        self.told = Told()
        self.path = directory / "capture.db"
        self.engine = LocalEngine(self.path, listener=self.told, ask=no_answer)
        self.reader = CaptureReader(self.path)

    async def connect(self, profile: Profile) -> int:
        connection = await self.engine.connect(profile)

        def stands() -> bool:
            state = self.told.newest(connection)
            return state is not None and state.phase is Phase.CONNECTED

        await eventually(stands, "connected")
        return connection

    def sent(self, topic: str | None = None) -> list[Message]:
        found = [one for one in self.reader.messages(1, 10_000, payload=1000) if one.outgoing]
        return [one for one in found if topic in (None, one.topic)]

    def bytes_on_disk(self) -> bytes:
        return b"".join(
            path.read_bytes() for path in self.path.parent.iterdir() if path.name.startswith(self.path.name)
        )


@pytest_asyncio.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.reader.close()
    await made.engine.shutdown()


def lab(broker: Mosquitto, *messages: SavedMessage, filters: tuple[str, ...] = (), **changes: Any) -> Profile:
    subscriptions = tuple(Subscription(one, 1) for one in filters)
    url = f"mqtt://127.0.0.1:{broker.port}"
    return Profile("lab", url, messages=messages, subscriptions=subscriptions, **changes)


async def test_every_with_a_template_is_heard_by_others(bench: Bench, mosquitto: Mosquitto) -> None:
    program = find("mosquitto_sub")
    assert program
    topic = f"beat/{os.getpid()}"
    listener = await asyncio.create_subprocess_exec(
        *(program, "-p", str(mosquitto.port), "-t", topic, "-C", "3", "-W", "20"),
        stdout=asyncio.subprocess.PIPE,
    )
    beat = SavedMessage(
        "beat", topic, payload='{"n": {{ counter }}, "by": "{{ client_id }}"}', every=0.2, template=True
    )
    await bench.connect(lab(mosquitto, beat, client_id=f"bench-{os.getpid()}"))
    out, _ = await listener.communicate()
    heard = [json.loads(line) for line in out.splitlines()]
    numbers = [one["n"] for one in heard]
    assert numbers == list(range(numbers[0], numbers[0] + 3))
    assert {one["by"] for one in heard} == {f"bench-{os.getpid()}"}


async def test_when_answers_what_matches_over_mqtt(bench: Bench, mosquitto: Mosquitto) -> None:
    answer = SavedMessage("answer", "when/answer", payload="{{ counter }}", when=".ask == 1", template=True)
    broken = SavedMessage("broken", "when/broken", payload="x", when=". >")
    connection = await bench.connect(lab(mosquitto, answer, broken, filters=("when/#",)))
    for payload in (b'{"ask": 1}', b'{"ask": 2}', b'{"ask": 1}'):
        await bench.engine.publish(connection, Outgoing("when/question", payload, 1))
    await eventually(lambda: len(bench.sent("when/answer")) == 2, "two answers")
    assert [one.payload for one in bench.sent("when/answer")] == [b"1", b"2"]
    assert any("broken" in text and "column" in text for _, text in bench.told.notices)
    assert not bench.sent("when/broken")


async def test_a_message_that_answers_itself_is_capped_and_told(bench: Bench, mosquitto: Mosquitto) -> None:
    echo = SavedMessage("echo", "loop/x", payload="again", when="loop/#")
    connection = await bench.connect(lab(mosquitto, echo, filters=("loop/#",)))
    await bench.engine.publish(connection, Outgoing("loop/x", b"first", 1))
    await eventually(lambda: any("answers a second" in text for _, text in bench.told.notices), "the notice")
    assert len([text for _, text in bench.told.notices if "answer itself" in text]) == 1
    await bench.engine.disconnect(connection)
    await bench.engine.writer.flushed()
    assert len(bench.sent("loop/x")) - 1 >= MOST_A_SECOND


def test_the_cap_lets_ten_pass_in_each_second() -> None:
    now = [0.0]
    cap = Cap(lambda: now[0])
    assert [cap.passes() for _ in range(12)] == [True] * 10 + [False] * 2
    assert [cap.tells(), cap.tells()] == [True, False]
    now[0] = 1.5
    assert cap.passes()
    now[0] = 40
    assert cap.tells()


async def test_an_unknown_placeholder_is_told_and_nothing_is_sent(bench: Bench, mosquitto: Mosquitto) -> None:
    message = SavedMessage("typo", "typo/x", payload="{{ uid }}", on_connect=True, template=True)
    await bench.connect(lab(mosquitto, message))
    await eventually(lambda: any("{{ uid }}" in text for _, text in bench.told.notices), "the notice")
    assert any("column 1" in text and "{{ uuid }}" in text for _, text in bench.told.notices)
    assert not bench.sent()


async def test_a_login_flow_over_a_websocket_keeps_its_secret(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HA_TOKEN", "tok-5521-xyz")
    heard: list[str | bytes] = []

    async def house(connection: ServerConnection) -> None:
        await connection.send('{"type": "auth_required"}')
        heard.append(await connection.recv())
        await connection.send('{"type": "auth_ok"}')
        heard.append(await connection.recv())
        await connection.wait_closed()

    login = SavedMessage(
        "login",
        payload='{"type":"auth","access_token":"${HA_TOKEN}"}',
        when='.type == "auth_required"',
        template=True,
        secret=True,
    )
    events = SavedMessage(
        "all events", payload='{"id":{{ counter }}}', when=".type == auth_ok", template=True
    )
    async with serving(house) as profile:
        connection = await bench.connect(replace(profile, messages=(login, events)))
        await eventually(lambda: len(heard) == 2, "the login")
        assert heard == ['{"type":"auth","access_token":"tok-5521-xyz"}', '{"id":1}']
        await eventually(lambda: len(bench.sent()) == 2, "both in the capture")
        assert bench.sent()[0].payload == b"login, 45 B"
        assert b"tok-5521-xyz" not in bench.bytes_on_disk()
        await bench.engine.disconnect(connection)
        heard.clear()
        await bench.connect(replace(profile, key="look", read_only=True, messages=(login, events)))
        await eventually(
            lambda: len([m for m in bench.reader.messages(1, 100, payload=100) if not m.outgoing]) == 3,
            "the question again",
        )
        assert not heard


async def test_a_secret_template_over_mqtt_stays_out_of_the_capture(
    bench: Bench, mosquitto: Mosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOOR_PIN", "pin-90817")
    message = SavedMessage(
        "unlock",
        "door/unlock",
        payload="${DOOR_PIN} {{ counter }}",
        qos=1,
        on_connect=True,
        template=True,
        secret=True,
    )
    connection = await bench.connect(lab(mosquitto, message))
    await eventually(lambda: bench.sent("door/unlock"), "sent")
    await bench.engine.disconnect(connection)
    await bench.engine.writer.flushed()
    assert bench.sent("door/unlock")[0].payload == b"unlock, 11 B"
    assert b"pin-90817" not in bench.bytes_on_disk()


def test_bytes_are_sent_as_binary_frames(tmp_path: Path) -> None:
    assert outgoing_of(SavedMessage("m", payload="00 ff", format="hex")).binary
    assert not outgoing_of(SavedMessage("m", payload="00 ff")).binary
    file = tmp_path / "fw.bin"
    file.write_bytes(b"\xff\x00")
    assert outgoing_of(SavedMessage("m", payload_file=str(file))).binary
    file.write_text("text")
    assert not outgoing_of(SavedMessage("m", payload_file=str(file))).binary
