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


class PayloadArea(TextArea):
    """A text area in which Enter sends while the text is one line.

    An Enter that more keys follow within 20 ms belongs to a paste and becomes a newline; with a
    newline in it the editor is multi-line and Enter inserts one.
    """

    class SendPressed(Message):
        """Enter in a one-line payload, or Ctrl+J."""

    def __init__(self, *, id: str) -> None:
        super().__init__(
            id=id, compact=True, tab_behavior="focus", show_line_numbers=False, highlight_cursor_line=False
        )
        self._pending_enter: Timer | None = None

    @property
    def one_line(self) -> bool:
        """Whether the text holds no newline."""
        return self.document.line_count == 1

    def render_line(self, y: int) -> Strip:
        """Paint a line, made visible: what is reused comes from outside."""
        return safe_strip(super().render_line(y))

    def on_key(self, event: events.Key) -> None:
        """Hold back an Enter in a one-line payload until it is known to be no paste."""
        if self._pending_enter is not None:
            self._pending_enter.stop()
            self._pending_enter = None
            self.insert("\n")
        if event.key == "ctrl+j" or (event.key == "enter" and self.one_line):
            event.stop()
            event.prevent_default()
            self._pending_enter = self.set_timer(PASTE_SECONDS, self._send)

    def _send(self) -> None:
        self._pending_enter = None
        self.post_message(self.SendPressed())
