"""Values as they are written: numbers, durations, sizes, rates, times."""

from __future__ import annotations

import re
from datetime import UTC, date, time, timedelta, timezone, tzinfo

from mqttx_tui.capture.filters.nodes import Constant, Moment, Number

INT64 = range(-(2**63), 2**63)
CONSTANTS = {"true": Constant(True), "false": Constant(False), "null": Constant(None)}

_DECIMAL = re.compile(r"[+-]?(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d+)?", re.ASCII)
_HEX = re.compile(r"([+-]?)0[xX]([0-9a-fA-F_]*[0-9a-fA-F])")
_NUMBER_TEXT = re.compile(r"[ \t\r\n]*[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?[ \t\r\n]*", re.ASCII)
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
_WITH_UNIT = re.compile(r"(\d+(?:\.\d+)?)([A-Za-z]+)", re.ASCII)
_RATE = re.compile(r"(.+)/([smhd])")
_MOMENT = re.compile(
    r"(?:(?P<day>\d{4}-\d{2}-\d{2})(?:T(?=\d)|\Z))?"
    r"(?:(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.(?P<fraction>\d{1,9}))?)?)?"
    r"(?P<zone>Z|[+-]\d{2}:?\d{2})?",
    re.ASCII,
)


def number(text: str) -> int | float | None:
    """``42``, ``-1.5``, ``1_000``, ``1e3``, ``0x80``; None for anything else."""
    match = _HEX.fullmatch(text)
    if match:
        return clip(int(match[1] + match[2].replace("_", ""), 16))
    if not _DECIMAL.fullmatch(text):
        return None
    return _read(text.replace("_", ""))


def number_in(text: str) -> int | float | None:
    """The number that a text of a payload is as a whole (``21.4``, ``+5``), blanks around it aside."""
    return _read(text) if _NUMBER_TEXT.fullmatch(text) else None


def _read(digits: str) -> int | float:
    if digits.strip(" \t\r\n+-").isdigit() and len(digits) < 100:
        return clip(int(digits))
    return float(digits)


def clip(value: int) -> int | float:
    """``value``, as a float when it does not fit 64 bits (as SQLite does it)."""
    if value in INT64:
        return value
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def duration(text: str) -> float | None:
    """Seconds from ``90``, ``1h30m`` or ``250ms``."""
    plain = number(text)
    return float(plain) if plain is not None else _sum(text, _SECONDS)


def size(text: str) -> int | float | None:
    """Bytes from ``200``, ``4kB`` or ``1MiB``."""
    plain = number(text)
    if plain is not None:
        return plain
    total = _sum(text, {unit: float(factor) for unit, factor in _BYTES.items()})
    return int(total) if total is not None and total.is_integer() else total


def rate(text: str) -> int | float | None:
    """Messages a second from ``5``, ``10/s`` or ``6/m``."""
    match = _RATE.fullmatch(text)
    if match is None:
        return number(text)
    plain = number(match[1])
    return None if plain is None else plain / _SECONDS[match[2]]


def has_unit(text: str) -> bool:
    """Whether this is a number with one of the units."""
    return number(text) is None and (duration(text) is not None or size(text) is not None)


def _sum(text: str, units: dict[str, float]) -> float | None:
    total, position = 0.0, 0
    for match in _WITH_UNIT.finditer(text):
        if match.start() != position or match[2] not in units:
            return None
        total += float(match[1]) * units[match[2]]
        position = match.end()
    return total if text and position == len(text) else None


def moment(text: str) -> Moment | None:
    """A time: ``12:30``, ``2026-11-21T12:30:01.5Z``, ``2026-11-21``, ``-5m``, ``mark``.

    None for anything else; raises ``ValueError`` for a time that does not exist (``25:00``).
    """
    if text == "mark":
        return Moment(text, mark=True)
    if text.startswith("-"):
        ago = duration(text[1:])
        return None if ago is None or number(text[1:]) is not None else Moment(text, ago=ago)
    match = _MOMENT.fullmatch(text)
    if match is None or not (match["day"] or match["hour"]) or (match["zone"] and not match["hour"]):
        return None
    fraction = (match["fraction"] or "").ljust(9, "0")
    return Moment(
        text,
        day=date.fromisoformat(match["day"]) if match["day"] else None,
        clock=time(int(match["hour"] or 0), int(match["minute"] or 0), int(match["second"] or 0)),
        nanoseconds=int(fraction),
        zone=_zone(match["zone"]),
        span=_span(match),
    )


def _zone(text: str | None) -> tzinfo | None:
    if text is None:
        return None
    if text == "Z":
        return UTC
    sign = -1 if text[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(text[1:3]), minutes=int(text[-2:])))


def _span(match: re.Match[str]) -> float:
    if match["hour"] is None:
        return 86_400.0
    if match["second"] is None:
        return 60.0
    return 10.0 ** -len(match["fraction"]) if match["fraction"] else 1.0


def as_number(value: int | float | None, text: str) -> Number | None:
    """A ``Number`` that remembers how it was written."""
    return None if value is None else Number(value, text)
