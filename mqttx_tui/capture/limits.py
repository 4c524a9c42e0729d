"""How much a capture may hold."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

MESSAGES = 1_000_000
BYTES = 512_000_000
TOPICS = 100_000
TOPICS_LOW_MEMORY = 20_000
LOW_MEMORY = 1_000_000_000
_SMALLEST = 8_000_000

CGROUP = Path("/proc/self/cgroup")
CGROUPS = Path("/sys/fs/cgroup")


@dataclass(frozen=True, slots=True)
class Limits:
    """``messages`` and ``bytes`` (of the file) bound retention; ``topics`` bounds statistics."""

    messages: int = MESSAGES
    bytes: int = BYTES
    topics: int = TOPICS


def default_limits(directory: str | Path) -> Limits:
    """1,000,000 messages; the smallest of 512 MB, a quarter of the memory available (the cgroup's
    too) and half of the free space where the capture lies."""
    memory = available_memory()
    candidates = [BYTES, shutil.disk_usage(directory).free // 2]
    if memory is not None:
        candidates.append(memory // 4)
    topics = TOPICS if memory is None or memory >= LOW_MEMORY else TOPICS_LOW_MEMORY
    return Limits(bytes=max(min(candidates), _SMALLEST), topics=topics)


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
                left.append(value - used)
            if directory == top:
                break
    return left


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text(encoding="ascii"))
    except (OSError, ValueError):  # absent, or "max"
        return None
