"""The decoders that are always there: JSON, text, hex, base64."""

from __future__ import annotations

import base64
import re

from mqttx_tui.payload import hexdump, jsontext
from mqttx_tui.payload.base import Context, Decoder

SNIFFED = 4096
"""How many bytes a guess looks at."""
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f]")
_SCALAR = re.compile(rb"[ \t\r\n]*(?:-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null)[ \t\r\n]*\Z")


def utf8(data: bytes, *, complete: bool) -> str:
    """``data`` as UTF-8; where it was cut, a character that was cut with it is left out.

    Raises ``ValueError`` (``UnicodeDecodeError``).
    """
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        if complete or error.reason != "unexpected end of data" or error.end != len(data):
            raise ValueError(f"not UTF-8: byte {data[error.start]:#04x} at offset {error.start}") from None
        return data[: error.start].decode()


def looks_like_text(data: bytes, *, complete: bool = True) -> bool:
    """Whether ``data`` is UTF-8 without NUL and almost without other control characters."""
    head = data[:SNIFFED]
    try:
        utf8(head, complete=complete and len(head) == len(data))
    except ValueError:
        return False
    return b"\0" not in head and len(_CONTROL.findall(head)) * 10 <= len(head)


class Json:
    """JSON with an indent of two; order, equal keys and the spelling of numbers stay."""

    name = "json"
    syntax = "json"

    def priority(self, data: bytes, context: Context) -> float:
        """High where the first character opens an object or array, or the content type says so."""
        if "json" in context.content_type.lower():
            return 0.95
        head = data[:SNIFFED].lstrip(b" \t\r\n")
        if head[:1] in (b"{", b"["):
            return 0.8
        if head[:1] == b'"' and data.rstrip(b" \t\r\n").endswith(b'"'):
            return 0.6
        return 0.6 if len(data) <= 64 and _SCALAR.match(data) else -1.0

    def decode(self, data: bytes, context: Context) -> str:
        """The text; raises ``ValueError`` that names line and column."""
        text = utf8(data, complete=context.complete)
        return jsontext.pretty(text, complete=context.complete)


class Text:
    """UTF-8 text."""

    name = "text"
    syntax = "text"

    def priority(self, data: bytes, context: Context) -> float:
        """Above hex where the bytes read as text."""
        if not looks_like_text(data, complete=context.complete):
            return -1.0 if _not_utf8(data) else 0.1
        if context.content_type.lower().startswith("text/"):
            return 0.85
        return 0.7 if context.format_indicator == 1 and data[:1] not in b"{[" else 0.5

    def decode(self, data: bytes, context: Context) -> str:
        """The text; raises ``ValueError`` where it is not UTF-8."""
        return utf8(data, complete=context.complete)


class Hex:
    """A hex dump, 16 bytes a line."""

    name = "hex"
    syntax = "hex"

    def priority(self, data: bytes, context: Context) -> float:
        """What is left when nothing else fits."""
        return 0.3

    def decode(self, data: bytes, context: Context) -> str:
        """The dump; fits always."""
        return hexdump.text(data)


class Base64:
    """Base64 in lines of 76; never chosen by itself."""

    name = "base64"
    syntax = "base64"

    def priority(self, data: bytes, context: Context) -> float:
        """Below hex."""
        return 0.01

    def decode(self, data: bytes, context: Context) -> str:
        """The text; fits always."""
        encoded = base64.b64encode(data).decode("ascii")
        return "\n".join(encoded[at : at + 76] for at in range(0, len(encoded), 76))


def _not_utf8(data: bytes) -> bool:
    try:
        utf8(data[:SNIFFED], complete=False)
    except ValueError:
        return True
    return False


BUILT_IN: tuple[Decoder, ...] = (Json(), Text(), Hex(), Base64())
