"""TLS links against real servers."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from collections.abc import Callable

import pytest

from mqttx_tui.model.errors import Exit
from mqttx_tui.model.profile import Profile, TlsOptions
from tests.support.certificates import PASSPHRASE, Certificates
from tests.support.links import Peer, failure_of
from tests.support.mosquitto import Mosquitto
from tests.support.servers import saying, server_context, silence, talking
from tests.support.wait import FACTOR


def profile(port: int, tls: TlsOptions, host: str = "localhost") -> Profile:
    return Profile("test", f"mqtts://{host}:{port}", tls=tls, connect_timeout=10)


async def opened(port: int, tls: TlsOptions, host: str = "localhost") -> Peer:
    peer = Peer()
    peer.link = await peer.open(profile(port, tls, host))
    return peer


async def test_megabytes_travel_inside_tls(certificates: Certificates) -> None:
    size = 5_000_000

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readexactly(size))
        await writer.drain()

    context = server_context(certificates.server_cert, certificates.server_key)
    async with talking(echo, context) as port:
        peer = await opened(port, TlsOptions(ca=certificates.ca))
        peer.link.write(b"z" * size)
        assert await asyncio.wait_for(peer.ended, 20 * FACTOR) is None
    assert peer.data == b"z" * size
    assert (peer.link.bytes_in, peer.link.bytes_out) == (size, size)
    info = peer.link.info
    assert info.tls_version == "TLSv1.3"
    assert info.tls_cipher
    assert info.tls_verified
    assert [report.stage for report in info.stages] == ["name", "tcp", "tls"]


async def test_what_came_before_the_end_is_delivered_after_a_pause(certificates: Certificates) -> None:
    context = server_context(certificates.server_cert, certificates.server_key)
    async with talking(saying(b"q" * 400_000), context) as port:
        peer = await opened(port, TlsOptions(ca=certificates.ca))
        peer.link.write(b"x")
        peer.link.pause()
        await asyncio.sleep(0.2)
        assert not peer.data
        peer.link.resume()
        assert await asyncio.wait_for(peer.ended, 10 * FACTOR) is None
    assert len(peer.data) == 400_000


async def test_alpn_and_server_name_are_sent(certificates: Certificates) -> None:
    context = server_context(certificates.wrong_name_cert, certificates.wrong_name_key)
    context.set_alpn_protocols(["x-amzn-mqtt-ca"])
    names: list[str | None] = []
    context.sni_callback = lambda connection, name, _: names.append(name)
    async with talking(silence, context) as port:
        tls = TlsOptions(ca=certificates.ca, server_name="mq.lab", alpn=("x-amzn-mqtt-ca",))
        peer = await opened(port, tls)
        assert peer.link.info.alpn == "x-amzn-mqtt-ca"
        peer.link.abort()
    assert names == ["mq.lab"]


@pytest.mark.parametrize("encrypted", [False, True])
async def test_client_certificates_with_and_without_passphrase(
    certificates: Certificates, encrypted: bool
) -> None:
    subjects: list[object] = []

    async def look(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        subjects.append(writer.get_extra_info("peercert")["subject"])

    context = server_context(certificates.server_cert, certificates.server_key, client_ca=certificates.ca)
    tls = TlsOptions(
        ca=certificates.ca,
        cert=certificates.client_cert,
        key=certificates.client_key_encrypted if encrypted else certificates.client_key,
        key_password=PASSPHRASE if encrypted else "",
    )
    async with talking(look, context) as port:
        peer = await opened(port, tls)
        assert await peer.ended is None
    assert "client" in str(subjects)


async def test_verification_is_off_only_when_asked_and_said_so(certificates: Certificates) -> None:
    context = server_context(certificates.wrong_name_cert, certificates.wrong_name_key)
    async with talking(silence, context) as port:
        peer = await opened(port, TlsOptions(verify=False))
        assert not peer.link.info.tls_verified
        peer.link.abort()


@pytest.mark.parametrize("spelling", ["sha256:{}", "{}", "SHA256:{:upper}"])
async def test_a_pinned_certificate_needs_no_authority(certificates: Certificates, spelling: str) -> None:
    with open(certificates.wrong_name_cert) as file:
        digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(_first(file.read()))).hexdigest()
    if "upper" in spelling:
        pairs = ":".join(digest[place : place + 2] for place in range(0, 64, 2))
        fingerprint = "SHA256:" + pairs.upper()
    else:
        fingerprint = spelling.format(digest)
    context = server_context(certificates.wrong_name_cert, certificates.wrong_name_key)
    async with talking(silence, context) as port:
        peer = await opened(port, TlsOptions(fingerprint=fingerprint))
        assert peer.link.info.tls_verified
        peer.link.abort()


def _first(chain: str) -> str:
    end = "-----END CERTIFICATE-----"
    return chain.split(end)[0] + end


async def test_a_bad_fingerprint_is_refused_before_anything_is_sent(certificates: Certificates) -> None:
    context = server_context(certificates.server_cert, certificates.server_key)
    async with talking(silence, context) as port:
        error = await failure_of(profile(port, TlsOptions(fingerprint="sha1:abcd")))
    assert error.title == "Bad fingerprint"
    assert not error.retry


@pytest.mark.parametrize("name", ["broker..lab", ".lab", "a\0b"])
async def test_a_server_name_that_is_none(certificates: Certificates, name: str) -> None:
    context = server_context(certificates.server_cert, certificates.server_key)
    async with talking(silence, context) as port:
        error = await failure_of(profile(port, TlsOptions(ca=certificates.ca, server_name=name)))
    assert (error.stage, error.title, error.retry) == ("tls", "Bad server name", False)


async def test_several_names_are_listed(certificates: Certificates) -> None:
    context = server_context(certificates.server_cert, certificates.server_key)
    async with talking(silence, context) as port:
        error = await failure_of(profile(port, TlsOptions(ca=certificates.ca, server_name="broker.lab")))
    assert error.message == 'certificate is for "localhost", "127.0.0.1", "::1", not "broker.lab"'.replace(
        '"::1"', '"0:0:0:0:0:0:0:1"'
    )
    assert error.hint == 'tls.server_name = "localhost"'
    assert (error.exit_code, error.retry) == (Exit.TLS, False)


async def test_paths_are_named_with_their_key(certificates: Certificates) -> None:
    error = await failure_of(profile(1, TlsOptions(ca="~/nowhere/lab.pem"), "127.0.0.1"))
    assert error.stage == "tcp"  # nothing listens on port 1: the files are read at their stage
    async with talking(silence) as port:
        error = await failure_of(profile(port, TlsOptions(ca="~/nowhere/lab.pem")))
        assert error.message == 'tls.ca = "~/nowhere/lab.pem": there is no such file'
        error = await failure_of(profile(port, TlsOptions(cert="~/nowhere/me.crt")))
        assert error.message.startswith("tls.cert =")
        tls = TlsOptions(cert=certificates.client_cert, key="~/nowhere/me.key")
        error = await failure_of(profile(port, tls))
        assert error.message.startswith("tls.key =")


@pytest.mark.mosquitto
class TestMosquitto:
    """What the broker that most people have says."""

    @pytest.fixture
    def broker(self, start_mosquitto: Callable[..., Mosquitto], certificates: Certificates) -> Mosquitto:
        files = [
            f"cafile {certificates.ca}",
            f"certfile {certificates.server_cert}",
            f"keyfile {certificates.server_key}",
        ]
        return start_mosquitto(
            {
                "plain": [],
                "tls": files,
                "mutual": [*files, "require_certificate true"],
            }
        )

    async def test_tls_on_the_plain_port(self, broker: Mosquitto, certificates: Certificates) -> None:
        error = await failure_of(profile(broker.ports["plain"], TlsOptions(ca=certificates.ca)))
        assert (error.stage, error.title) == ("tls", "No TLS on this port")
        assert error.hint == f"a plain port? try mqtt://localhost:{broker.ports['plain']}"

    async def test_a_client_certificate_is_required(
        self, broker: Mosquitto, certificates: Certificates
    ) -> None:
        error = await failure_of(profile(broker.ports["mutual"], TlsOptions(ca=certificates.ca)))
        assert (error.stage, error.title) == ("tls", "Client certificate required")

    async def test_websocket_on_the_plain_port(self, broker: Mosquitto) -> None:
        error = await failure_of(Profile("test", f"mqtt+ws://127.0.0.1:{broker.ports['plain']}/mqtt"))
        assert (error.stage, error.title) == ("upgrade", "Closed before the upgrade")
