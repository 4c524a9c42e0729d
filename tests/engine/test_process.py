"""The engine as a child process, against a real broker."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
import pytest_asyncio

from mqttx_tui.capture.reader import CaptureReader
from mqttx_tui.engine.address import Address
from mqttx_tui.engine.client import EngineClient, EngineGone
from mqttx_tui.engine.spawn import EngineOptions
from mqttx_tui.model.errors import AppError
from mqttx_tui.model.message import Outgoing
from mqttx_tui.model.profile import Profile, SecretRef, Subscription
from mqttx_tui.model.state import Phase
from tests.engine.fakes import Told, no_answer
from tests.support.mosquitto import Mosquitto
from tests.support.wait import FACTOR, eventually, until


@pytest.fixture
def told() -> Told:
    return Told()


@pytest_asyncio.fixture
async def client(told: Told) -> AsyncIterator[EngineClient]:
    made = EngineClient(told, no_answer)
    await made.start()
    yield made
    await made.shutdown()


def profile(broker: Mosquitto, *filters: str) -> Profile:
    subscriptions = tuple(Subscription(item, 1) for item in filters)
    return Profile("lab", f"mqtt://127.0.0.1:{broker.port}", subscriptions=subscriptions)


async def connected(told: Told, connection: int) -> None:
    def stands() -> bool:
        state = told.newest(connection)
        return bool(
            state
            and state.phase is Phase.CONNECTED
            and all(one.granted is not None for one in state.subscriptions)
        )

    await eventually(stands, "connected and subscribed")


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


async def test_connect_subscribe_publish(client: EngineClient, told: Told, mosquitto: Mosquitto) -> None:
    connection = await client.connect(profile(mosquitto, "engine/#"))
    await connected(told, connection)
    state = told.newest(connection)
    assert state is not None
    assert (state.letter, state.version, state.attempt, state.transport) == ("A", "5", 1, "tcp")
    message = await client.publish(connection, Outgoing("engine/a", b"\0\xff", qos=1))
    await eventually(lambda: told.counted[-1].received == 1, "echo counted")
    reader = CaptureReader(client.capture_path)
    await eventually(lambda: reader.bounds().count == 2)
    assert [(one.id, one.outgoing, one.payload) for one in reader.messages(1, 10)] == [
        (message, True, b"\0\xff"),
        (2, False, b"\0\xff"),
    ]
    reader.close()


async def test_the_engine_has_a_session_of_its_own_and_nothing_secret_in_sight(
    client: EngineClient, told: Told, mosquitto: Mosquitto
) -> None:
    secret = "hunter2-7431"
    lab = Profile("lab", f"mqtt://127.0.0.1:{mosquitto.port}", username="me", password=secret)
    await connected(told, await client.connect(lab))
    assert client.pid
    assert os.getsid(client.pid) == client.pid
    process = psutil.Process(client.pid)
    assert secret not in " ".join(process.cmdline())
    assert secret not in " ".join(process.environ().values())
    directory = Path(client.capture_path).parent
    assert directory.stat().st_mode & 0o777 == 0o700
    for path in directory.iterdir():
        if path.is_file():
            assert secret.encode() not in path.read_bytes(), path
    await client.shutdown()


async def test_interrupts_are_the_front_ends(client: EngineClient) -> None:
    os.kill(client.pid or 0, signal.SIGINT)
    await client.clear()


async def test_a_large_payload_goes_through_the_channel(
    client: EngineClient, told: Told, mosquitto: Mosquitto
) -> None:
    connection = await client.connect(profile(mosquitto))
    await connected(told, connection)
    payload = os.urandom(20_000_000)
    message = await client.publish(connection, Outgoing("engine/large", payload, qos=1))
    reader = CaptureReader(client.capture_path)
    await eventually(lambda: reader.bounds().count == 1)
    assert reader.payload(message) == payload
    await eventually(lambda: [fate.state for fate in reader.fates([message]).values()] == ["acknowledged"])
    reader.close()


async def test_shutdown_disconnects_in_good_order(
    client: EngineClient, told: Told, start_mosquitto: Callable[..., Mosquitto]
) -> None:
    broker = start_mosquitto()
    await connected(told, await client.connect(replace(profile(broker), client_id="orderly")))
    await client.shutdown()
    await eventually(lambda: "Received DISCONNECT from orderly" in broker.log)


async def test_shutdown_is_quick_and_leaves_nothing(
    client: EngineClient, told: Told, mosquitto: Mosquitto
) -> None:
    connection = await client.connect(profile(mosquitto, "engine/quick"))
    await connected(told, connection)
    directory = Path(client.capture_path).parent
    assert directory.exists()
    started = time.monotonic()
    await client.shutdown()
    assert time.monotonic() - started < 2 * FACTOR
    assert gone(client.pid or 0)
    assert not directory.exists()
    assert told.deaths == []
    with pytest.raises(EngineGone):
        await client.clear()


async def test_a_kept_capture_stays_whole_and_without_wal(
    told: Told, mosquitto: Mosquitto, tmp_path: Path
) -> None:
    path = tmp_path / "kept.db"
    client = EngineClient(told, no_answer, options=EngineOptions(capture=str(path)))
    await client.start()
    assert client.capture_path == str(path)
    connection = await client.connect(profile(mosquitto, "engine/kept"))
    await connected(told, connection)
    for number in range(50):
        await client.publish(connection, Outgoing("engine/kept", b"%d" % number, qos=1))
    await eventually(lambda: told.counted[-1].received == 50)
    await client.shutdown()
    assert not path.with_name("kept.db-wal").exists()
    database = sqlite3.connect(path)
    assert database.execute("SELECT count(*) FROM message").fetchone() == (100,)
    database.close()


async def test_saving_and_clearing(
    client: EngineClient, told: Told, mosquitto: Mosquitto, tmp_path: Path
) -> None:
    connection = await client.connect(profile(mosquitto))
    await connected(told, connection)
    await client.publish(connection, Outgoing("engine/save", b"x", qos=1))
    assert await client.save(str(tmp_path / "saved.db")) == 1
    await client.clear()
    await eventually(lambda: told.counted[-1].kept == 0)
    with pytest.raises(AppError):
        await client.save(str(tmp_path / "missing" / "saved.db"))
    await client.limits(messages=10)
    for _ in range(40):
        await client.publish(connection, Outgoing("engine/save", b"x", qos=1))
    await eventually(lambda: told.counted[-1].last_id == 41 and told.counted[-1].kept <= 20)


async def test_prompts_reach_the_person_and_answers_are_remembered(told: Told, mosquitto: Mosquitto) -> None:
    asked: list[tuple[str, str]] = []

    async def ask(label: str, question: str) -> str | None:
        asked.append((label, question))
        return "geheim"

    client = EngineClient(told, ask)
    await client.start()
    lab = Profile(
        "lab",
        f"mqtt://127.0.0.1:{mosquitto.port}",
        name="Lab",
        username="me",
        password=SecretRef("prompt", "Password?"),
    )
    connection = await client.connect(lab)
    await connected(told, connection)
    assert asked == [("Lab", "Password?")]
    assert await client.connect(lab) == connection
    await eventually(lambda: (state := told.newest(connection)) and state.phase is Phase.CONNECTED)
    assert asked == [("Lab", "Password?")]
    await client.shutdown()


async def test_a_declined_prompt_fails_and_is_not_retried(told: Told, mosquitto: Mosquitto) -> None:
    client = EngineClient(told, no_answer)
    await client.start()
    lab = Profile(
        "lab", f"mqtt://127.0.0.1:{mosquitto.port}", username="me", password=SecretRef("prompt", "Password?")
    )
    connection = await client.connect(lab)
    await eventually(lambda: (state := told.newest(connection)) and state.phase is Phase.FAILED)
    await client.shutdown()


async def test_death_is_told_and_the_capture_stays_readable(told: Told, mosquitto: Mosquitto) -> None:
    client = EngineClient(told, no_answer)
    await client.start()
    connection = await client.connect(profile(mosquitto, "engine/death"))
    await connected(told, connection)
    await client.publish(connection, Outgoing("engine/death", b"last words", qos=1))
    reader = CaptureReader(client.capture_path)
    await eventually(lambda: reader.bounds().count == 2)
    os.kill(client.pid or 0, signal.SIGKILL)
    await eventually(lambda: told.deaths)
    assert told.deaths == ["it was ended by SIGKILL"]
    assert [one.payload for one in reader.messages(1, 10)] == [b"last words"] * 2
    reader.close()
    with pytest.raises(EngineGone):
        await client.publish(connection, Outgoing("t", b""))
    await client.shutdown()
    again = EngineClient(Told(), no_answer)
    await again.start()
    assert [Path(path).read_bytes()[:6] for path in again.left] == [b"SQLite"]
    assert again.left == (client.capture_path,)
    await again.shutdown()


async def test_a_terminated_engine_commits_and_is_reported(
    told: Told, mosquitto: Mosquitto, tmp_path: Path
) -> None:
    path = tmp_path / "kept.db"
    client = EngineClient(told, no_answer, options=EngineOptions(capture=str(path)))
    await client.start()
    connection = await client.connect(profile(mosquitto))
    await connected(told, connection)
    await client.publish(connection, Outgoing("engine/term", b"x", qos=1))
    os.kill(client.pid or 0, signal.SIGTERM)
    await eventually(lambda: told.deaths == ["it ended with status 0"])
    database = sqlite3.connect(path)
    assert database.execute("SELECT count(*) FROM message").fetchone() == (1,)
    database.close()
    await client.shutdown()


async def test_an_engine_that_cannot_start_says_why(told: Told, tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("this is no capture, and long enough to be looked at" * 10)
    client = EngineClient(told, no_answer, options=EngineOptions(capture=str(tmp_path / "text.db")))
    with pytest.raises(AppError, match=r"text\.db"):
        await client.start()
    assert gone(client.pid or 0)
    with pytest.raises(AppError, match="missing"):
        await EngineClient(
            told, no_answer, options=EngineOptions(capture=str(tmp_path / "missing" / "x.db"))
        ).start()


@pytest.fixture(params=["0", "0.5"], ids=["at once", "lingering"])
def front_end(mosquitto: Mosquitto, request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.engine.frontend", f"mqtt://127.0.0.1:{mosquitto.port}", request.param],
        stdout=subprocess.PIPE,
    )
    yield process
    process.kill()
    process.wait()
    assert process.stdout is not None
    process.stdout.close()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_no_engine_outlives_a_front_end_that_was_killed(
    front_end: subprocess.Popen[bytes], number: signal.Signals
) -> None:
    assert front_end.stdout is not None
    pid, _, capture = front_end.stdout.readline().decode().split()
    assert psutil.pid_exists(int(pid))
    front_end.send_signal(number)
    until(lambda: gone(int(pid)), "the engine ends by itself", timeout=4)
    assert Path(capture).exists(), "what was captured can be offered at the next start"


def test_no_engine_outlives_a_front_end_that_was_killed_before_it_attached(tmp_path: Path) -> None:
    code = (
        "import os, signal\n"
        "from mqttx_tui.engine.spawn import EngineOptions, EngineProcess\n"
        "print(EngineProcess.start(EngineOptions()).pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True)
    until(lambda: gone(int(done.stdout)), "the engine ends by itself", timeout=8)


async def test_a_lingering_engine_is_found_again(mosquitto: Mosquitto) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.engine.frontend", f"mqtt://127.0.0.1:{mosquitto.port}", "60"],
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    line = await asyncio.to_thread(process.stdout.readline)
    pid, path, capture = line.decode().split()
    process.kill()
    process.wait()
    process.stdout.close()
    told = Told()
    client = EngineClient(told, no_answer)
    await client.attach(Address(path=path, capture=capture))
    assert [state.phase for state in told.states] == [Phase.CONNECTED]
    await client.shutdown()
    await eventually(lambda: gone(int(pid)))


def test_the_front_end_imports_no_network() -> None:
    code = "import sys, mqttx_tui.engine.client; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    heavy = {"aiomqtt", "paho", "websockets", "textual", "sqlite3"}
    assert not loaded & heavy
    below = ("mqttx_tui.session", "mqttx_tui.transport", "mqttx_tui.capture", "mqttx_tui.wire")
    assert not [name for name in loaded if name.startswith(below)]
