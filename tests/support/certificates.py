"""Certificates for one test run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import trustme
from cryptography.hazmat.primitives import serialization

PASSPHRASE = "key-passphrase-7431"


@dataclass(frozen=True)
class Certificates:
    """Paths of a CA, a server certificate for localhost, a client's, and another CA."""

    ca: str
    other_ca: str
    server_cert: str
    server_key: str
    wrong_name_cert: str
    wrong_name_key: str
    client_cert: str
    client_key: str
    client_key_encrypted: str


def make(directory: Path) -> Certificates:
    """Write everything below ``directory``."""
    directory.mkdir(parents=True, exist_ok=True)
    ca, other = trustme.CA(), trustme.CA()
    server = ca.issue_cert("localhost", "127.0.0.1", "::1")
    wrong = ca.issue_cert("mq.lab")
    client = ca.issue_cert("client@example.org", common_name="client")

    def write(name: str, data: bytes) -> str:
        path = directory / name
        path.write_bytes(data)
        path.chmod(0o600)
        return str(path)

    key = serialization.load_pem_private_key(client.private_key_pem.bytes(), password=None)
    encrypted = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(PASSPHRASE.encode()),
    )
    return Certificates(
        ca=write("ca.pem", ca.cert_pem.bytes()),
        other_ca=write("other-ca.pem", other.cert_pem.bytes()),
        server_cert=write("server.pem", b"".join(blob.bytes() for blob in server.cert_chain_pems)),
        server_key=write("server.key", server.private_key_pem.bytes()),
        wrong_name_cert=write("wrong.pem", b"".join(blob.bytes() for blob in wrong.cert_chain_pems)),
        wrong_name_key=write("wrong.key", wrong.private_key_pem.bytes()),
        client_cert=write("client.pem", b"".join(blob.bytes() for blob in client.cert_chain_pems)),
        client_key=write("client.key", client.private_key_pem.bytes()),
        client_key_encrypted=write("client-encrypted.key", encrypted),
    )
