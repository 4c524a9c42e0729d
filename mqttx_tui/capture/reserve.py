"""Disk space held back, so that a full disk still lets the capture delete and go on.

Deleting needs room as well: the write-ahead log must be moved into the file, which may have to grow
first. Without a reserve a disk that others fill stops the capture for good.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

MOST_BYTES = 8_000_000
_RENEW_SECONDS = 5.0


class Reserve:
    """An unnamed file of ``size`` bytes beside the capture; nothing of it is left after a crash."""

    def __init__(self, directory: str | Path, size: int) -> None:
        self._size = size
        self._file = tempfile.TemporaryFile(dir=directory, buffering=0)  # noqa: SIM115
        self._held = False
        self._tried = -_RENEW_SECONDS
        self.renew()

    def give_up(self) -> None:
        """Free the space."""
        self._held = False
        self._file.truncate(0)
        self._tried = time.monotonic()

    def renew(self) -> bool:
        """Hold the space again; tried every few seconds. True when the disk had it just now."""
        now = time.monotonic()
        if self._held or now - self._tried < _RENEW_SECONDS:
            return False
        self._tried = now
        try:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(self._file.fileno(), 0, self._size)
            else:
                self._file.write(bytes(self._size))
        except OSError:
            self._file.truncate(0)
            return False
        self._held = True
        return True

    def close(self) -> None:
        """Free the space for good."""
        self._file.close()
