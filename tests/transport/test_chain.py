"""The certificates that a TLS server shows."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
import time
from pathlib import Path

from mqttx_tui.model.profile import Profile, TlsOptions
from mqttx_tui.transport.base import LinkInfo
from mqttx_tui.transport.chain import chain_of
from tests.support.certificates import Certificates
from tests.support.links import Peer
from tests.support.odd_certificates import self_signed
from tests.support.servers import server_context, silence, talking


async def seen(tls: TlsOptions, cert: str, key: str) -> LinkInfo:
    async with talking(silence, server_context(cert, key)) as port:
        peer = Peer()
        link = await peer.open(Profile("t", f"mqtts://localhost:{port}", tls=tls, connect_timeout=10))
        link.abort()
        return link.info


async def test_the_verified_chain_ends_with_the_authority_that_matched(certificates: Certificates) -> None:
    info = await seen(TlsOptions(ca=certificates.ca), certificates.server_cert, certificates.server_key)
    leaf, root = info.certificates
    assert leaf.names == ("localhost", "127.0.0.1", "::1")
    assert (leaf.issuer, leaf.self_signed, root.self_signed) == (root.subject, False, True)
    assert leaf.not_before < time.time() < leaf.not_after
    pem = Path(certificates.server_cert).read_text().partition("-----END CERTIFICATE-----")
    der = ssl.PEM_cert_to_DER_cert("".join(pem[:2]))
    assert leaf.fingerprint == hashlib.sha256(der).hexdigest()


async def test_what_is_not_verified_is_shown_as_it_was_sent(tmp_path: Path) -> None:
    info = await seen(TlsOptions(verify=False), *self_signed(tmp_path))
    [leaf] = info.certificates
    assert (leaf.subject, leaf.issuer, leaf.self_signed) == ("CN=localhost", "CN=localhost", True)


async def test_without_the_private_name_the_verified_leaf_is_shown(certificates: Certificates) -> None:
    class Bare:
        """A connection of an interpreter that lacks it."""

        def __init__(self, connection: ssl.SSLObject) -> None:
            self.context = connection.context
            self.getpeercert = connection.getpeercert

    async with talking(silence, server_context(certificates.server_cert, certificates.server_key)) as port:
        context = ssl.create_default_context(cafile=certificates.ca)
        _, writer = await asyncio.open_connection("localhost", port, ssl=context)
        connection = writer.get_extra_info("ssl_object")
        whole, bare = chain_of(connection), chain_of(Bare(connection))  # type: ignore[arg-type]
        writer.transport.abort()
    assert bare == whole[:1]


async def test_a_certificate_that_python_cannot_express(
    certificates: Certificates,
) -> None:
    class Odd:
        """What is in some certificates is no UTF-8."""

        def get_verified_chain(self) -> list[object]:
            raise UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte")

    class Connection:
        context = ssl.create_default_context(cafile=certificates.ca)
        _sslobj = Odd()

    assert chain_of(Connection()) == ()  # type: ignore[arg-type]
