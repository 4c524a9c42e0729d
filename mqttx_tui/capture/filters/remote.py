"""A scan in a process of its own, for filters with regular expressions.

A pattern may backtrack for ever over one payload, and Python holds the interpreter lock meanwhile: in a
thread that would stop the whole front end. A process can be ended.
"""

from __future__ import annotations

import contextlib
import json
import logging
import signal
import subprocess
import threading
import time
from array import array
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mqttx_tui.capture.filters.filter import Filter, parse
from mqttx_tui.capture.filters.moments import Context
from mqttx_tui.capture.filters.results import Results
from mqttx_tui.capture.filters.scan import Progress, Scan
from mqttx_tui.capture.filters.topicsets import Subtree

PATIENCE = 5.0
"""Seconds without a word after which the pattern is taken to go on for ever."""
STARTING = 20.0
"""The same for the first word."""
SILENT = 1.0
"""A process that was heard of in this time ends by itself when it is asked to, and tidies up."""
_ALONE_SECONDS = 15
"""After this long without a turn of its main thread a process ends by itself, whoever still wants it."""
_TELL_SECONDS = 0.05
_BEAT_SECONDS = 0.5
_log = logging.getLogger(__name__)


class RemoteScan:
    """Like ``scan.Scan``; ``start`` gives a process that calls ``serve``. It may raise ``OSError``."""

    def __init__(
        self,
        start: Callable[[], subprocess.Popen[bytes]],
        path: str | Path,
        wanted: Filter,
        *,
        within: Subtree | None = None,
        context: Context | None = None,
    ) -> None:
        self._start = start
        self._asked = {
            "path": str(path),
            "text": wanted.text,
            "within": None if within is None else [within.connection, within.prefix, within.exact],
            "context": None if context is None else [context.now, context.newest, context.mark],
        }
        self._results = Results()
        self._progress = Progress(0, 0, 0, False)
        self._process: subprocess.Popen[bytes] | None = None
        self._cancelled = False
        self._ended = threading.Event()
        self._heard_at = time.monotonic()
        self._patience = STARTING
        self._thread = threading.Thread(target=self._run, name="filter-process", daemon=True)
        self._thread.start()

    @property
    def revision(self) -> int:
        """Grows whenever ``ids`` changes."""
        return self._results.revision

    def ids(self) -> array[int]:
        """The messages found so far, ascending; the caller may not change the array."""
        return self._results.ids()

    def progress(self) -> Progress:
        """How far it is; ends a process that is not heard of any more."""
        silent = time.monotonic() - self._heard_at
        if silent > self._patience and not self._ended.is_set() and not self._progress.error:
            self._fail("the pattern takes too long")
            self.cancel()
        return self._progress

    def _fail(self, text: str) -> None:
        known = self._progress
        self._progress = Progress(known.scanned, self._results.count, known.total, True, text)

    def poke(self) -> None:
        """It looks for new messages by itself, ten times a second."""

    def cancel(self, *, wait: bool = False) -> None:
        """End at once; with ``wait`` return when the process is gone."""
        self._cancelled = True
        process = self._process
        if process is not None and process.poll() is None:
            if time.monotonic() - self._heard_at > SILENT:
                process.kill()
            else:
                _ask_to_end(process)
        if wait:
            self._thread.join()

    def _run(self) -> None:
        try:
            self._process = process = self._start()
            with process:
                if self._cancelled:
                    process.kill()
                assert process.stdin is not None
                assert process.stdout is not None
                with contextlib.suppress(OSError):  # it ended already
                    process.stdin.write(json.dumps(self._asked).encode() + b"\n")
                    process.stdin.flush()
                for line in process.stdout:
                    self._heard(json.loads(line))
        except (OSError, ValueError) as error:
            _log.warning("a filter's process failed: %s", error)
        if not self._cancelled and not self._progress.error:
            self._fail("the filter's process ended")
        self._ended.set()

    def _heard(self, told: dict[str, Any]) -> None:
        for name, *arguments in told["changes"]:
            if name == "old":
                self._results.add_old(array("q", arguments[0]))
            elif name == "new":
                self._results.add_new(array("q", arguments[0]))
            elif name == "correct":
                self._results.correct(*arguments)
            else:
                self._results.trim(*arguments)
        self._progress = Progress(*told["progress"])
        self._heard_at = time.monotonic()
        self._patience = PATIENCE


def _ask_to_end(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    with contextlib.suppress(OSError):
        process.stdin.close()
    late = threading.Timer(SILENT, process.kill)
    late.daemon = True
    late.start()


def end_alone_after(seconds: int) -> None:
    """End this process unless it says so again in time (0: no more): a signal needs no interpreter lock."""
    if hasattr(signal, "alarm"):
        signal.alarm(seconds)


AnyScan = Scan | RemoteScan


class _Told(Results):
    """Results that remember what changed."""

    def __init__(self) -> None:
        super().__init__()
        self._changes: list[list[Any]] = []

    def add_old(self, ids: array[int]) -> None:
        """Remembered."""
        super().add_old(ids)
        if ids:
            self._changes.append(["old", ids.tolist()])

    def add_new(self, ids: array[int]) -> None:
        """Remembered."""
        super().add_new(ids)
        if ids:
            self._changes.append(["new", ids.tolist()])

    def correct(self, ident: int, present: bool) -> None:
        """Remembered."""
        super().correct(ident, present)
        self._changes.append(["correct", ident, present])

    def trim(self, floor: int) -> None:
        """Remembered where it did something."""
        before = self.revision
        super().trim(floor)
        if self.revision != before:
            self._changes.append(["trim", floor])

    def take(self) -> list[list[Any]]:
        """What changed since the last call."""
        changes, self._changes = self._changes, []
        return changes


def serve(read: Any, write: Any, decode_properties: Any) -> None:
    """The process's side: one line of JSON asks, lines of JSON tell, until ``read`` ends or nobody listens.

    ``read`` and ``write`` are binary files.
    """
    line = read.readline()
    if not line:  # nobody had a question
        return
    asked = json.loads(line)
    within, context = asked["within"], asked["context"]
    told = _Told()
    end_alone_after(_ALONE_SECONDS)
    _tell(write, [], Progress(0, 0, 0, False))  # from here on silence means that the pattern does not end
    scan = Scan(
        asked["path"],
        parse(asked["text"]),
        within=None if within is None else Subtree(*within),
        context=None if context is None else Context(*context),
        decode_properties=decode_properties,
        results=told,
    )
    left = threading.Event()

    def wait_for_end() -> None:
        read.read()
        left.set()

    threading.Thread(target=wait_for_end, daemon=True).start()
    try:
        _report(scan, told, left, write)
    finally:
        scan.cancel(wait=True)


def _report(scan: Scan, told: _Told, left: threading.Event, write: Any) -> None:
    before, beat_at = None, 0.0
    while not left.wait(_TELL_SECONDS):
        end_alone_after(_ALONE_SECONDS)
        progress = scan.progress()
        changes = told.take()
        now = time.monotonic()
        if changes or progress != before or now - beat_at > _BEAT_SECONDS:
            if not _tell(write, changes, progress):
                return
            before, beat_at = progress, now
        if progress.error:
            return


def _tell(write: Any, changes: list[list[Any]], progress: Progress) -> bool:
    """One line; False when nobody listens any more."""
    fields = [progress.scanned, progress.matched, progress.total, progress.done, progress.error]
    try:
        write.write(json.dumps({"changes": changes, "progress": fields}).encode() + b"\n")
        write.flush()
    except OSError:
        return False
    return True
