"""What all dialogs have in common."""

from __future__ import annotations

from typing import TypeVar

from textual.await_complete import AwaitComplete
from textual.command import CommandInput, CommandPalette
from textual.css.query import NoMatches
from textual.screen import ModalScreen

T = TypeVar("T")


class Dialog(ModalScreen[T]):
    """A screen over the others. Textual closes whatever is on top: a second Esc would close what is below."""

    def on_mount(self) -> None:
        """Fill the parts in, unless it was closed, or the app with it, before they were there."""
        try:
            self.opened()
        except NoMatches:
            # Textual mounts no parts once the app has a return code or the screen is no longer displayed.
            if self.is_active and self.display and self.app.return_code is None:
                raise

    def opened(self) -> None:
        """The parts are there: fill them in."""

    def dismiss(self, result: T | None = None) -> AwaitComplete:
        """Close it once."""
        return super().dismiss(result) if self.is_active else AwaitComplete()


_NAMES_ONLY = r"[^\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]*"
"""What a command may be searched by: Textual paints it as it stands."""


class Palette(CommandPalette):
    """Textual's command palette, closed once; nothing that is no text gets into its field."""

    def on_mount(self) -> None:
        """Refuse control characters, also in a paste, without ringing a bell."""
        for field in self.query(CommandInput):
            field.restrict = _NAMES_ONLY
            field.restricted = lambda: None  # type: ignore[method-assign]

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Close it once."""
        return super().dismiss(result) if self.is_active else AwaitComplete()
