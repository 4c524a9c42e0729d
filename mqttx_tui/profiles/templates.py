"""Placeholders of messages that say ``template = true``; nothing else is ever filled in.

``${NAME}`` and ``${NAME:-default}`` are variables, as everywhere in a profile. ``{{ … }}`` is evaluated
at every sending:

    {{ now }}           local time, ISO 8601: 2026-11-21T12:30:01.250+01:00
    {{ timestamp }}     whole seconds since 1970
    {{ timestamp_ms }}  milliseconds since 1970
    {{ uuid }}          a random UUID
    {{ counter }}       1 at the first sending of this message, 2 at the next …
    {{ random 1 100 }}  a random whole number, both ends included
    {{ client_id }}     the client id of the connection
    {{ "{{" }}          text that stands for itself
"""

from __future__ import annotations

import random
import re
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from difflib import get_close_matches
from typing import Any

from mqttx_tui.model.errors import InputError
from mqttx_tui.model.profile import SavedMessage
from mqttx_tui.profiles.placeholders import fill

NAMES = ("now", "timestamp", "timestamp_ms", "uuid", "counter", "random", "client_id")
_OPEN, _CLOSE = "{{", "}}"
_EXPRESSION = re.compile(
    r"""\{\{\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<words>.*?))\s*\}\}""", re.S
)
_INTEGER = re.compile(r"-?[0-9]{1,18}\Z")


@dataclass(frozen=True, slots=True)
class Sending:
    """What the placeholders of one sending stand for; ``at`` in seconds since 1970."""

    counter: int = 1
    client_id: str = ""
    at: float = field(default_factory=time.time)


def fill_variables(message: SavedMessage, environment: Mapping[str, str]) -> SavedMessage:
    """A template with its variables filled in; any other message as it is.

    What a variable holds is text: ``{{`` in it is no placeholder. Raises ``placeholders.Unset``.
    """
    if not message.template:
        return message
    quoted = {name: value.replace(_OPEN, '{{ "{{" }}') for name, value in environment.items()}
    return _each(message, lambda text: fill(text, quoted))


def render(message: SavedMessage, sending: Sending) -> SavedMessage:
    """A template as it is sent now; any other message as it is.

    Raises ``InputError`` that names the place and the placeholder that is not known.
    """
    if not message.template:
        return message
    return _each(message, lambda text: render_text(text, sending))


def check(message: SavedMessage) -> None:
    """Raise ``InputError`` where ``render`` would."""
    render(message, Sending())


def _each(message: SavedMessage, change: Callable[[str], str]) -> SavedMessage:
    """Every text of a message that may hold placeholders: topic, payload, properties."""
    return replace(
        message,
        topic=change(message.topic),
        payload=None if message.payload is None else change(message.payload),
        properties={name: _inside(value, change) for name, value in message.properties.items()},
    )


def _inside(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list | tuple):
        return tuple(_inside(item, change) for item in value)
    return value


def render_text(text: str, sending: Sending) -> str:
    """``text`` with every ``{{ … }}`` evaluated. Raises ``InputError``."""
    parts: list[str] = []
    position = 0
    while (start := text.find(_OPEN, position)) >= 0:
        match = _EXPRESSION.match(text, start)
        if match is None:
            raise _problem(text, start, "{{ is not closed by }}")
        parts += [text[position:start], _value(match, text, sending)]
        position = match.end()
    return "".join(parts) + text[position:]


def _value(match: re.Match[str], text: str, sending: Sending) -> str:
    quoted = match["double"] if match["double"] is not None else match["single"]
    if quoted is not None:
        return quoted
    name, *arguments = match["words"].split() or [""]
    if name == "random":
        return _random(arguments, text, match.start())
    if arguments and name in NAMES:
        raise _problem(text, match.start(), f"{name} takes no argument")
    match name:
        case "now":
            return datetime.fromtimestamp(sending.at).astimezone().isoformat(timespec="milliseconds")
        case "timestamp":
            return str(int(sending.at))
        case "timestamp_ms":
            return str(int(sending.at * 1000))
        case "uuid":
            return str(uuid.uuid4())
        case "counter":
            return str(sending.counter)
        case "client_id":
            return sending.client_id
    near = get_close_matches(name, NAMES, 1)
    meant = f"did you mean {{{{ {near[0]} }}}}?" if near else f"known: {', '.join(NAMES)}"
    shown = match[0] if len(match[0]) <= 40 else match[0][:39] + "…"
    raise _problem(text, match.start(), f"there is no placeholder {shown}", meant)


def _random(arguments: list[str], text: str, position: int) -> str:
    if len(arguments) != 2 or not all(map(_INTEGER.match, arguments)):
        raise _problem(text, position, "random takes two whole numbers", "{{ random 1 100 }}")
    low, high = map(int, arguments)
    if low > high:
        raise _problem(text, position, f"random: {low} is more than {high}", f"{{{{ random {high} {low} }}}}")
    return str(random.randint(low, high))


def _problem(text: str, position: int, problem: str, hint: str = "") -> InputError:
    line = text.count("\n", 0, position) + 1
    column = position - text.rfind("\n", 0, position)
    return InputError(f"line {line}, column {column}: {problem}", title="Bad template", hint=hint)
