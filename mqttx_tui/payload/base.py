"""What a payload decoder is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Context:
    """What is known about a payload; do not rely on any field being set."""

    topic: str = ""
    content_type: str = ""
    format_indicator: int | None = None
    frame: bool = False
    """Whether it was a message of a raw WebSocket."""
    subprotocol: str = ""
    """Of that WebSocket; ``socket.io`` where the path of its URL says so."""
    binary_frame: bool = False
    complete: bool = True
    """False when ``data`` is only the first part of the payload."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """Plain text made from a payload, and the name of a highlighter for it.

    ``note`` says what a reader should know, for example that only the first part is shown.
    """

    text: str
    syntax: str
    decoder: str
    note: str = ""


class Decoder(Protocol):
    """Turns payload bytes into plain text. Knows no user interface."""

    name: str
    syntax: str

    def priority(self, data: bytes, context: Context) -> float:
        """How well it fits, 0 to 1; below 0: not at all. Cheap: may look at the first kilobytes."""

    def decode(self, data: bytes, context: Context) -> str:
        """The text. Raises ``ValueError`` where the bytes do not fit."""
