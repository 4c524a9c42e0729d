"""Every property of PUBLISH (MQTT 5.0 §3.3.2.3), both ways, through mosquitto and the embedded broker."""

from __future__ import annotations

import asyncio
import json
import subprocess
import uuid
from collections.abc import Awaitable, Callable

import pytest

from mqttx_tui.demo.broker import Broker
from mqttx_tui.model.errors import Exit
from tests.cli.commands import run
from tests.mqtt5.support import beside, prints, says, tool
from tests.support.mosquitto import Mosquitto

StartBroker = Callable[..., Awaitable[Broker]]

# (mosquitto's name, value, mosquitto_sub's format, what it prints, ours, what sub --json prints)
PROPERTIES = [
    ("content-type", ["text/plain; ä"], "%C", "text/plain; ä", "content_type", "text/plain; ä"),
    ("response-topic", ["answers/1"], "%R", "answers/1", "response_topic", "answers/1"),
    ("correlation-data", ["c-1"], "%D", "c-1", "correlation_data", "c-1"),
    ("payload-format-indicator", ["1"], "%F", "1", "payload_format_indicator", 1),
    ("user-property", ["-k", "--v"], "%P", "-k:--v", "user", [["-k", "--v"]]),
]


@pytest.fixture(params=["mosquitto", "embedded"])
async def port(request: pytest.FixtureRequest, mosquitto: Mosquitto, start_broker: StartBroker) -> int:
    """A broker of either kind."""
    return mosquitto.port if request.param == "mosquitto" else (await start_broker()).port


@pytest.fixture
def topic() -> str:
    return f"props/{uuid.uuid4().hex}"


@pytest.mark.parametrize(("name", "value", "format_", "printed", "ours", "as_json"), PROPERTIES)
async def test_a_property_of_ours_is_read_by_mosquitto(
    port: int, topic: str, name: str, value: list[str], format_: str, printed: str, ours: str, as_json: object
) -> None:
    given = ["-t", topic, "-m", "x", "-q", "1", "-r", "-D", "publish", name, *value]
    done = await asyncio.to_thread(run, "pub", f"mqtt://127.0.0.1:{port}", *given)
    assert done.returncode == Exit.DONE, done.stderr
    words = ["-p", str(port), "-t", topic, "-V", "5", "-C", "1", "-F", f"%p|{format_}"]
    async with beside(*words, program=tool("mosquitto_sub")) as other:
        assert await prints(other, 1) == [f"x|{printed}"]


@pytest.mark.parametrize(("name", "value", "format_", "printed", "ours", "as_json"), PROPERTIES)
async def test_a_property_of_mosquitto_is_read_by_us(
    port: int, topic: str, name: str, value: list[str], format_: str, printed: str, ours: str, as_json: object
) -> None:
    url = f"mqtt://127.0.0.1:{port}"
    async with beside("sub", url, "-t", topic, "--json", "-C", "1", "-V", "5") as mine:
        await says(mine, "subscribed")
        words = ["-p", str(port), "-V", "5", "-t", topic, "-m", "x", "-D", "publish", name, *value]
        await asyncio.to_thread(subprocess.run, [*tool("mosquitto_pub"), *words], check=True, timeout=20)
        [line] = await prints(mine, 1)
    assert json.loads(line)["properties"] == {ours: as_json}


async def test_expiry_counts_down(port: int, topic: str) -> None:
    words = ["-t", topic, "-m", "x", "-q", "1", "-r", "-D", "publish", "message-expiry-interval", "500"]
    done = await asyncio.to_thread(run, "pub", f"mqtt://127.0.0.1:{port}", *words)
    assert done.returncode == Exit.DONE
    async with beside("sub", f"mqtt://127.0.0.1:{port}", "-t", topic, "--json", "-C", "1") as mine:
        [line] = await prints(mine, 1)
    assert 300 < json.loads(line)["properties"]["message_expiry_interval"] <= 500


async def test_user_properties_keep_order_and_repeat(port: int, topic: str) -> None:
    pairs = [("b", "1"), ("a", "2"), ("b", "3"), ("b", "1")]
    async with beside("sub", f"mqtt://127.0.0.1:{port}", "-t", topic, "--json", "-C", "1") as mine:
        await says(mine, "subscribed")
        words = [word for pair in pairs for word in ("-D", "publish", "user-property", *pair)]
        arguments = ["pub", f"mqtt://127.0.0.1:{port}", "-t", topic, "-m", "x", *words]
        assert (await asyncio.to_thread(run, *arguments)).returncode == Exit.DONE
        [line] = await prints(mine, 1)
    assert json.loads(line)["properties"]["user"] == [list(pair) for pair in pairs]


async def said_to_nobody(port: int, topic: str, qos: str) -> bytes:
    """What ``pub`` says on stderr."""
    done = await asyncio.to_thread(run, "pub", f"mqtt://127.0.0.1:{port}", "-t", topic, "-m", "x", "-q", qos)
    assert done.returncode == Exit.DONE
    return done.stderr


async def test_what_nobody_receives_is_said(port: int, topic: str) -> None:
    """PUBACK 0x10 (MQTT 5.0 §3.4.2.1)."""
    assert await said_to_nobody(port, topic, "1") == f"nobody subscribes to {topic}\n".encode()


async def test_what_nobody_receives_is_said_by_pubrec(start_broker: StartBroker, topic: str) -> None:
    """PUBREC 0x10 (mosquitto 2.0 says 0 there)."""
    broker = await start_broker()
    assert await said_to_nobody(broker.port, topic, "2") == f"nobody subscribes to {topic}\n".encode()


@pytest.mark.parametrize("qos", ["1", "2"])
async def test_what_is_refused_is_said(start_broker: StartBroker, qos: str) -> None:
    """PUBACK and PUBREC 0x87."""
    broker = await start_broker(authorise=lambda client, user, act, topic: 0x87 if act == "publish" else 0)
    words = ["pub", f"mqtt://127.0.0.1:{broker.port}", "-t", "a", "-m", "x", "-q", qos]
    done = await asyncio.to_thread(run, *words)
    assert done.returncode == Exit.NOT_AUTHORISED
    assert b"This user may not publish to this topic" in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["-D", "publish", "contenttype", "x"],
            b"publish has no property 'contenttype'; it has content-type",
        ),
        (["-D", "publish", "subscription-identifier", "1"], b"no property 'subscription-identifier'"),
        (["-D", "publish", "payload-format-indicator", "2"], b"from 0 to 1"),
        (["-D", "publish", "message-expiry-interval", "4294967296"], b"from 0 to 4,294,967,295"),
        (["-D", "publish", "user-property", "a"], b"needs a name and a value"),
        (["-D", "publish", "response-topic", "a/#"], b"may not hold #"),
        (["-D", "connack", "reason-string", "a"], b"not 'connack'"),
        (["-D", "connect", "authentication-data", "a"], b"process list"),
        (["-D", "will", "content-type", "a"], b"no will"),
        (["-V", "311", "-D", "publish", "content-type", "a"], b"-D needs MQTT 5"),
    ],
)
def test_a_property_that_is_none(words: list[str], said: bytes) -> None:
    done = run("pub", "mqtt://127.0.0.1:9", "-t", "a", "-m", "x", *words)
    assert done.returncode == Exit.BAD_INPUT
    assert said in done.stderr
