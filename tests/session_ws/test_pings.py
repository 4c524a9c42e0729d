"""Pings by hand on a raw WebSocket, answered and not."""

from __future__ import annotations

import asyncio

import pytest
from websockets.asyncio.server import ServerConnection

from mqttx_tui.model.errors import LinkError
from mqttx_tui.session import pinging
from mqttx_tui.session.registry import make_session
from mqttx_tui.session.ws_keepalive import UNANSWERED, Keepalive
from tests.session_ws.running import quiet, running
from tests.support.servers import talking
from tests.support.sinks import MemoryObserver, MemorySink
from tests.support.wait import eventually
from tests.support.websockets import accept, idle, serving


class Silent:
    """As much of a link as keepalive knows."""

    bytes_in = 0

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def ping(self, payload: bytes = b"") -> None:
        self.sent.append(payload)


async def test_the_round_trip_is_told_to_who_asked_and_to_the_header() -> None:
    async with serving(idle) as profile, running(quiet(profile)) as run:
        took = await run.session.ping()
        assert run.observer.round_trips == [took]
        assert 0 < took < 10_000


async def test_many_at_once_are_told_apart() -> None:
    async with serving(idle) as profile, running(quiet(profile)) as run:
        found = await asyncio.gather(*(run.session.ping() for _ in range(5)))
        assert found == run.observer.round_trips


async def test_a_pong_for_the_newest_answers_those_before_it() -> None:
    seen: list[float] = []
    link = Silent()
    keepalive = Keepalive(link, 0, seen.append)  # type: ignore[arg-type]
    pings = [keepalive.ping() for _ in range(3)]
    keepalive.pong(link.sent[1])
    assert [ping.answered.done() for ping in pings] == [True, True, False]
    assert len(seen) == 1
    keepalive.pong(b"of nobody")
    keepalive.pong(link.sent[0])
    assert len(seen) == 1
    keepalive.ended()
    assert pings[2].answered.result() is None


async def test_a_peer_that_never_answers_costs_no_memory() -> None:
    link = Silent()
    keepalive = Keepalive(link, 0, lambda _: None)  # type: ignore[arg-type]
    for _ in range(UNANSWERED * 3):
        keepalive.ping()
    assert len(keepalive._waiting) == UNANSWERED


async def test_no_ping_while_down() -> None:
    async with serving(idle) as profile:
        down = make_session(profile, MemorySink(), MemoryObserver())
        with pytest.raises(LinkError, match="no ping was sent"):
            await down.ping()


async def test_a_peer_that_does_not_answer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pinging, "PING_SECONDS", 0.05)

    async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await accept(reader, writer)
        while await reader.read(65_536):
            pass

    async with talking(deaf) as port, serving(idle) as profile:
        url = f"ws://127.0.0.1:{port}/"
        async with running(quiet(type(profile)("deaf", url, protocol="websocket"))) as run:
            with pytest.raises(LinkError, match="no pong from deaf") as caught:
                await run.session.ping()
            assert caught.value.title == "No answer"


async def test_a_link_that_ends_meanwhile_is_told() -> None:
    ended = asyncio.Event()

    async def drop(connection: ServerConnection) -> None:
        await ended.wait()
        connection.transport.abort()

    async with serving(drop, ping_interval=None) as profile, running(quiet(profile)) as run:
        assert run.session._link is not None
        run.session._link.pause()
        asking = asyncio.create_task(run.session.ping())
        await eventually(run.controls)
        ended.set()
        run.session._link.abort()
        with pytest.raises(LinkError, match="was lost before the pong"):
            await asking
