"""The real app on a pty, its engine and the capture file, weighed from outside: memory, CPU, sizes.

Proportional set size (PSS) from ``/proc/PID/smaps_rollup``: shared pages count by their share, so that
the sum over processes is what the machine gave. The capture lies in memory, where the app puts it too.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.blast import Blaster
from benchmarks.measured import SCRATCH, pss, received
from mqttx_tui.capture.log import file_bytes, wal_bytes
from mqttx_tui.capture.reader import CaptureReader
from mqttx_tui.model.state import EngineCounters
from tests.endurance.running import RunningApp, running_app
from tests.support.mosquitto import Mosquitto

LOOK_SECONDS = 0.1
ASK_SECONDS = 0.01
STILL_SECONDS = 30.0
"""Nothing more comes in for so long: what is missing will not come."""


@dataclass
class Sizes:
    """MB: PSS of both processes, the file and its log."""

    front: float = 0.0
    engine: float = 0.0
    file: float = 0.0
    log: float = 0.0


class Weighed:
    """The app, the broker it listens to, and what both of its processes take."""

    def __init__(self, app: RunningApp, broker: Mosquitto) -> None:
        self.app = app
        self.broker = broker
        self.front = app.front.pid
        self.engine = app.engine.pid
        self.peaks = Sizes()
        self.missing = 0
        self.path = str(app.capture)

    def look(self) -> None:
        """Take the figures of this moment into the peaks."""
        now, peaks = self.now(), self.peaks
        peaks.front = max(peaks.front, now.front)
        peaks.engine = max(peaks.engine, now.engine)
        peaks.file = max(peaks.file, now.file)
        peaks.log = max(peaks.log, now.log)

    def now(self) -> Sizes:
        """As of now."""
        file, log = os.path.getsize(self.path) / 1e6, wal_bytes(self.path) / 1e6
        return Sizes(pss(self.front) / 1e6, pss(self.engine) / 1e6, file, log)

    def counters(self) -> EngineCounters:
        """What the capture says about itself."""
        with closing(CaptureReader(self.path)) as reader:
            return reader.counters()

    def blast(self, count: int, *, size: int = 200, topics: int = 1000, rate: int = 0) -> float:
        """Send ``count`` messages and wait until all are captured (or none come any more); the seconds.

        The figures are looked at ten times a second meanwhile. ``missing`` says what did not come.
        """
        blaster = Blaster(self.broker.port, count, size=size, topics=topics, rate=rate)
        with closing(sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)) as database:
            before = got = received(database)
            began = blaster.fire()
            moved = ended = looked = time.monotonic()
            while got < before + count and time.monotonic() - moved < STILL_SECONDS:
                time.sleep(ASK_SECONDS)
                now = received(database)
                if now != got:
                    got, moved = now, time.monotonic()
                    ended = moved
                if time.monotonic() - looked >= LOOK_SECONDS:
                    self.look()
                    looked = time.monotonic()
        blaster.wait()
        self.missing = before + count - got
        return ended - began / 1e9

    def settle(self, seconds: float = 3.0) -> None:
        """Let the screen, topic rows and eviction come to rest."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            time.sleep(LOOK_SECONDS)
            self.look()

    def whole_file(self) -> float:
        """MB of the capture with its log."""
        return file_bytes(self.path) / 1e6


@contextmanager
def weighed(*, messages: int = 1_000_000, size: int = 0, topics: int = 0) -> Iterator[Weighed]:
    """The app with these limits (0: its own), subscribed to everything that the load generator sends."""
    with tempfile.TemporaryDirectory(dir=SCRATCH, prefix="bench-") as directory:
        place = Path(directory)
        broker = Mosquitto(place)
        broker.options = ["allow_anonymous true", "max_queued_messages 0"]
        broker.options += ["log_type none", "log_type subscribe", "set_tcp_nodelay true"]
        broker.start()
        lines = ["[retention]", f"messages = {messages}", f"bytes = {size}", f"topics = {topics}"]
        try:
            with running_app(place, broker.port, "-t", "blast/#", settings="\n".join(lines)) as app:
                yield Weighed(app, broker)
        finally:
            broker.stop()
