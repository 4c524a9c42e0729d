"""Starting an engine as a child process, in a process session of its own."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from dataclasses import dataclass

from mqttx_tui.engine.address import Address, parse_line
from mqttx_tui.engine.channel import ChannelError
from mqttx_tui.model.errors import AppError

READY_SECONDS = 20.0
GONE_SECONDS = 3.0
"""How long an engine may take to end after ``shutdown`` before it is killed."""
COPY_SECONDS = 600.0
"""The same for one that copies its capture to a slow file system at the end."""


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """``capture`` is the file to keep ("" for a private one); limits of None are the defaults.

    ``low_memory``: None lets the engine see how much memory there is.
    """

    capture: str = ""
    messages: int | None = None
    size: int | None = None
    topics: int | None = None
    low_memory: bool | None = None

    def arguments(self) -> list[str]:
        """The command line: nothing secret stands there."""
        words = ["--capture", self.capture] if self.capture else []
        for name in ("messages", "size", "topics"):
            value = getattr(self, name)
            if value is not None:
                words += [f"--{name}", str(value)]
        if self.low_memory is not None:
            words.append("--low-memory" if self.low_memory else "--no-low-memory")
        return words


def interpreter_flags() -> list[str]:
    """The ``-X`` options of this interpreter (``frozen_modules`` decides how fast it starts)."""
    flags = []
    for name, value in getattr(sys, "_xoptions", {}).items():
        if name != "importtime":
            flags += ["-X", name if value is True else f"{name}={value}"]
    return flags


class EngineProcess:
    """The child: started, waited for, and never left behind."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    @classmethod
    def start(cls, options: EngineOptions) -> EngineProcess:
        """Start it; returns at once."""
        return cls(
            subprocess.Popen(
                [sys.executable, *interpreter_flags(), "-m", "mqttx_tui.engine", *options.arguments()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        )

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    async def ready(self) -> Address:
        """Where it listens. Raises ``AppError`` with what it wrote when it ended instead."""
        assert self._process.stdout is not None
        loop = asyncio.get_running_loop()
        try:
            line = await asyncio.wait_for(
                loop.run_in_executor(None, self._process.stdout.readline), READY_SECONDS
            )
            address = parse_line(line)
        except (TimeoutError, ChannelError):
            raise await self._start_failed() from None
        finally:
            self._process.stdout.close()
        return address

    async def _start_failed(self) -> AppError:
        self._process.kill()
        assert self._process.stderr is not None
        written = await asyncio.get_running_loop().run_in_executor(None, self._process.stderr.read)
        self._process.wait()
        self._process.stderr.close()
        lines = [line for line in written.decode("utf-8", "replace").splitlines() if line.strip()]
        return AppError(lines[-1] if lines else "it ended without a word", title="The engine did not start")

    async def gone(self, seconds: float = GONE_SECONDS) -> int:
        """Wait for its end, kill it after ``seconds``; returns the exit status."""
        loop = asyncio.get_running_loop()
        try:
            status = await loop.run_in_executor(None, self._wait, seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            status = await loop.run_in_executor(None, self._wait, seconds)
        if self._process.stderr is not None:
            self._process.stderr.close()
        return status

    def _wait(self, seconds: float) -> int:
        return self._process.wait(seconds)

    def kill(self) -> None:
        """SIGKILL."""
        self._process.kill()


def ending(status: int) -> str:
    """An exit status in words."""
    if status >= 0:
        return f"it ended with status {status}"
    import signal

    try:
        return f"it was ended by {signal.Signals(-status).name}"
    except ValueError:
        return f"it was ended by signal {-status}"
