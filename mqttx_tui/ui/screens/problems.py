"""What is wrong with a connection in the profile file, and the lines where it stands."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePath

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical

from mqttx_tui.profiles.problems import Problem
from mqttx_tui.ui import safe
from mqttx_tui.ui.screens.dialog import Dialog
from mqttx_tui.ui.widgets.document import LinesDocument, Span
from mqttx_tui.ui.widgets.document_view import DocumentView
from mqttx_tui.ui.widgets.piece_line import Bit, PieceLine

AROUND = 2
"""Lines of the file that are shown above and below the one in question."""
_SECRET = re.compile(
    r"((?:password|passwd|passphrase|token|secret|authorization|cookie|api-?key)[\w-]*[\"']?\s*[:=]\s*)"
    r"(\"(?!\$\{)[^\"]*\"?|'(?!\$\{)[^']*'?)",
    re.IGNORECASE,
)
_USERINFO = re.compile(r"(://)[^\s/?#@\"']+@")
_QUERY = re.compile(r"(://[^\s\"'?]*\?)[^\s\"']+")


class ProblemScreen(Dialog[str]):
    """Dismisses with ``e`` (an editor), ``f`` (the form) or ""."""

    DEFAULT_CSS = """
    ProblemScreen { align: center middle; }
    ProblemScreen > Vertical {
        width: 100; max-width: 100%; height: 70%; min-height: 10; max-height: 100%;
        background: $surface; padding: 0 1;
    }
    """
    BINDINGS = [
        Binding("escape,q", "choose('')", "back", id="problem.close"),
        Binding("e,enter", "choose('e')", "edit in $EDITOR", id="problem.edit", priority=True),
        Binding("f", "choose('f')", "edit in the form", id="problem.form"),
    ]

    def __init__(self, connection: str, problems: Sequence[Problem], text: str, *, form: bool) -> None:
        super().__init__()
        self._connection = connection
        self._form = form
        self._problems = list(problems)
        self._text = text

    def compose(self) -> ComposeResult:
        """Title, message and lines, keys."""
        with Vertical():
            yield PieceLine(id="problem-title")
            yield DocumentView(id="problem-lines")
            yield PieceLine(id="problem-keys")

    def opened(self) -> None:
        """Fill them in."""
        self.query_one("#problem-title", PieceLine).show(
            [Bit("✗ ", "bad"), Bit(f"{safe.line(self._connection, 40)} ", "strong")],
            [Bit(PurePath(self._problems[0].file).name if self._problems else "", "dim")],
        )
        bits = [Bit("e", "in", "choose('e')"), Bit(" edit in $EDITOR   ", "dim")]
        if self._form:
            bits += [Bit("f", "in", "choose('f')"), Bit(" in the form   ", "dim")]
        bits += [Bit("Esc", "in", "choose('')"), Bit(" back", "dim")]
        self.query_one("#problem-keys", PieceLine).show(bits)
        view = self.query_one("#problem-lines", DocumentView)
        cells = max(min(self.app.size.width, 100) - 4, 20)
        view.show(LinesDocument(problem_lines(self._problems, self._text, cells)))
        view.focus()

    def action_choose(self, key: str) -> None:
        """Close with what was chosen."""
        if key != "f" or self._form:
            self.dismiss(key)


def problem_lines(problems: Sequence[Problem], text: str, cells: int) -> list[list[Span]]:
    """Each problem with its hint and the lines around it; secrets in them are hidden."""
    written = text.split("\n")
    lines: list[list[Span]] = []
    for problem in problems:
        lines.append([])
        said = f"{problem.place}: {problem.text}" if problem.place else problem.text
        said = f"line {problem.line}: {said}" if problem.line else said
        lines += [[(part, "text")] for part in _wrapped(safe.line(said, 1000), cells)]
        if problem.hint:
            lines += [
                [(part, "literal")] for part in _wrapped(safe.line(f"Try: {problem.hint}", 1000), cells)
            ]
        lines.append([])
        first = max(problem.line - AROUND, 1)
        for number in range(first, min(problem.line + AROUND, len(written)) + 1) if problem.line else ():
            here = number == problem.line
            shown = safe.line(hidden(written[number - 1]), 1000)
            lines.append(
                [(f"{'›' if here else ' '}{number:>5}  ", "key"), (shown, "text" if here else "dim")]
            )
    return lines[1:]


def hidden(written: str) -> str:
    """A line of the file without the secrets that stand in it."""
    text = _SECRET.sub(r'\1"********"', written)
    return _QUERY.sub(r"\1********", _USERINFO.sub(r"\1********@", text))


def _wrapped(text: str, cells: int) -> list[str]:
    lines = [""]
    for word in text.split(" "):
        if lines[-1] and safe.width(lines[-1]) + 1 + safe.width(word) > cells:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}" if lines[-1] else word
    return lines
