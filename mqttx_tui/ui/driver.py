"""The terminal at arm's length: our own writer thread, and frames that a stalled terminal never sees.

Textual's queue blocks the event loop after 30 writes. Here ``write`` never blocks: frames are counted
when handed over and when taken; while the terminal has not taken anything for ``STALL_SECONDS`` the
frames that wait are dropped, and once it reads again the screen is painted once, whole.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import IO, Any

from textual.app import App
from textual.drivers.linux_driver import LinuxDriver

from mqttx_tui.ui.keyboard import read_keys

STALL_SECONDS = 1.0
QUEUE_BYTES = 512_000
CHUNK = 4096
SYNC_START = "\x1b[?2026h"
SYNC_END = "\x1b[?2026l"
CLOSE_SECONDS = 1.0


def is_frame(text: str) -> bool:
    """Whether ``text`` paints cells (Textual's frames begin by moving the cursor)."""
    return len(text) > 3 and text.startswith("\x1b[") and text[2].isdigit()


class CountingWriter(threading.Thread):
    """Takes writes without ever blocking the caller, and knows what the terminal has not yet taken."""

    def __init__(self, file: IO[str], on_drained: Callable[[], None]) -> None:
        super().__init__(name="terminal", daemon=True)
        self._descriptor = file.fileno()
        self._on_drained = on_drained
        self._waiting: deque[tuple[bytes, bool]] = deque()
        self._condition = threading.Condition()
        self._stopping = False
        self._began = 0.0
        self._open_frame: list[str] | None = None
        self.handed_over = 0
        self.taken = 0
        self.frames_dropped = 0

    @property
    def outstanding(self) -> int:
        """Bytes handed over and not yet taken by the terminal."""
        return self.handed_over - self.taken

    @property
    def stalled(self) -> bool:
        """Whether the terminal has taken nothing for a second although there was something."""
        return self.outstanding > 0 and time.monotonic() - self._began > STALL_SECONDS

    def write(self, text: str) -> None:
        """Queue ``text``; a frame together with its synchronisation marks is one unit."""
        if text == SYNC_START:
            self._open_frame = [text]
            return
        if self._open_frame is not None:
            self._open_frame.append(text)
            if text != SYNC_END:
                return
            text = "".join(self._open_frame)
            frame = len(self._open_frame) > 2
            self._open_frame = None
            if not frame:
                return
        else:
            frame = is_frame(text)
        self._put(text.encode("utf-8", "replace"), frame)

    def _put(self, data: bytes, frame: bool) -> None:
        with self._condition:
            if frame and self.outstanding and (self.stalled or self.outstanding > QUEUE_BYTES):
                self._drop_frames()
                self.frames_dropped += 1
                return
            if not self.outstanding:
                self._began = time.monotonic()
            self._waiting.append((data, frame))
            self.handed_over += len(data)
            self._condition.notify()

    def _drop_frames(self) -> None:
        kept = [item for item in self._waiting if not item[1]]
        dropped = [item for item in self._waiting if item[1]]
        self.frames_dropped += len(dropped)
        self.handed_over -= sum(len(data) for data, _ in dropped)
        self._waiting = deque(kept)

    def run(self) -> None:
        """Write what waits; a part that the terminal did not take stays in front."""
        while True:
            with self._condition:
                while not self._waiting and not self._stopping:
                    self._condition.wait()
                if not self._waiting:
                    return
                data, _ = self._waiting.popleft()
            if not self._write_all(data):
                return
            if not self.outstanding and self.frames_dropped:
                self.frames_dropped = 0
                self._on_drained()

    def _write_all(self, data: bytes) -> bool:
        view = memoryview(data)
        while view:
            try:
                written = os.write(self._descriptor, view[:CHUNK])
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
            with self._condition:
                self.taken += written
                self._began = time.monotonic()
        return True

    def stop(self) -> None:
        """End after what waits is written; a terminal that does not read is not waited for."""
        with self._condition:
            self._stopping = True
            self._condition.notify()
        self.join(CLOSE_SECONDS)


class Terminal(LinuxDriver):
    """Textual's Linux driver with the counting writer; Textual's own writer thread stays idle."""

    def __init__(
        self,
        app: App[Any],
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self.writer: CountingWriter | None = None
        self._spell: Callable[[str], str] | None = getattr(app, "spell", None)

    def start_application_mode(self) -> None:
        """Start our writer, then the mode."""
        assert self._file is not None, "a terminal needs a stderr"
        self.writer = CountingWriter(self._file, self._drained)
        self.writer.start()
        super().start_application_mode()  # type: ignore[no-untyped-call]

    def run_input_thread(self) -> None:
        """The body of Textual's keyboard thread."""
        read_keys(self.fileno, self.process_message, self.exit_event, debug=self._debug)

    def write(self, data: str) -> None:
        """Never blocks."""
        if self.writer is not None:
            self.writer.write(data if self._spell is None else self._spell(data))

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
        try:
            self._loop.call_soon_threadsafe(self._repaint)
        except RuntimeError:
            return

    def _repaint(self) -> None:
        self._app.screen.refresh()
