"""Plain TCP and unix links on real sockets."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
import time
from pathlib import Path

import pytest

from mqttx_tui.model.errors import LinkError
from mqttx_tui.model.profile import Profile
from mqttx_tui.transport.names import Address, resolve
from mqttx_tui.transport.sockets import connect_tcp
from tests.support.links import Peer
from tests.support.mosquitto import free_port
from tests.support.servers import deaf_port, silence, talking
from tests.support.wait import FACTOR, eventually


def profile(port: int, timeout: float = 5) -> Profile:
    return Profile("test", f"mqtt://127.0.0.1:{port}", connect_timeout=timeout)


async def test_bytes_travel_both_ways_and_are_counted() -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readexactly(3_000_000))

    async with talking(echo) as port:
        peer = Peer()
        link = await peer.open(profile(port))
        data = bytes(range(256)) * 11_719
        link.write(data[:3_000_000])
        assert await asyncio.wait_for(peer.ended, 10 * FACTOR) is None
    assert bytes(peer.data) == data[:3_000_000]
    assert (link.bytes_in, link.bytes_out) == (3_000_000, 3_000_000)
    assert link.info.peer == f"127.0.0.1:{port}"


async def test_nothing_is_heard_before_the_link_is_there() -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello")

    async with talking(greet) as port:
        peer = Peer()
        await peer.open(profile(port))
        assert not peer.data
        assert not peer.ended.done()
        assert await peer.ended is None
    assert peer.data == b"hello"


async def test_stages_are_timed_and_in_order() -> None:
    async with talking(silence) as port:
        peer = Peer()
        link = await peer.open(Profile("test", f"mqtt://localhost:{port}"))
        link.abort()
    assert [(report.stage, report.status) for report in peer.stages] == [
        ("name", "running"),
        ("name", "ok"),
        ("tcp", "running"),
        ("tcp", "ok"),
    ]
    assert [report.status for report in link.info.stages] == ["ok", "ok"]
    assert all(report.ms > 0 for report in link.info.stages)
    assert link.info.stages[0].detail.startswith("localhost → ")


async def test_a_failed_stage_is_reported_as_failed() -> None:
    peer = Peer()
    with pytest.raises(LinkError) as caught:
        await peer.open(profile(free_port()))
    assert caught.value.stage == "tcp"
    assert caught.value.retry
    assert peer.status() == {"name": "ok", "tcp": "failed"}
    assert peer.stages[-1].detail == caught.value.message


async def test_pausing_stops_the_peer_and_resuming_loses_nothing() -> None:
    total = 20_000_000
    sent = 0

    async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        while sent < total:
            writer.write(b"x" * 100_000)
            await writer.drain()
            sent += 100_000

    async with talking(pour) as port:
        peer = Peer()
        link = await peer.open(profile(port))
        link.pause()
        link.pause()
        stuck = -1
        while stuck != sent:
            stuck = sent
            await asyncio.sleep(0.1)
        assert sent < total
        assert not peer.data
        link.resume()
        assert await asyncio.wait_for(peer.ended, 20 * FACTOR) is None
    assert len(peer.data) == total


async def test_a_slow_peer_pauses_writing_and_close_sends_what_is_queued() -> None:
    go = asyncio.Event()
    received: list[int] = []

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await go.wait()
        received.append(len(await reader.read()))

    async with talking(slow) as port:
        peer = Peer()
        link = await peer.open(profile(port))
        for _ in range(200):
            link.write(b"y" * 100_000)
        assert not peer.writable
        link.close()
        link.write(b"ignored")
        go.set()
        await eventually(lambda: received, "everything queued arrives")
    assert received == [20_000_000]
    assert await peer.ended is None


async def test_writing_becomes_welcome_again() -> None:
    async def sink(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await silence(reader, writer)

    async with talking(sink) as port:
        peer = Peer()
        link = await peer.open(profile(port))
        link.write(b"y" * 20_000_000)
        assert not peer.writable
        await eventually(lambda: peer.writable, "resume_writing")
        link.abort()
        assert await peer.ended is None


async def test_a_reset_is_named() -> None:
    async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(1)
        writer.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
        writer.transport.abort()

    async with talking(reset) as port:
        peer = Peer()
        link = await peer.open(profile(port))
        link.write(b"x")
        error = await peer.ended
    assert error is not None
    assert (error.stage, error.title, error.retry) == ("link", "Connection reset", True)


async def test_what_had_arrived_before_a_write_failed_is_heard() -> None:
    """A peer that is killed leaves its last bytes here; that ours fail must not cost them."""
    gone = asyncio.Event()

    async def talk_and_die(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(1)
        writer.write(b"last words" * 1000)
        await writer.drain()
        writer.transport.abort()
        gone.set()

    async with talking(talk_and_die) as port:
        peer = Peer()
        link = await peer.open(profile(port))
        link.pause()
        link.write(b"?")
        await gone.wait()
        while not peer.ended.done():
            link.write(b"an acknowledgement")
            await asyncio.sleep(0)
        assert isinstance(await peer.ended, LinkError)
    assert bytes(peer.data) == b"last words" * 1000
    assert link.bytes_in == 10_000


async def test_the_next_address_is_tried_when_one_refuses_or_is_deaf() -> None:
    async with talking(silence) as port, deaf_port() as deaf:
        addresses = [
            Address(socket.AF_INET, ("127.0.0.1", free_port())),
            Address(socket.AF_INET, ("127.0.0.1", deaf)),
            Address(socket.AF_INET, ("127.0.0.1", port)),
        ]
        started = time.monotonic()
        stream, address = await connect_tcp(addresses)
        stream.close()
    assert address == addresses[2]
    assert time.monotonic() - started < 1 * FACTOR


async def test_a_refusal_says_more_than_an_unreachable_address() -> None:
    addresses = [
        Address(socket.AF_INET, ("255.255.255.255", 1883)),
        Address(socket.AF_INET, ("127.0.0.1", free_port())),
    ]
    with pytest.raises(LinkError) as caught:
        await connect_tcp(addresses)
    assert caught.value.title == "Connection refused"


@pytest.mark.parametrize("timeout", [0.05, 30])
async def test_connecting_can_be_given_up(timeout: float) -> None:
    async with deaf_port() as port:
        peer = Peer()
        task = asyncio.create_task(peer.open(profile(port, timeout)))
        if timeout > 1:
            await eventually(lambda: "tcp" in peer.status())
            task.cancel()
        started = time.monotonic()
        with pytest.raises(asyncio.CancelledError if timeout > 1 else LinkError):
            await task
    assert time.monotonic() - started < 1 * FACTOR


async def test_numeric_addresses_need_no_lookup_and_families_alternate() -> None:
    assert [address.shown() for address in await resolve("127.0.0.1", 7)] == ["127.0.0.1:7"]
    assert [address.shown() for address in await resolve("::1", 7)] == ["[::1]:7"]


async def test_unix_sockets(tmp_path: Path) -> None:
    path = tmp_path / "broker.sock"

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write((await reader.readexactly(4)).upper())
        writer.close()

    server = await asyncio.start_unix_server(serve, path)
    peer = Peer()
    link = await peer.open(Profile("test", f"mqtt+unix://{path}"))
    link.write(b"ping")
    assert await peer.ended is None
    server.close()
    await server.wait_closed()
    assert peer.data == b"PING"
    assert peer.status() == {"tcp": "ok"}
    assert link.info.transport == "unix"


async def test_a_socket_of_others_is_denied(tmp_path: Path) -> None:
    path = tmp_path / "denied.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        path.chmod(0)
        root = os.geteuid() == 0
        if root:
            os.seteuid(65_534)
        try:
            with pytest.raises(LinkError) as caught:
                await Peer().open(Profile("test", f"mqtt+unix://{path}"))
        finally:
            if root:
                os.seteuid(0)
    assert (caught.value.stage, caught.value.title) == ("tcp", "Permission denied")
    assert caught.value.hint.endswith(f"ls -l {path}")


async def test_a_proxy_is_not_ignored() -> None:
    with pytest.raises(LinkError) as caught:
        await Peer().open(Profile("test", "mqtt://127.0.0.1:1", proxy="socks5://me:secret-41@127.0.0.1:9"))
    assert (caught.value.stage, caught.value.title) == ("tcp", "Connection refused")
    assert "127.0.0.1:9" in caught.value.message
    assert "secret-41" not in str(caught.value)
