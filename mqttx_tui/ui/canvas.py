"""What the terminal should show and what it was sent: rows that differ are sent one by one, newest state.

Textual renders a frame into text at once; here its strips are put on the canvas, and text is made when
there is room for it. So what waits is never stale, a change that was undone costs nothing, and a frame
can be cut into rows.
"""

from __future__ import annotations

from collections.abc import Callable

from rich.console import Console
from rich.segment import Segment
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.strip import Strip

Row = dict[int, Strip]
"""Strips of one row by their first column, ascending, side by side."""
Spell = Callable[[str], str]
Near = tuple[int, int]


class Canvas:
    """Rows of strips: wanted, and sent."""

    def __init__(self) -> None:
        self.columns = self.rows = 0
        self._wanted: list[Row] = []
        self._sent: list[Row | None] = []
        self._waiting: dict[int, int] = {}
        """Rows that may differ: since which frame."""
        self._frame = 0
        self.urgent: set[int] = set()
        """Rows that wait and answer a key."""

    @property
    def waiting(self) -> bool:
        """Whether a row may differ from what was sent."""
        return bool(self._waiting)

    def put_update(self, update: LayoutUpdate | ChopsUpdate, *, urgent: bool = False) -> None:
        """Take over a frame; ``urgent``: it answers a key."""
        self._frame += 1
        if isinstance(update, LayoutUpdate):
            region = update.region
            if (region.right, region.bottom) != (self.columns, self.rows):
                self._resize(region.right, region.bottom)
            for y, strips in enumerate(update.strips, region.y):
                x = region.x
                for strip in strips:
                    self._put(y, x, strip, urgent)
                    x += strip.cell_length
            return
        for y, first, last in update.spans:
            for end, (x, chop) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
                if chop is None or x >= last or end <= first:
                    continue
                self._put(y, x, chop if end <= last else chop.crop(0, last - x), urgent)

    def forget(self) -> None:
        """The terminal shows something else now: every row has to be sent again."""
        self._sent = [None] * self.rows
        for y in range(self.rows):
            self._waiting.setdefault(y, self._frame)

    def _resize(self, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        self._wanted = [{0: Strip.blank(columns)} for _ in range(rows)]
        self._waiting.clear()
        self.urgent.clear()
        self.forget()

    def _put(self, y: int, x: int, strip: Strip, urgent: bool) -> None:
        if not 0 <= y < self.rows:
            return
        row = self._wanted[y]
        before = row.get(x)
        if before is strip or before == strip:
            return
        if before is not None and before.cell_length == strip.cell_length:
            row[x] = strip
        else:
            self._wanted[y] = spliced(row, x, strip)
        self._waiting.setdefault(y, self._frame)
        if urgent:
            self.urgent.add(y)

    def take(self, room: int, near: Near, console: Console, spell: Spell | None = None) -> str:
        """Text for rows that differ, until ``room`` bytes are used up, at least one; "" when none does.

        ``near``: the row that a person looks at, and the one before the last key. Rows that answer a key
        come first: those two and their neighbours, then the shortest (a mark, a title). Of the others the
        row looked at comes first, then what waits the longest, and among those the nearest: no row is left
        behind for ever.
        """
        parts: list[str] = []
        used = 0
        answers = {y: self._spelled(y, console, spell) for y in self.urgent}
        rows = sorted(answers, key=lambda y: (min(abs(y - at) for at in near) > 1, len(answers[y]), y))
        others = (y for y in self._waiting if y not in answers)
        rows += sorted(others, key=lambda y: (y != near[0], self._waiting[y], abs(y - near[0])))
        for y in rows:
            text = answers[y] if y in answers else self._spelled(y, console, spell)
            size = len(text.encode("utf-8", "replace"))
            if parts and used + size > room:
                break
            del self._waiting[y]
            self.urgent.discard(y)
            self._sent[y] = dict(self._wanted[y])
            if text:
                parts.append(text)
                used += size
            if used >= room:
                break
        return "".join(parts)

    def _spelled(self, y: int, console: Console, spell: Spell | None) -> str:
        text = self._row_text(y, console)
        return text if spell is None or not text else spell(text)

    def _row_text(self, y: int, console: Console) -> str:
        wanted, sent = self._wanted[y], self._sent[y]
        if sent is not None and sent.keys() != wanted.keys():
            sent = cut_alike(sent, wanted)
        parts = []
        for x, strip in wanted.items():
            before = sent.get(x) if sent is not None else None
            if before is strip:
                continue
            at, rest = changed_part(before, strip)
            if rest is not None:
                parts.append(f"\x1b[{y + 1};{x + at + 1}H{rest.render(console)}")
        return "".join(parts)


def spliced(row: Row, x: int, strip: Strip) -> Row:
    """The row with ``strip`` at column ``x`` in place of what stood there."""
    end = x + strip.cell_length
    parts: Row = {}
    for at, old in row.items():
        old_end = at + old.cell_length
        if at < x:
            parts[at] = old if old_end <= x else old.crop(0, x - at)
        if old_end > end:
            parts[max(at, end)] = old if at >= end else old.crop(end - at, old.cell_length)
    parts[x] = strip
    return dict(sorted(parts.items()))


def cut_alike(row: Row, model: Row) -> Row | None:
    """The cells of ``row`` in strips that begin where those of ``model`` do; None where they do not fit."""
    joined = Strip.join(row.values())
    ends = [at + strip.cell_length for at, strip in model.items()]
    if not ends or joined.cell_length != ends[-1]:
        return None
    return dict(zip(model, joined.divide(ends), strict=False))


def changed_part(before: Strip | None, strip: Strip) -> tuple[int, Strip | None]:
    """First column and strip of what differs; (0, None): nothing."""
    if before is None or before.cell_length != strip.cell_length:
        return 0, strip
    old, new = list(before), list(strip)
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    if start == len(new) == len(old):
        return 0, None
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    at = sum(segment.cell_length for segment in new[:start])
    old, new = old[start : len(old) - end], new[start : len(new) - end]
    if len(old) == len(new) == 1:
        skipped, new = narrowed(old[0], new[0])
        at += skipped
    return at, Strip(new) if start or end or at else strip


def narrowed(old: Segment, new: Segment) -> tuple[int, list[Segment]]:
    """Columns skipped, and what differs between two segments of one style that take the same cells."""
    before, text = old.text, new.text
    if old.style != new.style or len(before) != len(text) or not (before.isascii() and text.isascii()):
        return 0, [new]
    first = next((at for at, (a, b) in enumerate(zip(before, text, strict=True)) if a != b), len(text))
    last = len(text)
    while last > first and before[last - 1] == text[last - 1]:
        last -= 1
    return first, [Segment(text[first:last], new.style)]
