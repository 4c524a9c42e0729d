"""What a process takes and how far a capture has come, from outside; where captures lie meanwhile."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

SCRATCH = "/dev/shm" if os.path.isdir("/dev/shm") else None
"""Where a private capture lies too."""
_TICKS = os.sysconf("SC_CLK_TCK")
_RECEIVED = (
    "SELECT sum(json_extract(value, '$.received'))"
    " FROM json_each((SELECT value FROM meta WHERE key = 'counters'))"
)


def cpu_seconds(pid: int) -> float:
    """CPU time that a process has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def pss(pid: int) -> int:
    """Bytes of memory that a process has, shared pages by their share."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    raise ValueError(f"no Pss of {pid}")


def received(database: sqlite3.Connection) -> int:
    """Messages that are in a capture, were in it, or are counted as lost: one light look-up."""
    return int(database.execute(_RECEIVED).fetchone()[0] or 0)
