"""Every packet type, both ways, in each version: what mosquitto's log names, and what our trace has."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable

import pytest
from hypothesis import HealthCheck, given, settings

from mqttx_tui.demo.broker import Broker
from mqttx_tui.model.message import Outgoing
from mqttx_tui.model.profile import Subscription
from mqttx_tui.session.base import Fate
from mqttx_tui.wire.decode import decode
from mqttx_tui.wire.encode import encode
from mqttx_tui.wire.packets import Packet
from mqttx_tui.wire.packets import PacketType as P
from tests.session.conftest import Rig
from tests.support.mosquitto import Mosquitto
from tests.support.wait import eventually
from tests.wire.strategies import packets_of

MakeRig = Callable[..., Rig]
StartBroker = Callable[..., Awaitable[Broker]]
IN, OUT = 0, 1
SENT = {P.CONNECT, P.PUBLISH, P.PUBACK, P.PUBREC, P.PUBREL, P.PUBCOMP, P.SUBSCRIBE, P.UNSUBSCRIBE}
SENT |= {P.PINGREQ, P.DISCONNECT}
RECEIVED = {P.CONNACK, P.PUBACK, P.PUBREC, P.PUBREL, P.PUBCOMP, P.SUBACK, P.UNSUBACK, P.PINGRESP}
"""AUTH, and DISCONNECT of a broker: ``test_scram``, ``test_disconnect``."""
NAMED_BY_MOSQUITTO = SENT - {P.CONNECT}


async def everything(one: Rig, topic: str) -> None:
    """A conversation with every packet type that a client and a broker have for each other."""
    await one.connect()
    for qos in (0, 1, 2):
        fate = await one.session.publish(Outgoing(topic, b"%d" % qos, qos)).done
        assert fate is (Fate.ACKNOWLEDGED if qos else Fate.SENT)
    await eventually(lambda: sorted(one.sink.payloads()) == [b"0", b"1", b"2"])
    await one.session.ping()
    await one.session.unsubscribe(topic)
    await one.session.close()


def traced(one: Rig, direction: int) -> set[P]:
    """The packet types in the trace, each decoded from its raw bytes where it has them."""
    found = [row for row in one.sink.packets if row.direction == direction and row.type in list(P)]
    version = {"3.1": 3, "3.1.1": 4, "5": 5}[one.profile.mqtt]
    for row in found:
        assert decode(row.raw, version).type == row.type
    return {P(row.type) for row in found}


@pytest.mark.parametrize("version", ["3.1", "3.1.1", "5"])
async def test_with_mosquitto(rig: MakeRig, mosquitto: Mosquitto, version: str) -> None:
    name = f"t{uuid.uuid4().hex[:20]}"
    url = f"mqtt://127.0.0.1:{mosquitto.port}"
    one = rig(url, mqtt=version, client_id=name, subscriptions=(Subscription(name, 2),))
    await everything(one, name)
    assert traced(one, OUT) == SENT
    assert traced(one, IN) == RECEIVED
    for kind in NAMED_BY_MOSQUITTO:
        await eventually(lambda kind=kind: f"Received {kind.name} from {name}" in mosquitto.log, kind.name)
    for kind in RECEIVED:
        assert f"Sending {kind.name} to {name}" in mosquitto.log, kind.name


@pytest.mark.parametrize("version", ["3.1", "3.1.1", "5"])
async def test_with_the_embedded_broker(rig: MakeRig, start_broker: StartBroker, version: str) -> None:
    broker = await start_broker()
    url = f"mqtt://127.0.0.1:{broker.port}"
    one = rig(url, mqtt=version, subscriptions=(Subscription("t", 2),))
    await everything(one, "t")
    assert traced(one, OUT) == SENT
    assert traced(one, IN) == RECEIVED


KINDS = [(version, kind) for version in (3, 4, 5) for kind in P if version == 5 or kind is not P.AUTH]


@pytest.mark.parametrize(("version", "kind"), KINDS, ids=lambda value: getattr(value, "name", value))
def test_any_packet_of_a_type_survives(version: int, kind: P) -> None:
    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
    @given(packets_of(kind, version))
    def run(packet: Packet) -> None:
        raw = encode(packet, version)
        assert raw[0] >> 4 == kind
        assert decode(raw, version) == packet

    run()
