"""Diff: what a message changed against the topic's message before it, or against any other one."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from mqttx_tui.capture.reader import CaptureReader
from mqttx_tui.model.message import Message
from mqttx_tui.model.shown import size
from mqttx_tui.model.visible import visible
from mqttx_tui.payload import hexdump
from mqttx_tui.ui.copies import Copy
from mqttx_tui.ui.diff import Difference, Kind, Line, Payload, compare, folded
from mqttx_tui.ui.inspection import context_of
from mqttx_tui.ui.panes.pane import Hint
from mqttx_tui.ui.safe import line
from mqttx_tui.ui.tabs.tab import Tab
from mqttx_tui.ui.widgets.document import MOST_LINE, Document, Span, TextDocument
from mqttx_tui.ui.widgets.document_view import DocumentView
from mqttx_tui.ui.widgets.piece_line import Bit, PieceLine
from mqttx_tui.ui.widgets.stream_row import clock_text

PREFIX = 2
"""Cells of ``- `` and ``+ ``."""
COMPARED = 65_537
"""Bytes that are read of each side: one more than are compared."""
FIRST = (
    "This is the topic's first message:\n"
    "nothing that came before it is kept.\n\n"
    "Space marks it; d on any other message compares the two."
)
EVICTED = """\
The message to compare with was evicted to keep
the capture within its limits.

