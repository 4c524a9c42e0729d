"""Programs that the benchmark of small machines starts are where it says that they are."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from benchmarks import limited as module
from benchmarks.limited import limited

MEMORY = 64 * 2**20
GREEDY = "x = bytearray(200_000_000); print('survived')"


def test_a_program_under_limits_cannot_take_more_memory() -> None:
    with limited(cores=0.5, memory=MEMORY) as box:
        if box.peak is None:
            pytest.skip(f"no cgroup can be made here: {box.how}")
        assert "0.5 core, 64 MiB" in box.how
        found = subprocess.run(
            [*box.command, "cat", "/proc/self/cgroup"], capture_output=True, text=True, check=True
        )
        assert box.peak.parent.name in found.stdout
        code = subprocess.run([*box.command, "python3", "-c", GREEDY], capture_output=True, check=False)
        assert code.stdout == b""
        assert 10 < box.highest() <= MEMORY / 1e6 + 1
        group = box.peak.parent
    assert not group.exists()


def test_where_nothing_can_be_limited_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(module, "TOP", tmp_path / "none")
    with limited(cores=0.5, memory=MEMORY) as box:
        assert "NOT limited" in box.how
        assert box.highest() == 0
        done = subprocess.run([*box.command, "echo", "runs"], capture_output=True, text=True, check=True)
        assert done.stdout == "runs\n"
    monkeypatch.setattr("benchmarks.limited.shutil.which", lambda name: None)
    with limited(cores=0.5, memory=MEMORY) as box:
        assert (box.command, "no taskset" in box.how) == ((), True)
