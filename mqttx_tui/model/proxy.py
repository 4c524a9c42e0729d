"""A proxy's URL: HTTP CONNECT (RFC 9110 §9.3.6) or SOCKS 5 (RFC 1928)."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from mqttx_tui.model.errors import InputError

DEFAULT_PORTS = {"http": 3128, "socks5": 1080, "socks5h": 1080}
"""By scheme; ``socks5`` looks names up here, ``socks5h`` and ``http`` leave that to the proxy."""
_HINT = 'proxy = "http://HOST:PORT", "socks5://HOST:PORT" or "socks5h://HOST:PORT"'
_LONGEST = 255
"""Bytes of a name, user name or password in SOCKS 5 (RFC 1928 §5, RFC 1929 §2)."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """Where a proxy is and how it is spoken to; the credentials are ``None`` when absent."""

    scheme: str
    host: str
    port: int
    username: str | None = None
    password: str | None = field(default=None, repr=False)

    def shown(self) -> str:
        """The URL without credentials."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"


def parse_proxy(url: str) -> Proxy:
    """Parse a proxy's URL. Raises ``InputError`` that shows no credentials."""
    scheme, separator, rest = url.strip().partition("://")
    scheme = scheme.lower()
    if not separator or scheme not in DEFAULT_PORTS:
        named = f"{scheme}:// is no kind of proxy that is known" if separator else "it needs a scheme"
        raise InputError(named, title="Bad proxy", hint=_HINT)
    try:
        parts = urlsplit(f"{scheme}://{rest}")
        host, port = parts.hostname or "", parts.port or DEFAULT_PORTS[scheme]
    except ValueError:
        raise InputError("host or port cannot be read", title="Bad proxy", hint=_HINT) from None
    if not host:
        raise InputError("it names no host", title="Bad proxy", hint=_HINT)
    username = unquote(parts.username) if parts.username is not None else None
    password = unquote(parts.password) if parts.password is not None else None
    if scheme != "http" and any(len((text or "").encode()) > _LONGEST for text in (username, password)):
        raise InputError("SOCKS 5 takes user names and passwords of up to 255 bytes", title="Bad proxy")
    return Proxy(scheme, host, port, username, password)
