"""A whole chart as lines of pieces: scale, line, times. Pure."""

from __future__ import annotations

import time
from dataclasses import dataclass

from mqttx_tui.ui.chart_plot import WIDE, Scale, columns, decimals_of, number_text, plot, rounded
from mqttx_tui.ui.chart_series import Stretch
from mqttx_tui.ui.safe import fit_right
from mqttx_tui.ui.widgets.ink import Piece

FEWEST_ROWS = 2
SECOND = 1_000_000_000
_DAY = 86_400 * SECOND


@dataclass(frozen=True, slots=True)
class Frame:
    """What a chart spans, and how: times in ns, ``marked`` the time of the message that is shown."""

    start: int
    end: int
    stepped: bool = False
    marked: int | None = None


def picture(stretch: Stretch, frame: Frame, cells: int, height: int) -> list[list[Piece]]:
    """Exactly ``height`` lines: rows of the plot with their numbers, the axis, and the times under it."""
    summary = stretch.summary()
    rows = height - 2
    if summary is None or rows < FEWEST_ROWS:
        return [[] for _ in range(height)]
    low, high = (0.0, 1.0) if frame.stepped else rounded(summary.lowest, summary.highest)
    labels = _labels(low, high, rows, stepped=frame.stepped)
    margin = max(len(text) for text in labels.values()) + 1
    room = max(cells - margin - 2, 1)
    scale = Scale(frame.start, max(frame.end, frame.start + 1), low, high)
    found = columns(stretch, scale, room * WIDE)
    lines: list[list[Piece]] = []
    for row, text in enumerate(plot(found, scale, room, rows, stepped=frame.stepped)):
        label = fit_right(labels.get(row, ""), margin)
        lines.append([(label, "dim"), (" ┤" if row in labels else " │", "rule"), (text, "value")])
    lines.append(_axis(scale, frame.marked, margin, room))
    lines.append([(" " * (margin + 2) + _times(scale, room), "dim")])
    return lines


def _labels(low: float, high: float, rows: int, *, stepped: bool) -> dict[int, str]:
    marks = {0: high, rows - 1: low}
    if rows >= 7 and rows % 2 == 1 and not stepped:
        marks[rows // 2] = low / 2 + high / 2
    decimals = decimals_of(*marks.values())
    return {row: number_text(number, decimals) for row, number in marks.items()}


def _axis(scale: Scale, marked: int | None, margin: int, room: int) -> list[Piece]:
    """The line under the plot, with ▲ under the message that is shown."""
    lead: Piece = (" " * margin + " └", "rule")
    if marked is None or not scale.start <= marked <= scale.end:
        return [lead, ("─" * room, "rule")]
    place = min((marked - scale.start) * room // (scale.end - scale.start), room - 1)
    return [lead, ("─" * place, "rule"), ("▲", "in"), ("─" * (room - place - 1), "rule")]


def _times(scale: Scale, room: int) -> str:
    """When it begins, its middle and when it ends, where there is room."""
    begin, end = time_text(scale.start, scale), time_text(scale.end, scale)
    if len(begin) + len(end) + 1 > room:
        return end[-room:]
    middle = time_text((scale.start + scale.end) // 2, scale)
    free = room - len(begin) - len(middle) - len(end)
    if free < 6:
        return begin + " " * (room - len(begin) - len(end)) + end
    before = max((room - len(middle)) // 2 - len(begin), 1)
    return begin + " " * before + middle + " " * (free - before) + end


def time_text(at: int, scale: Scale) -> str:
    """``12:00:01``; with tenths or with the day, as the chart's span needs."""
    moment = time.localtime(at // SECOND)
    if scale.end - scale.start >= _DAY:
        return time.strftime("%m-%d %H:%M", moment)
    text = time.strftime("%H:%M:%S", moment)
    return text if scale.end - scale.start >= 5 * SECOND else f"{text}.{at % SECOND // 100_000_000}"
