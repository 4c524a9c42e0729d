"""What a broker said in CONNACK, in words: what it allows, and what it does not (MQTT 5.0 §3.2.2.3)."""

from __future__ import annotations

from collections.abc import Iterator

from mqttx_tui.model.shown import size
from mqttx_tui.wire.packets import V5, Connack, Properties

Fact = tuple[str, str]
"""A name and what is said of it, in the broker's own words as they came: not yet fit for a terminal."""

NEVER = 0xFFFFFFFF
"""A session expiry interval that means: kept for ever (§3.1.2.11.2)."""


def broker_facts(connack: Connack, version: int, asked: Properties) -> tuple[Fact, ...]:
    """What the broker allows, with what the standard says where it was silent.

    ``asked`` are the properties of our CONNECT, for what the broker changed of them. Below version 5
    it can say nothing but whether there was a session.
    """
    facts: list[Fact] = [("session", "resumed" if connack.session_present else "new")]
    if version >= V5:
        facts += _allowed(connack.properties)
        facts += _decided(connack.properties, asked)
        facts += _said(connack.properties)
    return tuple(facts)


def _allowed(found: Properties) -> Iterator[Fact]:
    yield "highest QoS", str(found.get("maximum_qos", 2))
    for name, what in _AVAILABLE:
        yield what, "no" if found.get(name) is False else "yes"
    yield "unacknowledged messages", f"{found.get('receive_maximum', 65_535):,} at a time"
    largest = found.get("maximum_packet_size")
    yield "largest packet", "no limit" if largest is None else f"{size(largest)} ({largest:,} bytes)"
    aliases = found.get("topic_alias_maximum", 0)
    yield "topic aliases", f"{aliases:,}" if aliases else "none"


_AVAILABLE = (
    ("retain_available", "retained messages"),
    ("wildcard_subscription_available", "wildcards"),
    ("shared_subscription_available", "shared subscriptions"),
    ("subscription_identifier_available", "subscription identifiers"),
)


def _decided(found: Properties, asked: Properties) -> Iterator[Fact]:
    """What it changed of what we asked for."""
    seconds = found.get("server_keep_alive")
    yield "keepalive", "as asked" if seconds is None else f"{seconds:,} s, the broker's own"
    mine = asked.get("session_expiry_interval", 0)
    expiry = found.get("session_expiry_interval")
    yield "session expiry", _expiry(mine) if expiry is None else f"{_expiry(expiry)}, not {_expiry(mine)}"
    assigned = found.get("assigned_client_identifier")
    yield "client id", "as asked" if assigned is None else f"{assigned}, the broker's own"


def _expiry(seconds: int) -> str:
    if seconds == NEVER:
        return "never"
    return f"{seconds:,} s" if seconds else "at the end of the connection"


def _said(found: Properties) -> Iterator[Fact]:
    for name in ("response_information", "server_reference", "reason_string", "authentication_method"):
        if name in found:
            yield name.replace("_", " "), str(found[name])
    for name, value in found.get("user", ()):
        yield "user property", f"{name}: {value}"
