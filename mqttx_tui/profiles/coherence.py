"""What must fit together in one connection: the url, its protocol, and TLS."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mqttx_tui.model.endpoint import Endpoint, parse_url
from mqttx_tui.model.errors import InputError
from mqttx_tui.model.profile import SCRAM_METHODS, SecretRef
from mqttx_tui.profiles.placeholders import PLACEHOLDER
from mqttx_tui.profiles.problems import HOST_KEYS
from mqttx_tui.profiles.scan import Path

Report = Callable[[Path, str, str], None]

BOTH_LINES = 'add protocol = "mqtt" (MQTT over WebSocket) or protocol = "websocket" (a raw WebSocket)'


def check(
    own: dict[str, Any], merged: dict[str, Any], values: dict[str, Any], report: Report, root: Path
) -> None:
    """Report what contradicts itself, and fill ``values["protocol"]`` in from the url.

    ``own`` is the connection's table, ``merged`` the same over the defaults, ``values`` what
    could be read from it.
    """
    if "url" not in merged:
        if not any(
            isinstance(value, dict) and _is_table_of_another(value) for value in own.values()
        ) and not any(key in own for key in (*HOST_KEYS, "port", "uri")):
            report(root, "has no url", 'for example url = "mqtt://localhost:1883"')
        return
    url = values.get("url")
    if url is None:
        return
    path = (*root, "url")
    if isinstance(url, SecretRef) or "${" in url.partition("://")[0]:
        if "protocol" not in merged:
            report(path, "does not show its scheme, so protocol is needed", BOTH_LINES)
        return
    try:
        endpoint = parse_url(without_placeholders(url))
    except InputError as error:
        report(path, error.message, error.hint)
        return
    if not endpoint.protocol and "protocol" not in merged:
        report(path, f"{endpoint.scheme}:// does not say what is spoken over the WebSocket", BOTH_LINES)
    if endpoint.protocol and own.get("protocol", endpoint.protocol) != endpoint.protocol:
        hint = 'remove it, or write url = "ws://…" or "wss://…"'
        report((*root, "protocol"), f"contradicts {endpoint.scheme}://", hint)
    if endpoint.protocol:
        values["protocol"] = endpoint.protocol
    _check_tls(own, endpoint, report, root)
    _check_topics(values, report, root)
    _check_authentication(own, values, report, root)
    _check_packets(values, report, root)


def _check_topics(values: dict[str, Any], report: Report, root: Path) -> None:
    """A message that is published needs a topic; a frame of a raw WebSocket has none."""
    if values.get("protocol") == "websocket":
        return
    for index, message in enumerate(values.get("messages", ())):
        if not message.topic:
            report((*root, "messages", index), f"the message {message.name!r} needs a topic", 'topic = "…"')


def _check_authentication(own: dict[str, Any], values: dict[str, Any], report: Report, root: Path) -> None:
    """Data need a method, SCRAM needs a user name and a password, and all of it MQTT 5 (§4.12)."""
    found = values.get("properties")
    if found is None:
        return
    path = (*root, "properties", "authentication_method")
    method = found.authentication_method
    if not method:
        if found.authentication_data:
            report((*path[:-1], "authentication_data"), "needs an authentication_method", "")
        return
    if values.get("mqtt", "auto") not in ("auto", "5"):
        report(path, "needs MQTT 5", 'write mqtt = "5"')
    if method not in SCRAM_METHODS:
        if method.upper().startswith("SCRAM-"):
            report(path, f"{method!r} is not known", f"write {' or '.join(SCRAM_METHODS)}")
    elif found.authentication_data:
        report((*path[:-1], "authentication_data"), f"{method} works them out itself", "remove them")
    elif isinstance(url := values.get("url"), str) and "@" in url:
        return  # user name and password may stand there
    elif not values.get("username") or values.get("password") is None:
        report(path, f"{method} needs username and password", "")


def _check_packets(values: dict[str, Any], report: Report, root: Path) -> None:
    """DISCONNECT asks for the will in MQTT 5 only (§3.14.2.1), and keeps a session only where CONNECT asked
    for one (§3.14.2.2.2); AUTH is SCRAM's (§4.12)."""
    will = values.get("will")
    if will is not None and will.on_leave and values.get("mqtt", "auto") not in ("auto", "5"):
        report((*root, "will", "on_leave"), "needs MQTT 5", 'write mqtt = "5"')
    found = values.get("packet_properties")
    if found is None:
        return
    path = (*root, "packet_properties")
    if found.disconnect.get("session_expiry_interval") and not values.get("session_expiry"):
        report((*path, "disconnect", "session_expiry_interval"), "needs a session_expiry", 'such as "1h"')
    method = getattr(values.get("properties"), "authentication_method", "")
    if found.auth and method not in SCRAM_METHODS:
        hint = f'write properties.authentication_method = "{SCRAM_METHODS[0]}"'
        report((*path, "auth"), "needs an authentication method with steps", hint)


def without_placeholders(url: str) -> str:
    """``url`` with a digit in each ``${…}`` that has no default: fit for a host and for a port."""
    return PLACEHOLDER.sub(lambda match: match["default"] or "1", url)


def _is_table_of_another(value: dict[str, Any]) -> bool:
    return "url" in value or any(
        isinstance(item, dict) and _is_table_of_another(item) for item in value.values()
    )


def _check_tls(own: dict[str, Any], endpoint: Endpoint, report: Report, root: Path) -> None:
    tls = own.get("tls")
    if endpoint.secure or not isinstance(tls, dict) or not tls:
        return
    key = next(iter(tls))
    better = {"tcp": "mqtts", "ws": "wss"}.get(endpoint.transport, "mqtts")
    report(
        (*root, "tls", key),
        f"has no effect: {endpoint.scheme}:// is not encrypted",
        f"write {better}:// in the url, or remove tls",
    )
