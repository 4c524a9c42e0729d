"""More ways to set a mosquitto up wrongly, each by its own options."""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
import trustme

from mqttx_tui.doctor.report import Verdict
from mqttx_tui.model.errors import Exit
from mqttx_tui.model.profile import ConnectProperties, Profile, TlsOptions
from tests.doctor.patients import advises, check_of, examined, facts, failure
from tests.support.certificates import Certificates
from tests.support.mosquitto import Mosquitto, find
from tests.support.odd_certificates import shifted
from tests.support.wait import until

pytestmark = pytest.mark.mosquitto
Start = Callable[..., Mosquitto]
PLUGINS = [*Path("/usr/lib").glob("**/mosquitto_dynamic_security.so")]


def to(port: int, **more: object) -> Profile:
    return Profile("lab", f"mqtt://127.0.0.1:{port}", **more)  # type: ignore[arg-type]


def secured(port: int, **tls: object) -> Profile:
    options = TlsOptions(**tls)  # type: ignore[arg-type]
    return Profile("lab", f"mqtts://localhost:{port}", tls=options)


@pytest.fixture
def own_address() -> str:
    """An address of this machine that is not loopback; nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            pytest.skip("this machine has no address but loopback")
        found: str = probe.getsockname()[0]
    if found.startswith("127."):
        pytest.skip("this machine has no address but loopback")
    return found


@pytest.fixture
def crowd() -> Iterator[Callable[[Mosquitto], None]]:
    """Let mosquitto_sub in, one after the other, until nobody more is let in."""
    guests: list[subprocess.Popen[bytes]] = []

    def fill(server: Mosquitto) -> None:
        full = "max_connections exceeded"
        until(lambda: "Client <unknown> closed its connection" in server.log, "who knocked has gone")
        while full not in server.log:
            name = f"guest-{len(guests)}"
            words = ["-p", str(server.port), "-i", name, "-t", name]
            guests.append(subprocess.Popen([find("mosquitto_sub") or "", *words], stderr=subprocess.DEVNULL))
            until(partial(_let_in_or_not, server, name, full), "a guest is let in or not")

    yield fill
    for one in guests:
        one.kill()
        one.wait()


def _let_in_or_not(server: Mosquitto, name: str, full: str) -> bool:
    return f"Sending SUBACK to {name}" in server.log or full in server.log


@pytest.mark.parametrize("version", ["5", "3.1.1"])
async def test_a_broker_that_is_full(
    version: str, start_mosquitto: Start, crowd: Callable[[Mosquitto], None]
) -> None:
    server = start_mosquitto(listeners={"tcp": ["max_connections 1"]})
    crowd(server)
    check = failure(await examined(to(server.port, mqtt=version)))
    assert check.stage == "mqtt"
    assert check.title in ("Closed without an answer", "Connection reset")
    assert check.hint == (
        "neither TLS nor WebSocket answers there, so the broker itself closes: it may be full "
        "(max_connections in mosquitto), or refuse this address or this version; its log says which"
    ), "and what was looked at is not guessed at"


async def test_a_listener_for_its_own_machine_alone(start_mosquitto: Start, own_address: str) -> None:
    """What a mosquitto 2 without a listener line does; ours is bound to 127.0.0.1 likewise."""
    server = start_mosquitto()
    check = failure(await examined(Profile("lab", f"mqtt://{own_address}:{server.port}")))
    assert (check.stage, check.title) == ("tcp", "Connection refused")
    advises(
        check,
        f"something listens on 127.0.0.1:{server.port}, where only this machine reaches it: a line "
        f"listener {server.port} in mosquitto.conf opens it to others (and then allow_anonymous or …",
    )


@pytest.mark.parametrize("version", ["5", "3.1.1"])
async def test_nobody_may_subscribe(version: str, start_mosquitto: Start, tmp_path: Path) -> None:
    """By mosquitto's own plug-in: an acl_file never refuses a subscription."""
    if not PLUGINS:
        pytest.skip("mosquitto's plug-in mosquitto_dynamic_security.so is missing")
    allowed = {"publishClientSend": True, "publishClientReceive": True, "subscribe": False}
    rules = tmp_path / "rules.json"
    rules.write_text(json.dumps({"defaultACLAccess": {**allowed, "unsubscribe": True}, "clients": []}))
    plugin = [f"plugin {PLUGINS[0]}", f"plugin_opt_config_file {rules}"]
    server = start_mosquitto(options=["allow_anonymous true", *plugin])
    report = await examined(to(server.port, mqtt=version))
    check = failure(report)
    assert check.stage == "subscribe"
    advises(
        check, "an access list forbids this user to subscribe to the topic …; --topic PREFIX tries another"
    )
    found = facts(check_of(report, "support", Verdict.OK))
    assert found["wildcards"].startswith("not known"), "that it may not says nothing of what there is"
    assert found["shared subscriptions"].startswith("not known")


