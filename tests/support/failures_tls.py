"""Failures of TLS: files, certificates, handshakes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from mqttx_tui.model.profile import Profile, TlsOptions
from tests.support.failures import CONNECT_TIMEOUT, Place, scenario
from tests.support.odd_certificates import self_signed, shifted
from tests.support.servers import saying, server_context, silence, strict_tls, talking


@asynccontextmanager
async def _server(
    place: Place, tls: TlsOptions, cert: str = "", key: str = "", client_ca: str = ""
) -> AsyncIterator[Profile]:
    files = place.certificates
    context = server_context(cert or files.server_cert, key or files.server_key, client_ca=client_ca)
    async with strict_tls(context) as port:
        yield Profile("lab", f"mqtts://localhost:{port}", tls=tls, connect_timeout=30)


@asynccontextmanager
async def _answer(place: Place, answer: bytes, tls: TlsOptions) -> AsyncIterator[Profile]:
    async with talking(saying(answer)) as port:
        yield Profile("lab", f"mqtts://localhost:{port}", tls=tls, connect_timeout=30)


def _alert(description: int) -> bytes:
    """A fatal TLS alert in the clear (RFC 8446 §6)."""
    return bytes([0x15, 3, 3, 0, 2, 2, description])


@scenario("tls-on-plain-port")
@asynccontextmanager
async def plain_port(place: Place) -> AsyncIterator[Profile]:
    async with _answer(place, b"", TlsOptions(ca=place.certificates.ca)) as profile:
        yield profile


@scenario("tls-on-web-port")
@asynccontextmanager
async def web_port(place: Place) -> AsyncIterator[Profile]:
    answer = b"HTTP/1.1 400 Bad Request\r\n\r\n"
    async with _answer(place, answer, TlsOptions(ca=place.certificates.ca)) as profile:
        yield profile


@scenario("tls-no-answer")
@asynccontextmanager
async def no_answer(place: Place) -> AsyncIterator[Profile]:
    async with talking(silence) as port:
        yield Profile("lab", f"mqtts://localhost:{port}", connect_timeout=CONNECT_TIMEOUT)


@scenario("unknown-ca")
@asynccontextmanager
async def unknown_ca(place: Place) -> AsyncIterator[Profile]:
    async with _server(place, TlsOptions(ca=place.certificates.other_ca)) as profile:
        yield profile


@scenario("self-signed")
@asynccontextmanager
async def self_signed_server(place: Place) -> AsyncIterator[Profile]:
    cert, key = self_signed(place.directory)
    async with _server(place, TlsOptions(), cert, key) as profile:
        yield profile


@scenario("expired")
@asynccontextmanager
async def expired(place: Place) -> AsyncIterator[Profile]:
    ca, cert, key = shifted(place.directory, -30)
    async with _server(place, TlsOptions(ca=ca), cert, key) as profile:
        yield profile


@scenario("not-yet-valid")
@asynccontextmanager
async def not_yet_valid(place: Place) -> AsyncIterator[Profile]:
    ca, cert, key = shifted(place.directory, 30)
    async with _server(place, TlsOptions(ca=ca), cert, key) as profile:
        yield profile


@scenario("wrong-name")
@asynccontextmanager
async def wrong_name(place: Place) -> AsyncIterator[Profile]:
    files = place.certificates
    async with _server(
        place, TlsOptions(ca=files.ca), files.wrong_name_cert, files.wrong_name_key
    ) as profile:
        yield profile


@scenario("wrong-fingerprint")
@asynccontextmanager
async def wrong_fingerprint(place: Place) -> AsyncIterator[Profile]:
    async with _server(place, TlsOptions(fingerprint="sha256:" + "ab" * 32)) as profile:
        yield profile


@scenario("client-certificate-missing")
@asynccontextmanager
async def client_certificate_missing(place: Place) -> AsyncIterator[Profile]:
    files = place.certificates
    async with _server(place, TlsOptions(ca=files.ca), client_ca=files.ca) as profile:
        yield profile


@scenario("client-certificate-refused")
@asynccontextmanager
async def client_certificate_refused(place: Place) -> AsyncIterator[Profile]:
    files = place.certificates
    tls = TlsOptions(ca=files.ca, cert=files.client_cert, key=files.client_key)
    async with _server(place, tls, client_ca=files.other_ca) as profile:
        yield profile


@scenario("handshake-refused")
@asynccontextmanager
async def handshake_refused(place: Place) -> AsyncIterator[Profile]:
    async with _answer(place, _alert(40), TlsOptions()) as profile:
        yield profile


@scenario("tls-version")
@asynccontextmanager
async def tls_version(place: Place) -> AsyncIterator[Profile]:
    async with _answer(place, _alert(70), TlsOptions()) as profile:
        yield profile


@scenario("alpn")
@asynccontextmanager
async def alpn(place: Place) -> AsyncIterator[Profile]:
    async with _answer(place, _alert(120), TlsOptions(alpn=("mqtt",))) as profile:
        yield profile


@scenario("server-name")
@asynccontextmanager
async def server_name(place: Place) -> AsyncIterator[Profile]:
    async with _answer(place, _alert(112), TlsOptions()) as profile:
        yield profile


@asynccontextmanager
async def _files(place: Place, **changes: str) -> AsyncIterator[Profile]:
    files = place.certificates
    tls = TlsOptions(ca=files.ca, cert=files.client_cert, key=files.client_key)
    async with _server(place, replace(tls, **changes)) as profile:  # type: ignore[arg-type]
        yield profile


@scenario("file-missing")
@asynccontextmanager
async def file_missing(place: Place) -> AsyncIterator[Profile]:
    async with _files(place, ca=str(place.directory / "nothing.pem")) as profile:
        yield profile


@scenario("not-pem")
@asynccontextmanager
async def not_pem(place: Place) -> AsyncIterator[Profile]:
    path = place.directory / "certificate.der"
    path.write_bytes(b"\x30\x82\x01\x02")
    async with _files(place, ca=str(path)) as profile:
        yield profile


@scenario("passphrase-missing")
@asynccontextmanager
async def passphrase_missing(place: Place) -> AsyncIterator[Profile]:
    async with _files(place, key=place.certificates.client_key_encrypted) as profile:
        yield profile


@scenario("passphrase-wrong")
@asynccontextmanager
async def passphrase_wrong(place: Place) -> AsyncIterator[Profile]:
    key = place.certificates.client_key_encrypted
    async with _files(place, key=key, key_password="not-this") as profile:
        yield profile


@scenario("key-mismatch")
@asynccontextmanager
async def key_mismatch(place: Place) -> AsyncIterator[Profile]:
    async with _files(place, key=place.certificates.server_key) as profile:
        yield profile
