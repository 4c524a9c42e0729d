"""Brokers that have little, or break off in the middle, packet by packet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mqttx_tui.doctor.report import Verdict
from mqttx_tui.model.errors import Exit
from mqttx_tui.model.profile import Profile, Subscription
from mqttx_tui.wire.packets import (
    Auth,
    Connack,
    Connect,
    Disconnect,
    Packet,
    Puback,
    Pubcomp,
    Publish,
    Pubrec,
    Pubrel,
    Suback,
    Subscribe,
)
from tests.doctor.patients import advises, check_of, examined, facts, failure
from tests.support.scripted import Peer, Script, ScriptedBroker

SHARED_NOT_SUPPORTED, SERVER_MOVED, TOO_LARGE, QUOTA = 0x9E, 0x9D, 0x95, 0x97
POOR: dict[str, Any] = {
    "maximum_qos": 0,
    "retain_available": False,
    "wildcard_subscription_available": False,
    "shared_subscription_available": False,
    "subscription_identifier_available": False,
}


def echoing(react: Callable[[Peer, Packet], bool] = lambda peer, packet: False, **connack: Any) -> Script:
    """Sends every publish back to its sender; ``react`` is asked first and says whether it answered."""

    async def script(peer: Peer) -> None:
        connect = await peer.expect(Connect)
        peer.send(Connack(properties=connack if connect.version == 5 else {}))
        while True:
            packet = await peer.next()
            if react(peer, packet):
                continue
            if isinstance(packet, Subscribe):
                peer.send(Suback(packet.packet_id, tuple(min(one.qos, 1) for one in packet.subscriptions)))
            elif isinstance(packet, Publish):
                if packet.qos:
                    peer.send((Puback if packet.qos == 1 else Pubrec)(packet.packet_id))
                peer.send(Publish(packet.topic, packet.payload))
            elif isinstance(packet, Pubrel):
                peer.send(Pubcomp(packet.packet_id))

    return script


def lab(broker: ScriptedBroker, **more: Any) -> Profile:
    return Profile("lab", broker.url, mqtt="5", **more)


async def test_what_connack_denies_is_not_asked_for() -> None:
    wanted = (Subscription("a/#"), Subscription("$share/g/a", 1))
    async with ScriptedBroker(echoing(**POOR)) as broker:
        report = await examined(lab(broker, subscriptions=wanted))
        seen = [one for peer in broker.peers for one in peer.seen]
    asked = [one.subscriptions[0].filter for one in seen if isinstance(one, Subscribe)]
    sent = [one for one in seen if isinstance(one, Publish)]
    assert report.exit_code is Exit.DONE
    found = facts(check_of(report, "support", Verdict.OK))
    assert found["QoS"].startswith("0 in ")
    for name in ("retained messages", "wildcards", "shared subscriptions", "subscription identifiers"):
        assert found[name] == "no (CONNACK)"
    assert not [one for one in sent if one.retain or one.qos]
    assert not [one for one in asked if one.startswith("$share") or one.endswith("#")]
    check = check_of(report, "profile", Verdict.WARNING)
    advises(check, "the broker takes QoS 0 at most …: lower qos in subscriptions")
    advises(check, "the broker takes no wildcards, and a/# holds one: name each topic by itself")
    advises(check, "the broker has no shared subscriptions, and $share/g/a is one: subscribe to a")


async def test_a_feature_that_ends_the_connection_is_told_and_the_others_are_tried() -> None:
    def leave(peer: Peer, packet: Packet) -> bool:
        if isinstance(packet, Subscribe) and packet.subscriptions[0].filter.startswith("$share"):
            peer.send(Disconnect(SHARED_NOT_SUPPORTED))
            peer.close()
            return True
        return False

    async with ScriptedBroker(echoing(leave, retain_available=False, maximum_qos=1)) as broker:
        report = await examined(lab(broker))
    found = facts(check_of(report, "support", Verdict.OK))
    assert "Shared Subscriptions not supported" in found["shared subscriptions"]
    assert (found["wildcards"], found["subscription identifiers"]) == ("yes", "yes")


@pytest.mark.parametrize(
    ("code", "title", "words"),
    [
        (SERVER_MOVED, "Server moved", "the broker names another server: mq2.lab:1883"),
        (QUOTA, "Quota exceeded", "a limit of the broker is reached: see its log: mq2.lab:1883"),
    ],
)
async def test_a_broker_that_sends_elsewhere_or_is_full(code: int, title: str, words: str) -> None:
    async def refuse(peer: Peer) -> None:
        await peer.expect(Connect)
        peer.send(Connack(code, properties={"server_reference": "mq2.lab:1883"}))

    async with ScriptedBroker(refuse) as broker:
        check = failure(await examined(lab(broker)))
    assert (check.stage, check.title, check.code) == ("mqtt", title, code)
    advises(check, words)


async def test_a_publish_that_ends_the_connection() -> None:
    def leave(peer: Peer, packet: Packet) -> bool:
        if isinstance(packet, Publish):
            peer.send(Disconnect(TOO_LARGE))
            peer.close()
        return isinstance(packet, Publish)

    async with ScriptedBroker(echoing(leave)) as broker:
        report = await examined(lab(broker))
    check = failure(report)
    assert (check.stage, check.title, check.code) == ("publish", "Packet too large", TOO_LARGE)
    assert check_of(report, "receive", Verdict.SKIPPED).text == "the connection was lost before"


async def test_a_broker_that_goes_on_with_auth() -> None:
    async def ask(peer: Peer) -> None:
        await peer.expect(Connect)
        peer.send(Auth(0x18, {"authentication_method": "GS2-KRB5"}))

    async with ScriptedBroker(ask) as broker:
        check = failure(await examined(lab(broker)))
    assert (check.stage, check.title) == ("mqtt", "Protocol error")


async def test_what_mqtt_does_not_allow_is_named() -> None:
    async def garble(peer: Peer) -> None:
        await peer.expect(Connect)
        peer.send_raw(bytes([0x20, 3, 9, 0, 0]))

    async with ScriptedBroker(garble) as broker:
        check = failure(await examined(lab(broker)))
    assert check.stage == "mqtt"
    assert check.text.startswith("the broker sent what MQTT does not allow")


async def test_a_retained_message_that_does_not_go_away_is_told() -> None:
    """A broker that forgets to forget: the person learns the topic, and how to clear it."""
    kept: dict[str, bytes] = {}

    def retain(peer: Peer, packet: Packet) -> bool:
        if isinstance(packet, Publish) and packet.retain:
            kept.setdefault(packet.topic, packet.payload)
        if isinstance(packet, Subscribe):
            topic = packet.subscriptions[0].filter
            if topic in kept:
                peer.send(Publish(topic, kept[topic], retain=True))
        return False

    async with ScriptedBroker(echoing(retain)) as broker:
        report = await examined(lab(broker))
    [topic] = kept
    check = check_of(report, "clean", Verdict.WARNING)
    assert topic in check.text
    advises(check, f"mqttx-tui pub TARGET -t {topic} -n -r clears it")
