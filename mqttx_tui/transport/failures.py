"""Every way in which a connection fails below the protocol, as data: stage, title, sentence, hint."""

from __future__ import annotations

from dataclasses import dataclass

from mqttx_tui.model.errors import Exit, LinkError
from mqttx_tui.model.visible import visible

VALUE_LIMIT = 200
"""Longest text from outside that is quoted in a sentence."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One kind of failure. ``message`` and ``hint`` are templates for ``str.format``."""

    stage: str
    title: str
    message: str
    hint: str = ""
    retry: bool = True
    exit_code: Exit = Exit.UNREACHABLE


def failure(name: str, /, *, code: int | None = None, stage: str = "", **values: object) -> LinkError:
    """The ``LinkError`` of one row of ``FAILURES``, its templates filled with ``values``.

    ``stage`` overrides the row's, for failures that can happen at several. Values are made visible
    and clipped: many come from the peer.
    """
    row = FAILURES[name]
    shown = {key: visible(str(value), VALUE_LIMIT) for key, value in values.items()}
    return LinkError(
        row.message.format_map(shown),
        stage=stage or row.stage,
        title=row.title.format_map(shown),
        hint=row.hint.format_map(shown),
        retry=row.retry,
        code=code,
        exit_code=row.exit_code,
    )


def _tls(title: str, message: str, hint: str = "", retry: bool = False) -> Failure:
    return Failure("tls", title, message, hint, retry, Exit.TLS)


