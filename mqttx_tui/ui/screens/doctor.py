"""The doctor's findings about one connection, as they come."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from textwrap import wrap

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical

from mqttx_tui.doctor.report import Check, OnCheck, Verdict
from mqttx_tui.model.errors import AppError
from mqttx_tui.ui import safe
from mqttx_tui.ui.screens.dialog import Dialog
from mqttx_tui.ui.widgets.document import LinesDocument, Span
from mqttx_tui.ui.widgets.document_view import DocumentView
from mqttx_tui.ui.widgets.piece_line import Bit, PieceLine

_MARKS = {
    Verdict.OK: ("✓", "good"),
    Verdict.WARNING: ("!", "busy"),
    Verdict.FAILED: ("✗", "bad"),
    Verdict.SKIPPED: ("–", "dim"),
}
_STAGE = 11
_INDENT = "  "
NARROWEST = 40
"""Cells that hints are wrapped to at least; narrower screens scroll sideways."""

Examine = Callable[[OnCheck], Awaitable[None]]
"""Examines a connection and tells each check. Raises ``AppError``."""


class DoctorScreen(Dialog[None]):
    """Esc closes it, and gives the examination up where it still goes on."""

    DEFAULT_CSS = """
    DoctorScreen { align: center middle; }
    DoctorScreen > Vertical {
        width: 100; max-width: 100%; height: 90%; background: $surface; padding: 0 1;
    }
    """
    BINDINGS = [Binding("escape,q,enter", "close", "close", id="doctor.close", priority=True)]

    def __init__(self, connection: str, examine: Examine) -> None:
        super().__init__()
        self._connection = connection
        self._examine = examine
        self._checks: list[Check] = []
        self._working: asyncio.Task[None] | None = None

    def compose(self) -> ComposeResult:
        """A title and the lines."""
        with Vertical():
            yield PieceLine(id="doctor-title")
            yield DocumentView(id="doctor-lines")

    def opened(self) -> None:
        """Begin."""
        self.query_one("#doctor-lines", DocumentView).focus()
        self._tell("looking", "dim")
        self._working = asyncio.create_task(self._work(), name="doctor")

    def on_unmount(self) -> None:
        """Nobody looks any more."""
        if self._working is not None:
            self._working.cancel()

    async def _work(self) -> None:
        try:
            await self._examine(self._take)
        except AppError as error:
            self._tell(error.title, "bad")
            said = [(f"{safe.line(error.title, 200)}: {safe.line(error.message, 2000)}", "bad")]
            self._show([said, *_hints(error.hint, self._cells)])
            return
        self._tell(*_outcome(self._checks))

    def _take(self, check: Check) -> None:
        self._checks.append(check)
        self._show([])

    def _show(self, more: list[list[Span]]) -> None:
        if self.is_mounted and self.is_attached:
            lines = [line for check in self._checks for line in check_lines(check, self._cells)]
            view = self.query_one("#doctor-lines", DocumentView)
            view.show(LinesDocument([*lines, *more]), keep_position=True)

    def _tell(self, outcome: str, ink: str) -> None:
        if self.is_mounted and self.is_attached:
            title = Bit(f"Doctor: {safe.line(self._connection, 40)}", "strong")
            parts = [Bit(f"{safe.line(outcome, 40)}  ", ink), Bit("Esc closes", "dim")]
            self.query_one("#doctor-title", PieceLine).show([title], parts)

    @property
    def _cells(self) -> int:
        """Cells of a line."""
        return max(min(self.app.size.width, 100) - 4, NARROWEST)

    def action_close(self) -> None:
        """Back to the app."""
        self.dismiss(None)


def check_lines(check: Check, cells: int) -> list[list[Span]]:
    """Mark, stage, time and text, wrapped to ``cells``; below it what is advised, then the facts."""
    mark, ink = _MARKS[check.verdict]
    time = "" if check.ms is None else f"{check.ms:.1f} ms"
    text = f"{check.title}: {check.text}" if check.title else check.text
    first: list[Span] = [(f"{mark} ", ink), (f"{check.stage:<{_STAGE}}", "strong"), (f"{time:>10}  ", "dim")]
    quiet = check.verdict is Verdict.SKIPPED
    before = sum(len(part) for part, _ in first)
    said = wrap(safe.line(text, 2000), max(cells - before, NARROWEST // 2)) or [""]
    lines = [[*first, (said[0], "dim" if quiet else "text")]]
    lines += [[(" " * before + part, "text")] for part in said[1:]]
    lines += _hints(check.hint, cells)
    width = max((len(name) for name, _ in check.facts), default=0)
    room = max(cells - width - len(_INDENT) - 2, NARROWEST // 2)
    for name, value in check.facts:
        start, *more = wrap(safe.line(value, 2000), room) or [""]
        lines.append([(f"{_INDENT}{safe.line(name, 60):<{width}}  ", "dim"), (start, "text")])
        lines += [[(" " * (len(_INDENT) + width + 2) + part, "text")] for part in more]
    return lines


def _hints(hint: str, cells: int) -> list[list[Span]]:
    lines: list[list[Span]] = []
    for advice in hint.splitlines():
        parts = wrap(safe.line(advice, 2000), cells - len(_INDENT) - 2)
        lines += [
            [(f"{_INDENT}{'→' if not number else ' '} {part}", "key")] for number, part in enumerate(parts)
        ]
    return lines


def _outcome(checks: list[Check]) -> tuple[str, str]:
    """How it went, and in which ink."""
    failed = next((check.stage for check in checks if check.verdict is Verdict.FAILED), "")
    if failed:
        return f"failed at {failed}", "bad"
    warned = sum(check.verdict is Verdict.WARNING for check in checks)
    if warned:
        return f"{warned} warning{'' if warned == 1 else 's'}", "busy"
    return "all is well", "good"
