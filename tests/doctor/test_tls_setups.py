"""TLS that is set up otherwise than the profile expects."""

from __future__ import annotations

import datetime
import subprocess
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from mqttx_tui.doctor.certificates import day
from mqttx_tui.doctor.report import Verdict
from mqttx_tui.model.errors import Exit
from mqttx_tui.model.profile import Profile, TlsOptions
from tests.doctor.patients import advises, check_of, examined, facts, failure
from tests.support.certificates import Certificates
from tests.support.mosquitto import Mosquitto, accepts, free_port
from tests.support.odd_certificates import self_signed, shifted
from tests.support.servers import server_context, silence, talking
from tests.support.wait import eventually

Start = Callable[..., Mosquitto]


def secured(port: int, host: str = "localhost", **tls: object) -> Profile:
    options = TlsOptions(**tls)  # type: ignore[arg-type]
    return Profile("lab", f"mqtts://{host}:{port}", tls=options)


def lines(cert: str, key: str, *more: str) -> list[str]:
    """A TLS listener of mosquitto."""
    return [f"certfile {cert}", f"keyfile {key}", *more]


@pytest.fixture
def start_secure(start_mosquitto: Start, certificates: Certificates) -> Start:
    """Start mosquitto with TLS, by default with a good certificate."""

    def start(cert: str = "", key: str = "", *more: str) -> Mosquitto:
        pair = (cert, key) if cert else (certificates.server_cert, certificates.server_key)
        return start_mosquitto(listeners={"tls": lines(*pair, *more)})

    return start


@pytest.mark.mosquitto
async def test_everything_is_shown_where_all_is_well(start_secure: Start, certificates: Certificates) -> None:
    report = await examined(secured(start_secure().port, ca=certificates.ca))
    assert report.exit_code is Exit.DONE
    found = facts(check_of(report, "tls", Verdict.OK))
    assert found["version"] == "TLSv1.3"
    assert found["cipher"]
    assert found["for"] == "localhost, 127.0.0.1, ::1"
    assert "trustme" in found["issuer"]
    assert found["authority"].endswith(f"trusted by tls.ca {certificates.ca}")
    assert found["authority"].startswith(found["issuer"])
    assert int(found["days left"]) > 300
    assert len(found["sha256"]) == 64


@pytest.mark.mosquitto
async def test_tls_on_a_plain_port(start_mosquitto: Start, certificates: Certificates) -> None:
    server = start_mosquitto()
    check = failure(await examined(secured(server.port, ca=certificates.ca), seconds=2))
    assert (check.stage, check.title, check.exit_code) == ("tls", "No TLS on this port", Exit.TLS)
    advises(check, f"MQTT without TLS answers there: mqtt://localhost:{server.port}")


@pytest.mark.mosquitto
async def test_plain_on_a_tls_port(start_secure: Start) -> None:
    server = start_secure()
    check = failure(await examined(Profile("lab", f"mqtt://localhost:{server.port}")))
    assert check.stage == "mqtt"
    advises(check, f"TLS answers there: mqtts://localhost:{server.port}")


@pytest.mark.mosquitto
async def test_the_wrong_authority(start_secure: Start, certificates: Certificates) -> None:
    check = failure(await examined(secured(start_secure().port, ca=certificates.other_ca)))
    assert (check.stage, check.title) == ("tls", "Unknown certificate authority")
    advises(check, "it is issued by …trustme…, and tls.ca trusts …trustme…")
    assert facts(check)["for"].startswith("localhost")


@pytest.mark.mosquitto
async def test_an_authority_that_this_system_does_not_know(start_secure: Start) -> None:
    check = failure(await examined(secured(start_secure().port)))
    advises(check, 'tls.ca = "FILE" with the certificate of that authority')
    advises(
        check,
        "the server sends its certificate alone: …has to send its certificate, too (in certfile, below …",
    )


@pytest.mark.mosquitto
async def test_a_certificate_that_signed_itself(start_secure: Start, tmp_path: Path) -> None:
    server = start_secure(*self_signed(tmp_path))
    profile = secured(server.port)
    check = failure(await examined(profile))
    assert (check.stage, check.title) == ("tls", "Self-signed certificate")
    advises(check, 'if that is the right server: tls.fingerprint = "sha256:…"')
    pinned = replace(profile, tls=TlsOptions(fingerprint=f"sha256:{facts(check)['sha256']}"))
    report = await examined(pinned)
    assert report.exit_code is Exit.DONE, "the advice helps"
    assert facts(check_of(report, "tls", Verdict.WARNING))["verified"] == "by tls.fingerprint"


@pytest.mark.mosquitto
@pytest.mark.parametrize(("days", "said"), [(-30, "expired on"), (30, "is valid from")])
async def test_a_certificate_whose_time_it_is_not(
    days: int, said: str, start_secure: Start, tmp_path: Path
) -> None:
    ca, cert, key = shifted(tmp_path, days)
    check = failure(await examined(secured(start_secure(cert, key).port, ca=ca)))
    assert check.title == ("Certificate expired" if days < 0 else "Certificate not valid yet")
    now = time.time()
    other = now + (-1 if days < 0 else 1) * 86_400
    advises(check, f"…{said} {day(other)}; the clock here says {day(now)}")
    assert ("-" in facts(check)["days left"]) == (days < 0)


