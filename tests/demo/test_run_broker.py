"""``mqttx-tui broker`` as a process of its own."""

from __future__ import annotations

import asyncio
import signal
import sys

import pytest

from mqttx_tui.demo.broker import Broker
from mqttx_tui.demo.run_broker import run_broker
from mqttx_tui.model.errors import AppError
from tests.demo.peers import TIMEOUT, Peer, close_all

PROGRAM = "import asyncio, mqttx_tui.demo.run_broker as r; asyncio.run(r.run_broker(0, 0))"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_says_its_ports_and_ends_in_good_order(number: signal.Signals) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    lines = [(await asyncio.wait_for(process.stderr.readline(), TIMEOUT)).decode() for _ in range(2)]
    assert lines[0].startswith("mqtt://127.0.0.1:")
    assert lines[1].startswith("ws://127.0.0.1:")
    peer = await Peer(int(lines[0].rsplit(":", 1)[1])).connect()
    process.send_signal(number)
    assert [packet.type.name for packet in await peer.closed()] == ["DISCONNECT"]
    assert await asyncio.wait_for(process.communicate(), TIMEOUT) == (b"", b"")
    assert process.returncode == 0
    await close_all()


async def test_a_taken_port_is_said(broker: Broker) -> None:
    with pytest.raises(AppError, match="cannot listen"):
        await run_broker(broker.port, 0)
