"""How much may be painted now: the byte budget, the line to the terminal, and what keys may add."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from mqttx_tui.ui.link import Link

BYTES_PER_SECOND = 600_000
BYTES_PER_SECOND_SSH = 48_000
BURST_SECONDS = 0.5
"""The budget of so much time may be used at once: a page in one piece."""
KEY_BYTES = 4096
"""What a key may add to the budget."""
UNIT = 16_384
"""Most that is handed to the terminal at once: what comes then is newer."""
TRAFFIC_SECONDS, KEY_SECONDS = 0.1, 0.25
"""So far ahead of a slow line is written."""
ANSWER_SECONDS = 0.15
"""A frame within this time after a key answers it, if there was no traffic in between."""
A_ROW = 200
TRAFFIC_LEAST_SECONDS, KEY_LEAST_SECONDS = 1.0, 0.15
"""After so long a row goes out whatever was guessed of the line, as long as it takes what it is given."""


def byte_budget(usual: int = BYTES_PER_SECOND, over_ssh: int = BYTES_PER_SECOND_SSH) -> int:
    """Bytes a second that traffic may paint: far less over ssh."""
    return over_ssh if os.environ.get("SSH_CONNECTION") else usual


class Pace:
    """``clock`` gives monotonic seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.budget = byte_budget()
        self.link = Link()
        self._clock = clock
        self._left = self.budget * BURST_SECONDS
        self._settled = clock()
        self._key_bytes = 0
        self._answering = False
        self._pressed = -1.0
        self._sent_at = self._settled

    def pressed(self) -> None:
        """A key came: its answer goes out at once."""
        self._pressed = self._clock()
        self._key_bytes = KEY_BYTES
        self._answering = True

    def traffic(self) -> None:
        """What is painted from now on is traffic, until the next key."""
        self._answering = False

    @property
    def answering(self) -> bool:
        """Whether what is painted now answers a key."""
        return self._answering and self._clock() - self._pressed < ANSWER_SECONDS

    def since_key(self) -> float:
        """Seconds since the last key."""
        return self._clock() - self._pressed if self._pressed >= 0 else float("inf")

    def room(self, *, urgent: bool) -> int:
        """Bytes that may be handed over now."""
        left = self._settle()
        ahead = self.link.room(self._settled, KEY_SECONDS if urgent else TRAFFIC_SECONDS)
        if self._settled - self._sent_at >= (KEY_LEAST_SECONDS if urgent else TRAFFIC_LEAST_SECONDS):
            ahead = max(ahead, A_ROW)
        return int(max(min(max(left, self._key_bytes if urgent else 0), ahead, UNIT), 0))

    def wait(self, *, urgent: bool) -> float:
        """Seconds until there may be room for a row."""
        left = self._settle()
        seconds = 0.0 if urgent and self._key_bytes else max(A_ROW - left, 0) / self.budget
        ahead = self.link.room(self._settled, KEY_SECONDS if urgent else TRAFFIC_SECONDS)
        line = min(max(A_ROW - ahead, 0) / self.link.rate, KEY_LEAST_SECONDS if urgent else 0.5)
        return max(seconds, line, 0.005)

    def sent(self, size: int) -> None:
        """So many bytes were handed over."""
        self._left = self._settle() - size
        self._sent_at = self._settled
        self._key_bytes = max(self._key_bytes - size, 0)

    def _settle(self) -> float:
        now = self._clock()
        most = self.budget * BURST_SECONDS
        self._left = min(self._left + self.budget * (now - self._settled), most)
        self._settled = now
        return self._left