async def test_messages_that_are_too_large_for_it(start_mosquitto: Start) -> None:
    server = start_mosquitto(options=["allow_anonymous true", "message_size_limit 4"])
    report = await examined(to(server.port, mqtt="5"))
    check = failure(report)
    assert (check.stage, check.code, check.title) == ("publish", 0x95, "Packet too large")
    advises(check, "the broker takes smaller messages only (message_size_limit in mosquitto)")


async def test_a_method_that_it_does_not_know(mosquitto: Mosquitto) -> None:
    wanted = ConnectProperties(authentication_method="SCRAM-SHA-256")
    profile = to(mosquitto.port, mqtt="5", username="ada", password="engine-1842", properties=wanted)
    check = failure(await examined(profile, secrets=("engine-1842",)))
    assert (check.stage, check.code) == ("mqtt", 0x8C)
    advises(check, "the broker does not know SCRAM-SHA-256 (mosquitto needs a plug-in for it): take …")
    assert "no user name was sent" not in check.hint


# TLS


async def test_pre_shared_keys_alone(start_mosquitto: Start, tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.write_text("device:abcdef0123\n")
    server = start_mosquitto(listeners={"psk": ["psk_hint lab"]}, options=[f"psk_file {keys}"])
    check = failure(await examined(secured(server.port)))
    assert (check.stage, check.title, check.exit_code) == ("tls", "TLS handshake refused", Exit.TLS)
    advises(check, "it shows its certificate to nobody: …(psk_file without certfile and keyfile: …")


async def test_a_cipher_that_does_not_fit_the_certificate(
    start_mosquitto: Start, certificates: Certificates
) -> None:
    """The certificate has an elliptic key, and TLS 1.2 has one cipher that wants RSA, 1.3 a rare one."""
    pair = [f"certfile {certificates.server_cert}", f"keyfile {certificates.server_key}"]
    only = ["ciphers ECDHE-RSA-AES256-GCM-SHA384", "ciphers_tls1.3 TLS_AES_128_CCM_8_SHA256"]
    server = start_mosquitto(listeners={"tls": [*pair, *only]})
    check = failure(await examined(secured(server.port, ca=certificates.ca)))
    assert check.stage == "tls"
    advises(check, "it shows its certificate to nobody: no cipher fits it (ciphers, ciphers_tls1.3 …")


async def test_an_intermediate_authority_that_is_not_sent(start_mosquitto: Start, tmp_path: Path) -> None:
    root = trustme.CA()
    issued = root.create_child_ca().issue_cert("localhost")
    ca, cert, key = (str(tmp_path / name) for name in ("root.pem", "leaf.pem", "leaf.key"))
    root.cert_pem.write_to_path(ca)
    issued.cert_chain_pems[0].write_to_path(cert)
    issued.private_key_pem.write_to_path(key)
    server = start_mosquitto(listeners={"tls": [f"certfile {cert}", f"keyfile {key}"]})
    check = failure(await examined(secured(server.port, ca=ca)))
    assert (check.stage, check.title) == ("tls", "Unknown certificate authority")
    advises(check, "the server sends its certificate alone: where that authority is an intermediate one, …")
    with Path(cert).open("ab") as file:
        file.write(issued.cert_chain_pems[1].bytes())
    whole = start_mosquitto(listeners={"tls": [f"certfile {cert}", f"keyfile {key}"]})
    assert (await examined(secured(whole.port, ca=ca))).exit_code is Exit.DONE, "the advice helps"


async def test_a_client_certificate_that_has_expired(
    start_mosquitto: Start, certificates: Certificates, tmp_path: Path
) -> None:
    ca, cert, key = shifted(tmp_path, -30)
    pair = [f"certfile {certificates.server_cert}", f"keyfile {certificates.server_key}"]
    server = start_mosquitto(listeners={"tls": [*pair, f"cafile {ca}", "require_certificate true"]})
    check = failure(await examined(secured(server.port, ca=certificates.ca, cert=cert, key=key)))
    assert (check.stage, check.exit_code) == ("tls", Exit.TLS)
    advises(check, "tls.cert: … expired on …; the clock here says …")


@pytest.mark.parametrize("scheme", ["mqtt", "mqtt+ws"])
async def test_without_tls_on_a_secure_websocket(
    scheme: str, start_mosquitto: Start, certificates: Certificates
) -> None:
    pair = [f"certfile {certificates.server_cert}", f"keyfile {certificates.server_key}"]
    # Without the first listener mosquitto 2.0 cannot open the second one.
    server = start_mosquitto(listeners={"tls": pair, "wss": ["protocol websockets", *pair]})
    port = server.ports["wss"]
    path = "/mqtt" if scheme == "mqtt+ws" else ""
    check = failure(await examined(Profile("lab", f"{scheme}://127.0.0.1:{port}{path}"), seconds=3))
    secure = "mqtts" if scheme == "mqtt" else "mqtt+wss"
    advises(check, f"TLS answers there: {secure}://127.0.0.1:{port}{path}")
