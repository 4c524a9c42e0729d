"""Chart: a number of the topic's messages over time, live."""

from __future__ import annotations

import time
from typing import ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from mqttx_tui.capture.reader import CaptureReader
from mqttx_tui.model.jsonpath import Step, parse_path
from mqttx_tui.model.message import Message
from mqttx_tui.payload.fields import paths
from mqttx_tui.ui.chart_picture import SECOND, Frame, picture
from mqttx_tui.ui.chart_plot import decimals_of, number_text
from mqttx_tui.ui.chart_series import NOTHING, Point, Series, Stretch
from mqttx_tui.ui.chart_values import Field, content, fields, is_switch, number_of, obvious, value_at
from mqttx_tui.ui.copies import Copy
from mqttx_tui.ui.panes.pane import Hint, take_focus
from mqttx_tui.ui.safe import clip, line
from mqttx_tui.ui.tabs.tab import Tab
from mqttx_tui.ui.widgets.chart_view import ChartView
from mqttx_tui.ui.widgets.field_list import FieldList
from mqttx_tui.ui.widgets.piece_line import Bit, PieceLine

SLICE, SLICE_OF_LONG = 250, 25
"""Messages that are read at once, and where payloads are long."""
LONG = 4_096
"""Bytes of a long payload."""
MOST = 20_000
"""Messages that a stretch of time shows at most."""
LARGEST = 65_536
"""Bytes of a payload that are looked at; a longer one has no number."""
PAUSE = 0.25
"""Seconds between two repaints, and between two looks for what came."""
SHARE = 4
"""A look for what came is followed by a pause of so many times its length."""


class Span(NamedTuple):
    """What is shown: the newest messages, or the messages of so many seconds."""

    label: str
    messages: int = MOST
    seconds: int = 0


SPANS = (
    Span("last 100", 100),
    Span("last 1,000", 1_000),
    Span("last 10,000", 10_000),
    Span("1 minute", seconds=60),
    Span("10 minutes", seconds=600),
    Span("1 hour", seconds=3600),
)


