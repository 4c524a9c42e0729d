"""The app on a real broker in a real pty of 120x40, whose every byte is timed."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.measured import SCRATCH
from mqttx_tui.capture.reader import CaptureReader
from mqttx_tui.engine.running import Running, find
from tests.support.emulated import Screen
from tests.support.mosquitto import Mosquitto
from tests.support.terminal import Pty
from tests.support.wait import until

COLUMNS, ROWS = 120, 40
PROGRAM = [sys.executable, "-m", "mqttx_tui"]


class Watched(Pty):
    """A pty that keeps when each byte came and what the screen shows."""

    def __init__(self, command: list[str], *, env: dict[str, str] | None = None) -> None:
        self.screen = Screen(COLUMNS, ROWS)
        self.chunks: list[tuple[float, int]] = []
        """When bytes came (monotonic seconds), and how many."""
        self.changed = threading.Condition()
        super().__init__(command, columns=COLUMNS, rows=ROWS, env=env)

    def _drain(self) -> None:
        while True:
            try:
                data = os.read(self._master, 65_536)
            except OSError:
                return
            if not data:
                return
            self.show(data, time.monotonic())

    def show(self, data: bytes, at: float) -> None:
        """The terminal shows these bytes now."""
        with self.changed:
            self.last_byte_at = at
            self.chunks.append((at, len(data)))
            self.screen.feed(data)
            self.changed.notify_all()

    def when(self, holds: Callable[[Screen], bool], timeout: float) -> float | None:
        """When the screen first showed it; None when it did not."""
        deadline = time.monotonic() + timeout
        with self.changed:
            while not holds(self.screen):
                if not self.changed.wait(max(deadline - time.monotonic(), 0)):
                    return None
            return self.last_byte_at

    def wait_screen(self, text: str, timeout: float = 20.0) -> None:
        """Wait until the screen shows ``text``."""
        if self.when(lambda screen: screen.find(text) >= 0, timeout) is None:
            raise AssertionError(f"no {text!r} on screen:\n" + "\n".join(self.screen.lines()))

    def press(self, key: bytes, holds: Callable[[Screen], bool], timeout: float = 5.0) -> float | None:
        """Seconds from the key's bytes to the first bytes after which ``holds`` is true; None: never.

        It has to be false before: what traffic paints must not count as an answer.
        """
        with self.changed:
            assert not holds(self.screen), f"{key!r} would change nothing"
            began = time.monotonic()
            os.write(self._master, key)
        at = self.when(holds, timeout)
        return None if at is None else at - began

    def bytes_between(self, first: float, last: float) -> int:
        """Bytes that came in this stretch of monotonic time."""
        with self.changed:
            return sum(size for at, size in self.chunks if first <= at < last)

    def worst(self, first: float, last: float, window: float = 5.0) -> float:
        """Most bytes a second over any ``window`` of this stretch."""
        with self.changed:
            chunks = [(at, size) for at, size in self.chunks if first <= at < last]
        worst = held = start = 0
        for at, size in chunks:
            held += size
            while at - chunks[start][0] >= window:
                held -= chunks[start][1]
                start += 1
            worst = max(worst, held)
        return worst / min(window, max(last - first, 0.001))


class Explored:
    """The running app, its engine, and the broker it is connected to."""

    def __init__(self, broker: Mosquitto, terminal: Watched) -> None:
        self.broker, self.terminal = broker, terminal
        self.engine = self._engine()

    def _engine(self) -> Running:
        def one() -> Running | None:
            found = asyncio.run(find())
            return found[0] if found else None

        return until(one, "the engine runs")  # type: ignore[return-value]

    @property
    def pids(self) -> tuple[int, int]:
        """Front end and engine."""
        return self.terminal.process.pid, self.engine.pid

    def counted(self) -> tuple[int, int]:
        """Received, and received but neither kept nor evicted on purpose."""
        reader = CaptureReader(self.engine.address.capture)
        try:
            found = reader.counters()
            return found.received, found.received - found.kept - found.evicted - found.excluded
        finally:
            reader.close()

    def missing(self, sent: int, timeout: float = 20.0) -> int:
        """How many of ``sent`` messages are not in the capture's counters, once they stand still."""
        deadline = time.monotonic() + timeout
        received, lost = self.counted()
        while received < sent and time.monotonic() < deadline:
            time.sleep(0.1)
            received, lost = self.counted()
        return sent - received + lost


@contextmanager
def explored(
    *,
    env: dict[str, str] | None = None,
    terminal: type[Watched] = Watched,
    words: tuple[str, ...] = (),
    within: tuple[str, ...] = (),
) -> Iterator[Explored]:
    """The app connected to a mosquitto without queue limits, subscribed to ``flood/#``.

    ``within`` is a command that starts the app under limits (its own process becomes the app).
    """
    with tempfile.TemporaryDirectory(prefix="bench-", dir=SCRATCH) as home:
        places = {"HOME": home, "XDG_CONFIG_HOME": home, "XDG_RUNTIME_DIR": home, "TMPDIR": home}
        os.environ.update(places)
        options = ["allow_anonymous true", "max_queued_messages 0"]
        broker = Mosquitto(Path(home), options=options).start()
        command = [
            *within,
            *PROGRAM,
            f"mqtt://127.0.0.1:{broker.port}",
            "-t",
            "flood/#",
            "--linger",
            "0",
            *words,
        ]
        started = terminal(command, env={**places, **(env or {})})
        try:
            started.wait_screen("Messages")
            started.wait_screen("●")
            until(lambda: "flood/#" in broker.log, "subscribed")
            yield Explored(broker, started)
        finally:
            started.close()
            broker.stop()
