"""Reading ``settings.toml``: every setting that can be used, and every problem.

One bad line never keeps the others from being used.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mqttx_tui.model.errors import InputError
from mqttx_tui.model.units import size
from mqttx_tui.profiles.settings import AUTO, SETTINGS, Setting, Settings

if TYPE_CHECKING:
    from mqttx_tui.profiles.problems import Problem

MISSING = ""
KEYS = "keys"


@dataclass(frozen=True, slots=True)
class SettingsFile:
    """A settings file as it was read; a missing one has the defaults and the digest ``MISSING``."""

    path: Path
    settings: Settings = field(default_factory=Settings)
    problems: tuple[Problem, ...] = ()
    text: str = ""
    digest: str = MISSING


def load_settings(path: Path) -> SettingsFile:
    """Read a settings file. Never raises: a file that cannot be read is a problem."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return SettingsFile(path)
    except OSError as error:
        return SettingsFile(path, problems=(_problem(path, 0, (), error.strerror or str(error)),))
    return parse_settings(raw, path)


def parse_settings(raw: bytes, path: Path) -> SettingsFile:
    """The same from bytes; ``path`` is only named in problems."""
    from hashlib import sha256

    digest = sha256(raw).hexdigest()
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        problem = _problem(path, line, (), "is not UTF-8", "save the file as UTF-8")
        return SettingsFile(path, problems=(problem,), text=raw.decode("utf-8", "replace"), digest=digest)
    try:
        content = tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        from mqttx_tui.profiles.syntax import explain

        line, _, said, hint = explain(text, error)
        problem = _problem(path, line, (), said, hint)
        return SettingsFile(path, problems=(problem,), text=text, digest=digest)
    reading = _Reading(path, text)
    settings = reading.settings(content)
    return SettingsFile(path, settings, tuple(reading.problems), text, digest)


def check(setting: Setting, value: Any) -> Any:
    """A value as ``Settings`` holds it. Raises ``InputError`` that says what is expected."""
    return _KINDS[setting.kind](setting, value)


def _text(setting: Setting, value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise InputError('needs a text in quotes, such as "auto"')
    return value


def _choice(setting: Setting, value: Any) -> str:
    if value not in setting.choices:
        raise InputError(f"is one of {', '.join(setting.choices)}")
    return str(value)


def _switch(setting: Setting, value: Any) -> bool:
    if not isinstance(value, bool):
        raise InputError("is true or false, without quotes")
    return value


def _maybe(setting: Setting, value: Any) -> bool | str:
    if value != AUTO and not isinstance(value, bool):
        raise InputError('is true or false without quotes, or "auto"')
    return value if isinstance(value, bool) else AUTO


def _names(setting: Setting, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise InputError(f'needs a list, such as ["{setting.choices[0]}", "{setting.choices[-1]}"]')
    unknown = [item for item in value if item not in setting.choices]
    if unknown:
        raise InputError(f"knows no {unknown[0]!r}: {', '.join(setting.choices)}")
    return tuple(name for name in setting.choices if name in value)


def _count(setting: Setting, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise InputError("needs a whole number")
    return int(_within(setting, value))


def _size(setting: Setting, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise InputError('needs bytes, or a size such as "512 MB"')
    return int(_within(setting, size(value)))


def _share(setting: Setting, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError("needs a number such as 0.25")
    return float(_within(setting, value))


def _within(setting: Setting, value: float) -> float:
    if (value == 0 and setting.automatic) or setting.least <= value <= setting.most:
        return value
    zero = ", or 0" if setting.automatic else ""
    raise InputError(f"lies between {setting.least:,} and {setting.most:,}{zero}")


_KINDS: dict[str, Callable[[Setting, Any], Any]] = {
    "text": _text,
    "choice": _choice,
    "switch": _switch,
    "maybe": _maybe,
    "names": _names,
    "count": _count,
    "size": _size,
    "share": _share,
}


class _Reading:
    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._text = text
        self.problems: list[Problem] = []

    def settings(self, content: dict[str, Any]) -> Settings:
        known = {setting.path: setting for setting in SETTINGS}
        tables = {setting.path[0] for setting in SETTINGS if len(setting.path) > 1}
        found: dict[str, Any] = {}
        for name, value in content.items():
            if name == KEYS:
                found["keys"] = self._keys(value)
            elif name not in tables:
                self._take(known, (name,), value, found)
            elif isinstance(value, dict):
                for below, item in value.items():
                    self._take(known, (name, below), item, found)
            else:
                self._say((name,), "is a table", f"write [{name}] and its keys below it")
        return replace(Settings(), **found)

    def _take(
        self, known: dict[tuple[str, ...], Setting], path: tuple[str, ...], value: Any, found: dict[str, Any]
    ) -> None:
        setting = known.get(path)
        if setting is None:
            self._say(path, "unknown setting", self._nearest(path, known))
            return
        try:
            found[setting.name] = check(setting, value)
        except InputError as error:
            self._say(path, error.message)

    def _nearest(self, path: tuple[str, ...], known: dict[tuple[str, ...], Setting]) -> str:
        from difflib import get_close_matches

        last = {setting.path[-1]: setting.label for setting in SETTINGS} | {"keys": "[keys]"}
        last |= {setting.path[0]: f"[{setting.path[0]}]" for setting in SETTINGS if len(setting.path) > 1}
        labels = {setting.label: setting.label for setting in SETTINGS}
        near = get_close_matches(".".join(path), labels, 1, 0.7) or get_close_matches(path[-1], last, 1, 0.6)
        return f"did you mean {(labels | last)[near[0]]}?" if near else ""

    def _keys(self, value: Any) -> dict[str, tuple[str, ...]]:
        if not isinstance(value, dict):
            self._say((KEYS,), "is a table", 'write [keys] and below it ID = "KEY"')
            return {}
        found: dict[str, tuple[str, ...]] = {}
        waiting: list[tuple[tuple[str, ...], Any]] = [
            ((name,), item) for name, item in reversed(value.items())
        ]
        while waiting:
            path, item = waiting.pop()
            if isinstance(item, dict):
                waiting += [((*path, name), below) for name, below in reversed(item.items())]
                continue
            keys = [item] if isinstance(item, str) else item
            if not isinstance(keys, list) or not keys or not all(isinstance(k, str) and k for k in keys):
                self._say((KEYS, *path), "needs a key in quotes", 'ID = "X" or ID = ["f5", "ctrl+j"]')
                continue
            found[".".join(path)] = tuple(keys)
        return found

    def _say(self, path: tuple[str, ...], text: str, hint: str = "") -> None:
        from mqttx_tui.profiles.scan import scan

        self.problems.append(_problem(self._path, scan(self._text).line_of(path), path, text, hint))


def _problem(path: Path, line: int, place: tuple[str, ...], text: str, hint: str = "") -> Problem:
    from mqttx_tui.profiles.problems import Problem

    return Problem(str(path), line, ".".join(place[:-1]), place[-1] if place else "", text, hint)
