"""Everything that an examination goes through, over a secure WebSocket of a real broker, for machines."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mqttx_tui.demo.broker import Broker
from mqttx_tui.doctor.report import Verdict
from mqttx_tui.model.errors import Exit
from mqttx_tui.model.profile import Profile, TlsOptions
from tests.doctor.patients import check_of, examined, facts
from tests.doctor.test_command import report
from tests.support.certificates import Certificates
from tests.support.mosquitto import Mosquitto
from tests.support.servers import server_context

Start = Callable[..., Mosquitto]
STAGES = {
    "name": set(),
    "tcp": set(),
    "tls": {
        *("version", "cipher", "authority", "certificate", "for", "issuer", "valid", "days left", "sha256"),
        "chain",
    },
    "upgrade": {"request", "subprotocol", "extensions"},
    "mqtt": {"client id", "session", "topic alias maximum", "receive maximum"},
    "subscribe": {"topic", "QoS"},
    "publish": {"topic"},
    "receive": {"topic"},
    "versions": {"MQTT 5", "MQTT 3.1.1", "MQTT 3.1"},
    "support": {
        *("QoS", "retained messages", "wildcards", "shared subscriptions", "subscription identifiers"),
        *("unacknowledged at once", "largest packet", "topic aliases", "keepalive", "session expiry"),
    },
    "profile": set(),
    "clean": set(),
}
"""Every stage in its order, and what is said of it."""
WITHOUT_TIME = {"profile", "clean"}


@pytest.mark.mosquitto
def test_everything_over_a_secure_websocket(start_mosquitto: Start, certificates: Certificates) -> None:
    pair = [f"certfile {certificates.server_cert}", f"keyfile {certificates.server_key}"]
    # Without the first listener mosquitto 2.0 cannot open the second one.
    server = start_mosquitto(listeners={"tls": pair, "wss": ["protocol websockets", *pair]})
    target = f"mqtt+wss://localhost:{server.ports['wss']}/mqtt"
    code, found = report(target, "--cafile", certificates.ca)
    assert (code, found["verdict"]) == (Exit.DONE, "ok")
    assert [check["stage"] for check in found["checks"]] == list(STAGES)
    for check in found["checks"]:
        assert check["verdict"] == "ok"
        assert check["text"]
        assert (check["ms"] is None) is (check["stage"] in WITHOUT_TIME)
        assert check["ms"] is None or check["ms"] >= 0
        assert STAGES[check["stage"]] <= {fact["name"] for fact in check["facts"]}
    said = {
        check["stage"]: {fact["name"]: fact["value"] for fact in check["facts"]} for check in found["checks"]
    }
    assert said["upgrade"]["subprotocol"] == "mqtt"
    assert said["tls"]["authority"].endswith(f"trusted by tls.ca {certificates.ca}")
    assert said["tls"]["chain"].endswith("days left")
    assert said["support"]["QoS"].count(" ms") == 3
    assert set(said["versions"].values()) == {"yes"}


async def test_the_alpn_that_was_agreed_on(certificates: Certificates) -> None:
    context = server_context(certificates.server_cert, certificates.server_key)
    context.set_alpn_protocols(["mqtt"])
    broker = Broker(ws_port=None, tls=context)
    await broker.start()
    tls = TlsOptions(ca=certificates.ca, alpn=("x-amzn-mqtt-ca", "mqtt"))
    done = await examined(Profile("lab", f"mqtts://localhost:{broker.port}", tls=tls))
    await broker.stop()
    assert facts(check_of(done, "tls", Verdict.OK))["ALPN"] == "mqtt"