class ChartTab(Tab):
    """Reads in slices in a thread; paints at most four times a second."""

    TAB_NAME = "Chart"
    TAB_HELP = (
        "Chart: a number of the topic's messages over time, live. It is the field under the payload's "
        "cursor, else the obvious one; up and down take others, Enter lists them. Left and right choose "
        "how much is shown. ON and OFF, true and false are drawn as 1 and 0. ▲ is the message that is "
        "shown; < and > move it. y copies what is drawn as CSV."
    )
    TAB_HINTS = (
        Hint("↑ ↓", "field", "tab_action('field(1)')"),
        Hint("← →", "range", "tab_action('span(1)')"),
        Hint("Enter", "fields", "tab_action('choose')"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k,alt+k", "field(-1)", "previous number of the payload", show=False, id="chart.up"),
        Binding("down,j,alt+j", "field(1)", "next number of the payload", show=False, id="chart.down"),
        Binding("left,h,alt+h", "span(-1)", "show less", show=False, id="chart.less"),
        Binding("right,l,alt+l", "span(1)", "show more", show=False, id="chart.more"),
        Binding("enter", "choose", "list the numbers of the payload", show=False, id="chart.choose"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.view = ChartView(id="chart-view")
        self.listing = FieldList(id="chart-fields")
        self.listing.display = False
        self.listing.on_chosen = self._chosen
        self._head = PieceLine()
        self._message: Message | None = None
        self._fields: list[Field] = []
        self._names: list[str] = []
        self._picked: dict[int, str] = {}
        self._pointed = ""
        self.path = ""
        """The field that is drawn; empty for none."""
        self._topic = 0
        self.series = Series()
        self.span = SPANS[1]
        self._complete = self._filling = self._dirty = False
        self._last = 0
        self._next_look = self._next_paint = 0.0
        self._end = 0
        self._painted_for = (0, 0)

    def compose(self) -> ComposeResult:
        """Numbers, and the chart or the list of fields."""
        yield self._head
        yield self.view
        yield self.listing

    @property
    def _slice(self) -> int:
        message = self._message
        return SLICE_OF_LONG if message is not None and message.payload_size > LONG else SLICE

    # what is drawn

    def show(self, message: Message, *, keep_position: bool) -> None:
        """The chart of the message's topic."""
        reader = self.desk.reader
        self._message = message
        if reader is not None and not keep_position:
            data = reader.payload(message.id, 0, LARGEST + 1)
            value = content(data) if len(data) <= LARGEST else None
            self._fields = fields(value)
            self._names = paths(data, 20)
        self._take(message.topic_id, self._wanted_path(message))
        self._dirty = True
        self._paint(at_once=True)

    def _wanted_path(self, message: Message) -> str:
        known = {field.path for field in self._fields}
        pointed = self.host.field_of(message)
        if pointed != self._pointed:
            self._pointed = pointed
            if pointed in known:
                self._picked[message.topic_id] = pointed
        if message.topic_id in self._picked:
            return self._picked[message.topic_id]
        found = obvious(self._fields)
        return found.path if found is not None else ""

    def _take(self, topic: int, path: str) -> None:
        if (topic, path) == (self._topic, self.path):
            return
        self._topic, self.path = topic, path
        self._start_over()

    def forget(self) -> None:
        """Nothing is known of another capture."""
        super().forget()
        self._picked.clear()
        self._take(0, "")

    def _start_over(self) -> None:
        self.series = Series()
        self._complete, self._last = False, 0
        self._next_look = 0.0
        self._dirty = True

    def action_field(self, step: int) -> None:
        """The next or previous number of the payload."""
        names = [field.path for field in self._fields]
        if names:
            at = names.index(self.path) + step if self.path in names else 0
            self._chosen(names[at % len(names)])

    def _chosen(self, path: str) -> None:
        self._picked[self._topic] = path
        self._list_fields(False)
        self._take(self._topic, path)
        self._paint(at_once=True)

    def action_choose(self) -> None:
        """List the numbers of the payload."""
        if self._fields:
            self.listing.offer(self._fields, self.path)
            self._list_fields(True)

    def _list_fields(self, listed: bool) -> None:
        if self.listing.display == listed:
            return
        shown, hidden = (self.listing, self.view) if listed else (self.view, self.listing)
        shown.display = True
        if hidden.has_focus:
            take_focus(shown)
        hidden.display = False

    def action_span(self, step: int) -> None:
        """Show more or less."""
        at = SPANS.index(self.span) + step
        self.span = SPANS[min(max(at, 0), len(SPANS) - 1)]
        self._dirty = True
        self._paint(at_once=True)

    # what came

    def sync(self, now: float) -> bool:
        """Look for more, and paint what was found."""
        reader = self.desk.reader
        if reader is not None and self.path and not self._filling:
            bounds = reader.bounds()
            if len(self.series) and not bounds.count and not bounds.pinned:
                self._start_over()  # everything was cleared
            newer = bounds.last > self._last and time.monotonic() >= self._next_look
            if newer or self._wants_older():
                self._filling, self._last = True, bounds.last
                self.desk.run_task(self._fill(self.series, parse_path(self.path)), "chart")
        return self._paint()

    def _wants_older(self) -> bool:
        series, span = self.series, self.span
        if self._complete or len(series) >= span.messages:
            return False
        return not span.seconds or not len(series) or series.oldest_at > self._begin()

    async def _fill(self, series: Series, steps: tuple[Step, ...]) -> None:
        began, most = time.monotonic(), self._slice
        try:
            if series.newest_id:
                await self._fill_newer(series, steps, most)
            while series is self.series and self._wants_older():
                found = await self._points(steps, series.oldest_id or None, most)
                if found is None or series is not self.series:
                    return
                series.add_older(found)
                self._complete = len(found) < most
                self._dirty = True
        except BaseException:
            self._complete = True  # what cannot be read is not asked for again and again
            raise
        finally:
            self._filling = False
            ended = time.monotonic()
            self._next_look = ended + max(PAUSE, SHARE * (ended - began))

    async def _fill_newer(self, series: Series, steps: tuple[Step, ...], most: int) -> None:
        newest, points = series.newest_id, list[Point]()
        while len(points) < self.span.messages:
            found = await self._points(steps, points[-1].id if points else None, most)
            if found is None or series is not self.series:
                return
            fresh = [point for point in found if point.id > newest]
            points += fresh
            if len(fresh) < most:
                series.add_newer(points[::-1])
                series.trim(MOST)
                self._dirty |= bool(points)
                return
        self.series = Series()  # none of the ones known before is shown any more
        self.series.add_older(points)
        self._dirty = True

    async def _points(self, steps: tuple[Step, ...], before: int | None, most: int) -> list[Point] | None:
        topic = self._topic
        return await self.host.past.look(lambda reader: _read(reader, topic, steps, before, most))

    # painting

    def _now(self) -> int:
        """The right end of a stretch of time: now, or the last message of a capture that is over."""
        workspace = self.desk.workspace
        return int(workspace.clock() * SECOND) if workspace.engine is not None else self.series.newest_at

    def _begin(self) -> int:
        return self._now() - self.span.seconds * SECOND

    def _paint(self, *, at_once: bool = False) -> bool:
        cells, height = self.view.size
        self._dirty |= (cells, height) != self._painted_for
        if self.span.seconds and cells:
            cell = self.span.seconds * SECOND // cells
            end = -(-self._now() // cell) * cell
            self._dirty |= end != self._end
            self._end = end
        clock = time.monotonic()
        if not self._dirty or (clock < self._next_paint and not at_once) or not cells:
            return False
        self._dirty, self._next_paint = False, clock + PAUSE
        self._painted_for = (cells, height)
        stretch = self._stretch()
        painted = self._show_head(stretch)
        if stretch.number:
            rows = picture(stretch, self._frame(stretch), cells, height)
        else:
            rows = [[(f" {text}", "dim")] for text in ("", *self._words(cells))]
        return self.view.put(rows) > 0 or painted

    def _stretch(self) -> Stretch:
        span = self.span
        return self.series.since(self._begin()) if span.seconds else self.series.last(span.messages)

    def _frame(self, stretch: Stretch) -> Frame:
        start, end = stretch.at[0], stretch.at[-1]
        if self.span.seconds:
            start, end = self._end - self.span.seconds * SECOND, self._end
        elif start == end:
            start, end = start - SECOND // 2, end + SECOND // 2
        marked = self._message.at if self._message is not None else None
        return Frame(start, end, self.series.stepped, marked)

    def _show_head(self, stretch: Stretch) -> bool:
        if not self.path:
            return self._head.show([])
        names = [field.path for field in self._fields]
        place = f" {names.index(self.path) + 1}/{len(names)}" if self.path in names and len(names) > 1 else ""
        bits = [Bit(f" {clip(line(self.path), 24)}", "strong"), Bit(f"{place} ", "dim")]
        summary = stretch.summary()
        if summary is None:
            return self._head.show(bits)
        low, high, last = summary.lowest, summary.highest, summary.last
        decimals = decimals_of(low, high, last)
        cells = max(len(number_text(number, decimals)) for number in (low, high, last))
        for label, number in (("last", last), ("min", low), ("mean", summary.mean), ("max", high)):
            text = number_text(number, decimals + (label == "mean" and cells < 7))
            bits += [Bit(f" {label} ", "dim"), Bit(f"{text:<{cells}}", "value")]
        cut = self.span.seconds and len(self.series) >= MOST and self.series.oldest_at > self._begin()
        words, ink = (f" newest {summary.count:,} only ", "busy") if cut else (f" {summary.count:,} ", "dim")
        return self._head.show(bits, [Bit(words, ink)])

    def _words(self, cells: int) -> list[str]:
        if self.path and (self._filling or self._wants_older()):
            return ["Reading …"]
        if self.path:
            path = clip(line(self.path), 30)
            return [
                f"No number at {path}: {self.span.label}.",
                "",
                "← →  another range",
                "↑ ↓  another field",
            ]
        names = ", ".join(line(name, 40) for name in self._names) or "none"
        return [
            "No number in this payload.",
            clip(f"The fields are: {names}", cells - 2),
            "",
            "< >  an older or newer message of this topic",
            "3    another message",
        ]

    def copies(self) -> list[Copy]:
        """The numbers that are drawn."""
        from mqttx_tui.ui.chart_csv import csv_of

        stretch = self._stretch()
        return [Copy("numbers as CSV", csv_of(self.path, stretch))] if stretch.number else []

    def title_right(self) -> list[Bit]:
        """The range."""
        return [Bit(f" {self.span.label}", "dim", "tab_action('span(1)')")]


def _read(
    reader: CaptureReader, topic: int, steps: tuple[Step, ...], before: int | None, most: int
) -> list[Point]:
    """The numbers of a topic's messages, newest first, from before an id."""
    messages = reader.history(topic, before=before, limit=most, payload=LARGEST)
    return [_point(message, steps) for message in messages]


def _point(message: Message, steps: tuple[Step, ...]) -> Point:
    whole = len(message.payload) == message.payload_size
    value = value_at(message.payload, steps) if whole else None
    number = number_of(value)
    if number is None:
        return Point(message.id, message.at, NOTHING)
    return Point(message.id, message.at, number, is_switch(value))
