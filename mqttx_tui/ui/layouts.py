"""Where everything stands, as a pure function of the terminal's size."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

LEFT_WIDTH = 38
LEFT_WIDTH_WIDE = 44
PANES = ("connections", "topics", "messages", "inspector", "composer")
LISTS = PANES[:3]
"""Panes that the other two belong to: Esc goes back to one of these."""


class Kind(Enum):
    """The layouts, from the roomiest on."""

    WIDE = "wide"
    """Inspector beside the stream."""
    TALL = "tall"
    """Inspector under the stream."""
    SMALL = "small"
    """Tab line, one list, a peek of five lines."""
    TINY = "tiny"
    """One pane, a peek of one line."""
    BARE = "bare"
    """One list and the status."""
    LINE = "line"
    """One line that says which size is needed."""


class Box(NamedTuple):
    """A place on the screen, in cells."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class View:
    """What a person has chosen; the rest follows from the size."""

    active: str = "messages"
    zoomed: bool = False
    connection_rows: int = 4
    tree_first: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """The layout and the place of each part that is on screen."""

    kind: Kind
    boxes: dict[str, Box]

    def shows(self, part: str) -> bool:
        """Whether the part is on screen."""
        return part in self.boxes


def kind_for(width: int, height: int) -> Kind:
    """Which layout a terminal of this size gets."""
    if width < 30 or height < 6:
        return Kind.LINE
    if width < 50 or height < 12:
        return Kind.BARE
    if width >= 160 and height >= 24:
        return Kind.WIDE
    if width >= 110 and height >= 30:
        return Kind.TALL
    if width >= 70 and height >= 16:
        return Kind.SMALL
    return Kind.TINY


def frame(width: int, height: int, view: View) -> Frame:
    """The places of all parts. ``height`` and ``width`` are the whole terminal's."""
    kind = kind_for(width, height)
    if kind is Kind.LINE:
        return Frame(kind, {"toosmall": Box(0, 0, width, height)})
    if kind is Kind.BARE:
        return Frame(
            kind,
            {view.active: Box(0, 0, width, height - 1), "status": Box(0, height - 1, width, 1)},
        )
    boxes = {
        "header": Box(0, 0, width, 1),
        "status": Box(0, height - 2, width, 1),
        "footer": Box(0, height - 1, width, 1),
    }
    top, body = 1, height - 3
    if kind is Kind.SMALL:
        boxes["tabs"] = Box(0, 1, width, 1)
        top, body = 2, height - 4
    if view.zoomed:
        boxes[view.active] = Box(0, top, width, body)
    elif kind in (Kind.WIDE, Kind.TALL):
        boxes |= _columns(kind, width, top, body, view)
    else:
        boxes |= _single(kind, width, top, body, view)
    return Frame(kind, boxes)


def _columns(kind: Kind, width: int, top: int, body: int, view: View) -> dict[str, Box]:
    composer = min(max(body // 3, 8), 11) if view.active == "composer" else 2
    body -= composer
    rows = min(max(view.connection_rows, 2), max(body // 3, 4))
    left = LEFT_WIDTH_WIDE if kind is Kind.WIDE else LEFT_WIDTH
    boxes = {
        "composer": Box(0, top + body, width, composer),
        "connections": Box(0, top, left, rows + 1),
        "topics": Box(0, top + rows + 1, left, body - rows - 1),
        "divider": Box(left, top, 1, body),
    }
    x = left + 1
    rest = width - x
    if kind is Kind.WIDE:
        inspector = min(max(60, width * 34 // 100), 100)
        stream = rest - inspector - 1
        boxes["messages"] = Box(x, top, stream, body)
        boxes["divider2"] = Box(x + stream, top, 1, body)
        boxes["inspector"] = Box(x + stream + 1, top, inspector, body)
    else:
        stream = body * 53 // 100
        boxes["messages"] = Box(x, top, rest, stream)
        boxes["inspector"] = Box(x, top + stream, rest, body - stream)
    return boxes


def _single(kind: Kind, width: int, top: int, body: int, view: View) -> dict[str, Box]:
    active = view.active
    if active == "inspector":
        return {active: Box(0, top, width, body)}
    if active == "composer":
        below = max(min(10, body // 2), 5)
        return {
            "messages": Box(0, top, width, body - below),
            active: Box(0, top + body - below, width, below),
        }
    peek = 6 if kind is Kind.SMALL else 1
    if kind is Kind.SMALL and body < 14:
        peek = 3
    return {active: Box(0, top, width, body - peek), "peek": Box(0, top + body - peek, width, peek)}
