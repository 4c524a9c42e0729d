"""The screen: places the parts, moves the focus between panes, brings them up to date."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.geometry import NULL_OFFSET, NULL_SPACING, Region, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.reactive import Reactive
from textual.widget import Widget

from mqttx_tui.ui.composer_actions import ComposerActions
from mqttx_tui.ui.connection_actions import ConnectionActions
from mqttx_tui.ui.desk import desk
from mqttx_tui.ui.header import Header
from mqttx_tui.ui.inspector_actions import InspectorActions
from mqttx_tui.ui.keys import MAIN_KEYS, KeyGuard
from mqttx_tui.ui.layouts import LISTS, PANES, Frame, Kind, View, frame
from mqttx_tui.ui.panes.messages import MessagesPane
from mqttx_tui.ui.panes.pane import Hint, Pane
from mqttx_tui.ui.panes.registry import load_pane
from mqttx_tui.ui.status import Footer, StatusLine, TabLine
from mqttx_tui.ui.stream_actions import StreamActions
from mqttx_tui.ui.topic_actions import TopicActions
from mqttx_tui.ui.topic_feed import TopicFeed
from mqttx_tui.ui.widgets.divider import Divider, TooSmall
from mqttx_tui.ui.widgets.piece_line import Bit

PEEKED_BYTES = 2048


class FrameLayout(Layout):
    """Places children as ``layouts.frame`` says."""

    name = "frame"

    def __init__(self, screen: MainScreen) -> None:
        self._main = screen

    def arrange(
        self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True
    ) -> ArrangeResult:
        """Placements of the parts that are on screen."""
        boxes = self._main.compute_frame(size).boxes
        placements = []
        for child in children:
            box = boxes.get(child.id.removeprefix("pane-") if child.id else "")
            if box is not None and box.width > 0 and box.height > 0:
                placements.append(WidgetPlacement(Region(*box), NULL_OFFSET, NULL_SPACING, child))
        return placements


class MainScreen(StreamActions, ComposerActions, ConnectionActions, TopicActions, InspectorActions):
    """The outline and the panes."""

    BINDINGS: ClassVar[list[BindingType]] = MAIN_KEYS

    DEFAULT_CSS = """
    MainScreen { background: $background; overflow: hidden; }
    """

    focused: Reactive[Widget | None] = Reactive(None, repaint=False)
    """Textual would repaint the whole screen when it moves; the parts that show it repaint themselves."""

    def __init__(self) -> None:
        super().__init__(id="main")
        self.active = self.list_before = "messages"
        self.zoomed = False
        self._wanted = "messages"
        self.guard = KeyGuard()
        self.current_frame = Frame(Kind.TALL, {})
        self._panes: dict[str, Pane] = {}
        self._tabs = TabLine()
        self._footer = Footer()
        self._frame_layout = FrameLayout(self)
        self.outlined = asyncio.Event()
        """Set once the first frame is drawn."""
        self.filled = asyncio.Event()
        """Set once every pane is mounted."""

    def compose(self) -> ComposeResult:
        """Outline and message pane: the first frame."""
        workspace = desk(self).workspace
        self._header = Header(workspace)
        self._status = StatusLine(workspace)
        messages = MessagesPane()
        self._panes["messages"] = messages
        yield self._header
        yield self._tabs
        yield messages
        yield Divider(id="divider")
        yield Divider(id="divider2")
        yield TooSmall(id="toosmall")
        yield self._status
        yield self._footer

    def on_mount(self) -> None:
        """Focus the stream; the other panes come after the first frame."""
        self.reframe()
        self._panes["messages"].focus_inside()
        self.call_after_refresh(self._mount_rest)

    async def _mount_rest(self) -> None:
        self.outlined.set()
        from mqttx_tui.ui.widgets.peek import Peek

        rest = [(name, load_pane(name)()) for name in PANES if name not in self._panes]
        self.peek = Peek()
        await self.mount(*(pane for _, pane in rest), self.peek)
        self._panes |= dict(rest)
        self.filled.set()
        self.reframe()
        if self._wanted != self.active:
            self.show_pane(self._wanted)
        desk(self).select_message(desk(self).workspace.selected_id)

    @property
    def layout(self) -> Layout:
        """Ours, whatever the style sheet says."""
        return self._frame_layout

    def attach(self, feed: TopicFeed) -> None:
        """Topics come from here."""
        from mqttx_tui.ui.panes.inspector import InspectorPane
        from mqttx_tui.ui.panes.topics import TopicsPane

        self.messages.start_over()
        if (inspector := self.find_pane(InspectorPane)) is not None:
            inspector.start_over()
        if (pane := self.find_pane(TopicsPane)) is not None:
            pane.filter.context = self.messages.finding.context
            pane.follow(feed)

    def detach(self) -> None:
        """End what reads the capture in threads."""
        from mqttx_tui.ui.panes.topics import TopicsPane

        if "messages" in self._panes:
            self.messages.close()
        if (pane := self.find_pane(TopicsPane)) is not None:
            pane.close()
        from mqttx_tui.ui.panes.inspector import InspectorPane

        if (inspector := self.find_pane(InspectorPane)) is not None:
            inspector.past.close()

    # places

    @property
    def panes(self) -> dict[str, Pane]:
        """The mounted panes by name."""
        return self._panes

    def compute_frame(self, size: Size) -> Frame:
        """The frame for a size; panes learn which layout they are in."""
        connections = self._panes.get("connections")
        rows = getattr(connections, "wanted_rows", 0) or 4
        view = View(active=self.active, zoomed=self.zoomed, connection_rows=rows)
        found = frame(size.width, size.height, view)
        self.current_frame = found
        for pane in self._panes.values():
            pane.frame_kind = found.kind
        return found

    def reframe(self) -> None:
        """Lay out again: a child asks, because only then the screen's arrangement is made anew."""
        self._footer.refresh(layout=True)

    def on_resize(self, event: events.Resize) -> None:
        """Another layout, perhaps."""
        self.reframe()
        self.call_after_refresh(self._after_resize)

    def _after_resize(self) -> None:
        """Too small a screen hides every pane, and Textual takes the focus from what is hidden."""
        if self.current_frame.kind is not Kind.LINE and not self.active_pane.has_focus_within:
            self.active_pane.focus_inside()
        self._show_selected()
        self.sync_outline()

    def show_pane(self, name: str) -> None:
        """Bring a pane on screen and give it the keys."""
        pane = self._panes.get(name)
        if pane is None:
            self._wanted = name
            return
        if name != self.active:
            if not self.current_frame.shows(name):
                self.call_after_refresh(self._show_selected)
            self._activate(name)
        pane.focus_inside()
        self.sync_outline()

    def _activate(self, name: str) -> None:
        self.active = name
        if name in LISTS:
            self.list_before = name
        before = self.current_frame
        if self.compute_frame(self.size) != before:
            self.reframe()

    def _show_selected(self) -> None:
        """A pane that came on screen has missed what was selected meanwhile."""
        self.compute_frame(self.size)
        self.show_message(desk(self).workspace.selected_id)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """A click may move the focus to another pane."""
        if self.current_frame.kind is Kind.LINE or event.widget is not self.focused:
            return  # news of a focus that has moved on since must not bring its pane back
        for node in event.widget.ancestors_with_self:
            if isinstance(node, Pane):
                if self.active != node.PANE_NAME:
                    self._activate(node.PANE_NAME)
                    self.call_after_refresh(self.sync_outline)
                return

    def on_topic_tree_entered(self) -> None:
        """Enter in the tree narrows the stream."""
        from mqttx_tui.ui.panes.topics import TopicsPane

        if (pane := self.find_pane(TopicsPane)) is not None:
            self.messages.narrow(pane.narrowing())
            if not self.current_frame.shows("messages"):
                self.show_pane("messages")

    @property
    def active_pane(self) -> Pane:
        """The pane that has the keys."""
        return self._panes.get(self.active, self._panes["messages"])

    # the ticker

    def sync(self, now: float) -> bool:
        """Bring what is on screen up to date; True when something is repainted."""
        if not self._panes or self.current_frame.kind is Kind.LINE:
            return False
        painted = False
        for name, pane in self._panes.items():
            pane.absorb()
            if self.current_frame.shows(name):
                painted |= pane.sync(now)
        return painted | self.sync_outline(now)

    def sync_outline(self, now: float | None = None) -> bool:
        """Header, tabs, status and footer."""
        at = desk(self).workspace.clock() if now is None else now
        painted = False
        if self.current_frame.shows("header"):
            tiny = self.current_frame.kind is Kind.TINY
            painted = self._header.sync(at, self._place() if tiny else None)
        painted |= self._status.sync(at)
        if self.current_frame.shows("tabs"):
            painted |= self._tabs.sync_tabs(self.active, [self.messages.motion(), Bit(" ")], self._shown_key)
        if self.current_frame.shows("footer"):
            painted |= self._footer.sync_hints(self._hints(), self._shown_key)
        return painted

    def _shown_key(self, usual: str) -> str:
        return desk(self).keymap_now.shown(usual, self.active)

    def _place(self) -> list[Bit]:
        pane = self.active_pane
        key = self._shown_key(str(pane.PANE_NUMBER))
        return [Bit(f"{key} {pane.PANE_SHORT:<7}", "strong"), self.messages.motion()]

    def _hints(self) -> list[Hint]:
        """The pane's; no subscriptions where there are only raw WebSockets."""
        started = desk(self).workspace.started
        raw = bool(started) and all(snapshot.protocol == "websocket" for snapshot in started)
        hints = self.active_pane.hints()
        return [hint for hint in hints if not (raw and hint.action in ("subscribe", "unsubscribe"))]

    def show_message(self, message_id: int | None) -> None:
        """Inspector and peek."""
        if not self.filled.is_set():
            return
        from mqttx_tui.ui.panes.inspector import InspectorPane

        if self.current_frame.shows("inspector") and (pane := self.find_pane(InspectorPane)) is not None:
            pane.show(message_id)
        reader = desk(self).reader
        if self.current_frame.shows("peek") and reader is not None:
            message = reader.message(message_id, payload=PEEKED_BYTES) if message_id is not None else None
            self.peek.show(message)
