"""Bytes by the specifications, on the embedded broker and on mosquitto."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mqttx_tui.compare import meter
from mqttx_tui.compare.measure import Asked
from mqttx_tui.compare.results import Both, Result
from mqttx_tui.demo.broker import Broker
from mqttx_tui.demo.broker.limits import Limits
from mqttx_tui.model.errors import Exit
from mqttx_tui.model.profile import ConnectProperties, Profile, TlsOptions
from tests.compare.measuring import FEW, frame, measured, publish, varint, wire
from tests.support.certificates import Certificates
from tests.support.counting import counting_proxy
from tests.support.mosquitto import Mosquitto
from tests.support.proxies import PASSWORD, USER, http_proxy
from tests.support.servers import server_context
from tests.support.wait import eventually

ACK = 4
"""PUBACK, PUBREC, PUBREL and PUBCOMP without reason and properties (MQTT 5.0 §3.4)."""
RECORD = 22
"""What TLS 1.3 adds to a record: header 5, content type 1, tag 16 (RFC 8446 §5.2)."""
SIZES = (0, 16, 256, 70_000)


def to(port: int, scheme: str = "mqtt", **more: object) -> Profile:
    path = "/mqtt" if "ws" in scheme else ""
    return Profile("lab", f"{scheme}://localhost:{port}{path}", mqtt="5", **more)  # type: ignore[arg-type]


def well(result: Result) -> Result:
    assert result.failure is None, result.failure
    return result


def writes(*packets: int, over: str, masked: bool) -> int:
    """Bytes of packets that are written one by one."""
    return sum(frame(size, masked=masked) if over == "ws" else size for size in packets)


@pytest.mark.parametrize("over", ["tcp", "ws"])
@pytest.mark.parametrize("version", ["5", "3.1.1"])
async def test_every_byte_is_as_the_specifications_say(over: str, version: str) -> None:
    broker = Broker()
    await broker.start()
    target = to(broker.ws_port, "mqtt+ws") if over == "ws" else to(broker.port)
    result = well(await measured(replace(target, mqtt=version), Asked((0, 1, 2), SIZES, 2)))  # type: ignore[arg-type]
    await broker.stop()
    topic, level = result.topic, 5 if version == "5" else 4
    assert (result.version, result.transport) == (version, over)

    def out(*packets: int) -> int:
        return writes(*packets, over=over, masked=True)

    def back(*packets: int) -> int:
        return writes(*packets, over=over, masked=False)

    more = 1 if level == 5 else 0
    subscribe = 2 + 2 + more + 2 + len(topic) + 1
    assert wire(result.subscribe) == (out(subscribe), back(5 + more))
    assert wire(result.ping) == (out(2), back(2))
    assert len(result.publishings) == 3 * len(SIZES)
    for one in result.publishings:
        packet = publish(topic, one.size, one.qos, level)
        assert one.came_as == one.qos
        there = {0: (out(packet), 0), 1: (out(packet), back(ACK)), 2: (out(packet, ACK), back(ACK, ACK))}
        assert wire(one.publisher) == there[one.qos], (one.qos, one.size)
        here = {0: (0, back(packet)), 1: (out(ACK), back(packet)), 2: (out(ACK, ACK), back(packet, ACK))}
        assert wire(one.subscriber) == here[one.qos], (one.qos, one.size)
        assert len(one.message.samples) == 2
        assert (one.flow is None) == (one.qos == 0)
    assert result.disconnect is not None
    assert result.disconnect.mqtt == (2, 0)
    if over == "tcp":
        assert wire(result.disconnect) == (2, 0)


async def test_connecting_by_layers(certificates: Certificates) -> None:
    """CONNECT is the same everywhere; what is around it is the layer's own."""
    broker = Broker(tls=server_context(certificates.server_cert, certificates.server_key))
    await broker.start()
    plain = Broker()
    await plain.start()
    tls = TlsOptions(ca=certificates.ca)
    targets = {
        "tcp": to(plain.port),
        "ws": to(plain.ws_port, "mqtt+ws"),
        "tls": to(broker.port, "mqtts", tls=tls),
        "wss": to(broker.ws_port, "mqtt+wss", tls=tls),
    }
    few = Asked((0,), (16,), 2)
    costs = {}
    for name, target in targets.items():
        result = well(await measured(replace(target, client_id="lab-7"), few))
        assert len(result.client_id) == len("lab-7-1a2b")
        assert result.connect is not None
        costs[name] = result.connect
        assert result.tls.startswith("TLSv1.3, ") == (name in ("tls", "wss"))
        for one in result.publishings:
            assert one.publisher.tls == ((RECORD, 0) if name in ("tls", "wss") else (0, 0))
            assert one.subscriber.tls == ((0, RECORD) if name in ("tls", "wss") else (0, 0))
    await broker.stop()
    await plain.stop()
    assert costs["tcp"].wire == costs["tcp"].mqtt
    assert len({cost.mqtt for cost in costs.values()}) == 1
    assert costs["tcp"].websocket == costs["tcp"].tls == costs["tls"].websocket == Both()
    assert costs["ws"].websocket.sent > 150 < costs["ws"].websocket.received, "a head there and back"
    assert costs["ws"].tls == Both()
    assert costs["tls"].tls.sent > 250
    assert costs["tls"].tls.received > 1000, "the certificate"
    assert abs(costs["wss"].websocket.sent - costs["ws"].websocket.sent) < 10, "but for ports and keys"
    for cost in costs.values():
        parts = (cost.mqtt, cost.websocket, cost.tls, cost.before)
        assert cost.wire == (sum(part.sent for part in parts), sum(part.received for part in parts))


