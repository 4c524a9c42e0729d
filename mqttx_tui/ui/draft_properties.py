"""MQTT 5 properties of a message as text fields: as typed, and as sent (MQTT 5.0 §3.3.2.3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mqttx_tui.model import units
from mqttx_tui.model.errors import InputError
from mqttx_tui.model.topics import check_topic

FIELDS = (
    "content_type",
    "response_topic",
    "correlation_data",
    "message_expiry_interval",
    "payload_format_indicator",
    "user",
)
"""In the order in which they are shown; all are texts, an empty one is left out."""
HEX = "hex:"
"""Correlation data that begins so is bytes, anything else is text."""
LONGEST_EXPIRY = 0xFFFFFFFF
_SEPARATORS = (";", "=", "\\")


def as_typed(properties: Mapping[str, Any]) -> dict[str, str]:
    """The fields for properties as captured or as in a profile; what is no field is left out."""
    found: dict[str, str] = {}
    for name in FIELDS:
        value = properties.get(name)
        if value is None:
            continue
        if name == "user":
            pairs = value.items() if isinstance(value, Mapping) else value
            found[name] = "; ".join(f"{_escaped(key)}={_escaped(text)}" for key, text in pairs)
        elif name == "message_expiry_interval" and not isinstance(value, str):
            found[name] = f"{value}s"
        elif name == "correlation_data":
            found[name] = _correlation_text(value)
        else:
            found[name] = str(int(value) if isinstance(value, bool) else value)
    return {name: text for name, text in found.items() if text}


def as_sent(typed: Mapping[str, str]) -> dict[str, Any]:
    """The properties that the fields mean. Raises ``InputError`` that names the field."""
    found: dict[str, Any] = {}
    for name in FIELDS:
        text = typed.get(name, "")
        if text.strip():
            found[name] = _value(name, text)
    return found


def as_written(typed: Mapping[str, str]) -> dict[str, Any]:
    """The same as ``as_sent``, as a table of the profile file."""
    found = as_sent(typed)
    if isinstance(found.get("correlation_data"), bytes):
        raise InputError(
            "correlation data in hex cannot stand in the profile file",
            title="Not saved",
            hint="write it as text",
        )
    if "user" in found:
        pairs = found["user"]
        names = [name for name, _ in pairs]
        found["user"] = dict(pairs) if len(set(names)) == len(names) else [list(pair) for pair in pairs]
    return found


def _value(name: str, text: str) -> Any:
    match name:
        case "user":
            return user_pairs(text)
        case "message_expiry_interval":
            return _expiry(text)
        case "payload_format_indicator":
            return int(text)
        case "correlation_data":
            return _correlation(text)
        case "response_topic":
            try:
                check_topic(text)
            except InputError as error:
                raise InputError(
                    f"response topic: {error.message}", title="Not sent", hint=error.hint
                ) from None
    return text


def _expiry(text: str) -> int:
    stripped = text.strip()
    try:
        seconds = float(stripped) if stripped.isdecimal() else units.seconds(stripped)
    except InputError as error:
        raise InputError(f"expiry: {error.message}", title="Not sent") from None
    if not 0 <= seconds <= LONGEST_EXPIRY:
        raise InputError(f"expiry: {stripped} is too long", title="Not sent", hint="136 years at most")
    return round(seconds)


def _correlation(text: str) -> str | bytes:
    if not text.startswith(HEX):
        return text
    try:
        return bytes.fromhex(text.removeprefix(HEX))
    except ValueError:
        raise InputError(
            "correlation: what follows hex: is no row of bytes", title="Not sent", hint="hex:01 ff"
        ) from None


def _correlation_text(value: str | bytes) -> str:
    if isinstance(value, str):
        return value
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return HEX + value.hex()
    plain = text.isprintable() and text.strip() and not text.startswith(HEX)
    return text if plain else HEX + value.hex()


def user_pairs(text: str) -> tuple[tuple[str, str], ...]:
    """``name=value; other=value`` as pairs; ``\\;``, ``\\=`` and ``\\\\`` stand for themselves.

    Raises ``InputError`` that names the part without a sign of equality.
    """
    pairs: list[tuple[str, str]] = []
    for part in _split(text, ";"):
        if not part.strip():
            continue
        name, *rest = _split(part.strip(), "=", 1)
        if not rest:
            raise InputError(
                f"user properties: {part.strip()!r} has no =",
                title="Not sent",
                hint="name=value; other=value",
            )
        pairs.append((_plain(name), _plain(rest[0])))
    return tuple(pairs)


def _split(text: str, separator: str, most: int = -1) -> list[str]:
    parts, begin, position = [], 0, 0
    while position < len(text):
        if text[position] == "\\":
            position += 1
        elif text[position] == separator and most:
            parts.append(text[begin:position])
            begin, most = position + 1, most - 1
        position += 1
    return [*parts, text[begin:]]


def _plain(text: str) -> str:
    out, position = [], 0
    while position < len(text):
        if text[position] == "\\" and text[position + 1 : position + 2] in _SEPARATORS:
            position += 1
        out.append(text[position])
        position += 1
    return "".join(out)


def _escaped(text: str) -> str:
    return "".join(f"\\{character}" if character in _SEPARATORS else character for character in str(text))
