"""The payload editor: one line until a newline comes, and no paste ever loses a line."""

from __future__ import annotations

from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.timer import Timer
from textual.widgets import TextArea

from mqttx_tui.model import shown
from mqttx_tui.ui.widgets.fields import safe_strip

PASTE_SECONDS = 0.02
"""Keys that follow an Enter within this time show that it was pasted without bracketed paste."""
EDITED_CHARACTERS = 65_536
EDITED_LINE = 8_192
"""What can be edited: the editor lays a whole line out for each key (2 s for a line of a megabyte)."""
SHOWN_OF_HELD = 200


class PayloadArea(TextArea):
    """A text area in which Enter sends while the text is one line.

    An Enter that more keys follow within 20 ms belongs to a paste and becomes a newline; with a
    newline in it the editor is multi-line and Enter inserts one. Up in the first line and Down in the
    last ask for an earlier or later message.
    Content that is too large to edit, secret, or a file is held whole and only named; Backspace
    clears it.
    """

    class SendPressed(Message):
        """Enter in a one-line payload, or Ctrl+J."""

    class Recall(Message):
        """Up in the first line (``step`` -1) or Down in the last (1)."""

        def __init__(self, step: int) -> None:
            super().__init__()
            self.step = step

    class Refused(Message):
        """A key or paste that content held whole cannot take."""

    def __init__(self, *, id: str) -> None:
        super().__init__(
            id=id, compact=True, tab_behavior="focus", show_line_numbers=False, highlight_cursor_line=False
        )
        self.cursor_blink = False
        self._pending_enter: Timer | None = None
        self._held: str | None = None
        self._file = ""

    @property
    def file(self) -> str:
        """The file that is the payload; empty where it was typed."""
        return self._file

    @property
    def content(self) -> str:
        """The whole payload, whatever of it is on screen; empty for a file."""
        return self.text if self._held is None else self._held

    def put(self, content: str, *, hidden: bool = False) -> None:
        """Replace the payload; a ``hidden`` one is not shown."""
        if hidden and content:
            self._hold(content, f"… secret, {len(content):,} characters, not shown; Backspace clears")
        elif _too_large(content):
            self._hold(content, _beginning(content))
        else:
            self._held, self._file, self.read_only = None, "", False
            self.load_text(content)

    def attach(self, path: str, size: int) -> None:
        """Make a file the payload: ``size`` in bytes is what it has now, it is read when it is sent."""
        self._hold("", f"file {path} · {shown.size(size)}\nread when it is sent; Backspace clears")
        self._file = path

    def _hold(self, content: str, note: str) -> None:
        self._held, self._file, self.read_only = content, "", True
        self.load_text(note)

    def go_to(self, line: int, column: int) -> None:
        """Put the cursor on a place; both count from 1."""
        self.move_cursor((line - 1, column - 1))

    @property
    def one_line(self) -> bool:
        """Whether the payload holds no newline."""
        return self.document.line_count == 1 if self._held is None else "\n" not in self._held

    def render_line(self, y: int) -> Strip:
        """Paint a line, made visible: what is reused comes from outside."""
        return safe_strip(super().render_line(y))

    def on_key(self, event: events.Key) -> None:
        """Hold back an Enter in a one-line payload until it is known to be no paste."""
        if self._pending_enter is not None:
            self._pending_enter.stop()
            self._pending_enter = None
            if self._held is None:
                self.insert("\n")
        if event.key == "ctrl+j" or (event.key == "enter" and self.one_line):
            event.stop()
            event.prevent_default()
            self._pending_enter = self.set_timer(PASTE_SECONDS, self._send)
        elif self._held is not None and event.key in ("backspace", "delete"):
            event.stop()
            event.prevent_default()
            self.put("")
        elif self._held is not None and event.is_printable:
            self.post_message(self.Refused())
        elif event.key in ("up", "down") and self._at_edge(event.key):
            event.stop()
            event.prevent_default()
            self.post_message(self.Recall(-1 if event.key == "up" else 1))

    def _at_edge(self, key: str) -> bool:
        """Whether there is no line further up or down, wrapped ones included."""
        if self._held is not None:
            return True
        navigator = self.navigator
        at = self.cursor_location
        wanted = navigator.get_location_above(at) if key == "up" else navigator.get_location_below(at)
        return (
            self.wrapped_document.location_to_offset(wanted).y
            == self.wrapped_document.location_to_offset(at).y
        )

    def on_paste(self, event: events.Paste) -> None:
        """Hold what becomes too large to edit."""
        if self._held is not None:
            self.post_message(self.Refused())
        else:
            start, end = sorted(self.selection)
            before = self.get_text_range((0, 0), start)
            content = before + event.text + self.get_text_range(end, self.document.end)
            if not _too_large(content):
                return
            self.put(content)
        event.stop()
        event.prevent_default()

    def _send(self) -> None:
        self._pending_enter = None
        self.post_message(self.SendPressed())


def _too_large(content: str) -> bool:
    if len(content) <= EDITED_LINE:
        return False
    return len(content) > EDITED_CHARACTERS or max(map(len, content.split("\n"))) > EDITED_LINE


def _beginning(content: str) -> str:
    note = f"… {len(content):,} characters, sent whole; too large to edit here, Backspace clears"
    return f"{note}\n{content[:SHOWN_OF_HELD]}"
