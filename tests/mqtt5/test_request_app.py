"""Request and response in the app (MQTT 5.0 §4.10): sent from the composer, paired in the inspector."""

from __future__ import annotations

import asyncio
import json
import subprocess
import uuid
from pathlib import Path

import pytest

from mqttx_tui.capture.reader import CaptureReader
from mqttx_tui.model.message import OUTGOING, RETAIN, Message, Row
from mqttx_tui.ui.draft import Draft
from mqttx_tui.ui.pairing import TIMEOUT_SECONDS, Pair, answer_words, as_answer, as_request, pairs_of
from mqttx_tui.ui.panes.inspector import InspectorPane
from mqttx_tui.wire.properties import encode_properties
from tests.capture.support import capturing, connect, settled
from tests.cli.commands import run
from tests.mqtt5.support import beside, prints, says, tool
from tests.support.mosquitto import Mosquitto
from tests.support.wait import eventually
from tests.ui.live_app import live


async def test_a_request_from_the_composer_is_answered(mosquitto: Mosquitto, tmp_path: Path) -> None:
    topic = f"ask/{uuid.uuid4().hex}"
    sent = {"response_topic": f"{topic}/answer", "correlation_data": "c-1"}
    program = [*tool("mosquitto_sub"), "-p", str(mosquitto.port), "-i", topic, "-V", "5", "-t", topic]
    async with (
        beside("-F", "%R %D %p", program=program) as other,
        live(tmp_path, f"mqtt://127.0.0.1:{mosquitto.port}", filters=(f"{topic}/none",)) as app,
    ):
        await app.connected()
        await eventually(lambda: f"Sending SUBACK to {topic}" in mosquitto.log)
        await app.press("p")
        await app.until(lambda: app.active == "composer", "the composer")
        app.composer.open_draft(Draft(topic, "temp?", qos=1, properties=sent))
        app.composer.focus_payload()
        await app.press("f5")
        await app.sees("no answer yet")
        await eventually(lambda: bytes(other.out) == f"{topic}/answer c-1 temp?\n".encode())
        for correlation, payload in (("c-2", "stranger"), ("c-1", "21 degrees")):
            words = ["-p", str(mosquitto.port), "-V", "5", "-t", f"{topic}/answer", "-m", payload]
            words += ["-D", "publish", "correlation-data", correlation]
            await asyncio.to_thread(subprocess.run, [*tool("mosquitto_pub"), *words], check=True)
        await app.sees("answered after ")
        await app.until(lambda: any("21 degrees" in line for line in app.lines), "the answer")
        reader = CaptureReader(app.app.capture_path)
        try:
            messages = reader.messages(1, 100)
            [request] = [message for message in messages if message.outgoing]
            [answer] = [message for message in messages if message.payload == b"21 degrees"]
            rows = dict(pairs_of(reader, request, request.at).rows)
            assert rows["answer"].endswith(f" by #{answer.id}")
            assert dict(pairs_of(reader, answer, 0).rows)["request"].startswith(
                f"answers #{request.id} after "
            )
        finally:
            reader.close()
        app.pane(InspectorPane).look_at(answer.id, "Props")
        await app.sees(f"answers #{request.id} after ")


def properties(correlation: bytes | None = None, response: str = "") -> bytes:
    found: dict[str, object] = {"response_topic": response} if response else {}
    if correlation is not None:
        found["correlation_data"] = correlation
    return encode_properties(found)


Said = tuple[str, bytes, int, bytes | None]


async def captured(path: Path, *messages: Said) -> tuple[CaptureReader, list[Message]]:
    """A capture with these messages: (topic, payload, flags, properties)."""
    async with capturing(path) as writer:
        sink = connect(writer)
        for topic, payload, flags, found in messages:
            ident = sink.topic(topic)
            assert ident is not None
            sink.messages([Row(sink.now(), ident, flags, 10, payload, found)])
        await settled(writer)
    reader = CaptureReader(path)
    return reader, reader.messages(1, 1000)


@pytest.mark.parametrize("correlation", [b"c-1", b"\x00\xff", b""])
async def test_only_the_same_correlation_data_answer(tmp_path: Path, correlation: bytes) -> None:
    reader, found = await captured(
        tmp_path / "c.db",
        ("ask", b"?", OUTGOING, properties(correlation, "to/me")),
        ("to/me", b"stranger", 0, properties(correlation + b"x")),
        ("to/me", b"silent", 0, None),
        ("to/you", b"elsewhere", 0, properties(correlation)),
        ("to/me", b"retained", RETAIN, properties(correlation)),
        ("to/me", b"yes", 0, properties(correlation)),
        ("to/me", b"again", 0, properties(correlation)),
    )
    request, answer = found[0], found[5]
    pair, back = as_request(reader, request, request.at), as_answer(reader, answer)
    reader.close()
    assert pair is not None
    assert pair.answer == answer.id
    assert back is not None
    assert (back.request, back.answer) == (request.id, answer.id)


async def test_a_request_without_correlation_data_takes_the_first_message(tmp_path: Path) -> None:
    more = [("to/me", b"more", 0, None)] * 40
    asked = ("ask", b"?", OUTGOING, properties(response="to/me"))
    reader, found = await captured(
        tmp_path / "c.db", ("to/me", b"before", 0, None), asked, ("to/me", b"yes", 0, None), *more
    )
    pair = as_request(reader, found[1], found[1].at)
    reader.close()
    assert pair is not None
    assert pair.answer == found[2].id


async def test_none_came(tmp_path: Path) -> None:
    reader, found = await captured(tmp_path / "c.db", ("ask", b"?", OUTGOING, properties(b"1", "to/me")))
    at = found[0].at
    soon = as_request(reader, found[0], at + 3_000_000_000)
    late = as_request(reader, found[0], at + int(TIMEOUT_SECONDS + 1) * 1_000_000_000)
    reader.close()
    assert soon is not None
    assert late is not None
    assert (answer_words(soon), soon.waiting) == ("no answer yet, 3 s", True)
    assert (answer_words(late), late.waiting) == ("no answer within 10 s", False)
    assert answer_words(Pair(1, 1234, 0.0144)) == "answered after 14 ms by #1,234"


async def test_a_request_of_mosquitto_rr_is_answered_by_pub(mosquitto: Mosquitto) -> None:
    """Response topic and correlation data come in; the answer that carries them goes out."""
    topic = f"rr/{uuid.uuid4().hex}"
    url = f"mqtt://127.0.0.1:{mosquitto.port}"
    asking = [*tool("mosquitto_rr"), "-p", str(mosquitto.port), "-V", "5", "-t", topic, "-e", f"{topic}/re"]
    async with beside("sub", url, "-t", topic, "-C", "1", "--json") as mine:
        await says(mine, "subscribed")
        words = ["-m", "temp?", "-W", "20", "-D", "publish", "correlation-data", "c-9"]
        async with beside(*words, program=asking) as other:
            [line] = await prints(mine, 1)
            found = json.loads(line)
            assert found["payload"] == "temp?"
            assert found["properties"] == {"response_topic": f"{topic}/re", "correlation_data": "c-9"}
            back = ["-D", "publish", "correlation-data", found["properties"]["correlation_data"]]
            answer = ["pub", url, "-t", found["properties"]["response_topic"], "-m", "21 degrees", *back]
            assert (await asyncio.to_thread(run, *answer)).returncode == 0
            assert await prints(other, 1) == ["21 degrees"]
