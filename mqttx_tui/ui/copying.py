"""What ``Y`` copies: parts of a message, and lines that send it again elsewhere."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from textual.app import App

from mqttx_tui.capture.reader import CaptureReader
from mqttx_tui.model.endpoint import parse_url
from mqttx_tui.model.errors import AppError, InputError
from mqttx_tui.model.message import WEBSOCKET, Message
from mqttx_tui.model.profile import Profile, Subscription
from mqttx_tui.payload.json_line import dump, message_object
from mqttx_tui.ui import shell_lines
from mqttx_tui.ui.clipboard import copy
from mqttx_tui.ui.copies import Copy
from mqttx_tui.ui.desk import Desk
from mqttx_tui.ui.dialogs import ask_screen, confirm
from mqttx_tui.ui.safe import line
from mqttx_tui.ui.screens.ask import TextPrompt
from mqttx_tui.ui.screens.menu import Menu
from mqttx_tui.ui.screens.question import Answer
from mqttx_tui.ui.topic_value import obvious

COPIED_BYTES = 1_000_000
SHELL_LINES: dict[str, tuple[str, shell_lines.Line]] = {
    "m": ("mosquitto_pub", shell_lines.mosquitto_pub),
    "s": ("mosquitto_sub", shell_lines.mosquitto_sub),
    "x": ("mqttx pub", shell_lines.mqttx),
    "u": ("mqttx-tui pub", shell_lines.mqttx_tui),
    "w": ("websocat", shell_lines.websocat),
}
_KEYS_HERE = "123456789ABCDEFGHIJKL"
"""For what the part that has the keys offers."""
_FOR_MQTT = "tpvjmsxucf"
_FOR_WEBSOCKET = "tpvjuwcf"
_LABELS = {
    "t": "topic",
    "p": "payload",
    "v": "value (of JSON its obvious field)",
    "j": "JSON line",
    "c": "its connection as a profile (TOML)",
    "f": "payload to a file",
    **{key: f"as {name}" for key, (name, _) in SHELL_LINES.items()},
}


async def copy_menu(app: App[Any], desk: Desk, message: Message, copies: Sequence[Copy] = ()) -> None:
    """Ask what to copy, and copy it: of the message, which carries ``COPIED_BYTES``, or of ``copies``.

    Raises ``AppError`` where it cannot be copied.
    """
    keys = _FOR_WEBSOCKET if message.flags & WEBSOCKET else _FOR_MQTT
    title = f"Copy from {line(message.topic or 'this frame', 30)}"
    here = dict(zip(_KEYS_HERE, copies, strict=False))
    answers = [Answer(key, line(each.label, 60)) for key, each in here.items()]
    chosen = await ask_screen(app, Menu(title, (*answers, *(Answer(key, _LABELS[key]) for key in keys))))
    if not chosen or desk.reader is None:
        return
    if chosen in here:
        copy(app, here[chosen].text)
        desk.say("info", f"{line(here[chosen].label, 60)} copied, {len(here[chosen].text):,} characters")
        return
    if chosen == "f":
        await _to_file(app, desk, message)
        return
    text = text_of(chosen, message, desk, desk.reader)
    copy(app, text)
    desk.say("info", f"copied, {_LABELS[chosen]}, {len(text):,} characters")


def text_of(key: str, message: Message, desk: Desk, reader: CaptureReader) -> str:
    """What a key of the menu copies. Raises ``InputError``."""
    if key == "t":
        return message.topic
    if key == "c":
        return _profile_text(_target(message, desk, reader), message)
    if key in SHELL_LINES:
        return SHELL_LINES[key][1](message, _target(message, desk, reader))
    if len(message.payload) < message.payload_size:
        raise InputError(
            f"{message.payload_size:,} bytes are too much", title="Not copied", hint="Y f: to a file"
        )
    if key == "j":
        connection = reader.connections().get(message.connection)
        return json_line(message, connection.name if connection is not None else "")
    return message.payload.decode("utf-8", "replace") if key == "p" else _value(message)


def _value(message: Message) -> str:
    try:
        found = json.loads(message.payload)
    except (ValueError, RecursionError):
        return message.payload.decode("utf-8", "replace")
    return obvious(found) if isinstance(found, dict) else message.payload.decode("utf-8", "replace").strip()


def json_line(message: Message, connection: str) -> str:
    """The message as one JSON object; ``connection`` is the connection's name."""
    from mqttx_tui.wire.properties import decode_properties

    try:
        properties = dict(decode_properties(message.properties)) if message.properties else {}
    except AppError:
        properties = {}
    fields = message_object(message.at, message.topic, message.flags, message.payload, connection, properties)
    return dump(fields, ascii_only=False).decode("utf-8", "replace")


def _target(message: Message, desk: Desk, reader: CaptureReader) -> shell_lines.Target:
    snapshot = desk.workspace.snapshots.get(message.connection)
    row = reader.connections().get(message.connection)
    if row is None:
        raise InputError("its connection is not in the capture", title="Not copied")
    known = snapshot.key if snapshot is not None else row.name
    profile = next((found for found in desk.workspace.profiles if found.key == known), None)
    version = snapshot.version if snapshot is not None else ""
    return shell_lines.Target(parse_url(row.url), row.protocol, version, profile)


def _profile_text(target: shell_lines.Target, message: Message) -> str:
    """The table for the profile file; secrets masked. Without a profile one for the URL and topic."""
    from mqttx_tui.profiles import toml
    from mqttx_tui.profiles.plain import masked
    from mqttx_tui.ui.form_fields import key_for

    url = target.endpoint.shown()
    topics = (Subscription(message.topic, message.qos),) if target.protocol == "mqtt" else ()
    profile = target.profile or Profile(key_for("", url), url, subscriptions=topics)
    if target.profile is None and target.protocol == "websocket":
        profile = replace(profile, protocol="websocket")
    key = profile.key if "://" not in profile.key else key_for(profile.name, url)
    return toml.connection(key, masked(profile))


async def _to_file(app: App[Any], desk: Desk, message: Message) -> None:
    name = "".join(c if c.isalnum() and c.isascii() else "-" for c in message.topic[-40:]).strip("-")
    proposal = Path.cwd() / f"{name or 'frame'}-{message.id}.bin"
    answer = await ask_screen(app, TextPrompt("Write the payload to", str(proposal)))
    if not answer or not answer.strip() or desk.reader is None:
        return
    path = Path(answer.strip()).expanduser()
    if path.exists() and not await confirm(app, f"{path} exists. Replace it?", yes="Replace"):
        return
    payload = desk.reader.payload(message.id)
    if len(payload) != message.payload_size:
        raise AppError("the message was evicted meanwhile", title="Not written")
    try:
        await asyncio.to_thread(path.write_bytes, payload)
    except OSError as error:
        raise AppError(f"{line(str(path))}: {error.strerror}", title="Not written") from None
    desk.say("info", f"wrote {len(payload):,} bytes to {line(str(path))}")
