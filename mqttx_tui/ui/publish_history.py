"""What was published, over restarts: one JSON object a line in the state directory.

Readable by its owner only, never more than ``MOST_ENTRIES`` or ``MOST_BYTES``; messages that are
secret never get here.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mqttx_tui.model.errors import AppError
from mqttx_tui.payload.encode import FORMATS
from mqttx_tui.profiles.paths import state_folder
from mqttx_tui.ui.draft import Draft

FILE = "published.jsonl"
BROKEN = ".broken"
MOST_ENTRIES = 1000
MOST_BYTES = 1_000_000
LONGEST_ENTRY = 65_536
"""Bytes of a line; a longer message is remembered until the app ends."""
KEPT_SHARE = 0.75
"""What is left of a file that has grown too large: it is not written anew for each message."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One message that was sent; ``at`` in seconds since 1970, ``connection`` the profile's key."""

    at: float
    connection: str
    draft: Draft


class PublishHistory:
    """``entries``, oldest first. ``load`` and ``write`` touch the disk: call them in a thread."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or state_folder() / FILE
        self.entries: list[Entry] = []
        self._written: Draft | None = None

    def load(self) -> str:
        """Read the file; returns what is wrong with it, "" when nothing is.

        A file with a line that is no entry is set aside and what can be read of it is kept.
        """
        try:
            raw = self.path.read_bytes()
        except FileNotFoundError:
            return ""
        except OSError as error:
            return f"{self.path}: {error.strerror or error}"
        found, bad = _entries(raw)
        self.entries = found + self.entries
        self._written = found[-1].draft if found else None
        if not bad:
            return ""
        aside = self.path.with_name(self.path.name + BROKEN)
        try:
            with _alone(self.path):
                os.replace(self.path, aside)
                _replace(self.path, [_line(entry) for entry in found])
        except OSError as error:
            return f"{self.path}: line {bad} is no message; {error.strerror or error}"
        return f"line {bad} of {self.path} is no message: the file is now {aside.name}, the rest was kept"

    def add(self, entry: Entry) -> bool:
        """Remember a message; whether it is worth writing, too."""
        if entry.draft.secret:
            return False
        self.entries.append(entry)
        del self.entries[:-MOST_ENTRIES]
        return True

    def write(self, entry: Entry) -> None:
        """Append an entry to the file. Raises ``AppError``; the file is as it was then."""
        line = _line(entry)
        if len(line) > LONGEST_ENTRY or entry.draft == self._written:
            return
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with _alone(self.path):
                _append(self.path, line)
        except OSError as error:
            raise AppError(f"{self.path}: {error.strerror or error}", title="Not remembered") from None
        self._written = entry.draft

    def matching(self, *, raw: bool) -> list[Entry]:
        """Different messages, the newest first; ``raw``: those without a topic, for a WebSocket."""
        found: dict[str, Entry] = {}
        for entry in reversed(self.entries):
            if raw == (not entry.draft.topic):
                found.setdefault(json.dumps(_plain(entry.draft)), entry)
        return list(found.values())


def _append(path: Path, line: bytes) -> None:
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "rb+") as file:
        raw = file.read()
        if raw and not raw.endswith(b"\n"):  # the one before was killed over it
            line = b"\n" + line
        if len(raw) + len(line) <= MOST_BYTES and raw.count(b"\n") < MOST_ENTRIES:
            file.write(line)
            return
    lines = [*raw.splitlines(keepends=True), line][-int(MOST_ENTRIES * KEPT_SHARE) :]
    while len(lines) > 1 and sum(map(len, lines)) > MOST_BYTES * KEPT_SHARE:
        del lines[: max(len(lines) // 10, 1)]
    _replace(path, lines)


def _replace(path: Path, lines: list[bytes]) -> None:
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.writelines(lines)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold a lock: several apps may publish at once."""
    if sys.platform == "win32":
        yield
        return
    import fcntl

    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # file systems without locks
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _plain(draft: Draft) -> dict[str, Any]:
    found: dict[str, Any] = {"topic": draft.topic, "payload": draft.payload, "format": draft.format}
    found |= {"qos": draft.qos, "retain": draft.retain}
    more = {"properties": dict(draft.properties), "template": draft.template, "file": draft.file}
    more |= {"fragments": draft.fragments if draft.fragments > 1 else 0, "frame": draft.frame}
    return found | {key: value for key, value in more.items() if value}


def _line(entry: Entry) -> bytes:
    fields = {"at": round(entry.at, 3), "connection": entry.connection, **_plain(entry.draft)}
    return json.dumps(fields).encode() + b"\n"


def _entries(raw: bytes) -> tuple[list[Entry], int]:
    """What the lines hold, and the number of the first that holds no entry (0: all do)."""
    found: list[Entry] = []
    bad = 0
    for number, line in enumerate(raw.splitlines(), 1):
        try:
            found.append(_entry(json.loads(line)))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            bad = bad or number
    return found[-MOST_ENTRIES:], bad


def _entry(fields: Mapping[str, Any]) -> Entry:
    properties = fields.get("properties", {})
    draft = Draft(
        _text(fields["topic"]),
        _text(fields["payload"]),
        _text(fields["format"]),
        int(fields["qos"]),
        bool(fields["retain"]),
        {_text(name): _text(value) for name, value in properties.items()},
        bool(fields.get("template", False)),
        _text(fields.get("file", "")),
        fragments=int(fields.get("fragments", 1)),
        frame=_text(fields.get("frame", "")),
    )
    known = draft.format in FORMATS and draft.frame in ("", "text", "binary")
    if not known or draft.qos not in (0, 1, 2) or draft.fragments < 1:
        raise ValueError("no such message")
    return Entry(float(fields["at"]), _text(fields["connection"]), draft)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value
