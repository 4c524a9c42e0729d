"""Reading the keyboard: an Esc that stands alone is known within ``ESCDELAY``."""

from __future__ import annotations

import codecs
import os
import selectors
import threading
from collections.abc import Callable

from textual import constants, events
from textual._xterm_parser import XTermParser
from textual.keys import _character_to_key
from textual.message import Message

SETTLED_SECONDS = 0.2
"""After so long without a key nothing is begun any more, and only a key wakes the thread."""
READ_BYTES = 4096
AFTER_ESCAPE = b"0123456789/,:?=*<>+-.;"
"""What tells a quick Esc and a key of ours from Alt and a key, or from the beginning of a sequence."""
_CAPITAL = "alt+shift+"


class Ended(threading.Event):
    """An event that a selector hears: who waits for keys need not look at it several times a second."""

    def __init__(self) -> None:
        super().__init__()
        self._hears, self._tells = os.pipe()

    def fileno(self) -> int:
        """Readable while the event is set."""
        return self._hears

    def set(self) -> None:
        """Wake whoever waits."""
        was = self.is_set()
        super().set()
        if not was:
            os.write(self._tells, b"\0")

    def clear(self) -> None:
        """Make ready for another wait."""
        if self.is_set():
            super().clear()
            os.read(self._hears, 1)

    def __del__(self) -> None:
        """Give the descriptors back: Textual opens and closes one driver many times."""
        os.close(self._hears)
        os.close(self._tells)


def read_keys(descriptor: int, take: Callable[[Message], None], ended: Ended, *, debug: bool = False) -> None:
    """Hand every event from the terminal to ``take`` until ``ended`` is set.

    Textual's own loop looks at its Esc timer every 100 ms only, whatever the delay, and wakes for that
    ten times a second.
    """
    parser = XTermParser(debug)
    decode = codecs.getincrementaldecoder("utf-8")("replace").decode
    with selectors.SelectSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        selector.register(ended, selectors.EVENT_READ)
        timeout: float | None = None
        while not ended.is_set():
            ready = selector.select(timeout)
            if ended.is_set():
                return
            if ready:
                data = os.read(descriptor, READ_BYTES)
                if not data:
                    return
                for event in _quick_escape(data) or parser.feed(decode(data)):
                    take(_as_bound(event))
                timeout = constants.ESCAPE_DELAY + 0.001
            else:
                timeout = SETTLED_SECONDS if timeout != SETTLED_SECONDS else None
            for event in parser.tick():
                take(_as_bound(event))


def _quick_escape(data: bytes) -> list[events.Key]:
    """Esc and a digit or sign that tmux holds back and hands over at once (its escape-time is 500 ms).

    Textual takes the two for a letter such as ``£``, which would be typed into a field that was to be left,
    and of Esc and a sign it keeps the sign alone.
    """
    if len(data) != 2 or data[0] != 0x1B or data[1] not in AFTER_ESCAPE:
        return []
    second = chr(data[1])
    return [events.Key("escape", "\x1b"), events.Key(_character_to_key(second), second)]


def _as_bound(event: Message) -> Message:
    """Alt and a capital by the name that bindings have for it: Textual says ``alt+shift+n`` for ``alt+N``."""
    if not isinstance(event, events.Key) or not event.key.startswith(_CAPITAL):
        return event
    letter = event.key.removeprefix(_CAPITAL)
    return events.Key(f"alt+{letter.upper()}", event.character) if len(letter) == 1 else event
