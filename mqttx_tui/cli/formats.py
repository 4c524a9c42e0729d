"""What ``sub`` prints for a message: payload, topic and payload, a line for people, JSON, or -F.

A format is a function from a ``Record`` to bytes, without the end of line; None prints nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from mqttx_tui.model.came_by import came_by
from mqttx_tui.model.message import OUTGOING
from mqttx_tui.model.profile import Subscription
from mqttx_tui.model.visible import visible, visible_bytes
from mqttx_tui.payload.json_line import dump, message_object


class Record(NamedTuple):
    """One message on its way to stdout. ``at`` in ns since 1970, ``flags`` as in the capture."""

    at: int
    topic: str
    flags: int
    payload: bytes
    properties: bytes | None
    connection: str


Format = Callable[[Record], bytes | None]


def payload_only(record: Record) -> bytes | None:
    """The payload byte for byte; nothing at all for an empty one, as mosquitto_sub does."""
    return record.payload or None


def with_topic(record: Record) -> bytes:
    """``topic payload``, or ``topic (null)`` for an empty payload."""
    return utf8(record.topic) + b" " + (record.payload or b"(null)")


def for_people(record: Record) -> bytes:
    """Time, topic and payload on one line, control characters made visible."""
    topic = f"{visible(record.topic)} " if record.topic else ""
    text = f"{clock(record.at)} {topic}{visible_bytes(record.payload)}"
    return text.encode("utf-8", "backslashreplace")


def json_format(subscriptions: Sequence[Subscription] = (), *, terminal: bool = False) -> Format:
    """One JSON object a message; ``payload_base64`` where the payload is not UTF-8.

    Of a received message it says by which of ``subscriptions`` it came: ``subscription_ids`` and
    ``filters`` where the broker named them (MQTT 5.0 §3.3.4), else ``matching_filters``, worked out here.
    For a terminal what is not plainly printable is escaped.
    """

    @lru_cache(maxsize=4096)
    def by(topic: str, identifiers: tuple[int, ...]) -> dict[str, Any]:
        came = came_by(topic, identifiers, subscriptions)
        if came.computed:
            return {"matching_filters": list(came.filters)}
        return {"subscription_ids": list(identifiers), "filters": list(came.filters)}

    def output(record: Record) -> bytes:
        properties = decoded(record.properties)
        fields = message_object(
            record.at, record.topic, record.flags, record.payload, record.connection, properties
        )
        if subscriptions and not record.flags & OUTGOING:
            fields |= by(record.topic, properties.get("subscription_identifier", ()))
        line = dump(fields, ascii_only=False)
        if not terminal:
            return line
        text = line.decode("utf-8", "replace")
        return line if visible(text) == text else dump(fields, ascii_only=True)

    return output


def decoded(raw: bytes | None) -> dict[str, Any]:
    """The properties by name; empty where there are none or they cannot be read."""
    if not raw:
        return {}
    from mqttx_tui.model.errors import AppError  # most messages have none
    from mqttx_tui.wire.properties import decode_properties

    try:
        return dict(decode_properties(raw))
    except AppError:
        return {}


def utf8(text: str) -> bytes:
    """A topic's bytes; lone surrogates stay what they were on the wire."""
    return text.encode("utf-8", "surrogatepass")


@lru_cache(maxsize=8)
def _clock_second(second: int) -> str:
    return time.strftime("%H:%M:%S", time.localtime(second))


def clock(at: int) -> str:
    """Local time of day with milliseconds."""
    second, rest = divmod(at, 1_000_000_000)
    return f"{_clock_second(second)}.{rest // 1_000_000:03d}"


def choose(
    *,
    template: str | None,
    as_json_lines: bool,
    verbose: bool,
    terminal: bool,
    subscriptions: Sequence[Subscription] = (),
) -> Format:
    """The format that the options ask for; ``template`` (-F) goes before -v. Raises ``InputError``."""
    if as_json_lines:
        return json_format(subscriptions, terminal=terminal)
    if template is not None:
        from mqttx_tui.cli.template import compile_template

        return compile_template(template, terminal=terminal)
    if terminal:
        return for_people
    return with_topic if verbose else payload_only
