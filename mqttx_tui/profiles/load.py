"""Reading ``connections.toml``: every profile that can be used, and every problem."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mqttx_tui.model.errors import InputError
from mqttx_tui.model.profile import Profile
from mqttx_tui.profiles import keys, syntax
from mqttx_tui.profiles.problems import CONNECTION_PEERS, Problem, suggestion
from mqttx_tui.profiles.read import Collector, read_connection, read_defaults
from mqttx_tui.profiles.scan import scan
from mqttx_tui.profiles.values import kind_of

SCHEMA = 1
MISSING = ""
"""The digest of a file that is not there."""


@dataclass(frozen=True, slots=True)
class ProfileFile:
    """A file as it was read. A missing file is an empty one with ``digest`` ``MISSING``.

    ``profiles`` are the usable ones in the file's order. ``mtime`` is in ns since 1970, 0 when
    missing; ``digest`` identifies the bytes, so that a writer notices somebody else's change.
    """

    path: Path
    profiles: tuple[Profile, ...] = ()
    problems: tuple[Problem, ...] = ()
    text: str = field(default="", repr=False)
    mtime: int = 0
    digest: str = MISSING

    @property
    def exists(self) -> bool:
        """Whether the file was there."""
        return self.digest != MISSING

    @property
    def broken(self) -> tuple[str, ...]:
        """Keys of the connections that have problems, in the file's order."""
        return tuple(dict.fromkeys(problem.profile for problem in self.problems if problem.profile))


def load(path: str | Path) -> ProfileFile:
    """Read a profile file. Raises ``InputError`` only when it is there and cannot be read."""
    where = Path(path)
    try:
        raw = where.read_bytes()
        mtime = where.stat().st_mtime_ns
    except FileNotFoundError:
        return ProfileFile(where)
    except OSError as error:
        raise InputError(f"{where}: {error.strerror}", title="Cannot read the profiles") from None
    return parse(raw, where, mtime)


def digest_of(raw: bytes) -> str:
    """Identifies a file's bytes."""
    return hashlib.sha256(raw).hexdigest()


def parse(raw: bytes, path: Path, mtime: int = 0) -> ProfileFile:
    """The same from bytes; ``path`` is only named in problems."""
    digest = digest_of(raw)
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        problem = Problem(str(path), line, "", "", "is not UTF-8", "save the file as UTF-8")
        return ProfileFile(path, (), (problem,), raw.decode("utf-8", "replace"), mtime, digest)
    try:
        content = tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        line, column, said, hint = syntax.explain(text, error)
        problem = Problem(str(path), line, "", "", said, hint, column=column)
        return ProfileFile(path, (), (problem,), text, mtime, digest)
    collector = Collector(str(path), scan(text))
    profiles = _read(content, collector)
    return ProfileFile(path, profiles, tuple(collector.problems), text, mtime, digest)


def _read(content: dict[str, Any], collector: Collector) -> tuple[Profile, ...]:
    if not _check_root(content, collector):
        return ()
    defaults = content.get("defaults", {})
    defaults = read_defaults(defaults, collector) if isinstance(defaults, dict) else {}
    connections = content.get("connections", {})
    profiles = []
    for key, table in connections.items() if isinstance(connections, dict) else ():
        collector.root = ("connections", key)
        if not isinstance(table, dict):
            collector.problem(collector.root, f"needs a table, not {kind_of(table)}", _connection_hint(key))
            continue
        profile = read_connection(key, table, defaults, collector)
        if profile is not None:
            profiles.append(profile)
    return tuple(profiles)


def _connection_hint(key: str) -> str:
    if key in keys.CONNECTION_KEYS:
        return f"{key} belongs below [connections.NAME]"
    return f'write [connections.{key}], and below it url = "mqtt://…"'


def _check_root(content: dict[str, Any], collector: Collector) -> bool:
    """Report what is wrong outside the connections; False when nothing else can be read."""
    for key, value in content.items():
        if key == "schema":
            if value != SCHEMA or isinstance(value, bool):
                collector.problem(
                    ("schema",),
                    f"this program reads schema = {SCHEMA}",
                    "a newer program wrote the file, perhaps",
                )
                return False
        elif key in ("connections", "defaults"):
            if not isinstance(value, dict):
                collector.problem((key,), f"needs a table, not {kind_of(value)}", f"[{key}]")
        else:
            collector.problem((key,), "unknown key", _root_hint(key, value))
    return True


def _root_hint(key: str, value: Any) -> str:
    if key == "version":
        return 'it is called schema = 1 here (mqtt = "5" is a connection\'s key)'
    if isinstance(value, dict) and keys.nested_connection(value) == ():
        return f"write [connections.{key}]"
    if key in keys.CONNECTION_KEYS or (key in CONNECTION_PEERS and not isinstance(value, dict)):
        return "it belongs below [connections.NAME] or [defaults]"
    return suggestion(key, ("schema", "defaults", "connections"), {"connection": "connections"})
