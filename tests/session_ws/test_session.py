"""Raw WebSocket sessions against real servers, with a sink that remembers."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from websockets.asyncio.server import ServerConnection
from websockets.frames import Frame as RawFrame
from websockets.frames import Opcode

from mqttx_tui.model.errors import Exit, InputError, LinkError
from mqttx_tui.model.message import BINARY_FRAME, NOT_UTF8, OUTGOING, WEBSOCKET, Outgoing
from mqttx_tui.model.profile import Profile, Resolved, Subscription
from mqttx_tui.session import ws_frames
from mqttx_tui.session.base import Fate
from mqttx_tui.session.registry import make_session
from tests.session_ws.running import Running, quiet, running
from tests.support.mosquitto import free_port
from tests.support.servers import silence, talking
from tests.support.sinks import MemoryObserver, MemorySink
from tests.support.wait import FACTOR, eventually
from tests.support.websockets import accept, idle, serving


async def test_messages_become_rows_with_flags_size_and_topic() -> None:
    async def speak(connection: ServerConnection) -> None:
        await connection.send('{"event": {"kind": "door/open"}}')
        await connection.send('{"event": {"kind": 7}}')
        await connection.send("no json")
        await connection.send(b"\x00\xff")
        await connection.send(b'{"event": {"kind": "in binary"}}')
        await connection.wait_closed()

    async with serving(speak) as profile, running(replace(quiet(profile), topic_from=".event.kind")) as run:
        await eventually(lambda: len(run.sink.rows) == 5)
        assert [topic for topic, _ in run.sink.received()] == ["door/open", "7", "", "", "in binary"]
        assert [row.flags for row in run.sink.rows] == [
            WEBSOCKET,
            WEBSOCKET,
            WEBSOCKET,
            WEBSOCKET | BINARY_FRAME | NOT_UTF8,
            WEBSOCKET | BINARY_FRAME,
        ]
        assert [row.size - len(row.payload) for row in run.sink.rows] == [2] * 5
        assert all(row.properties is None for row in run.sink.rows)
        assert run.observer.connections[0].version == "websocket"
        assert [report.stage for report in run.observer.stages if report.status == "ok"] == [
            "name",
            "tcp",
            "upgrade",
        ]


async def test_text_that_is_not_utf8_is_kept_and_ends_the_connection() -> None:
    async def speak(connection: ServerConnection) -> None:
        await connection.send(b"caf\xe9", text=True)
        await connection.wait_closed()

    async with serving(speak) as profile:
        run = await Running(quiet(profile)).connected()
        error = await run.failure()
    assert (error.stage, error.code) == ("link", 1007)
    assert run.sink.rows[0][2:] == (WEBSOCKET | NOT_UTF8, 6, b"caf\xe9", None)
    assert run.controls()[0] == (1, 8, b"\x03\xefNot UTF-8", 1007)


async def test_ping_pong_and_close_stand_between_the_messages() -> None:
    go = asyncio.Event()

    async def speak(connection: ServerConnection) -> None:
        await go.wait()
        await (await connection.ping(b"are you there"))
        await connection.close(1001, "maintenance")

    async with serving(speak, ping_interval=None) as profile:
        run = await Running(quiet(profile)).connected()
        assert await run.session.ping() > 0
        await eventually(lambda: len(run.controls()) == 2)
        go.set()
        error = await run.failure()
    assert (error.code, error.message) == (1001, "the server closed with 1001 going away (maintenance)")
    close = (1001).to_bytes(2, "big") + b"maintenance"
    assert run.controls() == [
        (1, 9, b"mqttx-tui 1", None),
        (0, 10, b"mqttx-tui 1", None),
        (0, 9, b"are you there", None),
        (1, 10, b"are you there", None),
        (0, 8, close, 1001),
        (1, 8, close, 1001),
    ]


async def test_publishing_sends_frames_and_records_them() -> None:
    received: list[str | bytes] = []

    async def listen(connection: ServerConnection) -> None:
        async for message in connection:
            received.append(message)

    async with serving(listen) as profile, running(replace(quiet(profile), topic_from=".method")) as run:
        first = run.session.publish(Outgoing("ignored", b'{"method":"Shelly.GetStatus"}', qos=2, retain=True))
        second = run.session.publish(Outgoing("", b"\x00\xff", binary=True))
        await eventually(lambda: len(received) == 2)
        assert received == ['{"method":"Shelly.GetStatus"}', b"\x00\xff"]
        assert (first.message, second.message) == (1, 2)
        assert await first.done is Fate.SENT
        assert run.sink.names[run.sink.rows[0].topic] == "Shelly.GetStatus"
        assert [row.flags for row in run.sink.rows] == [
            WEBSOCKET | OUTGOING,
            WEBSOCKET | OUTGOING | BINARY_FRAME | NOT_UTF8,
        ]
        assert [row.size for row in run.sink.rows] == [29 + 6, 2 + 6]


async def test_a_secret_message_leaves_only_its_name_and_length() -> None:
    received: list[str | bytes] = []

    async def listen(connection: ServerConnection) -> None:
        async for message in connection:
            received.append(message)

    async with serving(listen) as profile, running(quiet(profile)) as run:
        run.session.publish(Outgoing("", b"token-5519-geheim", secret=True, name="login"))
        await eventually(lambda: received)
        assert received == ["token-5519-geheim"]
        assert run.sink.rows[0].payload == b"login, 17 B"
        assert run.sink.rows[0].size == 17 + 6


async def test_what_may_not_be_sent_is_refused() -> None:
    async with serving(idle) as profile:
        down = make_session(profile, MemorySink(), MemoryObserver())
        with pytest.raises(LinkError) as caught:
            down.publish(Outgoing("", b"x"))
        assert caught.value.title == "Not connected"
        async with running(quiet(profile)) as run:
            with pytest.raises(InputError, match="byte 4"):
                run.session.publish(Outgoing("", b"caf\xe9"))
            with pytest.raises(InputError, match="1006"):
                await run.session.close(1006)
            with pytest.raises(InputError, match="124 bytes"):
                await run.session.close(1000, "é" * 62)
            with pytest.raises(InputError):
                await run.session.subscribe(Subscription("#"))
            assert not run.sink.rows
            assert run.session.drop_queued() == 0
        with pytest.raises(LinkError):
            run.session.publish(Outgoing("", b"x"))
    with pytest.raises(InputError):
        make_session(replace(profile, topic_from="type"), MemorySink(), MemoryObserver())


async def test_closing_sends_code_and_reason_and_is_no_failure() -> None:
    closes: list[tuple[int | None, str | None]] = []

    async def listen(connection: ServerConnection) -> None:
        await connection.wait_closed()
        closes.append((connection.close_code, connection.close_reason))

    async with serving(listen) as profile:
        run = await Running(quiet(profile)).connected()
        await run.session.close(4242, "fin")
        await asyncio.wait_for(run.task, 5 * FACTOR)
        await eventually(lambda: closes)
    assert closes == [(4242, "fin")]
    assert run.controls()[0] == (1, 8, (4242).to_bytes(2, "big") + b"fin", 4242)


async def test_closing_while_connecting_ends_the_attempt() -> None:
    async with talking(silence) as port:
        run = Running(Profile("chat", f"ws://127.0.0.1:{port}/", protocol="websocket", connect_timeout=30))
        await eventually(lambda: any(report.stage == "upgrade" for report in run.observer.stages))
        await run.session.close()
        await asyncio.wait_for(run.task, 2 * FACTOR)
        assert not run.task.cancelled()


async def test_cancelling_drops_the_link() -> None:
    ended = asyncio.Event()

    async def listen(connection: ServerConnection) -> None:
        await connection.wait_closed()
        ended.set()

    async with serving(listen) as profile:
        run = await Running(quiet(profile)).connected()
        run.task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run.task
        await asyncio.wait_for(ended.wait(), 5 * FACTOR)


async def test_a_refused_upgrade_is_told_with_its_stage() -> None:
    run = Running(Profile("chat", f"ws://127.0.0.1:{free_port()}/", protocol="websocket"))
    error = await run.failure()
    assert (error.stage, error.exit_code) == ("tcp", Exit.UNREACHABLE)
    assert not run.observer.connections


async def test_the_round_trip_is_measured_at_every_keepalive() -> None:
    async with serving(idle) as profile, running(replace(profile, keepalive=0.05)) as run:
        await eventually(lambda: len(run.observer.round_trips) >= 3)
        assert all(0 < milliseconds < 5000 for milliseconds in run.observer.round_trips)
        assert (1, 9, b"mqttx-tui 1", None) in run.controls()
        assert (0, 10, b"mqttx-tui 1", None) in run.controls()


async def test_a_silent_server_is_given_up_after_one_and_a_half_intervals() -> None:
    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await accept(reader, writer)
        while await reader.read(1000):
            pass

    async with talking(mute) as port:
        profile = Profile("chat", f"ws://127.0.0.1:{port}/", protocol="websocket", keepalive=0.2)
        run = await Running(profile).connected()
        started = asyncio.get_running_loop().time()
        error = await run.failure()
        seconds = asyncio.get_running_loop().time() - started
    assert (error.stage, error.title) == ("link", "No sign of life")
    assert 0.25 < seconds < 1 * FACTOR


async def test_a_full_sink_stops_the_server_and_loses_nothing() -> None:
    total, sent = 2000, 0

    async def pour(connection: ServerConnection) -> None:
        nonlocal sent
        for number in range(total):
            await connection.send(number.to_bytes(4, "big") * 2500)
            sent += 1
        await connection.wait_closed()

    sink = MemorySink()
    sink.full = True
    async with (
        serving(pour, compression=None) as profile,
        running(replace(profile, keepalive=0.1), sink) as run,
    ):
        stuck = -1
        while stuck != sent:
            stuck = sent
            await asyncio.sleep(0.3)
        assert sent < total
        assert not run.task.done()  # silence counts as life while we do not read
        assert run.session.traffic.paused_seconds > 0.2  # it is known while it lasts
        sink.drain()
        await eventually(lambda: len(sink.rows) == total, timeout=20)
        assert [int.from_bytes(row.payload[:4], "big") for row in sink.rows] == list(range(total))
        assert run.session.traffic.paused_seconds > 0.2
        assert run.session.traffic.bytes_in > total * 10_000


async def test_excluded_topics_are_counted_and_a_new_revision_is_heeded() -> None:
    go = asyncio.Event()

    async def speak(connection: ServerConnection) -> None:
        await connection.send('{"t": "noise/1"}')
        await connection.send('{"t": "signal"}')
        await go.wait()
        await connection.send('{"t": "noise/1"}')
        await connection.wait_closed()

    sink = MemorySink(exclude=["noise/#"])
    async with serving(speak) as profile, running(replace(quiet(profile), topic_from=".t"), sink) as run:
        await eventually(lambda: sink.rows)
        assert sink.excluded_count == 1
        sink.exclude = ()
        sink.revision += 1
        go.set()
        await eventually(lambda: len(sink.rows) == 2)
        assert [topic for topic, _ in run.sink.received()] == ["signal", "noise/1"]


async def test_a_payload_too_long_to_look_for_its_topic_is_kept_and_said_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def speak(connection: ServerConnection) -> None:
        for filling in ("x" * 100, "y" * 100, ""):
            await connection.send(f'{{"t": "signal", "text": "{filling}"}}')
        await connection.wait_closed()

    monkeypatch.setattr(ws_frames, "TOPIC_FROM_LIMIT", 100)
    async with serving(speak) as profile, running(replace(quiet(profile), topic_from=".t")) as run:
        await eventually(lambda: len(run.sink.rows) == 3)
        assert [topic for topic, _ in run.sink.received()] == ["", "", "signal"]
        said = [text for kind, text in run.sink.events if kind == "topic_from"]
        assert said == ["payloads of more than 100 bytes are not looked at for their topic"]


@pytest.mark.parametrize("case", ["too large", "cut off"])
async def test_what_never_became_a_message_is_counted(case: str) -> None:
    async def speak(connection: ServerConnection) -> None:
        if case == "too large":
            await connection.send(b"x" * 2000)
            await connection.wait_closed()
        else:
            connection.transport.write(RawFrame(Opcode.TEXT, b"x" * 100).serialize(mask=False)[:60])
            await asyncio.sleep(0.05)
            connection.transport.abort()

    async with serving(speak) as profile:
        run = await Running(replace(quiet(profile), max_packet=1000)).connected()
        error = await run.failure()
    assert error.code == (1009 if case == "too large" else 1006)
    assert (run.sink.too_large_count, run.sink.cut_off_count) == ((1, 0) if case == "too large" else (0, 1))
    assert not run.sink.rows


async def test_the_same_session_connects_again_and_its_traffic_adds_up() -> None:
    async def speak(connection: ServerConnection) -> None:
        await connection.send("hello")
        await connection.close(1012)

    async with serving(speak) as profile:
        run = await Running(quiet(profile)).connected()
        assert (await run.failure()).code == 1012
        first = run.session.traffic
        run.task = asyncio.create_task(run.session.run(Resolved(quiet(profile))))
        assert (await run.failure()).code == 1012
    assert run.session.traffic.bytes_in > first.bytes_in > 0
    assert run.sink.payloads() == [b"hello", b"hello"]
