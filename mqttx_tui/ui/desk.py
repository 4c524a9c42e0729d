"""What panes and dialogs may ask of the app, without knowing it."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, Protocol, cast

from textual.widget import Widget

from mqttx_tui.ui.keymap import Keymap
from mqttx_tui.ui.workspace import Workspace

if TYPE_CHECKING:
    from mqttx_tui.capture.reader import CaptureReader


class Desk(Protocol):
    """The app as its parts see it."""

    @property
    def workspace(self) -> Workspace:
        """Connections, counters, notices, selection."""

    @property
    def reader(self) -> CaptureReader | None:
        """The event loop's own reader: short reads only."""

    @property
    def capture_path(self) -> str:
        """For readers in threads of their own; empty before there is a capture."""

    @property
    def keymap_now(self) -> Keymap:
        """The keys that a person chose."""

    def say(self, level: str, text: str) -> None:
        """Tell the person, in the reserved line; ``level``: info, warning, error."""

    def show_hint(self, hint: tuple[str, str] | None) -> None:
        """Read back what is being typed (text and ink) in the reserved line, at once; None ends it."""

    def run_task(self, work: Coroutine[Any, Any, object], what: str = "") -> None:
        """Run a coroutine beside the loop; an ``AppError`` of it is told the person."""

    def select_message(self, message_id: int | None) -> None:
        """Show a message in inspector and peek."""

    def show_pane(self, pane: str) -> None:
        """Bring a pane on screen and focus it (names: ``layouts.PANES``)."""

    def reframe(self) -> None:
        """Lay the screen out again (a pane wants another height)."""


def desk(widget: Widget) -> Desk:
    """The app of a widget."""
    return cast(Desk, widget.app)
