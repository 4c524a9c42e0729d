"""What a person types into payload bytes: text, JSON, hex, base64."""

from __future__ import annotations

import base64
import re

from mqttx_tui.model.errors import InputError
from mqttx_tui.payload import jsontext

FORMATS = ("text", "json", "hex", "base64")
_HEX_SEPARATORS = " \t\r\n\v\f:,-"
_HEX_PREFIX = re.compile(r"0[xX][0-9a-fA-F]")
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/_\-=\s]")


def encode(text: str, format: str) -> bytes:
    """The bytes to send. JSON is checked and sent as it is written.

    Raises ``InputError`` that names line and column of what does not fit.
    """
    match format:
        case "text":
            return _utf8(text)
        case "json":
            return _json(text)
        case "hex":
            return _hex(text)
        case "base64":
            return _base64(text)
    raise InputError(
        f"there is no format named {format}", title="No such format", hint=f"one of {', '.join(FORMATS)}"
    )


def length(text: str, format: str) -> int | None:
    """How many bytes ``encode`` would give; None while the text does not fit."""
    try:
        return len(encode(text, format))
    except InputError:
        return None


def _place(text: str, position: int) -> str:
    line = text.count("\n", 0, position) + 1
    return f"line {line}, column {position - text.rfind(chr(10), 0, position)}"


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise InputError(
            f"{_place(text, error.start)}: this character cannot be sent as UTF-8", title="Not UTF-8"
        ) from None


def _json(text: str) -> bytes:
    try:
        jsontext.check(text)
    except jsontext.JsonTextError as error:
        raise InputError(str(error), title="Not JSON", hint="mend it, or choose the format text") from None
    return _utf8(text)


def _hex(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return _loose_hex(text)


def _loose_hex(text: str) -> bytes:
    digits: list[str] = []
    places: list[int] = []
    position = 0
    while position < len(text):
        character = text[position]
        if len(digits) % 2 == 0 and _HEX_PREFIX.match(text, position):
            position += 2
            continue
        if character in "0123456789abcdefABCDEF":
            digits.append(character)
            places.append(position)
        elif character not in _HEX_SEPARATORS:
            raise InputError(
                f"{_place(text, position)}: expected a hex digit, not {character!r}",
                title="Not hex",
                hint="for example 01 03 ff",
            )
        elif len(digits) % 2:
            raise InputError(
                f"{_place(text, places[-1])}: a byte needs two hex digits",
                title="Not hex",
                hint="write 0a for a",
            )
        position += 1
    if len(digits) % 2:
        raise InputError(
            f"{_place(text, places[-1])}: a byte needs two hex digits", title="Not hex", hint="write 0a for a"
        )
    return bytes.fromhex("".join(digits))


def _base64(text: str) -> bytes:
    wrong = _NOT_BASE64.search(text)
    if wrong:
        raise InputError(
            f"{_place(text, wrong.start())}: {wrong[0]!r} is not a character of base64", title="Not base64"
        )
    compact = "".join(text.split())
    bare = compact.rstrip("=")
    padding = len(compact) - len(bare)
    if "=" in bare:
        raise InputError(f"{_place(text, text.index('='))}: = may only stand at the end", title="Not base64")
    if len(bare) % 4 == 1 or padding not in (0, -len(bare) % 4):
        raise InputError(
            f"{_place(text, max(len(text.rstrip()) - 1, 0))}: the base64 text is not complete",
            title="Not base64",
            hint="its length without blanks is a multiple of four",
        )
    plain = bare.replace("-", "+").replace("_", "/")
    return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
