"""Where captures lie, what is cleaned up, and how large they may become."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

import pytest

from mqttx_tui.capture import limits as limits_module
from mqttx_tui.capture import place
from mqttx_tui.capture.limits import Limits, available_memory, default_limits
from mqttx_tui.model.errors import InputError
from tests.capture.support import capturing, connect, put
from tests.support.wait import until

HOLDER = """
import sys, time
from pathlib import Path
from mqttx_tui.capture.place import make_private
print(make_private(Path(sys.argv[1])).path, flush=True)
time.sleep(600)
"""


def test_private_directories_are_private_and_removed(tmp_path: Path) -> None:
    directory = place.make_private(tmp_path)
    assert directory.path.stat().st_mode & 0o777 == 0o700
    assert directory.capture.parent == directory.path
    directory.release(remove=True)
    assert not list(tmp_path.iterdir())


def test_the_default_place_is_memory_where_there_is_some(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    kinds = {"/run/user/1": "tmpfs", "/dev/shm": "tmpfs"}
    monkeypatch.setattr(place, "file_system", lambda path: kinds.get(str(path), "ext4"))
    monkeypatch.setattr(os, "access", lambda path, mode: True)
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/user/1")
    assert place.default_parent() == Path("/run/user/1")
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/on/disk")
    assert place.default_parent() == Path("/dev/shm")
    kinds.clear()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert place.default_parent() == tmp_path
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    assert place.default_parent() == tmp_path


async def crashed(parent: Path, age: float) -> Path:
    """What an engine leaves that was killed: no lock, one message."""
    directory = place.make_private(parent)
    async with capturing(directory.capture) as writer:
        put(connect(writer), "a", b"x")
    directory.release(remove=False)
    os.utime(directory.capture, (time.time() - age,) * 2)
    return directory.capture


async def test_the_newest_capture_after_a_crash_is_offered_once(tmp_path: Path) -> None:
    old, new = await crashed(tmp_path, 500), await crashed(tmp_path, 100)
    empty = place.make_private(tmp_path)
    async with capturing(empty.capture):
        pass
    empty.release(remove=False)
    alive = place.make_private(tmp_path)
    assert place.clean_up(tmp_path) == [new]
    assert not old.parent.exists()
    assert not empty.path.exists()
    assert alive.path.exists()
    assert place.clean_up(tmp_path) == []
    assert list(tmp_path.iterdir()) == [alive.path]
    alive.release(remove=True)


def test_a_lock_ends_with_its_process(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        path = Path(process.stdout.readline().strip())
        assert place.clean_up(tmp_path) == []
        assert path.exists()
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
    until(lambda: place.clean_up(tmp_path) == [] and not path.exists())


def test_other_peoples_things_stay(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    (target / "precious").touch()
    prefix = f"mqttx-tui-{os.getuid()}-"
    (tmp_path / f"{prefix}link").symlink_to(target)
    (tmp_path / f"{prefix}file").touch()
    (tmp_path / "mqttx-tui-99999-other").mkdir()
    young = tmp_path / f"{prefix}young"
    young.mkdir()
    assert place.clean_up(tmp_path) == []
    assert len(list(tmp_path.iterdir())) == 5
    assert (target / "precious").exists()
    os.utime(young, (1, 1))
    place.clean_up(tmp_path)
    assert not young.exists()


def test_a_file_on_a_disk_is_written_directly(tmp_path: Path) -> None:
    assert place.plan(tmp_path / "c.db") == place.Plan()
    assert not list(tmp_path.iterdir())
    with pytest.raises(InputError):
        place.plan(tmp_path / "missing" / "c.db")


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "9p", "fuse.sshfs"])
def test_file_systems_without_shared_memory_get_a_copy_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(place, "file_system", lambda path: kind)
    plan = place.plan(tmp_path / "c.db")
    assert plan.copy_to == tmp_path / "c.db"
    assert kind in plan.why


def test_a_journal_that_does_not_become_wal_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_wal(path: str) -> sqlite3.Connection:
        database = real(":memory:")
        assert database.execute("PRAGMA journal_mode = WAL").fetchone() == ("memory",)
        return database

    real = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", no_wal)
    assert place.plan(tmp_path / "c.db").copy_to == tmp_path / "c.db"


def test_the_file_system_of_a_path() -> None:
    assert place.file_system("/proc/self") == "proc"
    assert place.file_system("/sys/kernel") == "sysfs"


def test_limits_are_the_smallest_of_three(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage:
        free = 10_000_000_000

    memory: int | None = 16_000_000_000
    monkeypatch.setattr(limits_module, "available_memory", lambda: memory)
    monkeypatch.setattr(shutil, "disk_usage", lambda directory: Usage)
    assert default_limits(tmp_path) == Limits(1_000_000, 512_000_000, 100_000)
    memory = 800_000_000
    little = Limits(1_000_000, 128_000_000, 20_000, 32_768, 8_000_000, low_memory=True)
    assert default_limits(tmp_path) == default_limits(tmp_path, low_memory=True) == little
    assert default_limits(tmp_path, low_memory=False) == Limits(1_000_000, 200_000_000, 100_000)
    memory = 200_000_000
    assert default_limits(tmp_path).bytes == 50_000_000
    memory = None
    Usage.free = 100_000_000
    assert default_limits(tmp_path) == Limits(1_000_000, 50_000_000, 100_000)
    Usage.free = 0
    assert default_limits(tmp_path).bytes == 8_000_000


def test_the_memory_available_is_known_here() -> None:
    found = available_memory()
    assert found is not None
    assert 0 < found < 1 << 45


def test_a_cgroup_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    group = tmp_path / "group"
    (group / "inner").mkdir(parents=True)
    (tmp_path / "cgroup").write_text("0::/group/inner\n")
    (group / "memory.max").write_text("300000000\n")
    (group / "memory.current").write_text("100000000\n")
    (group / "inner" / "memory.max").write_text("max\n")
    (group / "inner" / "memory.current").write_text("5\n")
    monkeypatch.setattr(limits_module, "CGROUP", tmp_path / "cgroup")
    monkeypatch.setattr(limits_module, "CGROUPS", tmp_path)
    found = available_memory()
    assert found is not None
    assert found <= 200_000_000
    (group / "memory.stat").write_text("anon 5\ninactive_file 40000000\nactive_file 7\n")
    assert available_memory() == found + 40_000_000 or found < 200_000_000


async def test_a_locked_capture_is_not_taken_for_abandoned(tmp_path: Path) -> None:
    directory = place.make_private(tmp_path)
    async with capturing(directory.capture) as writer:
        put(connect(writer), "a", b"x")
        await writer.flushed()
        with closing(sqlite3.connect(directory.capture)):
            assert place.clean_up(tmp_path) == []
    directory.release(remove=True)
