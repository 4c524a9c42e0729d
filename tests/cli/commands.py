"""Running the commands as processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from tests.support.mosquitto import Mosquitto, find
from tests.support.wait import FACTOR, until

PROGRAM = [sys.executable, "-m", "mqttx_tui"]


def environment(**extra: str) -> dict[str, str]:
    """The tests' own, without a profile file of the person."""
    return {**os.environ, "MQTTX_TUI_CONFIG": os.devnull, **extra}


def url(broker: Mosquitto) -> str:
    """Where a broker listens on plain TCP."""
    return f"mqtt://127.0.0.1:{broker.port}"


def run(*arguments: str, data: bytes | None = None, **extra: str) -> subprocess.CompletedProcess[bytes]:
    """A command from its start to its end."""
    return subprocess.run(
        [*PROGRAM, *arguments],
        input=data,
        stdin=subprocess.DEVNULL if data is None else None,
        capture_output=True,
        timeout=30 * FACTOR,
        env=environment(**extra),
    )


class Command:
    """A command that runs beside the test."""

    def __init__(self, arguments: Sequence[str], stdout: int | None, **extra: str) -> None:
        self.process = subprocess.Popen(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if stdout is None else stdout,
            stderr=subprocess.PIPE,
            env=environment(**extra),
        )
        self.out, self.err = bytearray(), bytearray()
        self._readers = [self._collect(self.process.stderr, self.err)]
        if stdout is None:
            self._readers.append(self._collect(self.process.stdout, self.out))

    def _collect(self, pipe: Any, into: bytearray) -> threading.Thread:
        def read() -> None:
            while data := os.read(pipe.fileno(), 65_536):
                into.extend(data)

        thread = threading.Thread(target=read, daemon=True)
        thread.start()
        return thread

    @property
    def over(self) -> bool:
        """Whether it has ended, and all that it wrote was read."""
        return not any(reader.is_alive() for reader in self._readers)

    def says(self, text: str) -> None:
        """Wait for words on stderr."""
        until(lambda: text.encode() in self.err or self.over, text)
        assert text.encode() in self.err, self.err.decode()

    def prints(self, count: int) -> None:
        """Wait for bytes on stdout."""
        until(lambda: len(self.out) >= count, f"{count} bytes on stdout, not {len(self.out)}: {self.err!r}")

    def end(self, timeout: float = 10.0) -> int:
        """Wait for its end; returns the exit code."""
        code = self.process.wait(timeout * FACTOR)
        for reader in self._readers:
            reader.join(5)
        return code


@contextmanager
def started(
    *arguments: str, stdout: int | None = None, program: list[str] = PROGRAM, **extra: str
) -> Iterator[Command]:
    """A command for the length of a ``with``."""
    command = Command([*program, *arguments], stdout, **extra)
    try:
        yield command
    finally:
        command.process.kill()
        command.end()
        for pipe in (command.process.stdout, command.process.stderr):
            if pipe is not None:
                pipe.close()


def mosquitto_pub(broker: Mosquitto, *arguments: str, data: bytes | None = None) -> None:
    """Publish with mosquitto's own program."""
    program = find("mosquitto_pub") or ""
    subprocess.run([program, "-p", str(broker.port), *arguments], input=data, check=True, timeout=20)


def objects(out: bytes) -> list[dict[str, Any]]:
    """The JSON objects of some lines."""
    return [json.loads(line) for line in out.splitlines()]
