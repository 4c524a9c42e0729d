"""How much a capture may hold."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

MESSAGES = 1_000_000
BYTES = 512_000_000
BYTES_LOW_MEMORY = 128_000_000
TOPICS = 100_000
TOPICS_LOW_MEMORY = 20_000
QUEUE_ROWS, QUEUE_BYTES = 65_536, 24_000_000
QUEUE_ROWS_LOW_MEMORY, QUEUE_BYTES_LOW_MEMORY = 32_768, 8_000_000
LOW_MEMORY = 1_000_000_000
"""With less than this available the settings for little memory are chosen by themselves."""
_SMALLEST = 8_000_000

CGROUP = Path("/proc/self/cgroup")
CGROUPS = Path("/sys/fs/cgroup")


@dataclass(frozen=True, slots=True)
class Limits:
    """``messages`` and ``bytes`` (of the file) bound retention; ``topics`` bounds statistics.

    While more than ``queue_rows`` or ``queue_bytes`` wait to be written nothing is read.
    ``low_memory`` only says where the others come from.
    """

    messages: int = MESSAGES
    bytes: int = BYTES
    topics: int = TOPICS
    queue_rows: int = QUEUE_ROWS
    queue_bytes: int = QUEUE_BYTES
    low_memory: bool = False


def default_limits(directory: str | Path, low_memory: bool | None = None) -> Limits:
    """1,000,000 messages; the smallest of 512 MB (with little memory 128 MB), a quarter of the memory
    available (the cgroup's too) and half of the free space where the capture lies.

    ``low_memory`` None: as much memory as is found decides.
    """
    memory = available_memory()
    low = is_little(memory) if low_memory is None else low_memory
    candidates = [BYTES_LOW_MEMORY if low else BYTES, shutil.disk_usage(directory).free // 2]
    if memory is not None:
        candidates.append(memory // 4)
    size = max(min(candidates), _SMALLEST)
    return for_memory(Limits(bytes=size), low)


def for_memory(limits: Limits, low_memory: bool | None = None) -> Limits:
    """With little memory fewer topics and a shorter queue; what is kept stays as it was asked for."""
    if not (is_little(available_memory()) if low_memory is None else low_memory):
        return limits
    return replace(
        limits,
        topics=min(limits.topics, TOPICS_LOW_MEMORY),
        queue_rows=QUEUE_ROWS_LOW_MEMORY,
        queue_bytes=QUEUE_BYTES_LOW_MEMORY,
        low_memory=True,
    )


def is_little(memory: int | None) -> bool:
    """Whether so many bytes of memory available (None: unknown) ask for the settings for little memory."""
    return memory is not None and memory < LOW_MEMORY


def available_memory() -> int | None:
    """Bytes that can still be taken without swapping, or None where the system does not say."""
    found = [value for value in (_meminfo(), *_cgroups()) if value is not None]
    return max(min(found), 0) if found else None


def _meminfo() -> int | None:
    try:
        with open("/proc/meminfo", encoding="ascii") as lines:
            for line in lines:
                if line.startswith("MemAvailable:"):
                    return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        pass
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return None


def _cgroups() -> list[int]:
    """What this process's cgroup and each of its parents still allow (v2, then v1)."""
    try:
        entries = CGROUP.read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    left: list[int] = []
    for entry in entries:
        _, controllers, path = entry.split(":", 2)
        if controllers == "":
            top, limit, usage = CGROUPS, "memory.max", "memory.current"
        elif "memory" in controllers.split(","):
            top, limit, usage = (
                Path("/sys/fs/cgroup/memory"),
                "memory.limit_in_bytes",
                "memory.usage_in_bytes",
            )
        else:
            continue
        here = top / path.lstrip("/")
        for directory in (here, *here.parents):
            value = _number(directory / limit)
            used = _number(directory / usage)
            if value is not None and used is not None:
                left.append(value - used + _reclaimable(directory / "memory.stat"))
            if directory == top:
                break
    return left


def _reclaimable(path: Path) -> int:
    """Bytes of files that the kernel gives up before anybody goes short; they count as used."""
    try:
        words = path.read_text(encoding="ascii").split()
    except (OSError, ValueError):
        return 0
    found = dict(zip(words[::2], words[1::2], strict=False))
    text = found.get("total_inactive_file", found.get("inactive_file", "0"))
    return int(text) if text.isdecimal() else 0


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text(encoding="ascii"))
    except (OSError, ValueError):  # absent, or "max"
        return None
