"""Themes from TOML files: Textual's base colours, and one colour for each meaning.

A meaning ``x`` becomes the variable ``$mq-x``; widgets that paint lines ask for it with
``Inked.ink("x")``.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from textual.color import Color, ColorParseError
from textual.theme import Theme

import mqttx_tui
from mqttx_tui.model.errors import InputError

MEANINGS = (
    "text",
    "strong",
    "dim",
    "rule",
    "cursor",
    "bar",
    "in",
    "out",
    "retained",
    "value",
    "good",
    "busy",
    "bad",
    "field",
)
BASE = (
    "background",
    "surface",
    "panel",
    "foreground",
    "primary",
    "secondary",
    "accent",
    "warning",
    "error",
    "success",
)
LETTER_COLORS = 8
DEFAULT_THEME = "mqttx-dark"
SIXTEEN_COLORS = "ansi"
"""The theme for terminals that have no more than 16 colours, or none."""
PREFIX = "mqttx-"
FOLDER = "themes"
"""Beside the settings file: themes of one's own."""


def theme_directory() -> Path:
    """Where the theme files are: inside the installed package, or beside it in a checkout."""
    package = Path(mqttx_tui.__file__).parent
    installed = package / "data" / "themes"
    return installed if installed.is_dir() else package.parent / "themes"


def load_theme(path: Path) -> Theme:
    """Read one theme file. Raises ``InputError`` that names the file, the line and what is wrong."""
    try:
        text = path.read_text("utf-8")
        raw = tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: {error}", title="Bad theme") from None
    except tomllib.TOMLDecodeError as error:
        from mqttx_tui.profiles.syntax import explain

        line, _, said, hint = explain(text, error)
        raise InputError(f"{path}:{line}: {said}", title="Bad theme", hint=hint) from None
    try:
        return _theme(raw)
    except _Bad as bad:
        from mqttx_tui.profiles.scan import scan

        line = scan(text).line_of(bad.place)
        where = f"{path}:{line}" if line else str(path)
        raise InputError(
            f"{where}: {'.'.join(bad.place)} {bad.said}", title="Bad theme", hint="see themes/dark.toml"
        ) from None


def find_theme(wanted: str, own: Path | None = None) -> Theme | None:
    """The theme of that name (or ``mqttx-`` and the name): one's own before ours, reading one file.

    A broken file is as if it were not there; ``all_themes`` tells what is wrong with it.
    """
    if not wanted or "/" in wanted or "\\" in wanted or wanted.startswith("."):
        return None
    for directory in (own, theme_directory()):
        for name in (wanted, wanted.removeprefix(PREFIX)):
            path = directory / f"{name}.toml" if directory is not None else None
            if path is not None and path.is_file():
                try:
                    return load_theme(path)
                except InputError:
                    continue
    return None


def all_themes(own: Path | None = None) -> tuple[list[Theme], list[InputError]]:
    """Every theme, one's own last (they replace ours of the same name), and the broken files."""
    themes: dict[str, Theme] = {}
    broken: list[InputError] = []
    for directory in (theme_directory(), own):
        for path in sorted(directory.glob("*.toml")) if directory is not None else ():
            try:
                theme = load_theme(path)
            except InputError as error:
                broken.append(error)
            else:
                themes[theme.name] = theme
    return list(themes.values()), broken


@cache
def fallback_variables() -> dict[str, str]:
    """Values for our variables before a theme of ours is there."""
    return dict(load_theme(theme_directory() / "dark.toml").variables)


class _Bad(Exception):
    def __init__(self, place: tuple[str, ...], said: str) -> None:
        super().__init__(said)
        self.place = place
        self.said = said


def _theme(raw: dict[str, Any]) -> Theme:
    name, dark, ansi = raw.get("name"), raw.get("dark"), raw.get("ansi", False)
    if not isinstance(name, str) or not name.replace("-", "").replace("_", "").isalnum():
        raise _Bad(("name",), 'needs letters, digits and -, such as "my-theme"')
    if not isinstance(dark, bool) or not isinstance(ansi, bool):
        raise _Bad(("dark",) if not isinstance(dark, bool) else ("ansi",), "is true or false")
    base: dict[str, Any] = {key: _color(raw, "base", key, ansi) for key in BASE}
    variables = {f"mq-{meaning}": _color(raw, "meaning", meaning, ansi) for meaning in MEANINGS}
    letters = _table(raw, "letters").get("colors")
    if not isinstance(letters, list) or not letters:
        raise _Bad(("letters", "colors"), "needs a list of colours")
    colors = [_checked(("letters", "colors"), letter, ansi) for letter in letters]
    variables |= {f"mq-letter-{n}": colors[n % len(colors)] for n in range(LETTER_COLORS)}
    variables["footer-key-foreground"] = base["primary"]
    variables["input-cursor-background"] = base["foreground"]
    if ansi:
        variables |= _on_ansi(base, variables)
    return Theme(name=name, dark=dark, ansi=ansi, variables=variables, **base)


def _on_ansi(base: dict[str, str], variables: dict[str, str]) -> dict[str, str]:
    """Textual leaves dialogs transparent with ANSI colours, and cannot blend them."""
    return {
        "ansi-background": base["background"],
        "ansi-foreground": base["foreground"],
        "surface": base["surface"],
        "panel": base["panel"],
        "block-cursor-background": variables["mq-cursor"],
        "block-cursor-foreground": variables["mq-strong"],
        "block-cursor-text-style": "reverse",
        "input-cursor-foreground": base["background"],
        "input-cursor-text-style": "reverse",
        "border": variables["mq-rule"],
        "border-blurred": variables["mq-rule"],
        "scrollbar": variables["mq-dim"],
        "scrollbar-hover": variables["mq-dim"],
        "scrollbar-active": variables["mq-strong"],
    }


def _table(raw: dict[str, Any], name: str) -> dict[str, Any]:
    table = raw.get(name)
    if not isinstance(table, dict):
        raise _Bad((name,), "is missing: a table of colours")
    return table


def _color(raw: dict[str, Any], table: str, key: str, ansi: bool) -> str:
    found = _table(raw, table)
    if key not in found:
        raise _Bad((table, key), "is missing: a colour")
    return _checked((table, key), found[key], ansi)


def _checked(place: tuple[str, ...], value: Any, ansi: bool) -> str:
    try:
        color = Color.parse(value) if isinstance(value, str) else None
    except ColorParseError:
        color = None
    if color is None:
        raise _Bad(place, 'needs a colour such as "#58a6ff"' + (' or "ansi_blue"' if ansi else ""))
    if (color.ansi is not None) is not ansi:
        raise _Bad(
            place, "needs ansi_ colours, as ansi = true" if ansi else "needs ansi = true for ansi_ colours"
        )
    return str(value)
