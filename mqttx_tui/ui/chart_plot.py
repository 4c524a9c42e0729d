"""A line of numbers as rows of braille: dots two by four in each cell. Pure."""

from __future__ import annotations

import math
import sys
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from mqttx_tui.ui.chart_series import Stretch

_BRAILLE = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""The bit of each dot, by row and column of its cell (Unicode 2800)."""
Upright = Callable[[int, int, int], None]
"""Draws the dots of a column between two levels."""
GAP = 5
"""A pause longer than so many usual ones, and wider than so many columns, is left open."""
GAP_COLUMNS = 3


@dataclass(frozen=True, slots=True)
class Scale:
    """What the plot spans: times in ns, numbers from ``low`` at its bottom to ``high`` at its top."""

    start: int
    end: int
    low: float
    high: float


def _braille(left: int, right: int) -> str:
    """The character with these dots of its two columns, the lowest dot first (Unicode 2800)."""
    code = 0
    for row, bits in enumerate(_BRAILLE):
        code |= bits[0] * (left >> (3 - row) & 1) | bits[1] * (right >> (3 - row) & 1)
    return chr(0x2800 + code) if code else " "


WIDE, HIGH = 2, 4
"""Dots of a cell."""
_GLYPHS = "".join(_braille(left, right) for left in range(16) for right in range(16))


@dataclass(frozen=True, slots=True)
class Column:
    """The numbers that fall into one column of dots."""

    x: int
    first: float
    lowest: float
    highest: float
    last: float
    joined: bool
    """Whether the line comes here from the column before."""


def rounded(low: float, high: float) -> tuple[float, float]:
    """A scale around two numbers that ends on round ones, and so stands still while they move a little."""
    if low == high:
        spread = abs(low) / 10 or 1.0
        low, high = max(low - spread, -sys.float_info.max), min(high + spread, sys.float_info.max)
    if not math.isfinite(high - low):
        return low, high
    step = 10.0 ** max(math.floor(math.log10((high - low) / 4 or sys.float_info.min)), -300)
    for factor in (5, 2):
        if step * factor <= (high - low) / 4:
            step *= factor
            break
    bottom, top = math.floor(low / step) * step, math.ceil(high / step) * step
    fits = math.isfinite(top - bottom) and bottom <= low and top >= high
    return (bottom, top) if fits else (low, high)


def number_text(number: float, decimals: int | None = None) -> str:
    """A few characters; with ``decimals`` exactly so many, where the number is of a usual size."""
    if 1e-4 <= abs(number) < 1e7 or number == 0:
        if decimals is not None:
            return f"{number:.{min(decimals, 6)}f}"
        text = f"{number:.7g}"
        return text if len(text) <= 10 else f"{number:.4g}"
    return f"{number:.3g}"


def decimals_of(*numbers: float) -> int:
    """The most decimals that any of the numbers has as text."""
    return max(len(number_text(number).partition(".")[2].partition("e")[0]) for number in numbers)


def columns(stretch: Stretch, scale: Scale, width: int) -> list[Column]:
    """The numbers gathered into ``width`` columns of equal time."""
    at, number = stretch.at, stretch.number
    span = max(scale.end - scale.start, 1)
    breaks = sorted(stretch.breaks)
    gathered: list[tuple[int, int, int]] = []
    index = bisect_left(at, scale.start)
    while index < len(at) and at[index] <= scale.end:
        x = min((at[index] - scale.start) * width // span, width - 1)
        border = scale.start + ((x + 1) * span + width - 1) // width
        end = len(at) if x == width - 1 else max(bisect_left(at, border, index), index + 1)
        gathered.append((x, index, end))
        index = end
    pauses = [at[begin] - at[begin - 1] for _, begin, _ in gathered[1:]]
    usual = sorted(pauses)[len(pauses) // 2] if pauses else 0
    longest = max(usual * GAP, GAP_COLUMNS * span // width)
    found = []
    for place, (x, begin, end) in enumerate(gathered):
        part = number[begin:end]
        broken = bisect_left(breaks, begin) < bisect_left(breaks, begin + 1)
        joined = place > 0 and not broken and pauses[place - 1] <= longest
        found.append(Column(x, part[0], min(part), max(part), part[-1], joined))
    return found


def plot(found: list[Column], scale: Scale, cells: int, rows: int, *, stepped: bool = False) -> list[str]:
    """``rows`` strings of ``cells`` characters."""
    height = rows * HIGH
    upright_dots = [0] * (cells * WIDE)

    def upright(x: int, one: int, other: int) -> None:
        low, high = (one, other) if one < other else (other, one)
        upright_dots[x] |= ((1 << (high - low + 1)) - 1) << low

    def level(number: float) -> int:
        share = (number / 2 - scale.low / 2) / (scale.high / 2 - scale.low / 2)
        return round(min(max(share, 0.0), 1.0) * (height - 1))

    for column in found:
        upright(column.x, level(column.lowest), level(column.highest))
    for before, after in pairwise(found):
        if after.joined:
            _join(before.x, level(before.last), after.x, level(after.first), upright, stepped=stepped)
    return [_row(upright_dots, (rows - 1 - row) * HIGH) for row in range(rows)]


def _row(upright_dots: list[int], lowest: int) -> str:
    """The cells whose dots begin at level ``lowest``."""
    bits = [column >> lowest & 15 for column in upright_dots]
    return "".join(_GLYPHS[left << HIGH | right] for left, right in zip(bits[::2], bits[1::2], strict=True))


def _join(x: int, y: int, to_x: int, to_y: int, upright: Upright, *, stepped: bool) -> None:
    """The line between two columns: straight, or level and then upright."""
    former = y
    for step in range(1, to_x - x + 1):
        now = y if stepped else y + round((to_y - y) * step / (to_x - x))
        upright(x + step, now, former + (now > former) - (now < former) if now != former else now)
        former = now
    if stepped:
        upright(to_x, y, to_y)
