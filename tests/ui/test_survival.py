"""The engine outlives the app: killed, hung up on, or left on purpose; the next start attaches."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from mqttx_tui.capture.place import directories, file_system, lives
from mqttx_tui.capture.reader import CaptureReader
from mqttx_tui.engine.running import Running, find, stop
from tests.support.mosquitto import Mosquitto
from tests.support.mosquitto import find as program
from tests.support.terminal import Pty, pty, tmux
from tests.support.wait import until

SUBACK = 9
RATE = 2_000
COUNT = 8_000
APP = [sys.executable, "-m", "mqttx_tui"]
FEED = """
import sys, time
began = time.perf_counter()
for number in range({count}):
    ahead = number / {rate} - (time.perf_counter() - began)
    if ahead > 0.01:
        sys.stdout.flush()
        time.sleep(ahead)
    print(number)
"""


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A place for private captures into which no other test looks; every engine in it is stopped."""
    parent = "/dev/shm" if file_system("/dev/shm") == "tmpfs" else None
    with tempfile.TemporaryDirectory(prefix="test-", dir=parent) as directory:
        monkeypatch.setenv("XDG_RUNTIME_DIR", directory)
        monkeypatch.setenv("TMPDIR", directory)
        yield Path(directory)
        for one in asyncio.run(find()):
            asyncio.run(stop(one))
        until(lambda: not any(lives(one) for one in directories()), "no engine is left")


@pytest.fixture
def config(tmp_path: Path, mosquitto: Mosquitto) -> Path:
    path = tmp_path / "connections.toml"
    path.write_text(
        "schema = 1\n[connections.greenhouse]\nconnect = true\n"
        f'url = "mqtt://127.0.0.1:{mosquitto.port}"\nsubscriptions = ["survival/{os.getpid()}/#"]\n'
    )
    return path


@pytest.fixture
def app(runtime: Path, config: Path) -> Iterator[Callable[..., Pty]]:
    """Start the app as a person does; ends with the test."""
    with ExitStack() as stack:

        def start(*words: str, linger: str = "10m", columns: int = 100) -> Pty:
            command = [*APP, *words, "--config", str(config), "--linger", linger]
            return stack.enter_context(pty(command, columns=columns, rows=20))

        yield start


@contextmanager
def feeding(broker: Mosquitto) -> Iterator[subprocess.Popen[bytes]]:
    """COUNT numbered messages of QoS 1, RATE a second."""
    code = FEED.format(count=COUNT, rate=RATE)
    topic = f"survival/{os.getpid()}/n"
    sender = program("mosquitto_pub") or ""
    with (
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as numbers,
        subprocess.Popen(
            [sender, "-p", str(broker.port), "-t", topic, "-q", "1", "-l"], stdin=numbers.stdout
        ) as feed,
    ):
        try:
            yield feed
        finally:
            feed.kill()
            numbers.kill()


def only() -> Running:
    (one,) = asyncio.run(find())
    return one


def payloads(path: str) -> list[int]:
    reader = CaptureReader(path)
    try:
        bounds = reader.bounds()
        return [int(one.payload) for one in reader.messages(bounds.floor, bounds.last)]
    finally:
        reader.close()


def connected(terminal: Pty) -> None:
    terminal.wait_for(b"Messages")
    until(subscribed, "the engine is connected")


def subscribed() -> bool:
    found = asyncio.run(find())
    if len(found) != 1 or not found[0].names:
        return False
    reader = CaptureReader(found[0].address.capture)
    try:
        return any(packet.type == SUBACK for _, packet in reader.packets())
    finally:
        reader.close()


@pytest.mark.mosquitto
@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGKILL])
def test_the_engine_goes_on_and_the_next_start_attaches(
    number: signal.Signals, app: Callable[..., Pty], mosquitto: Mosquitto
) -> None:
    first = app()
    connected(first)
    pid = only().pid
    with feeding(mosquitto) as feed:
        until(lambda: only().received > COUNT / 8, "messages arrive")
        first.process.send_signal(number)
        assert first.process.wait(10) == -number
        at_death = only().received
        assert at_death < COUNT, "the messages were all there before the app was gone"
        second = app()
        second.wait_for(b"greenhouse, under a minute, ")
        second.wait_for(b"stop it")
        assert only().front_ends == 0
        second.write(b"a")
        until(lambda: only().front_ends == 1, "attached")
        feed.wait(30)
        until(lambda: only().received == COUNT, "everything is captured", 30)
    one = only()
    assert one.pid == pid
    assert payloads(one.address.capture) == list(range(COUNT))
    second.wait_for(b"8,000")


