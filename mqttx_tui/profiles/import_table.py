"""From what an imported line says to the connection's table in the profile file."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from mqttx_tui.model.endpoint import Endpoint, parse_url
from mqttx_tui.model.errors import InputError
from mqttx_tui.profiles.import_words import Given, Word
from mqttx_tui.profiles.placeholders import escape
from mqttx_tui.profiles.values import Bad, version

Table = dict[str, Any]

_VARIABLE = re.compile(r"\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))\Z", re.ASCII)
_CONNECT_PROPERTIES = {
    "receive-maximum": "receive_maximum",
    "maximum-packet-size": "maximum_packet_size",
    "topic-alias-maximum": "topic_alias_maximum",
}
_WILL_TEXTS = ("content-type", "response-topic", "correlation-data")
_WILL_NUMBERS = {
    "will-delay-interval": "delay",
    "message-expiry-interval": "message_expiry_interval",
    "payload-format-indicator": "payload_format_indicator",
}
_PLAIN = {
    **{"client_id": "client_id", "ca": "tls.ca", "cert": "tls.cert", "key": "tls.key", "origin": "origin"},
    "proxy": "proxy",
}
_FLAGS = {
    "will.retain": ("will.retain", True),
    "will.on_leave": ("will.on_leave", True),
    "keep_session": ("clean_start", False),
}
_NUMBERS = {
    "keepalive": "keepalive",
    "session_expiry": "session_expiry",
    "will.qos": "will.qos",
    "will.delay": "will.delay",
    "receive_maximum": "properties.receive_maximum",
}
_PACKETS = {
    "unsubscribe": ("user-property",),
    "disconnect": ("reason-string", "session-expiry-interval", "user-property"),
    "auth": ("reason-string", "user-property"),
}
_TLS = ("ca", "cert", "key", "alpn", "tls")
_SECURE = {"mqtt": "mqtts", "tcp": "mqtts", "ws": "wss", "mqtt+ws": "mqtt+wss"}


@dataclass(frozen=True, slots=True)
class Imported:
    """A connection's table as in the profile file, and what could not be taken over.

    ``asks_protocol``: the URL leaves open whether MQTT or frames go over the WebSocket.
    """

    table: Table = field(repr=False)
    notes: tuple[str, ...] = ()
    asks_protocol: bool = False


class Draft:
    """Collects what a line says; ``publishes``: its topic is one to publish to."""

    def __init__(self, *, publishes: bool = False) -> None:
        self._publishes = publishes
        self._table: dict[str, Any] = {}
        self._message: dict[str, Any] = {}
        self._wrong: list[str] = []
        self._host = ""
        self._port: int | None = None
        self._path = ""
        self._endpoint: Endpoint | None = None
        self._url = ""
        self._tls = False
        self._qos = 0
        self._subscribed: dict[str, Any] = {}
        self.scheme = "mqtt"
        self.speaks = ""
        self.topics: list[str] = []
        self.topic = ""
        """What is published to."""

    # what it is told

    def take_url(self, url: str) -> None:
        """Scheme, host, port, user, password and (of MQTT) the topic. Raises ``InputError``."""
        scheme, separator, rest = url.partition("://")
        self.scheme = scheme.lower()
        topic = ""
        if self.scheme in ("mqtt", "mqtts", "tcp", "ssl"):
            authority, _, topic = rest.partition("/")
            url = scheme + separator + authority
        self._endpoint = parse_url(url)
        self._url = url.strip()
        if self._endpoint.transport in ("tcp", "tls"):
            if self._endpoint.username is not None:
                self._put("username", escape(self._endpoint.username))
            if self._endpoint.password is not None:
                self._put("password", escape(self._endpoint.password))
        if topic:
            self._take_topic(unquote(topic))

    def take_all(self, given: Given) -> None:
        """Every option; those with values that make no sense are named."""
        for name, written, values in given.options:
            try:
                self._take(name, values)
            except (ValueError, Bad, InputError):
                self._wrong.append(written)
                if name == "url":
                    raise InputError(
                        f"{written} names no URL that can be read", title="Not imported"
                    ) from None

    def _take(self, name: str, values: list[str]) -> None:
        value = values[0] if values else ""
        if name in _TLS:
            self._tls = True
        if name in _PLAIN:
            self._put(_PLAIN[name], self._text(value))
        elif name in _FLAGS:
            self._put(*_FLAGS[name])
        elif name in _NUMBERS:
            self._put(_NUMBERS[name], _number(value))
        elif name in ("username", "will.topic", "will.payload"):
            self._put(name, self._text(value) if name != "will.payload" else value)
        elif name == "host":
            self._host = self._text(value)
        elif name == "port":
            self._port = _number(value)
        elif name == "qos":
            self._qos = _number(value, most=2)
        elif name == "url":
            self.take_url(value)
        elif name == "topic":
            for one in values:
                self._take_topic(one)
        elif name in _SPECIAL:
            _SPECIAL[name](self, values)

    def _take_topic(self, topic: str) -> None:
        if self._publishes:
            self.topic = topic
        else:
            self.topics.append(topic)

    def _text(self, word: str) -> str:
        """A string of the file: a shell variable becomes ours, everything else is as written."""
        name = self._variable(word)
        return f"${{{name}}}" if name else escape(word)

    def _variable(self, word: str) -> str:
        match = _VARIABLE.match(word)
        literal = isinstance(word, Word) and word.literal
        return (match[1] or match[2]) if match is not None and not literal else ""

    def _secret(self, key: str, word: str) -> None:
        name = self._variable(word)
        self._put(key, {"env": name} if name else escape(word))

    def _put(self, key: str, value: Any) -> None:
        outer, _, inner = key.partition(".")
        if inner:
            self._table.setdefault(outer, {})[inner] = value
        else:
            self._table[outer] = value

    def _version(self, values: list[str]) -> None:
        self._put("mqtt", version(values[0]))

    def _header(self, values: list[str]) -> None:
        for value in values:
            name, colon, text = value.partition(":")
            if not colon or not name.strip():
                raise ValueError("no header")
            self._table.setdefault("headers", {})[name.strip()] = self._text(text.strip())

    def _basic_auth(self, values: list[str]) -> None:
        """User info of the URL says the same, and the form shows it there."""
        if not self._url or self._endpoint is None or self._endpoint.username is not None:
            raise ValueError("no URL")
        from urllib.parse import quote

        user, _, password = values[0].partition(":")
        scheme, _, rest = self._url.partition("://")
        self._url = f"{scheme}://{quote(user, safe='')}:{quote(password, safe='')}@{rest}"

    def _user(self, values: list[str]) -> None:
        for value in values:
            name, _, text = value.partition(":")
            properties = self._table.setdefault("properties", {})
            properties.setdefault("user", {})[name.strip()] = text.strip()

    def _property(self, values: list[str]) -> None:
        """mosquitto's ``-D connect receive-maximum 20`` (user properties have a fourth word)."""
        command, name, value, *more = values
        if command.lower() == "will":
            self._will_property(name, value, more)
        elif command.lower() in _PACKETS:
            self._packet_property(command.lower(), name, value, more)
        elif command.lower() == "subscribe":
            self._subscribe_property(name, value, more)
        elif command.lower() != "connect":
            raise ValueError("not of CONNECT")
        elif name == "user-property":
            self._table.setdefault("properties", {}).setdefault("user", {})[value] = more[0]
        elif name == "session-expiry-interval":
            self._put("session_expiry", _number(value))
        elif name == "authentication-method":
            self._put("properties.authentication_method", value)
        elif name in _CONNECT_PROPERTIES:
            self._put(f"properties.{_CONNECT_PROPERTIES[name]}", _number(value))
        else:
            raise ValueError("no property of CONNECT that can be set here")

    def _packet_property(self, packet: str, name: str, value: str, more: list[str]) -> None:
        allowed = _PACKETS[packet]
        if name not in allowed:
            raise ValueError(f"no property of {packet.upper()}")
        table = self._table.setdefault("packet_properties", {}).setdefault(packet, {})
        if name == "user-property":
            table.setdefault("user", []).append([value, more[0]])
        else:
            table[name.replace("-", "_")] = _number(value) if name == "session-expiry-interval" else value

    def _subscribe_property(self, name: str, value: str, more: list[str]) -> None:
        if name == "user-property":
            self._subscribed.setdefault("user", []).append([value, more[0]])
        elif name == "subscription-identifier":
            self._subscribed["identifier"] = _number(value)
        else:
            raise ValueError("no property of SUBSCRIBE")

    def _will_property(self, name: str, value: str, more: list[str]) -> None:
        if name == "user-property":
            self._table.setdefault("will", {}).setdefault("user", []).append([value, more[0]])
        elif name in _WILL_TEXTS:
            self._put(f"will.{name.replace('-', '_')}", value)
        elif name in _WILL_NUMBERS:
            self._put(f"will.{_WILL_NUMBERS[name]}", _number(value))
        else:
            raise ValueError("no property of a will")

    # what comes of it

    def imported(self, left_out: list[str], notes: tuple[str, ...] = (), *, asks: bool = False) -> Imported:
        """The table and what could not be taken over. Raises ``InputError`` for a bad address."""
        table = {"url": self._address(), **self._table}
        if self.speaks and self.scheme in ("ws", "wss"):
            table["protocol"] = self.speaks
        if self.topics:
            options = self._subscribed | ({"qos": self._qos} if self._qos else {})
            table["subscriptions"] = [
                {"filter": topic, **options} if options else topic for topic in dict.fromkeys(self.topics)
            ]
        will = table.get("will")
        if isinstance(will, dict) and not will.get("topic"):
            del table["will"]
        if self._publishes and self.topic:
            message = {"name": "imported", "topic": self.topic, **self._message}
            table["messages"] = [message | ({"qos": self._qos} if self._qos else {})]
        told = list(notes)
        missing = [*left_out, *self._wrong]
        if missing:
            told.append("not taken over: " + ", ".join(dict.fromkeys(missing)))
        if "messages" in table:
            told.append(f"its message to {self.topic} is saved with the connection")
        asks = asks or (self.scheme in ("ws", "wss") and not self.speaks)
        return Imported(_without_words(table), tuple(told), asks)

    def _address(self) -> str:
        if self._endpoint is not None:
            if self._endpoint.transport in ("tcp", "tls"):
                return self._join(self.scheme, self._endpoint.host, self._given_port(self._endpoint))
            return escape(self._url)
        scheme = self.scheme
        if self._tls or (self._port == 8883 and scheme == "mqtt"):
            scheme = _SECURE.get(scheme, scheme)
        self.scheme = scheme
        path = ""
        if scheme in ("ws", "wss"):
            self.speaks = "mqtt"
            path = self._path or "/mqtt"
            path = path if path.startswith("/") else f"/{path}"
        return self._join(scheme, self._host or "localhost", self._port) + escape(path)

    def _given_port(self, endpoint: Endpoint) -> int | None:
        if self._port is not None:
            return self._port
        usual = 8883 if endpoint.transport == "tls" else 1883
        return None if endpoint.port == usual else endpoint.port

    def _join(self, scheme: str, host: str, port: int | None) -> str:
        host = f"[{host}]" if ":" in host and not host.startswith("[") and "${" not in host else host
        url = f"{scheme}://{host}{f':{port}' if port is not None else ''}"
        if "${" not in host:
            parse_url(url)
        return url


