"""The certificates of a TLS peer, taken apart by OpenSSL.

``ssl`` shows only the leaf, and only once it is verified; the whole chain is public from Python 3.13
on, as DER. The connection object below has had it, decoded, since 3.10: its private name is used in
this module alone, and where it is missing the leaf is all there is.
"""

from __future__ import annotations

import hashlib
import ipaddress
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

DER = 2
"""``_ssl.ENCODING_DER``."""
_SHORT = {
    "commonName": "CN",
    "organizationName": "O",
    "organizationalUnitName": "OU",
    "countryName": "C",
    "stateOrProvinceName": "ST",
    "localityName": "L",
    "emailAddress": "emailAddress",
}
_NAMES = ("DNS", "IP Address")


@dataclass(frozen=True, slots=True)
class Certificate:
    """One certificate. Times are seconds since 1970; ``names`` are its subject alternative names (DNS
    and IP addresses), ``fingerprint`` the SHA-256 of the DER form in lower-case digits, or empty."""

    subject: str
    issuer: str
    names: tuple[str, ...]
    not_before: float
    not_after: float
    fingerprint: str = ""

    @property
    def self_signed(self) -> bool:
        """Whether subject and issuer are the same."""
        return self.subject == self.issuer


def chain_of(connection: ssl.SSLObject | ssl.SSLSocket) -> tuple[Certificate, ...]:
    """The peer's chain, leaf first: with the authority that verified it, else as it was sent.

    Empty when the peer showed none, and where Python cannot express what stands in one: a certificate
    that OpenSSL took is no reason to fail.
    """
    try:
        return _chain(connection)
    except (ssl.SSLError, ValueError, KeyError):
        return ()


def _chain(connection: ssl.SSLObject | ssl.SSLSocket) -> tuple[Certificate, ...]:
    inner = getattr(connection, "_sslobj", None)
    verified = connection.context.verify_mode is not ssl.CERT_NONE
    fetch = getattr(inner, "get_verified_chain" if verified else "get_unverified_chain", None)
    if fetch is None:
        return _leaf(connection)
    return tuple(_certificate(one.get_info(), one.public_bytes(DER)) for one in fetch() or ())


def _leaf(connection: ssl.SSLObject | ssl.SSLSocket) -> tuple[Certificate, ...]:
    found, raw = connection.getpeercert(), connection.getpeercert(True)
    return (_certificate(found, raw or b""),) if found else ()


def _certificate(found: Mapping[str, Any], raw: bytes) -> Certificate:
    alternatives = found.get("subjectAltName", ())
    names = [_address(value) if kind != "DNS" else value for kind, value in alternatives if kind in _NAMES]
    return Certificate(
        distinguished_name(found.get("subject", ())),
        distinguished_name(found.get("issuer", ())),
        tuple(names),
        ssl.cert_time_to_seconds(found["notBefore"]),
        ssl.cert_time_to_seconds(found["notAfter"]),
        hashlib.sha256(raw).hexdigest() if raw else "",
    )


def _address(text: str) -> str:
    """An IP address in its short form; OpenSSL writes all eight groups of IPv6."""
    try:
        return str(ipaddress.ip_address(text.strip()))
    except ValueError:
        return text


def distinguished_name(parts: tuple[tuple[tuple[str, str], ...], ...]) -> str:
    """A distinguished name as people write it, the most telling part first: ``CN=broker, O=Lab``."""
    pairs = [(_SHORT.get(kind, kind), value) for part in parts for kind, value in part]
    return ", ".join(f"{kind}={value}" for kind, value in reversed(pairs))
