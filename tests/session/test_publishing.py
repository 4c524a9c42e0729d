"""Rules 5, 6 and 7: the outbox, Receive Maximum, and the fate of what we send."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from mqttx_tui.model.errors import InputError, LinkError
from mqttx_tui.model.message import DROPPED, OUTGOING, QUEUED, RETAIN, Outgoing
from mqttx_tui.session.base import Fate
from mqttx_tui.session.outbox import Limits, Outbox
from mqttx_tui.wire.packets import Connack, Puback, Pubcomp, Publish, Pubrec, Pubrel
from tests.session.conftest import Rig
from tests.session.scripts import fate, published, serve
from tests.support.scripted import Peer, ScriptedBroker
from tests.support.sinks import MemorySink
from tests.support.wait import eventually

MakeRig = Callable[..., Rig]


async def accept_and_listen(peer: Peer) -> None:
    """Acknowledge nothing."""
    await peer.accept()
    while True:
        await peer.next()


def told_dropped(one: Rig) -> list[int | None]:
    """The messages of which the capture says that they were never sent."""
    return [packet.message for packet in one.sink.packets if packet.type == DROPPED]


# Rule 5.


async def test_down_means_refused_for_qos_0_and_queued_above(rig: MakeRig) -> None:
    async with ScriptedBroker(serve) as broker:
        one = rig(broker.url)
        with pytest.raises(LinkError, match="nothing was sent"):
            one.session.publish(Outgoing("a", b"0"))
        waiting = [one.session.publish(Outgoing("a", b"%d" % qos, qos)) for qos in (1, 2)]
        assert [delivery.fate for delivery in waiting] == [Fate.QUEUED, Fate.QUEUED]
        assert one.observer.queue[-1] == 2
        assert [row.flags & (OUTGOING | QUEUED) for row in one.sink.rows] == [OUTGOING | QUEUED] * 2
        await one.connect()
        assert [await fate(delivery) for delivery in waiting] == [Fate.ACKNOWLEDGED] * 2
        assert [packet.payload for packet in published(broker.peer)] == [b"1", b"2"]
        assert one.observer.queue[-1] == 0


async def test_what_is_dropped_is_never_sent(rig: MakeRig) -> None:
    async with ScriptedBroker(serve) as broker:
        one = rig(broker.url)
        dropped = one.session.publish(Outgoing("a", b"dropped", 1))
        assert one.session.drop_queued() == 1
        assert await fate(dropped) == Fate.DROPPED
        assert told_dropped(one) == [dropped.message]
        await one.connect()
        assert await fate(one.session.publish(Outgoing("a", b"end", 1))) == Fate.ACKNOWLEDGED
        assert [packet.payload for packet in published(broker.peer)] == [b"end"]


async def test_no_command_reaches_the_client_between_loss_and_connack(rig: MakeRig) -> None:
    go = asyncio.Event()

    async def slow(peer: Peer) -> None:
        await peer.next()
        await go.wait()
        peer.send(Connack())
        await peer.serve()

    async def short(peer: Peer) -> None:
        await peer.accept()
        await peer.expect(Publish)
        peer.close()

    async with ScriptedBroker(short, slow) as broker:
        one = rig(broker.url)
        await one.connect()
        first = one.session.publish(Outgoing("a", b"first", 1))
        await one.failure()
        one.start()
        await eventually(lambda: len(broker.peers) == 2 and broker.peer.seen)
        second = one.session.publish(Outgoing("a", b"second", 1))
        with pytest.raises(LinkError):
            one.session.publish(Outgoing("a", b"zero"))
        assert (first.fate, second.fate) == (Fate.SENT, Fate.QUEUED)
        go.set()
        assert [await fate(first), await fate(second)] == [Fate.ACKNOWLEDGED] * 2
        assert [packet.payload for packet in published(broker.peer)] == [b"first", b"second"]
        assert published(broker.peer)[0].packet_id == published(broker.peers[0])[0].packet_id


async def test_nothing_is_handed_over_from_the_moment_of_the_loss(rig: MakeRig) -> None:
    async with ScriptedBroker(serve) as broker:
        one = rig(broker.url)
        await one.connect()
        conversation = one.session._conversation
        assert conversation is not None
        conversation.pump.lost(None)
        with pytest.raises(LinkError):
            one.session.publish(Outgoing("a", b"zero"))
        assert one.session.publish(Outgoing("a", b"one", 1)).fate == Fate.QUEUED
        assert one.session.drop_queued() == 1
        await one.failure()


async def test_closing_tells_the_truth_about_what_is_open(rig: MakeRig) -> None:
    async with ScriptedBroker(accept_and_listen) as broker:
        one = rig(broker.url)
        await one.connect()
        handed = one.session.publish(Outgoing("a", b"handed", 1))
        await eventually(lambda: published(broker.peer))
        await one.session.close()
        assert await fate(handed) == Fate.SENT
        assert "no acknowledgement" in handed.text
        assert told_dropped(one) == []


async def test_closing_tells_the_capture_what_was_never_sent(rig: MakeRig) -> None:
    async with ScriptedBroker(accept_and_listen) as broker:
        one = rig(broker.url)
        queued = one.session.publish(Outgoing("a", b"queued", 1))
        await one.session.close()
        assert await fate(queued) == Fate.DROPPED
        assert told_dropped(one) == [queued.message]


async def test_few_bytes_wait_with_paho_however_large_the_messages() -> None:
    sink = MemorySink()
    outbox, given = Outbox(sink, lambda _: None), list[bytes]()

    def hand_over(outgoing: Outgoing, properties: bytes | None) -> int:
        given.append(outgoing.payload)
        return len(given)

    outbox.open(hand_over, Limits())
    for name in (b"a", b"b", b"c", b"d"):
        outbox.add(Outgoing("t", name, 1), None, 3_000_000)
    assert given == [b"a", b"b"]
    outbox.handed_over(1, 1, 0)
    assert given == [b"a", b"b", b"c"]
    outbox.shut()
    outbox.open(hand_over, Limits())
    assert given == [b"a", b"b", b"c", b"d"]


# Rule 6.


async def test_receive_maximum_is_kept_also_when_coming_back(rig: MakeRig) -> None:
    most = 0

    def limited(maximum: int, answers: int) -> Callable[[Peer], object]:
        async def script(peer: Peer) -> None:
            nonlocal most
            await peer.accept(Connack(session_present=False, properties={"receive_maximum": maximum}))
            open_ids: list[int] = []
            for _ in range(answers):
                while len(open_ids) < maximum and len(published(peer)) < 12:
                    open_ids.append((await peer.expect(Publish)).packet_id)
                    most = max(most, len(open_ids))
                # Whoever sends too much has sent it by now: the next packet would be there at once.
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(peer.expect(Publish), 0.05)
                peer.send(Puback(open_ids.pop(0)))
            if maximum == 5:
                peer.close()
            else:
                for packet_id in open_ids:
                    peer.send(Puback(packet_id))
                await peer.serve()

        return script

    async with ScriptedBroker(limited(5, 2), limited(3, 4)) as broker:  # type: ignore[arg-type]
        one = rig(broker.url, clean_start=False, session_expiry=60)
        sent = [one.session.publish(Outgoing("a", b"%d" % number, 1)) for number in range(12)]
        await one.failure()
        await one.connect(2)
        assert [await fate(delivery) for delivery in sent] == [Fate.ACKNOWLEDGED] * 12
        numbers = {packet.payload for peer in broker.peers for packet in published(peer)}
        assert numbers == {b"%d" % number for number in range(12)}
    assert most == 5


# Rule 7.


async def test_fates_by_packet_identifier(rig: MakeRig) -> None:
    async def judge(peer: Peer) -> None:
        await peer.accept()
        one = await peer.expect(Publish)
        two = await peer.expect(Publish)
        three = await peer.expect(Publish)
        four = await peer.expect(Publish)
        peer.send(Pubrec(four.packet_id))
        peer.send(Puback(two.packet_id, 0x87, {"reason_string": "read only"}))
        peer.send(Pubrec(three.packet_id, 0x97))
        peer.send(Puback(one.packet_id, 0x10))
        release = await peer.expect(Pubrel)
        assert release.packet_id == four.packet_id
        peer.send(Pubcomp(four.packet_id))
        await peer.serve()

    async with ScriptedBroker(judge) as broker:
        one = rig(broker.url)
        await one.connect()
        sent = [one.session.publish(Outgoing("a", b"%d" % n, qos)) for n, qos in enumerate((1, 1, 2, 2))]
        fates = [await fate(delivery) for delivery in sent]
        assert fates == [Fate.ACKNOWLEDGED, Fate.REFUSED, Fate.REFUSED, Fate.ACKNOWLEDGED]
        assert [delivery.reason for delivery in sent] == [0x10, 0x87, 0x97, 0]
        assert all(delivery.milliseconds is not None for delivery in sent)
        assert sent[1].text
        after = one.session.publish(Outgoing("a", b"after", 2))
        assert await fate(after) == Fate.ACKNOWLEDGED
        assert len([packet for packet in broker.peer.seen if isinstance(packet, Pubrel)]) == 2

        def rows(message: int) -> list[tuple[int, int, int | None]]:
            return [
                (row.direction, row.type, row.reason) for row in one.sink.packets if row.message == message
            ]

        assert rows(sent[0].message) == [(1, 3, None), (0, 4, 0x10)]
        assert rows(sent[1].message) == [(1, 3, None), (0, 4, 0x87)]
        assert rows(sent[2].message) == [(1, 3, None), (0, 5, 0x97)]
        assert rows(sent[3].message) == [(1, 3, None), (0, 5, 0), (1, 6, None), (0, 7, 0)]


async def test_qos_0_is_sent_once_handed_to_the_link(rig: MakeRig) -> None:
    async with ScriptedBroker(serve) as broker:
        one = rig(broker.url, mqtt="3.1.1")
        await one.connect()
        delivery = one.session.publish(Outgoing("a", b"zero", retain=True))
        assert await fate(delivery) == Fate.SENT
        await eventually(lambda: published(broker.peer))
        assert one.sink.rows[0].flags == OUTGOING | RETAIN
        packet = published(broker.peer)[0]
        assert (packet.topic, packet.payload, packet.retain) == ("a", b"zero", True)


async def test_a_released_message_is_not_sent_again_after_a_failed_attempt(rig: MakeRig) -> None:
    async def release(peer: Peer) -> None:
        await peer.accept()
        peer.send(Pubrec((await peer.expect(Publish)).packet_id))
        await peer.expect(Pubrel)
        peer.close()

    async def fail(peer: Peer) -> None:
        await peer.next()
        peer.close()

    async def complete(peer: Peer) -> None:
        await peer.accept(Connack(session_present=True))
        await peer.serve()

    async with ScriptedBroker(release, fail, fail, complete) as broker:
        one = rig(broker.url, clean_start=False, session_expiry=60)
        await one.connect()
        delivery = one.session.publish(Outgoing("a", b"once", 2))
        for _ in range(3):
            await one.failure()
        await one.connect(2)
        assert await fate(delivery) == Fate.ACKNOWLEDGED
        assert published(broker.peer) == []
        assert [packet for packet in broker.peer.seen if isinstance(packet, Pubrel)] == [Pubrel(1)]


# What may not be sent.


async def test_bad_input_is_refused_before_anything_is_recorded(rig: MakeRig) -> None:
    async with ScriptedBroker(serve) as broker:
        one = rig(broker.url)
        await one.connect()
        for bad in (Outgoing("a/#", b""), Outgoing("", b""), Outgoing("a", b"", 3)):
            with pytest.raises(InputError):
                one.session.publish(bad)
        with pytest.raises(InputError, match="content"):
            one.session.publish(Outgoing("a", b"", properties={"content": 1}))
        assert one.sink.rows == []
        assert published(broker.peer) == []


async def test_read_only_names_profile_and_line(rig: MakeRig) -> None:
    one = rig("mqtt://127.0.0.1:1", name="production", read_only=True, read_only_line=88)
    with pytest.raises(InputError) as caught:
        one.session.publish(Outgoing("a", b"", 1))
    expected = "production is read-only (read_only = true in connections.toml, line 88)"
    assert caught.value.message == expected


async def test_what_the_broker_does_not_take_is_refused_here(rig: MakeRig) -> None:
    async def poor(peer: Peer) -> None:
        properties = {"maximum_qos": 1, "retain_available": False, "maximum_packet_size": 100}
        await peer.accept(Connack(properties=dict(properties)))
        await peer.serve()

    async with ScriptedBroker(poor) as broker:
        one = rig(broker.url)
        queued = one.session.publish(Outgoing("a", b"", 2))
        await one.connect()
        assert await fate(queued) == Fate.REFUSED
        assert "QoS 1" in queued.text
        assert told_dropped(one) == [queued.message]
        assert any(kind == "refused" and "QoS 1" in text for kind, text in one.sink.events)
        for outgoing in (Outgoing("a", b"", 2), Outgoing("a", b"", 0, True), Outgoing("a", b"x" * 100)):
            with pytest.raises(InputError):
                one.session.publish(outgoing)
        assert await fate(one.session.publish(Outgoing("a", b"x" * 90, 1))) == Fate.ACKNOWLEDGED
