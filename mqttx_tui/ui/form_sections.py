"""The fields of the connection form: sections, labels, and for which connections each is there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "secret", "choice", "toggle", "list", "pairs"]
Shows = Literal["all", "mqtt", "mqtt5", "tls", "ws", "raw"]


@dataclass(frozen=True, slots=True)
class Field:
    """One field. ``key`` is its place in the connection's table, dots for sub-tables.

    ``blank`` is the value that stands for "not set" and is left out of the table; ``shows`` says for
    which kinds of connection the field is there at all.
    """

    key: str
    label: str
    kind: Kind = "text"
    values: tuple[str, ...] = ()
    blank: str = ""
    shows: Shows = "all"
    hint: str = ""

    @property
    def id(self) -> str:
        """The widget's id."""
        return "field-" + self.key.replace(".", "-")


SECRET_HINT = 'or { env = "NAME" }, { prompt = true }'
OPTIONS = "options"
"""Key of the field that has no place of its own in the table: the options of ``subscriptions``."""
_LEAVING = "packet_properties.disconnect"
_PAIR = "name: value"
_ASKED: tuple[tuple[str, ...], str, Shows] = (("–", "yes", "no"), "–", "mqtt5")
"""Values, the one that leaves it to the standard, and what has it."""
SECTIONS: tuple[tuple[str, tuple[Field, ...]], ...] = (
    (
        "Connection",
        (
            Field("name", "name", hint="what you call it"),
            Field("url", "URL", hint="mqtt:// mqtts:// ws:// wss:// unix://"),
            Field("protocol", "speaks", "choice", ("mqtt", "websocket"), shows="ws"),
            Field("mqtt", "MQTT", "choice", ("auto", "5", "3.1.1", "3.1"), "auto", "mqtt"),
            Field("username", "user name"),
            Field("password", "password", "secret", hint=SECRET_HINT),
            Field("subscriptions", "subscribe to", "list", shows="mqtt", hint="topic filters, with blanks"),
            Field("topic_from", "topic from", shows="raw", hint="a JSON path such as .type"),
            Field("connect", "connect when the app starts", "toggle"),
            Field("read_only", "read only: never publish", "toggle"),
        ),
    ),
    (
        "Session",
        (
            Field("client_id", "client id", shows="mqtt", hint="{random} becomes a random tail"),
            Field("keepalive", "keepalive", hint="60s between pings; 0: none"),
            Field("connect_timeout", "time-out", hint="10s for each stage of connecting"),
            Field("retries", "retries", hint="without end; 0: none"),
            Field("retry_longest", "longest pause", hint="60s between two attempts"),
            Field("proxy", "proxy", hint="http:// socks5:// socks5h://"),
            Field("clean_start", "clean start", "choice", ("yes", "no"), "yes", "mqtt"),
            Field("session_expiry", "session expiry", shows="mqtt5", hint="1h"),
            Field("group", "group"),
            Field("color", "colour"),
        ),
    ),
    (
        "TLS",
        (
            Field("tls.ca", "CA file", shows="tls"),
            Field("tls.cert", "certificate", shows="tls"),
            Field("tls.key", "key", shows="tls"),
            Field("tls.key_password", "key passphrase", "secret", shows="tls"),
            Field("tls.server_name", "server name", shows="tls"),
            Field("tls.alpn", "ALPN", "list", shows="tls"),
            Field("tls.verify", "verify", "choice", ("yes", "no"), "yes", "tls"),
        ),
    ),
    (
        "WebSocket",
        (
            Field("headers", "headers", "pairs", shows="ws", hint="name: value"),
            Field("query", "query", "pairs", shows="ws", hint="name: value"),
            Field("bearer", "bearer token", "secret", shows="ws", hint=SECRET_HINT),
            Field("subprotocols", "subprotocols", "list", shows="ws"),
            Field("origin", "origin", shows="ws"),
            Field("compression", "compression", "toggle", shows="raw"),
            Field("max_packet", "largest message", shows="raw", hint="50MB"),
        ),
    ),
    (
        "Will",
        (
            Field("will.topic", "topic", shows="mqtt"),
            Field("will.payload", "payload", shows="mqtt"),
            Field("will.qos", "QoS", "choice", ("0", "1", "2"), "0", "mqtt"),
            Field("will.retain", "retain", "toggle", shows="mqtt"),
            Field("will.on_leave", "published when you disconnect, too", "toggle", shows="mqtt5"),
            Field("will.delay", "delay", shows="mqtt5", hint="30s"),
            Field("will.message_expiry_interval", "expires", shows="mqtt5", hint="1h"),
            Field("will.payload_format_indicator", "marked as", "choice", ("–", "0", "1"), "–", "mqtt5"),
            Field("will.content_type", "content type", shows="mqtt5", hint="application/json"),
            Field("will.response_topic", "reply to", shows="mqtt5"),
            Field("will.correlation_data", "correlation", shows="mqtt5"),
            Field("will.user", "user", "pairs", shows="mqtt5", hint="name: value"),
        ),
    ),
    (
        "Properties",
        (
            Field("properties.receive_maximum", "receive max.", shows="mqtt5", hint="65535"),
            Field("properties.maximum_packet_size", "largest packet", shows="mqtt5", hint="10MB"),
            Field("properties.topic_alias_maximum", "topic aliases", shows="mqtt5", hint="0"),
            Field("properties.request_response_information", "ask response", "choice", *_ASKED),
            Field("properties.request_problem_information", "ask problems", "choice", *_ASKED),
            Field("properties.authentication_method", "auth method", shows="mqtt5", hint="SCRAM-SHA-256"),
            Field("properties.authentication_data", "auth data", "secret", shows="mqtt5", hint=SECRET_HINT),
            Field("properties.user", "user", "pairs", shows="mqtt5", hint="name: value"),
        ),
    ),
    (
        "Packets",
        (
            Field(
                OPTIONS,
                "subscribe",
                "pairs",
                shows="mqtt5",
                hint="topic filter: no_local retain_handling=2 identifier=7 user.k=v",
            ),
            Field("packet_properties.unsubscribe.user", "unsubscribe", "pairs", shows="mqtt5", hint=_PAIR),
            Field("packet_properties.auth.user", "auth", "pairs", shows="mqtt5", hint=_PAIR),
            Field("packet_properties.auth.reason_string", "its reason", shows="mqtt5", hint="in words"),
            Field(f"{_LEAVING}.user", "disconnect", "pairs", shows="mqtt5", hint=_PAIR),
            Field(f"{_LEAVING}.reason_string", "its reason", shows="mqtt5", hint="in words"),
            Field(f"{_LEAVING}.session_expiry_interval", "session kept", shows="mqtt5", hint="1h after it"),
        ),
    ),
)
FIELDS = tuple(field for _, fields in SECTIONS for field in fields)
