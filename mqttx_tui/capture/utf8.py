"""Which payloads are not UTF-8, said once when they are written."""

from __future__ import annotations

import codecs
from collections.abc import Sequence

_STEP = 262_144
"""A large payload is looked at in steps, so that other threads get their turn between them."""


def not_utf8(payloads: Sequence[bytes]) -> list[int]:
    """The positions of the payloads that are not UTF-8."""
    if all(map(bytes.isascii, payloads)):
        return []
    found = []
    for index, payload in enumerate(payloads):
        if payload.isascii():
            continue
        if len(payload) > _STEP:
            if not _is_utf8(payload):
                found.append(index)
            continue
        try:
            payload.decode()
        except UnicodeDecodeError:
            found.append(index)
    return found


def _is_utf8(payload: bytes) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(payload), _STEP):
            decoder.decode(payload[start : start + _STEP])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
