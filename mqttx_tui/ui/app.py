"""The Textual app: life of engine, reader, ticker and screen; what the panes ask of it."""

from __future__ import annotations

import asyncio
import gc
import time
import traceback
from collections.abc import Coroutine, Iterable
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, ClassVar

from rich.console import RenderableType
from rich.text import Text
from textual import events
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.screen import Screen
from textual.widget import Widget
from textual.worker import Worker

from mqttx_tui.model.errors import AppError
from mqttx_tui.model.start import StartOptions
from mqttx_tui.profiles.settings_read import SettingsFile
from mqttx_tui.ui.backend import Backend
from mqttx_tui.ui.driver import Terminal
from mqttx_tui.ui.key_names import character_of
from mqttx_tui.ui.opening import Opening
from mqttx_tui.ui.safe import clip, line
from mqttx_tui.ui.screens.main import MainScreen
from mqttx_tui.ui.settled import Settled, settings_for
from mqttx_tui.ui.ticker import Ticker
from mqttx_tui.ui.topic_feed import TopicFeed
from mqttx_tui.ui.widgets.lines import LineList
from mqttx_tui.ui.workspace import Workspace

if TYPE_CHECKING:
    from mqttx_tui.capture.reader import CaptureReader

TWICE_SECONDS = 2.0
OFFER_CELLS = 40
"""What the answers to the offer of a running engine take of the line."""
LEFT_RUNNING = "it goes on: mqttx-tui attach · mqttx-tui captures list · mqttx-tui captures stop"


