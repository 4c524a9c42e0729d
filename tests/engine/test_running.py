"""Engines that go on without a front end: found, described, stopped, and ended by themselves."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from mqttx_tui.capture.place import clean_up, lives
from mqttx_tui.capture.reader import CaptureReader
from mqttx_tui.engine import lingering
from mqttx_tui.engine.address import FILE_NAME, Address
from mqttx_tui.engine.client import EngineClient
from mqttx_tui.engine.lingering import Lingering
from mqttx_tui.engine.running import Running, find, look, pick, stop
from mqttx_tui.model.errors import InputError
from mqttx_tui.model.message import Outgoing
from mqttx_tui.model.profile import Profile, Subscription
from mqttx_tui.model.state import ConnectionSnapshot, Phase
from tests.engine.fakes import Told, no_answer
from tests.support.mosquitto import Mosquitto
from tests.support.wait import eventually

SNAPSHOT = ConnectionSnapshot(1, "lab", "Lab", "A", "mqtt://lab:1883", "mqtt", "tcp", Phase.CONNECTED)


@pytest_asyncio.fixture
async def left(mosquitto: Mosquitto) -> AsyncIterator[EngineClient]:
    """An engine with a connection, three messages and no front end."""
    told = Told()
    client = EngineClient(told, no_answer, linger=60)
    await client.start()
    url = f"mqtt://127.0.0.1:{mosquitto.port}"
    connection = await client.connect(
        Profile("green", url, name="greenhouse", subscriptions=(Subscription("left/#"),))
    )
    await eventually(lambda: (state := told.newest(connection)) and state.phase is Phase.CONNECTED)
    await eventually(lambda: told.states[-1].subscriptions[0].granted is not None)
    for _ in range(3):
        await client.publish(connection, Outgoing("left/a", b"x", qos=1))
    await eventually(lambda: told.counted[-1].received == 3)
    await client.leave()
    yield client
    for one in await find():
        await stop(one)
    await client.shutdown()


async def test_a_left_engine_is_found_and_described(left: EngineClient) -> None:
    (one,) = await find()
    assert (one.pid, one.address.capture) == (left.pid, left.capture_path)
    assert (one.names, one.received, one.front_ends, one.kept) == (("greenhouse",), 3, 0, False)
    assert (one.excluded, one.lost, one.paused) == (0, 0, 0.0)
    assert one.words() == "greenhouse, under a minute, 3 messages"
    hours = replace(one, started_at=one.started_at - 2 * 3600 - 41 * 60, received=1_200_000)
    assert hours.words() == "greenhouse, 2 h 41 min, 1.20M messages"
    assert (one.directory / FILE_NAME).stat().st_mode & 0o777 == 0o600


async def test_looking_does_not_count_as_attaching(left: EngineClient) -> None:
    for _ in range(3):
        (one,) = await find()
        assert one.front_ends == 0
    assert lives(one.directory)


async def test_attached_the_engine_says_what_it_holds_and_who_looks(left: EngineClient) -> None:
    (one,) = await find()
    first, second = Told(), Told()
    clients = [EngineClient(told, no_answer, linger=60) for told in (first, second)]
    for client in clients:
        await client.attach(one.address)
        assert client.capture_path == one.address.capture
        assert not client.kept
    assert [told.states[0].name for told in (first, second)] == ["greenhouse"] * 2
    assert await clients[0].others() == 1
    message = await clients[0].publish(1, Outgoing("left/b", b"both", qos=1))
    await eventually(lambda: all(told.counted[-1].last_id > message for told in (first, second)))
    (now,) = await find()
    assert (now.front_ends, now.lingers) == (2, True)
    await clients[1].leave()
    assert await clients[0].others() == 0
    await clients[0].leave()
    assert await look(one.directory)


async def test_a_stopped_engine_leaves_its_capture_for_one_start(left: EngineClient) -> None:
    (one,) = await find()
    await stop(one)
    assert await find() == []
    assert [str(path) for path in clean_up()] == [left.capture_path]
    reader = CaptureReader(left.capture_path)
    assert reader.bounds().count == 6
    reader.close()


async def test_directories_in_which_nothing_listens_are_passed_over(runtime: Path) -> None:
    client = EngineClient(Told(), no_answer)
    await client.start()
    directory = Path(client.capture_path).parent
    content = (directory / FILE_NAME).read_bytes()
    await client.shutdown()
    directory.mkdir()
    (directory / FILE_NAME).write_bytes(content)
    assert await find() == []
    (directory / FILE_NAME).write_bytes(b"nonsense")
    assert await find() == []


def engine(ident: str, *names: str) -> Running:
    return Running(Path(f"/nowhere/mqttx-tui-1-{ident}"), Address(), 1, 0.0, names, 5, 0, False, False)


def test_an_engine_is_picked_by_name_or_ident() -> None:
    green, both = engine("aaaa", "green"), engine("bbbb", "green", "lab")
    assert pick([green], "") is green
    assert pick([green, both], "lab") is both
    assert pick([green, both], "aaaa") is green
    for found, name in (([], ""), ([green, both], ""), ([green, both], "green"), ([green], "house")):
        with pytest.raises(InputError):
            pick(found, name)


async def test_alone_and_without_a_connection_it_ends_before_its_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lingering, "IDLE_SECONDS", 0.05)
    ended = asyncio.Event()
    one = Lingering(ended.set)
    failed = replace(SNAPSHOT, phase=Phase.FAILED)
    one.changed([failed])
    one.left(60, [failed])
    one.changed([SNAPSHOT])
    assert one._idle is None
    one.changed([replace(SNAPSHOT, phase=Phase.CLOSED)])
    await asyncio.wait_for(ended.wait(), 5)


async def test_somebody_who_attaches_stops_the_clock() -> None:
    ended = asyncio.Event()
    one = Lingering(ended.set)
    one.left(0, [])
    one.attended()
    one.left(0.01, [SNAPSHOT])
    await asyncio.wait_for(ended.wait(), 5)


def test_what_was_left_out_and_lost_stands_beside_what_was_received() -> None:
    one = replace(engine("aaaa", "green"), started_at=time.time(), received=1_200_000)
    assert one.words() == "green, under a minute, 1.20M messages"
    assert replace(one, excluded=300_000).words().endswith(", 300k excluded")
    assert replace(one, lost=5).words().endswith(", 5 lost")
    assert replace(one, paused=0.5).words().endswith(", 0* lost")
