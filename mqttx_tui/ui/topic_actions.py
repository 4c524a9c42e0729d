"""What the keys of the topic tree do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mqttx_tui.model.errors import InputError
from mqttx_tui.ui.desk import desk
from mqttx_tui.ui.main_actions import MainActions
from mqttx_tui.ui.safe import line
from mqttx_tui.ui.widgets.filter_line import FilterLine

if TYPE_CHECKING:
    from mqttx_tui.ui.clearing import Clearing
    from mqttx_tui.ui.paced import Paced

ONLY_SEEN = "Only topics that were seen retained here are meant."


class TopicActions(MainActions):
    """The filter of the tree, sorting, clearing what the broker retains."""

    clearing: Clearing | None = None
    """The last clearing, for its undo."""
    paced: Paced | None = None
    """What publishes many messages right now."""

    # clearing

    def action_remove(self) -> None:
        """Del: clear retained messages; delete a connection."""
        from mqttx_tui.ui.panes.connections import ConnectionsPane
        from mqttx_tui.ui.panes.topics import TopicsPane

        if self.active == "connections" and (pane := self.find_pane(ConnectionsPane)) is not None:
            pane.delete()
        elif self.active == "topics" and self.find_pane(TopicsPane) is not None:
            desk(self).run_task(self._clear_retained())

    async def _clear_retained(self) -> None:
        from mqttx_tui.ui import dialogs
        from mqttx_tui.ui.clearing import Clearing
        from mqttx_tui.ui.panes.topics import TopicsPane

        pane = self.find_pane(TopicsPane)
        found = pane.retained_below() if pane is not None else None
        if found is None:
            return
        if not found.wanted:
            desk(self).say("info", "nothing was seen retained here")
            return
        paced = self._begin_pace(found.connection, "cleared {} of " + f"{len(found.wanted):,}")
        shown = line(found.label, 60)
        filtered = " that match the filter" if pane is not None and pane.topics.filtered else ""
        question = f"Clear {len(found.wanted):,} retained messages below {shown}{filtered}? {ONLY_SEEN}"
        if len(found.wanted) == 1:
            question = f"Clear the retained message of {line(found.wanted[0].topic, 60)} (1 topic)?"
        if not await dialogs.confirm(self.app, question, yes="Clear"):
            return
        clearing = Clearing(found.connection, found.label, found.wanted)
        self.paced = paced
        try:
            outcome = await clearing.run(paced, desk(self).capture_path)
        finally:
            self._end_pace()
        if clearing.cleared:
            self.clearing = clearing
        stopped = f"{outcome.stopped}: " if outcome.stopped else ""
        text = f"{stopped}cleared {outcome.done:,} of {len(found.wanted):,}{outcome.troubles()}"
        undo = " · : Undo the last clearing" if clearing.cleared else ""
        desk(self).say("warning" if outcome.failed or stopped else "info", text + undo)

    def action_undo_clearing(self) -> None:
        """Put back what was cleared last."""
        desk(self).run_task(self._undo_clearing(), "undo")

    async def _undo_clearing(self) -> None:
        from mqttx_tui.ui import dialogs

        clearing, workspace = self.clearing, desk(self).workspace
        if clearing is None or not clearing.cleared:
            desk(self).say("info", "nothing was cleared that could be put back")
            return
        count = len(clearing.cleared)
        paced = self._begin_pace(clearing.connection, "put back {} of " + f"{count:,}")
        question = (
            f"Publish {count:,} retained messages below {line(clearing.label, 60)} again, as they were "
            "captured? Topics with a newer message are left alone."
        )
        if not await dialogs.confirm(self.app, question, yes="Publish"):
            return
        snapshot = workspace.snapshots.get(clearing.connection)
        self.paced = paced
        try:
            outcome, left = await clearing.undo(
                paced,
                desk(self).capture_path,
                version5=snapshot is not None and snapshot.version.startswith("5"),
            )
        finally:
            self._end_pace()
        stopped = f"{outcome.stopped}: " if outcome.stopped else ""
        rest = "".join(f", {number:,} not: {reason}" for reason, number in left.items())
        text = f"{stopped}put back {outcome.done:,} of {count:,}{outcome.troubles()}{rest}"
        desk(self).say("warning" if outcome.failed or left or stopped else "info", text)

    def _begin_pace(self, connection: int, progress: str) -> Paced:
        """What publishes, once it may. Raises ``InputError`` where nothing may be published now."""
        from mqttx_tui.ui.paced import Paced

        if self.paced is not None:
            raise InputError("one clearing at a time: Esc stops the one that runs")

        def tell(done: int) -> None:
            if not isinstance(self.focused, FilterLine):
                desk(self).show_hint((progress.format(f"{done:,}") + " · Esc stops", "busy"))

        paced = Paced(desk(self).workspace, connection, self._refusals, tell)
        if hindrance := paced.hindrance():
            raise InputError(hindrance, title="Not published")
        return paced

    def _end_pace(self) -> None:
        self.paced = None
        if not isinstance(self.focused, FilterLine):
            desk(self).show_hint(None)

    def _refusals(self, messages: list[int]) -> dict[int, str]:
        """Why the broker refused each message, or "" where it took it; without those it did not answer."""
        from mqttx_tui.ui.widgets.stream_row import reason_word

        reader = desk(self).reader
        fates = reader.fates(messages) if reader is not None else {}
        return {
            ident: f"0x{fate.reason or 0x80:02x} {reason_word(fate.reason or 0x80)}"
            if fate.state == "refused"
            else ""
            for ident, fate in fates.items()
            if fate.state in ("acknowledged", "refused")
        }

    def action_step_back(self) -> None:
        """Esc: stops what publishes; else one step back."""
        if self.paced is not None and not isinstance(self.focused, FilterLine):
            self.paced.stop()
        else:
            super().action_step_back()

    # the tree

    def action_filter(self) -> None:
        """/: type a filter, in the tree for its topics."""
        if self.active == "topics":
            self.action_filter_tree()
        else:
            super().action_filter()

    def action_filter_tree(self) -> None:
        """A tap on the tree's filter."""
        from mqttx_tui.ui.panes.topics import TopicsPane

        if (pane := self.find_pane(TopicsPane)) is not None:
            self.show_pane("topics")
            pane.open_filter()

    def action_sort_topics(self) -> None:
        """t, by a tap."""
        from mqttx_tui.ui.panes.topics import TopicsPane

        if (pane := self.find_pane(TopicsPane)) is not None:
            pane.action_sort_topics()
