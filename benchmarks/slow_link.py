"""A terminal behind a slow line: ``python -m benchmarks.slow_link [SECONDS]``.

The pty is drained at 8 kB/s by something that only reads and never answers, while 5,000 messages a second
arrive. The kernel's pty buffer holds 20 kB here; so that no more than 4 kB lie between the app and the
screen, the drainer takes bytes at once into a buffer of its own, lets them out at the line's rate, and
stops the terminal's output (``tcflow``) while that buffer is full: writes block, as on any full line.

Keys are timed as in ``benchmarks.keys``: from the key's bytes to the first byte *let out* after which the
screen shows its effect. Every message carries its number: how old what is shown is after the flood is
told by the newest number on the row of the cursor and by when the screen stood still.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import re
import select
import struct
import termios
import time
from collections import deque

from benchmarks.flood import Flood
from benchmarks.keys import (
    FIRST,
    LEFT,
    Holds,
    Player,
    by_name,
    cursor_on,
    field_reads,
    quantile,
    title_lacks,
    title_says,
)
from benchmarks.rows import Row, quick, record
from benchmarks.watched import Watched, explored

RATE = 8_000
"""Bytes a second that the line lets out."""
BUFFER = 4096
GET_NUMBER = 0x80045430
"""TIOCGPTN of Linux: the number of a pty."""
STEP = 0.004
FLOOD = 5_000
PACE = 0.45
NUMBER = re.compile(r"n=(\d{10})")


class Slow(Watched):
    """A pty behind a line that may be made slow. ``waited`` says how long each piece lay in the buffer."""

    def __init__(self, command: list[str], *, env: dict[str, str] | None = None) -> None:
        self.rate = 10_000_000.0
        self.waited: deque[tuple[float, float]] = deque()
        super().__init__(command, env=env)

    def _drain(self) -> None:
        os.set_blocking(self._master, False)
        slave = os.open(self._name(), os.O_RDWR | os.O_NOCTTY)
        held: deque[tuple[float, bytes]] = deque()
        size, allowed, stopped, last = 0, 0.0, False, time.monotonic()
        try:
            while True:
                now = time.monotonic()
                allowed = min(allowed + self.rate * (now - last), max(self.rate * STEP * 2, 64))
                last = now
                if size < BUFFER or self.rate > RATE:
                    size += self._collect(held, now)
                allowed, size = self._let_out(held, allowed, size, now)
                if stopped != (size >= BUFFER):
                    stopped = not stopped
                    termios.tcflow(slave, termios.TCOOFF if stopped else termios.TCOON)
                if not size:
                    select.select([self._master], [], [], 0.05)
                else:
                    time.sleep(STEP)
        except OSError:
            return
        finally:
            os.close(slave)

    def _name(self) -> str:
        number = struct.unpack("i", fcntl.ioctl(self._master, GET_NUMBER, b"\0" * 4))[0]
        return f"/dev/pts/{number}"

    def _collect(self, held: deque[tuple[float, bytes]], now: float) -> int:
        if not struct.unpack("i", fcntl.ioctl(self._master, termios.FIONREAD, b"\0" * 4))[0]:
            if self.process_ended():
                raise OSError
            return 0
        data = os.read(self._master, BUFFER)
        held.append((now, data))
        return len(data)

    def process_ended(self) -> bool:
        """Whether the program is gone."""
        process = getattr(self, "process", None)
        return process is not None and process.poll() is not None

    def _let_out(
        self, held: deque[tuple[float, bytes]], allowed: float, size: int, now: float
    ) -> tuple[float, int]:
        while held and allowed >= 1:
            came, data = held.popleft()
            part = data[: int(allowed)]
            if len(part) < len(data):
                held.appendleft((came, data[len(part) :]))
            self.waited.append((now, now - came))
            self.show(part, now)
            allowed -= len(part)
            size -= len(part)
        return allowed, size


class Slowly(Player):
    """A person on a slow line: fields, the cursor, the page."""

    def session(self) -> None:
        """Everything once."""
        self.key("/", "/", title_lacks("3 Messages"))
        for end in range(1, 6):
            self.key("a letter of the filter", "n=000"[end - 1], field_reads("n=000"[:end]))
        self.key("Esc", "\x1b", title_says("3 Messages"))
        self.key("hold", "k", lambda screen: "noisiest" not in screen.line(FIRST + 16))
        for _ in range(6):
            at = next((y for y in range(16) if cursor_on(y)(self.terminal.screen)), 15)
            self.key("up", "k", cursor_on(max(at - 1, 0)))
        self.key("page", "\x1b[5~", self.other_page())
        self.key("follow", "f", title_lacks("HELD"))

    def other_page(self) -> Holds:
        """Some row of the page reads otherwise than now."""
        before = [line[LEFT + 1 :] for line in self.terminal.screen.lines()[FIRST : FIRST + 16]]
        return lambda screen: [line[LEFT + 1 :] for line in screen.lines()[FIRST : FIRST + 16]] != before


def newest(terminal: Watched) -> int:
    """The highest number that the stream shows."""
    with terminal.changed:
        lines = terminal.screen.lines()[FIRST : FIRST + 17]
    return max((int(found) for line in lines for found in NUMBER.findall(line[LEFT:])), default=-1)


def main() -> None:
    """Measure and record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seconds", type=int, nargs="?", default=quick(60, 9))
    seconds = parser.parse_args().seconds
    with explored(terminal=Slow) as app:
        terminal = app.terminal
        assert isinstance(terminal, Slow)
        time.sleep(1)
        terminal.rate = RATE
        flood = Flood(app.broker.port, FLOOD, seconds, kind="thousand")
        began = flood.fire()
        terminal.wait_screen("showing")
        time.sleep(quick(3, 1))
        player = Slowly(terminal, began + seconds - 2, pace=PACE)
        while not player.over:
            player.session()
        if not title_lacks("HELD")(terminal.screen):
            terminal.write(b"f")
        sent = flood.wait()
        time.sleep(max(sent.ended + 1 - time.monotonic(), 0))
        shown = newest(terminal)
        oldest = max((wait for at, wait in terminal.waited if sent.ended < at <= sent.ended + 1), default=0.0)
        terminal.when(lambda screen: newest(terminal) == sent.sent - 1, 5)
        report(
            player,
            (sent.sent - 1 - shown) / FLOOD,
            oldest,
            terminal.bytes_between(began, sent.ended) / seconds,
        )
        lost = app.missing(sent.sent)
    record(
        Row(benchmark="slow-link", figure="messages sent and not captured", value=lost, unit="lost", most=0)
    )


def report(player: Player, behind: float, oldest: float, rate: float) -> None:
    """The rows."""
    times = [taken * 1000 for _, taken in player.taken]
    note = f"{len(times)} keys; {rate:,.0f} B/s; ms: {by_name(player)}"
    figure = "8 kB/s: 95% of keys change the screen within"
    record(
        Row(benchmark="slow-link", figure=figure, value=quantile(times, 0.95), unit="ms", most=500, note=note)
    )
    lost = len(player.lost)
    record(
        Row(benchmark="slow-link", figure="8 kB/s: keys without an answer", value=lost, unit="lost", most=0)
    )
    figure = "8 kB/s: newest message on screen, 1 s after the flood: age"
    record(Row(benchmark="slow-link", figure=figure, value=max(behind, 0.0), unit="s", most=1))
    figure = "8 kB/s: longest wait of a byte that is shown then"
    record(Row(benchmark="slow-link", figure=figure, value=oldest, unit="s", most=1))


if __name__ == "__main__":
    main()
