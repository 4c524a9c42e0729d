"""Writing ``settings.toml``: the documented file, and one changed setting in it.

Only the line of the changed setting differs afterwards; what a person wrote stays byte for byte.
"""

from __future__ import annotations

import re
import tomllib
from typing import Any

from mqttx_tui.model.errors import AppError
from mqttx_tui.model.shown import size
from mqttx_tui.profiles import store, toml
from mqttx_tui.profiles.scan import Header, scan
from mqttx_tui.profiles.settings import KEYS_MEANING, SETTINGS, Setting
from mqttx_tui.profiles.settings_read import KEYS, MISSING, SettingsFile, parse_settings
from mqttx_tui.profiles.splice import Splice

WIDTH = 100
HEAD = """\
# Settings of mqttx-tui. Every line below is a default: remove its # and change it, or use the settings
# screen (key ,). A line that cannot be used is named at the start, and its default stands.
"""

Path = tuple[str, ...]
_FIRST_COMMENTS = re.compile(r"(?:[ \t]*#[^\n]*(?:\n|\Z))+(?=[ \t]*(?:\r?\n|\Z))")


def documented() -> str:
    """The file with every setting as a comment: its meaning and its default."""
    lines = HEAD.splitlines()
    table: str | None = None
    for setting in SETTINGS:
        above = setting.path[0] if len(setting.path) > 1 else None
        if above != table:
            lines += ["", f"[{above}]"]
            table = above
        else:
            lines.append("")
        lines += [*_comment(setting.meaning), f"# {setting.path[-1]} = {written(setting, setting.default)}"]
    return "\n".join([*lines, "", f"[{KEYS}]", *_comment(KEYS_MEANING), ""])


def written(setting: Setting, value: Any) -> str:
    """A value as the file writes it."""
    return toml.value(_plain(setting, value))


def _plain(setting: Setting, value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    if setting.kind == "size" and isinstance(value, int) and value:
        shown = size(value)
        return shown if _exactly(shown, value) else value
    return value


def _exactly(shown: str, value: int) -> bool:
    from mqttx_tui.model.units import size as parse

    return parse(shown) == value


def _comment(text: str) -> list[str]:
    from textwrap import wrap

    return [f"# {line}" for line in wrap(text, WIDTH)]


def create(file: SettingsFile) -> SettingsFile:
    """Write the documented file where there is none. Raises ``AppError``."""
    return _save(file, documented()) if file.digest == MISSING else file


def set_setting(file: SettingsFile, setting: Setting, value: Any) -> SettingsFile:
    """Write one setting (a value as ``Settings`` holds it), or take it out with None: its default."""
    return set_path(file, setting.path, None if value is None else _plain(setting, value))


def set_keys(file: SettingsFile, identity: str, keys: tuple[str, ...] | None) -> SettingsFile:
    """Give an action other keys, or with None its usual ones. Raises ``AppError``."""
    plain: Any = None if keys is None else keys[0] if len(keys) == 1 else list(keys)
    nested: Path = (KEYS, *identity.split("."))
    found = _at(_contents(file.text), nested)
    return set_path(file, nested if isinstance(found, str | list) else (KEYS, identity), plain)


def set_path(file: SettingsFile, path: Path, value: Any) -> SettingsFile:
    """Write the value at ``path`` (None takes it out). Raises ``AppError``; then nothing is written."""
    text = file.text if file.digest != MISSING else documented()
    changed = with_value(text, path, value)
    return file if changed == file.text else _save(file, changed)


def with_value(text: str, path: Path, value: Any) -> str:
    """``text`` with another value at ``path``, and everything else as it was. Raises ``AppError``."""
    wanted = _contents(text)
    if value is None and _at(wanted, path) is None:
        return text
    _put(wanted, path, value)
    splice = Splice(scan(text))
    around = splice.around(path)
    if around is not None and around.path == path:
        if value is None:
            splice.put(around.start, around.end, "")
        else:
            splice.put(around.value.start, around.value.end, toml.value(value))
    elif around is not None:
        splice.put(
            around.value.start, around.value.end, toml.value(_at(wanted, tuple(map(str, around.path))))
        )
    else:
        _insert(splice, path, value)
    changed = splice.result()
    try:
        held = tomllib.loads(changed.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError:
        held = {}
    if _without_empty(held) != _without_empty(wanted):
        raise AppError(
            f"{'.'.join(path)} cannot be written into this file", title="Not saved", hint="change it by hand"
        )
    return changed


def _insert(splice: Splice, path: Path, value: Any) -> None:
    """A new line: under its commented default, else behind the table's last line, else a new table."""
    table, name = path[:-1], path[-1]
    line = f"{toml.key(name)} = {toml.value(value)}"
    headers = [item for item in splice.document.statements if isinstance(item, Header)]
    if not table:
        end = headers[0].start if headers else len(splice.text)
        start, last = 0, _root_end(splice)
    else:
        header = splice.header(table)
        if header is None:
            blank = [""] if splice.text and not splice.text.endswith("\n\n") else []
            splice.put_lines(len(splice.text), [*blank, f"[{toml.dotted(table)}]", line])
            return
        following = [item.start for item in headers if item.start > header.start]
        start, end, last = header.end, min(following, default=len(splice.text)), splice.last_line(header)
    default = re.compile(rf"^[ \t]*#[ \t]*{re.escape(toml.key(name))}[ \t]*=[^\n]*(?:\n|\Z)", re.MULTILINE)
    found = default.search(splice.text, start, end)
    splice.put_lines(found.end() if found else last, [line])


def _root_end(splice: Splice) -> int:
    """Where the line after the last entry outside of tables begins; without one, after the first comments."""
    start = 1 if splice.text.startswith("\ufeff") else 0
    entries = []
    for item in splice.document.statements:
        if isinstance(item, Header):
            break
        entries.append(item.end)
    if entries:
        return entries[-1]
    first = _FIRST_COMMENTS.match(splice.text, start)
    return first.end() if first else start


def _contents(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        raise AppError(
            f"settings.toml is not valid TOML: {error}", title="Not saved", hint="mend it by hand first"
        ) from None


def _at(content: dict[str, Any], path: Path) -> Any:
    found: Any = content
    for name in path:
        if not isinstance(found, dict) or name not in found:
            return None
        found = found[name]
    return found


def _put(content: dict[str, Any], path: Path, value: Any) -> None:
    below = content
    for name in path[:-1]:
        inner = below.setdefault(name, {})
        if not isinstance(inner, dict):
            raise AppError(
                f"{name} is no table in this file",
                title="Not saved",
                hint=f"write [{name}] and its keys below",
            )
        below = inner
    if value is None:
        below.pop(path[-1], None)
    else:
        below[path[-1]] = value


def _without_empty(found: Any) -> Any:
    if not isinstance(found, dict):
        return found
    return {name: _without_empty(item) for name, item in found.items() if item != {}}


def _save(file: SettingsFile, text: str) -> SettingsFile:
    raw = text.encode()
    store.replace_file(file.path, raw, file.digest)
    return parse_settings(raw, file.path)
