"""How much of what was read and drawn is kept, so that scrolling need not do it again."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Remembered:
    """So many ``strips`` (lines as drawn), ``messages`` read, ``values`` of topics, rows of a
    ``history``: never fewer than a screen shows. There is one for the whole app, ``REMEMBERED``."""

    strips: int = 1024
    messages: int = 4096
    values: int = 2048
    history: int = 500

    def settle(self, *, low_memory: bool) -> None:
        """A quarter of it with little memory."""
        usual, share = Remembered(), 4 if low_memory else 1
        self.strips, self.messages = usual.strips // share, usual.messages // share
        self.values, self.history = usual.values // share, usual.history // share


REMEMBERED = Remembered()
