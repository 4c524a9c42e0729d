"""Sends the canvas to the terminal, as much at a time as there is room for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from textual._ansi_sequences import SYNC_END, SYNC_START
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.app import App

from mqttx_tui.ui.canvas import Canvas, Spell
from mqttx_tui.ui.pace import Pace

Writer = Callable[[str], None]


class Painter:
    """``write`` hands text over and never blocks; ``outstanding`` says what the terminal has not taken.

    ``near`` is the row that a person looks at. On the event loop only, but for ``drained``.
    """

    def __init__(
        self,
        app: App[Any],
        pace: Pace,
        write: Writer,
        outstanding: Callable[[], int],
        near: Callable[[], int] = lambda: 0,
        spell: Spell | None = None,
    ) -> None:
        self.canvas = Canvas()
        self._app, self._pace = app, pace
        self._write, self._outstanding = write, outstanding
        self._near, self._spell = near, spell
        self._later: asyncio.TimerHandle | None = None
        self._near_before = 0
        self.held = False
        """The terminal is somebody else's for now."""

    @property
    def waiting(self) -> bool:
        """Whether rows wait to be sent."""
        return self.canvas.waiting

    def pressed(self) -> None:
        """A key came, and is about to be handled: what it changes is sent first."""
        self._near_before = self._near()
        self._pace.pressed()

    def paint(self, update: LayoutUpdate | ChopsUpdate) -> None:
        """Take over a frame, and send what there is room for."""
        self.canvas.put_update(update, urgent=self._pace.answering)
        self.pump()

    def forget(self) -> None:
        """The terminal may show anything: send every row again."""
        self.canvas.forget()
        self.pump()

    def pump(self) -> None:
        """Send what there is room for; called again when there is room, or when the terminal took it."""
        if self._later is not None:
            self._later.cancel()
            self._later = None
        while self.canvas.waiting and not self.held and not self._outstanding():
            urgent = bool(self.canvas.urgent)
            room = self._pace.room(urgent=urgent)
            if room <= 0:
                delay = self._pace.wait(urgent=urgent)
                self._later = asyncio.get_running_loop().call_later(delay, self.pump)
                return
            text = self.canvas.take(room, (self._near(), self._near_before), self._app.console, self._spell)
            if text:
                x, y = self._app.screen.outer_size.clamp_offset(self._app.cursor_position)
                text += f"\x1b[{y + 1};{x + 1}H"
                if self._app._sync_available:
                    text = f"{SYNC_START}{text}{SYNC_END}"
                self._pace.sent(len(text.encode("utf-8", "replace")))
                self._write(text)
