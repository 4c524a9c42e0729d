"""The whole app in a terminal of bytes, the way a person starts it."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from mqttx_tui.capture.reader import CaptureReader
from mqttx_tui.model.errors import InputError
from mqttx_tui.model.state import EngineCounters
from tests.support.emulated import Screen
from tests.support.mosquitto import find
from tests.support.terminal import Pty, pty
from tests.support.wait import FACTOR, until

ROOT = Path(__file__).parents[2]
SUBACK = 9


@dataclass
class RunningApp:
    """The app, its engine and the file that it captures to."""

    terminal: Pty
    capture: Path
    port: int
    screen: Screen = field(default_factory=Screen)
    """What the output makes of a terminal, as far as ``shows`` has looked."""
    _fed: int = 0

    @property
    def front(self) -> psutil.Process:
        """The process that paints."""
        return psutil.Process(self.terminal.process.pid)

    @property
    def engine(self) -> psutil.Process:
        """The process that captures."""
        return next(child for child in self.front.children() if "mqttx_tui.engine" in child.cmdline())

    def subscribed(self) -> bool:
        """Whether the broker granted a subscription."""
        if not self.capture.exists():
            return False
        try:
            with closing(CaptureReader(self.capture)) as reader:
                return any(packet.type == SUBACK for _, packet in reader.packets())
        except (InputError, sqlite3.OperationalError):
            return False  # The engine is just making the file.

    def cpu_seconds(self) -> tuple[float, float]:
        """CPU time of the painting and of the capturing process."""
        front, engine = (process.cpu_times() for process in (self.front, self.engine))
        return front.user + front.system, engine.user + engine.system

    def memory(self) -> int:
        """Bytes that the painting process has for itself."""
        return int(self.front.memory_full_info().uss)

    def counters(self) -> EngineCounters:
        """What the capture file says about itself."""
        with closing(CaptureReader(self.capture)) as reader:
            return reader.counters()

    def payloads(self, first: int = 1, count: int = 10_000_000, *, length: int = 8) -> list[bytes]:
        """The beginnings of the captured payloads, in the order of the stream."""
        found: list[bytes] = []
        with closing(CaptureReader(self.capture)) as reader:
            last = min(reader.bounds().last, first + count - 1)
            for start in range(first, last + 1, 10_000):
                part = reader.messages(start, min(10_000, last - start + 1), payload=length)
                found += [message.payload for message in part]
        return found

    def captured(self, count: int, timeout: float) -> EngineCounters:
        """The counters, as soon as ``count`` messages were received."""
        until(lambda: self.counters().received >= count, f"{count} messages captured", timeout)
        return self.counters()

    def publish(self, topic: str, payload: bytes) -> None:
        """Publish one message with a client of its own."""
        program = find("mosquitto_pub")
        assert program
        target = ["-h", "127.0.0.1", "-p", str(self.port), "-t", topic, "-q", "1", "-s"]
        subprocess.run([program, *target], input=payload, check=True, timeout=60 * FACTOR)

    def press(self, keys: str) -> int:
        """Press keys; returns where the output stood before."""
        mark = len(self.terminal.output)
        self.terminal.write(keys.encode())
        return mark

    def shows(self, text: str, since: int = 0, timeout: float = 10.0) -> None:
        """Wait until ``text`` stands on the screen, and something was painted after place ``since``."""

        def shown() -> bool:
            written = len(self.terminal.output)
            self.screen.feed(bytes(self.terminal.output[self._fed : written]))
            self._fed = written
            return written > since and any(text in "".join(row) for row in self.screen.cells)

        try:
            until(shown, f"{text!r} on screen", timeout)
        except AssertionError:
            rows = "\n".join("".join(row) for row in self.screen.cells)
            raise AssertionError(f"no {text!r} on\n{rows}") from None

    def quiet(self, seconds: float) -> None:
        """Wait until nothing was painted for so long."""
        until(lambda: time.monotonic() - self.terminal.last_byte_at > seconds, "the screen is at rest", 30)


@contextmanager
def running_app(
    directory: Path, port: int, *arguments: str, columns: int = 120, rows: int = 40, settings: str = ""
) -> Iterator[RunningApp]:
    """The app on a 120×40 terminal, connected and subscribed to a broker on ``port``.

    ``settings`` is what stands in its ``settings.toml``.
    """
    home = directory / "home"
    home.mkdir()
    if settings:
        config = home / ".config" / "mqttx-tui"
        config.mkdir(parents=True)
        (config / "settings.toml").write_text(settings)
    capture = directory / "capture.mqttx"
    runtime = directory / "run"
    runtime.mkdir(mode=0o700)
    env = {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "PYTHONPATH": str(ROOT),
        "SSH_CONNECTION": "",
        "MQTTX_TUI_LINGER": "0",
        # Where that is in memory no other engine is found there, which would be offered first.
        "XDG_RUNTIME_DIR": str(runtime),
    }
    command = [sys.executable, "-m", "mqttx_tui", f"mqtt://localhost:{port}", "--capture", str(capture)]
    with pty([*command, *arguments], columns=columns, rows=rows, env=env) as terminal:
        app = RunningApp(terminal, capture, port)
        app.shows("Connections", timeout=30)
        until(app.subscribed, "the subscription is granted", 30)
        yield app
