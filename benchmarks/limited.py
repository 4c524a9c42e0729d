"""Programs under limits of processor and memory, as far as this machine lets us set them."""

from __future__ import annotations

import os
import shutil
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

TOP = Path("/sys/fs/cgroup")
PERIOD = 100_000
"""Microseconds."""
LEAVE_SECONDS = 10.0
"""How long the last process may take to leave."""


@dataclass(frozen=True, slots=True)
class Limited:
    """``command`` goes before a program's own; ``how`` says in words what holds; ``peak`` is the file
    that holds the most memory that was used, in bytes (None: unknown)."""

    command: tuple[str, ...]
    how: str
    peak: Path | None = None

    def highest(self) -> float:
        """The most memory used so far, with what lies in memory files, in MB; 0 where that is unknown."""
        return int(self.peak.read_text()) / 1e6 if self.peak is not None else 0.0


@contextmanager
def limited(*, cores: float, memory: int) -> Iterator[Limited]:
    """Half a core, so many bytes: cgroups (1 or 2), else ``taskset`` to one core, else nothing; said."""
    for attempt in (_version1, _version2):
        try:
            groups, found = attempt(cores, memory)
        except OSError:
            continue
        try:
            yield found
        finally:
            _remove(groups)
        return
    if taskset := shutil.which("taskset"):
        yield Limited((taskset, "-c", "0"), "taskset: one whole core, memory NOT limited")
    else:
        yield Limited((), "NOT limited: no cgroup can be made here, and there is no taskset")


def _entering(groups: list[Path]) -> tuple[str, ...]:
    """A command that enters the groups and becomes what follows."""
    lines = "; ".join(f"echo $$ > {group}/cgroup.procs" for group in groups)
    return ("sh", "-c", f'{lines}; exec "$@"', "sh")


def _version1(cores: float, memory: int) -> tuple[list[Path], Limited]:
    name = f"mqttx-tui-{uuid.uuid4().hex[:8]}"
    groups = [TOP / "memory" / name, TOP / "cpu" / name]
    try:
        for group in groups:
            group.mkdir()
        (groups[0] / "memory.limit_in_bytes").write_text(str(memory))
        (groups[1] / "cpu.cfs_period_us").write_text(str(PERIOD))
        (groups[1] / "cpu.cfs_quota_us").write_text(str(int(PERIOD * cores)))
    except OSError:
        _remove(groups)
        raise
    how = f"cgroup v1: {cores:g} core, {memory / 2**20:.0f} MiB"
    return groups, Limited(_entering(groups), how, groups[0] / "memory.max_usage_in_bytes")


def _version2(cores: float, memory: int) -> tuple[list[Path], Limited]:
    group = TOP / f"mqttx-tui-{uuid.uuid4().hex[:8]}"
    try:
        group.mkdir()
        (group / "memory.max").write_text(str(memory))
        (group / "cpu.max").write_text(f"{int(PERIOD * cores)} {PERIOD}")
    except OSError:
        _remove([group])
        raise
    peak = group / "memory.peak"
    how = f"cgroup v2: {cores:g} core, {memory / 2**20:.0f} MiB"
    return [group], Limited(_entering([group]), how, peak if peak.exists() else None)


def _remove(groups: list[Path]) -> None:
    """Once the last process in them has ended: an engine takes a moment to."""
    deadline = time.monotonic() + LEAVE_SECONDS
    while left := [group for group in groups if group.exists()]:
        for group in left:
            with suppress(OSError):
                group.rmdir()
        if time.monotonic() > deadline:
            print(f"still in use: {', '.join(map(str, left))}", file=sys.stderr)
            return
        time.sleep(0.05)


def main() -> None:
    """``python -m benchmarks.limited COMMAND…``: run it in half a core and 256 MB."""
    import subprocess

    with limited(cores=0.5, memory=256 * 2**20) as box:
        print(box.how, file=sys.stderr)
        code = subprocess.call([*box.command, *sys.argv[1:]], env=os.environ)
    sys.exit(code)


if __name__ == "__main__":
    main()
