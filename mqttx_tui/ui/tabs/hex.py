"""Hex: every byte of the payload, and what the bytes at the cursor mean."""

from __future__ import annotations

from textual.app import ComposeResult

from mqttx_tui.model.message import Message
from mqttx_tui.ui.copies import Copy
from mqttx_tui.ui.inspection import reader_of
from mqttx_tui.ui.panes.pane import Hint
from mqttx_tui.ui.tabs.tab import Tab
from mqttx_tui.ui.widgets.hex_view import HexView
from mqttx_tui.ui.widgets.piece_line import Bit


class HexTab(Tab):
    """A hex dump as wide as there is room for, with a cursor."""

    TAB_NAME = "Hex"
    TAB_HELP = (
        "Hex reaches every byte of the payload, however long it is. The arrows move from byte to byte; below "
        "the dump stands what the bytes from there on may mean. y copies the byte, Y any of its meanings."
    )

    TAB_HINTS = (Hint("y", "copy", "copy"), Hint("Y", "meanings", "copy_menu"))

    def __init__(self) -> None:
        super().__init__()
        self.view = HexView(id=f"{self.id}-view")

    def compose(self) -> ComposeResult:
        """The dump and its block."""
        yield self.view

    def show(self, message: Message, *, keep_position: bool) -> None:
        """Read as it is scrolled to."""
        reader = self.desk.reader
        if reader is not None:
            read = reader_of(reader.payload, message.id)
            self.view.show(read, message.payload_size, keep_position=keep_position)

    def copies(self) -> list[Copy]:
        """The byte under the cursor, and its meanings."""
        return self.view.copies()

    def title_right(self) -> list[Bit]:
        """Where the cursor is."""
        return [Bit(f" {self.view.place_text()}", "dim")]
