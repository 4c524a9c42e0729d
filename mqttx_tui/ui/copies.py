"""What a tab offers to be copied."""

from __future__ import annotations

from typing import NamedTuple


class Copy(NamedTuple):
    """What it is, and its text."""

    label: str
    text: str
