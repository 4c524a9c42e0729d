"""Which subscription a message came by (MQTT 5.0 §3.3.4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from mqttx_tui.model.topics import filter_matches


class Listed(Protocol):
    """A subscription, as far as it tells of messages."""

    @property
    def filter(self) -> str:
        """The topic filter, ``$share/NAME/`` included."""

    @property
    def identifier(self) -> int | None:
        """The subscription identifier that it was made with."""

    @property
    def on(self) -> bool:
        """Whether it is subscribed to."""


@dataclass(frozen=True, slots=True)
class CameBy:
    """What is known of it.

    With ``identifiers`` the broker named the subscriptions, and ``filters`` are those that were made with
    them; without, ``filters`` are all that match the topic: worked out here, any of them may be the one.
    """

    identifiers: tuple[int, ...] = ()
    filters: tuple[str, ...] = ()

    @property
    def computed(self) -> bool:
        """Whether the broker did not say it."""
        return not self.identifiers


def came_by(topic: str, identifiers: Sequence[int], subscriptions: Iterable[Listed]) -> CameBy:
    """By which of ``subscriptions`` a message on ``topic`` came; ``identifiers`` are those of its PUBLISH.

    An identifier that several subscriptions were made with stands for those of them that match.
    """
    listed = [one for one in subscriptions if one.on]
    matching = tuple(one.filter for one in listed if filter_matches(one.filter, topic))
    if not identifiers:
        return CameBy((), matching)
    named = [one for one in listed if one.identifier in identifiers]
    return CameBy(tuple(identifiers), tuple(one.filter for one in named if one.filter in matching))
