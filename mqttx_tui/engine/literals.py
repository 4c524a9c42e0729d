"""Secret text that stands in a profile as written: kept out of the control messages' headers.

``strip`` replaces each by something harmless and returns it by name; the engine asks for the names
that it needs and ``restore`` puts the text back. Names: ``url``, ``password``, ``bearer``,
``tls.key_password``, ``properties.authentication_data``, ``proxy``, ``headers.N`` and ``messages.N.FIELD``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mqttx_tui.model.endpoint import parse_url
from mqttx_tui.model.errors import InputError
from mqttx_tui.model.profile import Profile, SavedMessage

PROMPT = "literal:"
"""A ``prompt`` question that starts so is answered by the front end's memory, never by a person."""

_DATA = "properties.authentication_data"
_PAYLOADS = ("payload", "payload_hex", "payload_base64")


def shown_url(url: str) -> str:
    """``url`` without user info and query values, also where it holds placeholders."""
    if "@" not in url and "?" not in url:
        return url
    try:
        return parse_url(url).shown()
    except InputError:
        scheme, separator, rest = url.partition("://")
        host = rest.rpartition("@")[2].partition("?")[0]
        return scheme + separator + host if separator else "********"


def strip(profile: Profile) -> tuple[Profile, dict[str, str]]:
    """The profile without secret text, and that text by name."""
    found: dict[str, str] = {}
    changes: dict[str, Any] = {}
    for name in ("url", "proxy"):
        text = getattr(profile, name)
        if isinstance(text, str) and (shown := shown_url(text)) != text:
            found[name], changes[name] = text, shown
    if isinstance(profile.password, str):
        found["password"], changes["password"] = profile.password, None
    if isinstance(profile.bearer, str) and profile.bearer:
        found["bearer"], changes["bearer"] = profile.bearer, ""
    if isinstance(profile.tls.key_password, str) and profile.tls.key_password:
        found["tls.key_password"] = profile.tls.key_password
        changes["tls"] = replace(profile.tls, key_password="")
    data = profile.properties.authentication_data
    if isinstance(data, str) and data:
        found[_DATA] = data
        changes["properties"] = replace(profile.properties, authentication_data="")
    headers = list(profile.headers)
    for index, (header, value) in enumerate(headers):
        if isinstance(value, str):
            found[f"headers.{index}"], headers[index] = value, (header, "")
    messages = list(profile.messages)
    for index, message in enumerate(messages):
        if message.secret:
            messages[index] = _strip_message(message, index, found)
    return replace(profile, headers=tuple(headers), messages=tuple(messages), **changes), found


def _strip_message(message: SavedMessage, index: int, found: dict[str, str]) -> SavedMessage:
    for name in _PAYLOADS:
        text = getattr(message, name)
        if text:
            found[f"messages.{index}.{name}"] = text
            emptied: dict[str, Any] = {name: ""}
            message = replace(message, **emptied)
    return message


def restore(profile: Profile, literals: Mapping[str, str]) -> Profile:
    """Put the text that ``strip`` took out back in; names that do not fit are ignored."""
    changes: dict[str, Any] = {
        name: literals[name] for name in ("url", "proxy", "password", "bearer") if name in literals
    }
    if "tls.key_password" in literals:
        changes["tls"] = replace(profile.tls, key_password=literals["tls.key_password"])
    if _DATA in literals:
        changes["properties"] = replace(profile.properties, authentication_data=literals[_DATA])
    headers = tuple(
        (header, literals.get(f"headers.{index}", value))
        for index, (header, value) in enumerate(profile.headers)
    )
    messages = tuple(
        _restore_message(message, index, literals) for index, message in enumerate(profile.messages)
    )
    return replace(profile, headers=headers, messages=messages, **changes)


def _restore_message(message: SavedMessage, index: int, literals: Mapping[str, str]) -> SavedMessage:
    changes: dict[str, Any] = {
        name: literals[f"messages.{index}.{name}"]
        for name in _PAYLOADS
        if f"messages.{index}.{name}" in literals
    }
    return replace(message, **changes) if changes else message
