"""The WebSocket upgrade (RFC 6455 §4.1): our request, and what a refusal means."""

from __future__ import annotations

import base64
import logging
import re
from dataclasses import dataclass, field
from urllib.parse import quote, urljoin

from websockets.datastructures import Headers
from websockets.exceptions import NegotiationError
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
from websockets.http11 import Request
from websockets.typing import Subprotocol
from websockets.uri import WebSocketURI

from mqttx_tui import __version__
from mqttx_tui.model.endpoint import Endpoint
from mqttx_tui.model.errors import LinkError
from mqttx_tui.model.profile import Profile, Value
from mqttx_tui.transport.failures import failure
from mqttx_tui.transport.tls_failures import other_url
from mqttx_tui.transport.ws_frames import SizedProtocol

HEAD_LIMIT = 65_536
"""Longest response head in bytes that is waited for."""

FRAME_OVERHEAD = 65_536
"""What an MQTT frame may be longer than the largest packet: it can hold the end of another."""

REDIRECTS = (301, 302, 303, 307, 308)

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_ASCII = "".join(map(chr, range(0x21, 0x7F)))


_LOGGER = logging.getLogger("mqttx_tui.websocket")
_LOGGER.setLevel(logging.ERROR)  # at DEBUG the library logs headers, and with them credentials


@dataclass(slots=True, repr=False)
class UpgradeRequest:
    """Everything that one upgrade needs, and what its failures are explained with."""

    endpoint: Endpoint
    protocol: SizedProtocol
    http: Request
    mqtt: bool
    max_message: int
    offered: tuple[str, ...]


@dataclass(slots=True)
class Head:
    """The head of an HTTP response, and the part of its body that came with it."""

    status: int
    phrase: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


def make_request(profile: Profile, endpoint: Endpoint, *, mqtt: bool) -> UpgradeRequest:
    """Prepare the upgrade of a resolved profile.

    The profile's headers replace ours of the same name. ``bearer`` is sent as bearer token (RFC 6750
    §2.1). Else a raw WebSocket sends user name and password as basic authentication (RFC 7617); MQTT
    keeps them for CONNECT. Raises ``LinkError`` for a header
    that HTTP forbids.
    """
    offered = profile.subprotocols or (("mqttv3.1",) if profile.mqtt == "3.1" else ("mqtt",)) * mqtt
    limit = max(profile.max_packet, 1)
    compressed = profile.compression and not mqtt
    host = _ascii_host(endpoint.host)
    path, _, query = quote(endpoint.path, safe=_ASCII).partition("?")
    protocol = SizedProtocol(
        WebSocketURI(endpoint.secure, host, endpoint.port, path, query),
        extensions=[ClientPerMessageDeflateFactory(client_max_window_bits=True)] if compressed else None,
        subprotocols=[Subprotocol(name) for name in offered] or None,
        max_size=limit + FRAME_OVERHEAD if mqtt else limit,
        logger=_LOGGER,
    )
    http = protocol.connect()
    http.headers["User-Agent"] = f"mqttx-tui/{__version__}"
    if profile.bearer:
        _add_headers(http.headers, (("Authorization", f"Bearer {profile.bearer}"),))
    elif not mqtt:
        _authorize(http.headers, profile, endpoint)
    origin = (("Origin", profile.origin),) if profile.origin else ()
    _add_headers(http.headers, (*profile.headers, *origin))
    return UpgradeRequest(endpoint, protocol, http, mqtt, limit, offered)


def _ascii_host(host: str) -> str:
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        raise failure("name.unknown", host=host, reason="no host name looks like this") from None


def _authorize(headers: Headers, profile: Profile, endpoint: Endpoint) -> None:
    user = str(profile.username or endpoint.username or "")
    password = profile.password if profile.password is not None else endpoint.password
    if user or password:
        credentials = base64.b64encode(f"{user}:{password or ''}".encode()).decode()
        headers["Authorization"] = f"Basic {credentials}"


def _add_headers(headers: Headers, pairs: tuple[tuple[str, Value], ...]) -> None:
    wanted = [(name, str(value)) for name, value in pairs]
    for name, text in wanted:
        if not _TOKEN.fullmatch(name):
            raise failure("upgrade.header", name=name, reason="not a header name")
        if any(ord(character) < 0x20 and character != "\t" for character in text) or "\x7f" in text:
            raise failure("upgrade.header", name=name, reason="the value holds a control character")
        if any(ord(character) > 0xFF for character in text):
            raise failure("upgrade.header", name=name, reason="the value is not Latin-1")
        if name in headers:
            del headers[name]
    for name, text in wanted:
        headers[name] = text