@pytest.mark.mosquitto
@pytest.mark.parametrize("scheme", ["mqtt", "mqtts", "mqtt+ws", "mqtt+wss"])
async def test_a_proxy_counts_the_same(scheme: str, mosquitto_everywhere: Mosquitto, tls: TlsOptions) -> None:
    async with counting_proxy(mosquitto_everywhere.ports[scheme]) as seen:
        result = well(await measured(to(seen.port, scheme, tls=tls), Asked((0, 1, 2), (16, 5000), 2)))
        await eventually(lambda: seen.links == 0, "all is through")
    assert result.total == (seen.sent, seen.received)
    assert result.total.sent > 3 * 2 * 5000 < result.total.received


@pytest.mark.mosquitto
async def test_on_mosquitto_a_websocket_adds_its_frames(mosquitto_everywhere: Mosquitto) -> None:
    ports = mosquitto_everywhere.ports
    plain = well(await measured(to(ports["mqtt"])))
    web = well(await measured(to(ports["mqtt+ws"], "mqtt+ws")))
    for one, other in zip(plain.publishings, web.publishings, strict=True):
        packet = publish(plain.topic, one.size, one.qos, 5)
        assert one.publisher.wire.sent == packet + (ACK if one.qos == 2 else 0)
        assert other.publisher.mqtt == one.publisher.mqtt
        # A frame for each packet: 2 bytes of header, 2 more over 125, and 4 of mask from the client.
        long = 2 if packet > 125 else 0
        assert other.publisher.websocket == (6 + long + (6 if one.qos == 2 else 0), 2 * one.qos)
    assert wire(plain.subscribe) == (8 + len(plain.topic), 6)
    assert wire(web.subscribe) == (14 + len(plain.topic), 8)


@pytest.mark.mosquitto
async def test_on_mosquitto_tls_adds_a_record_to_each_write(
    mosquitto_everywhere: Mosquitto, tls: TlsOptions
) -> None:
    result = well(await measured(to(mosquitto_everywhere.ports["mqtts"], "mqtts", tls=tls)))
    assert result.ping is not None
    assert (result.ping.mqtt, result.ping.tls) == ((2, 2), (RECORD, RECORD))
    assert [one.publisher.tls.sent for one in result.publishings] == [RECORD] * 4 + [2 * RECORD] * 2


