"""JSON-RPC and ids over a raw WebSocket: requests and answers find each other in the capture."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection

from mqttx_tui.capture.reader import CaptureReader
from mqttx_tui.model.message import OUTGOING, WEBSOCKET
from mqttx_tui.ui.calls import pairs_of
from mqttx_tui.ui.pairing import FAR
from tests.support.websockets import serving
from tests.ui.bench_app import bench
from tests.ui.live_app import live

LATER = 4_000_000_000_000_000_000
CALL = {"jsonrpc": "2.0", "method": "read", "id": 7}
ANSWER = {"jsonrpc": "2.0", "result": 21.4, "id": 7}

# Each line: what is said (">" by us), and the rows that stand below it; messages are 10 ms apart.
TALKS: dict[str, list[tuple[str, object, tuple[tuple[str, str], ...]]]] = {
    "a call and its answer": [
        (">", CALL, (("answer", "answered after 20 ms by #3"),)),
        ("<", {"event": 1}, ()),
        ("<", ANSWER, (("request", "answers #1 after 20 ms"),)),
    ],
    "ids without JSON-RPC": [
        (">", {"id": 1, "type": "subscribe_events"}, (("answer", "answered after 10 ms by #2"),)),
        ("<", {"id": 1, "type": "result", "success": True}, (("request", "answers #1 after 10 ms"),)),
        ("<", {"id": 1, "type": "event"}, (("request", "answers #1 after 20 ms"),)),
    ],
    "more events than are looked through answer one request": [
        (">", {"id": 1, "type": "subscribe_events"}, (("answer", "answered after 10 ms by #2"),)),
        *[
            ("<", {"id": 1, "n": number}, (("request", f"answers #1 after {10 * number} ms"),))
            for number in range(1, 31)
        ],
    ],
    "the server calls": [
        ("<", CALL, (("answer", "answered after 10 ms by #2"),)),
        (">", ANSWER, (("request", "answers #1 after 10 ms"),)),
    ],
    "nothing came": [(">", CALL, (("answer", "no answer within 10 s"),)), ("<", {"id": "7"}, ())],
    "two ways cross with the same id": [
        (">", CALL, (("answer", "answered after 20 ms by #3"),)),
        ("<", CALL, (("answer", "answered after 20 ms by #4"),)),
        ("<", ANSWER, (("request", "answers #1 after 20 ms"),)),
        (">", ANSWER, (("request", "answers #2 after 20 ms"),)),
    ],
    "an id used again": [
        (">", CALL, (("answer", "no answer within 10 s"),)),
        (">", CALL, (("answer", "answered after 10 ms by #3"),)),
        ("<", ANSWER, (("request", "answers #2 after 10 ms"),)),
    ],
    "true is no 1": [(">", {"id": 1}, (("answer", "no answer within 10 s"),)), ("<", {"id": True}, ())],
    "an operation of GraphQL that we end": [
        (">", {"id": "7", "type": "subscribe"}, (("answer", "answered after 10 ms by #2"),)),
        ("<", {"id": "7", "type": "next"}, (("request", "answers #1 after 10 ms"),)),
        (">", {"id": "7", "type": "complete"}, ()),
    ],
    "an event of Socket.IO and its acknowledgement": [
        (">", b'4213["chat","hi"]', (("answer", "answered after 40 ms by #5"),)),
        ("<", b"4313", ()),
        ("<", b"43/admin,13[true]", ()),
        ("<", b"431[true]", ()),
        ("<", b"4313[true]", (("request", "answers #1 after 40 ms"),)),
    ],
    "the server asks over Socket.IO, with attachments": [
        ("<", b'452-/admin,7["file",{}]', (("answer", "answered after 10 ms by #2"),)),
        (">", b"461-/admin,7[{}]", (("request", "answers #1 after 10 ms"),)),
        ("<", b'42["no","id"]', ()),
        (">", b'428["nobody answers"]', (("answer", "no answer within 10 s"),)),
    ],
    "a notification": [(">", {"jsonrpc": "2.0", "method": "tell"}, ()), ("<", {"value": 1}, ())],
}


@pytest.mark.parametrize("name", TALKS)
async def test_requests_and_answers(name: str, tmp_path: Path) -> None:
    talk = TALKS[name]
    rows = [
        (
            "",
            what if isinstance(what, bytes) else json.dumps(what).encode(),
            WEBSOCKET | (OUTGOING if direction == ">" else 0),
        )
        for direction, what, _ in talk
    ]
    async with bench(tmp_path) as app:
        first = await app.feed(rows)
        reader = CaptureReader(app.writer.path)
        found = []
        for number in range(len(rows)):
            message = reader.message(first + number)
            assert message is not None
            found.append(pairs_of(reader, message, LATER).rows)
        reader.close()
    assert first == 1
    assert found == [expected for _, _, expected in talk]


async def test_a_large_answer_is_found_where_no_key_waits(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        large = json.dumps({**ANSWER, "result": "x" * 300_000}).encode()
        await app.feed([("", json.dumps(CALL).encode(), WEBSOCKET | OUTGOING), ("", large, WEBSOCKET)])
        reader = CaptureReader(app.writer.path)
        call, answer = reader.message(1), reader.message(2)
        assert call is not None
        assert answer is not None
        assert [pairs_of(reader, one, LATER).incomplete for one in (call, answer)] == [True, True]
        assert pairs_of(reader, call, LATER, within=FAR).rows == (("answer", "answered after 10 ms by #2"),)
        assert pairs_of(reader, answer, LATER, within=FAR).rows == (("request", "answers #1 after 10 ms"),)
        reader.close()


async def test_the_composer_finds_a_large_answer(tmp_path: Path) -> None:
    async def speak(connection: ServerConnection) -> None:
        async for _ in connection:
            await connection.send(json.dumps({**ANSWER, "result": "x" * 300_000}))

    async with serving(speak) as profile:
        config = f'schema = 1\n\n[connections.rpc]\nurl = "{profile.url}"\n'
        config += 'protocol = "websocket"\nconnect = true\n'
        async with live(tmp_path, config=config, filters=()) as app:
            await app.connected()
            await app.press("p")
            await app.until(lambda: app.active == "composer", "the composer")
            await app.type('{"id":7,"method":"all"}')
            await app.press("enter")
            await app.sees("sent, answered after ")


async def test_the_inspector_tells_what_is_answered_and_what_is_waited_for(tmp_path: Path) -> None:
    async def speak(connection: ServerConnection) -> None:
        async for message in connection:
            if "first" in str(message):
                await connection.send(json.dumps(ANSWER))

    async with serving(speak) as profile:
        config = f'schema = 1\n\n[connections.rpc]\nurl = "{profile.url}"\n'
        config += 'protocol = "websocket"\nconnect = true\n'
        async with live(tmp_path, config=config, filters=()) as app:
            await app.connected()
            await app.press("p")
            await app.until(lambda: app.active == "composer", "the composer")
            await app.type('{"id":7,"method":"first"}')
            await app.press("enter")
            await app.sees("sent, answered after ")
            await app.press("escape", "3")
            await app.sees('"result"')
            await app.press("enter", "right_square_bracket")
            await app.sees("answers #1 after ")
            await app.press("escape", "p", "end", "ctrl+u")
            await app.type('{"id":8,"method":"never"}')
            await app.press("enter", "escape", "3")
            await app.until(lambda: any("never" in line for line in app.lines), "the second call")
            await app.press("end", "enter")
            await app.sees("no answer yet")
