"""A process for a filter with a pattern, started before it is needed: Python takes a quarter of a second.

It waits for its question and looks at nothing meanwhile.
"""

from __future__ import annotations

import contextlib
import logging
import subprocess
import threading
from collections.abc import Sequence

_log = logging.getLogger(__name__)


def start(command: Sequence[str]) -> subprocess.Popen[bytes]:
    """The process; it reads a line from its stdin and tells on its stdout. Raises ``OSError``."""
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


class Spare:
    """At most one process that waits, while ``keep`` holds. Any thread may call."""

    def __init__(self, command: Sequence[str]) -> None:
        self.command = list(command)
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._kept = False

    def keep(self) -> None:
        """Have one from now on; it is started in a thread."""
        self._kept = True
        threading.Thread(target=self._fill, name="spare-filter", daemon=True).start()

    def take(self) -> subprocess.Popen[bytes]:
        """The one that waits, or a new one; the next is started. Raises ``OSError``."""
        with self._lock:
            process, self._process = self._process, None
        if self._kept:
            self.keep()
        if process is not None and process.poll() is None:
            return process
        return start(self.command)

    def drop(self) -> None:
        """End the one that waits: none is wanted any more."""
        self._kept = False
        threading.Thread(target=self._empty, name="spare-filter", daemon=True).start()

    def _fill(self) -> None:
        with self._lock:
            if not self._kept or self._process is not None:
                return
            try:
                self._process = start(self.command)
            except OSError as error:
                _log.warning("no process for filters: %s", error)

    def _empty(self) -> None:
        with self._lock:
            if self._kept:
                return
            process, self._process = self._process, None
        if process is not None:
            process.kill()
            with contextlib.suppress(OSError):
                process.communicate()
