"""Every key that a profile may have, with its check: the one list that all else is made from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from mqttx_tui.profiles import problems
from mqttx_tui.profiles.problems import HOST_KEYS, suggestion
from mqttx_tui.profiles.values import (
    Bad,
    Check,
    alpn,
    boolean,
    color,
    duration,
    filled_text,
    fingerprint,
    header_token,
    header_value,
    integer,
    kind_of,
    long_text,
    one_of,
    payload_path,
    proxy,
    qos,
    secret,
    size,
    strings,
    text,
    topic,
    topic_filter,
    user_properties,
    version,
)

__all__ = ["header_token", "header_value"]

UINT16 = 65_535
UINT32 = 4_294_967_295
VARIABLE_INT = 268_435_455
"""The largest remaining length (MQTT 5.0 §1.5.5)."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A sort of sub-table: its keys, which of them it needs, and how people spell them elsewhere."""

    name: str
    checks: dict[str, Check]
    hint: str = ""
    needed: tuple[str, ...] = ()
    peers: dict[str, str] = field(default_factory=dict)


CONNECTION: dict[str, Check] = {
    "url": secret,
    "protocol": one_of("mqtt", "websocket"),
    "mqtt": version,
    "name": text,
    "group": text,
    "color": color,
    "connect": boolean,
    "read_only": boolean,
    "client_id": text,
    "username": secret,
    "password": secret,
    "bearer": secret,
    "keepalive": duration(0, UINT16, whole=True),
    "clean_start": boolean,
    "session_expiry": duration(0, UINT32, whole=True),
    "connect_timeout": duration(0.1, 3600),
    "retries": integer(0, UINT16),
    "retry_longest": duration(0.1, 86_400),
    "subprotocols": strings(header_token),
    "origin": text,
    "compression": boolean,
    "max_packet": size(16, VARIABLE_INT),
    "proxy": proxy,
    "exclude": strings(topic_filter),
    "topic_from": payload_path,
    "keep": boolean,
}
"""Keys with one value; the tables below them follow."""


def _expiry(value: Any) -> int:
    return int(duration(0, UINT32, whole=True)(value))


TLS = Kind(
    "tls",
    {
        "ca": filled_text,
        "cert": filled_text,
        "key": filled_text,
        "key_password": secret,
        "server_name": filled_text,
        "alpn": strings(alpn),
        "verify": boolean,
        "fingerprint": fingerprint,
    },
    hint='write tls.ca = "…", one key per line',
    peers=problems.TLS_PEERS,
)
WILL = Kind(
    "will",
    {
        "topic": topic,
        "payload": long_text,
        "qos": qos,
        "retain": boolean,
        "delay": duration(0, UINT32, whole=True),
        "payload_format_indicator": integer(0, 1),
        "message_expiry_interval": _expiry,
        "content_type": text,
        "response_topic": topic,
        "correlation_data": text,
        "user": user_properties,
        "on_leave": boolean,
    },
    hint='write will.topic = "…", one key per line',
    needed=("topic",),
    peers=problems.WILL_PEERS,
)
PROPERTIES = Kind(
    "properties",
    {
        "receive_maximum": integer(1, UINT16),
        "maximum_packet_size": size(1, UINT32),
        "topic_alias_maximum": integer(0, UINT16),
        "request_response_information": boolean,
        "request_problem_information": boolean,
        "authentication_method": text,
        "authentication_data": secret,
        "user": user_properties,
    },
    hint="write properties.receive_maximum = 20, one key per line",
    peers={
        "user_properties": "user",
        "auth_method": "authentication_method",
        "auth_data": "authentication_data",
    },
)
PACKETS = {
    "unsubscribe": Kind(
        "packet_properties.unsubscribe",
        {"user": user_properties},
        hint='write packet_properties.unsubscribe.user = { why = "moved" }',
        peers={"user_properties": "user"},
    ),
    "disconnect": Kind(
        "packet_properties.disconnect",
        {"session_expiry_interval": _expiry, "reason_string": text, "user": user_properties},
        hint='write packet_properties.disconnect.reason_string = "done"',
        peers={"user_properties": "user", "session_expiry": "session_expiry_interval"},
    ),
    "auth": Kind(
        "packet_properties.auth",
        {"reason_string": text, "user": user_properties},
        hint='write packet_properties.auth.user = { site = "lab" }',
        peers={"user_properties": "user"},
    ),
}
"""Packets that have no table of their own (MQTT 5.0 §3.10.2.1, §3.14.2.2, §3.15.2.2)."""
HEADERS_HINT = 'write headers = { Authorization = "Bearer ${TOKEN}" }'
SUBSCRIPTION = Kind(
    "a subscription",
    {
        "filter": topic_filter,
        "qos": qos,
        "on": boolean,
        "alias": text,
        "color": color,
        "no_local": boolean,
        "retain_as_published": boolean,
        "retain_handling": integer(0, 2),
        "identifier": integer(1, VARIABLE_INT),
        "user": user_properties,
        "decoder": text,
    },
    hint='write subscriptions = ["site/#", { filter = "lab/+", qos = 1 }]',
    needed=("filter",),
    peers=problems.SUBSCRIPTION_PEERS,
)
PAYLOADS = ("payload", "payload_file", "payload_hex", "payload_base64")


