"""What can be done with the composer's payload: laid out anew, checked, edited outside, loaded."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from mqttx_tui.model import shown
from mqttx_tui.model.errors import AppError, InputError
from mqttx_tui.payload.jsontext import JsonTextError
from mqttx_tui.ui.composer_sending import ComposerSending
from mqttx_tui.ui.draft import Draft, from_file
from mqttx_tui.ui.draft_problem import Problem, problem_of
from mqttx_tui.ui.panes.pane import take_focus
from mqttx_tui.ui.widgets.piece_line import Bit

SUFFIXES = {"json": ".json", "text": ".txt", "hex": ".txt", "base64": ".txt"}
CHECKED_CHARACTERS = 200_000
"""Longer JSON is only checked when it is sent: it takes a second to find the place of a mistake."""


class ComposerPayload(ComposerSending):
    """Payload commands."""

    def __init__(self) -> None:
        super().__init__()
        self._problem: Problem | None = None

    # checking

    def check_payload(self) -> None:
        """Say under the payload whether it fits its format; the line is there for every format but
        text, so that nothing moves while it is typed."""
        draft = self.draft
        checked = (draft.format != "text" or draft.template) and not draft.file
        self._problem_line.set_class(checked, "-on")
        long = draft.format == "json" and len(draft.payload) > CHECKED_CHARACTERS
        if not checked or long:
            self._problem = None
            size = len(draft.payload.encode("utf-8", "replace"))
            self._bytes.update("" if draft.file else shown.size(size))
            self._problem_line.show([])
            return
        self._problem, size = problem_of(draft)
        self._bytes.update("" if self._problem else shown.size(size))
        if self._problem is None:
            words = "a template" if draft.template else "empty" if draft.empty else f"{draft.format}, good"
            self._problem_line.show([Bit(words, "dim")])
            return
        jump = [Bit("^G ", "in", "composer_problem")] if self._problem.line else []
        self._problem_line.show([*jump, Bit(f"✗ {self._problem.text}", "bad", "composer_problem")])

    def action_go_to_problem(self) -> None:
        """Ctrl+G: the cursor to the place that does not fit the format."""
        self.check_payload()
        if self._problem is None or not self._problem.line:
            self.tell("nothing is wrong with the payload", "dim")
            return
        self._payload.go_to(self._problem.line, self._problem.column)
        take_focus(self._payload)

    def action_relayout(self) -> None:
        """Ctrl+F: JSON indented, or on one line where it is already."""
        from mqttx_tui.payload.relayout import relayout

        self._change(relayout)

    def action_minify(self) -> None:
        """JSON on one line."""
        from mqttx_tui.payload.relayout import minify

        self._change(minify)

    def action_indent(self) -> None:
        """JSON with an indent."""
        from mqttx_tui.payload.jsontext import pretty

        self._change(pretty)

    def _change(self, change: object) -> None:
        draft = self.draft
        if draft.file or draft.secret or draft.format in ("hex", "base64"):
            self.tell("only text and JSON can be laid out anew", "dim")
            return
        assert callable(change)
        try:
            self._payload.put(change(draft.payload))
        except JsonTextError as error:
            self.tell(f"✗ Not JSON: {error}", "bad")
            self._payload.go_to(error.line, error.column)

    # $EDITOR

    def action_external_editor(self) -> None:
        """Ctrl+E: the payload in $EDITOR."""
        if self._payload.file or self._is_secret:
            self.tell("a file or a secret is not edited here", "dim")
            return
        self.desk.run_task(self._edit_outside(), "editor")

    async def _edit_outside(self) -> None:
        from mqttx_tui.ui.external_editor import edit_outside

        draft = self.draft
        try:
            text = await edit_outside(self.app, draft.payload, SUFFIXES[draft.format])
        except AppError as error:
            self.refused(error)
            return
        if not draft.payload.endswith("\n"):
            text = text.removesuffix("\n").removesuffix("\r")  # editors end the last line
        if text == draft.payload:
            self.tell("the editor changed nothing", "dim")
        else:
            self._payload.put(text)
            self.tell("taken from the editor, not sent yet", "dim")
        self.desk.show_pane("composer")
        self.focus_payload()

    # files

    def action_load_file(self) -> None:
        """Ctrl+L: the payload from a file."""
        self.desk.run_task(self._load_file(), "file")

    async def _load_file(self) -> None:
        from mqttx_tui.ui.dialogs import ask_screen
        from mqttx_tui.ui.screens.ask import TextPrompt

        asked = TextPrompt(
            "Payload from a file (~ is your home; over 1 MB it is sent from there)", self._payload.file
        )
        path: str | None = await ask_screen(self.app, asked)
        if not path:
            return
        try:
            loaded, size = await asyncio.to_thread(_read, path.strip())
        except AppError as error:
            self.refused(error)
            return
        draft = self.draft
        self.open_draft(
            replace(draft, payload=loaded.payload, format=loaded.format, file=loaded.file, secret=False),
            size=size,
        )
        self.tell("" if loaded.file else f"loaded {path.strip()}", "dim")
        self.focus_payload()


def _read(path: str) -> tuple[Draft, int]:
    """The payload of a file, and its size. Raises ``InputError``."""
    loaded = from_file(path)
    try:
        return loaded, Path(path).expanduser().stat().st_size
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}", title="Not loaded") from None
