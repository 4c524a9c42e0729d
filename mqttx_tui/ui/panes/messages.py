"""Pane 3: the stream of messages, its filter and its title."""

from __future__ import annotations

import time
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from mqttx_tui.ui.desk import desk
from mqttx_tui.ui.empty import FILTERED, NARROWED, empty_stream
from mqttx_tui.ui.finding import Finding
from mqttx_tui.ui.keys import key
from mqttx_tui.ui.layouts import Kind
from mqttx_tui.ui.noise import SAMPLE, Noise, noisiest
from mqttx_tui.ui.panes.pane import Hint, Pane, take_focus
from mqttx_tui.ui.safe import line
from mqttx_tui.ui.stream_model import StreamModel
from mqttx_tui.ui.widgets.filter_line import FilterLine
from mqttx_tui.ui.widgets.ink import Piece, pieces_width
from mqttx_tui.ui.widgets.lines import LineList
from mqttx_tui.ui.widgets.piece_line import Bit
from mqttx_tui.ui.widgets.stream import FLOOD_INTERVAL, Stream
from mqttx_tui.ui.workspace import Narrowing

INSPECT_SECONDS = 1.0
"""While following, inspector and peek show the newest message, this often at most."""


class MessagesPane(Pane):
    """Follow, pause, scroll, filter."""

    PANE_NAME = "messages"
    PANE_NUMBER = 3
    PANE_TITLE = "Messages"
    PANE_SHORT = "Msgs"
    PANE_HELP = """\
Every message, both ways, in the order in which it was captured.

Columns: time, the connection's letter (when there are several), ← in or → out, QoS, R retained or D duplicate
(tx and bi for WebSocket frames), topic, payload, and for what you sent what became of it.

Moving the cursor holds the page; f follows again. Space freezes the page: the capture goes on.
Left and right scroll the payload. Enter opens the message in the inspector; d compares it with the message
of the topic before it, v draws a number of the topic's messages.

While a filter is typed, Tab takes what the list offers and Down goes into it (Enter takes it then);
Up recalls the filters before. Enter applies; Esc closes the list, then restores the former filter.

V selects rows (Shift with an arrow, or dragging, too): y copies their payloads, Y asks how; Esc ends it.
c shows the page and the payload as plain text, for the terminal's own selection.

* marks a topic and n, N go through its messages, or through those of the last filter, among all others.
m marks this moment, on a held page the message under the cursor; a shows the times since the mark, too.
x leaves the topic under the cursor out, X keeps that in the profile; : Show excluded topics again."""
    PANE_HINTS = (
        Hint("/", "filter", "filter"),
        Hint("Space", "pause", "pause"),
        Hint("p", "publish", "publish"),
        Hint("s", "subscribe", "subscribe"),
        Hint("r", "reuse", "reuse"),
        Hint("y", "copy", "copy"),
        Hint("x", "exclude", "exclude"),
        Hint("z", "zoom", "zoom"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f,alt+f", "follow", "follow the newest message", show=False, id="stream.follow"),
        key("V", "select_rows", "select rows from here on", "stream.select"),
        key("shift+up", "select_by(-1)", "select the row above, too", "stream.select.up"),
        key("shift+down", "select_by(1)", "select the row below, too", "stream.select.down"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.stream_model = StreamModel()
        self.stream = Stream(self.stream_model, self._letter, id="stream")
        self.finding = Finding(self.stream_model)
        self.filter_line = FilterLine(id="filter-line")
        self._announced: int | None = None
        self._announced_at = 0.0
        self._last_seen = 0

    def compose_body(self) -> ComposeResult:
        """The filter's field with its list, and the stream."""
        yield self.filter_line
        yield self.filter_line.offers
        workspace = self.desk.workspace
        self.stream.letters_shown = lambda: workspace.letters_shown
        self.stream.empty_state = self._empty
        self.stream.flood_note = self._flood_note
        yield self.stream

    def start_over(self) -> None:
        """Another capture."""
        self.stream_model.forget()
        self._announced = None
        self.stream.start_over()

    def focus_inside(self) -> None:
        """Keys go to the stream."""
        take_focus(self.stream)

    def _letter(self, connection: int) -> tuple[str, str]:
        return self.desk.workspace.letter(connection)

    def _empty(self, cells: int, height: int) -> list[list[Piece]]:
        if self.finding.looking:
            return []  # that nothing matches is said once it is known
        hidden = ""
        if self.finding.active and self.stream_model.bounds.count:
            hidden = NARROWED if self.finding.narrowing is not None else FILTERED
        return empty_stream(self.desk.workspace, cells, height, hidden=hidden)

    def _flood_note(self, cells: int) -> list[Piece]:
        """The line under a flood: where it comes from, and what helps."""
        noise = self.noise()
        if noise is None:
            return [("─" * cells, "rule")]
        words = f"─ noisiest: {line(noise.filter, max(cells - 60, 12))} {noise.percent} % "
        keys: list[Piece] = []
        for name, label in (("Space", "pause"), ("x", "exclude it"), ("Enter", "narrow")):
            keys += [("· ", "rule"), (name, "in"), (f" {label} ", "dim")]
        rest = max(cells - pieces_width([(words, ""), *keys]), 0)
        return [(words, "busy"), *keys, ("─" * rest, "rule")]

    def noise(self) -> Noise | None:
        """Where the flood comes from; None while there is none."""
        reader, last = self.desk.reader, self.stream_model.bounds.last
        if reader is None or not self.stream.flooded:
            return None
        if self.stream_model.picked is not None:
            newest = reader.by_ids(self.stream_model.picked[-SAMPLE:], payload=0)
        else:
            newest = reader.messages(max(last - SAMPLE + 1, 1), SAMPLE, payload=0)
        return noisiest([(message.connection, message.topic) for message in newest])

    def sync(self, now: float) -> bool:
        """New rows, title, and the message under the cursor."""
        self.stream_model.source = self.desk.reader
        self.finding.read(self.desk.capture_path if self.desk.reader is not None else "")
        if self.stream_model.bounds.last != self._last_seen:
            self._last_seen = self.stream_model.bounds.last
            self.finding.poke()
        self.finding.sync()
        painted = self.stream.sync(now)
        if painted or not self.stream.flooded:
            painted |= self.sync_title()
        self._announce(now)
        return painted

    def _announce(self, now: float) -> None:
        """Tell which message is under the cursor; calmly while it moves by itself."""
        model = self.stream_model
        if model.cursor_id is None or model.cursor_id == self._announced or not self.has_focus_within:
            return
        if model.follow and (self.stream.flooded or now - self._announced_at < INSPECT_SECONDS):
            return
        self._announced = model.cursor_id
        self._announced_at = now
        self.desk.select_message(model.cursor_id)

    def on_line_list_moved(self, event: LineList.Moved) -> None:
        """The cursor chooses what the inspector shows."""
        event.stop()
        model = self.stream_model
        if model.cursor_id is not None and not model.follow:
            self._announced = model.cursor_id
            self.desk.select_message(model.cursor_id)
        self.sync_title()

    def on_stream_pause_toggled(self, event: Stream.PauseToggled) -> None:
        """The title says PAUSED."""
        event.stop()
        self.sync_title()

    def on_stream_inspect(self, event: Stream.Inspect) -> None:
        """Enter: the inspector gets the keys; under a flood, narrow to where it comes from."""
        event.stop()
        if self.stream_model.cursor_id is None:
            self.sync(self.desk.workspace.clock())  # a filter may have found rows since the last paint
        if self.stream_model.cursor_id is None:
            self._retry()
            return
        noise = self.noise()
        if noise is not None:
            self.narrow(Narrowing(noise.connection, noise.topic))
            return
        self.desk.select_message(self.stream_model.cursor_id)
        desk(self).show_pane("inspector")

    def _retry(self) -> None:
        """Enter on an empty stream that shows why a connection fails: try again now."""
        engine, known = self.desk.workspace.engine, self.desk.workspace.down
        if engine is not None and known is not None and known.profile is not None:
            self.desk.run_task(engine.connect(known.profile), "connect")

    def action_follow(self) -> None:
        """Back to the newest message."""
        self.stream_model.resume()
        self.stream.repaint_changes()
        self.sync_title()

    def action_select_rows(self) -> None:
        """V: what the cursor passes is selected, until Esc or V."""
        self.stream.toggle_selection()

    def action_select_by(self, step: int) -> None:
        """Shift and an arrow."""
        self.stream.select_rows(step)

    def end_selection(self) -> bool:
        """Select nothing; False when nothing was."""
        ended = self.stream.chosen_rows.clear()
        if ended:
            self.stream.repaint_changes()
            self.sync_title()
        return ended

    # filter and narrowing

    def open_filter(self, proposal: str = "") -> None:
        """Type a filter; the one in force stays until another one is valid, a ``proposal`` until Enter."""
        self.title_line.display = False
        self.filter_line.open_with(self.finding.text, proposal)
        self.finding.typing(True)

    def begin_with(self, text: str) -> None:
        """Put a filter in force that nobody typed here."""
        if self.finding.use(text):
            self.finding.seek_on()
            self.filter_line.remember(text)

    def on_filter_line_typed(self, event: FilterLine.Typed) -> None:
        """A valid filter is in force while it is typed."""
        event.stop()
        if self.filter_line.is_open and self.finding.use(event.text):
            self.stream.repaint_changes()

    def on_filter_line_applied(self, event: FilterLine.Applied) -> None:
        """Enter: the filter stays, the field goes."""
        event.stop()
        if self.finding.use(event.text):
            self.finding.seek_on()
            self.filter_line.remember(event.text)
            self.close_filter()

    def close_filter(self, *, restore: bool = False) -> bool:
        """Leave the field; ``restore`` puts the former filter back. False when it was not open."""
        had_keys = self.filter_line.has_focus
        if not self.filter_line.shut():
            return False
        self.finding.typing(False)
        self.title_line.display = True
        if restore:
            self.finding.use(self.filter_line.former)
        if had_keys:
            take_focus(self.stream)
        self.stream.repaint_changes()
        self.sync_title()
        return True

    def narrow(self, narrowing: Narrowing | None) -> None:
        """Show a subtree only, or everything again."""
        self.desk.workspace.narrowing = narrowing
        self.finding.narrow(narrowing)
        if self.stream_model.paused_at is None:
            self.stream_model.resume()
        self.stream.repaint_changes()
        self.sync_title()

    def close(self) -> None:
        """End the scan."""
        self.finding.close()
        self.finding.typing(False)

    # the title

    def title_left(self) -> list[Bit]:
        """What is shown: all topics, or the subtree; and the filter."""
        narrowing = self.desk.workspace.narrowing
        topic = Bit("all topics" if narrowing is None else line(narrowing.label, 60), "dim")
        if narrowing is not None or self.frame_kind in (Kind.SMALL, Kind.TINY):
            topic = topic._replace(ink="strong")
        if self.finding.text:
            shown = Bit(f"/ {line(self.finding.text, 80)} ", "in plain", "filter")
        else:
            shown = Bit("/ filter ", "dim", "filter")
        bits = [topic, Bit("  "), shown]
        if self.stream.offset_cells:
            bits.append(Bit(f" payload from {self.stream.offset_cells + 1} ", "busy"))
        return bits

    def title_right(self) -> list[Bit]:
        """How many, and whether the page moves."""
        model = self.stream_model
        if chosen := self.stream.chosen_rows.count:
            return [Bit(f" {chosen:,} selected · y copy · Y how · Esc ", "busy")]
        counts = self.finding.counts() or f"{model.count:,} kept"
        kept = Bit(f" {line(counts, 60)}", "good" if self.has_focus_within else "dim")
        if model.paused_at is not None:
            at = time.strftime("%H:%M:%S", time.localtime(model.paused_time / 1e9))
            if self.frame_kind is Kind.TINY:
                return [Bit(f" PAUSED {at} · {model.newer:>7,} newer", "busy", "pause")]
            return [Bit(f" PAUSED at {at} · {model.newer:>9,} newer", "busy", "pause")]
        if self.stream.flooded:
            every = max(int(model.rate * FLOOD_INTERVAL), 1)
            shown = min(len(self.stream.ids_shown), every)
            text = f" {model.rate:>7,.0f}/s · showing {shown} of every {every:>6,}"
            return [Bit(text, "good" if self.has_focus_within else "dim")]
        if self.frame_kind in (Kind.SMALL, Kind.TINY):
            return [kept]
        return [kept, Bit(" ─ ", "rule"), self.motion()]

    def motion(self) -> Bit:
        """LIVE, HELD or PAUSED."""
        model = self.stream_model
        if model.paused_at is not None:
            return Bit("PAUSED", "busy", "pause")
        return Bit("LIVE ▶", "good") if model.follow else Bit("HELD ‖", "busy", "follow")
