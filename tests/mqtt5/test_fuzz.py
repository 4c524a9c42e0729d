"""Whatever a broker sends, a session goes on or ends with a reason: no task of it dies in silence."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mqttx_tui.model.errors import LinkError
from mqttx_tui.model.message import Outgoing
from mqttx_tui.model.profile import ConnectProperties, Profile, Resolved, Subscription
from mqttx_tui.session.mqtt import MqttSession
from mqttx_tui.wire.encode import encode
from mqttx_tui.wire.packets import Connack, Connect, Packet
from tests.support.scripted import Peer, ScriptedBroker
from tests.support.sinks import MemoryObserver, MemorySink
from tests.wire.strategies import packets

WELL_FORMED = packets(5)
QUIET = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """The bytes of a packet, one of them changed, some cut off or some put in."""
    raw = bytearray(encode(draw(WELL_FORMED), 5))
    at = draw(st.integers(0, len(raw) - 1))
    what = draw(st.sampled_from(("change", "cut", "put", "none")))
    if what == "change":
        raw[at] = draw(st.integers(0, 255))
    elif what == "cut":
        del raw[at:]
    elif what == "put":
        raw[at:at] = draw(st.binary(min_size=1, max_size=6))
    return bytes(raw)


async def converse(before: bytes, after: bytes, properties: ConnectProperties) -> BaseException | None:
    """A connection to a broker that sends ``before``, CONNACK and ``after``; why it ended (None: by us).

    Fails where the loop heard of an exception that nobody took.
    """
    unheard: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: unheard.append(context))

    async def script(peer: Peer) -> None:
        await peer.expect(Connect)
        peer.send_raw(before)
        if not before:
            peer.send(Connack())
        peer.send_raw(after)
        peer.close()
        await peer.next()

    sink, observer = MemorySink(), MemoryObserver()
    async with ScriptedBroker(script) as broker:
        options: dict[str, Any] = {"username": "a", "password": "b", "properties": properties}
        profile = Profile("t", broker.url, mqtt="5", subscriptions=(Subscription("a", 1),), **options)
        session = MqttSession(profile, sink, observer)
        with contextlib.suppress(LinkError):
            session.publish(Outgoing("a", b"x", 1))
            session.publish(Outgoing("a", b"x", 2))
        running = asyncio.create_task(session.run(Resolved(profile)))
        done, _ = await asyncio.wait([running], timeout=20)
        assert done, "the session did not end with its link"
        await session.close()
    await asyncio.sleep(0)
    assert unheard == []
    return running.exception()


@QUIET
@given(st.lists(WELL_FORMED, max_size=6))
def test_well_formed_packets_at_any_time(sent: list[Packet]) -> None:
    after = b"".join(encode(packet, 5) for packet in sent)
    assert isinstance(asyncio.run(converse(b"", after, ConnectProperties())), LinkError)


@QUIET
@given(st.lists(mutated(), max_size=6))
def test_broken_packets_after_connack(sent: list[bytes]) -> None:
    assert isinstance(asyncio.run(converse(b"", b"".join(sent), ConnectProperties())), LinkError)


@QUIET
@given(mutated(), st.sampled_from(("", "TOKEN", "SCRAM-SHA-256")))
def test_broken_packets_instead_of_connack(sent: bytes, method: str) -> None:
    properties = ConnectProperties(authentication_method=method)
    assert isinstance(asyncio.run(converse(sent, b"", properties)), LinkError)


@QUIET
@given(st.binary(min_size=1, max_size=60))
def test_any_bytes_after_connack(sent: bytes) -> None:
    assert isinstance(asyncio.run(converse(b"", sent, ConnectProperties())), LinkError)