FAILURES: dict[str, Failure] = {
    "name.unknown": Failure(
        "name",
        "Name not found",
        "nobody knows the name {host} ({reason})",
        "check the spelling of the host, or write its IP address",
    ),
    "name.timeout": Failure(
        "name",
        "Name lookup timed out",
        "looking up {host} took longer than {seconds} s",
        "check the name server, or write the IP address",
    ),
    "tcp.refused": Failure(
        "tcp",
        "Connection refused",
        "nothing listens on {address}",
        "is the broker running, and is {port} its port?",
    ),
    "tcp.unreachable": Failure(
        "tcp",
        "Host unreachable",
        "no way to {address} ({reason})",
        "check the network, a VPN or the address",
    ),
    "tcp.timeout": Failure(
        "tcp",
        "No answer",
        "{address} did not answer within {seconds} s",
        "a firewall may drop the packets; check address and port",
    ),
    "tcp.failed": Failure("tcp", "Connection failed", "connecting to {address} failed ({reason})"),
    "tcp.unix_missing": Failure(
        "tcp",
        "No such socket",
        "there is no socket {path}",
        "is the broker running, and does it listen on this path?",
    ),
    "tcp.unix_denied": Failure(
        "tcp",
        "Permission denied",
        "this user may not connect to {path}",
        "ask for the group that owns the socket: ls -l {path}",
        retry=False,
    ),
    "tcp.unix_refused": Failure(
        "tcp",
        "Connection refused",
        "nothing listens on the socket {path}",
        "a socket left over by a broker that is gone? start the broker",
    ),
    "tcp.unix_failed": Failure("tcp", "Connection failed", "connecting to {path} failed ({reason})"),
    "proxy.unsupported": Failure(
        "proxy",
        "No proxy support",
        "this connection asks for the proxy {proxy}, and there is no proxy support",
        "take proxy out of the profile to connect directly",
        retry=False,
        exit_code=Exit.BAD_INPUT,
    ),
    "tls.file_missing": _tls("No such file", '{key} = "{path}": there is no such file', "correct {key}"),
    "tls.file_unreadable": _tls(
        "File not readable",
        '{key} = "{path}" cannot be read ({reason})',
        "check who may read it: ls -l {path}",
    ),
    "tls.file_bad": _tls(
        "Not a PEM file",
        '{key} = "{path}" does not hold {what} in PEM form',
        "openssl x509 -inform der -in {path} turns a DER certificate into PEM",
    ),
    "tls.key_without_cert": _tls("No certificate", "tls.key is set and tls.cert is not", "set tls.cert"),
    "tls.passphrase_missing": _tls(
        "Key is encrypted", '{key} = "{path}" is encrypted', "tls.key_password = {{ prompt = true }}"
    ),
    "tls.passphrase_wrong": _tls(
        "Wrong passphrase", 'tls.key_password does not open {key} = "{path}"', "correct tls.key_password"
    ),
    "tls.key_mismatch": _tls(
        "Key does not fit",
        'tls.key = "{key_path}" does not belong to tls.cert = "{cert_path}"',
        "give the key that the certificate was made for",
    ),
    "tls.fingerprint_bad": _tls(
        "Bad fingerprint",
        'tls.fingerprint = "{value}" is not sha256: and 64 hexadecimal digits',
        "openssl x509 -noout -fingerprint -sha256 -in FILE prints one",
    ),
    "tls.fingerprint": _tls(
        "Another certificate",
        "the certificate has sha256:{seen}, and tls.fingerprint expects another",
        'when the certificate was renewed: tls.fingerprint = "sha256:{seen}"',
    ),
    "tls.name": _tls(
        "Certificate for another name",
        'certificate is for {names}, not "{wanted}"',
        'tls.server_name = "{first}"',
    ),
    "tls.name_unknown": _tls(
        "Certificate for another name",
        'certificate is not for "{wanted}"',
        "set tls.server_name to a name that the certificate holds",
    ),
    "tls.unknown_ca": _tls(
        "Unknown certificate authority",
        "certificate is signed by an authority that is not trusted here ({reason})",
        'tls.ca = "FILE" with the certificate of that authority',
    ),
    "tls.self_signed": _tls(
        "Self-signed certificate",
        "certificate is signed by itself and not trusted here",
        'tls.ca = "FILE" with that certificate, or tls.fingerprint = "sha256:…"',
    ),
    "tls.expired": _tls(
        "Certificate expired",
        "the certificate of {host} has expired",
        "renew it on the server; is the clock right here?",
    ),
    "tls.not_yet": _tls(
        "Certificate not valid yet", "the certificate of {host} is not valid yet", "is the clock right here?"
    ),
    "tls.refused": _tls("Certificate refused", "the certificate of {host} is refused ({reason})"),
    "tls.client_required": _tls(
        "Client certificate required",
        "{host} wants a client certificate, and none was sent",
        "set tls.cert and tls.key",
    ),
    "tls.client_refused": _tls(
        "Client certificate refused",
        "{host} refused the certificate in tls.cert ({reason})",
        "is it signed by the authority that the server trusts, and still valid?",
    ),
    "tls.handshake": _tls(
        "TLS handshake refused",
        "{host} refused the TLS handshake ({reason})",
        "it may want a client certificate (tls.cert, tls.key) or another server name (tls.server_name)",
        retry=True,
    ),
    "tls.version": _tls(
        "No common TLS version",
        "{host} and this program share no TLS version or cipher ({reason})",
        retry=True,
    ),
    "tls.alpn": _tls(
        "ALPN refused", "{host} knows none of tls.alpn = {alpn}", "correct tls.alpn, or take it out"
    ),
    "tls.server_name": _tls(
        "Server name refused",
        "{host} knows no server of this name ({reason})",
        "set tls.server_name to the name that the server expects",
    ),
    "tls.plain_port": _tls(
        "No TLS on this port",
        "{address} does not answer with TLS ({reason})",
        "a plain port? try {other}",
        retry=True,
    ),
    "tls.timeout": _tls(
        "TLS handshake timed out",
        "{address} did not finish the TLS handshake within {seconds} s",
        "a plain port? try {other}",
        retry=True,
    ),
    "tls.failed": _tls("TLS failed", "TLS with {host} failed ({reason})", retry=True),
    "upgrade.timeout": Failure(
        "upgrade",
        "No answer to the upgrade",
        "{address} did not answer the WebSocket upgrade within {seconds} s",
        "is this the port of the WebSocket listener?",
    ),
    "upgrade.closed": Failure(
        "upgrade",
        "Closed before the upgrade",
        "{address} closed the connection instead of answering the WebSocket upgrade",
        "is this the port of the WebSocket listener? a plain MQTT port closes like this",
    ),
    "upgrade.tls_port": Failure(
        "upgrade", "TLS on this port", "{address} answers with TLS, not with HTTP", "try {other}"
    ),
    "upgrade.not_http": Failure(
        "upgrade",
        "Not a web server",
        "{address} answered with bytes that are not HTTP ({start})",
        "is this the port of the WebSocket listener?",
    ),
    "upgrade.redirect": Failure(
        "upgrade",
        "Redirected",
        "the server answered HTTP {status} {phrase} and points to {location}",
        'url = "{url}"',
        retry=False,
    ),
    "upgrade.no_upgrade": Failure(
        "upgrade",
        "Wrong path",
        "the server answered HTTP {status} {phrase} to {path}: an ordinary page, no WebSocket",
        "{advice}",
        retry=False,
    ),
    "upgrade.400": Failure(
        "upgrade",
        "Upgrade refused",
        "the server answered HTTP 400 {phrase} to {path}",
        "check path, subprotocols and origin",
        retry=False,
    ),
    "upgrade.401": Failure(
        "upgrade",
        "Not authenticated",
        "the server answered HTTP 401 {phrase}: it wants to know who you are ({challenge})",
        'headers = {{ Authorization = "…" }}',
        retry=False,
        exit_code=Exit.NOT_AUTHORISED,
    ),
    "upgrade.403": Failure(
        "upgrade",
        "Forbidden",
        "the server answered HTTP 403 {phrase} to {path}",
        "these credentials, this address or this origin may not connect",
        retry=False,
        exit_code=Exit.NOT_AUTHORISED,
    ),
    "upgrade.404": Failure(
        "upgrade", "Wrong path", "the server answered HTTP 404 {phrase} to {path}", "{advice}", retry=False
    ),
    "upgrade.426": Failure(
        "upgrade",
        "Another protocol wanted",
        "the server answered HTTP 426 {phrase} and wants {wanted}",
        "a proxy in between may strip the Upgrade header",
        retry=False,
    ),
    "upgrade.429": Failure(
        "upgrade",
        "Too many requests",
        "the server answered HTTP 429 {phrase}",
        "it limits connections: wait, or connect less often",
    ),
    "upgrade.408": Failure("upgrade", "Upgrade timed out there", "the server answered HTTP 408 {phrase}"),
    "upgrade.4xx": Failure(
        "upgrade",
        "Upgrade refused",
        "the server answered HTTP {status} {phrase} to {path}",
        "check path, subprotocols and headers",
        retry=False,
    ),
    "upgrade.5xx": Failure(
        "upgrade",
        "Server error",
        "the server answered HTTP {status} {phrase}",
        "the server, or what stands behind it, is in trouble: see its log",
    ),
    "upgrade.invalid": Failure(
        "upgrade",
        "Bad upgrade",
        "the server's answer to the WebSocket upgrade is wrong ({reason})",
        "is this a WebSocket server? a proxy in between may change headers",
        retry=False,
    ),
    "upgrade.subprotocol": Failure(
        "upgrade",
        "Subprotocol refused",
        "the server did not take {offered} and chose {chosen}",
        "{advice}",
        retry=False,
    ),
    "upgrade.header": Failure(
        "upgrade",
        "Bad header",
        "headers.{name}: {reason}",
        "correct it in the profile",
        retry=False,
        exit_code=Exit.BAD_INPUT,
    ),
    "ws.text": Failure(
        "link",
        "Text frame",
        "the server sent a text frame, and MQTT travels in binary frames",
        'is this an MQTT broker? for a raw WebSocket: protocol = "websocket"',
        retry=False,
    ),
    "ws.protocol": Failure(
        "link", "WebSocket protocol error", "the server broke the WebSocket protocol ({reason})"
    ),
    "ws.not_utf8": Failure(
        "link", "Not UTF-8", "the server sent a text message that is not UTF-8 ({reason}): closed with 1007"
    ),
    "ws.too_big": Failure(
        "link",
        "Message too big",
        "the server sent a message over {limit} bytes: closed with 1009",
        "max_packet in the profile allows more",
    ),
    "ws.closed": Failure(
        "link", "Closed with {number}", "the server closed with {number} {meaning}{reason}", "{advice}"
    ),
    "ws.cut": Failure(
        "link",
        "Connection cut",
        "{peer} ended the connection without a close frame (1006)",
        "the server crashed or was stopped, or a proxy dropped an idle connection: a shorter keepalive helps",
    ),
    "mqtt.tls_port": Failure(
        "mqtt", "TLS on this port", "{address} answers with TLS, not with MQTT", "try {other}"
    ),
    "mqtt.http_port": Failure(
        "mqtt",
        "A web server answered",
        "{address} answers with HTTP, not with MQTT ({line})",
        "MQTT over WebSocket? try {other}; else 1883 is the usual MQTT port",
    ),
    "mqtt.other_protocol": Failure(
        "mqtt",
        "Not an MQTT server",
        "{address} speaks {protocol}, not MQTT",
        "check the port: MQTT is usually 1883, 8883 with TLS",
    ),
    "mqtt.not_mqtt": Failure(
        "mqtt",
        "Not an MQTT server",
        "{address} answered with bytes that are not MQTT ({start})",
        "check the port: MQTT is usually 1883, 8883 with TLS",
    ),
    "mqtt.closed": Failure(
        "mqtt",
        "Closed without an answer",
        "{address} closed the connection instead of answering CONNECT",
        "{advice}",
    ),
    "link.reset": Failure(
        "link",
        "Connection reset",
        "{peer} cut the connection ({reason})",
        "the other side crashed, was restarted, or something between dropped the connection",
    ),
    "link.failed": Failure("link", "Connection lost", "the connection to {peer} broke ({reason})"),
}
"""By name: the stage, a dot, what happened."""
