"""A JSON payload as rows: some of them folded, with what changed beside them. No widgets."""

from __future__ import annotations

from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

from mqttx_tui.model.jsonpath import Step
from mqttx_tui.model.visible import visible
from mqttx_tui.payload import changes
from mqttx_tui.payload.outline import Outline
from mqttx_tui.ui.widgets.document import MOST_LINE, Span, highlight_json

TOPICS_REMEMBERED = 500
"""So many topics keep how their payloads were looked at."""
COLUMN_STEP = 8
"""The column of changes stands at a multiple of it: values of another length do not move it."""
LEAST_COLUMN = 24
ROOM_FOR_CHANGES = 30
"""Cells that long lines leave to the changes of the others, where there is room."""

Path = tuple[Step, ...]


@dataclass(slots=True)
class Look:
    """How the payloads of a topic are looked at: what is folded, and where the cursor was.

    ``everything`` below the top is folded, or nothing; ``others`` are the exceptions.
    """

    everything: bool = False
    others: set[Path] = field(default_factory=set)
    cursor: Path = ()


class Looks:
    """The look of each topic, for its next message."""

    def __init__(self) -> None:
        self._topics: OrderedDict[int, Look] = OrderedDict()

    def of(self, topic_id: int) -> Look:
        """The look of a topic; it is changed in place."""
        look = self._topics.setdefault(topic_id, Look())
        self._topics.move_to_end(topic_id)
        while len(self._topics) > TOPICS_REMEMBERED:
            self._topics.popitem(last=False)
        return look


class JsonDocument:
    """Rows of an outline. A row is a line of it that no fold hides; a note may stand behind them."""

    def __init__(self, laid_out: str, look: Look, *, readable: bool = True) -> None:
        """``readable``: the payload itself is this JSON, so that a path leads to its values."""
        self.outline = Outline(laid_out)
        self.readable = readable
        self.look = look
        self._folded: set[int] = set()
        self._rows: Sequence[int] = range(0)
        self._compared: changes.Compared | None = None
        self._widest = max(map(len, self.outline.lines))
        self._fold_lines()

    # rows

    @property
    def rows(self) -> Sequence[int]:
        """The lines that are shown, ascending."""
        return self._rows

    def row_of(self, line: int) -> int:
        """The row on which a line is shown, or the fold that hides it."""
        hidden_by = line
        at = line
        while at >= 0:
            if at in self._folded and at != line:
                hidden_by = at
            at = self.outline.parent(at)
        start = self.outline.start(hidden_by)
        return self._rank(start if start in self._folded else hidden_by)

    def _rank(self, line: int) -> int:
        return min(bisect_left(self._rows, line), len(self._rows) - 1)

    def nearest_row(self, path: Path) -> int:
        """The row of the value at a path, or of what is left on the way to it."""
        for length in range(len(path), -1, -1):
            line = self.outline.find(path[:length])
            if line is not None:
                return self.row_of(line)
        return 0

    # folds

    def is_folded(self, line: int) -> bool:
        """Whether what begins on this line is folded."""
        return line in self._folded

    def set_folded(self, line: int, folded: bool) -> bool:
        """Fold or unfold what begins on a line; False when that changes nothing."""
        if not self.outline.opens(line) or self.is_folded(line) == folded:
            return False
        self.look.others ^= {self.outline.path(line)}
        self._fold_lines()
        return True

    def fold_all(self, folded: bool) -> None:
        """Fold everything inside the outermost brackets, or unfold everything."""
        self.look.everything = folded
        self.look.others.clear()
        self._fold_lines()

    def _fold_lines(self) -> None:
        outline, count = self.outline, len(self.outline.lines)
        inside = range(1, count) if self.look.everything else ()
        folded = {line for line in inside if outline.opens(line)}
        for path in self.look.others:
            line = outline.find(path)
            if line is not None and outline.opens(line):
                folded ^= {line}
        self._folded = folded
        if not folded:
            self._rows = range(count)
            return
        rows, line = [], 0
        while line < count:
            rows.append(line)
            line = (outline.end(line) if line in folded else line) + 1
        self._rows = rows

    # what is painted

    def spans(self, row: int) -> list[Span]:
        """A row of the JSON, coloured; a fold says how many lines it hides."""
        line = self._rows[row]
        spans = highlight_json(visible(self.outline.lines[line], MOST_LINE))
        if line in self._folded:
            end = self.outline.end(line)
            spans += [(f" … {end - line:,} lines ", "note"), (self.outline.lines[end].strip(" "), "text")]
        return spans

    def compare(self, compared: changes.Compared) -> None:
        """Show what changed since the former payload of the topic."""
        self._compared = compared

    @property
    def gone(self) -> str:
        """What the former payload held and this one does not, in words; empty for nothing."""
        return visible(self._compared.gone) if self._compared is not None else ""

    def note(self, row: int) -> str:
        """What stands beside a row: ``was 21.4  (+0.6)``, ``new``; empty for nothing."""
        line, outline = self._rows[row], self.outline
        if self._compared is None or outline.start(line) != line or not outline.reachable(line):
            return ""
        return visible(self._compared.note(outline.path(line), folded=line in self._folded))

    def column(self, cells: int) -> int:
        """Where the changes begin in lines that leave room for them; the same for all of them."""
        wanted = -(-(self._widest + 2) // COLUMN_STEP) * COLUMN_STEP
        return max(min(wanted, cells - ROOM_FOR_CHANGES), LEAST_COLUMN)
