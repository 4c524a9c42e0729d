"""What a terminal can show: colours or none, and which characters stand in for those it lacks.

Every stand-in is as wide as what it stands for, so that columns stay; the text that is copied or stored
is never touched.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping

from rich.cells import cell_len

COLORLESS_TERMS = ("dumb", "unknown", "vt100", "vt102", "vt220")
TRUE_COLOR_TERMS = ("alacritty", "contour", "foot", "ghostty", "kitty", "rio", "wezterm", "-direct")
"""Parts of names in TERM of terminals that show every colour."""
CONSOLES = ("linux",)
_FALLBACK = {
    "▸": ">", "▾": "v", "▹": ">", "▿": "v", "›": ">", "‹": "<", "▶": ">", "◀": "<", "▲": "^", "▼": "v",
    "●": "*", "○": "o", "◌": "o", "◆": "*", "◇": "o", "☑": "+", "☐": "-", "✓": "+", "✗": "x", "×": "x",
    "…": "~", "←": "<", "→": ">", "↑": "^", "↓": "v", "↔": "-", "↩": "<", "⏎": "<", "⟳": "@",
    "↻": "@", "§": "#",
    "─": "-", "━": "-", "═": "=", "│": "|", "┃": "|", "║": "|", "‖": "|", "╌": "-", "┄": "-", "┆": "|",
    "·": ".", "•": "*", "∙": ".", "–": "-", "—": "-", "−": "-", "Δ": "d", "Σ": "S", "±": "+", "≈": "~",
    "“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "⚠": "!", "°": "o", "µ": "u", "∞": "8",
    "▁": "_", "▂": "_", "▃": "-", "▄": "-", "▅": "=", "▆": "=", "▇": "#", "█": "#",
    "▀": "^", "▌": "|", "▍": "|", "▎": "|", "▏": "|", "▐": "|", "▕": "|", "░": ".", "▒": ":", "▓": "#",
    "▔": "-", "■": "#", "□": "o", "▪": "*", "▫": "o",
}  # fmt: skip
_RANGES: tuple[tuple[int, int, str], ...] = (
    (0x250C, 0x254B, "+"),  # corners and crossings of rules
    (0x2400, 0x2426, "^"),  # pictures of control characters
    (0x2801, 0x28FF, "*"),  # dots of a chart
)
_TABLE: dict[int, str] = {
    **{number: stand_in for first, last, stand_in in _RANGES for number in range(first, last + 1)},
    0x2800: " ",
    **{ord(character): stand_in for character, stand_in in _FALLBACK.items()},
}
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")

Speller = Callable[[str], str]


def has_colors(environment: Mapping[str, str] | None = None) -> bool:
    """Whether colours are wanted (https://no-color.org) and the terminal has some."""
    env = os.environ if environment is None else environment
    return not env.get("NO_COLOR") and env.get("TERM", "").lower() not in COLORLESS_TERMS


def has_true_color(environment: Mapping[str, str] | None = None) -> bool:
    """Whether the terminal's name says so; ssh passes that on, and no COLORTERM."""
    env = os.environ if environment is None else environment
    return any(name in env.get("TERM", "").lower() for name in TRUE_COLOR_TERMS)


def speller(glyphs: str, environment: Mapping[str, str] | None = None) -> Speller | None:
    """What changes a frame on its way to the terminal, or None; ``glyphs`` is the setting."""
    env = os.environ if environment is None else environment
    if glyphs == "unicode":
        return None
    if glyphs == "ascii" or not _utf8(env):
        return ascii_only
    return for_console if env.get("TERM", "").lower() in CONSOLES else None


def _utf8(env: Mapping[str, str]) -> bool:
    """Whether the locale is one of UTF-8; one that is not set at all is taken for it."""
    found = env.get("LC_ALL") or env.get("LC_CTYPE") or env.get("LANG") or ""
    if found == "C.UTF-8" and not env.get("LC_ALL") and env.get("LANG") in ("C", "POSIX"):
        return False  # Python itself puts C.UTF-8 there (PEP 538)
    return not found or "utf" in found.lower()


def for_console(text: str) -> str:
    """Our own marks, rules and arrows in ASCII: the fonts of a Linux console lack most of them."""
    return text if text.isascii() else text.translate(_TABLE)


def ascii_only(text: str) -> str:
    """The same, and ``?`` for every other character, as wide as it is."""
    if text.isascii():
        return text
    return _NOT_ASCII.sub(lambda found: "?" * cell_len(found[0]), text.translate(_TABLE))
