"""What the keys of the whole screen do."""

from __future__ import annotations

from typing import TypeVar

from textual.screen import Screen

from mqttx_tui.model.message import Message
from mqttx_tui.ui.copies import Copy
from mqttx_tui.ui.desk import desk
from mqttx_tui.ui.keys import GUARD_SECONDS, KeyGuard
from mqttx_tui.ui.layouts import PANES
from mqttx_tui.ui.panes.messages import MessagesPane
from mqttx_tui.ui.panes.pane import Pane, take_focus
from mqttx_tui.ui.widgets.filter_line import FilterLine

P = TypeVar("P", bound=Pane)


class MainActions(Screen[None]):
    """Actions; the screen itself provides the panes."""

    guard: KeyGuard
    zoomed: bool
    active: str
    list_before: str
    """The list that had the keys last: where Esc goes back to."""

    @property
    def panes(self) -> dict[str, Pane]:
        """The mounted panes by name."""
        raise NotImplementedError

    def show_pane(self, name: str) -> None:
        """Bring a pane on screen and give it the keys."""
        raise NotImplementedError

    def reframe(self) -> None:
        """Lay out again."""
        raise NotImplementedError

    def find_pane(self, kind: type[P]) -> P | None:
        """A mounted pane by its class."""
        pane = self.panes.get(kind.PANE_NAME)
        return pane if isinstance(pane, kind) else None

    @property
    def messages(self) -> MessagesPane:
        """The pane that is always there."""
        pane = self.panes["messages"]
        assert isinstance(pane, MessagesPane)
        return pane

    # where the keys go

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """/ comes before the part that has the keys, so that what follows in one go is typed into the filter;
        fields and the connections, which have a / of their own, keep theirs."""
        if action == "filter":
            field = self.focused is not None and self.focused.check_consume_key("a", "a")
            return not field and self.active != "connections"
        return super().check_action(action, parameters)

    def action_show_pane(self, name: str) -> None:
        """1 to 5."""
        self.show_pane(name)

    def action_next_pane(self, step: int) -> None:
        """Tab: takes what a filter's list offers; next field of the composer, else next pane."""
        if isinstance(self.focused, FilterLine):
            if step > 0 and self.focused.take_offer():
                return
            self.focused.apply()
        pane = self.panes.get(self.active)
        if self.active == "composer" and pane is not None:
            fields = [widget for widget in self.focus_chain if pane in widget.ancestors]
            if self.focused in fields:
                at = fields.index(self.focused) + step
                if 0 <= at < len(fields):
                    take_focus(fields[at])
                    return
        names = [name for name in PANES if name in self.panes]
        self.show_pane(names[(names.index(self.active) + step) % len(names)])

    def action_step_back(self) -> None:
        """Esc: exactly one step."""
        workspace = desk(self).workspace
        if isinstance(self.focused, FilterLine) and self.focused.close_offers():
            return
        if self.messages.close_filter(restore=True):
            return
        pane = self.panes.get(self.active)
        if pane is not None and pane.step_back():
            return
        if self.active == "messages" and self.messages.end_selection():
            return
        if self.active == "composer":
            self.show_pane(self.list_before)
        elif self.zoomed:
            self.action_zoom()
        elif self.active == "inspector":
            self.show_pane(self.list_before)
        elif workspace.narrowing is not None:
            self.messages.narrow(None)

    def action_zoom(self) -> None:
        """z: only the active pane."""
        self.zoomed = not self.zoomed
        self.reframe()

    def action_guarded(self, name: str) -> None:
        """Run an action only when its key stands alone: not inside an unbracketed paste."""
        if not self.guard.alone_so_far:
            return
        number = self.guard.number

        async def run_alone() -> None:
            if self.guard.number == number:
                await self.run_action(name)

        self.set_timer(GUARD_SECONDS, run_alone)

    async def action_list_enter(self) -> None:
        """Enter, by a tap on the footer."""
        if self.focused is not None:
            await self.focused.run_action("row_enter")

    async def action_narrow(self) -> None:
        """Enter in the tree."""
        await self.action_list_enter()

    async def action_fold(self) -> None:
        """Space, by a tap."""
        if self.focused is not None:
            await self.focused.run_action("row_space")

    def action_show_connection(self, connection: int) -> None:
        """A tap on a chip."""
        from mqttx_tui.ui.panes.connections import ConnectionsPane

        self.show_pane("connections")
        if (pane := self.find_pane(ConnectionsPane)) is not None:
            pane.listing.go_to_connection(connection)
            pane.listing.repaint_changes()

    # the stream

    def action_follow(self) -> None:
        """f: the newest message."""
        self.messages.action_follow()

    def action_pause(self) -> None:
        """Space, by a tap."""
        self.messages.stream.action_row_space()

    def copies_here(self) -> list[Copy]:
        """What the part that has the keys copies, besides the message."""
        return []

    def action_filter(self) -> None:
        """/: type a filter."""
        self.show_pane("messages")
        self.messages.open_filter()

    def action_copy(self) -> None:
        """y: what is copied depends on where the keys go."""

    def chosen_topic(self) -> tuple[int, str] | None:
        """Connection and topic under the cursor of tree or stream."""
        from mqttx_tui.ui.panes.topics import TopicsPane

        if self.active == "topics" and (pane := self.find_pane(TopicsPane)) is not None:
            chosen = pane.selected_topic()
            return chosen if chosen is not None and chosen[1] else None
        message = self.selected_message(payload=0)
        return (message.connection, message.topic) if message is not None and message.topic else None

    def selected_message(self, *, payload: int = 65536) -> Message | None:
        """The message under the cursor of the stream where that has the keys, else the one that is shown."""
        app = desk(self)
        chosen = app.workspace.selected_id
        if self.active == "messages":  # while it follows, inspector and peek lag behind it
            chosen = self.messages.stream_model.cursor_id or chosen
        return app.reader.message(chosen, payload=payload) if app.reader is not None and chosen else None
