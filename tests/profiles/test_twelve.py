"""Twelve connections as people really write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from mqttx_tui.model.profile import Profile, SavedMessage, SecretRef, Subscription
from mqttx_tui.profiles.load import ProfileFile, load, parse
from mqttx_tui.profiles.plain import to_plain
from mqttx_tui.profiles.toml import connection

TWELVE = Path(__file__).with_name("twelve.toml")


@pytest.fixture(scope="module")
def twelve() -> dict[str, Profile]:
    file = load(TWELVE)
    assert file.problems == ()
    return {profile.key: profile for profile in file.profiles}


def test_order_and_defaults(twelve: dict[str, Profile]) -> None:
    keys = "mosquitto bench-tls emqx-ws aws hivemq-cloud home ttn z2m ha-socket shelly staging production"
    assert list(twelve) == keys.split()
    assert {profile.keepalive for profile in twelve.values()} == {30.0}


def test_mqtt_connections(twelve: dict[str, Profile]) -> None:
    assert twelve["mosquitto"].connect
    assert twelve["mosquitto"].subscriptions == (Subscription("#"), Subscription("$SYS/#"))
    tls = twelve["bench-tls"].tls
    assert (tls.ca, tls.cert, tls.key) == ("~/pki/lab-ca.pem", "~/pki/me.crt", "~/pki/me.key")
    assert tls.key_password == SecretRef("prompt")
    assert twelve["bench-tls"].subscriptions == (Subscription("lab/+/state", 1), Subscription("lab/+/log"))
    assert twelve["bench-tls"].exclude == ("lab/noisy/#",)
    assert (twelve["emqx-ws"].protocol, twelve["emqx-ws"].mqtt) == ("mqtt", "5")
    assert twelve["aws"].tls.alpn == ("x-amzn-mqtt-ca",)
    assert (twelve["aws"].mqtt, twelve["aws"].client_id) == ("3.1.1", "bench-{random}")
    assert twelve["hivemq-cloud"].password == SecretRef("command", "pass show hivemq/dev")
    assert twelve["home"].label == "Home Assistant"
    assert twelve["home"].password == SecretRef("keyring", "mqttx-tui/home")
    assert twelve["ttn"].password == SecretRef("env", "TTN_API_KEY")
    uplinks = Subscription("v3/+/devices/+/up", color="cyan", alias="uplinks")
    assert twelve["ttn"].subscriptions == (uplinks,)
    assert not twelve["staging"].tls.verify


def test_jinja_survives(twelve: dict[str, Profile]) -> None:
    (message,) = twelve["home"].messages
    assert message.payload is not None
    assert message.payload.endswith('"value_template":"{{ value_json.temp }}"}')
    assert message.retain
    assert not message.template


def test_web_sockets(twelve: dict[str, Profile]) -> None:
    socket = twelve["ha-socket"]
    assert (socket.protocol, socket.topic_from) == ("websocket", ".event.event_type")
    assert socket.headers == (("Authorization", "Bearer ${HA_TOKEN}"),)
    login, events = socket.messages
    assert login == SavedMessage(
        "login",
        payload='{"type":"auth","access_token":"${HA_TOKEN}"}',
        when='.type == "auth_required"',
        template=True,
        secret=True,
    )
    assert events.when == '.type == "auth_ok"'
    assert twelve["shelly"].messages[0].when == "connected"


def test_read_only_knows_its_line(twelve: dict[str, Profile]) -> None:
    lines = TWELVE.read_text().splitlines()
    production = twelve["production"]
    assert production.read_only
    assert lines[production.read_only_line - 1] == "read_only = true"
    assert lines[production.line - 1].startswith("[connections.production]")


@pytest.mark.parametrize("key", [profile.key for profile in load(TWELVE).profiles])
def test_written_and_read_again(key: str, twelve: dict[str, Profile]) -> None:
    """A profile as a table, as text, and back is the same profile."""
    file = parse(connection(key, to_plain(twelve[key])).encode(), Path("again.toml"))
    assert file.problems == ()
    assert [_placeless(file)] == [_placeless(ProfileFile(TWELVE, (twelve[key],)))]


def _placeless(file: ProfileFile) -> Profile:
    from dataclasses import replace

    return replace(file.profiles[0], line=0, read_only_line=0)
