"""Any case: the same answer in SQL and in Python.

SQLite's ``lower()`` knows ASCII only. Here every character is lower-cased on its own, and one outside
ASCII stays outside (the Kelvin sign would become ``k``). So for text within ASCII ``instr(lower(…))``
finds exactly what Python finds, and the ASCII part of any other text is a sound first check.
"""

from __future__ import annotations

import re
from functools import lru_cache

_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_ASCII_RUN = re.compile(r"[\x00-\x7f]+")


def fold(text: str) -> str:
    """``text`` in lower case; ASCII only where it was ASCII."""
    if text.isascii():
        return text.lower()
    return _NOT_ASCII.sub(_fold_one, text.translate(_ASCII_LOWER))


_ASCII_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}


def _fold_one(match: re.Match[str]) -> str:
    return _lower(match[0])


@lru_cache(maxsize=4096)
def _lower(character: str) -> str:
    lower = character.lower()
    return lower if len(lower) == 1 and not lower.isascii() else character


def contains(text: str, folded: str) -> bool:
    """Whether ``text`` holds what ``folded`` (a result of ``fold``) says, in any case."""
    return folded in fold(text)


def longest_ascii(folded: str) -> str:
    """The longest run of ASCII in ``folded``; empty when there is none."""
    return max(_ASCII_RUN.findall(folded), key=len, default="")
