"""Saved messages between the profile file, the form's fields and the composer. No widgets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import tomli_w

from mqttx_tui.model.errors import InputError
from mqttx_tui.model.profile import SavedMessage
from mqttx_tui.payload.encode import FORMATS, encode
from mqttx_tui.profiles.load import parse
from mqttx_tui.ui.draft import BYTES, Draft, is_plain
from mqttx_tui.ui.draft_properties import FIELDS as PROPERTIES
from mqttx_tui.ui.draft_properties import as_typed, as_written

Table = dict[str, Any]
Kind = Literal["text", "choice", "toggle", "payload"]
PAYLOADS = ("payload", "payload_file", "payload_hex", "payload_base64")
PROPERTY = "properties."


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the form. ``of_mqtt``: a raw WebSocket has none."""

    key: str
    label: str
    kind: Kind = "text"
    values: tuple[str, ...] = ()
    hint: str = ""
    of_mqtt: bool = False

    @property
    def id(self) -> str:
        """The widget's id."""
        return "saved-" + self.key.replace(".", "-")


FIELDS: tuple[Field, ...] = (
    Field("name", "name", hint="what you call it"),
    Field("topic", "topic", of_mqtt=True),
    Field("payload", "payload", "payload"),
    Field("payload_file", "or a file", hint="~/fw.bin, read at every sending"),
    Field("format", "format", "choice", FORMATS),
    Field("qos", "QoS", "choice", ("0", "1", "2"), of_mqtt=True),
    Field("retain", "retain", "toggle", of_mqtt=True),
    Field("template", "template: fill in ${…} and {{ … }}", "toggle"),
    Field("secret", "secret: only its length is captured", "toggle"),
    Field("on_connect", "send it on connecting", "toggle"),
    Field("every", "send it every", hint="30s"),
    Field("when", "send it when", hint='a filter: .type == "auth_required"'),
    Field("properties.content_type", "content type", of_mqtt=True, hint="MQTT 5"),
    Field("properties.response_topic", "reply to", of_mqtt=True),
    Field("properties.correlation_data", "correlation", of_mqtt=True),
    Field("properties.message_expiry_interval", "expires", of_mqtt=True, hint="30s"),
    Field("properties.payload_format_indicator", "marked as", "choice", ("–", "0", "1"), of_mqtt=True),
    Field("properties.user", "user", of_mqtt=True, hint="name=value; other=value"),
)
_BLANK = {"format": "text", "qos": "0", "properties.payload_format_indicator": "–"}


def draft_of(message: SavedMessage) -> Draft:
    """A saved message as the composer takes it."""
    payload, format = message.payload or "", str(message.format)
    if message.payload_hex is not None:
        payload, format = message.payload_hex, "hex"
    elif message.payload_base64 is not None:
        payload, format = message.payload_base64, "base64"
    odd = format == "text" and not message.template and not is_plain(payload)
    if odd:
        payload, format = payload.encode("utf-8", "surrogateescape").hex(" "), "hex"
    return Draft(
        message.topic,
        payload,
        format,
        message.qos,
        message.retain,
        as_typed(message.properties),
        message.template,
        message.payload_file or "",
        message.name,
        message.secret,
        frame="text" if odd else "",
    )


def table_of(draft: Draft, name: str, before: Table) -> Table:
    """A draft as a message of the profile file; what the composer has no field for stays as ``before``.

    Raises ``InputError`` for properties that cannot be read, and for a payload that does not fit its frame.
    """
    draft = _as_kept(draft)
    values = from_table(before) | {
        "name": name,
        "topic": draft.topic,
        "payload": "",
        "payload_file": draft.file,
    }
    values |= {"payload": "" if draft.file else draft.payload, "format": draft.format, "qos": str(draft.qos)}
    for key, on in (("retain", draft.retain), ("template", draft.template), ("secret", draft.secret)):
        values[key] = "yes" if on else ""
    values |= {
        PROPERTY + key: draft.properties.get(key, _BLANK.get(PROPERTY + key, "")) for key in PROPERTIES
    }
    return to_table(values, before)


def _as_kept(draft: Draft) -> Draft:
    """A draft whose format alone says in which kind of frame it goes: the file has no more than that."""
    binary = draft.frame == "binary"
    if not draft.frame or draft.file or binary == (draft.format in BYTES):
        return draft
    if binary and draft.template:
        raise InputError("a template is kept as text", title="Not saved", hint="as ‹auto›, or no template")
    payload = encode(draft.payload, draft.format)
    if binary:
        return replace(draft, payload=payload.hex(" "), format="hex")
    try:
        return replace(draft, payload=payload.decode(), format="text")
    except UnicodeDecodeError:
        raise InputError("these bytes are not UTF-8", title="Not saved", hint="as ‹binary›") from None


