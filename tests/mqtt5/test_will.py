"""The will and its properties (MQTT 5.0 §3.1.3.2): set by us, read by mosquitto and by us."""

from __future__ import annotations

import json
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from mqttx_tui.demo.broker import Broker
from mqttx_tui.model.profile import Will
from mqttx_tui.profiles.load import parse
from mqttx_tui.profiles.plain import to_plain
from mqttx_tui.profiles.toml import connection
from tests.cli.commands import started
from tests.mqtt5.support import beside, prints, says, tool
from tests.support.mosquitto import Mosquitto
from tests.support.wait import until

StartBroker = Callable[..., Awaitable[Broker]]

SET = [
    *["--will-payload", "gone", "--will-qos", "1", "--will-format", "1", "--will-expiry", "1h"],
    *["--will-content-type", "text/x", "--will-response-topic", "re/ply", "--will-correlation", "c-1"],
    *["--will-user-property", "b", "1", "--will-user-property", "a", "2", "--will-user-property", "b", "3"],
]
AS_D = [
    *["--will-payload", "gone", "--will-qos", "1", "-D", "will", "payload-format-indicator", "1"],
    *["-D", "will", "message-expiry-interval", "3600", "-D", "will", "content-type", "text/x"],
    *["-D", "will", "response-topic", "re/ply", "-D", "will", "correlation-data", "c-1"],
    *["-D", "will", "user-property", "b", "1", "-D", "will", "user-property", "a", "2"],
    *["-D", "will", "user-property", "b", "3"],
]
FILE = """
will.topic = "TOPIC"
will.payload = "gone"
will.qos = 1
will.payload_format_indicator = 1
will.message_expiry_interval = "1h"
will.content_type = "text/x"
will.response_topic = "re/ply"
will.correlation_data = "c-1"
will.user = [["b", "1"], ["a", "2"], ["b", "3"]]
"""


def vanish(target: str, topic: str, *words: str) -> None:
    """A subscriber of ours with a will is killed once it is subscribed."""
    with started("sub", target, "-t", f"{topic}/other", *words) as mine:
        mine.says("subscribed")
        mine.process.kill()
        mine.end()


@pytest.fixture
def topic() -> str:
    return f"wills/{uuid.uuid4().hex}"


@pytest.mark.parametrize("way", ["options", "-D", "profile"])
def test_every_property_is_read_by_mosquitto(
    mosquitto: Mosquitto, topic: str, way: str, tmp_path: Path
) -> None:
    url = f"mqtt://127.0.0.1:{mosquitto.port}"
    shown = "%p|%F|%C|%R|%D|%P|%q"
    program = [*tool("mosquitto_sub"), "-p", str(mosquitto.port), "-V", "5", "-q", "1", "-i", topic]
    with started("-t", topic, "-C", "1", "-F", shown, program=program) as other:
        until(lambda: f"Sending SUBACK to {topic}" in mosquitto.log)
        if way == "profile":
            file = tmp_path / "c.toml"
            text = f'schema = 1\n[connections.a]\nurl = "{url}"\nmqtt = 5\n' + FILE.replace("TOPIC", topic)
            file.write_text(text)
            vanish("a", topic, "--config", str(file))
        else:
            vanish(url, topic, "--will-topic", topic, *(SET if way == "options" else AS_D), "-V", "5")
        assert other.end() == 0
    assert bytes(other.out).decode().strip() == "gone|1|text/x|re/ply|c-1|b:1 a:2 b:3|1"


async def test_every_property_is_kept_by_the_embedded_broker(start_broker: StartBroker, topic: str) -> None:
    broker = await start_broker()
    url = f"mqtt://127.0.0.1:{broker.port}"
    words = [*SET, "--will-delay", "30s", "-x", "60", "-i", topic, "-V", "5"]
    async with (
        beside("sub", url, "-t", topic, "--json", "-C", "1") as reading,
        beside("sub", url, "-t", f"{topic}/other", "--will-topic", topic, *words) as mine,
    ):
        await says(reading, "subscribed")
        await says(mine, "subscribed")
        will = broker.core.sessions[topic].will
        assert will is not None
        assert will.properties["will_delay_interval"] == 30
        assert broker.core.sessions[topic].expiry == 60
        will.properties["will_delay_interval"] = 0
        mine.process.kill()
        [line] = await prints(reading, 1)
    found = json.loads(line)
    assert (found["payload"], found["qos"]) == ("gone", 0)
    expected = {
        "payload_format_indicator": 1,
        "message_expiry_interval": 3600,
        "content_type": "text/x",
        "response_topic": "re/ply",
        "correlation_data": "c-1",
        "user": [["b", "1"], ["a", "2"], ["b", "3"]],
    }
    assert found["properties"] == expected


def test_a_will_survives_being_written_and_read(tmp_path: Path) -> None:
    text = 'schema = 1\n[connections.a]\nurl = "mqtt://h"\n' + FILE.replace("TOPIC", "t")
    [profile] = parse(text.encode(), tmp_path / "c.toml").profiles
    pairs = (("b", "1"), ("a", "2"), ("b", "3"))
    assert profile.will == Will("t", "gone", 1, False, 0.0, 1, 3600, "text/x", "re/ply", "c-1", pairs)
    again = parse(connection("a", to_plain(profile)).encode(), tmp_path / "again.toml")
    assert again.profiles[0].will == profile.will
