"""Why TLS failed: from OpenSSL's words to a failure that a person can act on."""

from __future__ import annotations

import ssl
from dataclasses import dataclass

from mqttx_tui.model.endpoint import Endpoint
from mqttx_tui.model.errors import LinkError
from mqttx_tui.model.profile import TlsOptions
from mqttx_tui.transport.failures import failure

HOSTNAME_MISMATCH = (62, 64)
"""X509_V_ERR_HOSTNAME_MISMATCH and X509_V_ERR_IP_ADDRESS_MISMATCH."""

_VERIFY_CODES = {
    9: "tls.not_yet",
    10: "tls.expired",
    18: "tls.self_signed",
    19: "tls.unknown_ca",
    2: "tls.unknown_ca",
    20: "tls.unknown_ca",
    21: "tls.unknown_ca",
    62: "tls.name_unknown",
    64: "tls.name_unknown",
}

_NOT_TLS = {
    "WRONG_VERSION_NUMBER",
    "UNKNOWN_PROTOCOL",
    "HTTP_REQUEST",
    "HTTPS_PROXY_REQUEST",
    "PACKET_LENGTH_TOO_LONG",
    "RECORD_LAYER_FAILURE",
    "UNEXPECTED_MESSAGE",
    "UNEXPECTED_EOF_WHILE_READING",
}

_NO_COMMON_VERSION = {
    "TLSV1_ALERT_PROTOCOL_VERSION",
    "UNSUPPORTED_PROTOCOL",
    "NO_PROTOCOLS_AVAILABLE",
    "NO_CIPHERS_AVAILABLE",
    "TLSV1_ALERT_INSUFFICIENT_SECURITY",
    "DH_KEY_TOO_SMALL",
}

_CLIENT_CERTIFICATE = {
    "TLSV1_ALERT_UNKNOWN_CA",
    "SSLV3_ALERT_BAD_CERTIFICATE",
    "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE",
    "SSLV3_ALERT_CERTIFICATE_REVOKED",
    "SSLV3_ALERT_CERTIFICATE_EXPIRED",
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN",
    "TLSV1_ALERT_ACCESS_DENIED",
    "TLSV1_ALERT_DECRYPT_ERROR",
}

_OTHER_SCHEME = {
    "mqtts": "mqtt",
    "ssl": "tcp",
    "wss": "ws",
    "mqtt+wss": "mqtt+ws",
    "mqtt": "mqtts",
    "tcp": "ssl",
    "ws": "wss",
    "mqtt+ws": "mqtt+wss",
}


@dataclass(frozen=True, slots=True)
class TlsPeer:
    """Whom the handshake is with: what the sentences about its failure need."""

    endpoint: Endpoint
    options: TlsOptions

    @property
    def server_name(self) -> str:
        """The name that the certificate must hold."""
        return self.options.server_name or self.endpoint.host.rstrip(".")


def other_url(endpoint: Endpoint) -> str:
    """The same address with TLS switched on or off, to be tried instead."""
    path = endpoint.path.partition("?")[0]
    return f"{_OTHER_SCHEME.get(endpoint.scheme, 'mqtts')}://{endpoint.authority}{path}"


def explain_tls(error: Exception, peer: TlsPeer) -> LinkError:
    """The failure behind an exception of the handshake, or of the first read after it.

    TLS 1.3 servers judge the client's certificate only then (RFC 8446 §4.4.2.4).
    """
    host, reason = peer.endpoint.host, _reason(error)
    if isinstance(error, ssl.SSLCertVerificationError):
        name = _VERIFY_CODES.get(error.verify_code, "tls.refused")
        return failure(name, host=host, wanted=peer.server_name, reason=error.verify_message)
    if not isinstance(error, ssl.SSLError) or reason in _NOT_TLS:
        said = "it closed the connection" if not isinstance(error, ssl.SSLError) else _words(reason)
        return failure(
            "tls.plain_port", address=peer.endpoint.authority, reason=said, other=other_url(peer.endpoint)
        )
    if reason in ("TLSV13_ALERT_CERTIFICATE_REQUIRED", "SSLV3_ALERT_NO_CERTIFICATE"):
        return failure("tls.client_required", host=host)
    if reason in _CLIENT_CERTIFICATE:
        name = "tls.client_refused" if peer.options.cert else "tls.handshake"
        return failure(name, host=host, reason=_words(reason))
    if reason in _NO_COMMON_VERSION:
        return failure("tls.version", host=host, reason=_words(reason))
    if reason == "TLSV1_ALERT_NO_APPLICATION_PROTOCOL":
        return failure("tls.alpn", host=host, alpn=list(peer.options.alpn))
    if reason == "TLSV1_UNRECOGNIZED_NAME":
        return failure("tls.server_name", host=host, reason=_words(reason))
    if "ALERT" in reason:
        return failure("tls.handshake", host=host, reason=_words(reason))
    return failure("tls.failed", host=host, reason=_words(reason) or error)


def explain_names(names: list[str], peer: TlsPeer) -> LinkError:
    """The failure of a certificate for other names, listing some of them."""
    usable = [name for name in names if "*" not in name]
    if not names or not usable:
        wanted = peer.server_name
        return failure("tls.name_unknown", wanted=wanted)
    shown = ", ".join(f'"{name}"' for name in names[:3])
    if len(names) > 3:
        shown += f" and {len(names) - 3} more"
    return failure("tls.name", names=shown, wanted=peer.server_name, first=usable[0])


def _reason(error: Exception) -> str:
    if not isinstance(error, ssl.SSLError):
        return ""
    if error.reason:
        return error.reason
    # Python's table lacks newer codes; OpenSSL's own words stand in the text.
    text = str(error).rpartition("] ")[2].partition(" (_ssl")[0]
    return text.upper().replace(" ", "_")


def _words(reason: str) -> str:
    for prefix in ("TLSV13_", "TLSV1_", "SSLV3_"):
        reason = reason.removeprefix(prefix)
    return reason.removeprefix("ALERT_").replace("_", " ").lower()
