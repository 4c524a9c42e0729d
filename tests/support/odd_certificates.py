"""Certificates with something wrong."""

from __future__ import annotations

import datetime
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAY = datetime.timedelta(days=1)


def self_signed(directory: Path) -> tuple[str, str]:
    """Certificate and key of a localhost that signed itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - DAY).not_valid_after(now + DAY)
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), False)
    certificate = builder.sign(key, hashes.SHA256())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return _write(directory, certificate.public_bytes(serialization.Encoding.PEM), private)


def shifted(directory: Path, days: int) -> tuple[str, str, str]:
    """CA, certificate and key of a localhost whose time is over (negative) or to come."""
    authority = trustme.CA()
    now = datetime.datetime.now(datetime.UTC)
    start, end = (now + days * DAY, now - DAY) if days < 0 else (now + DAY, now + days * DAY)
    issued = authority.issue_cert("localhost", not_before=start, not_after=end)
    ca = directory / "odd-ca.pem"
    ca.write_bytes(authority.cert_pem.bytes())
    chain = b"".join(blob.bytes() for blob in issued.cert_chain_pems)
    return str(ca), *_write(directory, chain, issued.private_key_pem.bytes())


def _write(directory: Path, certificate: bytes, key: bytes) -> tuple[str, str]:
    places = directory / "odd.pem", directory / "odd.key"
    places[0].write_bytes(certificate)
    places[1].write_bytes(key)
    return str(places[0]), str(places[1])
