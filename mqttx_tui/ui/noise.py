"""Where a flood comes from: the deepest subtree that most of the newest messages belong to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

SAMPLE = 300
"""So many of the newest messages are looked at."""
_MOST = 0.6


@dataclass(frozen=True, slots=True)
class Noise:
    """A topic, or a subtree (``branch``), and its share of the messages in percent."""

    connection: int
    topic: str
    branch: bool
    percent: int

    @property
    def filter(self) -> str:
        """As a topic filter."""
        return f"{self.topic}/#" if self.branch else self.topic


def noisiest(topics: Sequence[tuple[int, str]]) -> Noise | None:
    """The noisiest of (connection, topic) pairs; None when nothing stands out."""
    if not topics:
        return None
    connection = Counter(number for number, _ in topics).most_common(1)[0][0]
    names = [name.split("/") for number, name in topics if number == connection]
    prefix: list[str] = []
    while True:
        below = Counter(levels[len(prefix)] for levels in names if len(levels) > len(prefix))
        if not below:
            break
        level, found = below.most_common(1)[0]
        if found < _MOST * len(topics):
            break
        prefix.append(level)
        names = [levels for levels in names if levels[: len(prefix)] == prefix]
    if not prefix:
        return None
    branch = any(len(levels) > len(prefix) for levels in names)
    return Noise(connection, "/".join(prefix), branch, len(names) * 100 // len(topics))
