"""The terminal at arm's length: our own writer thread, and frames that a stalled terminal never sees.

Textual's queue blocks the event loop after 30 writes. Here ``write`` never blocks, and frames are not
queued at all: ``painter`` holds what should be shown, and hands over rows of it when everything that was
handed over before is taken. So a terminal that stood still is sent what differs by then, and nothing old.
"""

from __future__ import annotations

import os
import select
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import IO, Any

from textual.app import App
from textual.drivers.linux_driver import LinuxDriver

from mqttx_tui.ui.keyboard import Ended, read_keys
from mqttx_tui.ui.link import STALL_SECONDS, Link
from mqttx_tui.ui.pace import Pace
from mqttx_tui.ui.painter import Painter

CHUNK = 4096
CLOSE_SECONDS = 1.0
BLOCKED_SECONDS = 0.05
"""A write that takes longer has waited for the terminal."""


class CountingWriter(threading.Thread):
    """Takes writes without ever blocking the caller, and knows what the terminal has not yet taken."""

    def __init__(self, file: IO[str], on_drained: Callable[[], None], link: Link | None = None) -> None:
        super().__init__(name="terminal", daemon=True)
        self._descriptor = file.fileno()
        self._on_drained = on_drained
        self._link = link or Link()
        self._waiting: deque[bytes] = deque()
        self._condition = threading.Condition()
        self._ready = select.poll()
        self._ready.register(self._descriptor, select.POLLOUT)
        self._stopping = False
        self._began = 0.0
        self.handed_over = 0
        self.taken = 0

    @property
    def outstanding(self) -> int:
        """Bytes handed over and not yet taken by the terminal."""
        return self.handed_over - self.taken

    @property
    def stalled(self) -> bool:
        """Whether the terminal has taken nothing for a second although there was something."""
        return self.outstanding > 0 and time.monotonic() - self._began > STALL_SECONDS

    def write(self, text: str) -> None:
        """Queue ``text``."""
        data = text.encode("utf-8", "replace")
        with self._condition:
            if not self.outstanding:
                self._began = time.monotonic()
            self._waiting.append(data)
            self.handed_over += len(data)
            self._condition.notify()

    def run(self) -> None:
        """Write what waits; a part that the terminal did not take stays in front."""
        while True:
            with self._condition:
                while not self._waiting and not self._stopping:
                    self._condition.wait()
                if not self._waiting:
                    return
                data = self._waiting.popleft()
            if not self._write_all(data):
                return
            if not self.outstanding:
                self._on_drained()

    def _write_all(self, data: bytes) -> bool:
        view = memoryview(data)
        while view:
            self._wait_until_taken()
            began = time.monotonic()
            try:
                written = os.write(self._descriptor, view[: self._link.chunk(CHUNK)])
            except InterruptedError:
                continue
            except BlockingIOError:
                time.sleep(0.01)
                continue
            except OSError:
                with self._condition:
                    self._waiting.clear()
                    self.taken = self.handed_over
                return False
            view = view[written:]
            took, now = time.monotonic() - began, time.monotonic()
            with self._condition:
                self._began = now
                self._link.wrote(written, began, now)
                if BLOCKED_SECONDS <= took < STALL_SECONDS:
                    self._link.full(now)
                self.taken += written
        return True

    def _wait_until_taken(self) -> None:
        """Tell the link when the kernel takes no more, and wait until it does."""
        if self._ready.poll(0):
            return
        began = time.monotonic()
        self._link.full(began)
        self._ready.poll()
        if time.monotonic() - began > STALL_SECONDS:
            self._link.stalled(time.monotonic())

    def stop(self) -> None:
        """End after what waits is written; a terminal that does not read is not waited for."""
        with self._condition:
            self._stopping = True
            self._condition.notify()
        self.join(CLOSE_SECONDS)


class Terminal(LinuxDriver):
    """Textual's Linux driver with the counting writer; Textual's own writer thread stays idle.

    Of the app it takes ``spell`` (other characters for other terminals), ``pace`` and ``row_looked_at``,
    where it has them.
    """

    def __init__(
        self,
        app: App[Any],
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self.exit_event: Ended = Ended()
        self.writer: CountingWriter | None = None
        self._spell: Callable[[str], str] | None = getattr(app, "spell", None)
        self._pace: Pace = getattr(app, "pace", None) or Pace()
        near: Callable[[], int] = getattr(app, "row_looked_at", lambda: 0)
        self.painter = Painter(app, self._pace, self._write, self._outstanding, near, self._spell)

    def start_application_mode(self) -> None:
        """Start our writer, then the mode; whatever the terminal showed before, all rows are sent."""
        assert self._file is not None, "a terminal needs a stderr"
        self.writer = CountingWriter(self._file, self._drained, self._pace.link)
        self.writer.start()
        super().start_application_mode()  # type: ignore[no-untyped-call]
        self.painter.held = False
        self.painter.forget()

    def stop_application_mode(self) -> None:
        """Paint no more."""
        self.painter.held = True
        super().stop_application_mode()

    @property
    def waiting(self) -> bool:
        """Whether rows of the last frame were not sent yet."""
        return self.painter.waiting

    @property
    def stalled(self) -> bool:
        """Whether the terminal has stopped reading."""
        return self.writer is not None and self.writer.stalled

    def run_input_thread(self) -> None:
        """The body of Textual's keyboard thread."""
        read_keys(self.fileno, self.process_message, self.exit_event, debug=self._debug)

    def write(self, data: str) -> None:
        """Never blocks."""
        self._write(data if self._spell is None else self._spell(data))

    def _write(self, data: str) -> None:
        if self.writer is not None:
            self.writer.write(data)

    def _outstanding(self) -> int:
        return self.writer.outstanding if self.writer is not None else 0

    def use_mouse(self, on: bool) -> None:
        """Take the mouse, or leave it to the terminal."""
        if self._mouse and not on:
            self._disable_mouse_support()
        took, self._mouse = self._mouse, on
        if on and not took:
            self._enable_mouse_support()

    def close(self) -> None:
        """End both writers."""
        super().close()
        if self.writer is not None:
            self.writer.stop()
            self.writer = None

    def _drained(self) -> None:
        """In the writer's thread: everything is taken."""
        if not self.painter.waiting:
            return
        try:
            self._loop.call_soon_threadsafe(self.painter.pump)
        except RuntimeError:
            return