async def test_what_is_said_to_a_proxy_is_told_apart() -> None:
    broker = Broker(ws_port=None)
    await broker.start()
    async with http_proxy(login=True) as seen:
        proxy = f"http://{USER}:{PASSWORD}@127.0.0.1:{seen.port}"
        profile = Profile("lab", f"mqtt://broker.lab:{broker.port}", proxy=proxy, mqtt="5")
        result = well(await measured(profile, secrets=(PASSWORD,)))
    await broker.stop()
    assert result.connect is not None
    answer = len(b"HTTP/1.1 200 Connection established\r\nVia: a test\r\n\r\n")
    assert result.connect.before.received == answer
    assert result.connect.before.sent > 100
    assert result.connect.wire.received == answer + result.connect.mqtt.received
    assert wire(result.ping) == (2, 2)


async def test_connect_follows_the_specification() -> None:
    broker = Broker(ws_port=None)
    await broker.start()
    profile = Profile("lab", f"mqtt://127.0.0.1:{broker.port}", mqtt="3.1.1", client_id="plant")
    result = well(await measured(replace(profile, username="ada", password="love"), FEW))
    await broker.stop()
    body = 10 + 2 + len("plant-1a2b") + 2 + len("ada") + 2 + len("love")
    assert wire(result.connect) == (1 + varint(body) + body, 4)
    assert result.connect_times is not None
    assert len(result.connect_times.samples) == FEW.connects


async def test_what_the_broker_does_not_take_is_left_out() -> None:
    broker = Broker(ws_port=None, limits=Limits(maximum_qos=1, max_packet=1000))
    await broker.start()
    result = well(await measured(to(broker.port), Asked((0, 1, 2), (16, 4000), 2)))
    await broker.stop()
    assert [(one.qos, one.size) for one in result.publishings] == [(0, 16), (1, 16)]
    assert result.notes == [
        "messages are delivered with QoS 1 at most (SUBACK)",
        "QoS 2 is not measured: the broker takes up to 1 (CONNACK)",
        "4,000 bytes at QoS 0 are not measured: packets have up to 1,000 bytes",
        "4,000 bytes at QoS 1 are not measured: packets have up to 1,000 bytes",
    ]


async def test_an_own_limit_counts_too() -> None:
    broker = Broker(ws_port=None)
    await broker.start()
    profile = to(broker.port, properties=ConnectProperties(maximum_packet_size=500))
    result = well(await measured(profile, Asked((0,), (16, 4000), 2)))
    await broker.stop()
    assert [one.size for one in result.publishings] == [16]


async def test_a_read_only_profile_publishes_nothing() -> None:
    broker = Broker(ws_port=None)
    await broker.start()
    result = well(await measured(to(broker.port, read_only=True)))
    await broker.stop()
    assert (result.publishings, result.notes) == ([], ["nothing is published: the profile is read-only"])
    assert wire(result.disconnect) == (2, 0)


async def test_the_version_is_found_out_and_all_attempts_are_in_the_total() -> None:
    broker = Broker(ws_port=None, limits=Limits(versions=frozenset({4})))
    await broker.start()
    async with counting_proxy(broker.port) as seen:
        result = well(await measured(replace(to(seen.port), mqtt="auto"), FEW))
        await eventually(lambda: seen.links == 0, "all is through")
    await broker.stop()
    assert result.version == "3.1.1"
    assert wire(result.connect).received == 4
    assert result.total == (seen.sent, seen.received)


async def test_connections_with_nothing_to_say_ping_beside_what_is_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A subscriber at QoS 0 sends nothing by itself, and the broker would take it for dead."""
    monkeypatch.setattr(meter, "QUIET_PART", 1e9)
    broker = Broker(ws_port=None)
    await broker.start()
    asked = Asked((0,), (16,), 5)
    often = well(await measured(to(broker.port), asked))
    never = well(await measured(to(broker.port, keepalive=0), asked))
    await broker.stop()
    pings = 2 * (asked.count + 1)  # on both connections, and before the message that does not count
    assert often.total == (never.total.sent + 2 * pings, never.total.received + 2 * pings)
    assert often.publishings[0].subscriber == never.publishings[0].subscriber


async def test_nothing_listens() -> None:
    broker = Broker(ws_port=None)
    await broker.start()
    port = broker.port
    await broker.stop()
    result = await measured(to(port))
    assert result.failure is not None
    assert (result.failure.stage, result.failure.exit_code) == ("tcp", Exit.UNREACHABLE)
    assert (result.connect, result.total) == (None, (0, 0))
