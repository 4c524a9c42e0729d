"""DISCONNECT (MQTT 5.0 §3.14): the broker's reason and server reference, and a reason of ours."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from mqttx_tui.engine.engine import LocalEngine
from mqttx_tui.model.errors import InputError
from mqttx_tui.model.profile import Profile, Will
from mqttx_tui.model.state import Phase
from mqttx_tui.wire.packets import Disconnect
from mqttx_tui.wire.reasons import reason_name, reason_sentence
from tests.cli.commands import mosquitto_pub
from tests.engine.fakes import Told, no_answer
from tests.mqtt5.support import beside, prints, tool
from tests.session.conftest import Rig
from tests.support.mosquitto import Mosquitto
from tests.support.scripted import Peer, ScriptedBroker
from tests.support.wait import eventually

MakeRig = Callable[..., Rig]
FROM_BROKERS = [0x00, *range(0x80, 0x84), 0x87, 0x89, 0x8B, *range(0x8D, 0xA3)]
FROM_BROKERS = [code for code in FROM_BROKERS if code not in (0x91, 0x92)]


@pytest.mark.parametrize("reason", FROM_BROKERS)
async def test_the_reason_of_the_broker_has_its_name_and_a_sentence(rig: MakeRig, reason: int) -> None:
    async def script(peer: Peer) -> None:
        await peer.accept()
        peer.send(Disconnect(reason, {"reason_string": "because", "server_reference": "other.lab:1884"}))
        peer.close()

    async with ScriptedBroker(script) as broker:
        error = await rig(broker.url).failure()
    assert error.code == reason
    name, sentence = reason_name(reason, 14), reason_sentence(reason, 14)
    assert f"DISCONNECT 0x{reason:02X} {name} (because). {sentence}" in error.message
    assert "other.lab:1884" in error.hint


async def test_a_reason_of_ours(rig: MakeRig) -> None:
    async def script(peer: Peer) -> None:
        await peer.accept()
        found.append(await peer.expect(Disconnect))

    found: list[Disconnect] = []
    async with ScriptedBroker(script) as broker:
        one = rig(broker.url)
        await one.connect()
        await one.session.close(0x04)
        await eventually(lambda: found)
    assert found == [Disconnect(0x04)]


@pytest.mark.parametrize(("code", "published"), [(0x04, True), (None, False)])
async def test_the_will_is_published_by_a_reason(
    mosquitto: Mosquitto, tmp_path: Path, code: int | None, published: bool
) -> None:
    topic = f"leave/{uuid.uuid4().hex}"
    program = [*tool("mosquitto_sub"), "-p", str(mosquitto.port), "-i", topic, "-t", f"{topic}/#", "-v"]
    engine = LocalEngine(tmp_path / "c.db", listener=Told(), ask=no_answer)
    try:
        async with beside("-C", "1", program=program) as other:
            await eventually(lambda: f"Sending SUBACK to {topic}" in mosquitto.log)
            url = f"mqtt://127.0.0.1:{mosquitto.port}"
            profile = Profile("a", url, mqtt="5", will=Will(f"{topic}/will", "gone"))
            connection = await engine.connect(profile)
            await eventually(lambda: engine.snapshots()[0].phase is Phase.CONNECTED)
            await engine.disconnect(connection, code=code)

            mosquitto_pub(mosquitto, "-t", f"{topic}/end", "-m", "end")
            [line] = await prints(other, 1)
        assert line == (f"{topic}/will gone" if published else f"{topic}/end end")
    finally:
        await engine.shutdown(keep=False)


async def test_a_reason_that_is_none(mosquitto: Mosquitto, tmp_path: Path) -> None:
    engine = LocalEngine(tmp_path / "c.db", listener=Told(), ask=no_answer)
    try:
        connection = await engine.connect(Profile("a", f"mqtt://127.0.0.1:{mosquitto.port}", mqtt="3.1.1"))
        await eventually(lambda: engine.snapshots()[0].phase is Phase.CONNECTED)
        with pytest.raises(InputError, match="0x00 or 0x04, not 0x87"):
            await engine.disconnect(connection, code=0x87)
        with pytest.raises(InputError, match="below MQTT 5"):
            await engine.disconnect(connection, code=0x04)
        assert engine.snapshots()[0].phase is Phase.CONNECTED
    finally:
        await engine.shutdown(keep=False)
