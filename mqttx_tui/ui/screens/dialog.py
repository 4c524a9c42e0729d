"""What all dialogs have in common."""

from __future__ import annotations

from typing import TypeVar

from textual.await_complete import AwaitComplete
from textual.command import CommandPalette
from textual.screen import ModalScreen

T = TypeVar("T")


class Dialog(ModalScreen[T]):
    """A screen over the others. Textual closes whatever is on top: a second Esc would close what is below."""

    def dismiss(self, result: T | None = None) -> AwaitComplete:
        """Close it once."""
        return super().dismiss(result) if self.is_active else AwaitComplete()


class Palette(CommandPalette):
    """Textual's command palette, closed once."""

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Close it once."""
        return super().dismiss(result) if self.is_active else AwaitComplete()