class MqttxTui(Settled, inherit_bindings=False):
    """``desk.Desk`` for its panes."""

    TITLE = "mqttx-tui"
    COMMAND_PALETTE_BINDING = "ctrl+p"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "interrupt", "quit (twice)", show=False, priority=True, id="interrupt"),
        Binding("ctrl+z", "suspend_process", "suspend", show=False, priority=True, id="suspend"),
        Binding("ctrl+p", "commands", "every command", show=False, priority=True, id="palette"),
    ]

    def __init__(
        self,
        options: StartOptions,
        backend: Backend,
        *,
        workspace: Workspace | None = None,
        driver_class: type[Driver] | None = None,
        settings: SettingsFile | None = None,
    ) -> None:
        super().__init__(options, settings or settings_for(options), driver_class=driver_class)
        self.animation_level = "none"
        self._backend = backend
        self._workspace = workspace or Workspace()
        self._reader: CaptureReader | None = None
        self._work: set[asyncio.Task[object]] = set()
        self._interrupted_at = -TWICE_SECONDS
        self._leaving = False
        self._ticking: Worker[None] | None = None
        self.kept_path = ""
        self.opens_form = True
        """Whether a first start without any profile opens the form."""
        self.opened = asyncio.Event()
        """Set once the capture can be read and the first connections are asked for."""
        self.main_screen = MainScreen()
        self.ticker = Ticker(self._sync, self._terminal, self.pace)

    # the desk

    @property
    def workspace(self) -> Workspace:
        """Connections, counters, notices, selection."""
        return self._workspace

    @property
    def reader(self) -> CaptureReader | None:
        """The event loop's own reader."""
        return self._reader

    @property
    def capture_path(self) -> str:
        """The capture file."""
        return self._backend.capture_path

    def say(self, level: str, text: str) -> None:
        """Tell the person, in the reserved line."""
        self._workspace.notice(level, text)
        if self.main_screen.is_mounted:
            self.main_screen.sync_outline()

    def show_hint(self, hint: tuple[str, str] | None) -> None:
        """Read back what is being typed; under a flood the ticker would come to it late."""
        self._workspace.hint = hint
        if self.main_screen.is_mounted:
            self.main_screen.sync_outline()

    def run_task(self, work: Coroutine[Any, Any, object], what: str = "") -> None:
        """Run beside the loop; an ``AppError`` is told the person."""
        task = asyncio.ensure_future(self._told(work, what))
        self._work.add(task)
        task.add_done_callback(self._work.discard)

    async def _told(self, work: Coroutine[Any, Any, object], what: str) -> None:
        try:
            await work
        except AppError as error:
            hint = f" ({error.hint})" if error.hint else ""
            self.say("error", f"{what}: {error.title}: {error.message}{hint}" if what else error.message)
        except Exception as error:  # a fault of ours must not end a day's capture; it is told instead
            place = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{PurePath(place.filename).name}:{place.lineno}"
            self.say("error", f"{what}: a fault of the program: {type(error).__name__} at {where}")

    def select_message(self, message_id: int | None) -> None:
        """Show a message in inspector and peek."""
        self._workspace.selected_id = message_id
        if self.main_screen.is_mounted:
            self.main_screen.show_message(message_id)

    def show_pane(self, pane: str) -> None:
        """Bring a pane on screen and focus it."""
        self.main_screen.show_pane(pane)

    def reframe(self) -> None:
        """Lay the screen out again."""
        self.main_screen.reframe()

    def ask_for_connection(self) -> None:
        """The form for a first connection."""
        from mqttx_tui.ui import connection_dialogs

        if not self.opens_form:
            return
        self.run_task(connection_dialogs.open_form(self, self, None), "add")

    async def ask_secret(self, label: str, question: str) -> str | None:
        """A secret from the person."""
        from mqttx_tui.ui import dialogs

        return await dialogs.ask_secret(self, label, question)

    async def offer(self, engine: str) -> str:
        """One line about an engine that runs: attach to it, stop it, or a new one ("")."""
        from mqttx_tui.ui import dialogs
        from mqttx_tui.ui.screens.question import Answer

        await self.main_screen.outlined.wait()
        answers = (Answer("a", "attach"), Answer("n", "new"), Answer("s", "stop it"))
        room = max(10, self.size.width - OFFER_CELLS)
        return await dialogs.choose(self, clip(line(engine, 500), room), answers)

    # life

    def get_default_screen(self) -> Screen[None]:
        """The main screen."""
        return self.main_screen

    def on_load(self) -> None:
        """Engine and first frame start in parallel."""
        self._workspace.changed = self.ticker.wake
        self.run_task(self._open(), "start")

    def on_mount(self) -> None:
        """The ticker runs from the first frame on."""
        self.app_resume_signal.subscribe(self, self._resumed)
        self._ticking = self.run_worker(self.ticker.run(), name="ticker", exclusive=False)

    def _resumed(self, _: object) -> None:
        """Back from Ctrl+Z or an editor: the terminal shows something else now."""
        self.screen.refresh()
        self.on_app_focus()

    def on_app_focus(self) -> None:
        """Back in this window: the profile file may have been edited in another one."""
        if self.opened.is_set() and not self._leaving:
            from mqttx_tui.ui import profile_dialogs

            profile_dialogs.look_again(self)

    async def _open(self) -> None:
        opening = Opening(self, self.options, self._backend)
        engine = asyncio.ensure_future(opening.start_engine())
        await self.main_screen.outlined.wait()
        self.settle_looks()
        settled = asyncio.ensure_future(self._told(self.settle_rest(), "settings"))
        try:
            await opening.read_profiles()
        finally:
            await engine
        await self._read_capture()
        if self.options.where:
            self.main_screen.messages.begin_with(self.options.where)
        await opening.connect()
        await settled
        self.opened.set()
        self.ticker.wake()
        if self._terminal() is not None:
            gc.freeze()  # what was loaded stays: looking through it again and again would keep keys waiting

    async def _read_capture(self) -> None:
        from mqttx_tui.capture.reader import CaptureReader

        path = self._backend.capture_path
        before, self._reader = self._reader, CaptureReader(path)
        if before is not None:
            before.close()
        if self._workspace.replaying:
            self._workspace.counters(self._reader.counters())
        await self.main_screen.filled.wait()
        self.main_screen.attach(TopicFeed(lambda: CaptureReader(path), self._feed_ready))

    def action_restart_engine(self) -> None:
        """R: a new engine with the same connections, after the one before ended."""
        if not self._workspace.died:
            self.say("info", "the engine runs")
            return
        self._workspace.died = ""
        self.run_task(self._restart(), "restart")

    async def _restart(self) -> None:
        workspace = self._workspace
        engine = await self._backend.open(workspace, self.ask_secret)
        workspace.restarted(engine)
        await self._read_capture()
        for profile in workspace.profiles:
            if engine is not None and profile.key in workspace.to_reconnect:
                self.run_task(engine.connect(profile), f"connect {profile.label}")

    def _feed_ready(self) -> None:
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self.ticker.wake)

    def _terminal(self) -> Terminal | None:
        return self._driver if isinstance(self._driver, Terminal) else None

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        """A frame goes on the canvas; Textual would make text of it at once."""
        terminal, goes = self._terminal(), self._running and not self._closed and not self._batch_count
        if terminal is None or not goes or not isinstance(renderable, (LayoutUpdate, ChopsUpdate)):
            super()._display(screen, renderable)
            return
        terminal.painter.paint(renderable)
        self.post_display_hook()

    def row_looked_at(self) -> int:
        """The row of the screen that a person looks at, as far as that can be known."""
        focused = self.focused
        if focused is None:
            return 0
        within = focused.looked_at_line if isinstance(focused, LineList) else 0
        return focused.region.y + within

    def _sync(self, now: float) -> bool:
        if self._leaving or not self.main_screen.is_mounted:
            return False
        self._workspace.take_rate()
        return self.main_screen.sync(self._workspace.clock())

    async def on_event(self, event: events.Event) -> None:
        """Remember when keys came; drop an Enter that a paste into a list carried into a field."""
        terminal = self._terminal()
        if isinstance(event, events.InputEvent) and not event.is_forwarded:
            if terminal is not None:
                terminal.painter.pressed()
        elif isinstance(event, events.Resize) and terminal is not None:
            terminal.painter.forget()
        if isinstance(event, events.Key) and not event.is_forwarded:
            guard, focused = self.main_screen.guard, self.focused
            in_field = focused is not None and focused.check_consume_key("a", "a")
            guard.pressed(event.time, in_field=in_field)
            elsewhere = in_field or self.screen is not self.main_screen
            if elsewhere and guard.strayed and event.key in ("enter", "ctrl+j"):
                return
        await super().on_event(event)

    # leaving

    def action_interrupt(self) -> None:
        """Ctrl+C: twice quits."""
        now = time.monotonic()
        if now - self._interrupted_at < TWICE_SECONDS:
            self.leave()
            return
        self._interrupted_at = now
        self.say("warning", f"{self.keymap_now.name('interrupt', 'Ctrl+C')} again quits")

    def action_request_quit(self) -> None:
        """q: one level back, at the top the question."""
        if self.main_screen.zoomed:
            self.main_screen.action_zoom()
            return
        self.run_task(self._ask_to_quit(), "quit")

    async def _ask_to_quit(self) -> None:
        from mqttx_tui.ui import dialogs
        from mqttx_tui.ui.screens.question import Answer

        others = await self._backend.others()
        answers = [Answer(self._quit_key(), f"again quit, {others} more look on" if others else "again quit")]
        if self._workspace.engine is not None and not self._workspace.keeps_capture:
            answers.append(Answer("k", "keep capture"))
        if self._workspace.engine is not None and self.options.linger:
            answers.append(Answer("b", "leave it running"))
        chosen = await dialogs.choose(self, "", tuple(answers))
        if chosen:
            self.leave(keep=chosen == "k", running=chosen == "b")

    def _quit_key(self) -> str:
        key = self.keymap_now.keys("back", ("q",))[0]
        key = character_of(key) or key
        return "q" if key in ("k", "b", "'", "\\") else key

    def leave(self, *, keep: bool = False, running: bool = False) -> None:
        """End the app, and the engine unless it is left ``running``."""
        if not self._leaving:
            self._leaving = True
            self.run_task(self._close(keep, running), "quit")

    async def _close(self, keep: bool, running: bool) -> None:
        if self._ticking is not None:
            self._ticking.cancel()
        self.main_screen.detach()
        if self._reader is not None:
            self._reader.close()
            self._reader = None
        if not running and (keep or self._workspace.keeps_capture):
            self.kept_path = self._backend.capture_path
        try:
            async with asyncio.timeout(4):
                await (self._backend.leave() if running else self._backend.close(keep=keep))
        except TimeoutError:
            self.log.warning("the engine did not end in time")
        finally:
            self.exit(0, message=Text(LEFT_RUNNING) if running else None)

    async def on_unmount(self) -> None:
        """Whatever ended the app, nothing is left behind but an engine that may outlive it."""
        if not self._leaving:
            self._leaving = True
            self.main_screen.detach()
            await (self._backend.leave() if self.options.linger else self._backend.close(keep=False))

    # commands

    def action_commands(self) -> None:
        """Every command by name."""
        from mqttx_tui.ui.screens.dialog import Palette

        if not isinstance(self.screen, Palette):
            self.push_screen(Palette(id="--command-palette"))

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """The keys of the main screen, and what has no key, by name."""
        from mqttx_tui.ui.commands import commands

        yield from commands(self.main_screen, self._all_bindings(), self.keymap_now)

    def _all_bindings(self) -> list[tuple[Widget, BindingType]]:
        """Bindings with what they act on."""
        pane, screen = self.main_screen.active_pane, self.main_screen
        of_screen = [binding for binding in MainScreen.BINDINGS if not _moves_only(binding)]
        return [
            *((pane, binding) for binding in pane.BINDINGS),
            *((screen, binding) for binding in of_screen),
        ]


def _moves_only(binding: BindingType) -> bool:
    return isinstance(binding, Binding) and (binding.id or "").startswith(("pane.", "step."))
