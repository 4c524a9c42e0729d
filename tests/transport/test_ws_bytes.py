"""MQTT bytes inside WebSocket frames."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection

from mqttx_tui.model.profile import Profile, TlsOptions
from tests.support.certificates import Certificates
from tests.support.links import Peer, failure_of
from tests.support.mosquitto import Mosquitto
from tests.support.servers import server_context
from tests.support.wait import FACTOR, eventually
from tests.support.websockets import Handler, end, idle, serving

CONNECT = bytes.fromhex("100c00044d5154540402003c0000")
"""CONNECT of MQTT 3.1.1 with an empty client identifier."""


def mqtt(profile: Profile) -> Profile:
    return replace(profile, protocol="mqtt")


async def echo(connection: ServerConnection) -> None:
    async for message in connection:
        await connection.send(message)


async def test_megabytes_travel_both_ways(certificates: Certificates) -> None:
    context = server_context(certificates.server_cert, certificates.server_key)
    for secure in (False, True):
        options: dict[str, Any] = {"ssl": context} if secure else {}
        async with serving(echo, subprotocols=["mqtt"], max_size=None, **options) as profile:
            assert isinstance(profile.url, str)
            url = profile.url.replace("ws://127.0.0.1", "wss://localhost") if secure else profile.url
            peer = Peer()
            link = await peer.open(replace(mqtt(profile), url=url, tls=TlsOptions(ca=certificates.ca)))
            data = bytes(range(256)) * 20_000
            link.write(data[:1])
            link.write(data[1:])
            await eventually(lambda: len(peer.data) == len(data), timeout=20)  # noqa: B023
            assert peer.data == data
            assert link.info.subprotocol == "mqtt"
            assert link.info.extensions == ()
            assert link.bytes_in > len(data)
            link.close()
            assert await end(peer) is None


async def test_packets_may_be_cut_and_joined_by_frames() -> None:
    async def chop(connection: ServerConnection) -> None:
        await connection.send([b"\x20", b"\x02\x00", b"\x00"])
        await connection.ping(b"in between")
        for byte in b"abcdef":
            await connection.send(bytes([byte]))
        await connection.send(b"")
        await connection.close()

    async with serving(chop, subprotocols=["mqtt"]) as profile:
        peer = Peer()
        await peer.open(mqtt(profile))
        assert await end(peer) is None
    assert peer.data == b"\x20\x02\x00\x00abcdef"


@pytest.mark.parametrize(
    ("version", "subprotocols", "offered"),
    [("auto", (), "mqtt"), ("3.1", (), "mqttv3.1"), ("5", ("mqttv5", "mqtt"), "mqttv5, mqtt")],
)
async def test_the_subprotocol_is_offered(version: Any, subprotocols: tuple[str, ...], offered: str) -> None:
    seen: list[str] = []

    async def look(connection: ServerConnection) -> None:
        assert connection.request is not None
        seen.append(connection.request.headers["Sec-WebSocket-Protocol"])
        assert "Sec-WebSocket-Extensions" not in connection.request.headers
        assert "Authorization" not in connection.request.headers
        await connection.wait_closed()

    async with serving(look, subprotocols=["mqtt", "mqttv3.1", "mqttv5"]) as profile:
        peer = Peer()
        wanted = replace(
            mqtt(profile),
            mqtt=version,
            subprotocols=subprotocols,
            compression=True,
            username="u",
            password="p",
        )
        link = await peer.open(wanted)
        await eventually(lambda: seen)
        link.abort()
    assert seen == [offered]


def closing(code: int) -> Handler:
    async def handler(connection: ServerConnection) -> None:
        await connection.close(code)

    return handler


async def test_an_orderly_end_is_none_and_another_close_is_named() -> None:
    async def abort(connection: ServerConnection) -> None:
        connection.transport.abort()

    for handler in (closing(1000), closing(1001), abort):
        async with serving(handler, subprotocols=["mqtt"]) as profile:
            peer = Peer()
            await peer.open(mqtt(profile))
            assert await end(peer) is None
    async with serving(closing(1008), subprotocols=["mqtt"]) as profile:
        error = await failure_of(mqtt(profile))
    assert (error.stage, error.code) == ("link", 1008)


async def test_a_slow_server_pauses_writing() -> None:
    go = asyncio.Event()
    sizes: list[int] = []

    async def slow(connection: ServerConnection) -> None:
        await go.wait()
        async for message in connection:
            sizes.append(len(message))

    async with serving(slow, subprotocols=["mqtt"], max_size=None, max_queue=1) as profile:
        peer = Peer()
        link = await peer.open(mqtt(profile))
        for _ in range(200):
            link.write(b"w" * 100_000)
        assert not peer.writable
        go.set()
        await eventually(lambda: peer.writable and len(sizes) == 200, timeout=20)
        link.abort()
    assert sum(sizes) == 20_000_000


async def test_credentials_do_not_reach_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("websockets.server").setLevel(logging.WARNING)
    async with serving(idle, subprotocols=["mqtt"]) as profile:
        peer = Peer()
        link = await peer.open(replace(mqtt(profile), headers=(("Authorization", "Bearer geheim-9921"),)))
        link.abort()
    assert "geheim-9921" not in caplog.text


@pytest.mark.mosquitto
async def test_mosquitto_answers_connect(mosquitto: Mosquitto) -> None:
    peer = Peer()
    link = await peer.open(Profile("test", f"mqtt+ws://127.0.0.1:{mosquitto.ports['ws']}/mqtt"))
    link.write(CONNECT)
    await eventually(lambda: len(peer.data) == 4)
    assert peer.data == b"\x20\x02\x00\x00"
    link.write(b"\xe0\x00")
    assert await asyncio.wait_for(peer.ended, 5 * FACTOR) is None
