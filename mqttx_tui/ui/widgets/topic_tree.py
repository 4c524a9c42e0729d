"""The live tree of topics, and the column of ages beside it."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

from rich.segment import Segment
from textual.geometry import Region
from textual.message import Message as TextualMessage
from textual.strip import Strip

from mqttx_tui.model.message import Message
from mqttx_tui.model.shown import age, count
from mqttx_tui.ui.safe import clip, fit, line, width
from mqttx_tui.ui.topic_model import NONE, TopicModel
from mqttx_tui.ui.topic_value import value_text
from mqttx_tui.ui.widgets.ink import Inked, Piece
from mqttx_tui.ui.widgets.lines import LineList

COUNT_WIDTH = 6
AGE_WIDTH = 6
CLIPPED_CELLS = 5
"""A value that does not fit is shown by its beginning where there is this much room, else not at all."""
VALUES = 2048
AGES_WHILE_IDLE = 1
"""While nothing arrives, so many ages at most are repainted per call (the idle byte budget)."""

ReadMessages = Callable[[list[int]], list[Message]]


class TopicTree(LineList):
    """Rows of a ``TopicModel``; cursor and first row are anchored to nodes."""

    class Entered(TextualMessage):
        """Enter on a node: narrow the stream to it."""

        def __init__(self, node: int) -> None:
            super().__init__()
            self.node = node

    def __init__(self, topics: TopicModel, read: ReadMessages, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.topics = topics
        self._read = read
        self._values: OrderedDict[int, Message] = OrderedDict()
        self._strips: OrderedDict[tuple[object, ...], Strip] = OrderedDict()
        self.cursor_node = NONE
        self._top = 0
        self._touched = False
        self.moved_at = 0.0
        """When the cursor last moved (monotonic seconds)."""
        self.letter_of: Callable[[int], tuple[str, str]] = lambda _: ("", "dim")
        self.label_of: Callable[[int], str] = str

    def start_over(self, topics: TopicModel) -> None:
        """Show another capture's topics."""
        self.topics = topics
        self._values.clear()
        self._strips.clear()
        self.cursor_node = NONE
        self._top = 0
        self._touched = False

    # anchoring

    def sync(self) -> bool:
        """Take over what changed in the model; True when something is repainted."""
        if self.topics.stale:
            self._reflow()
        return self.repaint_changes() > 0

    def _reflow(self) -> None:
        anchor = self.cursor_node if self._touched else NONE
        offset = self.topics.row_of(anchor) - self._top if anchor != NONE else 0
        on_page = 0 <= offset < self.page_rows
        if anchor != NONE and not on_page and self._top < len(self.topics.rows):
            anchor, offset = self.topics.rows[self._top], 0
        self.topics.flatten()
        if self._touched and anchor != NONE:
            row = self.topics.row_of(anchor)
            if row != NONE:
                self._top = row - offset
        self._clamp()

    def _clamp(self) -> None:
        rows = len(self.topics.rows)
        self._top = max(0, min(self._top, rows - self.page_rows))
        if rows and (self.cursor_node == NONE or self.topics.row_of(self.cursor_node) == NONE):
            self.cursor_node = self.topics.rows[min(self._top, rows - 1)]

    def visible_nodes(self) -> list[int]:
        """The nodes on screen."""
        return list(self.topics.rows[self._top : self._top + self.page_rows])

    # moving

    def _cursor_row(self) -> int:
        return max(self.topics.row_of(self.cursor_node), 0)

    def _put_cursor(self, row: int) -> None:
        rows = self.topics.rows
        if not rows:
            return
        self._touched = True
        self.moved_at = time.monotonic()
        row = max(0, min(row, len(rows) - 1))
        self.cursor_node = rows[row]
        if row < self._top:
            self._top = row
        elif row >= self._top + self.page_rows:
            self._top = row - self.page_rows + 1

    def move_rows(self, delta: int) -> None:
        """Cursor by rows."""
        self._put_cursor(self._cursor_row() + delta)

    def scroll_rows(self, delta: int) -> None:
        """The page by rows; the cursor stays inside it."""
        self._top += delta
        self._clamp()
        self._put_cursor(max(self._top, min(self._cursor_row(), self._top + self.page_rows - 1)))

    def move_to_line(self, y: int) -> bool:
        """Cursor to a line."""
        row = self._top + y
        if row >= len(self.topics.rows):
            return False
        self._put_cursor(row)
        return True

    def move_home(self) -> None:
        """First row."""
        self._put_cursor(0)

    def move_end(self) -> None:
        """Last row."""
        self._put_cursor(len(self.topics.rows) - 1)

    def go_to_node(self, node: int) -> None:
        """Show a node, opening what is above it."""
        self.topics.reveal(node)
        self._reflow()
        self._put_cursor(max(self.topics.row_of(node), 0))

    def toggled(self) -> None:
        """Fold and unfold."""
        node = self.cursor_node
        if node != NONE and self.topics.is_branch(node):
            self._touched = True
            self.topics.set_open(node, not self.topics.is_open(node))
            self._reflow()

    def leftwards(self) -> None:
        """Fold, or go to the branch above."""
        node = self.cursor_node
        if node == NONE:
            return
        if self.topics.is_branch(node) and self.topics.is_open(node):
            self.toggled()
        elif (above := self.topics.row_of(self.topics.parent[node])) != NONE:
            self._put_cursor(above)

    def rightwards(self) -> None:
        """Unfold, or go to the first below."""
        node = self.cursor_node
        if node == NONE or not self.topics.is_branch(node):
            return
        if self.topics.is_open(node):
            self.move_rows(1)
        else:
            self.toggled()

    def entered(self) -> None:
        """Narrow the stream."""
        if self.cursor_node != NONE:
            self.post_message(self.Entered(self.cursor_node))

    # painting

    def line_at(self, y: int, cells: int) -> Strip:
        """One node."""
        if y == 0:
            self._read_values()
        row = self._top + y
        if row >= len(self.topics.rows):
            return self._strip(("blank", cells), [], cells, "")
        node = self.topics.rows[row]
        topics = self.topics
        at_cursor = node == self.cursor_node
        value = topics.last_message[node] if topics.topic[node] != NONE else 0
        opened = topics.is_open(node) if topics.is_branch(node) else None
        depth = topics.depth(node)
        state = (node, value, topics.count[node], topics.retained[node], opened, depth, cells, at_cursor)
        key = (*state, value in self._values, self._touched)
        cached = self._strips.get(key)
        if cached is not None:
            return cached
        return self._strip(key, self._pieces(node, depth, opened, cells), cells, self._ground(at_cursor))

    def _ground(self, at_cursor: bool) -> str:
        return "cursor" if at_cursor and self.ground_shown else ""

    @property
    def ground_shown(self) -> bool:
        """Whether the row under the cursor has a background: once somebody was here."""
        return self._touched

    def _strip(self, key: tuple[object, ...], pieces: list[Piece], cells: int, ground: str) -> Strip:
        strip = self._strips.get(key)
        if strip is None:
            strip = self._strips[key] = self.pieces_strip(pieces, cells, ground)
            if len(self._strips) > VALUES:
                self._strips.popitem(last=False)
        return strip

    def _pieces(self, node: int, depth: int, opened: bool | None, cells: int) -> list[Piece]:
        topics = self.topics
        at_cursor = node == self.cursor_node
        mark = "▾" if opened else "▸" if opened is False else "›" if at_cursor else " "
        lead = "  " * depth + f" {mark} " if depth <= 8 else f" {depth:>2}{'  ' * 8}{mark} "
        right = 1 + COUNT_WIDTH
        room = max(cells - right - width(lead), 1)
        label, ink = self._label(node, opened)
        label = clip(label, room)
        value = ""
        if (message := self._values.get(topics.last_message[node])) and topics.topic[node] != NONE:
            space = room - width(label) - 3
            value = value_text(message, space)
            value = clip(value, space) if width(value) <= space or space >= CLIPPED_CELLS else ""
        body = fit(f"  {value}", room - width(label)) if value else " " * (room - width(label))
        retained = "R" if topics.retained[node] else " "
        return [
            (lead, "dim"),
            (label, ink),
            (body, "value"),
            (retained, "retained"),
            (f"{count(topics.count[node]):>{COUNT_WIDTH}}", "text"),
        ]

    def _label(self, node: int, opened: bool | None) -> Piece:
        topics = self.topics
        if topics.is_connection(node):
            connection = topics.connection_of(node)
            letter, ink = self.letter_of(connection)
            return f"{letter} {line(self.label_of(connection), 60)}", ink
        level = line(topics.levels[node], 200)
        return (level or "(empty)") if level else "·", "strong plain" if opened is None else "text"

    def _read_values(self) -> None:
        topics = self.topics
        wanted = [
            topics.last_message[node]
            for node in self.visible_nodes()
            if topics.topic[node] != NONE and topics.last_message[node] not in self._values
        ]
        wanted = [message_id for message_id in wanted if message_id]
        if not wanted:
            return
        for message in self._read(wanted):
            self._values[message.id] = message
        while len(self._values) > VALUES:
            self._values.popitem(last=False)

    def notify_style_update(self) -> None:
        """Forget the strips after a change of theme."""
        super().notify_style_update()
        self._strips.clear()

    def on_focus(self) -> None:
        """The cursor shows."""
        self._touched = True
        self.repaint_changes()


