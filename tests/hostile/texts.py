"""The hostile texts, and what they look like when they are harmless."""

from __future__ import annotations

import json

NASTY = {
    "markup": "[/]",
    "action": "[@click=app.quit]x[/]",
    "link": "[link=http://x.invalid]y[/link]",
    "style": "[red on blue]z",
    "title": "\x1b]0;STOLEN\x07t",
    "clipboard": "\x1b]52;c;U1RPTEVO\x07c",
    "hyperlink": "\x1b]8;;http://x.invalid\x1b\\h",
    "colour": "\x1b[31337mc",
    "cursor": "\x1b[333;777Hk",
    "reset": "\x1bcr",
    "screen": "\x1b[?1049le",
    "answer": "\x1b[6nq",
    "device": "\x1bP$q544e\x1b\\d",
    "c1 csi": "\x9b31337m1",
    "c1 osc": "\x9d0;STOLEN\x9c2",
    "bell": "\x07\x08\x0e\x0f\x7fb",
    "return": "a\rb\x0bc\x0cd",
    "override": "\u202eabc\u202c",
    "isolate": "\u2066abc\u2069",
    "marks": "\u200e\u200f\u061c\u200b\u2028\u2029\ufeff",
    "hidden": "\u00ad\u2060\u180e\ufff9\U000e0041\U000e007f",
}
"""What terminals and Textual's markup would obey, in lengths that fit a column."""

NAME = "\x1b[31337m\x9b7m\u202e[/][@click=app.quit]x[/]"
"""For names, reasons and errors: the dangerous characters come first, so that clipping keeps them."""
SEEN = "\u241b[31337m\\x9b7m\\u202e[/]"
"""How ``NAME`` begins on screen."""

LONG_LINE = ("\x1b]0;STOLEN\x07 [/]\u202e\x9b31337m\x00" + "x" * 1000) * 1000
"""A line of more than a megabyte."""

PAYLOADS: dict[str, bytes] = {
    "nul": b"\x00\x1b]0;STOLEN\x07",
    "not utf-8": b"\xff\xfe\x9b31337m\xc0\x9b\xed\xa0\x80\x1b[31337m",
    "json": json.dumps({NAME: [NAME, "\ud800", "\u0000"], "value": NAME}).encode(),
    "json raw": ('{"' + NAME.replace("\x1b", "\\u001b") + '": "' + "\u202e[/]\x9b7m" + '"}').encode(),
    "deep": b'{"a":' * 400 + b"1" + b"}" * 400,
    "deeper": b"[" * 30_000 + b"]" * 30_000,
    "number": b'{"value": ' + b"9" * 6000 + b"}",
    "lines": b"one\r\n\x1b[31337mtwo\r\r\n\xe2\x80\xaethree\x0b\x0cfour\xe2\x80\xa8five",
    "long line": LONG_LINE.encode(),
}

LONG_TOPICS = {
    "60 kB": "\x1b]0;STOLEN\x07" + "t\u0301\u4e2d\u202e" * 7_000 + "\x1b[31337mEND",
    "60 kB of levels": "/" * 60_000 + "\x1b[31337mDEEP",
}
