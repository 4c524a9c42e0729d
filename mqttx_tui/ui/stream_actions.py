"""What the keys of the stream do that open a question or move through matches."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from mqttx_tui.model.errors import InputError
from mqttx_tui.ui.desk import desk
from mqttx_tui.ui.general_actions import GeneralActions
from mqttx_tui.ui.safe import line
from mqttx_tui.ui.stream_model import SINCE_MARK, SINCE_PREVIOUS
from mqttx_tui.ui.widgets.stream_row import clock_text

if TYPE_CHECKING:
    from mqttx_tui.ui.exclusion import Excluded
    from mqttx_tui.ui.screens.trace import TraceScreen

_TIMES = {SINCE_PREVIOUS: "times since the row before", SINCE_MARK: "times since the mark"}

LOOK_AGAIN = 0.02
"""Seconds between looks at how far a search has come."""


class StreamActions(GeneralActions):
    """Matches, marks, times, what is left out, and copying more than the payload."""

    _excluded_last: Excluded | None = None

    # matches

    def action_match(self, step: int) -> None:
        """n and N: the next or previous match of the last filter or marked topic."""
        if self.messages.finding.seeking.wanted is None:
            desk(self).say("info", "nothing to look for yet: / or *")
            return
        desk(self).run_task(self._go_to_match(step), "match")

    async def _go_to_match(self, step: int) -> None:
        pane = self.messages
        found, sure = pane.finding.seeking.nearest(step)
        while not sure:
            await asyncio.sleep(LOOK_AGAIN)
            found, sure = pane.finding.seeking.nearest(step)
        if found is None:
            desk(self).say("info", f"no {'further' if step > 0 else 'former'} match")
            return
        pane.stream_model.go_to(found)
        self._stream_changed()
        desk(self).select_message(found)

    def action_mark_topic(self) -> None:
        """*: highlight the topic under the cursor, and n and N go through its messages."""
        chosen = self.chosen_topic()
        if chosen is None:
            desk(self).say("info", "put the cursor on a topic")
            return
        if self.messages.finding.seeking.use_topic(chosen[1]):
            desk(self).say("info", f"{line(chosen[1], 60)} · n next, N previous, * again ends")
        self._stream_changed()

    # marks and times

    def action_mark(self) -> None:
        """m: a mark at the newest message, or at the one under the cursor of a held page."""
        pane = self.messages
        mark = pane.stream_model.mark(int(desk(self).workspace.clock() * 1e9))
        pane.finding.mark_set()
        self._stream_changed()
        desk(self).say("info", f"mark at {clock_text(mark.at, 12)} · : From here on · / at > mark")

    def action_from_here(self) -> None:
        """Only what came after the mark; without one it is set now."""
        pane = self.messages
        if pane.stream_model.marks.newest is None:
            self.action_mark()
        text = pane.finding.text
        if "at > mark" not in text:
            pane.finding.use(f"({text}) at > mark" if text else "at > mark")
            pane.finding.seek_on()
            pane.filter_line.remember(pane.finding.text)
        self.show_pane("messages")
        self.action_follow()

    def action_time_column(self) -> None:
        """a: absolute times, since the row before, since the mark."""
        times = self.messages.stream_model.next_times()
        self._stream_changed()
        desk(self).say("info", _TIMES.get(times, "times of day"))

    def action_jump_to_time(self) -> None:
        """Ask for a time and put the cursor on the first message from then on."""
        desk(self).run_task(self._jump_to_time(), "jump")

    async def _jump_to_time(self) -> None:
        from mqttx_tui.capture.filters.literals import moment
        from mqttx_tui.capture.filters.moments import instant
        from mqttx_tui.ui.dialogs import ask_screen
        from mqttx_tui.ui.screens.ask import TextPrompt

        answer = await ask_screen(self.app, TextPrompt("Jump to  12:30:01.5, 2026-11-21T12:30, -5m, mark"))
        reader, model = desk(self).reader, self.messages.stream_model
        if not answer or reader is None:
            return
        try:
            found = moment(answer.strip())
        except ValueError as error:
            raise InputError(str(error), title="No such time") from None
        at = instant(found, self.messages.finding.context()) if found is not None else None
        if at is None:
            hint = (
                "m sets a mark" if found is not None else "for example 12:30, 2026-11-21T12:30, -5m or mark"
            )
            raise InputError("this is no time that can be jumped to", title="No such time", hint=hint)
        first = reader.id_at(at)
        if first is None or not model.count:
            raise InputError("there are no messages", title="Nowhere to jump to")
        model.go_to(first)
        self.show_pane("messages")
        self._stream_changed()

    def _stream_changed(self) -> None:
        pane = self.messages
        pane.stream.repaint_changes()
        pane.sync_title()

    # what is left out

    def action_exclude(self) -> None:
        """x: leave a topic out; on a connection, disconnect."""
        from mqttx_tui.ui.exclusion import Excluded, exclude
        from mqttx_tui.ui.panes.connections import ConnectionsPane
        from mqttx_tui.ui.panes.topics import TopicsPane

        if self.active == "connections":
            if (pane := self.find_pane(ConnectionsPane)) is not None:
                pane.disconnect()
            return
        noise = self.messages.noise() if self.active == "messages" else None
        chosen = (noise.connection, noise.filter) if noise is not None else self.chosen_topic()
        engine = desk(self).workspace.engine
        down = desk(self).workspace.down if self.messages.stream_model.count == 0 else None
        if chosen is None and engine is not None and down is not None and down.id is not None:
            desk(self).run_task(engine.disconnect(down.id), "disconnect")
            return
        if chosen is None or engine is None:
            desk(self).say("info", "put the cursor on a topic")
            return
        connection, topic = chosen
        tree = self.find_pane(TopicsPane) if self.active == "topics" else None
        if tree is not None and tree.on_branch:
            topic += "/#"
        self._excluded_last = Excluded(connection, topic)
        desk(self).run_task(exclude(desk(self), connection, topic), "exclude")

    def action_keep_excluded(self) -> None:
        """X: what was excluded last stays so: it is written into the profile."""
        from mqttx_tui.ui.exclusion import keep

        if self._excluded_last is None:
            desk(self).say("info", "nothing was excluded yet: x leaves the topic under the cursor out")
        else:
            desk(self).run_task(keep(desk(self), self._excluded_last), "keep")

    def action_show_excluded(self) -> None:
        """Show a topic again that is left out."""
        from mqttx_tui.ui.exclusion import show_again

        desk(self).run_task(show_again(self.app, desk(self)), "show again")

    # copying

    def action_copy(self) -> None:
        """y: the payloads of the selected rows; with none, what the other parts copy."""
        from mqttx_tui.ui.copying_rows import copy_rows

        if self._rows_chosen:
            desk(self).run_task(copy_rows(self.app, desk(self), self.messages.stream.chosen_rows), "copy")
        else:
            super().action_copy()

    def action_copy_menu(self) -> None:
        """Y: what to copy of the selected message, or how of the selected rows."""
        from mqttx_tui.ui.copying import COPIED_BYTES, copy_menu

        if self._rows_chosen:
            from mqttx_tui.ui.copying_rows import rows_menu

            desk(self).run_task(rows_menu(self.app, desk(self), self.messages.stream.chosen_rows), "copy")
            return
        message = self.selected_message(payload=COPIED_BYTES)
        if message is None:
            desk(self).say("info", "no message is selected")
            return
        desk(self).run_task(copy_menu(self.app, desk(self), message, self.copies_here()), "copy")

    def action_trace(self) -> None:
        """w: the packets, from that of the message under the cursor or the newest one on."""
        from mqttx_tui.ui.screens.trace import TraceScreen

        reader = desk(self).reader
        if reader is None:
            desk(self).say("info", "nothing was captured yet")
            return
        model = self.messages.stream_model
        message = None if model.follow else model.cursor_id
        desk(self).run_task(self._trace(TraceScreen(reader.trace, reader.connections(), message)), "trace")

    async def _trace(self, screen: TraceScreen) -> None:
        from mqttx_tui.ui import dialogs

        message = await dialogs.ask_screen(self.app, screen)
        if message is not None:
            self.messages.stream_model.go_to(message)
            self.show_pane("messages")
            desk(self).select_message(message)

    def action_plain_view(self) -> None:
        """c: the page and the payload at full width, without borders, for the terminal's own selection."""
        from mqttx_tui.ui.plain_text import MOST_ROWS, PAYLOAD_BYTES, payload_text, rows_text
        from mqttx_tui.ui.screens.plain import PlainScreen

        reader, workspace, stream = desk(self).reader, desk(self).workspace, self.messages.stream
        if reader is None:
            return

        def letter(connection: int) -> str:
            return workspace.letter(connection)[0] if workspace.letters_shown else ""

        chosen = stream.chosen_rows.ids(MOST_ROWS)
        rows = rows_text(reader, chosen or stream.ids_shown, letter)
        texts = [("selected rows" if chosen else "page", rows)]
        message = self.selected_message(payload=PAYLOAD_BYTES)
        if message is not None:
            texts.append(("payload", payload_text(message)))
        if self.active != "messages":
            texts.reverse()
        self.app.push_screen(PlainScreen(texts))

    @property
    def _rows_chosen(self) -> bool:
        return self.active == "messages" and self.messages.stream.chosen_rows.count > 0