class AgeColumn(Inked):
    """Ages of the nodes that the tree shows: a widget of its own, so that a tick costs few bytes."""

    DEFAULT_CSS = f"AgeColumn {{ width: {AGE_WIDTH}; height: 1fr; }}"

    def __init__(self, tree_widget: TopicTree) -> None:
        super().__init__()
        self._tree_widget = tree_widget
        self._shown: list[tuple[str, bool, bool]] = []
        self._next = 0
        self.now_ns: Callable[[], int] = time.time_ns

    def render_line(self, y: int) -> Strip:
        """One age."""
        nodes = self._tree_widget.visible_nodes()
        cell = self._cell(nodes[y], self.now_ns()) if y < len(nodes) else ("", False, False)
        while len(self._shown) <= y:
            self._shown.append(cell)
        self._shown[y] = cell
        text, old, at_cursor = cell
        ground = "cursor" if at_cursor else ""
        style = self.ink("dim" if old else "text", ground)
        return Strip([Segment(f"{text:>{AGE_WIDTH - 1}} ", style)], AGE_WIDTH)

    def _cell(self, node: int, now: int) -> tuple[str, bool, bool]:
        topics = self._tree_widget.topics
        last = topics.last_at[node]
        seconds = max((now - last) / 1e9, 0.0) if last else None
        rate = topics.rate[node]
        old = seconds is None or seconds > max(10 / rate if rate > 0 else 60.0, 10.0)
        tree = self._tree_widget
        at_cursor = node == tree.cursor_node and tree.ground_shown
        return age(seconds), old, at_cursor

    def sync(self, *, idle: bool) -> bool:
        """Repaint the ages that differ; while idle only a few of them a time."""
        now = self.now_ns()
        nodes = self._tree_widget.visible_nodes()
        height = self.size.height
        shown = self._shown
        changed: list[int] = []
        for step in range(height):
            y = (self._next + step) % height
            cell = self._cell(nodes[y], now) if y < len(nodes) else ("", False, False)
            if y >= len(shown) or shown[y] != cell:
                only_age = y < len(shown) and shown[y][2] == cell[2]
                if idle and only_age and len(changed) >= AGES_WHILE_IDLE:
                    continue
                changed.append(y)
        if changed:
            self._next = (changed[-1] + 1) % height
            self.refresh(*[Region(0, y, AGE_WIDTH, 1) for y in changed])
        return bool(changed)
