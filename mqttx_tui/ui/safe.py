"""Every text from outside goes through here on its way to a widget: visible, clipped, never markup."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from mqttx_tui.model.visible import visible, visible_bytes

ELLIPSIS = "…"
LOOKED_AT = 8
"""Characters looked at for each cell: a topic of 60 kB costs no more than a line of it."""


def plain(text: str, limit: int | None = None) -> Text:
    """A ``rich.text.Text`` on one line that nothing parses."""
    return Text(visible(text, limit), no_wrap=True)


def line(text: str, limit: int | None = None) -> str:
    """``text`` on one line, made visible, at most ``limit`` characters."""
    return visible(text, limit)


def payload_line(data: bytes, limit: int) -> str:
    """The beginning of a payload on one line: runs of white space become one blank."""
    text = visible_bytes(data.replace(b"\r\n", b"\n"), None)
    if "\u240a" in text or "\u2409" in text:
        text = " ".join(text.replace("\u240a", " ").replace("\u2409", " ").split())
    return text if len(text) <= limit else text[:limit]


def width(text: str) -> int:
    """Terminal cells that ``text`` takes."""
    return len(text) if text.isascii() else cell_len(text)


def fit(text: str, cells: int) -> str:
    """Exactly ``cells`` wide: padded on the right, or cut with an ellipsis."""
    if cells <= 0:
        return ""
    text = text[: cells * LOOKED_AT]
    taken = width(text)
    if taken <= cells:
        return text + " " * (cells - taken)
    return set_cell_size(text, cells - 1) + ELLIPSIS


def fit_left(text: str, cells: int) -> str:
    """Exactly ``cells`` wide, cut on the left: of topics the end differs."""
    if cells <= 0:
        return ""
    text = text[-cells * LOOKED_AT :]
    taken = width(text)
    if taken <= cells:
        return text + " " * (cells - taken)
    if text.isascii():
        return ELLIPSIS + text[-(cells - 1) :] if cells > 1 else ELLIPSIS
    kept = room = 0
    for character in reversed(text):
        room += width(character)
        if room > cells - 1:
            break
        kept += 1
    return fit(ELLIPSIS + text[len(text) - kept :], cells)


def fit_right(text: str, cells: int) -> str:
    """Exactly ``cells`` wide, flush right; cut on the right when too long."""
    text = text[: max(cells, 0) * LOOKED_AT]
    taken = width(text)
    return " " * (cells - taken) + text if taken <= cells else fit(text, cells)


def clip(text: str, cells: int) -> str:
    """At most ``cells`` wide, cut with an ellipsis."""
    text = text[: max(cells, 0) * LOOKED_AT]
    return text if width(text) <= cells else fit(text, cells)
