"""The packet trace: every control packet both ways, taken apart down to the byte."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.timer import Timer
from textual.widgets import Input

from mqttx_tui.capture.rows import ConnectionRow
from mqttx_tui.capture.trace import Entry, TraceReader
from mqttx_tui.model.errors import AppError
from mqttx_tui.model.message import HTTP
from mqttx_tui.ui.clipboard import copy
from mqttx_tui.ui.desk import desk
from mqttx_tui.ui.panes.pane import take_focus
from mqttx_tui.ui.safe import clip, line
from mqttx_tui.ui.screens.dialog import Dialog
from mqttx_tui.ui.trace_filter import TraceFilter
from mqttx_tui.ui.trace_layers import MOST_PAYLOAD, Opened
from mqttx_tui.ui.trace_model import TraceModel
from mqttx_tui.ui.trace_rows import kind_name, open_entry
from mqttx_tui.ui.widgets.fields import SafeInput
from mqttx_tui.ui.widgets.lines import LineList
from mqttx_tui.ui.widgets.piece_line import Bit, PieceLine
from mqttx_tui.ui.widgets.trace_list import FieldRows, SpanHex, TraceList

EVERY_SECONDS = 0.25


class TraceScreen(Dialog[int | None]):
    """Dismisses with the message to go to, or None."""

    DEFAULT_CSS = """
    TraceScreen { background: $background; layout: vertical; }
    TraceScreen TraceList { height: 1fr; }
    TraceScreen #trace-parts { height: 45%; min-height: 6; }
    TraceScreen FieldRows { width: 1fr; }
    TraceScreen SpanHex { width: 79; }
    TraceScreen.-narrow #trace-parts { layout: vertical; }
    TraceScreen.-narrow SpanHex { width: 1fr; height: 40%; }
    TraceScreen Input { width: 1fr; height: 1; border: none; padding: 0 1; background: $mq-field; }
    TraceScreen Input { display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "back", id="trace.back", priority=True),
        Binding("q,w,alt+w", "close", "close", show=False, id="trace.close"),
        Binding("tab,shift+tab", "other", "list, parts", id="trace.other", priority=True),
        Binding("slash", "filter", "filter", id="trace.filter"),
        Binding("f,alt+f", "follow", "follow the newest", show=False, id="trace.follow"),
        Binding("m,alt+m", "message", "go to its message", show=False, id="trace.message"),
        Binding("y,alt+y", "copy", "copy its bytes in hex", show=False, id="trace.copy"),
    ]

    def __init__(
        self, trace: TraceReader, connections: dict[int, ConnectionRow], message: int | None
    ) -> None:
        super().__init__()
        self._trace = trace
        self._connections = connections
        self._message = message
        self.model = TraceModel(trace)
        self._text = ""
        self._problem = ""
        self._seen: tuple[int, int] | None = None
        self.taken_apart = Opened(b"", (), ())
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """Packets above; parts and bytes of one below."""
        yield PieceLine(fill="─", id="trace-title")
        yield SafeInput(
            placeholder="packet == suback, reason >= 0x80, or any text", compact=True, id="trace-filter"
        )
        yield TraceList(self.model, self._trace, self._letter, id="trace-list")
        yield PieceLine(fill="─", id="trace-about")
        with Horizontal(id="trace-parts"):
            yield FieldRows(id="trace-fields")
            yield SpanHex(id="trace-hex")
        yield PieceLine(ground="bar", id="trace-keys")

    def opened(self) -> None:
        """Begin at the newest packet, or at that of a message."""
        self.listing.note = self._note
        self.fields.can_focus = True
        self.query_one("#trace-hex", SpanHex).can_focus = False
        if self._message is not None and not self.model.go_to_message(self._message):
            self.model.end()
        self.listing.focus()
        self._timer = self.set_interval(EVERY_SECONDS, self._sync)
        self.call_after_refresh(self._sync)

    @property
    def listing(self) -> TraceList:
        """The packets."""
        return self.query_one("#trace-list", TraceList)

    @property
    def fields(self) -> FieldRows:
        """The parts of the packet under the cursor."""
        return self.query_one("#trace-fields", FieldRows)

    def _letter(self, connection: int) -> str:
        found = self._connections.get(connection)
        if found is None and (reader := desk(self).reader) is not None:
            self._connections.update(reader.connections())
            found = self._connections.get(connection)
        return found.letter if found else "?"

    def _note(self) -> str:
        if self.model.searching:
            return f"searching, {self.model.read:,} packets looked at"
        return "no packet matches" if self._text else "no packets yet: connect to a broker"

    def on_resize(self) -> None:
        """Bytes beside the parts only where both have room: headers of HTTP need all of the width."""
        entry = self.model.cursor
        http = entry is not None and entry.type == HTTP
        self.set_class(http or self.size.width < 118, "-narrow")

    def _sync(self) -> None:
        if not self.is_current:
            return
        self.listing.sync()
        self._show_packet()
        self._show_title()

    def _show_title(self) -> None:
        model = self.model
        left = [Bit("─Trace ─ ", "strong")]
        if self._problem:
            left.append(Bit(f"{self._problem} ", "bad"))
        elif self._text:
            left.append(Bit(f"{line(self._text, 60)} ", "busy"))
        right = [Bit(f" {len(model.entries):,} shown ", "dim")]
        if model.searching:
            right.append(Bit("searching ", "busy") if self._text else Bit("more above ", "dim"))
        right.append(
            Bit(" LIVE ▶ " if model.follow else " f follows ", "in" if model.follow else "busy", "follow")
        )
        self.query_one("#trace-title", PieceLine).show(left, right)
        hints = [("/", "filter", "filter"), ("Tab", "parts", "other"), ("m", "message", "message")]
        hints += [("y", "copy", "copy"), ("f", "follow", "follow"), ("Esc", "back", "back")]
        bits = [
            bit
            for key, text, act in hints
            for bit in (Bit(f" {key}", "in", act), Bit(f" {text} ", "text", act))
        ]
        self.query_one("#trace-keys", PieceLine).show(bits)

    # one packet

    @on(LineList.Moved)
    def _moved(self, event: LineList.Moved) -> None:
        event.stop()
        if event.lines is self.fields:
            self._mark()
        else:
            self._show_packet()
            self._show_title()

    def _show_packet(self) -> None:
        entry = self.model.cursor
        key = None if entry is None else entry.key
        if key == self._seen:
            return
        self._seen = key
        self.on_resize()
        self.taken_apart = Opened(b"", (), ()) if entry is None else self._open(entry)
        self.fields.put(self.taken_apart)
        self._mark()
        title = [] if entry is None else [Bit("─", "rule"), *self._flow(entry)]
        right = [] if entry is None else [Bit(f" {entry.size:,} B on the wire ", "dim")]
        self.query_one("#trace-about", PieceLine).show(title, right)

    def _open(self, entry: Entry) -> Opened:
        reader = desk(self).reader
        message = None
        if entry.message and reader is not None and not entry.row:
            message = reader.message(entry.message, payload=MOST_PAYLOAD)
        if message is None:
            return open_entry(entry, self._trace, b"", 0, None)
        return open_entry(entry, self._trace, message.payload, message.flags, message.properties)

    def _flow(self, entry: Entry) -> list[Bit]:
        """``PUBLISH +2.0 ms PUBREC +0.1 ms PUBREL +1.8 ms PUBCOMP``, or the packet alone."""
        bits: list[Bit] = []
        before: Entry | None = None
        for one in self._trace.flow(entry):
            if before is not None:
                bits.append(Bit(f"+{max(one.at - before.at, 0) / 1e6:.1f} ms ", "dim"))
            bits.append(Bit(f"{kind_name(one.type)} ", "strong" if one.key == entry.key else "dim"))
            before = one
        return bits

    def _mark(self) -> None:
        part = self.fields.marked
        span = (0, 0) if part is None else (part.start, part.end)
        self.query_one("#trace-hex", SpanHex).put(self.taken_apart.raw, span)

    # keys

    def action_back(self) -> None:
        """Esc: from the field, from the parts, then out."""
        if self.query_one(Input).has_focus:
            self._end_filter()
        elif self.fields.has_focus:
            self.listing.focus()
        else:
            self.dismiss(None)

    def action_close(self) -> None:
        """Back to the app."""
        self.dismiss(None)

    def action_other(self) -> None:
        """From the packets to the parts and back."""
        if self.query_one(Input).has_focus:
            self._end_filter()
        (self.fields if self.listing.has_focus else self.listing).focus()
        self.fields.repaint_changes()

    @on(TraceList.Opened)
    def _to_parts(self) -> None:
        self.fields.focus()

    def action_filter(self) -> None:
        """/: which packets are shown."""
        field = self.query_one(Input)
        field.display = True
        take_focus(field)

    @on(Input.Changed)
    def _narrow(self, event: Input.Changed) -> None:
        text = event.value
        try:
            test = TraceFilter(text, self._connections, lambda entry: self.listing.shown(entry).said)
        except AppError as error:
            self._problem = clip(line(error.message, 200), 60)
        else:
            self._problem, self._text = "", text.strip()
            self.model.narrow(test if self._text else None, messages=test.messages)
        self._sync()

    @on(Input.Submitted)
    def _end_filter(self) -> None:
        field = self.query_one(Input)
        field.display = bool(field.value)
        self.listing.focus()

    def action_follow(self) -> None:
        """f: the newest packet."""
        self.model.end()
        self._sync()

    def action_message(self) -> None:
        """m: the message that a packet belongs to."""
        entry = self.model.cursor
        if entry is not None and entry.message:
            self.dismiss(entry.message)

    def action_copy(self) -> None:
        """y: the bytes in hex."""
        copy(self.app, self.taken_apart.raw.hex(" "))
        desk(self).say("info", f"{len(self.taken_apart.raw):,} bytes copied in hex")