def _without_words(value: Any) -> Any:
    """The same of plain strings."""
    if isinstance(value, dict):
        return {str(key): _without_words(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_words(item) for item in value]
    return str(value) if isinstance(value, Word) else value


Take = Callable[[Draft, list[str]], None]
"""What an option does with its values. Raises ``ValueError`` for values that make no sense."""


def _number(text: str, most: int = 4_294_967_295) -> int:
    if not (text.isascii() and text.isdigit()) or int(text[:12]) > most:
        raise ValueError("not a number")
    return int(text)


def _set_unix(draft: Draft, values: list[str]) -> None:
    draft.take_url(f"unix://{values[0]}")


def _message_key(key: str, value: Any) -> Take:
    def put(draft: Draft, values: list[str]) -> None:
        draft._message[key] = values[0] if value is None else value

    return put


def _scheme(draft: Draft, values: list[str]) -> None:
    if values[0] not in ("mqtt", "mqtts", "ws", "wss"):
        raise ValueError("no scheme")
    draft.scheme = values[0]


def _path(draft: Draft, values: list[str]) -> None:
    draft._path = values[0]


def _list(key: str) -> Take:
    def add(draft: Draft, values: list[str]) -> None:
        draft._table.setdefault(key, []).extend(values)

    return add


_SPECIAL: dict[str, Take] = {
    "unix": _set_unix,
    "scheme": _scheme,
    "path": _path,
    "version": Draft._version,
    "header": Draft._header,
    "user": Draft._user,
    "property": Draft._property,
    "basic_auth": Draft._basic_auth,
    "exclude": _list("exclude"),
    "subprotocol": _list("subprotocols"),
    "alpn": lambda draft, values: draft._put("tls.alpn", [values[0]]),
    "insecure": lambda draft, values: draft._put("tls.verify", False),
    "password": lambda draft, values: draft._secret("password", values[0]),
    "key_password": lambda draft, values: draft._secret("tls.key_password", values[0]),
    "password_env": lambda draft, values: draft._put("password", {"env": values[0]}),
    "password_file": lambda draft, values: draft._put("password", {"file": values[0]}),
    "client_prefix": lambda draft, values: draft._put("client_id", escape(values[0]) + "{random}"),
    "message": _message_key("payload", None),
    "file": _message_key("payload_file", None),
    "hex": _message_key("payload_hex", None),
    "empty": _message_key("payload", ""),
    "retain": _message_key("retain", True),
    "tls": lambda draft, values: None,
}
