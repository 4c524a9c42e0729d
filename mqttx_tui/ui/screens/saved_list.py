"""The saved messages of one profile: fill the composer, send, edit, delete."""

from __future__ import annotations

from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical

from mqttx_tui.model.profile import SavedMessage
from mqttx_tui.ui import safe
from mqttx_tui.ui.saved_messages import draft_of, flags_of
from mqttx_tui.ui.screens.dialog import Dialog
from mqttx_tui.ui.screens.publish_history import draft_pieces
from mqttx_tui.ui.widgets.ink import Piece
from mqttx_tui.ui.widgets.pick_list import PickList
from mqttx_tui.ui.widgets.piece_line import Bit, PieceLine

NOTE = "none yet: Ctrl+S in the composer saves what it holds, n makes a new one"
WIDTH_WITH_FLAGS = 76


@dataclass(frozen=True, slots=True)
class SavedChoice:
    """What to do (``fill``, ``send``, ``edit``, ``delete``, ``new``) with which message."""

    verb: str
    place: int = 0


class SavedScreen(Dialog[SavedChoice | None]):
    """Dismisses with what is to be done; the caller does it and may open it again."""

    DEFAULT_CSS = """
    SavedScreen { align: center middle; }
    SavedScreen > Vertical {
        width: 110; max-width: 100%; height: 20; max-height: 90%; background: $surface; padding: 0 1;
    }
    SavedScreen PickList { height: 1fr; margin: 1 0; }
    """
    BINDINGS = [
        Binding("escape,q,alt+q", "close", "back", id="saved.close"),
        Binding("f5", "choose('send')", "send at once", id="saved.send"),
        Binding("e,alt+e", "choose('edit')", "edit", id="saved.edit"),
        Binding("n,alt+n", "choose('new')", "new", id="saved.new"),
        Binding("delete", "choose('delete')", "delete", id="saved.delete"),
    ]

    def __init__(self, label: str, messages: tuple[SavedMessage, ...], *, place: int = 0) -> None:
        super().__init__()
        self._label = label
        self._messages = messages
        self._first = place

    def compose(self) -> ComposeResult:
        """Title, list, keys."""
        with Vertical():
            yield PieceLine(id="saved-title")
            yield PickList(id="saved-list")
            yield PieceLine(id="saved-keys")

    def opened(self) -> None:
        """Fill the list in once its width is known."""
        title = [Bit("Saved messages of ", "strong"), Bit(safe.line(self._label, 60), "in")]
        self.query_one("#saved-title", PieceLine).show(title)
        keys = (
            ("Enter", "take", "choose('fill')"),
            ("F5", "send", "choose('send')"),
            ("e", "edit", "choose('edit')"),
            ("n", "new", "choose('new')"),
            ("Del", "delete", "choose('delete')"),
            ("Esc", "back", "close"),
        )
        bits = [
            bit
            for key, does, action in keys
            for bit in (Bit(key, "in", action), Bit(f" {does}  ", "dim", action))
        ]
        self.query_one("#saved-keys", PieceLine).show(bits)
        listing = self.query_one("#saved-list", PickList)
        listing.focus()
        self.call_after_refresh(self._fill)

    def _fill(self) -> None:
        listing = self.query_one("#saved-list", PickList)
        listing.put(
            [self._row(one, listing.size.width) for one in self._messages], note=NOTE, place=self._first
        )

    def _row(self, message: SavedMessage, width: int) -> list[Piece]:
        name = min(max(width * 24 // 100, 12), 28)
        pieces: list[Piece] = [(safe.fit(safe.line(message.name, 100), name) + " ", "strong")]
        flags = safe.line(flags_of(message), 100)
        if flags and width >= WIDTH_WITH_FLAGS:
            pieces.append((safe.fit(flags, 20) + " ", "busy"))
        elif width >= WIDTH_WITH_FLAGS:
            pieces.append((" " * 21, "dim"))
        else:
            pieces.append(("⟳ " if flags else "  ", "busy"))
        return [*pieces, *draft_pieces(draft_of(message), width - 40 if width >= WIDTH_WITH_FLAGS else width)]

    @on(PickList.Picked)
    def _picked(self) -> None:
        self.action_choose("fill")

    def action_choose(self, verb: str) -> None:
        """Do something with the message under the cursor."""
        if self._messages or verb == "new":
            self.dismiss(SavedChoice(verb, self.query_one("#saved-list", PickList).place))

    def action_close(self) -> None:
        """Back to the composer."""
        self.dismiss(None)