o compares with the one before."""
_STYLES = {Kind.EQUAL: "text", Kind.GONE: "gone", Kind.COME: "come"}


class Compared(NamedTuple):
    """The older side (None: there is none), and what differs."""

    other: Message | None
    difference: Difference | None


class DiffDocument:
    """The lines of a difference; ``whole``: also the equal ones that are far from any change."""

    def __init__(self, difference: Difference, *, whole: bool) -> None:
        self._rows: list[Line | int | str] = [*difference.notes]
        if difference.gone + difference.come == 0:
            self._rows.append("no difference: the payloads are equal")
        self._rows += difference.lines if whole else folded(difference.lines)

    def line_count(self) -> int:
        """Lines, folds and notes."""
        return len(self._rows)

    def line(self, index: int) -> list[Span]:
        """One of them, after ``+``, ``-`` or a blank."""
        row = self._rows[index]
        if isinstance(row, str):
            return [(row, "note")]
        if isinstance(row, int):
            return [(f"  … {row:,} equal lines (Enter shows all)", "note")]
        style = _STYLES[row.kind]
        start, end = (min(place, MOST_LINE) for place in row.changed)
        text = row.text[:MOST_LINE]
        spans = [(f"{row.kind.value} ", style), (visible(text[:start]), style)]
        spans += [(visible(text[start:end]), f"{style} marked"), (visible(text[end:]), style)]
        if row.change:
            spans.append((f"  ({row.change})", "note"))
        return spans

    def more(self) -> bool:
        """There is nothing more."""
        return False


class DiffView(DocumentView):
    """Enter and Space belong to the tab."""

    on_entered: Callable[[], None]
    on_toggled: Callable[[], None]

    def entered(self) -> None:
        """Show all lines, or fold the equal ones."""
        self.on_entered()

    def toggled(self) -> None:
        """Mark the message."""
        self.on_toggled()


class DiffTab(Tab):
    """Reads and compares in a thread; what was shown stays until that is done."""

    TAB_NAME = "Diff"
    TAB_HELP = (
        "Diff: - what the other message had, + what this one has. It is compared with the topic's message "
        "before it; < and > take older and newer ones for that. Space marks this message (◆): another one "
        "is compared with it then, until o takes the one before again. Enter shows the equal lines, too; "
        "y copies the difference."
    )
    TAB_HINTS = (
        Hint("< >", "older, newer", "tab_action('against(-1)')"),
        Hint("Space", "mark", "fold"),
        Hint("o", "previous", "tab_action('previous')"),
        Hint("Enter", "all lines", "list_enter"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "less_than_sign", "against(-1)", "compare with an older message", show=False, id="diff.older"
        ),
        Binding(
            "greater_than_sign", "against(1)", "compare with a newer message", show=False, id="diff.newer"
        ),
        Binding("o,alt+o", "previous", "compare with the message before", show=False, id="diff.previous"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.view = DiffView(id="diff-view")
        self.view.on_entered = self._fold
        self.view.on_toggled = self._mark
        self._head = PieceLine()
        self._message: Message | None = None
        self.against: int | None = None
        """The message that was chosen to compare with; None: the marked one, or the one before."""
        self._compared: Compared | None = None
        self._whole = False
        self._looks = 0
        self._bytes_a_line = 0

    def compose(self) -> ComposeResult:
        """Both messages, and the lines."""
        yield self._head
        yield self.view

    def show(self, message: Message, *, keep_position: bool) -> None:
        """Compare a message."""
        if not keep_position:
            self.against = None
        self._message = message
        self._look_again(step=0)

    def forget(self) -> None:
        """Nothing is known of another capture."""
        super().forget()
        self._message = self._compared = self.against = None
        self._looks += 1

    def _look_again(self, *, step: int) -> None:
        message = self._message
        if message is None:
            return
        self._looks += 1
        self.desk.run_task(self._look(self._looks, message, self._other(message), step), "diff")

    def _other(self, message: Message) -> int | None:
        chosen = self.against or self.host.marked
        return chosen if chosen != message.id else None

    async def _look(self, number: int, message: Message, other: int | None, step: int) -> None:
        columns = self._columns
        found = await self.host.past.look(lambda reader: _compare(reader, message, other, step, columns))
        if found is None or number != self._looks:
            return
        if step and found.other is None:
            self.desk.say(
                "info", f"no {'older' if step < 0 else 'newer'} message of the topic to compare with"
            )
            return
        if step and found.other is not None:
            self.against = found.other.id
        self._compared = found
        self._bytes_a_line = hexdump.per_line(columns)
        self._paint(keep_position=False)
        self._fit()

    def _paint(self, *, keep_position: bool) -> None:
        found, message = self._compared, self._message
        if found is None or message is None:
            return
        document: Document
        if found.other is None or found.difference is None:
            lost = self._other(message) is not None
            document = TextDocument(EVICTED if lost else FIRST, "text")
            self._head.show([])
        else:
            document = DiffDocument(found.difference, whole=self._whole)
            self._show_head(found.other, message, found.difference)
        self.view.show(document, keep_position=keep_position)

    def _show_head(self, other: Message, message: Message, difference: Difference) -> None:
        marked = "◆ " if other.id == self.host.marked else ""
        where = f"{line(other.topic, 60)} " if other.topic_id != message.topic_id else ""
        left = [
            Bit(f" {marked}", "busy"),
            Bit(f"- {where}{clock_text(other.at, 12)} #{other.id:,} {size(other.payload_size)}", "bad plain"),
            Bit(f"   + {clock_text(message.at, 12)} #{message.id:,}", "good plain"),
        ]
        count = f" -{difference.gone} +{difference.come} {line(difference.how, 12)} "
        self._head.show(left, [Bit(count, "dim")])

    def _fold(self) -> None:
        self._whole = not self._whole
        self._paint(keep_position=True)

    def _mark(self) -> None:
        if self._message is None:
            return
        ident = self._message.id
        self.host.marked = None if self.host.marked == ident else ident
        if self.host.marked is None:
            self.desk.say("info", "no message is marked any more")
        else:
            self.desk.say("info", f"#{ident:,} is marked · d on another message compares the two")

    def action_against(self, step: int) -> None:
        """Compare with the message that is older (-1) or newer (1) than the one compared with now."""
        self._look_again(step=step)

    def action_previous(self) -> None:
        """Compare with the one before again; nothing is marked any more."""
        self.host.marked = self.against = None
        self._look_again(step=0)

    def copies(self) -> list[Copy]:
        """All lines, as they are compared."""
        found = self._compared
        if found is None or found.difference is None:
            return []
        text = "".join(f"{line.kind.value} {line.text}\n" for line in found.difference.lines)
        return [Copy("difference", text)] if text else []

    def on_resize(self) -> None:
        """Another number of bytes in each row, perhaps."""
        self.call_after_refresh(self._fit)

    def _fit(self) -> None:
        found = self._compared
        hexadecimal = found is not None and found.difference is not None and found.difference.how == "hex"
        if hexadecimal and hexdump.per_line(self._columns) != self._bytes_a_line:
            self._look_again(step=0)

    @property
    def _columns(self) -> int:
        return self.size.width - PREFIX - 1


def _compare(reader: CaptureReader, message: Message, other: int | None, step: int, columns: int) -> Compared:
    """``step`` 0: with ``other``, or the message before; else with the neighbour of what that is."""
    if other is None:
        other = _older(reader, message.topic_id, message.id)
    if step and other is not None:
        base = reader.message(other, payload=0)
        topic = base.topic_id if base is not None else message.topic_id
        other = _older(reader, topic, other) if step < 0 else reader.after(topic, other)
        if other == message.id:
            other = _older(reader, topic, other) if step < 0 else reader.after(topic, other)
    before = reader.message(other, payload=COMPARED) if other is not None else None
    now = reader.message(message.id, payload=COMPARED)
    if before is None or now is None:
        return Compared(None, None)
    return Compared(before, compare(_payload(before), _payload(now), columns))


def _older(reader: CaptureReader, topic: int, ident: int) -> int | None:
    return next(iter(reader.topic_ids(topic, before=ident, limit=1)), None)


def _payload(message: Message) -> Payload:
    return Payload(message.payload, message.payload_size, context_of(message))
