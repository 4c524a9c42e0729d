"""What the composer gets back: messages sent before, and messages saved in the profile."""

from __future__ import annotations

import asyncio

from textual import on

from mqttx_tui.model.errors import AppError
from mqttx_tui.model.state import ConnectionSnapshot
from mqttx_tui.ui.composer_payload import ComposerPayload
from mqttx_tui.ui.draft import Draft
from mqttx_tui.ui.panes.pane import take_focus
from mqttx_tui.ui.publish_history import Entry, PublishHistory
from mqttx_tui.ui.widgets.payload_area import PayloadArea


class ComposerRecall(ComposerPayload):
    """History and saved messages."""

    def __init__(self) -> None:
        super().__init__()
        self.history = PublishHistory()
        self._loading: asyncio.Task[str] | None = None
        self._recalled: Draft | None = None
        """What the last recall put into the fields."""
        self._typed: Draft | None = None
        """What stood there before: the newest of all."""
        self._place = -1
        self._unwritten = False

    # history

    async def loaded_history(self) -> PublishHistory:
        """The history, read once."""
        first = self._loading is None
        if self._loading is None:
            self._loading = asyncio.create_task(asyncio.to_thread(self.history.load))
        problem = await asyncio.shield(self._loading)
        if first and problem:
            self.desk.say("warning", problem)
        return self.history

    def remember(self, draft: Draft, target: ConnectionSnapshot) -> None:
        """A message went out."""
        self._place = -1
        entry = Entry(self.desk.workspace.clock(), target.key, draft)
        self.desk.run_task(self._remember(entry), "history")

    async def _remember(self, entry: Entry) -> None:
        history = await self.loaded_history()
        if not history.add(entry):
            return
        try:
            await asyncio.to_thread(history.write, entry)
        except AppError as error:
            if not self._unwritten:
                self._unwritten = True
                self.desk.say("warning", f"{error.title}: {error.message}")

    @on(PayloadArea.Recall)
    def _recall_wanted(self, event: PayloadArea.Recall) -> None:
        self.desk.run_task(self._recall(event.step), "history")

    def action_recall(self, step: int) -> None:
        """Up and Down in the topic."""
        if step > 0 and self._place < 0:
            take_focus(self._payload)
        else:
            self.desk.run_task(self._recall(step), "history")

    async def _recall(self, step: int) -> None:
        entries = (await self.loaded_history()).matching(raw=self.raw)
        now = self.draft
        if self._place < 0 or now != self._recalled:
            self._typed, self._place = now, -1
        place = self._place - step
        while 0 <= place < len(entries) and self._place < 0 and entries[place].draft == now:
            place -= step  # the newest often stands in the fields already
        if self._typed is None or place >= len(entries) or place < -1:
            if step < 0:
                self.tell("nothing older was published", "dim")
            return
        self._place = place
        await self.put_draft(self._typed if place < 0 else entries[place].draft)
        self._recalled = self.draft
        self.tell("" if place < 0 else f"published before, {place + 1} of {len(entries)}", "dim")

    async def put_draft(self, draft: Draft, connection: int | None = None) -> None:
        """Put a draft into the fields; looks how large its file is."""
        size = await asyncio.to_thread(_size, draft.file) if draft.file else 0
        self.open_draft(draft, connection, size=size)

    def action_search_history(self) -> None:
        """Ctrl+R: a list of what was published."""
        self.desk.run_task(self._search_history(), "history")

    async def _search_history(self) -> None:
        from mqttx_tui.ui.dialogs import ask_screen
        from mqttx_tui.ui.screens.publish_history import HistoryScreen

        entries = (await self.loaded_history()).matching(raw=self.raw)
        chosen: Draft | None = await ask_screen(self.app, HistoryScreen(entries, self.desk.workspace.clock()))
        if chosen is not None:
            await self.put_draft(chosen)
            self.desk.show_pane("composer")
            self.focus_payload()

    # saved messages

    def action_saved_messages(self) -> None:
        """Ctrl+O: the messages of the target's profile."""
        from mqttx_tui.ui.saved_dialogs import open_saved

        self.desk.run_task(open_saved(self), "saved messages")

    def action_save_message(self) -> None:
        """Ctrl+S: save what the fields hold in the target's profile."""
        from mqttx_tui.ui.saved_dialogs import save_draft

        self.desk.run_task(save_draft(self), "save")


def _size(path: str) -> int:
    from pathlib import Path

    try:
        return Path(path).expanduser().stat().st_size
    except OSError:
        return 0
