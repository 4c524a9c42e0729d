"""Saved messages that are sent by themselves when a certain frame arrives (``when`` is a filter)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mqttx_tui.capture.filters import Filter, FilterError, parse
from mqttx_tui.capture.filters.evaluate import FilterMessage, matches
from mqttx_tui.model.errors import AppError
from mqttx_tui.model.message import BINARY_FRAME, NOT_UTF8, WEBSOCKET, Outgoing
from mqttx_tui.model.profile import Profile, SavedMessage
from mqttx_tui.session.saved import CONNECTED, outgoing_of
from mqttx_tui.session.ws_frames import BINARY
from mqttx_tui.transport.base import Frame

Notice = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class Rule:
    """Send ``outgoing`` when a received frame matches ``wanted``."""

    wanted: Filter
    outgoing: Outgoing


class FrameRules:
    """The rules of one profile; empty for most."""

    def __init__(self, rules: list[Rule]) -> None:
        self._rules = rules

    @property
    def any(self) -> bool:
        """Whether there is a rule at all."""
        return bool(self._rules)

    def answers(self, frame: Frame, topic: str, at: int) -> list[Outgoing]:
        """What is sent because of a received frame."""
        flags = WEBSOCKET | (BINARY_FRAME if frame.opcode == BINARY else 0) | (0 if frame.valid else NOT_UTF8)
        message = FilterMessage(at, topic, flags, frame.size, frame.payload)
        return [rule.outgoing for rule in self._rules if matches(rule.wanted, message)]


def wants_rules(profile: Profile) -> bool:
    """Whether a profile has messages of this kind; a read-only one sends nothing by itself."""
    return not profile.read_only and any(_is_rule(message) for message in profile.messages)


def read_rules(profile: Profile) -> tuple[FrameRules, list[str]]:
    """The rules of a resolved profile, and what is wrong with those left out.

    May read payload files: call it in a thread.
    """
    rules: list[Rule] = []
    problems: list[str] = []
    for message in filter(_is_rule, profile.messages):
        try:
            rules.append(Rule(parse(message.when), outgoing_of(message)))
        except FilterError as error:
            problems.append(f"{message.name}: when = {message.when!r}: {error.message}")
        except AppError as error:
            problems.append(f"{message.name}: {error.message}")
    return FrameRules(rules), problems


def _is_rule(message: SavedMessage) -> bool:
    return message.when not in ("", CONNECTED)
