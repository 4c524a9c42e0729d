"""What a kind of failure is made of, and the kinds up to the TLS handshake, as data."""

from __future__ import annotations

from dataclasses import dataclass

from mqttx_tui.model.errors import Exit


@dataclass(frozen=True, slots=True)
class Failure:
    """One kind of failure. ``message`` and ``hint`` are templates for ``str.format``."""

    stage: str
    title: str
    message: str
    hint: str = ""
    retry: bool = True
    exit_code: Exit = Exit.UNREACHABLE


def _tls(title: str, message: str, hint: str = "", retry: bool = False) -> Failure:
    return Failure("tls", title, message, hint, retry, Exit.TLS)


LOWER: dict[str, Failure] = {
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
    ),
    "tcp.unix_refused": Failure(
        "tcp",
        "Connection refused",
        "nothing listens on the socket {path}",
        "a socket left over by a broker that is gone? start the broker",
    ),
    "tcp.unix_failed": Failure("tcp", "Connection failed", "connecting to {path} failed ({reason})"),
    "proxy.bad": Failure(
        "proxy", "Bad proxy", "proxy: {reason}", "{advice}", retry=False, exit_code=Exit.BAD_INPUT
    ),
    "proxy.timeout": Failure(
        "proxy",
        "No answer from the proxy",
        "{proxy} did not answer within {seconds} s",
        "is this the port of a proxy? it may also wait for {target}",
    ),
    "proxy.closed": Failure(
        "proxy",
        "Closed by the proxy",
        "{proxy} closed the connection instead of connecting to {target}",
        "is this the port of a proxy, and may it connect there? see its log",
    ),
    "proxy.other": Failure(
        "proxy",
        "Not such a proxy",
        "{proxy} answered with bytes that are not {kind} ({start})",
        "http://, socks5:// and socks5h:// are different proxies: which one is this?",
    ),
    "proxy.login": Failure(
        "proxy",
        "The proxy wants a login",
        "{proxy} wants to know who you are ({reason})",
        'proxy = "{scheme}://USER:PASSWORD@HOST:PORT"',
        retry=False,
        exit_code=Exit.NOT_AUTHORISED,
    ),
    "proxy.refused_login": Failure(
        "proxy",
        "Login refused by the proxy",
        "{proxy} refused the login ({reason})",
        "check user name and password in proxy",
        retry=False,
        exit_code=Exit.NOT_AUTHORISED,
    ),
    "proxy.status": Failure(
        "proxy",
        "Refused by the proxy",
        "{proxy} answered HTTP {status} {phrase} to CONNECT {target}",
        "many proxies allow only port 443: ask for this one, or use wss on 443",
        retry=False,
    ),
    "proxy.5xx": Failure(
        "proxy",
        "The proxy found no way",
        "{proxy} answered HTTP {status} {phrase} to CONNECT {target}",
        "check host and port; the proxy looks the name up itself",
    ),
    "proxy.forbidden": Failure(
        "proxy",
        "Refused by the proxy",
        "{proxy} refused to connect to {target} ({reason})",
        "ask for this host and port to be allowed",
        retry=False,
    ),
    "proxy.unreachable": Failure(
        "proxy",
        "The proxy found no way",
        "{proxy} could not connect to {target} ({reason})",
        "check host and port; socks5h:// lets the proxy look the name up",
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
        "the server is set to another TLS version: look there",
        retry=True,
    ),
    "tls.alpn": _tls(
        "ALPN refused",
        "{host} knows none of tls.alpn = {alpn}",
        "correct tls.alpn, or take it out",
        retry=True,
    ),
    "tls.server_name": _tls(
        "Server name refused",
        "{host} knows no server of this name ({reason})",
        "set tls.server_name to the name that the server expects",
        retry=True,
    ),
    "tls.name_bad": _tls(
        "Bad server name",
        'tls.server_name = "{name}" is no host name ({reason})',
        "write it as it stands in the certificate",
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
}
"""By name: the stage, a dot, what happened."""
