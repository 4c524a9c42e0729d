"""MQTT over every kind of link, through a real broker and into a real capture."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from mqttx_tui.capture.limits import Limits
from mqttx_tui.capture.reader import CaptureReader
from mqttx_tui.capture.writer import CaptureWriter
from mqttx_tui.model.message import Outgoing
from mqttx_tui.model.profile import Profile, Resolved, Subscription, TlsOptions
from mqttx_tui.session.base import Fate
from mqttx_tui.session.mqtt import MqttSession
from tests.session.conftest import Rig
from tests.support.certificates import Certificates
from tests.support.mosquitto import Mosquitto
from tests.support.sinks import MemoryObserver
from tests.support.wait import eventually

pytestmark = pytest.mark.mosquitto
MakeRig = Callable[..., Rig]


async def there_and_back(one: Rig, payload: bytes) -> None:
    await one.connect()
    deliveries = [one.session.publish(Outgoing("link/a", payload, qos)) for qos in (0, 1, 2)]
    fates = [await asyncio.wait_for(delivery.done, 20) for delivery in deliveries]
    assert fates == [Fate.SENT, Fate.ACKNOWLEDGED, Fate.ACKNOWLEDGED]
    await eventually(lambda: one.sink.payloads() == [payload] * 3, timeout=20)


@pytest.mark.parametrize("mqtt", ["3.1.1", "5"])
async def test_over_websocket(rig: MakeRig, mosquitto: Mosquitto, mqtt: str) -> None:
    url = f"mqtt+ws://127.0.0.1:{mosquitto.ports['ws']}/mqtt"
    await there_and_back(rig(url, mqtt=mqtt, subscriptions=(Subscription("link/#", 2),)), b"x" * 9000)


@pytest.mark.parametrize("scheme", ["mqtts", "mqtt+wss"])
async def test_over_tls(
    rig: MakeRig, start_mosquitto: Callable[..., Mosquitto], certificates: Certificates, scheme: str
) -> None:
    lines = [f"certfile {certificates.server_cert}", f"keyfile {certificates.server_key}"]
    broker = start_mosquitto({"tls": lines, "wss": [*lines, "protocol websockets"]})
    port = broker.ports["tls" if scheme == "mqtts" else "wss"]
    one = rig(
        f"{scheme}://localhost:{port}/mqtt" if "ws" in scheme else f"{scheme}://localhost:{port}",
        tls=TlsOptions(ca=certificates.ca),
        subscriptions=(Subscription("link/#", 2),),
    )
    await there_and_back(one, b"x" * 9000)
    assert one.observer.connections[0].info.tls_version


async def test_bad_password_of_a_real_broker(
    rig: MakeRig, start_mosquitto: Callable[..., Mosquitto], tmp_path: Path
) -> None:
    passwords = tmp_path / "passwords"
    passwords.write_text("")
    passwords.chmod(0o644)
    broker = start_mosquitto(options=["allow_anonymous false", f"password_file {passwords}"])
    for mqtt, code in (("3.1.1", 5), ("5", 0x87), ("auto", 0x87)):
        error = await rig(f"mqtt://127.0.0.1:{broker.port}", mqtt=mqtt, username="a", password="b").failure()
        assert (error.stage, error.code, int(error.exit_code), error.retry) == ("mqtt", code, 4, False)


async def test_into_a_real_capture(mosquitto: Mosquitto, tmp_path: Path) -> None:
    writer = CaptureWriter(tmp_path / "capture.db", limits=Limits(10_000, 50_000_000, 1000), kept=True)
    url = f"mqtt://127.0.0.1:{mosquitto.port}"
    ident = writer.connection(name="real", letter="A", url=url, protocol="mqtt")
    profile = Profile("real", url, mqtt="5", subscriptions=(Subscription("capture/#", 2),))
    observer = MemoryObserver()
    session = MqttSession(profile, writer.sink(ident), observer)
    running = asyncio.create_task(session.run(Resolved(profile)))
    await eventually(lambda: observer.subscriptions)
    deliveries = [session.publish(Outgoing("capture/x", b"%d" % n, 1)) for n in range(300)]
    await asyncio.wait_for(asyncio.gather(*(delivery.done for delivery in deliveries)), 20)
    await eventually(lambda: writer.counters().connections[ident].received == 300)
    await session.close()
    await running
    await writer.close(delete=False)
    reader = CaptureReader(tmp_path / "capture.db")
    try:
        ids = [delivery.message for delivery in deliveries]
        fates = reader.fates(ids)
        assert {fate.state for fate in fates.values()} == {Fate.ACKNOWLEDGED.value}
        assert len(fates) == 300
        assert [message.payload for message in reader.by_ids(ids)] == [b"%d" % n for n in range(300)]
    finally:
        reader.close()
