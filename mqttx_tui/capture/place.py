"""Where captures lie: a private directory in memory where there is one, and what to do elsewhere."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mqttx_tui.model.errors import InputError

try:
    import fcntl
except ImportError:  # Windows: the file stays open, which keeps others from removing it
    fcntl = None  # type: ignore[assignment]

FILE_NAME = "capture.db"
_PREFIX = "mqttx-tui-"
_LOCK = "lock"
_OFFERED = "offered"
_NOT_SHARED = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse", "fuseblk", "vboxsf", "prl_fs"}


class PrivateDirectory:
    """A directory of one engine: mode 0700, locked while the engine lives."""

    def __init__(self, path: Path, lock: int) -> None:
        self.path = path
        self._lock = lock

    @property
    def capture(self) -> Path:
        """The capture file in it."""
        return self.path / FILE_NAME

    def release(self, *, remove: bool) -> None:
        """Give up the lock; ``remove`` deletes the directory with everything in it."""
        if remove:
            shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)


def make_private(parent: Path | None = None, *, disposable: bool = False) -> PrivateDirectory:
    """Make and lock a directory under ``parent`` (the best place when None). Raises ``InputError``.

    What is left of a ``disposable`` one after a crash is removed without being offered.
    """
    parent = parent or default_parent()
    try:
        path = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{_user()}-", dir=parent))
        lock = _locked(path / _LOCK)
        if disposable:
            (path / _OFFERED).touch()
    except OSError as error:
        raise InputError(
            f"{parent}: {error.strerror or error}", title="No place for the capture", hint="set TMPDIR"
        ) from error
    assert lock is not None, "a new directory's lock is free"
    return PrivateDirectory(path, lock)


def default_parent() -> Path:
    """$XDG_RUNTIME_DIR or /dev/shm where that is in memory and ours to write, else the temporary
    directory."""
    for candidate in (os.environ.get("XDG_RUNTIME_DIR", ""), "/dev/shm"):
        if candidate and file_system(candidate) == "tmpfs" and os.access(candidate, os.W_OK | os.X_OK):
            return Path(candidate)
    return Path(tempfile.gettempdir())


def clean_up(parent: Path | None = None) -> list[Path]:
    """Remove what engines left that ended without cleaning up; called at start, before ``make_private``.

    The newest capture that still holds messages is left once, marked, so that it can be offered:
    returned newest first. At the next start it goes as well.
    """
    parent = parent or default_parent()
    left: list[tuple[float, Path]] = []
    for directory in _abandoned(parent):
        capture = directory / FILE_NAME
        offered = directory / _OFFERED
        if offered.exists() or not _holds_messages(capture):
            shutil.rmtree(directory, ignore_errors=True)
        else:
            left.append((capture.stat().st_mtime, capture))
    left.sort(reverse=True)
    for _, capture in left[1:]:
        shutil.rmtree(capture.parent, ignore_errors=True)
    kept = [capture for _, capture in left[:1]]
    for capture in kept:
        (capture.parent / _OFFERED).touch()
    return kept


def directories(parent: Path | None = None) -> list[Path]:
    """This person's private directories, of engines that live and of others, newest first."""
    found = [(status.st_ctime, directory) for directory, status in _own(parent or default_parent())]
    return [directory for _, directory in sorted(found, reverse=True)]


def lives(directory: Path) -> bool:
    """Whether an engine holds this private directory; where locks do not tell, whether it is there.

    Not for one that is just being made: the lock must have been taken before.
    """
    lock = directory / _LOCK
    if not lock.exists():
        return False
    if fcntl is None:
        return True
    try:
        held = _locked(lock)
    except OSError:
        return False
    if held is None:
        return True
    os.close(held)
    return False


def _own(parent: Path) -> Iterator[tuple[Path, os.stat_result]]:
    for directory in sorted(parent.glob(f"{_PREFIX}{_user()}-*")):
        try:
            status = directory.lstat()
        except OSError:
            continue  # removed in between
        if stat.S_ISDIR(status.st_mode) and (not hasattr(os, "getuid") or status.st_uid == os.getuid()):
            yield directory, status


def _abandoned(parent: Path) -> Iterator[Path]:
    for directory, status in _own(parent):
        lock = directory / _LOCK
        if not lock.exists() and time.time() - status.st_mtime < 60:
            continue  # being made right now
        try:
            held = _locked(lock)
        except OSError:
            continue
        if held is not None:
            os.close(held)
            yield directory


def _holds_messages(capture: Path) -> bool:
    try:
        database = sqlite3.connect(f"file:{capture}?mode=rw", uri=True)
        try:
            return bool(database.execute("SELECT EXISTS (SELECT 1 FROM message)").fetchone()[0])
        finally:
            database.close()
    except sqlite3.Error:
        return False


def keep_out(descriptor: int, path: str) -> None:
    """Lock a capture against other writers while ``descriptor`` is open. Raises ``InputError``."""
    if not _lock(descriptor):
        raise InputError(
            f"{path}: another mqttx-tui writes this capture",
            title="Capture in use",
            hint="choose another file, or end the other one first",
        )


def _locked(path: Path) -> int | None:
    """A descriptor of the lock file, or None while another process holds it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    if _lock(descriptor):
        return descriptor
    os.close(descriptor)
    return None


def _lock(descriptor: int) -> bool:
    if fcntl is not None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def _user() -> str:
    return str(os.getuid()) if hasattr(os, "getuid") else "user"


@dataclass(frozen=True, slots=True)
class Plan:
    """Where to capture for a file that a person named.

    ``copy_to``: capture elsewhere, and save there at the end; ``why`` says so at the start.
    """

    copy_to: Path | None = None
    why: str = ""


def plan(target: str | Path) -> Plan:
    """Whether ``target`` can be written directly: WAL needs memory shared between processes.

    Raises ``InputError`` where the directory cannot be written.
    """
    target = Path(target).absolute()
    kind = file_system(target.parent)
    if kind.split(".")[0] in _NOT_SHARED:
        return Plan(target, f"{target.parent} is on {kind}: captured in memory, saved there at the end")
    try:
        with tempfile.TemporaryDirectory(prefix=".mqttx-tui-", dir=target.parent) as directory:
            database = sqlite3.connect(Path(directory) / "try.db")
            try:
                mode = database.execute("PRAGMA journal_mode = WAL").fetchone()[0]
                database.execute("CREATE TABLE try(x)")
            finally:
                database.close()
    except sqlite3.OperationalError:
        mode = "none"
    except OSError as error:
        raise InputError(
            f"{target.parent}: {error.strerror or error}",
            title="No capture file",
            hint="choose a place that can be written",
        ) from error
    if mode != "wal":
        return Plan(
            target, f"{target.parent} has no shared memory: captured elsewhere, saved there at the end"
        )
    return Plan()


def file_system(path: str | Path) -> str:
    """The type of the file system that holds ``path``, ``""`` where the system does not say."""
    wanted = os.path.realpath(path)
    best, kind = "", ""
    try:
        with open("/proc/self/mounts", encoding="utf-8", errors="surrogateescape") as mounts:
            for line in mounts:
                fields = line.split(" ")
                point = fields[1].replace("\\040", " ")
                inside = wanted == point or wanted.startswith(point.rstrip("/") + "/")
                if inside and len(point) >= len(best):
                    best, kind = point, fields[2]
    except (OSError, IndexError):
        return ""
    return kind
