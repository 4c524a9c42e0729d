"""The driver on real terminals: what a stalled one costs, and what a working one is sent."""

from __future__ import annotations

import contextlib
import os
import shlex
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mqttx_tui.ui.driver import CountingWriter
from tests.support.mosquitto import Mosquitto, find
from tests.support.terminal import pty, tmux
from tests.support.wait import until

FRAME = "\x1b[5;1H" + "x" * 20_000
RUN = """
import sys
from pathlib import Path
from mqttx_tui.model.start import StartOptions
from mqttx_tui.ui.start import run_app
sys.exit(run_app(StartOptions(targets=(sys.argv[1],), filters=("#",), config=Path(sys.argv[2]))))
"""


def app_command(port: int, directory: Path) -> list[str]:
    return [sys.executable, "-c", RUN, f"mqtt://127.0.0.1:{port}", str(directory / "none.toml")]


class Pipe:
    """A terminal that reads only when it is told to."""

    def __init__(self) -> None:
        self.read_end, write_end = os.pipe()
        self.file = os.fdopen(write_end, "w")
        self.drained = 0
        self.writer = CountingWriter(self.file, self._drained)
        self.writer.start()
        self.got = bytearray()

    def _drained(self) -> None:
        self.drained += 1

    def drain(self) -> None:
        """Read until nothing is outstanding."""
        os.set_blocking(self.read_end, False)

        def empty() -> bool:
            try:
                while data := os.read(self.read_end, 65_536):
                    self.got += data
            except BlockingIOError:
                pass
            return self.writer.outstanding == 0

        until(empty, "everything is taken")
        empty()

    def close(self) -> None:
        self.writer.stop()
        os.close(self.read_end)
        self.file.close()


def test_writing_never_blocks_and_everything_arrives_in_order() -> None:
    pipe = Pipe()
    texts = [FRAME + f"\x1b[1;1H{number}" for number in range(200)]
    for text in texts:
        pipe.writer.write(text)
    assert pipe.writer.outstanding > 3_000_000, "the pipe holds 64 kB"
    until(lambda: pipe.writer.stalled, "the stall to be noticed")
    assert pipe.drained == 0
    pipe.drain()
    until(lambda: pipe.drained == 1, "told once")
    assert pipe.got.decode() == "".join(texts)
    pipe.close()


def test_lone_surrogates_do_not_end_the_writer() -> None:
    pipe = Pipe()
    pipe.writer.write("\x1b[1;1H\udc80")
    pipe.writer.write("\x1b[1;1Hstill here")
    pipe.drain()
    assert b"still here" in pipe.got
    pipe.close()


def test_closing_does_not_wait_for_a_terminal_that_does_not_read() -> None:
    pipe = Pipe()
    for _ in range(20):
        pipe.writer.write(FRAME)
    started = time.monotonic()
    pipe.writer.stop()
    assert time.monotonic() - started < 3
    os.close(pipe.read_end)
    pipe.writer.join(5)
    with contextlib.suppress(BrokenPipeError):
        pipe.file.close()


class Publisher:
    """Publishes numbered lines until it is told to stop."""

    def __init__(self, port: int, rate: int) -> None:
        program = find("mosquitto_pub")
        assert program is not None
        self._process = subprocess.Popen(
            [program, "-p", str(port), "-t", "site/line", "-l"], stdin=subprocess.PIPE, text=True
        )
        self._rate = rate
        self._stopping = False
        self.sent = 0
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        assert self._process.stdin is not None
        started = time.monotonic()
        while not self._stopping:
            wanted = int((time.monotonic() - started) * self._rate)
            while self.sent < wanted:
                self.sent += 1
                self._process.stdin.write(f"line-{self.sent:07}\n")
            self._process.stdin.flush()
            threading.Event().wait(0.02)

    def stop(self) -> int:
        self._stopping = True
        self._thread.join()
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)
        return self.sent


@pytest.mark.mosquitto
def test_after_a_stall_the_screen_is_current_and_nothing_old_is_let_out(
    start_mosquitto: Callable[..., Mosquitto], tmp_path: Path
) -> None:
    broker = start_mosquitto(options=["allow_anonymous true", "max_queued_messages 0"])
    with pty(app_command(broker.port, tmp_path), columns=120, rows=40) as terminal:
        terminal.wait_for(b"LIVE")
        terminal.wait_for("●".encode())
        publisher = Publisher(broker.port, 1000)
        terminal.wait_for(b"line-0001")
        terminal.stall()
        until(lambda: publisher.sent > 6000, "five seconds of traffic", 30)
        last = publisher.stop()
        before = len(terminal.output)
        terminal.drain()
        started = time.monotonic()
        terminal.wait_for(f"line-{last:07}".encode())
        assert time.monotonic() - started < 2
        assert len(terminal.output) - before < 160_000


@pytest.mark.mosquitto
def test_over_ssh_a_flood_stays_within_the_byte_budget(
    start_mosquitto: Callable[..., Mosquitto], tmp_path: Path
) -> None:
    broker = start_mosquitto(options=["allow_anonymous true", "max_queued_messages 0"])
    command = app_command(broker.port, tmp_path)
    with pty(command, columns=120, rows=40, env={"SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22"}) as terminal:
        terminal.wait_for("●".encode())
        publisher = Publisher(broker.port, 3000)
        terminal.wait_for(b"showing")
        before, started = len(terminal.output), time.monotonic()
        until(lambda: time.monotonic() - started > 5, "five seconds", 30)
        assert (len(terminal.output) - before) / (time.monotonic() - started) < 64_000
        publisher.stop()


@pytest.mark.mosquitto
def test_in_tmux_keys_arrive_and_q_q_ends_it(
    start_mosquitto: Callable[..., Mosquitto], tmp_path: Path
) -> None:
    broker = start_mosquitto(options=["allow_anonymous true"])
    with tmux(app_command(broker.port, tmp_path), columns=80, rows=24) as terminal:
        terminal.wait_for("●")
        terminal.keys("2")
        terminal.wait_for("[2 Topics]")
        terminal.keys("Escape", "3")
        terminal.wait_for("[3 Messages]")
        terminal.keys("q")
        terminal.wait_for("q again quit")
        terminal.keys("q")
        terminal.wait_for("ENDED 0")


@pytest.mark.mosquitto
def test_suspended_and_brought_back_the_whole_screen_is_painted(
    start_mosquitto: Callable[..., Mosquitto], tmp_path: Path
) -> None:
    broker = start_mosquitto(options=["allow_anonymous true"])
    with tmux(["bash", "--norc"], columns=80, rows=24) as terminal:
        terminal.type(shlex.join(app_command(broker.port, tmp_path)) + "\n")
        terminal.wait_for("[3 Messages]")
        terminal.wait_for("●")
        terminal.keys("C-z")
        terminal.wait_for("Stopped")
        terminal.type("fg\n")
        screen = terminal.wait_for("[3 Messages]")
        until(lambda: "q quit" in terminal.screen(), "the footer")
        assert "Stopped" not in screen.splitlines()[0]
