"""How the inspector shows a payload: as JSON that folds, as text, as bytes, or in parts. No widgets."""

from __future__ import annotations

import base64
import dataclasses
from dataclasses import dataclass
from enum import Enum

from mqttx_tui.model.errors import AppError
from mqttx_tui.model.message import Message
from mqttx_tui.model.visible import visible
from mqttx_tui.payload.base import Context
from mqttx_tui.payload.registry import LIMIT, decode
from mqttx_tui.ui.widgets.document import (
    Document,
    PartsDocument,
    ReadBytes,
    Span,
    TextDocument,
    WindowDocument,
)

BASE64_BYTES = 57
"""Bytes of one row of base64: 76 characters (RFC 2045 §6.8)."""


class Shape(Enum):
    """What kind of view shows it."""

    JSON = "json"
    """All of it, laid out: ``text``."""
    TEXT = "text"
    """All of it: ``text``, and ``document``."""
    HEX = "hex"
    """Bytes, read as they are scrolled to."""
    PARTS = "parts"
    """Too large to be decoded at once: ``document``."""
    OTHER = "other"
    """Only the ``document`` is there."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A payload as it is shown; ``decoder`` names what decoded it, ``note`` says what to know of that."""

    shape: Shape
    decoder: str = ""
    text: str = ""
    note: str = ""
    document: Document = dataclasses.field(default_factory=lambda: TextDocument("", "text"))


def decoded_payload(
    message: Message, read: ReadBytes, context: Context, decoder: str | None = None
) -> Decoded:
    """The payload by a decoder, or as it reads best. A decoder that does not fit says so."""
    size = message.payload_size
    if decoder == "hex":
        return Decoded(Shape.HEX, "hex")
    if decoder == "base64":
        return Decoded(Shape.OTHER, "base64", document=base64_document(size, read))
    if not size and decoder is None:
        return Decoded(Shape.OTHER, "empty", document=TextDocument("", "text", "empty payload"))
    head = read(0, LIMIT)
    whole = len(head) == size
    try:
        found = decode(head, dataclasses.replace(context, complete=whole), decoder)
    except AppError as error:
        said = visible(f"{error.title}: {error.message}. {error.hint}")
        return Decoded(Shape.OTHER, decoder or "", document=TextDocument("", "text", said))
    if found.decoder == "hex":
        return Decoded(Shape.HEX, "hex")
    if not whole and decoder in (None, "text"):
        return Decoded(Shape.PARTS, found.decoder, document=PartsDocument(read, size))
    if found.syntax == "json" and whole:
        return Decoded(Shape.JSON, found.decoder, found.text)
    shape = Shape.TEXT if found.decoder == "text" and whole else Shape.OTHER
    note = visible(found.note)
    return Decoded(shape, found.decoder, found.text, note, TextDocument(found.text, found.syntax, note))


def base64_document(size: int, read: ReadBytes) -> Document:
    """Base64 of all of it, read as it is scrolled to."""

    def row(_: int, data: bytes) -> list[Span]:
        return [(base64.b64encode(data).decode("ascii"), "text")]

    return WindowDocument(read, size, BASE64_BYTES, row)
