"""Raw WebSocket links against ``websockets.serve``: messages both ways, and their flow."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from websockets.asyncio.server import ServerConnection
from websockets.frames import Frame as RawFrame
from websockets.frames import Opcode

from mqttx_tui.model.errors import InputError
from mqttx_tui.model.profile import Profile
from mqttx_tui.transport.base import Frame, FrameLink
from tests.support.links import Peer
from tests.support.servers import talking
from tests.support.wait import FACTOR, eventually
from tests.support.websockets import accept, end, messages, serving

# What arrives.


async def test_text_binary_and_fragments_arrive_whole_with_their_size_on_the_wire() -> None:
    async def speak(connection: ServerConnection) -> None:
        await connection.send("grüße")
        await connection.send(bytes(range(256)))
        await connection.send([b"a" * 10, b"b" * 200, b"c" * 70_000])
        await connection.send("")
        await connection.close()

    async with serving(speak, compression=None) as profile:
        peer = Peer()
        link = await peer.open_frames(profile)
        error = await end(peer)
    text, binary, joined, empty = messages(peer)
    assert text == Frame(1, "grüße".encode(), 2 + 7)
    assert binary == Frame(2, bytes(range(256)), 4 + 256)
    assert joined.payload == b"a" * 10 + b"b" * 200 + b"c" * 70_000
    # The library ends a fragmented message with an empty frame.
    assert (joined.opcode, joined.fragments, joined.size) == (2, 4, 12 + 204 + 70_010 + 2)
    assert empty == Frame(1, b"", 2)
    assert peer.frames[-1].opcode == 8
    assert error is not None
    assert error.code == 1000
    assert link.bytes_in > 70_000
    assert not link.unfinished


async def test_control_frames_between_fragments_keep_their_place() -> None:
    async def speak(connection: ServerConnection) -> None:
        for frame in (
            RawFrame(Opcode.TEXT, b"\xc3", fin=False),
            RawFrame(Opcode.PING, b"in between"),
            RawFrame(Opcode.CONT, b"\xbc"),
        ):
            connection.transport.write(frame.serialize(mask=False))
        await connection.wait_closed()

    async with serving(speak, compression=None) as profile:
        peer = Peer()
        link = await peer.open_frames(profile)
        await eventually(lambda: len(peer.frames) == 2)
        link.abort()
    assert [(frame.opcode, frame.payload) for frame in peer.frames] == [
        (9, b"in between"),
        (1, "ü".encode()),
    ]


async def test_a_ping_is_answered_and_ours_too() -> None:
    latencies: list[float] = []

    async def speak(connection: ServerConnection) -> None:
        latencies.append(await (await connection.ping(b"there?")))
        await connection.wait_closed()

    async with serving(speak, ping_interval=None) as profile:
        peer = Peer()
        link = await peer.open_frames(profile)
        link.ping(b"me")
        await eventually(lambda: len(peer.frames) == 2 and latencies)
        link.abort()
    assert sorted((frame.opcode, frame.payload) for frame in peer.frames) == [(9, b"there?"), (10, b"me")]


async def test_compression_only_when_the_profile_asks() -> None:
    text = "temperature " * 500

    async def speak(connection: ServerConnection) -> None:
        await connection.send(text)
        await connection.wait_closed()

    async with serving(speak) as profile:
        for wanted in (True, False):
            peer = Peer()
            link = await peer.open_frames(replace(profile, compression=wanted))
            await eventually(lambda peer=peer: messages(peer))
            assert link.info.extensions == (("permessage-deflate",) if wanted else ())
            frame = messages(peer)[0]
            assert frame.payload == text.encode()
            assert (frame.size < 200) == wanted
            assert (link.send(text.encode(), binary=False) < 200) == wanted
            link.abort()


async def test_bytes_that_are_not_utf8_are_delivered_and_closed_with_1007() -> None:
    codes: list[int | None] = []

    async def speak(connection: ServerConnection) -> None:
        await connection.send(b"caf\xe9 tor", text=True)
        await connection.send("after")
        await connection.wait_closed()
        codes.append(connection.close_code)

    async with serving(speak) as profile:
        peer = Peer()
        await peer.open_frames(profile)
        error = await end(peer)
        await eventually(lambda: codes)
    assert [(frame.payload, frame.valid) for frame in messages(peer)] == [(b"caf\xe9 tor", False)]
    assert error is not None
    assert (error.code, error.title) == (1007, "Not UTF-8")
    assert codes == [1007]


# What is sent.


async def test_sending_reports_the_size_on_the_wire() -> None:
    received: list[str | bytes] = []

    async def listen(connection: ServerConnection) -> None:
        async for message in connection:
            received.append(message)

    async with serving(listen, max_size=None) as profile:
        peer = Peer()
        link = await peer.open_frames(profile)
        before = link.bytes_out
        sizes = [
            link.send(b"hi", binary=False),
            link.send(b"\x00" * 126, binary=True),
            link.send(b"\x01" * 20_000_000, binary=True),
        ]
        assert sizes == [2 + 4 + 2, 4 + 4 + 126, 10 + 4 + 20_000_000]
        assert link.bytes_out - before == sum(sizes)
        await eventually(lambda: len(received) == 3)
        link.close(4001, "enough")
        assert await end(peer) is None
        assert link.send(b"late", binary=True) == 0
    assert received == ["hi", b"\x00" * 126, b"\x01" * 20_000_000]


async def test_we_close_with_code_and_reason() -> None:
    closes: list[tuple[int | None, str | None]] = []

    async def listen(connection: ServerConnection) -> None:
        await connection.wait_closed()
        closes.append((connection.close_code, connection.close_reason))

    async with serving(listen) as profile:
        peer = Peer()
        link = await peer.open_frames(profile)
        for code, reason in ((1006, ""), (999, ""), (1000, "x" * 124)):
            with pytest.raises(InputError):
                link.close(code, reason)
        link.close(4321, "tschüß")
        assert await end(peer) is None
        await eventually(lambda: closes)
    assert closes == [(4321, "tschüß")]


async def test_a_server_that_ignores_our_close_is_left() -> None:
    async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await accept(reader, writer)
        while await reader.read(1000):
            pass

    async with talking(deaf) as port:
        peer = Peer()
        link = await peer.open_frames(Profile("chat", f"ws://127.0.0.1:{port}/", protocol="websocket"))
        link.close()
        assert await asyncio.wait_for(peer.ended, 3 * FACTOR) is None


# Flow.


async def test_pausing_holds_frames_back_and_the_server_with_them() -> None:
    sent = 0
    total = 3000

    async def pour(connection: ServerConnection) -> None:
        nonlocal sent
        for number in range(total):
            await connection.send(number.to_bytes(4, "big") * 2500)
            sent += 1
        await connection.wait_closed()

    async with serving(pour, compression=None) as profile:
        peer = Peer()
        link = await peer.open_frames(profile)
        link.pause()
        stuck = -1
        while stuck != sent:
            stuck = sent
            await asyncio.sleep(0.1)
        assert sent < total
        assert not messages(peer)
        link.resume()
        await eventually(lambda: len(messages(peer)) == total, timeout=20)
        link.abort()
    assert [int.from_bytes(frame.payload[:4], "big") for frame in messages(peer)] == list(range(total))


async def test_a_flood_leaves_time_for_others() -> None:
    flood = RawFrame(Opcode.TEXT, b"tick").serialize(mask=False) * 100_000

    async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await accept(reader, writer)
        writer.write(flood)
        await reader.read()

    turns: list[int] = []
    peer = Peer()

    async def watch() -> None:
        while True:
            before = len(peer.frames)
            await asyncio.sleep(0)
            turns.append(len(peer.frames) - before)

    async with talking(pour) as port:
        link: FrameLink = await peer.open_frames(
            Profile("chat", f"ws://127.0.0.1:{port}/", protocol="websocket")
        )
        watcher = asyncio.create_task(watch())
        await eventually(lambda: len(peer.frames) == 100_000, timeout=30)
        watcher.cancel()
        link.abort()
    assert sum(turns) > 90_000
    assert max(turns) < 10_000


@pytest.mark.parametrize("compression", [False, True])
@pytest.mark.parametrize("fragments", [1, 2, 7])
@pytest.mark.parametrize("payload", [b"", b"\xc3\xbc", "grüße ".encode() * 400])
async def test_a_message_in_several_frames(payload: bytes, fragments: int, compression: bool) -> None:
    async def parts(connection: ServerConnection) -> None:
        async for message in connection:
            await connection.send(message)

    async with serving(parts) as profile:
        peer = Peer()
        link = await peer.open_frames(replace(profile, compression=compression))
        before = link.bytes_out
        sizes = [link.send(payload, binary=binary, fragments=fragments) for binary in (False, True)]
        assert link.bytes_out - before == sum(sizes)
        await eventually(lambda: len(messages(peer)) == 2)
        tally = link.info.tally
        assert (tally.payload_out, tally.wire_out) == (2 * len(payload), sum(sizes))
        assert (tally.payload_in, tally.wire_in) == (
            2 * len(payload),
            sum(frame.size for frame in messages(peer)),
        )
        link.abort()
    assert [(frame.opcode, frame.payload) for frame in messages(peer)] == [(1, payload), (2, payload)]
    assert compression or sizes[0] >= len(payload) + 6 * fragments


async def test_fragments_are_frames_of_their_own() -> None:
    seen: list[tuple[int, bool, int]] = []

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await accept(reader, writer)
        for _ in range(3):
            first, second = await reader.readexactly(2)
            await reader.readexactly(4 + (second & 0x7F))
            seen.append((first & 0x0F, bool(first & 0x80), second & 0x7F))
        await reader.read()

    async with talking(take) as port:
        link = await Peer().open_frames(Profile("chat", f"ws://127.0.0.1:{port}/", protocol="websocket"))
        link.send(b"0123456789", binary=False, fragments=3)
        await eventually(lambda: len(seen) == 3)
        link.abort()
    assert seen == [(1, False, 3), (0, False, 3), (0, True, 4)]
