"""What goes out: properties, secrets, long topics and payloads."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from mqttx_tui.model.message import Outgoing
from mqttx_tui.model.profile import Subscription
from mqttx_tui.profiles.load import load
from mqttx_tui.session.base import Fate
from mqttx_tui.session.options import publish_properties
from mqttx_tui.session.saved import outgoing_of
from mqttx_tui.wire.packets import PacketType
from mqttx_tui.wire.properties import decode_properties, encode_properties
from tests.session.conftest import Rig
from tests.session.scripts import fate, published, serve
from tests.support.mosquitto import Mosquitto
from tests.support.scripted import ScriptedBroker
from tests.support.wait import eventually

MakeRig = Callable[..., Rig]


async def test_properties_travel_and_secrets_do_not_stay(rig: MakeRig) -> None:
    async with ScriptedBroker(serve) as broker:
        one = rig(broker.url)
        await one.connect()
        properties = {"content_type": "text/plain", "user": [["k", "v"], ["k", "w"]], "topic_alias": 0}
        properties.pop("topic_alias")
        await fate(one.session.publish(Outgoing("a", b"x", 1, properties=properties)))
        packet = published(broker.peer)[0]
        assert packet.properties == {"content_type": "text/plain", "user": (("k", "v"), ("k", "w"))}
        assert one.sink.rows[0].properties == encode_properties(packet.properties)
        raw = next(row.raw for row in one.sink.packets if row.type == 3)
        assert one.sink.rows[0].size == len(raw)
        await fate(one.session.publish(Outgoing("a", b"sesame", 1, secret=True, name="door")))
        assert one.sink.rows[1].payload == b"door, 6 B"
        assert published(broker.peer)[1].payload == b"sesame"
        kept = [row.payload for row in one.sink.rows] + [row.raw for row in one.sink.packets]
        assert not any(b"sesame" in data for data in kept)


def test_every_property_of_a_saved_message_can_be_sent(tmp_path: Path) -> None:
    file = tmp_path / "connections.toml"
    file.write_text(
        """
        [connections.lab]
        url = "mqtt://lab"
        [[connections.lab.messages]]
        name = "ask"
        topic = "ask"
        [connections.lab.messages.properties]
        payload_format_indicator = 1
        message_expiry_interval = "30s"
        content_type = "text/plain"
        response_topic = "answers"
        correlation_data = "frage-ü"
        user = { k = "v" }
        """,
        encoding="utf-8",
    )
    loaded = load(file)
    assert not loaded.problems
    message = loaded.profiles[0].messages[0]
    sent = publish_properties(outgoing_of(message))
    assert sent is not None
    assert decode_properties(sent) == {
        "payload_format_indicator": 1,
        "message_expiry_interval": 30,
        "content_type": "text/plain",
        "response_topic": "answers",
        "correlation_data": "frage-ü".encode(),
        "user": (("k", "v"),),
    }


async def test_a_topic_of_60_kb_has_a_fate_too(rig: MakeRig) -> None:
    async with ScriptedBroker(serve) as broker:
        one = rig(broker.url)
        await one.connect()
        topic = "t" * 60_000
        for qos in (1, 2):
            delivery = one.session.publish(Outgoing(topic, b"x" * 5000, qos))
            assert await fate(delivery) == Fate.ACKNOWLEDGED
            assert delivery.milliseconds is not None
            sent = [packet for packet in one.sink.packets if packet.message == delivery.message]
            assert next(packet.type for packet in sent if packet.direction == 1) == PacketType.PUBLISH
        assert one.session._outbox._pending_bytes == 0


@pytest.mark.mosquitto
@pytest.mark.parametrize("qos", [0, 1, 2])
async def test_five_megabytes_both_ways(rig: MakeRig, mosquitto: Mosquitto, qos: int) -> None:

    one = rig(f"mqtt://127.0.0.1:{mosquitto.port}", subscriptions=(Subscription(f"big/{qos}", qos),))
    await one.connect()
    payload = bytes(range(256)) * 20_000
    delivery = one.session.publish(Outgoing(f"big/{qos}", payload, qos))
    assert await asyncio.wait_for(delivery.done, 20) == (Fate.ACKNOWLEDGED if qos else Fate.SENT)
    await eventually(lambda: one.sink.payloads() == [payload], timeout=20)
