"""Profiles as the TOML tables that a person would write: only what differs from the defaults."""

from __future__ import annotations

import re
from dataclasses import MISSING, fields
from typing import Any

from mqttx_tui.model.endpoint import parse_url
from mqttx_tui.model.errors import InputError
from mqttx_tui.model.profile import Profile, SavedMessage, SecretRef, Subscription
from mqttx_tui.profiles.keys import CONNECTION_KEYS
from mqttx_tui.profiles.secrets import is_secret_header

MASK = "********"
_ONLY_PLACEHOLDER = re.compile(r"(?:[A-Za-z]+ )?\$\{[A-Za-z_][A-Za-z0-9_]*\}\Z")
"""A string that names a variable shows no secret."""


def to_plain(profile: Profile) -> dict[str, Any]:
    """The connection's table, in the order of ``keys``; keys at their default are left out."""
    table: dict[str, Any] = {}
    for key in CONNECTION_KEYS:
        value = getattr(profile, key)
        if key == "protocol":
            if _needs_protocol(profile):
                table[key] = value
        elif key != "url" and value == _default(Profile, key):
            continue
        elif key in ("subscriptions", "messages"):
            table[key] = [_item(item) for item in value]
        elif key in ("tls", "will", "properties"):
            table[key] = _fields(value)
        elif key == "packet_properties":
            table[key] = {name: _properties(item) for name, item in _fields(value).items()}
        elif key == "headers":
            table[key] = {name: _plain(item) for name, item in value}
        else:
            table[key] = _plain(value)
    return table


def masked(profile: Profile) -> dict[str, Any]:
    """The same as ``to_plain``, fit for a screen: no password, token or secret payload in it."""
    table = to_plain(profile)
    if isinstance(profile.url, str):
        table["url"] = _masked_url(profile.url)
    if isinstance(profile.password, str):
        table["password"] = _masked(profile.password)
    if isinstance(profile.bearer, str) and profile.bearer:
        table["bearer"] = _masked(profile.bearer)
    if isinstance(profile.tls.key_password, str) and profile.tls.key_password:
        table["tls"]["key_password"] = _masked(profile.tls.key_password)
    data = profile.properties.authentication_data
    if isinstance(data, str) and data:
        table["properties"]["authentication_data"] = _masked(data)
    if profile.proxy:
        table["proxy"] = _masked_url(profile.proxy)
    for name, value in profile.headers:
        if isinstance(value, str) and is_secret_header(name):
            table["headers"][name] = _masked(value)
    for message, item in zip(profile.messages, table.get("messages", []), strict=False):
        if message.secret:
            item.update({key: MASK for key in ("payload", "payload_hex", "payload_base64") if key in item})
    return table


def _masked(text: str) -> str:
    return text if _ONLY_PLACEHOLDER.match(text) else MASK


def _masked_url(url: str) -> str:
    if "@" not in url and "?" not in url:
        return url
    try:
        shown = parse_url(url).shown()
    except InputError:
        scheme, separator, rest = url.partition("://")
        address, _, query = rest.partition("?")
        shown = scheme + separator + address.rpartition("@")[2] + (f"?{MASK}" if query else "")
    return shown if "@" not in url.partition("?")[0] else shown.replace("://", f"://{MASK}@", 1)


def _needs_protocol(profile: Profile) -> bool:
    """Whether the url leaves open what is spoken."""
    url = profile.url
    if isinstance(url, SecretRef) or "${" in url.partition("://")[0]:
        return True
    return url.partition("://")[0].lower() in ("ws", "wss")


def _default(kind: type, name: str) -> Any:
    for item in fields(kind):
        if item.name == name:
            if item.default_factory is not MISSING:
                return item.default_factory()
            return None if item.default is MISSING else item.default
    raise AssertionError(name)


def _fields(value: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for item in fields(value):
        below = getattr(value, item.name)
        required = item.default is MISSING and item.default_factory is MISSING
        if not required and below == _default(type(value), item.name):
            continue
        found[item.name] = _user(below) if item.name == "user" else _plain(below)
    return found


def _item(value: Subscription | SavedMessage) -> Any:
    found = _fields(value)
    if "properties" in found:
        found["properties"] = _properties(found["properties"])
    return found["filter"] if list(found) == ["filter"] else found


def _properties(found: dict[str, Any]) -> dict[str, Any]:
    return {key: _user(item) if key == "user" else item for key, item in found.items()}


def _user(pairs: Any) -> Any:
    names = [name for name, _ in pairs]
    if len(set(names)) == len(names):
        return dict(pairs)
    return [[name, value] for name, value in pairs]


def _plain(value: Any) -> Any:
    if isinstance(value, SecretRef):
        return {value.kind: value.argument or (True if value.kind == "prompt" else "")}
    if isinstance(value, float) and value == int(value):
        return int(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value
