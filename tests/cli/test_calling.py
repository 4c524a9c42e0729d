"""``request`` over a raw WebSocket: the answer is the message with the same id."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection

from mqttx_tui.model.errors import Exit
from tests.cli.commands import objects, run
from tests.support.websockets import serving

LONG = "x" * 200_000


async def rpc(connection: ServerConnection) -> None:
    """Answers in its own time: something else first, a call of its own with the same id, then the answer."""
    async for message in connection:
        asked = json.loads(message)
        await connection.send('{"method":"NotifyStatus","params":{}}')
        await connection.send(json.dumps({"id": asked["id"], "method": "ask"}))
        await connection.send(json.dumps({"id": f"{asked['id']} ", "result": "of another"}))
        await connection.send(json.dumps({"id": asked["id"], "result": asked.get("params", LONG)}))


async def ask(target: object, *words: str, **extra: str) -> Any:
    return await asyncio.to_thread(lambda: run("request", str(target), *words, data=None, **extra))


async def test_the_message_with_the_same_id_is_the_answer() -> None:
    async with serving(rpc) as profile:
        done = await ask(profile.url, "-m", '{"id":7,"method":"read","params":[1]}', "--timeout", "20")
    assert (done.returncode, done.stdout) == (Exit.DONE, b'{"id": 7, "result": [1]}\n'), done.stderr
    assert b"answered after " in done.stderr


async def test_a_long_answer_as_json() -> None:
    async with serving(rpc) as profile:
        done = await ask(profile.url, "-m", '{"id":"a","method":"read"}', "--json", "--timeout", "20")
    [found] = objects(done.stdout)
    assert json.loads(found["payload"])["result"] == LONG
    assert (found["frame"], found["direction"]) == ("text", "in")


async def test_none_within_the_time() -> None:
    async with serving(lambda connection: connection.wait_closed()) as profile:
        done = await ask(profile.url, "-m", '{"id":7,"method":"read"}', "--timeout", "0.3")
        late = await ask(profile.url, "-m", '{"id":7}', "--timeout", "0.3", "--after", ".type == ready")
    assert (done.returncode, done.stdout) == (Exit.NOT_ACHIEVED, b"")
    assert b"no answer with id 7 within 0.3 s" in done.stderr
    assert late.returncode == Exit.NOT_ACHIEVED
    assert b"the request was not sent" in late.stderr


HOUSE = """\
schema = 1

[connections.house]
url = "{url}"
protocol = "websocket"
[[connections.house.messages]]
name = "login"
when = '.type == "auth_required"'
template = true
secret = true
payload = '{{"type":"auth","access_token":"${{HOUSE_TOKEN}}"}}'
"""


async def test_it_is_sent_once_the_login_is_done(tmp_path: Path) -> None:
    heard: list[Any] = []

    async def house(connection: ServerConnection) -> None:
        await connection.send('{"type":"auth_required"}')
        heard.append(json.loads(await connection.recv()))
        await connection.send('{"type":"auth_ok"}')
        heard.append(json.loads(await connection.recv()))
        await connection.send('{"id":2,"type":"result","result":"home"}')
        await connection.wait_closed()

    async with serving(house) as profile:
        config = tmp_path / "connections.toml"
        config.write_text(HOUSE.format(url=profile.url))
        words = ("-m", '{"id":2,"type":"get_config"}', "--after", '.type == "auth_ok"', "--timeout", "20")
        done = await ask("house", *words, "--config", str(config), HOUSE_TOKEN="t0ken")
    assert (done.returncode, done.stdout) == (Exit.DONE, b'{"id":2,"type":"result","result":"home"}\n')
    assert heard == [{"type": "auth", "access_token": "t0ken"}, {"id": 2, "type": "get_config"}]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["ws://127.0.0.1:1", "-m", "hello"], "no id that an answer could repeat"),
        (["ws://127.0.0.1:1", "-m", '{"id":1}', "-e", "a/b"], "-e means nothing there"),
        (["ws://127.0.0.1:1", "-m", '{"id":1}', "--after", ".type =="], "column"),
        (["mqtt://127.0.0.1:1", "-m", '{"id":1}'], "no topic"),
        (["mqtt://127.0.0.1:1", "-t", "a", "-m", "x", "--after", ".a"], "--after is for a raw WebSocket"),
    ],
)
def test_what_does_not_go_together(words: list[str], said: str) -> None:
    done = run("request", *words)
    assert (done.returncode, done.stdout) == (Exit.BAD_INPUT, b"")
    assert said in done.stderr.decode()
