"""The log: every notice of this run, newest last."""

from __future__ import annotations

import time
from collections.abc import Iterable

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical

from mqttx_tui.ui import safe
from mqttx_tui.ui.screens.dialog import Dialog
from mqttx_tui.ui.widgets.document import Span
from mqttx_tui.ui.widgets.document_view import DocumentView
from mqttx_tui.ui.widgets.piece_line import Bit, PieceLine
from mqttx_tui.ui.workspace import Notice

_KIND = {"error": "bad", "warning": "literal"}


class LogScreen(Dialog[None]):
    """Esc closes it."""

    DEFAULT_CSS = """
    LogScreen { align: center middle; }
    LogScreen > Vertical { width: 96%; height: 80%; background: $surface; padding: 0 1; }
    """
    BINDINGS = [Binding("escape,q,enter", "close", "close", id="log.close", priority=True)]

    def __init__(self, notices: Iterable[Notice], noticed: int) -> None:
        """``noticed``: how many there were in all."""
        super().__init__()
        self._notices = list(notices)
        self._gone = noticed - len(self._notices)

    def compose(self) -> ComposeResult:
        """A title and the lines."""
        with Vertical():
            yield PieceLine(id="log-title")
            yield DocumentView(id="log-lines")

    def opened(self) -> None:
        """Begin at the newest."""
        gone = [Bit(f"  {self._gone:,} older ones are gone", "busy")] if self._gone else []
        title = [Bit("Log", "strong"), *gone]
        self.query_one("#log-title", PieceLine).show(title, [Bit("Esc closes", "dim")])
        view = self.query_one("#log-lines", DocumentView)
        view.show(_Notices(self._notices))
        view.focus()
        self.call_after_refresh(view.action_row_end)

    def action_close(self) -> None:
        """Back to the app."""
        self.dismiss(None)


class _Notices:
    """The notices as a document."""

    def __init__(self, notices: list[Notice]) -> None:
        self._lines = notices

    def line_count(self) -> int:
        """One line each."""
        return max(len(self._lines), 1)

    def line(self, index: int) -> list[Span]:
        """Time and text."""
        if not self._lines:
            return [("Nothing was noticed so far.", "note")]
        notice = self._lines[index]
        clock = time.strftime("%H:%M:%S ", time.localtime(notice.at))
        return [(clock, "dim"), (safe.line(notice.text, 2000), _KIND.get(notice.level, "text"))]

    def more(self) -> bool:
        """There is nothing more."""
        return False