def parse_head(data: bytes) -> Head | None:
    """The head of an HTTP/1.x response in ``data``; None when it is none."""
    raw, _, body = data.partition(b"\r\n\r\n")
    first, *lines = raw.decode("latin-1").split("\r\n")
    match = re.fullmatch(r"HTTP/1\.[01] (\d{3})(?: (.*))?", first)
    if match is None:
        return None
    head = Head(int(match[1]), match[2] or "", body=body)
    for line in lines:
        name, _, value = line.partition(":")
        head.headers.setdefault(name.strip().lower(), value.strip())
    return head


def explain_status(head: Head, endpoint: Endpoint, *, mqtt: bool) -> LinkError:
    """The failure behind an HTTP status other than 101."""
    status, phrase, path = head.status, head.phrase, endpoint.path.partition("?")[0]
    code = status
    if b"HTTPS port" in head.body or b"HTTPS server" in head.body:
        return failure("upgrade.tls_port", address=endpoint.authority, other=other_url(endpoint), code=code)
    if status in REDIRECTS:
        location = head.headers.get("location", "").partition("?")[0]
        target = websocket_url(endpoint, location)
        return failure(
            "upgrade.redirect",
            status=status,
            phrase=phrase,
            location=location or "nowhere",
            url=target,
            code=code,
        )
    advice = _path_advice(endpoint, mqtt)
    if status < 400:
        return failure(
            "upgrade.no_upgrade", status=status, phrase=phrase, path=path, advice=advice, code=code
        )
    name = f"upgrade.{status}"
    if status not in (400, 401, 403, 404, 408, 426, 429):
        name = "upgrade.5xx" if status >= 500 else "upgrade.4xx"
    return failure(
        name,
        code=code,
        status=status,
        phrase=phrase,
        path=path,
        advice=advice,
        challenge=head.headers.get("www-authenticate", "no scheme named"),
        login=_login_advice(head, mqtt),
        wanted=head.headers.get("upgrade", "another protocol"),
    )


def explain_handshake(error: Exception, request: UpgradeRequest) -> LinkError:
    """The failure behind a 101 whose headers are wrong."""
    if isinstance(error, NegotiationError) and "subprotocol" in str(error):
        return explain_subprotocol(request, str(error).rpartition(": ")[2])
    return failure("upgrade.invalid", reason=error, code=101)


def explain_subprotocol(request: UpgradeRequest, chosen: str) -> LinkError:
    """The failure of a server that took none of our subprotocols."""
    return failure(
        "upgrade.subprotocol",
        offered=", ".join(f'"{name}"' for name in request.offered) or "none",
        chosen=f'"{chosen}"' if chosen else "none",
        advice=_path_advice(request.endpoint, True) if request.mqtt else "set subprotocols in the profile",
        code=101,
    )


def explain_no_http(data: bytes, endpoint: Endpoint) -> LinkError:
    """The failure behind an answer that is not HTTP."""
    address = endpoint.authority
    if data[:2] in (b"\x15\x03", b"\x16\x03"):
        return failure("upgrade.tls_port", address=address, other=other_url(endpoint))
    return failure("upgrade.not_http", address=address, start=data[:8].hex(" "))


def explain_silence(endpoint: Endpoint) -> LinkError:
    """The failure of a server that closed instead of answering."""
    advice = "is this the port of the WebSocket listener? a plain MQTT port closes like this"
    if not endpoint.secure:
        advice += f", a TLS port too: try {other_url(endpoint)}"
    return failure("upgrade.closed", address=endpoint.authority, advice=advice)


def _login_advice(head: Head, mqtt: bool) -> str:
    """What the profile may say for the scheme that the server asks for (RFC 9110 §11.6.1)."""
    scheme = head.headers.get("www-authenticate", "").partition(" ")[0].lower()
    if scheme == "bearer":
        return 'bearer = { env = "TOKEN" }'
    if scheme == "basic" and not mqtt:
        return 'username = "…" and password = { prompt = true }'
    return 'headers = { Authorization = "…" }'


def _path_advice(endpoint: Endpoint, mqtt: bool) -> str:
    path = endpoint.path.partition("?")[0]
    if not mqtt:
        return f"is {path} the path of the WebSocket?"
    if path == "/mqtt":
        return "is /mqtt the path of the broker's WebSocket listener? some use / or /ws"
    return f"is {path} the path of the broker's WebSocket listener? most use /mqtt"


def websocket_url(endpoint: Endpoint, location: str) -> str:
    """The URL that a ``Location`` header means, seen from ``endpoint``: ``ws`` and ``wss`` for http."""
    scheme = "https" if endpoint.secure else "http"
    target = urljoin(f"{scheme}://{endpoint.authority}{endpoint.path}", location)
    for web, socket in (("https://", "wss://"), ("http://", "ws://")):
        if target.startswith(web):
            return socket + target.removeprefix(web)
    return target
