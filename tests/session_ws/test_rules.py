"""Frames that are sent by themselves because of what came."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace

import pytest
from websockets.asyncio.server import ServerConnection

from mqttx_tui.model.profile import Profile, SavedMessage
from mqttx_tui.session.ws_rules import FrameRules
from tests.session_ws.running import Running, quiet, running
from tests.support.wait import FACTOR, eventually
from tests.support.websockets import idle, serving


async def test_saved_messages_answer_frames_that_match() -> None:
    received: list[str | bytes] = []

    async def ask(connection: ServerConnection) -> None:
        await connection.send('{"type": "auth_required"}')
        received.append(await connection.recv())
        await connection.send('{"type": "auth_ok"}')
        received.append(await connection.recv())
        await connection.wait_closed()

    saved = (
        SavedMessage("login", when='.type == "auth_required"', payload="token-77", secret=True),
        SavedMessage("events", when='.type == "auth_ok"', payload='{"id":1}'),
        SavedMessage("broken", when="(", payload="x"),
        SavedMessage("engine", when="connected", payload="never from here"),
    )
    async with serving(ask) as profile:
        wanted = replace(quiet(profile), messages=saved)
        async with running(wanted) as run:
            await eventually(lambda: len(received) == 2)
            assert received == ["token-77", '{"id":1}']
            assert [row.payload for row in run.sink.rows] == [
                b'{"type": "auth_required"}',
                b"login, 8 B",
                b'{"type": "auth_ok"}',
                b'{"id":1}',
            ]
            assert [level for level, _ in run.observer.notices] == ["error"]
            assert "broken" in run.observer.notices[0][1]
        received.clear()
        async with running(replace(wanted, read_only=True)) as run:
            await eventually(lambda: run.sink.rows)
            await asyncio.sleep(0.05)
            assert not received


async def test_closing_while_the_rules_are_read_connects_to_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, go = threading.Event(), threading.Event()

    def slow(profile: Profile) -> tuple[FrameRules, list[str]]:
        reading.set()
        go.wait(10)
        return FrameRules([]), []

    monkeypatch.setattr("mqttx_tui.session.websocket.read_rules", slow)
    async with serving(idle) as profile:
        run = Running(replace(quiet(profile), messages=(SavedMessage("m", when="binary", payload="x"),)))
        await eventually(reading.is_set)
        await run.session.close()
        go.set()
        await asyncio.wait_for(run.task, 10 * FACTOR)
        assert not run.observer.stages
