"""A broker on every kind of link."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mqttx_tui.model.profile import TlsOptions
from tests.support.certificates import Certificates
from tests.support.mosquitto import Mosquitto


@pytest.fixture
def tls(certificates: Certificates) -> TlsOptions:
    """What verifies the server's certificate."""
    return TlsOptions(ca=certificates.ca)


@pytest.fixture
def mosquitto_everywhere(start_mosquitto: Callable[..., Mosquitto], certificates: Certificates) -> Mosquitto:
    """mosquitto on TCP, TLS, ws and wss; ``ports`` by scheme."""
    secure = [f"certfile {certificates.server_cert}", f"keyfile {certificates.server_key}"]
    return start_mosquitto(
        listeners={
            "mqtt": [],
            "mqtts": secure,
            "mqtt+ws": ["protocol websockets"],
            "mqtt+wss": ["protocol websockets", *secure],
        }
    )
