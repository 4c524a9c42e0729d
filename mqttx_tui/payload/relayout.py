"""JSON laid out the other way: one line, or indented."""

from __future__ import annotations

import re

from mqttx_tui.payload import jsontext

_BLANKS = re.compile(r'("(?:[^"\\]|\\.)*")|[ \t\r\n]+')


def minify(text: str) -> str:
    """``text`` without the white space between its tokens. Raises ``jsontext.JsonTextError``."""
    jsontext.check(text)
    return _BLANKS.sub(r"\1", text)


def relayout(text: str) -> str:
    """Indented; on one line where it is indented already. Raises ``jsontext.JsonTextError``."""
    indented = jsontext.pretty(text)
    return minify(text) if text.strip() == indented else indented
