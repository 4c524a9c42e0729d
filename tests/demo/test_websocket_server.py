"""The demo's raw WebSocket server: chat, calls, ticker."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest
from websockets.asyncio.client import connect

from mqttx_tui.demo.websocket_server import WebSocketServer


@pytest.fixture
async def server() -> AsyncIterator[WebSocketServer]:
    running = WebSocketServer()
    await running.start()
    yield running
    await running.stop()


async def test_everybody_reads_what_is_said_and_only_who_calls_is_answered(server: WebSocketServer) -> None:
    url = f"ws://127.0.0.1:{server.port}/chat"
    async with connect(url) as one, connect(url) as two:
        for each in (one, two):
            assert json.loads(await each.recv())["type"] == "welcome"
        await one.send('{"id":1,"method":"who"}')
        answer = json.loads(await one.recv())
        assert (answer["id"], answer["result"]["here"]) == (1, 2)
        await one.send('{"id":"a","method":"when"}')
        assert json.loads(await one.recv())["error"]["code"] == -32601
        for said in ("hello", "[1]", '{"id":1}', "{", "[" * 100_000):
            await one.send(said)
            assert json.loads(await two.recv())["text"] == said
        await two.send(b"\x01\x02")
        assert await two.recv() == b"\x00\x00\x00\x02\x02\x01"


async def test_the_ticker_trades(server: WebSocketServer) -> None:
    async with connect(f"ws://127.0.0.1:{server.port}/ticker") as ticker:
        assert json.loads(await ticker.recv())["type"] == "trade"
