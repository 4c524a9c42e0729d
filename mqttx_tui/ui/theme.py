"""Themes from TOML files: Textual's base colours, and one colour for each meaning.

A meaning ``x`` becomes the variable ``$mq-x``; widgets that paint lines ask for it with
``Inked.ink("x")``.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

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
LETTER_COLORS = 8
DEFAULT_THEME = "mqttx-dark"


def theme_directory() -> Path:
    """Where the theme files are: inside the installed package, or beside it in a checkout."""
    package = Path(mqttx_tui.__file__).parent
    installed = package / "data" / "themes"
    return installed if installed.is_dir() else package.parent / "themes"


def load_theme(path: Path) -> Theme:
    """Read one theme file. Raises ``InputError`` that names the file and what is missing."""
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
        return _theme(raw)
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise InputError(f"{path.name}: {error}", title="Bad theme") from None


@cache
def load_themes() -> list[Theme]:
    """All themes of the theme directory, by file name."""
    return [load_theme(path) for path in sorted(theme_directory().glob("*.toml"))]


def choose(wanted: str, names: list[str]) -> str:
    """The registered theme that ``wanted`` means: its name, or the part after ``mqttx-``."""
    for name in names:
        if wanted in (name, name.removeprefix("mqttx-")):
            return name
    return DEFAULT_THEME


@cache
def fallback_variables() -> dict[str, str]:
    """Values for our variables under a theme that does not set them."""
    path = theme_directory() / "dark.toml"
    return dict(load_theme(path).variables)


def _theme(raw: dict[str, Any]) -> Theme:
    variables = {f"mq-{meaning}": str(raw["meaning"][meaning]) for meaning in MEANINGS}
    letters = raw["letters"]["colors"]
    variables |= {f"mq-letter-{n}": str(letters[n % len(letters)]) for n in range(LETTER_COLORS)}
    variables["footer-key-foreground"] = str(raw["base"]["primary"])
    variables["input-cursor-background"] = str(raw["base"]["foreground"])
    return Theme(name=raw["name"], dark=bool(raw["dark"]), variables=variables, **raw["base"])
