"""Regular expressions searched in a process of their own, one text at a time, with a limit.

For threads that ask about few texts: Python holds the interpreter lock while a pattern backtracks, so a
pattern without end in a thread stops the whole program. (``remote`` moves a whole scan instead.)
"""

from __future__ import annotations

import contextlib
import select
import struct
import subprocess
import sys
from collections.abc import Iterator
from typing import BinaryIO

from mqttx_tui.capture.filters import subject
from mqttx_tui.capture.filters.nodes import Node, has_pattern
from mqttx_tui.capture.filters.remote import end_alone_after

PATIENCE = 5.0
"""Seconds for one text."""
COMMAND = (sys.executable, "-m", "mqttx_tui.capture.filters.patterns")
TOO_LONG = "the pattern takes too long"
_ALONE_SECONDS = 15
_LENGTHS = struct.Struct(">II")


class PatternTooLong(Exception):
    """A text kept the pattern busy for ``PATIENCE``."""


class PatternProcess:
    """The process; it is started by the first search. Used by one thread."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self.problem = ""
        """Why a search was given up: SQLite loses the words of an exception in a function."""

    def search(self, pattern: str, text: str) -> bool:
        """Whether ``pattern`` is found in ``text``. Raises ``PatternTooLong``, ``OSError``."""
        process = self._process
        if process is None:
            process = self._process = subprocess.Popen(
                COMMAND,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                start_new_session=True,
            )
        assert process.stdin is not None
        assert process.stdout is not None
        parts = [part.encode("utf-8", "surrogatepass") for part in (pattern, text)]
        message = memoryview(_LENGTHS.pack(*map(len, parts)) + b"".join(parts))
        while message:
            message = message[process.stdin.write(message) :]
        if not select.select([process.stdout], [], [], PATIENCE)[0]:
            self.problem = TOO_LONG
            self.close()
            raise PatternTooLong
        return process.stdout.read(1) == b"1"

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()


@contextlib.contextmanager
def searching_elsewhere(node: Node) -> Iterator[PatternProcess]:
    """While it lasts the patterns that this thread asks for are searched in a process, if there are any.

    Windows cannot wait for a pipe with a limit: there they are searched here.
    """
    process = PatternProcess()
    if not has_pattern(node) or sys.platform == "win32":
        yield process
        return
    subject.elsewhere.search = process.search
    try:
        yield process
    finally:
        subject.elsewhere.search = None
        process.close()


def serve(read: BinaryIO, write: BinaryIO) -> None:
    """The process's side, until ``read`` ends."""
    while head := read.read(_LENGTHS.size):
        lengths = _LENGTHS.unpack(head)
        pattern, text = (read.read(length).decode("utf-8", "surrogatepass") for length in lengths)
        end_alone_after(_ALONE_SECONDS)  # who asked may be gone
        found = subject.pattern(pattern).search(text)
        end_alone_after(0)
        write.write(b"1" if found else b"0")
        write.flush()


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
        serve(sys.stdin.buffer, sys.stdout.buffer)
