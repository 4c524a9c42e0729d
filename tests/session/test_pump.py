"""The pump, the reader's side and the private socket: bytes both ways, water marks, ends."""

from __future__ import annotations

import asyncio
import os
import socket
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mqttx_tui.model.errors import LinkError
from mqttx_tui.session.pump import HIGH_WATER, LOW_WATER, MAX_SOCKET_PATH, PrivateListener, Pump
from mqttx_tui.transport.base import LinkInfo
from tests.support.wait import eventually


class MemoryLink:
    """``transport.base.Link`` that remembers."""

    def __init__(self) -> None:
        self.info = LinkInfo("tcp")
        self.bytes_in = self.bytes_out = 0
        self.written = bytearray()
        self.paused = False
        self.closed = False
        self.aborted = False

    def write(self, data: bytes) -> None:
        self.written += data

    def pause(self) -> None:
        assert not self.paused
        self.paused = True

    def resume(self) -> None:
        assert self.paused
        self.paused = False

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.aborted = True


class Bench:
    """A pump between a remembering link and a plain socket that stands for paho."""

    def __init__(self) -> None:
        self.link = MemoryLink()
        self.losses: list[LinkError | None] = []
        self.seen = bytearray()
        self.told = 0
        self.pump = Pump(self.losses.append, self._tell, self.seen.extend)
        self.pump.attach(self.link)
        self.inner, self.outer = socket.socketpair()
        self.outer.setblocking(False)

    def _tell(self) -> None:
        self.told += 1

    async def serve(self) -> None:
        """The private socket stands at both ends."""
        self.pump.opened()
        await self.pump.serve(self.inner)


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    made = Bench()
    yield made
    made.pump.drop()
    await made.pump.closed()
    made.outer.close()


async def test_bytes_go_both_ways_and_the_observer_sees_what_went_out(bench: Bench) -> None:
    bench.pump.bytes_received(b"early")
    assert bench.link.paused
    await bench.pump.serve(bench.inner)
    assert not bench.link.paused
    assert bench.told == 0  # paho could not be given a packet yet
    bench.pump.opened()
    assert bench.told == 1
    bench.pump.bytes_received(b" bytes")
    assert bench.told == 2
    assert [bench.pump.take() for _ in range(3)] == [b"early", b" bytes", None]
    bench.outer.send(b"answer")
    await eventually(lambda: bench.link.written == b"answer")
    assert bench.seen == b"answer"
    assert bench.pump.first_bytes == b"early bytes"


async def test_paho_may_hold_its_socket_before_ours_is_served(bench: Bench) -> None:
    bench.pump.bytes_received(b"early")
    bench.pump.opened()
    assert bench.told == 0
    await bench.pump.serve(bench.inner)
    assert bench.told == 1


async def test_a_slow_reader_pauses_the_link(bench: Bench) -> None:
    await bench.serve()
    sent = 0
    while not bench.link.paused:
        bench.pump.bytes_received(b"x" * 65_536)
        sent += 65_536
        assert sent < HIGH_WATER * 4
    assert bench.pump.paused
    assert bench.pump.held_seconds == 0
    taken = 0
    while bench.link.paused:
        taken += len(bench.pump.take() or b"")
    assert 0 < sent - taken <= LOW_WATER
    while bench.pump.more:
        taken += len(bench.pump.take() or b"")
    assert taken == sent


async def test_our_own_packets_go_to_the_link_unseen(bench: Bench) -> None:
    await bench.serve()
    bench.pump.send(b"ours")
    assert bench.link.written == b"ours"
    assert bench.seen == b""
    bench.pump.lost(None)
    bench.pump.send(b"too late")
    assert bench.link.written == b"ours"


async def test_holding_counts_and_outlasts_the_reader(bench: Bench) -> None:
    await bench.serve()
    bench.pump.hold()
    bench.pump.hold()
    assert bench.link.paused
    await eventually(lambda: bench.pump.held_seconds > 0.02)
    bench.pump.release()
    assert not bench.link.paused
    held = bench.pump.held_seconds
    await asyncio.sleep(0)
    assert bench.pump.held_seconds == held


async def test_a_slow_link_leaves_bytes_with_paho(bench: Bench) -> None:
    await bench.pump.serve(bench.inner)
    bench.pump.pause_writing()
    bench.outer.send(b"later")
    for _ in range(20):
        await asyncio.sleep(0)
    assert bench.link.written == b""
    bench.pump.resume_writing()
    await eventually(lambda: bench.link.written == b"later")


async def test_after_the_loss_the_rest_is_read_and_nothing_goes_out(bench: Bench) -> None:
    await bench.serve()
    bench.pump.bytes_received(b"rest")
    bench.pump.lost(None)
    bench.pump.lost(None)
    assert bench.losses == [None]
    assert bench.told == 2
    assert [bench.pump.take() for _ in range(2)] == [b"rest", b""]
    bench.outer.send(b"too late")
    bench.outer.close()
    await asyncio.wait_for(bench.pump.closed(), 5)
    assert bench.link.written == b""
    assert bench.seen == b""


async def test_paho_closing_closes_the_link(bench: Bench) -> None:
    await bench.pump.serve(bench.inner)
    bench.outer.send(b"\xe0\x00")
    bench.outer.close()
    await asyncio.wait_for(bench.pump.closed(), 5)
    assert bench.link.written == b"\xe0\x00"
    assert bench.link.closed


async def test_the_listener_is_private_and_takes_one(monkeypatch: pytest.MonkeyPatch) -> None:
    listener = PrivateListener()
    address = listener.open()
    assert address.transport == "unix"
    assert len(os.fsencode(address.host)) < MAX_SOCKET_PATH
    directory = Path(address.host).parent
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(address.host)
        accepted = await listener.accept()
        with accepted, socket.socket(socket.AF_UNIX) as second, pytest.raises(OSError):
            second.connect(address.host)
    assert not directory.exists()


async def test_a_long_temporary_directory_is_passed_over(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    deep = tmp_path / ("x" * 90)
    deep.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(deep))
    listener = PrivateListener()
    address = listener.open()
    assert len(os.fsencode(address.host)) < MAX_SOCKET_PATH
    listener.stop()


async def test_without_unix_sockets_loopback_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(socket, "AF_UNIX")
    listener = PrivateListener()
    address = listener.open()
    assert (address.transport, address.host) == ("tcp", "127.0.0.1")
    with socket.create_connection((address.host, address.port)):
        accepted = await listener.accept()
        accepted.close()
