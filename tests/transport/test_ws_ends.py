"""Every way in which a WebSocket ends, as a table of expectations."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.asyncio.server import ServerConnection
from websockets.frames import Frame as RawFrame
from websockets.frames import Opcode

from tests.support.links import Peer
from tests.support.wait import FACTOR
from tests.support.websockets import Handler, serving

# The end, as a table.


@dataclass(frozen=True)
class End:
    """A server's way to end a connection, and what is told."""

    name: str
    handler: Handler
    code: int
    title: str
    text: str
    options: tuple[tuple[str, Any], ...] = ()


def closing(code: int, reason: str = "") -> Handler:
    async def handler(connection: ServerConnection) -> None:
        await connection.close(code, reason)

    return handler


async def abort(connection: ServerConnection) -> None:
    connection.transport.abort()


async def masked(connection: ServerConnection) -> None:
    connection.transport.write(RawFrame(Opcode.TEXT, b"masked").serialize(mask=True))
    await connection.wait_closed()


async def twice_too_big(connection: ServerConnection) -> None:
    await connection.send([b"x" * 600, b"x" * 600])
    await connection.wait_closed()


async def crash(connection: ServerConnection) -> None:
    raise RuntimeError("a bug of the server")


async def half_a_frame(connection: ServerConnection) -> None:
    connection.transport.write(RawFrame(Opcode.TEXT, b"x" * 100).serialize(mask=False)[:50])
    await asyncio.sleep(0.05)
    connection.transport.abort()


ENDS = [
    End("normal", closing(1000, "done"), 1000, "Closed with 1000", "normal closure (done)"),
    End("going away", closing(1001, "deploy"), 1001, "Closed with 1001", "going away (deploy)"),
    End("protocol", closing(1002), 1002, "Closed with 1002", "protocol error"),
    End("unsupported", closing(1003), 1003, "Closed with 1003", "unsupported data"),
    End("invalid", closing(1007), 1007, "Closed with 1007", "invalid data"),
    End("policy", closing(1008, "no"), 1008, "Closed with 1008", "policy violation (no)"),
    End("their limit", closing(1009), 1009, "Closed with 1009", "message too big"),
    End("crash", crash, 1011, "Closed with 1011", "server error"),
    End("unauthorised", closing(3000), 3000, "Closed with 3000", "unauthorized"),
    End("private", closing(4711, "\x1b[2J[/]"), 4711, "Closed with 4711", "private code (␛[2J[/])"),
    End("abort", abort, 1006, "Connection cut", "without a close frame (1006)"),
    End("half a frame", half_a_frame, 1006, "Connection cut", "without a close frame (1006)"),
    End("masked", masked, 1002, "WebSocket protocol error", "incorrect masking"),
    End("our limit", twice_too_big, 1009, "Message too big", "over 1,000 bytes"),
]


@pytest.mark.parametrize("case", ENDS, ids=lambda case: case.name)
@pytest.mark.filterwarnings("ignore")
async def test_every_end_has_its_code_and_its_words(case: End) -> None:
    async with serving(case.handler) as profile:
        peer = Peer()
        link = await peer.open_frames(replace(profile, max_packet=1000))
        error = await asyncio.wait_for(peer.ended, 1 * FACTOR)
    assert error is not None
    assert (error.stage, error.code, error.title) == ("link", case.code, case.title)
    assert case.text in error.message
    assert error.retry
    assert link.unfinished == (case.name in ("half a frame", "our limit"))
    closes = [frame for frame in peer.frames if frame.opcode == 8]
    assert [frame.code for frame in closes] == ([case.code] if case.title.startswith("Closed") else [])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(min_size=1, max_size=200), compression=st.booleans())
async def test_any_bytes_after_the_upgrade_end_in_a_known_way(data: bytes, compression: bool) -> None:
    async def babble(connection: ServerConnection) -> None:
        connection.transport.write(data)
        connection.transport.write_eof()
        await connection.wait_closed()

    problems: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, details: problems.append(details))
    async with serving(babble, close_timeout=0.1) as profile:
        peer = Peer()
        await peer.open_frames(replace(profile, compression=compression, max_packet=1000))
        error = await asyncio.wait_for(peer.ended, 5 * FACTOR)
    assert error is not None
    assert error.stage == "link"
    assert not problems
