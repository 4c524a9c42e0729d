"""What captures a blast, ours and others, and how long each takes to its last message.

Ours is started as a person starts it and counted by its capture file; the others write to /dev/null
where they count themselves, or else to a pipe that is read to the last message.
"""

from __future__ import annotations

import os
import select
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measured import cpu_seconds, received
from mqttx_tui.capture.reader import CaptureReader
from mqttx_tui.model.errors import InputError
from mqttx_tui.model.state import EngineCounters
from tests.support.mosquitto import Mosquitto
from tests.support.wait import until

ROOT = Path(__file__).resolve().parents[1]
LOOK_SECONDS = 0.005
STILL_SECONDS = 20.0
"""Nothing more came for so long: what is missing will not come."""

PIPE_BYTES = 1024 * 1024
Begin = Callable[[], int]
"""Starts the flow; returns the monotonic time in ns."""


@dataclass(frozen=True, slots=True)
class Blast:
    """How one run of ours went: ``rate`` in messages a second, first byte sent to last message committed,
    ``cpu`` in microseconds of the capturing process for each message."""

    sent: int
    rate: float
    cpu: float
    counters: EngineCounters

    @property
    def missing(self) -> int:
        """How many did not come into the file."""
        return self.sent - self.counters.kept - self.counters.evicted


class Captured:
    """A capture file that another process writes, watched with one light look-up."""

    def __init__(self, path: Path, pid: int) -> None:
        """``pid`` is the process that captures."""
        self.path = path
        self.pid = pid

    def counters(self) -> EngineCounters:
        """What the file says about itself."""
        with closing(CaptureReader(self.path)) as reader:
            return reader.counters()

    def measure(self, begin: Begin, count: int) -> Blast:
        """Start the flow and wait until ``count`` more are in the file, or none come any more."""
        with closing(sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)) as database:
            before = got = received(database)
            cpu = cpu_seconds(self.pid)
            began = begin()
            changed = time.monotonic_ns()
            while got < before + count and time.monotonic_ns() - changed < STILL_SECONDS * 1e9:
                time.sleep(LOOK_SECONDS)
                now = received(database)
                if now != got:
                    got, changed = now, time.monotonic_ns()
        cpu = cpu_seconds(self.pid) - cpu
        got -= before
        return Blast(count, got / ((changed - began) / 1e9), cpu / max(got, 1) * 1e6, self.counters())


@contextmanager
def recording(directory: Path, url: str, ready: Callable[[], bool], *options: str) -> Iterator[Captured]:
    """``mqttx-tui record`` into a file in ``directory``; ``ready`` says when it may be sent to."""
    path = directory / "recorded.db"
    command = [sys.executable, "-m", "mqttx_tui", "record", url, "--capture", str(path), *options]
    environment = {**os.environ, "HOME": str(directory), "XDG_CONFIG_HOME": str(directory)}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL) as process:
        try:
            until(lambda: ready() and _made(path), f"{url} is recorded", 20)
            yield Captured(path, process.pid)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(20)
            for suffix in ("", "-wal", "-shm"):
                Path(str(path) + suffix).unlink(missing_ok=True)


def _made(path: Path) -> bool:
    if not path.exists():
        return False
    try:
        with closing(CaptureReader(path)) as reader:
            return bool(reader.counters().connections)
    except (InputError, sqlite3.OperationalError):
        return False  # it is just being made


def subscribed(broker: Mosquitto) -> Callable[[], bool]:
    """Whether the broker granted one more subscription than before this call."""
    before = broker.log.count("blast/#")
    return lambda: broker.log.count("blast/#") > before


def itself(command: Sequence[str], ready: Callable[[], bool], begin: Begin, count: int) -> float:
    """Messages a second of a program that ends after ``count`` of them, its output thrown away."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        until(ready, f"{command[0]} subscribes")
        began = begin()
        process.wait(180)
        return count / ((time.monotonic_ns() - began) / 1e9)


def printing(command: Sequence[str], ready: Callable[[], bool], begin: Begin, count: int) -> float:
    """Messages a second of a program that prints them and does not end: up to the last one's number.

    0 where that one never came.
    """
    reading, writing = os.pipe()
    _widen(writing)
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=writing, stderr=subprocess.DEVNULL
    ) as process:
        os.close(writing)
        try:
            until(ready, f"{command[0]} subscribes", 20)
            began = begin()
            seen = _read_to(reading, b"%08d" % (count - 1))
            return count / ((time.monotonic_ns() - began) / 1e9) if seen else 0.0
        finally:
            process.kill()
            os.close(reading)


def _read_to(reading: int, last: bytes) -> bool:
    """Read until ``last`` came; False where the pipe falls silent or ends before."""
    tail = b""
    while select.select([reading], [], [], STILL_SECONDS)[0]:
        data = os.read(reading, PIPE_BYTES)
        if not data:
            return False
        if last in data or last in tail + data[: len(last)]:
            return True
        tail = data[-len(last) :]
    return False


def _widen(pipe: int) -> None:
    """A pipe of 64 kB would make a fast printer wait for us."""
    try:
        import fcntl

        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    except (ImportError, AttributeError, OSError):
        return
