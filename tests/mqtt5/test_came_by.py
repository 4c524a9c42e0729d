"""Which subscription a message came by (MQTT 5.0 §3.3.4): named by the broker, or worked out."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from mqttx_tui.capture.reader import CaptureReader
from mqttx_tui.demo.broker import Broker
from mqttx_tui.engine.engine import LocalEngine
from mqttx_tui.model.came_by import CameBy, came_by
from mqttx_tui.model.profile import Profile, Subscription
from mqttx_tui.ui.subscribed import Subscribed, words
from mqttx_tui.wire.packets import Publish, Suback, Subscribe, Unsuback, Unsubscribe
from tests.cli.commands import mosquitto_pub
from tests.engine.fakes import Told, no_answer
from tests.mqtt5.support import beside, prints, says
from tests.support.mosquitto import Mosquitto
from tests.support.scripted import Peer, ScriptedBroker
from tests.support.wait import eventually
from tests.ui.live_app import live

StartBroker = Callable[..., Awaitable[Broker]]
LISTED = (
    Subscription("site/#", identifier=1),
    Subscription("site/+", identifier=2),
    Subscription("$share/g/site/a", identifier=2),
    Subscription("other/#", identifier=2),
    Subscription("#", on=False, identifier=9),
)


@pytest.mark.parametrize(
    ("topic", "identifiers", "expected"),
    [
        ("site/a", (1,), CameBy((1,), ("site/#",))),
        ("site/a", (2, 1), CameBy((2, 1), ("site/#", "site/+", "$share/g/site/a"))),
        ("site/b", (2,), CameBy((2,), ("site/+",))),
        ("site/a", (77,), CameBy((77,), ())),
        ("site/a", (), CameBy((), ("site/#", "site/+", "$share/g/site/a"))),
        ("$SYS/a", (), CameBy((), ())),
    ],
)
def test_what_a_message_came_by(topic: str, identifiers: tuple[int, ...], expected: CameBy) -> None:
    found = came_by(topic, identifiers, LISTED)
    assert found == expected
    assert found.computed == (not identifiers)


def test_words() -> None:
    assert words(CameBy((7,), ("a/\x1b",))) == (("came by", "a/␛ (identifier 7)"),)
    assert words(CameBy((7, 8), ())) == (("came by", "identifiers 7, 8, of no subscription known here"),)
    [(name, text)] = words(CameBy((), ("a/#", "#")))
    assert (name, text) == ("matches", "a/#, # (computed: the broker does not say by which)")
    assert words(CameBy()) == ()


@pytest.fixture(params=["mosquitto", "embedded"])
async def port(request: pytest.FixtureRequest, mosquitto: Mosquitto, start_broker: StartBroker) -> int:
    """A broker of either kind."""
    return mosquitto.port if request.param == "mosquitto" else (await start_broker()).port


def config(directory: Path, port: int, topic: str, version: str) -> str:
    """A profile file with two subscriptions that overlap, each with its identifier in MQTT 5."""
    numbers = [f", identifier = {number}" if version == "5" else "" for number in (70, 268_435_455)]
    path = directory / "connections.toml"
    path.write_text(
        f'schema = 1\n[connections.mine]\nurl = "mqtt://127.0.0.1:{port}"\nmqtt = "{version}"\n'
        f'subscriptions = [{{ filter = "{topic}/#"{numbers[0]} }}, {{ filter = "{topic}/+"{numbers[1]} }}]\n'
    )
    return str(path)


async def lines_of(words_: list[str], port: int, topic: str, count: int) -> list[dict[str, object]]:
    """What ``sub --json`` prints of a message by another tool."""
    async with beside("sub", "mine", *words_, "--json", "-C", str(count)) as mine:
        await says(mine, f"subscribed {topic}/+")
        await asyncio.to_thread(mosquitto_pub, _at(port), "-t", f"{topic}/a", "-m", "x", "-q", "1")
        return [json.loads(line) for line in await prints(mine, count)]


def _at(port: int) -> Mosquitto:
    class Somewhere:
        pass

    place = Somewhere()
    place.port = port  # type: ignore[attr-defined]
    return place  # type: ignore[return-value]


async def test_sub_names_the_filters_of_the_identifiers(port: int, tmp_path: Path) -> None:
    """A broker may send one message for both subscriptions, or one for each (MQTT 5.0 §3.3.4)."""
    topic = f"by/{uuid.uuid4().hex}"
    filters = {70: f"{topic}/#", 268_435_455: f"{topic}/+"}
    [found] = await lines_of(["--config", config(tmp_path, port, topic, "5")], port, topic, 1)
    numbers = found["subscription_ids"]
    assert isinstance(numbers, list)
    assert numbers
    assert found["filters"] == [filters[number] for number in sorted(numbers)]
    assert "matching_filters" not in found


async def test_below_5_sub_names_what_matches(port: int, tmp_path: Path) -> None:
    topic = f"by/{uuid.uuid4().hex}"
    [found] = await lines_of(["--config", config(tmp_path, port, topic, "3.1.1")], port, topic, 1)
    assert found["matching_filters"] == [f"{topic}/#", f"{topic}/+"]
    assert "subscription_ids" not in found
    assert "filters" not in found


@pytest.mark.parametrize("version", ["5", "3.1.1"])
async def test_the_inspector_shows_it(start_broker: StartBroker, tmp_path: Path, version: str) -> None:
    broker = await start_broker()
    config(tmp_path, broker.port, "by", version)
    async with live(tmp_path, "mine", config=(tmp_path / "connections.toml").read_text(), filters=()) as app:
        await app.connected()
        await asyncio.to_thread(mosquitto_pub, _at(broker.port), "-t", "by/a", "-m", "here it is")
        await app.sees("here it is")
        await app.press("3", "end", "4", "right_square_bracket")
        if version == "5":
            await app.sees("came by")
            await app.sees("by/#, by/+ (identifiers")
        else:
            await app.sees("by/#, by/+ (computed")


async def test_an_old_capture_knows_it_at_each_time(tmp_path: Path) -> None:
    """From the packets alone: refused and ended subscriptions bring nothing."""
    path = tmp_path / "kept.db"
    told = Told()

    async def script(peer: Peer) -> None:
        await peer.accept()
        for reason in (0, 0x87):
            asked = await peer.expect(Subscribe)
            peer.send(Suback(asked.packet_id, (reason,)))
        peer.send(Publish("a/b", b"1", properties={"subscription_identifier": (5,)}))
        peer.send(Publish("a/b", b"2"))
        ended = await peer.expect(Unsubscribe)
        peer.send(Unsuback(ended.packet_id, (0,)))
        peer.send(Publish("a/b", b"3"))
        await peer.serve()

    async with ScriptedBroker(script) as broker:
        engine = LocalEngine(path, listener=told, ask=no_answer, kept=True)
        wanted = (Subscription("a/#", identifier=5), Subscription("a/b", identifier=6))
        connection = await engine.connect(Profile("a", broker.url, mqtt="5", subscriptions=wanted))
        await eventually(lambda: engine.counted().received >= 2)
        await engine.unsubscribe(connection, "a/#")
        await eventually(lambda: engine.counted().received >= 3)
        await engine.writer.flushed()
        await engine.shutdown(keep=True)
    reader = CaptureReader(path)
    try:
        subscribed = Subscribed()
        bounds = reader.bounds()
        found = [subscribed.rows(reader.subscribing, one) for one in reader.messages(bounds.floor, 10)]
    finally:
        reader.close()
    assert found[0] == (("came by", "a/# (identifier 5)"),)
    assert [name for name, _ in found[1]] == ["matches"]
    assert found[1][0][1].startswith("a/# (computed")
    assert found[2] == ()
