"""A quick look at a PUBLISH's raw properties, for the hot path."""

from __future__ import annotations

UNSURE = -1

_FORMAT, _EXPIRY, _IDENTIFIER, _ALIAS, _USER = 0x01, 0x02, 0x0B, 0x23, 0x26
_TEXTS = (0x03, 0x08)
_DATA = 0x09


def quick_alias(raw: bytes) -> int:
    """The topic alias (0: none) when ``raw`` is certainly valid, ``UNSURE`` when it needs a close look.

    Sure only of ASCII strings: ``properties.decode_properties`` is the judge of everything else.
    """
    pos, end, alias, seen = 0, len(raw), 0, 0
    try:
        while pos < end:
            code = raw[pos]
            if code == _USER:
                middle = pos + 3 + (raw[pos + 1] << 8 | raw[pos + 2])
                stop = middle + 2 + (raw[middle] << 8 | raw[middle + 1])
                if not (_plain(raw[pos + 3 : middle]) and _plain(raw[middle + 2 : stop])):
                    return UNSURE
                pos = stop
                continue
            if code != _IDENTIFIER:
                if seen & 1 << code:
                    return UNSURE
                seen |= 1 << code
            if code in _TEXTS or code == _DATA:
                stop = pos + 3 + (raw[pos + 1] << 8 | raw[pos + 2])
                if code != _DATA and not _plain(raw[pos + 3 : stop]):
                    return UNSURE
                pos = stop
            elif code == _EXPIRY:
                pos += 5
            elif code == _ALIAS:
                alias = raw[pos + 1] << 8 | raw[pos + 2]
                pos += 3
                if not alias:
                    return UNSURE
            elif (code == _FORMAT and raw[pos + 1] < 2) or (code == _IDENTIFIER and 0 < raw[pos + 1] < 0x80):
                pos += 2
            else:
                return UNSURE
    except IndexError:
        return UNSURE
    return alias if pos == end else UNSURE


def _plain(text: bytes) -> bool:
    return text.isascii() and b"\0" not in text
