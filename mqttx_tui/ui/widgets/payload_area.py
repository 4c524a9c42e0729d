"""The payload editor: one line until a newline comes, and no paste ever loses a line."""

from __future__ import annotations

from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.timer import Timer
from textual.widgets import TextArea

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
    newline in it the editor is multi-line and Enter inserts one.
    Content that is too large to edit is held whole and shown by its beginning; Backspace clears it.
    """

    class SendPressed(Message):
        """Enter in a one-line payload, or Ctrl+J."""

    class Refused(Message):
        """A key or paste that content held whole cannot take."""

    def __init__(self, *, id: str) -> None:
        super().__init__(
            id=id, compact=True, tab_behavior="focus", show_line_numbers=False, highlight_cursor_line=False
        )
        self.cursor_blink = False
        self._pending_enter: Timer | None = None
        self._held: str | None = None

    @property
    def content(self) -> str:
        """The whole payload, whatever of it is on screen."""
        return self.text if self._held is None else self._held

    def put(self, content: str) -> None:
        """Replace the payload."""
        self._held = content if _too_large(content) else None
        self.read_only = self._held is not None
        self.load_text(content if self._held is None else _beginning(content))

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
