"""Frames and upgrades in the trace are what tshark decodes from the same loopback traffic."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve

from mqttx_tui.capture.reader import CaptureReader
from mqttx_tui.capture.trace import IN, OUT, Entry, Place
from mqttx_tui.engine.engine import LocalEngine
from mqttx_tui.model.message import HTTP, WS_FRAME, Outgoing
from mqttx_tui.model.profile import Profile, Subscription
from mqttx_tui.model.state import Phase
from mqttx_tui.ui.trace_layers import Opened
from mqttx_tui.ui.trace_rows import open_entry
from mqttx_tui.wire.frame_heads import heads_of
from tests.engine.fakes import Told, no_answer
from tests.support.mosquitto import Mosquitto
from tests.support.wait import eventually
from tests.trace.frames import Exchange, SeenFrame, exchange
from tests.trace.wireshark import capturing, missing

TOKEN = "geheim-4711"
CLIENT = "framed-client"
CONTROL = 8


async def talk(
    path: Path, profile: Profile, outgoing: list[Outgoing], until: Callable[[LocalEngine], bool]
) -> None:
    """Connect, send, wait, leave."""
    told = Told()
    engine = LocalEngine(path, listener=told, ask=no_answer, kept=True)
    connection = await engine.connect(profile)

    def stands() -> bool:
        state = told.newest(connection)
        return bool(
            state
            and state.phase is Phase.CONNECTED
            and all(one.granted is not None for one in state.subscriptions)
        )

    await eventually(stands, "connected and subscribed")
    for one in outgoing:
        delivery = engine.deliver(connection, one)
        await asyncio.wait_for(asyncio.shield(delivery.done), 20)
    await eventually(lambda: until(engine), "everything came")
    await engine.disconnect(connection)
    await engine.writer.flushed()
    await engine.shutdown(keep=True)


def opened(path: Path) -> list[tuple[Entry, Opened, list[SeenFrame]]]:
    """Every entry, taken apart as on screen, and its frames."""
    reader = CaptureReader(path)
    found = []
    for entry in reader.trace.after(Place(1, 1), 1_000)[0]:
        message = reader.message(entry.message) if entry.message and not entry.row else None
        given: tuple[Any, ...] = (b"", 0, None)
        if message is not None:
            given = (message.payload, message.flags, message.properties)
        parts = open_entry(entry, reader.trace, *given)
        found.append((entry, parts, frames_shown(parts) or frames_kept(reader, entry)))
    reader.close()
    return found


def frames_shown(parts: Opened) -> list[SeenFrame]:
    """The frame as the parts of an entry say it; none where it has several."""
    found: dict[str, Any] = {field.name.removeprefix("frame "): field.value for field in parts.fields}
    if "masking key" not in found and found.get("mask") is not False:
        return []
    opcode = ["continuation", "text", "binary", *[""] * 5, "close", "ping", "pong"].index(found["opcode"])
    rsv = 4 if "RSV1" in found["extensions"] else 0
    key = str(found.get("masking key", "")).replace(" ", "")
    return [SeenFrame(opcode, found["fin"], rsv, found["payload length"], key)]


def frames_kept(reader: CaptureReader, entry: Entry) -> list[SeenFrame]:
    heads, _ = reader.trace.frames(entry)
    return [
        SeenFrame(head.opcode, head.fin, head.rsv, head.length, head.key.hex()) for _, head in heads_of(heads)
    ]


def check_heads(found: list[tuple[Entry, Opened, list[SeenFrame]]], said: Exchange, direction: int) -> None:
    """Line by line; a secret is eight stars here."""
    ours = [parts for entry, parts, _ in found if entry.type == HTTP and entry.direction == direction]
    lines = [parts.raw.decode("latin-1").split("\r\n")[:-2] for parts in ours]
    theirs = [[line.replace(TOKEN, "********") for line in head] for head in said.heads]
    hidden = [
        [line if not line.startswith("Authorization") else "Authorization: ********" for line in head]
        for head in theirs
    ]
    assert lines == hidden
    for parts in ours:
        names = [field.name for field in parts.fields]
        assert names[0] == ("request" if direction == OUT else "status")
        assert names[1:] == [line.partition(":")[0] for line in parts.raw.decode().split("\r\n")[1:-2]]


def frames(found: list[tuple[Entry, Opened, list[SeenFrame]]], direction: int) -> list[SeenFrame]:
    """Those of one direction; one that carried several packets once (masking keys tell them apart)."""
    all_of_them = [one for entry, _, each in found if entry.direction == direction for one in each]
    return list(dict.fromkeys(all_of_them)) if direction == OUT else all_of_them


async def test_a_raw_exchange(tmp_path: Path) -> None:
    if why := await asyncio.to_thread(missing):
        pytest.skip(why)
    ports: list[int] = []

    async def speak(connection: ServerConnection) -> None:
        ports.append(connection.remote_address[1])
        await connection.send("plain " * 40)
        await connection.send([b"in ", b"two"])
        await (await connection.ping(b"server"))
        async for message in connection:
            await connection.send(message)

    file, db = tmp_path / "loopback.pcapng", tmp_path / "capture.db"
    async with serve(speak, "127.0.0.1", 0, compression="deflate", ping_interval=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        profile = Profile(
            "raw",
            f"ws://127.0.0.1:{port}/chat?token={TOKEN}",
            protocol="websocket",
            compression=True,
            subprotocols=(),
            headers=(("Authorization", f"Bearer {TOKEN}"), ("X-Room", "one")),
            keepalive=60,
        )
        outgoing = [
            Outgoing("", b"a text"),
            Outgoing("", bytes(70_000), binary=True),
            Outgoing("", b"in four frames", fragments=4),
        ]
        recording = capturing(port, file)
        await asyncio.to_thread(recording.__enter__)
        try:
            await talk(db, profile, outgoing, lambda engine: engine.counted().received >= 5)
        finally:
            await asyncio.to_thread(recording.__exit__, None, None, None)
    found = await asyncio.to_thread(opened, db)
    server_said, we_said = await asyncio.to_thread(exchange, file, port, ports[-1])
    check_heads(found, we_said, OUT)
    check_heads(found, server_said, IN)
    assert frames(found, IN) == server_said.frames
    assert sorted(frames(found, OUT)) == sorted(we_said.frames)
    assert {one.opcode for one in we_said.frames} == {0, 1, 2, 8, 9, 10}
    assert {one.rsv for one in server_said.frames} == {0, 4}
    assert TOKEN.encode() not in db.read_bytes()
    closes = [entry for entry, _, _ in found if entry.type == WS_FRAME + CONTROL]
    assert [(entry.direction, entry.reason) for entry in closes] == [(OUT, 1000), (IN, 1000)]


@pytest.mark.mosquitto
async def test_mqtt_in_frames(mosquitto: Mosquitto, tmp_path: Path) -> None:
    if why := await asyncio.to_thread(missing):
        pytest.skip(why)
    port = mosquitto.ports["ws"]
    profile = Profile(
        "framed",
        f"mqtt+ws://127.0.0.1:{port}/mqtt",
        mqtt="5",
        client_id=CLIENT,
        headers=(("Authorization", f"Bearer {TOKEN}"),),
        subscriptions=(Subscription("framed/#", 2),),
    )
    file, db = tmp_path / "loopback.pcapng", tmp_path / "capture.db"
    recording = capturing(port, file)
    await asyncio.to_thread(recording.__enter__)
    try:
        outgoing = [Outgoing(f"framed/{qos}", bytes(size), qos) for qos, size in ((0, 10), (1, 300), (2, 0))]
        await talk(db, profile, outgoing, lambda engine: engine.counted().received >= 3)
    finally:
        await asyncio.to_thread(recording.__exit__, None, None, None)
    found = await asyncio.to_thread(opened, db)
    client = client_port(mosquitto)
    server_said, we_said = await asyncio.to_thread(exchange, file, port, client)
    check_heads(found, we_said, OUT)
    check_heads(found, server_said, IN)
    assert sorted(frames(found, IN)) == sorted(server_said.frames)
    assert frames(found, OUT) == we_said.frames
    assert not [note for _, parts, _ in found for note in parts.notes if "not kept" in note]
    assert TOKEN.encode() not in db.read_bytes()


def client_port(broker: Mosquitto) -> int:
    """From which port our client came, by ``New client connected from 127.0.0.1:PORT as NAME``."""
    found = [line for line in broker.log.splitlines() if f"as {CLIENT} " in line and "connected from" in line]
    return int(found[-1].split("connected from ")[1].split(" ")[0].rsplit(":", 1)[1])
