"""What answered instead of an MQTT broker: told from the first bytes."""

from __future__ import annotations

from mqttx_tui.model.endpoint import Endpoint
from mqttx_tui.model.errors import LinkError
from mqttx_tui.transport.failures import failure
from mqttx_tui.transport.tls_failures import other_url

_GREETINGS = (
    (b"SSH-", "SSH"),
    (b"AMQP", "AMQP"),
    (b"RFB ", "VNC"),
    (b"220 ", "SMTP or FTP"),
    (b"220-", "SMTP or FTP"),
    (b"+OK", "POP3"),
    (b"* OK", "IMAP"),
    (b"-ERR", "Redis"),
    (b"INFO {", "NATS"),
    (b"<?xml", "XML"),
    (b"<stream", "XMPP"),
    (b"CONNECTED\n", "STOMP"),
)

_FIRST_TYPES = (0x20, 0xE0, 0xF0)
"""CONNACK, DISCONNECT and AUTH: what may come first (MQTT 5.0 §3.2, §4.12, §4.13)."""


def explain_first_bytes(data: bytes, endpoint: Endpoint) -> LinkError | None:
    """Why the first bytes after CONNECT are no MQTT; None when they may be.

    ``data`` is what came first, empty when the peer closed without a byte. A lone record header of
    a TLS alert (``15 03``) is enough to tell.
    """
    address = endpoint.authority
    if not data:
        return failure("mqtt.closed", address=address, advice=_advice(endpoint))
    if data[0] in _FIRST_TYPES:
        return None
    if data[0] in (0x15, 0x16) and data[1:2] in (b"", b"\x03"):
        return failure("mqtt.tls_port", address=address, other=other_url(endpoint))
    if data.startswith(b"HTTP/"):
        if _says_https(data):
            return failure("mqtt.tls_port", address=address, other=other_url(endpoint))
        line = data.split(b"\r\n", 1)[0][:60].decode("latin-1")
        scheme = "mqtt+wss" if endpoint.secure else "mqtt+ws"
        return failure("mqtt.http_port", address=address, line=line, other=f"{scheme}://{address}/mqtt")
    protocol = other_protocol(data)
    if protocol:
        return failure("mqtt.other_protocol", address=address, protocol=protocol)
    return failure("mqtt.not_mqtt", address=address, start=data[:8].hex(" "))


def other_protocol(data: bytes) -> str:
    """The name of a protocol whose greeting this is, else empty."""
    return next((name for greeting, name in _GREETINGS if data.startswith(greeting)), "")


def _says_https(data: bytes) -> bool:
    return b"HTTPS port" in data or b"HTTPS server" in data


def _advice(endpoint: Endpoint) -> str:
    if endpoint.transport == "tcp":
        return f"a TLS port? try {other_url(endpoint)}; or the broker refused without a reason: see its log"
    if endpoint.secure:
        return "it may want a client certificate (tls.cert, tls.key); see the broker's log"
    return "the broker refused without a reason: see its log"
