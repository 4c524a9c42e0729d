"""Pane 2: the live tree of topics."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal

from mqttx_tui.model.message import Message
from mqttx_tui.ui.panes.pane import Hint, Pane, take_focus
from mqttx_tui.ui.topic_feed import TopicFeed
from mqttx_tui.ui.topic_model import NONE, Order, TopicModel
from mqttx_tui.ui.widgets.age_column import AGE_WIDTH, AgeColumn
from mqttx_tui.ui.widgets.lines import LineList
from mqttx_tui.ui.widgets.piece_line import Bit
from mqttx_tui.ui.widgets.topic_tree import IDLE_SECONDS, TopicTree
from mqttx_tui.ui.workspace import Narrowing

SLICE_SECONDS = 0.008
"""Keys wait so long for topics that are taken over; then the next ones."""
SLICE_TOPICS = 200
BREATH_SECONDS = 0.001
VALUE_BYTES = 512
QUIET_SECONDS = 2.0
IDLE_AGE_INTERVAL = 1.0


class TopicsPane(Pane):
    """Last value, retained mark, count and age of each topic."""

    PANE_NAME = "topics"
    PANE_NUMBER = 2
    PANE_TITLE = "Topics"
    PANE_SHORT = "Topics"
    PANE_HELP = """\
Every topic that was seen: its last value, R when the broker retains it, how many messages, and how long ago.

The cursor shows the topic's last message in the inspector and changes nothing else.
Enter narrows the stream to the topic and what is below it; Esc undoes that.
Space, left and right fold. t sorts by name, rate, count or age. Del clears a retained message."""
    PANE_HINTS = (
        Hint("Enter", "narrow", "narrow"),
        Hint("Space", "fold", "fold"),
        Hint("t", "sort", "sort_topics"),
        Hint("p", "publish", "publish"),
        Hint("x", "exclude", "exclude"),
        Hint("Del", "clear retained", "remove"),
        Hint("z", "zoom", "zoom"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t,alt+t", "sort_topics", "sort the tree", show=False, id="tree.sort"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.topics = TopicModel()
        self.tree_widget = TopicTree(self.topics, self._read, id="topic-tree")
        self.ages = AgeColumn(self.tree_widget)
        self.feed: TopicFeed | None = None
        self._loading = False
        self._shown_message = 0
        self._busy_until = 0.0
        self._aged_at = 0.0
        self._sorted_at = 0.0
        self._counted = 0

    def compose_body(self) -> ComposeResult:
        """The tree, and its column of ages."""
        workspace = self.desk.workspace
        self.tree_widget.letter_of = workspace.letter
        self.tree_widget.label_of = self._connection_label
        self.ages.now_ns = lambda: int(workspace.clock() * 1e9)
        with Horizontal():
            yield self.tree_widget
            yield self.ages

    def follow(self, feed: TopicFeed) -> None:
        """Topics come from here from now on, and none is known yet."""
        if self.feed is not None:
            self.feed.close()
        self.feed = feed
        self.topics = TopicModel()
        self.tree_widget.start_over(self.topics)

    def focus_inside(self) -> None:
        """Keys go to the tree."""
        take_focus(self.tree_widget)

    def _connection_label(self, connection: int) -> str:
        snapshot = self.desk.workspace.snapshots.get(connection)
        if snapshot is not None:
            return snapshot.name or snapshot.key
        reader = self.desk.reader
        row = reader.connections().get(connection) if reader is not None else None
        return row.name if row is not None else str(connection)

    def _read(self, ids: Sequence[int]) -> list[Message]:
        reader = self.desk.reader
        return reader.by_ids(list(ids), payload=VALUE_BYTES) if reader is not None else []

    def absorb(self) -> None:
        """Take new statistics into the model, whether the pane is on screen or not."""
        if self.feed is None:
            return
        self.feed.poke()
        self._take_slice()
        if self.feed.waiting and not self._loading:
            self.desk.run_task(self._load(), "topics")

    def _take_slice(self) -> None:
        until = time.perf_counter() + SLICE_SECONDS
        while self.feed is not None and self.feed.waiting and time.perf_counter() < until:
            self.topics.apply(self.feed.take(SLICE_TOPICS))

    async def _load(self) -> None:
        """Many topics at once: slice after slice, between which keys are answered."""
        self._loading = True
        try:
            while self.feed is not None and self.feed.waiting:
                await asyncio.sleep(BREATH_SECONDS)
                self._take_slice()
        finally:
            self._loading = False

    def sync(self, now: float) -> bool:
        """Repaint the rows and ages that differ; an age that ticks while idle does not count."""
        if self.topics.count[0] != self._counted:
            self._counted = self.topics.count[0]
            self._busy_until = now + QUIET_SECONDS
        self._resort()
        painted = self.tree_widget.sync()
        idle = now > self._busy_until
        if not idle or now - self._aged_at >= IDLE_AGE_INTERVAL:
            self._aged_at = now
            painted |= self.ages.sync(idle=idle) and not idle
        painted |= self.sync_title()
        self._follow_topic()
        return painted

    def _resort(self) -> None:
        """Counts, rates and ages change: sort again once the pane was left alone for a while."""
        tree = self.tree_widget
        waited = min(tree.idle_for, tree.clock() - self._sorted_at)
        if self.topics.order is not Order.NAME and waited >= IDLE_SECONDS:
            self._sorted_at = tree.clock()
            self.topics.sort_by(self.topics.order)

    def _follow_topic(self) -> None:
        """While the tree has the focus, the inspector shows its topic's last message."""
        node = self.tree_widget.cursor_node
        if node == NONE or not self.tree_widget.has_focus:
            return
        message = self.topics.last_message[node]
        if message and message != self._shown_message:
            self._shown_message = message
            self.desk.select_message(message)

    def on_line_list_moved(self, event: LineList.Moved) -> None:
        """The cursor shows the topic's last message."""
        event.stop()
        self._shown_message = 0
        self._follow_topic()
        self.ages.sync(idle=False)

    def selected_topic(self) -> tuple[int, str] | None:
        """Connection and topic under the cursor; the topic is empty on a connection's row."""
        node = self.tree_widget.cursor_node
        if node == NONE:
            return None
        return self.topics.connection_of(node), self.topics.topic_name(node)

    def narrowing(self) -> Narrowing | None:
        """What Enter narrows the stream to."""
        chosen = self.selected_topic()
        if chosen is None:
            return None
        connection, topic = chosen
        return Narrowing(connection if self.topics.connection_rows else 0, topic)

    def retained_here(self) -> bool:
        """Whether the topic under the cursor is retained."""
        node = self.tree_widget.cursor_node
        return node != NONE and bool(self.topics.retained[node])

    def action_sort_topics(self) -> None:
        """The next order."""
        orders = list(Order)
        order = orders[(orders.index(self.topics.order) + 1) % len(orders)]
        self.topics.sort_by(order)
        self._sorted_at = self.tree_widget.clock()
        self.tree_widget.take_rows(asked=True)
        self.tree_widget.repaint_changes()
        self.sync_title()

    def title_left(self) -> list[Bit]:
        """The order."""
        return [Bit(f"by {self.topics.order.value} ", "dim", "sort_topics")]

    def title_right(self) -> list[Bit]:
        """Column heads, over their columns."""
        return [Bit(f" count{'age':>{AGE_WIDTH - 1}}", "dim")]
