"""Where a URL leads: transport, protocol, host, port and path."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import unquote, urlsplit

from mqttx_tui.model.errors import InputError

Transport = Literal["tcp", "tls", "ws", "wss", "unix"]

_SCHEMES: dict[str, tuple[Transport, str, int]] = {
    "mqtt": ("tcp", "mqtt", 1883),
    "tcp": ("tcp", "mqtt", 1883),
    "mqtts": ("tls", "mqtt", 8883),
    "ssl": ("tls", "mqtt", 8883),
    "ws": ("ws", "", 80),
    "wss": ("wss", "", 443),
    "mqtt+ws": ("ws", "mqtt", 80),
    "mqtt+wss": ("wss", "mqtt", 443),
    "mqtt+unix": ("unix", "mqtt", 0),
    "unix": ("unix", "mqtt", 0),
}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A parsed URL. ``protocol`` is ``""`` where ws:// or wss:// leaves it open.

    ``path`` is the request target with its query (``/`` when empty) for ws, the socket's path for
    unix. ``username`` and ``password`` come from the user info and are ``None`` when absent.
    """

    scheme: str
    transport: Transport
    protocol: str
    host: str
    port: int
    path: str = field(default="", repr=False)
    username: str | None = None
    password: str | None = field(default=None, repr=False)

    @property
    def secure(self) -> bool:
        """Whether the link is TLS."""
        return self.transport in ("tls", "wss")

    @property
    def authority(self) -> str:
        """``host:port``, with IPv6 addresses in brackets; the path for unix sockets."""
        if self.transport == "unix":
            return self.path
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    def shown(self) -> str:
        """The URL without user info and without query values: fit for a screen and a capture."""
        if self.transport == "unix":
            return f"unix://{self.path}"
        path = ""
        if self.transport in ("ws", "wss"):
            path, _, query = self.path.partition("?")
            if query:
                names = [pair.partition("=")[0] for pair in query.split("&")]
                path += "?" + "&".join(f"{name}=********" for name in names)
        return f"{self.scheme}://{self.authority}{path}"


def parse_url(url: str) -> Endpoint:
    """Parse a connection URL.

    Raises ``InputError`` for an unknown scheme, a missing host or a port out of range.
    """
    scheme, separator, rest = url.strip().partition("://")
    scheme = scheme.lower()
    if not separator or scheme not in _SCHEMES:
        known = "mqtt, mqtts, ws, wss, mqtt+ws, mqtt+wss, unix"
        raise InputError(
            f"{_without_secrets(url)!r} has no known scheme ({known})",
            title="Bad URL",
            hint=f'write it as "mqtt://{_without_secrets(url)}"' if not separator and url else "",
        )
    transport, protocol, default_port = _SCHEMES[scheme]
    if transport == "unix":
        return Endpoint(scheme, transport, protocol, "", 0, unquote(rest))
    try:
        parts = urlsplit(f"{scheme}://{rest}")
        port = parts.port or default_port
        host = parts.hostname or ""
    except ValueError as error:
        raise InputError(f"{_without_secrets(url)!r}: {error}", title="Bad URL") from None
    if not host:
        raise InputError(f"{_without_secrets(url)!r} names no host", title="Bad URL")
    path = ""
    if transport in ("ws", "wss"):
        path = parts.path or "/"
        if parts.query:
            path += "?" + parts.query
    username = unquote(parts.username) if parts.username is not None else None
    password = unquote(parts.password) if parts.password is not None else None
    return Endpoint(scheme, transport, protocol, host, port, path, username, password)


def _without_secrets(url: str) -> str:
    """``url`` for a complaint: what may be a password or a token is masked, however it is written."""
    head, separator, tail = url.rpartition("@")
    tail, question, _ = tail.partition("?")
    shown = f"{tail}?********" if question else tail
    if not separator:
        return shown
    scheme = head.partition("://")[0] + "://" if "://" in head else ""
    return f"{scheme}********" if "?" in head else f"{scheme}********@{shown}"
