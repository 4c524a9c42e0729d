"""A raw WebSocket in the engine: ping, handshake, and closing with a code."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from websockets.asyncio.server import ServerConnection
from websockets.typing import Subprotocol

from mqttx_tui.engine.engine import LocalEngine
from mqttx_tui.model.errors import InputError, LinkError
from mqttx_tui.model.message import Outgoing
from mqttx_tui.model.profile import Profile
from mqttx_tui.model.state import Phase
from tests.engine.fakes import Told, no_answer
from tests.support.mosquitto import Mosquitto
from tests.support.wait import eventually
from tests.support.websockets import idle, serving

SECRET = "s3cr3t-token-of-mine"


@pytest_asyncio.fixture
async def told(tmp_path: Path) -> AsyncIterator[tuple[LocalEngine, Told]]:
    listener = Told()
    engine = LocalEngine(tmp_path / "capture.db", listener=listener, ask=no_answer)
    yield engine, listener
    await engine.shutdown()


async def stands(engine: LocalEngine, listener: Told, profile: Profile) -> int:
    connection = await engine.connect(profile)

    def connected() -> bool:
        state = listener.newest(connection)
        return state is not None and state.phase is Phase.CONNECTED

    await eventually(connected, "connected")
    return connection


async def test_the_handshake_shows_everything_but_secrets(told: tuple[LocalEngine, Told]) -> None:
    engine, listener = told
    offered = [Subprotocol("chat.v2"), Subprotocol("chat")]
    async with serving(idle, subprotocols=offered, server_header="bench") as profile:
        found = replace(
            profile,
            url=str(profile.url).replace("room=1", f"token={SECRET}"),
            headers=(("Authorization", f"Bearer {SECRET}"), ("X-Room", f"7 {SECRET[:4]}"), ("Cookie", "a=b")),
            subprotocols=("chat",),
        )
        connection = await stands(engine, listener, found)
        handshake = await engine.handshake(connection)
    assert SECRET not in repr(handshake)
    assert handshake.request == "GET /chat?token=******** HTTP/1.1"
    sent = dict(handshake.request_headers)
    assert (sent["Authorization"], sent["Cookie"], sent["X-Room"]) == ("********", "********", "7 s3cr")
    assert len(sent["Sec-WebSocket-Key"]) == 24
    came = dict(handshake.response_headers)
    assert (handshake.status, handshake.subprotocol) == (101, "chat")
    assert came["Server"] == "bench"
    assert came["Upgrade"] == "websocket"
    assert handshake.peer.startswith("127.0.0.1:")


async def test_cookies_that_a_server_sets_are_secrets(told: tuple[LocalEngine, Told]) -> None:
    engine, listener = told

    def add(connection: ServerConnection, request: object, response: object) -> None:
        response.headers["Set-Cookie"] = f"id={SECRET}"  # type: ignore[attr-defined]

    async with serving(idle, process_response=add) as profile:
        handshake = await engine.handshake(await stands(engine, listener, profile))
    assert dict(handshake.response_headers)["Set-Cookie"] == "********"


async def test_mqtt_over_tcp_has_no_handshake_but_answers_pings(
    told: tuple[LocalEngine, Told], mosquitto: Mosquitto
) -> None:
    engine, listener = told
    connection = await stands(engine, listener, Profile("lab", f"mqtt://127.0.0.1:{mosquitto.port}"))
    with pytest.raises(InputError, match="no HTTP handshake"):
        await engine.handshake(connection)
    first, second = await asyncio.gather(engine.ping(connection), engine.ping(connection))
    assert first > 0
    assert second > 0
    await engine.disconnect(connection)
    with pytest.raises(LinkError, match="no ping was sent"):
        await engine.ping(connection)


async def test_a_ping_by_hand_on_a_websocket(told: tuple[LocalEngine, Told]) -> None:
    engine, listener = told
    async with serving(idle) as profile:
        connection = await stands(engine, listener, replace(profile, keepalive=0.0))
        took = await engine.ping(connection)
        assert took > 0
        await eventually(lambda: listener.states[-1].round_trip_ms == took, "the header's round trip")


async def test_a_code_that_may_not_be_sent_leaves_the_connection_as_it_is(
    told: tuple[LocalEngine, Told],
) -> None:
    engine, listener = told
    closes: list[tuple[int | None, str | None]] = []

    async def listen(connection: ServerConnection) -> None:
        await connection.wait_closed()
        closes.append((connection.close_code, connection.close_reason))

    async with serving(listen) as profile:
        connection = await stands(engine, listener, profile)
        with pytest.raises(InputError, match="1006"):
            await engine.disconnect(connection, code=1006)
        assert await engine.ping(connection) > 0
        await engine.disconnect(connection, code=4001, reason="déjà vu")
        await eventually(lambda: closes)
    assert closes == [(4001, "déjà vu")]
    await eventually(lambda: listener.states[-1].phase is Phase.CLOSED)


async def test_the_handshake_tells_what_compression_brought(told: tuple[LocalEngine, Told]) -> None:
    engine, listener = told

    async def echo(connection: ServerConnection) -> None:
        async for message in connection:
            await connection.send(message)

    text = b"temperature " * 500
    async with serving(echo) as profile:
        connection = await stands(engine, listener, replace(profile, compression=True))
        await engine.publish(connection, Outgoing("", text))
        await engine.publish(connection, Outgoing("", text))

        await eventually(lambda: engine.counted().received == 2, "both came back")
        handshake = await engine.handshake(connection)
    assert handshake.payload_out == 2 * len(text)
    assert 0 < handshake.wire_in < len(text) // 10
    assert 0 < handshake.wire_out < len(text) // 10
    assert handshake.extensions == ("permessage-deflate",)
