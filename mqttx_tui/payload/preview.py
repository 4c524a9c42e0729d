"""The payload on one line, for the stream; called for every row that is painted."""

from __future__ import annotations

import re

from mqttx_tui.model import shown
from mqttx_tui.model.message import BINARY_FRAME, NOT_UTF8, WEBSOCKET
from mqttx_tui.model.visible import visible

_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_BLANKS = re.compile(r"[ \t\r\n]+")


def preview(data: bytes, width: int, flags: int = 0, *, size: int | None = None, skip: int = 0) -> str:
    """At most about ``width`` characters: text with its blanks collapsed, or bytes in hex.

    ``data`` may be only the beginning of a payload of ``size`` bytes. ``skip`` leaves out that many
    characters (horizontal scrolling). The result holds no control character.
    """
    whole = len(data) if size is None else size
    wanted = (width + skip) * 4
    head = data if len(data) <= wanted else data[:wanted]
    if is_bytes(head, flags):
        return _hex(head, width, whole, skip)
    text = head.decode("utf-8", "replace")
    cut = len(head) < whole
    if cut:
        text = text.rstrip("\ufffd")
    if "\n" in text or "  " in text or "\t" in text or "\r" in text:
        text = _BLANKS.sub(" ", text).strip(" ")
    if skip:
        text = text[skip:]
    if cut and len(text) <= width:
        text += "…"
    return visible(text, width)


def is_bytes(head: bytes, flags: int) -> bool:
    """Whether a payload that begins so reads as bytes.

    What went in a text frame of a WebSocket is text, also with the NUL that ends a frame of STOMP; a binary
    frame with any control character is none.
    """
    if flags & NOT_UTF8:
        return True
    if flags & BINARY_FRAME:
        return _CONTROL.search(head) is not None
    return b"\0" in head and not flags & WEBSOCKET


def _hex(head: bytes, width: int, whole: int, skip: int) -> str:
    tail = f"   ·{shown.size(whole)}"
    first = skip // 3
    rest = head[first:]
    fitting = max((width - len(tail) + 1) // 3, 1)
    if len(rest) <= fitting and first + len(rest) == whole:
        return rest.hex(" ") + tail
    fitting = max((width - len(tail) - 1) // 3, 1)
    return rest[:fitting].hex(" ") + " …" + tail