def from_table(table: Mapping[str, Any]) -> dict[str, str]:
    """What the form's fields show for a message as written; toggles are ``yes`` or empty."""
    values = {field.key: _BLANK.get(field.key, "") for field in FIELDS}
    for key, value in table.items():
        if key in values:
            values[key] = ("yes" if value else "") if isinstance(value, bool) else str(value)
    for key in ("payload_hex", "payload_base64"):
        if key in table:
            values |= {"payload": str(table[key]), "format": key.removeprefix("payload_")}
    properties = table.get("properties")
    if isinstance(properties, dict):
        values |= {PROPERTY + key: text for key, text in as_typed(_pairs(properties)).items()}
    return values


def _pairs(properties: Table) -> Table:
    """User properties as written may have several values for a name."""
    user = properties.get("user")
    if not isinstance(user, dict):
        return properties
    pairs = [
        (name, item)
        for name, value in user.items()
        for item in (value if isinstance(value, list) else [value])
    ]
    return {**properties, "user": pairs}


def to_table(values: Mapping[str, str], before: Table) -> Table:
    """The message as a table: ``before`` with what the fields say; spellings that mean the same stay.

    Raises ``InputError`` for properties that cannot be read.
    """
    shown = from_table(before)
    table = dict(before)
    if any(values[key] != shown[key] for key in ("payload", "payload_file", "format")):
        for key in (*PAYLOADS, "format"):
            table.pop(key, None)
        if values["payload_file"]:
            table["payload_file"] = values["payload_file"]
        elif values["payload"]:
            table["payload"] = values["payload"]
        if values["format"] != "text":
            table["format"] = values["format"]
    for field in FIELDS:
        value = values[field.key]
        if field.key in (*PAYLOADS, "format") or field.key.startswith(PROPERTY) or value == shown[field.key]:
            continue
        if value == _BLANK.get(field.key, ""):
            table.pop(field.key, None)
        else:
            table[field.key] = True if field.kind == "toggle" else int(value) if field.key == "qos" else value
    typed = {key: values[PROPERTY + key] for key in PROPERTIES}
    if any(typed[key] != shown[PROPERTY + key] for key in PROPERTIES):
        table.pop("properties", None)
        if written := as_written({key: text for key, text in typed.items() if text != "–"}):
            table["properties"] = written
    return table


def check(table: Table, *, raw: bool) -> dict[str, str]:
    """What is wrong with a message as written, by field (``""``: none in particular)."""
    url = {"url": "ws://check", "protocol": "websocket"} if raw else {"url": "mqtt://check"}
    text = tomli_w.dumps({"schema": 1, "connections": {"check": {**url, "messages": [table]}}})
    file = parse(text.encode("utf-8", "replace"), Path("form"))
    found: dict[str, str] = {}
    for problem in file.problems:
        words = problem.text + (f" ({problem.hint})" if problem.hint else "")
        found.setdefault(_field_of(problem.key), words)
    if not found and file.profiles:
        found |= _deeper(file.profiles[0].messages[0])
    return found


def _field_of(key: str) -> str:
    name = key.partition("]")[2].lstrip(".")
    return next((field.key for field in FIELDS if field.key == name), "")


def _deeper(message: SavedMessage) -> dict[str, str]:
    """What only shows when it is sent: the filter, the placeholders, the payload's format."""
    from mqttx_tui.capture.filters import parse as parse_filter
    from mqttx_tui.profiles.templates import check as check_template

    found: dict[str, str] = {}
    if message.when not in ("", "connected"):
        try:
            parse_filter(message.when)
        except InputError as error:
            found["when"] = _words(error)
    try:
        check_template(message)
        if not message.template and message.payload:
            encode(message.payload, message.format)
    except InputError as error:
        found["payload"] = _words(error)
    return found


def _words(error: InputError) -> str:
    return error.message + (f" ({error.hint})" if error.hint else "")


def flags_of(message: SavedMessage) -> str:
    """What happens by itself, in a few words."""
    words = []
    if message.on_connect or message.when == "connected":
        words.append("on connect")
    elif message.when:
        words.append(f"when {message.when}")
    if message.every:
        words.append(f"every {message.every:g} s")
    if message.template:
        words.append("template")
    return " · ".join(words)
