"""Every command by name, for the palette: the keys of the screen, and what has no key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widget import Widget

from mqttx_tui.ui.key_names import key_name
from mqttx_tui.ui.keymap import Keymap

WITHOUT_KEY: tuple[tuple[str, str, str], ...] = (
    ("Save the capture", "copy everything captured so far to a file", "save_capture"),
    ("Jump to a time", "12:30:01, 2026-11-21T12:30, -5m or mark", "jump_to_time"),
    ("History of the topic", "its messages, newest first, and what each changed", "topic_history"),
    ("Filter by the value", "under the cursor of the inspector's payload", "inspector_filter"),
    ("From here on", "show only what came after the mark", "from_here"),
    ("Show excluded topics again", "choose one of those that x left out", "show_excluded"),
    ("Undo the last clearing", "publish the retained messages again that Del cleared", "undo_clearing"),
    ("Log", "every notice of this run", "show_log"),
    ("Settings", "theme, times, columns, retention, keys", "app.show_settings"),
    ("Change theme", "dark, light and more", "app.choose_theme"),
    ("Clear the capture", "forget every message; ids go on", "clear_capture"),
    ("Saved messages", "of the profile: send, edit, delete", "composer('saved_messages')"),
    ("Save the message", "keep what the composer holds in the profile", "composer('save_message')"),
    ("Published before", "search what was sent", "composer('search_history')"),
    ("Payload from a file", "over 1 MB it is sent from there", "composer('load_file')"),
    ("Indent the JSON payload", "of the composer", "composer('indent')"),
    ("Minify the JSON payload", "of the composer, one line", "composer('minify')"),
    ("Drop what is queued", "forget publishes that wait for a connection", "drop_queued"),
    (
        "Import a connection",
        "from a URL or a command line of mosquitto, mqttx, websocat",
        "import_connection",
    ),
    ("Search connections", "by name, URL or group", "search_connections"),
    ("Reload the profiles", "read connections.toml again; what did not change goes on", "reload_profiles"),
    ("Edit the profile file", "connections.toml in $EDITOR", "edit_profiles"),
    ("Ping", "the round trip of the connection at hand", "ping_connection"),
    ("Authenticate again", "while connected, with SCRAM (MQTT 5)", "authenticate_again"),
    ("What the broker allows", "everything that it said when it accepted us", "show_broker"),
    ("Doctor", "look the connection over, stage by stage", "examine_connection"),
    ("Handshake of a WebSocket", "headers both ways, subprotocol, extensions", "show_handshake"),
    ("Close the connection", "a WebSocket with a code and a reason", "close_connection"),
    ("Leave with the will", "disconnect, and the broker publishes the will (MQTT 5)", "leave_with_will"),
    ("Quit", "leave the app", "app.request_quit"),
)
"""Title, help and action."""


def commands(
    screen: Screen[Any], bindings: Iterable[tuple[Widget, BindingType]], keymap: Keymap
) -> Iterator[SystemCommand]:
    """One command for each binding that has a description, with what it acts on, and for what has no key."""
    listed: set[str] = set()
    for node, binding in bindings:
        if isinstance(binding, Binding) and binding.description:
            keys = keymap.name(binding.id or "", key_name(binding.key.split(",")[0]))
            run = partial(node.run_action, binding.action)
            title = binding.description.capitalize()
            listed.add(title)
            yield SystemCommand(title, f"key {keys}", run)
    for title, text, action in WITHOUT_KEY:
        if title not in listed:
            yield SystemCommand(title, text, partial(screen.run_action, action))
