"""Pane 2: the live tree of topics."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal

from mqttx_tui.model.message import Message
from mqttx_tui.ui.panes.pane import Hint, Pane, take_focus
from mqttx_tui.ui.safe import line
from mqttx_tui.ui.topic_feed import TopicFeed
from mqttx_tui.ui.topic_filter import TopicFilter
from mqttx_tui.ui.topic_left_out import left_out_lines
from mqttx_tui.ui.topic_model import NONE, Order, TopicModel
from mqttx_tui.ui.widgets.age_column import AGE_WIDTH, AgeColumn
from mqttx_tui.ui.widgets.filter_line import FilterLine
from mqttx_tui.ui.widgets.ink import Piece
from mqttx_tui.ui.widgets.lines import LineList
from mqttx_tui.ui.widgets.piece_line import Bit
from mqttx_tui.ui.widgets.topic_tree import IDLE_SECONDS, TopicTree
from mqttx_tui.ui.workspace import Narrowing

if TYPE_CHECKING:
    from mqttx_tui.ui.clearing import Clearing

SLICE_SECONDS = 0.008
"""Keys wait so long for topics that are taken over; then the next ones."""
SLICE_TOPICS = 200
SLICE_ROWS = 4_000
BREATH_SECONDS = 0.001
VALUE_BYTES = 512
QUIET_SECONDS = 2.0
IDLE_AGE_INTERVAL = 1.0
WIDE = 60
"""From so many columns on the title holds the order and the heads of the columns beside a filter."""


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
d shows what the last message changed, v a chart of the topic.
Space, left and right fold; + and - fold everything below the cursor, E and C the whole tree.
t sorts by name, rate, count or age: anew whenever nothing was pressed for 3 s, and the cursor stays.

/ leaves the topics whose last message matches, for example  .value > 20 ; here it may ask for
count, rate and age, too:  age > 10m  are the topics that fell silent. Delete the text to see all again.

Del clears what the broker retains for the topic or everything below it, as far as it was seen retained.

Past the setting retention.topics new topics are captured, too, but not listed: the last line counts them."""
    PANE_HINTS = (
        Hint("Enter", "narrow", "narrow"),
        Hint("/", "filter", "filter"),
        Hint("Space", "fold", "fold"),
        Hint("t", "sort", "sort_topics"),
        Hint("p", "publish", "publish"),
        Hint("x", "exclude", "exclude"),
        Hint("Del", "clear retained", "remove"),
        Hint("z", "zoom", "zoom"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t,alt+t", "sort_topics", "sort the tree", show=False, id="tree.sort"),
        Binding("plus", "open_all(True, True)", "expand below the cursor", show=False, id="tree.expand"),
        Binding(
            "minus", "open_all(False, True)", "collapse below the cursor", show=False, id="tree.collapse"
        ),
        Binding("E,alt+E", "open_all(True)", "expand the whole tree", show=False, id="tree.expand_all"),
        Binding("C,alt+C", "open_all(False)", "collapse the whole tree", show=False, id="tree.collapse_all"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.topics = TopicModel()
        self.tree_widget = TopicTree(self.topics, self._read, id="topic-tree")
        self.ages = AgeColumn(self.tree_widget)
        self.feed: TopicFeed | None = None
        self.filter_line = FilterLine(id="tree-filter-line")
        self.filter = TopicFilter()
        self._loading = False
        self._shown_message = 0
        self._busy_until = 0.0
        self._aged_at = 0.0
        self._sorted_at = 0.0
        self._counted = 0

    def compose_body(self) -> ComposeResult:
        """The filter's field, the tree, and its column of ages."""
        workspace = self.desk.workspace
        self.tree_widget.letter_of = workspace.letter
        self.tree_widget.label_of = self._connection_label
        self.tree_widget.empty_state = self._empty
        self.tree_widget.left_out = self._left_out
        self.tree_widget.unfinished = self._load_on
        self.ages.now_ns = lambda: int(workspace.clock() * 1e9)
        self.filter.clock = workspace.clock
        yield self.filter_line
        yield self.filter_line.offers
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
        self.filter.close()
        self.filter.read(self.desk.capture_path)

    def close(self) -> None:
        """End what reads the capture in threads."""
        self.filter.close()
        if self.feed is not None:
            self.feed.close()
            self.feed = None

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
        self.filter.poke(self.topics.revision)
        if self._waiting:
            self._load_on()

    def _load_on(self) -> None:
        if not self._loading:
            self._loading = True
            self.desk.run_task(self._load(), "topics")

    @property
    def _waiting(self) -> bool:
        return (self.feed is not None and self.feed.waiting > 0) or self.filter.waiting

    @property
    def _busy(self) -> bool:
        reading = self.feed is not None and self.feed.more
        return reading or self.filter.waiting or self.tree_widget.working

    def _take_slice(self) -> None:
        until = time.perf_counter() + SLICE_SECONDS
        if self.filter.begin(self.topics):
            self.tree_widget.reflow()
        while self._waiting and time.perf_counter() < until:
            if self.feed is not None and self.feed.waiting:
                self.topics.apply(self.feed.take(SLICE_TOPICS))
            self.filter.take(self.topics)

    async def _load(self) -> None:
        """Many topics at once: slice after slice, between which keys are answered."""
        try:
            while self._busy or self.topics.put_in_order(SLICE_ROWS):
                await asyncio.sleep(BREATH_SECONDS)
                self._take_slice()
                self.tree_widget.work(SLICE_SECONDS)
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

    @property
    def on_branch(self) -> bool:
        """Whether there are topics below the one under the cursor."""
        node = self.tree_widget.cursor_node
        return node != NONE and self.topics.first_child[node] != NONE

    def narrowing(self) -> Narrowing | None:
        """What Enter narrows the stream to."""
        chosen = self.selected_topic()
        if chosen is None:
            return None
        connection, topic = chosen
        return Narrowing(connection if self.topics.connection_rows else 0, topic)

    def last_message_here(self) -> int | None:
        """The last message of the topic under the cursor; None where there is none, or no topic."""
        node = self.tree_widget.cursor_node
        return (self.topics.last_message[node] or None) if node != NONE else None

    def retained_below(self) -> Clearing | None:
        """The topics at and below the cursor that were seen retained, as far as they are shown.

        Without ``$SYS``, which only brokers write. None where there is no row.
        """
        from mqttx_tui.ui.clearing import Clearing, Retained

        node = self.tree_widget.cursor_node
        if node == NONE:
            return None
        topics = self.topics
        found = [(topics.topic_name(at), topics.retained[at]) for at in topics.retained_below(node)]
        wanted = [Retained(name, message) for name, message in found if not name.startswith("$SYS/")]
        connection = topics.connection_of(node)
        label = topics.topic_name(node) or self._connection_label(connection)
        return Clearing(connection, label, sorted(wanted, key=lambda item: item.topic))

    def action_sort_topics(self) -> None:
        """The next order."""
        orders = list(Order)
        order = orders[(orders.index(self.topics.order) + 1) % len(orders)]
        self._sorted_at = self.tree_widget.clock()
        self.tree_widget.sort_by(order)
        self.sync_title()

    def action_open_all(self, opened: bool, here: bool = False) -> None:
        """Expand or collapse everything; ``here``: below the cursor."""
        node = self.tree_widget.cursor_node
        if not here or node != NONE:
            self.tree_widget.open_all(opened, below=node if here else 0)

    # the filter

    def open_filter(self) -> None:
        """Type a filter; the one in force stays until another one is valid."""
        self.title_line.display = False
        self.filter_line.open_with(self.filter.text)

    def on_filter_line_typed(self, event: FilterLine.Typed) -> None:
        """A valid filter is in force while it is typed."""
        event.stop()
        if self.filter_line.is_open:
            self.filter.use(event.text)

    def on_filter_line_applied(self, event: FilterLine.Applied) -> None:
        """Enter: the filter stays, the field goes."""
        event.stop()
        if self.filter.use(event.text):
            self.filter_line.remember(event.text)
            self._shut_filter()

    def step_back(self) -> bool:
        """Esc: the former filter."""
        if not self.filter_line.is_open:
            return False
        self.filter.use(self.filter_line.former)
        self._shut_filter()
        return True

    def _shut_filter(self) -> None:
        had_keys = self.filter_line.has_focus
        self.filter_line.shut()
        self.title_line.display = True
        if had_keys:
            self.focus_inside()
        self.sync_title()

    def _empty(self, cells: int) -> list[list[Piece]]:
        """What a tree without rows says."""
        if self.filter.error:
            return [[], [(f" {line(self.filter.error, max(cells - 2, 1))}", "bad plain")]]
        if self.topics.filtered:
            return [[], [(" No topic matches.", "text")], [(" / ", "in"), ("changes the filter", "dim")]]
        return [[], [(" No topic was seen yet.", "dim")]]

    def _left_out(self, cells: int) -> list[list[Piece]]:
        """What stands below the last topic: that there are more, and which setting has them shown."""
        more, limit = self.feed.left_out if self.feed is not None else (0, 0)
        return left_out_lines(more, limit, cells)

    # the title

    def title_left(self) -> list[Bit]:
        """The order, and the filter."""
        order = Bit(f"by {self.topics.order.value} ", "dim", "sort_topics")
        if not self.filter.text:
            return [order]
        shown = Bit(f"/ {line(self.filter.text, 80)} ", "in plain", "filter_tree")
        return [order, Bit(" "), shown] if self.size.width >= WIDE else [shown]

    def title_right(self) -> list[Bit]:
        """How many match; column heads, over their columns."""
        heads = Bit(f" count{'age':>{AGE_WIDTH - 1}}", "dim")
        if not self.filter.text:
            return [heads]
        matched = f"{self.topics.matched:,}" if self.topics.filtered else "…"
        counts = Bit(f" {matched} of {self.topics.topics:,}", "good" if self.has_focus_within else "dim")
        return [counts, Bit(" ─ ", "rule"), heads] if self.size.width >= WIDE else [counts]
