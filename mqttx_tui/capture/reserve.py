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

    def give_up(self) -> bool:
        """Free the space; False where it was free already."""
        held, self._held = self._held, False
        self._file.truncate(0)
        self._tried = time.monotonic()
        return held

    def renew(self) -> None:
        """Hold the space again where the disk has it; tried every few seconds."""
        now = time.monotonic()
        if self._held or now - self._tried < _RENEW_SECONDS or not hasattr(os, "posix_fallocate"):
            return
        self._tried = now
        try:
            os.posix_fallocate(self._file.fileno(), 0, self._size)
        except OSError:
            self._file.truncate(0)
        else:
            self._held = True

    def close(self) -> None:
        """Free the space for good."""
        self._file.close()