@pytest.mark.mosquitto
async def test_a_certificate_that_expires_soon(start_secure: Start, tmp_path: Path) -> None:
    ca, cert, key = shifted_soon(tmp_path, 12)
    report = await examined(secured(start_secure(cert, key).port, ca=ca))
    check = check_of(report, "tls", Verdict.WARNING)
    advises(check, "the certificate … expires in 11 days: renew it on the server")
    assert (report.exit_code, facts(check)["days left"]) == (Exit.DONE, "11")


def shifted_soon(directory: Path, days: int) -> tuple[str, str, str]:
    """CA, certificate and key of a localhost whose time is over in so many days."""
    authority = trustme.CA()
    now = datetime.datetime.now(datetime.UTC)
    end = now + datetime.timedelta(days=days)
    issued = authority.issue_cert("localhost", not_before=now - datetime.timedelta(days=1), not_after=end)
    places = [directory / name for name in ("soon-ca.pem", "soon.pem", "soon.key")]
    chain = b"".join(blob.bytes() for blob in issued.cert_chain_pems)
    for place, data in zip(
        places, (authority.cert_pem.bytes(), chain, issued.private_key_pem.bytes()), strict=True
    ):
        place.write_bytes(data)
    return str(places[0]), str(places[1]), str(places[2])


@pytest.mark.mosquitto
async def test_a_certificate_for_another_name(start_secure: Start, certificates: Certificates) -> None:
    server = start_secure(certificates.wrong_name_cert, certificates.wrong_name_key)
    check = failure(await examined(secured(server.port, ca=certificates.ca)))
    assert (check.stage, check.title) == ("tls", "Certificate for another name")
    advises(check, 'tls.server_name = "mq.lab"')
    assert facts(check)["for"] == "mq.lab"


@pytest.mark.mosquitto
async def test_no_verification_is_a_warning(start_secure: Start) -> None:
    report = await examined(secured(start_secure().port, verify=False))
    check = check_of(report, "tls", Verdict.WARNING)
    advises(
        check,
        "the certificate is not verified: anybody in between …; tls.ca or tls.fingerprint in place of …",
    )
    assert report.exit_code is Exit.DONE


@pytest.mark.mosquitto
@pytest.mark.parametrize("client", ["missing", "wrong"])
async def test_a_client_certificate(client: str, start_secure: Start, certificates: Certificates) -> None:
    ca = certificates.ca if client == "missing" else certificates.other_ca
    server = start_secure("", "", f"cafile {ca}", "require_certificate true")
    profile = secured(server.port, ca=certificates.ca)
    if client == "wrong":
        profile = secured(
            server.port, ca=certificates.ca, cert=certificates.client_cert, key=certificates.client_key
        )
    report = await examined(profile)
    check = failure(report)
    assert (check.stage, check.exit_code) == ("tls", Exit.TLS)
    if client == "missing":
        advises(check, "set tls.cert and tls.key")
    else:
        advises(check, "is it signed by the authority that the server trusts, and still valid?")
        advises(
            check, "tls.cert is …Testing cert…, issued by …: the server has to trust that authority (cafile…"
        )
    shown = [fact for one in report.checks for fact in one.facts if fact[0] == "for"]
    assert shown == [("for", "localhost, 127.0.0.1, ::1")], "once"


async def test_an_old_version_of_tls_only(certificates: Certificates) -> None:
    async with openssl(certificates, "-tls1_1", "-cipher", "ALL:@SECLEVEL=0") as port:
        check = failure(await examined(secured(port, ca=certificates.ca)))
    assert (check.stage, check.title) == ("tls", "No common TLS version")
    advises(check, "the server speaks TLSv1.1, which is not safe any more: update it")


async def test_an_alpn_that_the_server_does_not_answer(certificates: Certificates) -> None:
    context = server_context(certificates.server_cert, certificates.server_key)
    context.set_alpn_protocols(["http/1.1"])
    async with talking(silence, context) as port:
        report = await examined(secured(port, ca=certificates.ca, alpn=("mqtt",)), seconds=0.5)
    check = check_of(report, "tls", Verdict.WARNING)
    assert facts(check)["ALPN"] == "none of mqtt was chosen"
    advises(check, "the server did not answer tls.alpn: take it out, or correct it")
    assert failure(report).title == "No answer to CONNECT"


@asynccontextmanager
async def openssl(files: Certificates, *options: str) -> AsyncIterator[int]:
    """openssl's own server, which refuses where others look away."""
    port = free_port()
    command = ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-quiet", *options]
    pair = ("-cert", files.server_cert, "-key", files.server_key)
    with subprocess.Popen([*command, *pair], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        await eventually(lambda: accepts(port), "openssl listens")
        yield port
        process.kill()


async def test_an_alpn_that_the_server_refuses(certificates: Certificates, tmp_path: Path) -> None:
    async with openssl(certificates, "-alpn", "http/1.1") as port:
        check = failure(await examined(secured(port, ca=certificates.ca, alpn=("mqtt",))))
    assert (check.stage, check.title) == ("tls", "ALPN refused")
    advises(check, "without tls.alpn the handshake works")