@pytest.mark.mosquitto
def test_a_terminal_that_is_closed_leaves_the_engine(runtime: Path, config: Path) -> None:
    with tmux([*APP, "--config", str(config), "--linger", "10m"], columns=100, rows=30) as terminal:
        terminal.wait_for("Messages")
        until(subscribed, "the engine is connected")
        assert only().front_ends == 1
    until(lambda: only().front_ends == 0, "the app is gone")
    assert only().names == ("greenhouse",)


@pytest.mark.mosquitto
def test_left_running_attached_by_name_and_kept(app: Callable[..., Pty]) -> None:
    first = app(columns=60)
    connected(first)
    first.write(b"q")
    first.wait_for(b"leave it running")
    first.wait_for(b" back")
    first.write(b"b")
    assert first.rest() == 0
    assert b"mqttx-tui attach" in first.output
    pid = only().pid
    second = app("attach", "greenhouse")
    until(lambda: only().front_ends == 1, "attached")
    assert only().pid == pid
    second.write(b"q")
    second.wait_for(b"keep capture")
    second.write(b"k")
    assert second.rest() == 0
    assert b"capture kept: " in second.output
    assert asyncio.run(find()) == []


@pytest.mark.mosquitto
def test_two_look_at_one_engine(app: Callable[..., Pty], mosquitto: Mosquitto) -> None:
    first = app()
    connected(first)
    second = app("attach")
    until(lambda: only().front_ends == 2, "both attached")
    send = [program("mosquitto_pub") or "", "-p", str(mosquitto.port), "-t", f"survival/{os.getpid()}/both"]
    subprocess.run([*send, "-m", "seen-by-both"], check=True)
    for terminal in (first, second):
        terminal.wait_for(b"seen-by-both")
    second.write(b"q")
    second.wait_for(b"1 more look on")
    second.write(b"b")
    assert second.rest() == 0
    until(lambda: only().front_ends == 1, "the other one stays")
    first.write(b"q")
    first.wait_for(b"again quit")
    first.write(b"q")
    assert first.rest() == 0
    assert asyncio.run(find()) == []


@pytest.mark.mosquitto
@pytest.mark.parametrize(("key", "running"), [(b"n", 2), (b"s", 1)])
def test_a_new_one_beside_it_or_in_its_place(key: bytes, running: int, app: Callable[..., Pty]) -> None:
    first = app()
    connected(first)
    pid = only().pid
    first.process.kill()
    until(lambda: only().front_ends == 0, "nobody looks")
    second = app()
    second.wait_for(b"stop it")
    second.write(key)
    until(lambda: any(one.front_ends for one in asyncio.run(find())), "a new engine")
    found = asyncio.run(find())
    assert len(found) == running
    assert (pid in [one.pid for one in found]) == (running == 2)


@pytest.mark.mosquitto
def test_without_lingering_nothing_is_left_and_nothing_offered(app: Callable[..., Pty]) -> None:
    first = app(linger="0")
    connected(first)
    first.process.kill()
    until(lambda: asyncio.run(find()) == [], "the engine ended")


@pytest.mark.mosquitto
def test_listed_and_stopped(app: Callable[..., Pty]) -> None:
    first = app()
    connected(first)
    first.process.kill()
    until(lambda: only().front_ends == 0, "nobody looks")

    def command(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*APP, "captures", *words], capture_output=True, text=True)

    listed = command("list")
    assert listed.stdout.endswith("greenhouse, under a minute, 0 messages  (in the background)\n")
    assert f'"pid": {only().pid}' in command("list", "--json").stdout
    wrong = command("stop", "house")
    assert (wrong.returncode, "greenhouse" in wrong.stderr) == (2, True)
    assert command("stop", "greenhouse").returncode == 0
    assert asyncio.run(find()) == []
    assert command("list").stderr == "nothing captures in the background\n"
