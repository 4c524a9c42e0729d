"""Write docs/settings.md from the settings and the bindings themselves; a test compares the two."""

from __future__ import annotations

from pathlib import Path

from mqttx_tui.profiles.settings import SETTINGS, TIMES
from mqttx_tui.profiles.settings_write import documented, written
from mqttx_tui.ui.key_names import key_name
from mqttx_tui.ui.keymap import catalogue
from mqttx_tui.ui.settings_rows import LATER, all_lines
from mqttx_tui.ui.theme import BASE, LETTER_COLORS, MEANINGS, all_themes

PAGE = Path(__file__).resolve().parent.parent / "docs" / "settings.md"
HEAD = """\
# Settings

`settings.toml` stands beside `connections.toml` (`mqttx-tui profiles path` says where). It need not exist.
The key `,` (or the palette's *Settings*) opens a screen that shows every setting and every key, changes them
in place and writes the changed line alone; `e` there opens the whole file, documented in place, in `$EDITOR`.
What the command line says (`--theme`) goes before the file. A line that cannot be used is named at the start,
with its number, and its default stands; the other lines are used.
"""
THEMES = """\
## Themes

`:` *Change theme* shows each under the cursor; Enter keeps it. There are: {names}.

A theme of one's own is a file in `themes/` beside `settings.toml`, named as the theme: copy one of ours.
It has `name`, `dark`, a table `[base]` ({base}), a table `[meaning]` with one colour
for each of {meanings}, and `colors` under `[letters]`, {letters} at best.
With `ansi = true` every colour is one of the terminal's (`ansi_blue`, `ansi_bright_black`, `ansi_default`).
A broken file is named at the start by file, line and what is wrong, and skipped. Text should have a contrast
of 4.5 to its ground, `dim` of 3.

With `NO_COLOR` set, and on terminals such as `vt100` and `dumb`, no colour is sent at all; everything that a
colour says stands there as a letter or a sign too. On a Linux console and in a locale without UTF-8 the signs
are ASCII.
"""
KEYS = """\
## Keys

Every key can be another one: `ID = "KEY"` or `ID = ["KEY", "KEY"]` under `[keys]`; an id with a dot stands
in quotes.

```toml
[keys]
exclude = "K"
"mark.topic" = ["ctrl+b", "f9"]
```

A key is a character, or a name: `f5`, `ctrl+t`, `alt+x`, `delete`, `space`, `pageup`, `shift+up`. A letter
works with Alt as well, since a quick Esc before it arrives like that. Where two actions would be in reach of
one key it is named at the start and the usual key stays. No key that types a character ever publishes.

| id | keys | does |
|---|---|---|
"""


def page() -> str:
    """The whole page."""
    parts = [HEAD, "\n| setting | default | meaning |\n|---|---|---|\n"]
    for setting in SETTINGS:
        text = setting.meaning + ("" if setting.at_once else LATER)
        parts.append(
            f"| `{setting.label}` | `{_cell(written(setting, setting.default))}` | {_cell(text)} |\n"
        )
    parts.append("\nTimes look like this:\n\n| `time` | |\n|---|---|\n")
    parts += [f"| `{name}` | `{look}` |\n" for name, look in TIMES.items()]
    names = ", ".join(f"`{theme.name}`" for theme in all_themes()[0])
    parts.append(
        "\n"
        + THEMES.format(
            names=names, base=", ".join(BASE), meanings=", ".join(MEANINGS), letters=LETTER_COLORS
        )
    )
    parts.append(f"\n## The file as it is written first\n\n```toml\n{documented()}```\n\n{KEYS}")
    for line in all_lines(catalogue()):
        if line.heading and line.heading != "Settings":
            parts.append(f"| **{_cell(line.heading)}** | | |\n")
        elif line.bound is not None:
            keys = " ".join(f"`{_cell(key_name(key))}`" for key in line.bound.keys)
            parts.append(f"| `{line.bound.identity}` | {keys} | {_cell(line.bound.description)} |\n")
    return "".join(parts)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
