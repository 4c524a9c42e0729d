"""Real terminals: tmux for what a person sees, a bare pty for the bytes."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shlex
import signal
import struct
import subprocess
import termios
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.wait import until

PACE = 0.06
"""Seconds that a person leaves between two keys, at the least."""


class Tmux:
    """One program in a tmux of its own, at tmux's default settings."""

    def __init__(
        self, command: list[str], *, columns: int = 120, rows: int = 40, env: dict[str, str] | None = None
    ):
        self.pace = PACE
        """Seconds between two calls of ``keys``."""
        self._pressed_at = 0.0
        self._socket = f"mqttx-tui-test-{uuid.uuid4().hex[:10]}"
        full = {**os.environ, "TERM": "xterm-256color", "LANG": "C.UTF-8", **(env or {})}
        line = "; ".join([f"COLORTERM=truecolor {shlex.join(command)}", "echo ENDED $?", "sleep 3600"])
        self._call("new-session", "-d", "-x", str(columns), "-y", str(rows), line, env=full)

    def _call(self, *arguments: str, env: dict[str, str] | None = None) -> str:
        command = ["tmux", "-L", self._socket, "-f", "/dev/null", *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True, env=env).stdout

    def keys(self, *names: str) -> None:
        """Press keys by tmux's names (``Enter``, ``C-j``, ``Escape``, ``q``), in one go.

        One call after another comes at a person's pace: faster than that is a paste.
        """
        until(lambda: time.monotonic() - self._pressed_at > self.pace, "a person's pace")
        self._call("send-keys", *names)
        self._pressed_at = time.monotonic()

    def type(self, text: str) -> None:
        """Type text as it stands."""
        self._call("send-keys", "-l", text)

    def paste(self, text: str, *, bracketed: bool) -> None:
        """Paste text; without brackets it arrives as a row of key presses."""
        subprocess.run(
            ["tmux", "-L", self._socket, "-f", "/dev/null", "load-buffer", "-"],
            input=text.encode(),
            check=True,
        )
        self._call("paste-buffer", *(["-p"] if bracketed else []))

    def resize(self, columns: int, rows: int) -> None:
        """Change the window's size."""
        self._call("resize-window", "-x", str(columns), "-y", str(rows))

    def screen(self) -> str:
        """The text on screen."""
        return self._call("capture-pane", "-p")

    def wait_for(self, text: str, timeout: float = 20.0) -> str:
        """The screen, as soon as it shows ``text``."""
        try:
            until(lambda: text in self.screen(), f"the screen shows {text!r}", timeout)
        except AssertionError:
            raise AssertionError(f"no {text!r} on screen:\n{self.screen()}") from None
        return self.screen()

    def close(self) -> None:
        """End the program and its tmux."""
        with contextlib.suppress(subprocess.CalledProcessError):
            self._call("kill-server")


@contextmanager
def tmux(
    command: list[str], *, columns: int = 120, rows: int = 40, env: dict[str, str] | None = None
) -> Iterator[Tmux]:
    """A program in tmux for the length of a ``with``."""
    terminal = Tmux(command, columns=columns, rows=rows, env=env)
    try:
        yield terminal
    finally:
        terminal.close()


def _without_size() -> dict[str, str]:
    """The environment without the size of the terminal that the tests run in."""
    return {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}


def _as_a_login_shell() -> None:
    """The terminal is its own, and SIGHUP ends it, also when the tests were started under ``nohup``."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


class Pty:
    """A program on a bare pseudo-terminal, whose every byte is kept and which may be left undrained."""

    def __init__(
        self, command: list[str], *, columns: int = 120, rows: int = 40, env: dict[str, str] | None = None
    ):
        self.output = bytearray()
        self.last_byte_at = 0.0
        self._reading = threading.Event()
        self._reading.set()
        self._master, slave = os.openpty()
        self.resize(columns, rows)
        self.process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            preexec_fn=_as_a_login_shell,  # noqa: PLW1509 - two calls, no lock
            env={**_without_size(), "TERM": "xterm-256color", "COLORTERM": "truecolor", **(env or {})},
        )
        os.close(slave)
        self._thread = threading.Thread(target=self._drain, daemon=True)
        self._thread.start()

    def _drain(self) -> None:
        while True:
            self._reading.wait()
            try:
                data = os.read(self._master, 65_536)
            except OSError:
                return
            if not data:
                return
            self.output += data
            self.last_byte_at = time.monotonic()

    def stall(self) -> None:
        """Stop reading, as a dead ssh link does (what one read already took still counts)."""
        self._reading.clear()

    def drain(self) -> None:
        """Read again."""
        self._reading.set()

    def resize(self, columns: int, rows: int) -> None:
        """Change the terminal's size."""
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def write(self, data: bytes) -> None:
        """Send key presses."""
        os.write(self._master, data)

    def wait_for(self, data: bytes, timeout: float = 20.0) -> None:
        """Wait until ``data`` was in the output."""
        try:
            until(lambda: data in self.output, f"{data!r} in the output", timeout)
        except AssertionError:
            raise AssertionError(f"no {data!r}; the last bytes: {bytes(self.output[-2000:])!r}") from None

    def rest(self, timeout: float = 20.0) -> int:
        """Wait until the program ended and all of its output is there; returns its exit code."""
        code = self.process.wait(timeout)
        self._thread.join(timeout)
        return code

    @property
    def echoes(self) -> bool:
        """Whether the terminal edits and shows what is typed, as a shell expects it."""
        flags = termios.tcgetattr(self._master)[3]
        return bool(flags & termios.ECHO) and bool(flags & termios.ICANON)

    def close(self) -> None:
        """End the program."""
        self.drain()
        if self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        with contextlib.suppress(OSError):
            os.close(self._master)


@contextmanager
def pty(
    command: list[str], *, columns: int = 120, rows: int = 40, env: dict[str, str] | None = None
) -> Iterator[Pty]:
    """A program on a pty for the length of a ``with``."""
    terminal = Pty(command, columns=columns, rows=rows, env=env)
    try:
        yield terminal
    finally:
        terminal.close()
