"""Durations and sizes as written in profiles and on the command line."""

from __future__ import annotations

import re

from mqttx_tui.model.errors import InputError

_SECONDS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_BYTES = {
    "B": 1,
    "kB": 1000,
    "MB": 1000**2,
    "GB": 1000**3,
    "KiB": 1024,
    "MiB": 1024**2,
    "GiB": 1024**3,
}
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*([A-Za-z]+)")


def seconds(value: str | int | float) -> float:
    """A number is seconds; a string carries its unit (``30s``, ``1h30m``). Raises ``InputError``."""
    if isinstance(value, int | float):
        return float(value)
    return _sum(value, _SECONDS, "a duration such as 30s, 5m or 1h30m")


def size(value: str | int) -> int:
    """A number is bytes; a string carries its unit (``5MB``, ``4KiB``). Raises ``InputError``."""
    if isinstance(value, int):
        return value
    return int(_sum(value, {k: float(v) for k, v in _BYTES.items()}, "a size such as 5MB or 4KiB"))


def _sum(text: str, units: dict[str, float], expected: str) -> float:
    compact = text.strip()
    total, position = 0.0, 0
    for match in _PART.finditer(compact):
        if match.start() != position or match[2] not in units:
            break
        total += float(match[1]) * units[match[2]]
        position = match.end()
    if not compact or position != len(compact):
        raise InputError(f"{text!r} is not {expected}", title="Bad value")
    return total
