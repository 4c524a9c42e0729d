"""The live tree of topics."""

from __future__ import annotations

import math
import time
from array import array
from collections import OrderedDict
from collections.abc import Callable

from textual import events
from textual.message import Message as TextualMessage
from textual.strip import Strip

from mqttx_tui.model.message import Message
from mqttx_tui.ui.remembered import REMEMBERED
from mqttx_tui.ui.safe import line
from mqttx_tui.ui.topic_model import NONE, Order, TopicModel
from mqttx_tui.ui.topic_row import topic_pieces
from mqttx_tui.ui.topic_value import value_text
from mqttx_tui.ui.topic_walk import LITTLE_SECONDS, TopicWalk
from mqttx_tui.ui.widgets.ink import Piece
from mqttx_tui.ui.widgets.lines import LineList

IDLE_SECONDS = 3.0
"""Nothing was pressed and no mouse moved for so long: rows may change their places."""
ASKED_SECONDS = 0.020
"""So long at once where somebody asked for it; the rest comes between other keys."""

ReadMessages = Callable[[list[int]], list[Message]]


class TopicTree(LineList):
    """Rows of a ``TopicModel``.

    What arrives moves neither the row under the cursor nor the one under the mouse; when a row would
    come between the two it waits until the mouse has rested for ``IDLE_SECONDS``.
    """

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
        self._moved = False
        self.clock: Callable[[], float] = time.monotonic
        self._moved_at = -IDLE_SECONDS
        self._mouse_line: int | None = None
        self._mouse_at = -IDLE_SECONDS
        self._walk = TopicWalk()
        self.unfinished: Callable[[], None] = lambda: None
        """Called when there is more to ``work`` than fits into one turn."""
        self.letter_of: Callable[[int], tuple[str, str]] = lambda _: ("", "dim")
        self.label_of: Callable[[int], str] = str
        self.empty_state: Callable[[int], list[list[Piece]]] = lambda _: []
        """What stands there while no row is visible."""
        self.left_out: Callable[[int], list[list[Piece]]] = lambda _: []
        """What stands below the last row."""

    def start_over(self, topics: TopicModel) -> None:
        """Show another capture's topics."""
        self.topics = topics
        self._values.clear()
        self._strips.clear()
        self.cursor_node = NONE
        self._top = 0
        self._touched = False
        self._moved = False
        self._walk = TopicWalk()

    # anchoring

    def sync(self) -> bool:
        """Take over what changed in the model; True when something is repainted."""
        if self._walk.due(self.topics):
            self._walk.begin(self.topics, asked=False)
            self.work(LITTLE_SECONDS)
        if self._top and len(self.topics.rows) <= self.page_rows and self.idle_for >= IDLE_SECONDS:
            self._top = 0  # what arrived pushed rows above the page although all of them fit on it
        return self.repaint_changes() > 0

    @property
    def idle_for(self) -> float:
        """Seconds since a key or the mouse was last used here."""
        return self.clock() - max(self._moved_at, self._mouse_at)

    def reflow(self) -> None:
        """Take over what somebody asked for just now: the cursor keeps its line where rows are left."""
        self._walk.begin(self.topics, asked=True)
        self.work(ASKED_SECONDS)

    def sort_by(self, order: Order) -> None:
        """Sort anew because somebody asked for it: the page on screen first."""
        from mqttx_tui.ui.topic_page import page_first

        node, y = next(iter(self._held_lines()), (NONE, -self._top))
        page = page_first(self.topics, node, y, self._last_top, self.page_rows) if self.settled else None
        self.topics.sort_by(order)
        self._walk.begin(self.topics, asked=True, page=page)
        self.work(ASKED_SECONDS)

    @property
    def settled(self) -> bool:
        """Whether the page on screen is what it should be, whatever rows off it are still worked out."""
        return self._walk.settled(self.topics)

    @property
    def working(self) -> bool:
        """Whether it is being worked out what is visible."""
        return self._walk.working

    def work(self, seconds: float) -> None:
        """Go on with what is visible for so long, and show it when it is known."""
        if not self._walk.working:
            return
        rows = self._walk.work(seconds)
        if rows is not None:
            self._show(rows, asked=self._walk.asked)
        if self._walk.working:
            self.unfinished()

    def _show(self, rows: array[int], *, asked: bool) -> None:
        """Show what is visible by now; ``asked``: whatever comes between cursor and mouse."""
        topics = self.topics
        lines = self._held_lines()
        places = [(rows.index(node), y) for node, y in lines]
        if len({row - y for row, y in places}) > 1 and not asked and self._mouse_rests_not:
            return
        line = next((y for node, y in self._page() if node == self.cursor_node), 0)
        topics.show(rows, 0 if self._walk.page_known else self._walk.changes)
        if places:
            self._top = places[0][0] - places[0][1]
        self._top = max(0, min(self._top, len(rows) - 1))
        self._keep_cursor(line)
        if asked:
            self._top = max(0, min(self._top, self._last_top))
            self.repaint_changes()

    def _held_lines(self) -> list[tuple[int, int]]:
        """The nodes that stay where they are with their lines, the most important first.

        Those under the cursor and the mouse, the one used last before the other; where there are none,
        the first one that is left of the page. None at all while the cursor was never moved.
        """
        page = [(node, y) for node, y in self._page() if self.topics.visible_above(node) == node]
        held = [(node, y) for node, y in page if self._moved and node == self.cursor_node]
        held += [(node, y) for node, y in page if y == self._mouse_line and node != self.cursor_node]
        if len(held) > 1 and self._mouse_at > self._moved_at:
            held.reverse()
        return held or (page[:1] if self._moved else [])

    @property
    def _mouse_rests_not(self) -> bool:
        return self.clock() - self._mouse_at < IDLE_SECONDS

    def _page(self) -> list[tuple[int, int]]:
        return [(node, y) for y, node in enumerate(self.visible_nodes())]

    def _keep_cursor(self, line: int) -> None:
        """Have the cursor on a row that there is: its own, else the nearest branch above it."""
        topics = self.topics
        rows = topics.rows
        if not rows:
            self.cursor_node = NONE
        elif not self._moved or self.cursor_node == NONE:
            self.cursor_node = rows[self._top]
        elif (shown := topics.visible_above(self.cursor_node)) != self.cursor_node:
            row = topics.row_of(shown) if shown != NONE else NONE
            if row == NONE or topics.filtered:
                self.cursor_node = rows[min(self._top + line, len(rows) - 1)]
            else:
                self.cursor_node = shown
                self._top = max(0, row - line)

    def visible_nodes(self) -> list[int]:
        """The nodes on screen."""
        return list(self.topics.rows[self._top : self._top + self.page_rows])

    # moving

    def _cursor_row(self) -> int:
        return max(self.topics.row_of(self.cursor_node), 0)

    def _used(self) -> None:
        """Somebody moves here."""
        self._touched = self._moved = True
        self._moved_at = self.clock()

    def _put_cursor(self, row: int) -> None:
        rows = self.topics.rows
        if not rows:
            return
        self._used()
        row = max(0, min(row, len(rows) - 1))
        self.cursor_node = rows[row]
        if row < self._top:
            self._top = row
        elif row >= self._top + self.page_rows:
            self._top = row - self.page_rows + 1
        if row == len(rows) - 1:
            self._top = max(self._top, min(self._last_top, row))

    @property
    def _last_top(self) -> int:
        """Where the page stands when its last line is the last there is."""
        return len(self.topics.rows) + len(self.left_out(self.size.width)) - self.page_rows

    def move_rows(self, delta: int) -> None:
        """Cursor by rows."""
        self._put_cursor(self._cursor_row() + delta)

    def scroll_rows(self, delta: int) -> None:
        """The page by rows; the cursor stays inside it."""
        self._top = max(0, min(self._top + delta, self._last_top))
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
        self._walk.begin(self.topics, asked=True)
        self.work(math.inf)
        self._put_cursor(max(self.topics.row_of(node), 0))

    def toggled(self) -> None:
        """Fold and unfold."""
        node = self.cursor_node
        if node != NONE and self.topics.is_branch(node):
            self._used()
            self.topics.set_open(node, not self.topics.is_open(node))
            self.reflow()

    def open_all(self, opened: bool, *, below: int = 0) -> None:
        """Expand or collapse everything below a node; without one, the whole tree."""
        self._used()
        self.topics.open_below(below, opened)
        self.reflow()

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
            said = self.empty_state(cells) if not self.topics.rows else []
            said = [*said, *self.left_out(cells)][row - len(self.topics.rows) :][:1]
            pieces = said[0] if said else []
            return self._strip(("blank", cells, *pieces), pieces, cells, "")
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
            if len(self._strips) > REMEMBERED.values:
                self._strips.popitem(last=False)
        return strip

    def _pieces(self, node: int, depth: int, opened: bool | None, cells: int) -> list[Piece]:
        topics = self.topics
        at_cursor = node == self.cursor_node
        value = ""
        if (message := self._values.get(topics.last_message[node])) and topics.topic[node] != NONE:
            value = value_text(message, cells)
        return topic_pieces(
            depth=depth,
            mark="▾" if opened else "▸" if opened is False else "›" if at_cursor else " ",
            label=self._label(node, opened),
            value=value,
            retained=bool(topics.retained[node]),
            messages=topics.count[node],
            cells=cells,
        )

    def _label(self, node: int, opened: bool | None) -> Piece:
        topics = self.topics
        if topics.is_connection(node):
            connection = topics.connection_of(node)
            letter, ink = self.letter_of(connection)
            return f"{letter} {line(self.label_of(connection), 60)}", ink
        level = line(topics.level(node), 200)
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
        while len(self._values) > REMEMBERED.values:
            self._values.popitem(last=False)

    def notify_style_update(self) -> None:
        """Forget the strips after a change of theme."""
        super().notify_style_update()
        self._strips.clear()

    def on_focus(self) -> None:
        """The cursor shows."""
        self._touched = True
        self.repaint_changes()

    def on_show(self) -> None:
        """What came while the tree was off screen is there at once."""
        self.sync()

    def on_resize(self) -> None:
        """The cursor's row stays on the page."""
        super().on_resize()
        row = self.topics.row_of(self.cursor_node)
        if self._touched and row >= self._top + self.page_rows:
            self._top = row - self.page_rows + 1

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """The row under the mouse stays there."""
        self._mouse_line, self._mouse_at = event.y, self.clock()

    def on_leave(self) -> None:
        """The mouse went elsewhere."""
        self._mouse_line = None
