"""The control channel between real sockets, in front of an engine that only remembers."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from mqttx_tui.engine.address import Address, dial
from mqttx_tui.engine.channel import VERSION, ControlFrame, encode_frame, frames
from mqttx_tui.engine.client import EngineClient, EngineGone
from mqttx_tui.engine.server import ControlServer
from mqttx_tui.model.errors import AppError, InputError
from mqttx_tui.model.message import Outgoing
from mqttx_tui.model.profile import Profile, SavedMessage, Subscription
from mqttx_tui.model.state import ConnectionSnapshot, Counters, EngineCounters, Phase
from tests.engine.fakes import HANDSHAKE, FakeEngine, Told, no_answer
from tests.support.wait import eventually

SNAPSHOT = ConnectionSnapshot(1, "lab", "Lab", "A", "mqtt://lab:1883", "mqtt", "tcp", Phase.CONNECTED)


@dataclass
class Bench:
    engine: FakeEngine
    server: ControlServer
    address: Address
    ended: list[bool]
    open: list[EngineClient] = field(default_factory=list)

    async def client(self, told: Told | None = None, **options: Any) -> EngineClient:
        client = EngineClient(told or Told(), options.pop("ask", no_answer), **options)
        await client.attach(self.address)
        self.open.append(client)
        return client


@pytest_asyncio.fixture(params=["unix", "tcp"])
async def bench(
    tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Bench]:
    """A server on a unix socket, and where there are none (Windows) on a loopback port."""
    if request.param == "tcp":
        monkeypatch.delattr("asyncio.start_unix_server")
    ended: list[bool] = []
    engine, server = FakeEngine(), ControlServer(ended.append)
    address = await server.serve(engine, tmp_path, engine.capture_path)
    made = Bench(engine, server, address, ended)
    yield made
    for client in made.open:
        await client.leave()
    await server.close()


def hello(address: Address) -> bytes:
    """The request that comes first."""
    return encode_frame({"v": VERSION, "id": 1, "op": "hello", "token": address.token})


async def talk(address: Address, *requests: bytes) -> list[ControlFrame]:
    """Send raw bytes and read as many replies as there are requests."""
    reader, writer = await dial(address)
    writer.write(b"".join(requests))
    replies = []
    async with asyncio.timeout(5):
        async for frame in frames(reader):
            replies.append(frame)
            if len(replies) == len(requests):
                break
    writer.close()
    await writer.wait_closed()
    return replies


async def test_every_operation_reaches_the_engine(bench: Bench) -> None:
    client = await bench.client()
    assert client.capture_path == bench.engine.capture_path
    assert await client.connect(Profile("lab", "mqtt://lab")) == 1
    state = await client.subscribe(1, Subscription("a/#", qos=2))
    assert (state.filter, state.granted) == ("a/#", 2)
    await client.unsubscribe(1, "a/#")
    sent = Outgoing("t", b"\0\xff", 1, True, properties={"correlation_data": b"\1", "user": [("a", "b")]})
    assert await client.publish(1, sent) == 17
    assert await client.ping(1) == 7.5
    assert await client.authenticate(1) == 34.5
    assert await client.handshake(1) == HANDSHAKE
    assert await client.drop_queued(1) == 3
    await client.exclude(1, ("noisy/#",))
    await client.limits(messages=5)
    await client.clear()
    await client.disconnect(1, code=1000, reason="bye")
    await client.remove(1)
    assert bench.engine.calls == [
        ("subscribe", Subscription("a/#", qos=2)),
        ("unsubscribe", "a/#"),
        ("publish", sent),
        ("ping", 1),
        ("authenticate", 1),
        ("handshake", 1),
        ("drop", 1),
        ("exclude", ("noisy/#",)),
        ("limits", (5, None)),
        ("clear", None),
        ("disconnect", (1, 1000, "bye")),
        ("remove", 1),
    ]


async def test_a_profile_travels_whole_but_for_its_secrets(bench: Bench) -> None:
    client = await bench.client()
    profile = Profile(
        "lab",
        "mqtt://me:hunter2@lab/?token=hunter3",
        password="hunter4",
        headers=(("Authorization", "hunter5"),),
        messages=(SavedMessage("login", payload="hunter6", secret=True), SavedMessage("hi", payload="hi")),
        subscriptions=(Subscription("#"),),
    )
    await client.connect(profile)
    seen, literals = bench.engine.profiles[0]
    assert "hunter" not in repr(seen)
    assert seen.messages[1] == profile.messages[1]
    assert seen.subscriptions == profile.subscriptions
    assert literals == ("headers.0", "messages.0.payload", "password", "url")


async def test_literals_are_answered_from_memory_and_questions_by_the_person(bench: Bench) -> None:
    asked: list[tuple[str, str]] = []

    async def ask(label: str, question: str) -> str | None:
        asked.append((label, question))
        return "söcret"

    client = await bench.client(ask=ask)
    await client.connect(Profile("lab", "mqtt://lab", password="hunter2"))
    assert await bench.server.prompts.ask("lab", "literal:password") == "hunter2"
    assert await bench.server.prompts.ask("Lab", "Password?") == "söcret"
    assert asked == [("Lab", "Password?")]


async def test_secrets_stand_only_in_the_bodies_of_answers(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[str, bytes, bytes]] = []

    def recording(header: dict[str, Any], body: bytes = b"") -> bytes:
        frame = encode_frame(header, body)
        sent.append((header["op"], frame.removesuffix(body), body))
        return frame

    monkeypatch.setattr("mqttx_tui.engine.client.encode_frame", recording)

    async def ask(label: str, question: str) -> str | None:
        return "hunter3"

    client = await bench.client(ask=ask)
    secret = SavedMessage("login", payload="hunter4", secret=True)
    await client.connect(Profile("lab", "mqtt://me:hunter5@lab", password="hunter2", messages=(secret,)))
    for name in bench.engine.profiles[0][1]:
        await bench.server.prompts.ask("lab", f"literal:{name}")
    await bench.server.prompts.ask("Lab", "Password?")
    await client.publish(1, Outgoing("t", b"hunter4", secret=True))
    assert not [op for op, head, _ in sent if b"hunter" in head]
    assert {op for op, _, body in sent if b"hunter" in body} == {"answer", "publish"}
    assert sum(b"hunter" in body for op, _, body in sent if op == "answer") == 4


async def test_one_of_two_people_answers(bench: Bench) -> None:
    first_asked, cancelled = asyncio.Event(), asyncio.Event()

    async def slow(label: str, question: str) -> str | None:
        first_asked.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise
        return None

    async def quick(label: str, question: str) -> str | None:
        return "yes"

    await bench.client(ask=slow)
    asking = asyncio.create_task(bench.server.prompts.ask("Lab", "Password?"))
    await asyncio.wait_for(first_asked.wait(), 5)
    await bench.client(ask=quick)
    assert await asyncio.wait_for(asking, 5) == "yes"
    await asyncio.wait_for(cancelled.wait(), 5)


async def test_a_declined_question_is_none(bench: Bench) -> None:
    await bench.client()
    assert await bench.server.prompts.ask("Lab", "Password?") is None


async def test_commands_act_in_order_and_a_slow_one_holds_up_none(bench: Bench) -> None:
    client = await bench.client()
    bench.engine.gate.clear()
    slow = asyncio.create_task(client.subscribe(1, Subscription("slow")))
    await eventually(lambda: bench.engine.calls)
    assert await client.publish(1, Outgoing("t", b"")) == 17
    assert [name for name, _ in bench.engine.calls] == ["subscribe", "publish"]
    bench.engine.gate.set()
    assert (await slow).granted == 0


async def test_every_request_gets_exactly_one_reply(bench: Bench) -> None:
    requests: list[dict[str, Any]] = [
        {"v": VERSION, "id": 2, "op": "frobnicate"},
        {"v": 99, "id": 3, "op": "hello"},
        {"v": VERSION, "id": 4},
        {"v": VERSION, "id": 5, "op": "subscribe", "connection": "x"},
        {"v": VERSION, "id": 6, "op": "publish", "connection": 1, "message": {"topic": 7}},
        {"v": VERSION, "id": 7, "op": "save", "path": "/x"},
        {"v": VERSION, "id": 8, "op": "connect", "profile": {"key": "x"}},
        {"v": VERSION, "id": 9, "op": ["list"]},
        {"v": VERSION, "id": 10, "op": "clear"},
    ]
    replies = await talk(bench.address, hello(bench.address), *map(encode_frame, requests))
    outcome = {reply.header["id"]: reply.header["ok"] for reply in replies}
    assert outcome == {number: number in (1, 10) for number in range(1, 11)}
    errors = {reply.header["id"]: reply.header["error"] for reply in replies if not reply.header["ok"]}
    assert all(error.keys() >= {"code", "stage", "title", "hint"} for error in errors.values())
    assert errors[2]["title"] == "Unknown operation"
    assert errors[3]["title"] == "Another version"
    assert "ZeroDivisionError" in errors[7]["message"]


async def test_broken_framing_ends_only_that_front_end(bench: Bench) -> None:
    client = await bench.client()
    reader, writer = await dial(bench.address)
    writer.write(struct.pack("!I", 0xFFFFFFFF))
    assert await asyncio.wait_for(reader.read(), 5) == b""
    writer.close()
    await client.clear()


async def test_errors_arrive_as_they_were_raised(bench: Bench) -> None:
    client = await bench.client()
    with pytest.raises(InputError) as caught:
        await client._request("subscribe", connection=1)
    assert caught.value.title == "Bad request"
    with pytest.raises(AppError, match="ZeroDivisionError"):
        await client.save("/x")


async def test_events_go_to_all(bench: Bench) -> None:
    one, two = Told(), Told()
    await bench.client(one)
    await bench.client(two)
    bench.server.state(SNAPSHOT)
    bench.server.counters(EngineCounters({1: Counters(received=3)}, rate=2.5))
    bench.server.notice("warning", "watch out")
    bench.server.removed(4)
    for told in (one, two):
        await eventually(lambda told=told: told.gone)
        assert told.states == [SNAPSHOT]
        assert told.counted[-1] == EngineCounters({1: Counters(received=3)}, rate=2.5)
        assert told.notices == [("warning", "watch out")]


async def test_a_front_end_that_does_not_read_costs_bounded_memory_and_sees_the_newest(bench: Bench) -> None:
    reader, writer = await dial(bench.address)
    writer.write(hello(bench.address))
    await eventually(lambda: bench.server._front_ends and bench.server._front_ends[0].welcomed)
    front_end = bench.server._front_ends[0]
    text = "x" * 10_000
    for number in range(2_000):
        bench.server.counters(EngineCounters({}, received=number))
        bench.server.notice("info", f"{number} {text}")
    assert len(front_end._waiting) <= 500
    assert front_end._writer.transport.get_write_buffer_size() < 1_000_000
    received = []
    async with asyncio.timeout(10):
        async for frame in frames(reader):
            if frame.header.get("event") == "counters":
                received.append(frame.header["counters"]["received"])
            if received and received[-1] == 1_999:
                break
    assert len(received) < 1_500
    writer.close()
    await writer.wait_closed()


async def test_the_last_front_end_to_leave_ends_the_engine(bench: Bench) -> None:
    one, two = await bench.client(), await bench.client()
    await one.leave()
    await two.clear()
    assert bench.ended == []
    await two.leave()
    await eventually(lambda: bench.ended == [True])


async def test_linger_keeps_the_engine_for_the_next_front_end(bench: Bench) -> None:
    first = await bench.client(linger=60)
    await first.leave()
    await eventually(lambda: not bench.server._front_ends)
    second = await bench.client()
    assert bench.ended == []
    await second.clear()


async def test_shutdown_is_answered_and_passed_on(bench: Bench) -> None:
    client = await bench.client()
    await client.shutdown(keep=True)
    assert bench.ended[0] is True


async def test_what_was_left_and_where_it_goes_is_told_at_hello(bench: Bench) -> None:
    bench.server._left, bench.server._saved_later = ("/old/capture.db",), "saved at the end"
    told = Told()
    client = await bench.client(told)
    assert client.left == ("/old/capture.db",)
    assert told.notices[0] == ("info", "saved at the end")
    assert [(level, "open /old/capture.db" in text) for level, text in told.notices[1:]] == [
        ("warning", True)
    ]


async def test_a_dead_engine_is_reported_and_fails_what_waits(bench: Bench) -> None:
    told = Told()
    client = await bench.client(told)
    bench.engine.gate.clear()
    waiting = asyncio.create_task(client.subscribe(1, Subscription("x")))
    await eventually(lambda: bench.engine.calls)
    await bench.server.close()
    with pytest.raises(EngineGone):
        await asyncio.wait_for(waiting, 5)
    await eventually(lambda: told.deaths)
    with pytest.raises(EngineGone):
        await client.clear()
    assert not client.alive


async def test_a_wrong_token_is_not_served(bench: Bench) -> None:
    bench.server._token = "right"
    reader, writer = await dial(bench.address)
    writer.write(encode_frame({"v": VERSION, "id": 1, "op": "hello", "token": "wrong"}))
    assert await asyncio.wait_for(reader.read(), 5) == b""
    writer.close()
    assert (await talk(bench.address, encode_frame({"v": 1, "id": 1, "op": "hello", "token": "right"})))[
        0
    ].header["ok"]


async def test_what_was_noticed_while_nobody_looked_is_told_to_the_next_one(bench: Bench) -> None:
    bench.server.notice("warning", "greenhouse: 3 messages were lost")
    first, second = Told(), Told()
    client = await bench.client(first)
    await eventually(lambda: first.notices)
    ((level, text),) = first.notices
    assert level == "warning"
    assert text.endswith("while nobody looked: greenhouse: 3 messages were lost")
    await bench.client(second)
    bench.server.notice("info", "now")
    await eventually(lambda: second.notices)
    assert second.notices == [("info", "now")]
    assert client.alive