def _hex(value: Any) -> str:
    found = long_text(value)
    try:
        bytes.fromhex(found)
    except ValueError:
        raise Bad("is not hexadecimal", 'pairs of hex digits, for example "01 03 00 0a"') from None
    return found


def _base64(value: Any) -> str:
    import base64
    import binascii

    found = "".join(long_text(value).split())
    try:
        base64.b64decode(found, validate=True)
    except (binascii.Error, ValueError):
        raise Bad("is not base64") from None
    return found


def _properties_table(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Bad(f"needs a table, not {kind_of(value)}", 'properties.content_type = "application/json"')
    return value


MESSAGE = Kind(
    "a message",
    {
        "name": filled_text,
        "topic": topic,
        "payload": long_text,
        "payload_file": filled_text,
        "payload_hex": _hex,
        "payload_base64": _base64,
        "format": one_of("text", "json", "hex", "base64"),
        "qos": qos,
        "retain": boolean,
        "properties": _properties_table,
        "on_connect": boolean,
        "when": text,
        "every": duration(0.01, 366 * 86_400),
        "template": boolean,
        "secret": boolean,
    },
    hint='write [[connections.NAME.messages]], and below it name = "…", topic = "…", payload = "…"',
    needed=("name",),
    peers=problems.MESSAGE_PEERS,
)
MESSAGE_PROPERTIES = Kind(
    "properties of a message",
    {
        "payload_format_indicator": integer(0, 1),
        "message_expiry_interval": _expiry,
        "content_type": text,
        "response_topic": topic,
        "correlation_data": text,
        "user": user_properties,
    },
    peers={"message_expiry": "message_expiry_interval", "user_properties": "user"},
)
"""Of a PUBLISH (MQTT 5.0 §3.3.2.3), as far as a person chooses them."""

TABLES = ("tls", "will", "properties", "packet_properties", "headers", "subscriptions", "messages")
CONNECTION_KEYS = (*CONNECTION, *TABLES)
MERGED = ("tls", "will", "properties", "packet_properties", "headers")
"""Tables of ``[defaults]`` and of a connection that merge key by key."""
NOT_IN_DEFAULTS = ("url", "name")


def nested_connection(value: Any) -> tuple[str, ...] | None:
    """The keys down to a table that looks like a connection (``[connections.a.b]``), or None."""
    below: tuple[str, ...] = ()
    while isinstance(value, dict):
        if "url" in value or any(key in value for key in HOST_KEYS):
            return below
        inner = [(key, item) for key, item in value.items() if isinstance(item, dict)]
        if len(inner) != 1:
            return None
        below, value = (*below, inner[0][0]), inner[0][1]
    return None


def unknown_connection_key(key: str, table: dict[str, Any]) -> tuple[str, str]:
    """Text and hint for a key that no connection has."""
    folded = key.lower().replace("-", "_")
    if folded in HOST_KEYS or folded == "port":
        return "unknown key; the url holds host and port", f'write url = "{_ready_url(table)}"'
    return "unknown key", suggestion(key, CONNECTION_KEYS, problems.CONNECTION_PEERS)


def _ready_url(table: dict[str, Any]) -> str:
    """The url that host, port and their like mean."""
    url = table.get("url")
    host = next((table[key] for key in HOST_KEYS if isinstance(table.get(key), str)), "")
    scheme, separator, rest = (host or (url if isinstance(url, str) else "")).partition("://")
    if not separator:
        scheme, rest = "", scheme
    host, port = rest.rstrip("/") or "localhost", table.get("port")
    secure = any(table.get(key) is True for key in ("ssl", "tls", "secure")) or isinstance(
        table.get("tls"), dict
    )
    if not scheme:
        scheme = "mqtts" if secure or port in (8883, "8883") else "mqtt"
    host = f"[{host}]" if host.count(":") > 1 and not host.startswith("[") else host
    known_port = f":{port}" if isinstance(port, int | str) and not isinstance(port, bool) else ""
    return f"{scheme}://{host}{known_port}"
