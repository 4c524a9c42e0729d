"""Pane 3: the stream of messages, its filter and its title."""

from __future__ import annotations

import time
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from mqttx_tui.ui.desk import desk
from mqttx_tui.ui.empty import empty_stream
from mqttx_tui.ui.layouts import Kind
from mqttx_tui.ui.panes.pane import Hint, Pane
from mqttx_tui.ui.safe import line
from mqttx_tui.ui.stream_model import StreamModel
from mqttx_tui.ui.widgets.ink import Piece
from mqttx_tui.ui.widgets.lines import LineList
from mqttx_tui.ui.widgets.piece_line import Bit
from mqttx_tui.ui.widgets.stream import FLOOD_INTERVAL, Stream

CALM_RATE = 5.0
"""While following, the newest message is shown in the inspector up to this rate."""


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
Left and right scroll the payload. Enter opens the message in the inspector."""
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
    ]

    def __init__(self) -> None:
        super().__init__()
        self.stream_model = StreamModel()
        self.stream = Stream(self.stream_model, self._letter, id="stream")
        self._announced: int | None = None

    def compose_body(self) -> ComposeResult:
        """The stream."""
        workspace = self.desk.workspace
        self.stream.letters_shown = lambda: workspace.letters_shown
        self.stream.empty_state = self._empty
        yield self.stream

    def focus_inside(self) -> None:
        """Keys go to the stream."""
        self.stream.focus(scroll_visible=False)

    def _letter(self, connection: int) -> tuple[str, str]:
        return self.desk.workspace.letter(connection)

    def _empty(self, cells: int, height: int) -> list[list[Piece]]:
        filtered = self.stream_model.picked is not None
        return empty_stream(self.desk.workspace, cells, height, filtered=filtered)

    def sync(self, now: float) -> bool:
        """New rows, title, and the message under the cursor."""
        self.stream_model.source = self.desk.reader
        painted = self.stream.sync(now)
        if painted or not self.stream.flooded:
            painted |= self.sync_title()
        self._announce()
        return painted

    def _announce(self) -> None:
        model = self.stream_model
        if model.follow and model.rate > CALM_RATE and self._announced is not None:
            return
        if model.cursor_id is not None and model.cursor_id != self._announced and self.has_focus_within:
            self._announced = model.cursor_id
            self.desk.select_message(model.cursor_id)

    def on_line_list_moved(self, event: LineList.Moved) -> None:
        """The cursor chooses what the inspector shows."""
        event.stop()
        model = self.stream_model
        if model.cursor_id is not None and not (model.follow and model.rate > CALM_RATE):
            self._announced = model.cursor_id
            self.desk.select_message(model.cursor_id)
        self.sync_title()

    def on_stream_pause_toggled(self, event: Stream.PauseToggled) -> None:
        """The title says PAUSED."""
        event.stop()
        self.sync_title()

    def on_stream_inspect(self, event: Stream.Inspect) -> None:
        """Enter: the inspector gets the keys."""
        event.stop()
        self.desk.select_message(self.stream_model.cursor_id)
        desk(self).show_pane("inspector")

    def action_follow(self) -> None:
        """Back to the newest message."""
        self.stream_model.resume()
        self.stream.repaint_changes()
        self.sync_title()

    # the title

    def title_left(self) -> list[Bit]:
        """What is shown: all topics, or the subtree; and the filter."""
        narrowing = self.desk.workspace.narrowing
        topic = Bit("all topics" if narrowing is None else line(narrowing.label, 60), "dim")
        if narrowing is not None or self.frame_kind in (Kind.SMALL, Kind.TINY):
            topic = topic._replace(ink="strong")
        return [topic, Bit("  "), Bit("/ filter ", "dim", "filter")]

    def title_right(self) -> list[Bit]:
        """How many, and whether the page moves."""
        model = self.stream_model
        kept = Bit(f" {model.count:,} kept", "good" if self.has_focus_within else "dim")
        if model.paused_at is not None:
            at = time.strftime("%H:%M:%S", time.localtime(model.paused_time / 1e9))
            return [Bit(f" PAUSED at {at} · {model.newer:>9,} newer", "busy", "pause")]
        if self.stream.flooded:
            every = max(int(model.rate * FLOOD_INTERVAL), 1)
            shown = min(self.stream.page_rows, every)
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
