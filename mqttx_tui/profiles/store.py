"""Writing the profile file: whole or not at all, and never over somebody else's change."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from mqttx_tui.model.errors import AppError
from mqttx_tui.profiles.load import MISSING, ProfileFile, digest_of, parse

BACKUP = ".bak"


def save(file: ProfileFile, text: str) -> ProfileFile:
    """Replace the contents of ``file``; returns the file as it is now.

    Written to a temporary file beside it, synced, renamed over it; mode 0600; the former contents
    are in ``NAME.bak``. A symbolic link stays one. Raises ``AppError`` when the file changed since
    ``file`` was read (nothing is written then), or cannot be written.
    """
    try:
        raw = text.encode()
    except UnicodeEncodeError:
        raise AppError("a text holds a character that UTF-8 cannot express", title="Not saved") from None
    if file.exists and digest_of(file.text.encode()) != file.digest:
        raise AppError(f"{file.path} is not UTF-8", title="Not saved", hint="save it as UTF-8 in an editor")
    mtime = replace_file(file.path, raw, file.digest)
    return parse(raw, file.path, mtime)


def replace_file(path: Path, raw: bytes, digest: str) -> int:
    """Write ``raw`` over what had ``digest`` when it was read; returns the new mtime in ns.

    Raises ``AppError`` as ``save`` does; then the file is as it was.
    """
    try:
        target = path.resolve()
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _alone(target.parent):
            before = target.read_bytes() if target.exists() else None
            if (MISSING if before is None else digest_of(before)) != digest:
                raise AppError(
                    f"{path} was changed by somebody else since it was read; nothing was saved",
                    title="Not saved",
                    hint="read it again, then repeat the change",
                )
            if before is not None:
                _write(target.with_name(target.name + BACKUP), before, like=target)
            _write(target, raw, like=target)
            return target.stat().st_mtime_ns
    except OSError as error:
        raise AppError(
            f"{path}: {error.strerror or error}", title="Not saved", hint="the file is as it was before"
        ) from None


def _write(path: Path, raw: bytes, *, like: Path) -> None:
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as temporary:
            temporary.write(raw)
            temporary.flush()
            os.fsync(temporary.fileno())
        _same_owner(name, like)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
    _sync_folder(path.parent)


def _same_owner(name: str, like: Path) -> None:
    """Under sudo the file stays its owner's."""
    if sys.platform == "win32" or not like.exists():
        return
    owner, now = like.stat(), os.stat(name)
    if (owner.st_uid, owner.st_gid) != (now.st_uid, now.st_gid):
        with contextlib.suppress(PermissionError):
            os.chown(name, owner.st_uid, owner.st_gid)


def _sync_folder(folder: Path) -> None:
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError:
        return  # some file systems cannot sync a folder; the rename stands all the same
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold a lock, so that nobody saves between our look at the file and the rename."""
    if sys.platform == "win32":
        yield
        return
    import fcntl

    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # file systems without locks: the look alone must do
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
