"""The filter's tree: what ``parse`` makes, and both back ends and the reading in words take."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, tzinfo

from mqttx_tui.model.jsonpath import Step


@dataclass(frozen=True, slots=True)
class Number:
    """A number in the field's base unit (bytes, seconds, ns for ``at``); ``text`` as it was written."""

    value: int | float
    text: str


@dataclass(frozen=True, slots=True)
class Word:
    """Text to compare with."""

    value: str


@dataclass(frozen=True, slots=True)
class Constant:
    """``true``, ``false`` or ``null``."""

    value: bool | None


@dataclass(frozen=True, slots=True)
class Octets:
    """Bytes, written ``x"01 03"``."""

    value: bytes


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time as it was written; made a number of ns by ``moments.resolve``.

    ``ago`` in seconds before now; ``mark`` is the newest mark; else a time of day with or without a date,
    in ``zone`` (None: local time). ``span`` in seconds is how much a written time stands for (a minute).
    """

    text: str
    ago: float | None = None
    mark: bool = False
    day: date | None = None
    clock: time = time()
    nanoseconds: int = 0
    zone: tzinfo | None = None
    span: float = 0.0


Literal = Number | Word | Constant | Octets | Moment


@dataclass(frozen=True, slots=True)
class Named:
    """One of the fields of the language, such as ``topic`` or ``size``."""

    name: str


@dataclass(frozen=True, slots=True)
class Path:
    """A path into the JSON payload; no steps: the whole payload."""

    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Keyed:
    """``prop.key`` (an MQTT 5 property) or ``user.key`` (a user property)."""

    kind: str
    key: str


Field = Named | Path | Keyed


@dataclass(frozen=True, slots=True)
class Everything:
    """The empty filter."""


@dataclass(frozen=True, slots=True)
class And:
    """All of them."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of them."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    part: Node


@dataclass(frozen=True, slots=True)
class Flag:
    """One of ``FLAGS``."""

    name: str


@dataclass(frozen=True, slots=True)
class Topics:
    """An MQTT topic filter that the whole topic matches."""

    filter: str


@dataclass(frozen=True, slots=True)
class Anywhere:
    """Text (any case) or bytes in the topic or the payload."""

    what: Word | Octets


@dataclass(frozen=True, slots=True)
class Exists:
    """Whether a field is there; ``null`` is."""

    field: Path | Keyed


@dataclass(frozen=True, slots=True)
class Comparison:
    """A field compared with values.

    ``op``: == != < <= > >= ~ !~ contains with one value, ``in`` with any number, ``within`` with two ends.
    """

    field: Field
    op: str
    values: tuple[Literal, ...]


Node = Everything | And | Or | Not | Flag | Topics | Anywhere | Exists | Comparison

NEGATIVE = frozenset(("!=", "!~"))
"""With several values of a field (``[*]``, repeated user properties) these ask about all, others any."""


def has_pattern(node: Node) -> bool:
    """Whether a filter searches with a regular expression."""
    match node:
        case And(parts) | Or(parts):
            return any(has_pattern(part) for part in parts)
        case Not(part):
            return has_pattern(part)
        case Comparison(_, "~" | "!~", _):
            return True
    return False
