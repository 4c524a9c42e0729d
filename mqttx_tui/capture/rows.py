"""What the capture reader returns."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bounds:
    """The extent of a capture: ids from ``floor`` to ``last`` are contiguous; ``pinned`` rows
    below the floor are the last and last retained message of topics."""

    floor: int
    last: int
    pinned: int = 0

    @property
    def count(self) -> int:
        """How many contiguous messages there are."""
        return max(self.last - self.floor + 1, 0)


@dataclass(slots=True)
class TopicRow:
    """One topic's statistics. Times in ns since 1970; ``retained`` is a message id or None.

    Not frozen: making 100,000 of them takes a third of the time so.
    """

    id: int
    connection: int
    name: str
    count: int
    bytes: int
    first_at: int
    last_at: int
    last_message: int
    retained: int | None
    rate: float
    revision: int


@dataclass(frozen=True, slots=True)
class ConnectionRow:
    """A connection as recorded; ``url`` holds no secret."""

    id: int
    name: str
    letter: str
    url: str
    protocol: str
    color: str = ""


@dataclass(frozen=True, slots=True)
class FateRow:
    """What became of an outgoing message, joined from its packet rows.

    ``state`` is a ``session.base.Fate`` value; ``milliseconds`` from hand-over to acknowledgement.
    """

    message: int
    state: str
    reason: int | None = None
    milliseconds: float | None = None


@dataclass(frozen=True, slots=True)
class EventRow:
    """Something that happened: connection 0 is the capture itself.

    ``message`` is the last message id given out when it happened.
    """

    id: int
    at: int
    connection: int
    kind: str
    text: str
    message: int = 0
