"""Through proxies: what stands behind one is reached, looked at and failed only through it."""

from __future__ import annotations

from pathlib import Path

import pytest

from mqttx_tui.demo.broker import Broker
from mqttx_tui.doctor.report import Verdict
from mqttx_tui.model.errors import Exit
from mqttx_tui.model.profile import Profile, TlsOptions
from tests.doctor.patients import advises, check_of, examined, facts, failure
from tests.support.certificates import Certificates
from tests.support.mosquitto import free_port
from tests.support.odd_certificates import self_signed
from tests.support.proxies import PASSWORD, USER, http_proxy, socks_proxy
from tests.support.servers import server_context, silence, talking


async def test_all_is_well_behind_a_proxy_that_wants_a_login() -> None:
    broker = Broker(ws_port=None)
    await broker.start()
    async with http_proxy(login=True) as seen:
        proxy = f"http://{USER}:{PASSWORD}@127.0.0.1:{seen.port}"
        profile = Profile("lab", f"mqtt://broker.lab:{broker.port}", proxy=proxy)
        report = await examined(profile, secrets=(PASSWORD,))
    await broker.stop()
    assert report.exit_code is Exit.DONE
    assert check_of(report, "proxy", Verdict.OK)
    assert PASSWORD not in repr(report)
    assert set(seen.asked) == {f"broker.lab:{broker.port}"}


async def test_nothing_listens_behind_the_proxy() -> None:
    async with socks_proxy() as seen:
        url, proxy = f"mqtt://127.0.0.1:{free_port()}", f"socks5://127.0.0.1:{seen.port}"
        report = await examined(Profile("lab", url, proxy=proxy))
    check = failure(report)
    assert (check.stage, check.title) == ("proxy", "The proxy found no way")


async def test_the_wrong_login() -> None:
    async with http_proxy(login=True) as seen:
        proxy = f"http://{USER}:wr0ng-pw@127.0.0.1:{seen.port}"
        report = await examined(Profile("lab", "mqtt://broker.lab", proxy=proxy), secrets=("wr0ng-pw",))
    check = failure(report)
    assert (check.stage, report.exit_code) == ("proxy", Exit.NOT_AUTHORISED)
    assert "wr0ng-pw" not in repr(report)


async def test_a_second_look_goes_through_the_proxy_too(tmp_path: Path) -> None:
    """The name is known to the proxy alone: a look past it would find nothing."""
    cert, key = self_signed(tmp_path)
    async with talking(silence, server_context(cert, key)) as port, http_proxy() as seen:
        url, proxy = f"mqtts://broker.lab:{port}", f"http://127.0.0.1:{seen.port}"
        tls = TlsOptions(server_name="localhost")
        check = failure(await examined(Profile("lab", url, proxy=proxy, tls=tls)))
    assert check.title == "Self-signed certificate"
    assert facts(check)["for"] == "localhost"
    advises(check, 'if that is the right server: tls.fingerprint = "sha256:…"')
    assert seen.asked == [f"broker.lab:{port}"] * 2


@pytest.mark.parametrize("secure", [False, True])
async def test_a_port_of_the_other_kind_behind_a_proxy(secure: bool, certificates: Certificates) -> None:
    broker = Broker(ws_port=None)
    if not secure:
        broker = Broker(ws_port=None, tls=server_context(certificates.server_cert, certificates.server_key))
    await broker.start()
    async with http_proxy() as seen:
        scheme = "mqtts" if secure else "mqtt"
        url, proxy = f"{scheme}://broker.lab:{broker.port}", f"http://127.0.0.1:{seen.port}"
        check = failure(await examined(Profile("lab", url, proxy=proxy), seconds=3))
    await broker.stop()
    words = "MQTT without TLS answers there: mqtt://" if secure else "TLS answers there: mqtts://"
    advises(check, f"{words}broker.lab:{broker.port}")
