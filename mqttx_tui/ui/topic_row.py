"""One row of the topic tree: indentation, label and value share what room there is. No widgets."""

from __future__ import annotations

from mqttx_tui.model.shown import count
from mqttx_tui.ui.safe import clip, fit, fit_left, width
from mqttx_tui.ui.widgets.ink import Piece

COUNT_WIDTH = 6
LABEL_LEAST = 6
VALUE_LEAST = 6
"""A value that does not fit is shown by its beginning where there is this much room, else not at all."""


def lead(depth: int, mark: str, cells: int) -> str:
    """Indentation and mark: two cells a level, fewer where they would leave no room for the value.

    Levels that are not indented any further start with their number.
    """
    wide, most = cells // 5, cells // 4
    indent = 2 * depth
    if indent > wide:
        levels = wide // 2
        indent = min(2 * levels + depth - levels, most)
        if depth - levels > most - 2 * levels:
            return f"{depth:>2}{' ' * (indent - 1)}{mark} "
    return f" {' ' * indent}{mark} "


def share(label: str, value: str, room: int) -> tuple[str, str]:
    """Label and value for ``room`` cells with two blanks between; a label is cut on the left.

    The value takes what the label leaves, at least ``VALUE_LEAST``; it goes when the label would
    become unreadable.
    """
    label_cells, value_cells = width(label), width(value)
    if value and label_cells + 2 + value_cells > room:
        value_cells = min(value_cells, max(room - label_cells - 2, VALUE_LEAST))
        label_cells = min(label_cells, room - value_cells - 2)
        if label_cells < min(width(label), LABEL_LEAST):
            value, label_cells = "", room
    if width(label) > label_cells or width(label) > room:
        label = fit_left(label, min(label_cells, room))
    return label, clip(value, value_cells) if value else ""


def topic_pieces(
    *, depth: int, mark: str, label: Piece, value: str, retained: bool, messages: int, cells: int
) -> list[Piece]:
    """Label, value, ``R`` and count in ``cells``; label and value are safe."""
    start = lead(depth, mark, cells)
    room = max(cells - width(start) - 1 - COUNT_WIDTH, 1)
    name, shown = share(label[0], value, room - 1)
    rest = room - width(name)
    return [
        (start, "dim"),
        (name, label[1]),
        (fit(f"  {shown}", rest) if shown else " " * rest, "value"),
        ("R" if retained else " ", "retained"),
        (f"{count(messages):>{COUNT_WIDTH}}", "text"),
    ]
